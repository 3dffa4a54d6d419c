"""What the page says of an answer in words, and the answer as text to paste. Pure."""

from __future__ import annotations

from assistant.conflicts import independent
from assistant.models import MARKER, Answer, Outcome
from corpus.models import Kind
from ui.markup import counted, safe_url, spoken_date

_NUMBERS = ("No", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine")
_KINDS = {
    Kind.STATEMENT: ("company statement", "company statements"),
    Kind.REPORTING: ("report", "reports"),
    Kind.ANALYSIS: ("analysis", "analyses"),
    Kind.RUMOUR: ("rumour", "rumours"),
    Kind.BRIEF: ("brief", "briefs"),
    Kind.UNKNOWN: ("article", "articles"),
}


def certainty(answer: Answer) -> str:
    """How well the answer is supported, in words: "Two reports", "One report, 8 April 2026", "Reports differ"."""
    if answer.outcome is Outcome.NO_EVIDENCE:
        return "Not in the sources"
    if answer.conflicts:
        return "Reports differ"
    cited = list({c.article_id: c for c in answer.citations}.values())
    if not cited:
        return ""
    kinds = {c.kind for c in cited}
    one, many = _KINDS[Kind(kinds.pop())] if len(kinds) == 1 else ("source", "sources")
    texts = {h.article.id: h.article.text for h in answer.hits}
    number = independent(texts.get(c.article_id, c.article_id) for c in cited)
    words = f"{_NUMBERS[number] if number < len(_NUMBERS) else number} {one if number == 1 else many}"
    if number < len(cited):
        words += f" in {counted(len(cited), 'article', 'articles')}"
    if len(cited) == 1:
        words += f", {spoken_date(cited[0].published)}"
    return f"In part: {words[0].lower()}{words[1:]}" if answer.outcome is Outcome.PARTIAL else words


def copy_text(answer: Answer) -> str:
    """The answer as plain text to paste: markers kept, every source under it."""
    lines = [answer.question, "", answer.text]
    if answer.citations:
        lines += ["", "Sources"]
    for c in answer.citations:
        where = ", ".join(x for x in (c.publisher, spoken_date(c.published), safe_url(c.url) or "") if x)
        lines.append(f"[{c.marker}] {c.title}. {where}\n    “{' '.join(c.quote.split())}”")
    return "\n".join(lines)


def bare_text(answer: Answer) -> str:
    """The answer's words alone, without markers and sources; a bracketed number of an article's own stays."""
    known = {c.marker for c in answer.citations}

    def without(text: str) -> str:
        return MARKER.sub(lambda m: "" if int(m.group(1)) in known else m.group(), text)

    parts = []
    for sentence in answer.sentences:
        body, closing, rest = sentence.text.rpartition("”")
        # Inside the quotation marks every character is the article's.
        parts.append(f"{body}{closing}{without(rest)}".strip())
    return " ".join(" ".join(parts).split()) if parts else " ".join(without(answer.text).split())
