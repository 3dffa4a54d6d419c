"""The values of an answer. Built once, never changed, and serialisable."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any

from assistant.terms import fold
from index.models import Hit

MARKER = re.compile(r"\[(\d+)\]")
"""How a citation is marked in a text: a number in square brackets."""


class Outcome(StrEnum):
    """Whether the sources answer."""

    ANSWERED = "answered"
    PARTIAL = "partial"
    NO_EVIDENCE = "no_evidence"


@dataclass(frozen=True, slots=True)
class Turn:
    """One message of a conversation; `role` is "user" or "assistant"."""

    role: str
    text: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """A sentence of a hit that may answer.

    Invariant: `hit.article.text[start:end] == quote`. `score` is the probability in [0, 1] that it answers;
    `own_score` is what it was before the best were read a second time, which parts them further. `reply` is the answer
    that it gives in short ("Yes", "No", or the words of a figure, date or name), "" where it gives none, None where nobody asked.
    """

    hit: Hit
    start: int
    end: int
    quote: str
    score: float
    own_score: float = 0.0
    reply: str | None = None


@dataclass(frozen=True, slots=True)
class Citation:
    """An exact quote: `article.text[start:end] == quote`; offsets in characters, end exclusive.

    `also_published_by` names further publishers that carry the same report: one witness all the same.
    """

    marker: int
    article_id: str
    title: str
    publisher: str
    url: str | None
    published: date | None
    quote: str
    start: int
    end: int
    digest: str
    kind: str = "unknown"
    also_published_by: tuple[str, ...] = ()

    @property
    def also(self) -> str:
        """Who else carries the report, in words: "also carried by X, Y"; "" where nobody is known to."""
        return carried_by(self.also_published_by)

    @property
    def source(self) -> str:
        """Publisher, ISO day and who else carries the report, as far as they are known: one line of plain text."""
        day = self.published.isoformat() if self.published else "undated"
        return ", ".join(x for x in (self.publisher, day, self.also) if x)

    def to_dict(self) -> dict[str, Any]:
        """All fields as plain JSON values."""
        return {
            "marker": self.marker,
            "article_id": self.article_id,
            "title": self.title,
            "publisher": self.publisher,
            "url": self.url,
            "published": self.published.isoformat() if self.published else None,
            "quote": self.quote,
            "start": self.start,
            "end": self.end,
            "digest": self.digest,
            "kind": self.kind,
            "also_published_by": list(self.also_published_by),
        }


def carried_by(names: Sequence[str]) -> str:
    """Who else carries a report, in words; "" for no names."""
    return f"also carried by {', '.join(names)}" if names else ""


@dataclass(frozen=True, slots=True)
class Sentence:
    """A shown sentence.

    Attributes:
        text: as shown, markers included.
        markers: the citations it rests on; empty only for our own fixed phrases.
        support: probability in [0, 1] that the quotes say it; 1.0 for a quote and for a fixed phrase.
    """

    text: str
    markers: tuple[int, ...]
    support: float


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a conflict: the value as the source gives it, and the citations that say so."""

    value: str
    markers: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Conflict:
    """Articles that differ on one thing; `sides` newest first."""

    subject: str
    sides: tuple[Side, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer and everything needed to check it.

    `text` is the sentences as shown, with markers; the markers in it and the markers of `citations` are the same
    set. `timings` are seconds by step. `generation` is the version of the index that was read. `notes` are plain
    remarks on how the answer came about (a model that failed, a rewritten question), never claims. `witnesses` is the
    number of independent reports behind the answer; near-copies of one report count once. `agreeing` quotes one sentence
    of each further independent report that gives the same date, figure, person or place; they are numbered on from the
    citations, and their markers stand nowhere in the text.
    """

    question: str
    standalone_question: str
    text: str
    outcome: Outcome
    confidence: float
    sentences: tuple[Sentence, ...]
    citations: tuple[Citation, ...]
    conflicts: tuple[Conflict, ...]
    as_of: date | None
    hits: tuple[Hit, ...]
    model: str
    generation: int
    timings: Mapping[str, float] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    witnesses: int = 0
    agreeing: tuple[Citation, ...] = ()

    @property
    def understood_otherwise(self) -> bool:
        """Whether the question was filled in from the conversation; capitals that were put back are not worth a word."""
        return fold(self.question) != fold(self.standalone_question)

    def to_dict(self) -> dict[str, Any]:
        """Everything as plain JSON values; `hits` shrink to ids and scores."""
        return {
            "question": self.question,
            "standalone_question": self.standalone_question,
            "text": self.text,
            "outcome": self.outcome.value,
            "confidence": round(self.confidence, 4),
            "sentences": [
                {"text": s.text, "markers": list(s.markers), "support": round(s.support, 4)}
                for s in self.sentences
            ],
            "citations": [c.to_dict() for c in self.citations],
            "conflicts": [
                {
                    "subject": c.subject,
                    "sides": [{"value": s.value, "markers": list(s.markers)} for s in c.sides],
                }
                for c in self.conflicts
            ],
            "as_of": self.as_of.isoformat() if self.as_of else None,
            "hits": [
                {"passage_id": h.passage.id, "article_id": h.article.id, "score": round(h.score, 6)}
                for h in self.hits
            ],
            "model": self.model,
            "generation": self.generation,
            "timings": {name: round(seconds, 4) for name, seconds in self.timings.items()},
            "notes": list(self.notes),
            "witnesses": self.witnesses,
            "agreeing": [c.to_dict() for c in self.agreeing],
        }

    def to_markdown(self) -> str:
        """The answer and its sources as Markdown; text from articles is escaped."""
        lines = [escape_markdown(self.text, keep_markers=True)]
        for heading, group in (("Sources", self.citations), ("These agree", self.agreeing)):
            if group:
                lines += ["", f"{heading}:", ""]
            for c in group:
                link = f" <{c.url}>" if c.url else ""
                title, quote = escape_markdown(c.title), escape_markdown(" ".join(c.quote.split()))
                lines.append(f"- \\[{c.marker}\\] {title} ({escape_markdown(c.source)}){link}: “{quote}”")
        return "\n".join(lines)

    def __str__(self) -> str:
        """The answer and its sources, laid out for a terminal."""
        lines = [self.text]
        for heading, group in (("", self.citations), ("These agree:", self.agreeing)):
            if group:
                lines.append(heading)
            for c in group:
                lines.append(f"  [{c.marker}] {c.title} ({c.source})" + (f"\n      {c.url}" if c.url else ""))
        return "\n".join(lines)


@dataclass(frozen=True, slots=True)
class Retrieved:
    """First event of a stream: what will be read."""

    hits: tuple[Hit, ...]
    standalone_question: str


@dataclass(frozen=True, slots=True)
class Delta:
    """A piece of the answer's text; all pieces joined are the text. What was shown is never taken back."""

    text: str


Event = Retrieved | Delta | Answer
"""A stream is one Retrieved, any number of Deltas, then one Answer."""

_MARKDOWN = re.compile(r"([\\`*_{}\[\]<>()#+!|~$&-])")


def escape_markdown(text: str, *, keep_markers: bool = False) -> str:
    """Backslash whatever Markdown could read as markup; with `keep_markers`, [1] stays readable as [1]."""
    escaped = _MARKDOWN.sub(r"\\\1", text)
    return re.sub(r"\\\[(\d+)\\\]", r"[\1]", escaped) if keep_markers else escaped
