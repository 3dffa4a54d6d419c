"""The values of the index: passages, hits, and what a rebuild did."""

from __future__ import annotations

from dataclasses import dataclass

from corpus.models import Article, Skipped

Span = tuple[int, int]
"""Start and end (exclusive) in the article's text, in characters."""


@dataclass(frozen=True, slots=True)
class Passage:
    """A run of whole sentences of one article: what is embedded and found.

    Invariants: `article.text[start:end] == text`; every span of `sentences` lies within [start, end),
    in order, without overlap.
    """

    id: str
    article_id: str
    text: str
    start: int
    end: int
    sentences: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage that a search found.

    Attributes:
        passage: what was found.
        article: where it stands; carries the full text.
        score: reciprocal rank fusion, higher is better; comparable within one search only.
        dense_rank: place in the embedding ranking, from 1, or None.
        lexical_rank: place in the BM25 ranking, from 1, or None.
        similarity: cosine of question and passage in [-1, 1], or None when the embedding search did not see it.

    All three are None where a server has done the fusing.
    """

    passage: Passage
    article: Article
    score: float
    dense_rank: int | None
    lexical_rank: int | None
    similarity: float | None


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a rebuild is: `done` of `total` in the named step.

    The steps: "read" (files, then articles), "move", "embed" and "lexical" (passages), "commit", "clean"; one with
    nothing to do may be left out.
    """

    step: str
    done: int
    total: int


@dataclass(frozen=True, slots=True)
class RebuildReport:
    """What a rebuild did.

    `added`, `changed`, `removed`, `unchanged` are article ids; `passages` counts the whole index afterwards,
    `embedded` the passages embedded this time; `seconds` is wall time.
    """

    added: tuple[str, ...]
    changed: tuple[str, ...]
    removed: tuple[str, ...]
    unchanged: tuple[str, ...]
    passages: int
    embedded: int
    seconds: float
    generation: int
    skipped: tuple[Skipped, ...] = ()
