"""A fact-check pack of an answer: all that is needed to check it by hand, as JSON, Markdown, CSV or a page to print.

The JSON holds everything that `ask --json` gives. The pack of a whole conversation holds the packs of its answers, in
order, as "answers". `launch-assistant verify` takes each of the formats back (`ui/saved.py` reads them).
"""

from __future__ import annotations

import csv
import io
import json
import re
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any

from assistant.models import Answer, escape_markdown
from assistant.terms import fold
from corpus.models import Article
from ui.errors import ExportError
from ui.markup import plain, safe_url, spoken_date

FORMAT = "launch-assistant fact-check pack"
COLUMNS = (
    "marker", "quote", "title", "publisher", "also_published_by", "authors", "published", "updated", "kind", "url", "article_id",
    "start", "end", "digest", "role", "generation", "question", "answer",
)  # fmt: skip


class Format(StrEnum):
    """How a pack is written."""

    JSON = "json"
    MARKDOWN = "markdown"
    CSV = "csv"
    HTML = "html"


MEDIA = {
    Format.JSON: ("application/json", "json"),
    Format.MARKDOWN: ("text/markdown; charset=utf-8", "md"),
    Format.CSV: ("text/csv; charset=utf-8", "csv"),
    Format.HTML: ("text/html; charset=utf-8", "html"),
}
"""Media type and file suffix of each format."""


def file_name(title: str, form: Format, *, day: date | None = None) -> str:
    """A name for a pack's file, of the title's letters and the day (today when None): "fact-check-open-weights-2026-05-01.csv"."""
    letters = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    words = re.sub(r"[^a-z0-9]+", "-", letters)[:60].strip("-")
    today = (day or datetime.now(UTC).date()).isoformat()
    return f"{'-'.join(part for part in ('fact-check', words, today) if part)}.{MEDIA[form][1]}"


def as_format(name: str) -> Format:
    """The format of that name.

    Raises:
        ExportError: there is none of that name.
    """
    try:
        return Format(name)
    except ValueError:
        raise ExportError(f"There is no format {name!r}: take {', '.join(Format)}.") from None


def fact_check_pack(
    answer: Answer | Mapping[str, Any], articles: Sequence[Article] = (), *, made: datetime | None = None
) -> dict[str, Any]:
    """The pack as JSON values: the answer's own fields, and with each citation its article's authors and correction.

    Args:
        answer: an Answer, or what `Answer.to_dict` gave.
        articles: the articles of today; authors are taken only from the very text that was quoted (same digest), and
            are None where that is not among them.
        made: when the pack was made; now when None.
    """
    data = answer.to_dict() if isinstance(answer, Answer) else answer
    same = {a.digest: a for a in articles}

    def full(citation: Mapping[str, Any]) -> dict[str, Any]:
        article = same.get(citation["digest"])
        updated = article.updated.isoformat() if article and article.updated else None
        # None: not known, because the text that was quoted is not in the index any more.
        authors = list(article.authors) if article else None
        return {**citation, "authors": authors, "updated": updated}

    moment = (made or datetime.now(UTC)).isoformat(timespec="seconds")
    quoted = {name: [full(c) for c in data.get(name, ())] for name in ("citations", "agreeing")}
    return {"format": FORMAT, "version": 1, "made": moment, **data, **quoted}


def conversation_pack(
    answers: Sequence[Answer | Mapping[str, Any]],
    articles: Sequence[Article] = (),
    *,
    title: str = "",
    made: datetime | None = None,
) -> dict[str, Any]:
    """The pack of a conversation as JSON values; see `fact_check_pack`."""
    moment = made or datetime.now(UTC)
    packs = [fact_check_pack(answer, articles, made=moment) for answer in answers]
    head = {"format": FORMAT, "version": 1, "made": moment.isoformat(timespec="seconds"), "title": title}
    return {**head, "answers": packs}


def packs_of(pack: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    """The packs of single answers in a pack; a pack of one answer is its own."""
    found: Sequence[Mapping[str, Any]] = pack.get("answers", (pack,))
    return found


def _quoted(pack: Mapping[str, Any]) -> list[dict[str, Any]]:
    """All quotes of an answer, each with what it is there for: cited in the text, or only agreeing with it."""
    roles = (("citations", "cited"), ("agreeing", "agrees"))
    return [{**citation, "role": role} for name, role in roles for citation in pack.get(name, ())]


def write_pack(pack: Mapping[str, Any], form: Format) -> str:
    """A pack in one of the formats."""
    return {Format.JSON: as_json, Format.MARKDOWN: as_markdown, Format.CSV: as_csv, Format.HTML: as_html}[
        form
    ](pack)


def as_json(pack: Mapping[str, Any]) -> str:
    """JSON, for keeping and for `launch-assistant verify`."""
    return json.dumps(pack, ensure_ascii=False, indent=2) + "\n"


def as_csv(pack: Mapping[str, Any]) -> str:
    """A row for each quote; an answer without quotes is one row without a marker.

    A cell that a spreadsheet would take for a formula gets an apostrophe in front, as spreadsheets themselves do it;
    the mark at the very beginning tells them that this is UTF-8.
    """
    out = io.StringIO(newline="")
    out.write("\ufeff")
    rows = csv.writer(out, lineterminator="\r\n")
    rows.writerow(COLUMNS)
    for one in packs_of(pack):
        common = {"generation": one["generation"], "question": one["question"], "answer": one["text"]}
        citations: Sequence[Mapping[str, Any]] = _quoted(one) or ({},)
        for citation in citations:
            also = "; ".join(citation.get("also_published_by", ()))
            row = {
                **common,
                **citation,
                "authors": _authors(citation, "; ", nobody=""),
                "also_published_by": also,
            }
            rows.writerow([_cell(row.get(name)) for name in COLUMNS])
    return out.getvalue()


def _cell(value: object) -> object:
    if isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r", "\n")):
        return f"'{value}"
    return "" if value is None else value


def as_markdown(pack: Mapping[str, Any]) -> str:
    """Markdown; what comes from articles is escaped."""
    return "\n\n---\n\n".join(_markdown(one) for one in packs_of(pack)) + "\n"


def _markdown(pack: Mapping[str, Any]) -> str:
    lines = [
        f"# {_flat(pack['question'])}",
        "",
        escape_markdown(pack["text"], keep_markers=True),
        "",
        f"- Outcome: {_outcome(pack)}",
        *(f"- {name}: {_flat(value)}" for name, value in _facts(pack)),
    ]
    for citation in _quoted(pack):
        lines += ["", f"## \\[{citation['marker']}\\] {_flat(citation['title'])}", ""]
        quote = citation["quote"].splitlines() or [""]
        lines += [f"> {escape_markdown(line)}" for line in quote] + [""]
        for name, value in _source(citation):
            url = safe_url(citation["url"]) if name == "Address" else None
            plain_url = url and not set(url) & set("<>")
            lines.append(f"- {name}: {f'<{url}>' if plain_url else _flat(value)}")
    return "\n".join(lines)


def _flat(text: str) -> str:
    return escape_markdown(" ".join(text.split()))


def as_html(pack: Mapping[str, Any]) -> str:
    """A page of its own to print or keep; it asks for nothing and runs nothing."""
    one_by_one = "".join(_article(one) for one in packs_of(pack))
    title = pack.get("title") or next((one["question"] for one in packs_of(pack)), "Fact-check pack")
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        f"<title>{plain(title)}</title><style>"
        "body{max-width:44rem;margin:2rem auto;padding:0 1rem;font:1rem/1.5 Georgia,serif;overflow-wrap:anywhere}"
        "blockquote{margin:1rem 0;padding-left:1rem;border-left:3px solid #888;white-space:pre-wrap}"
        "dl{display:grid;grid-template-columns:max-content 1fr;gap:.1rem 1rem;font-size:.9rem}dd{margin:0}"
        "section{break-inside:avoid}article+article{margin-top:3rem;padding-top:2rem;border-top:1px solid #888}"
        f"@media print{{body{{margin:0;max-width:none}}}}</style></head><body>{one_by_one}</body></html>\n"
    )


def _article(pack: Mapping[str, Any]) -> str:
    sources = "".join(_section(citation) for citation in _quoted(pack))
    facts = "".join(_fact(name, plain(value)) for name, value in _facts(pack))
    return (
        f'<article><h1 dir="auto">{plain(pack["question"])}</h1><p dir="auto">{plain(pack["text"])}</p>'
        f"<dl>{_fact('Outcome', plain(_outcome(pack)))}{facts}</dl>{sources}</article>"
    )


def _section(citation: Mapping[str, Any]) -> str:
    rows = []
    for name, value in _source(citation):
        url = safe_url(citation["url"]) if name == "Address" else None
        shown = f'<a href="{plain(url)}" rel="noopener noreferrer">{plain(url)}</a>' if url else plain(value)
        rows.append(_fact(name, shown))
    return (
        f"<section><h2>[{int(citation['marker'])}] <bdi>{plain(citation['title'])}</bdi></h2>"
        f'<blockquote dir="auto">{plain(citation["quote"])}</blockquote><dl>{"".join(rows)}</dl></section>'
    )


def _fact(name: str, markup: str) -> str:
    return f"<dt>{plain(name)}</dt><dd><bdi>{markup}</bdi></dd>"


def _outcome(pack: Mapping[str, Any]) -> str:
    said = {
        "answered": "the articles answer",
        "partial": "the articles answer in part",
        "no_evidence": "the articles do not say",
    }
    return said.get(pack["outcome"], str(pack["outcome"]))


def _facts(pack: Mapping[str, Any]) -> list[tuple[str, str]]:
    facts = [
        ("Index generation", str(pack["generation"])),
        ("Answered by", pack["model"]),
        ("Made", pack["made"]),
    ]
    if pack.get("as_of"):
        facts.insert(0, ("Published by", spoken_date(date.fromisoformat(str(pack["as_of"])))))
    if fold(pack["standalone_question"]) != fold(pack["question"]):
        facts.insert(0, ("Understood as", pack["standalone_question"]))
    facts += [("Note", note) for note in pack["notes"]]
    for conflict in pack["conflicts"]:
        sides = "; ".join(
            f"{side['value']} {''.join(f'[{m}]' for m in side['markers'])}" for side in conflict["sides"]
        )
        facts.append(("Reports differ", f"{conflict['subject']}: {sides}"))
    return facts


_UNKNOWN = "unknown: the article has changed since"


def _authors(citation: Mapping[str, Any], between: str, *, nobody: str) -> str:
    if not citation:
        return ""
    authors = citation.get("authors")
    return _UNKNOWN if authors is None else between.join(authors) or nobody


def _source(citation: Mapping[str, Any]) -> list[tuple[str, str]]:
    def day(value: Any) -> str:
        return spoken_date(date.fromisoformat(str(value)) if value else None)

    rows = [
        ("Publisher", citation["publisher"] or "unknown"),
        *([("Also carried by", ", ".join(also))] if (also := citation.get("also_published_by")) else []),
        ("Author", _authors(citation, ", ", nobody="not named")),
        ("Published", day(citation["published"])),
    ]
    if citation.get("authors") is None:
        rows.append(("Corrected", _UNKNOWN))
    elif citation.get("updated"):
        rows.append(("Corrected", day(citation["updated"])))
    if citation["role"] == "agrees":
        rows.append(("Role", "agrees with the answer; not cited in it"))
    return [
        *rows,
        ("Kind", citation.get("kind", "unknown")),
        ("Address", citation["url"] or "none"),
        ("Article", citation["article_id"]),
        ("Characters", f"{citation['start']} to {citation['end']}"),
        ("Digest (sha256)", citation["digest"]),
    ]
