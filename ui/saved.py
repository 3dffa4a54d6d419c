"""Saved answers, read back from whichever format they were kept in, and whether their quotes still stand.

JSON holds an answer whole. The other formats are read as a person reads them, from what they show, so that a quote which
was changed in a spreadsheet or an editor is found to be changed.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Mapping, Sequence
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from assistant.guard import Standing, verify_citations
from corpus.models import Article
from ui.errors import ExportError
from ui.export import packs_of
from ui.markup import printable

Saved = Mapping[str, Any]

_SPAN = re.compile(r"(\d+) to (\d+)")
_HEADING = re.compile(r"## \\\[(\d+)\\\] ")
_ESCAPED = re.compile(r"\\(.)")


def read_saved(file: Path) -> Sequence[Saved]:
    """The answers in a file, each with at least "citations"; "question" where the file has it.

    Raises:
        ExportError: the file cannot be read, or holds no answer.
    """
    try:
        text = file.read_bytes().decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as exc:
        raise ExportError(f"{file} cannot be read ({type(exc).__name__}). {_CURE}") from exc
    found: Sequence[Saved] = ()
    try:
        if text.lstrip()[:1] in ("{", "["):
            data = json.loads(text)
            found = packs_of(data) if isinstance(data, dict) else ()
        elif text.lstrip()[:9].lower() == "<!doctype":
            found = _from_html(text)
        elif "article_id" in text.partition("\n")[0]:
            found = _from_csv(text)
        elif text.startswith("# "):
            found = _from_markdown(text)
    except (ValueError, KeyError, csv.Error) as exc:
        raise ExportError(f"{file} is damaged, or was laid out by something else. {_CURE}") from exc
    if not found or not all(isinstance(one, Mapping) and "citations" in one for one in found):
        raise ExportError(f"{file} holds no saved answer. {_CURE}")
    return found


_CURE = "Save one with: launch-assistant ask --json QUESTION, or from the page."


def standings(saved: Saved, articles: Mapping[str, Article]) -> tuple[tuple[int, Standing], ...]:
    """`verify_citations`, for which a quote is the same whose layout alone a format could not keep.

    Raises:
        LaunchError: `saved` is not a saved answer.
    """
    if not saved.get("laid_out"):
        return verify_citations(saved, articles)
    citations = []
    for citation in (*saved["citations"], *saved.get("agreeing", ())):
        article = articles.get(citation["article_id"])
        exact = article.text[citation["start"] : citation["end"]] if article else ""
        same = exact and _laid_out(exact) == _laid_out(citation["quote"])
        citations.append({**citation, "quote": exact} if same else citation)
    return verify_citations({"citations": citations}, articles)


def _laid_out(quote: str) -> str:
    """What every format keeps of a quote: not its line ends, nor an apostrophe that guards a spreadsheet's cell."""
    return " ".join(printable(quote).removeprefix("'").split())


def _citation(marker: str, article: str, start: str, end: str, quote: str) -> dict[str, Any]:
    return {
        "marker": int(marker),
        "article_id": article,
        "start": int(start),
        "end": int(end),
        "quote": quote,
    }


def _saved(question: str, citations: list[dict[str, Any]]) -> Saved:
    return {"question": question, "citations": citations, "laid_out": True}


def _from_csv(text: str) -> Sequence[Saved]:
    # Spreadsheets of some countries save with semicolons.
    head = text.partition("\n")[0]
    delimiter = max(",;\t", key=head.count)
    answers: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True):
        citations = answers.setdefault((row["question"], row["answer"]), [])
        if row["marker"]:
            article = row["article_id"].removeprefix("'")
            citations.append(_citation(row["marker"], article, row["start"], row["end"], row["quote"]))
    return [_saved(question.removeprefix("'"), found) for (question, _), found in answers.items()]


def _from_markdown(text: str) -> Sequence[Saved]:
    answers: list[tuple[str, list[dict[str, Any]]]] = []
    for block in re.split(r"\n(?=#{1,2} )", text):
        if block.startswith("# "):
            answers.append((_plain(block[2:].partition("\n")[0]), []))
        elif heading := _HEADING.match(block):
            lines = block.splitlines()
            quote = "\n".join(_plain(line[2:]) for line in lines if line.startswith("> "))
            facts = dict(line[2:].split(": ", 1) for line in lines if line.startswith("- ") and ": " in line)
            span = _SPAN.fullmatch(_plain(facts["Characters"]))
            if span is None or not answers:
                raise ValueError("no place of the quote")
            answers[-1][1].append(_citation(heading[1], _plain(facts["Article"]), span[1], span[2], quote))
    return [_saved(*answer) for answer in answers]


def _plain(text: str) -> str:
    return _ESCAPED.sub(r"\1", text)


def _from_html(text: str) -> Sequence[Saved]:
    page = _Page()
    page.feed(text)
    answers = []
    for question, sections in page.answers:
        citations = []
        for section in sections:
            heading, span = re.match(r"\[(\d+)\]", section["h2"]), _SPAN.fullmatch(section["Characters"])
            if heading is None or span is None:
                raise ValueError("no place of the quote")
            citations.append(
                _citation(heading[1], section["Article"], span[1], span[2], section["blockquote"])
            )
        answers.append(_saved(question, citations))
    return answers


class _Page(HTMLParser):
    """The articles of `export.as_html`: each question, and what stands in each of its sections by name."""

    def __init__(self) -> None:
        super().__init__()
        self.answers: list[tuple[str, list[dict[str, str]]]] = []
        self._words: list[str] = []
        self._name = ""
        self._section: dict[str, str] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """See HTMLParser."""
        if tag in ("h1", "h2", "blockquote", "dt", "dd"):
            self._words = []
        elif tag == "section":
            self._section = {}

    def handle_data(self, data: str) -> None:
        """See HTMLParser."""
        self._words.append(data)

    def handle_endtag(self, tag: str) -> None:
        """See HTMLParser."""
        words = "".join(self._words)
        if tag == "h1":
            self.answers.append((words, []))
        elif tag == "dt":
            self._name = words
        elif self._section is not None and tag in ("h2", "blockquote", "dd"):
            self._section[self._name if tag == "dd" else tag] = words
        elif tag == "section" and self._section is not None and self.answers:
            self.answers[-1][1].append(self._section)
            self._section = None
