"""Lexical search: BM25 over stemmed words, one part per segment, read through memory mapping.

Each segment keeps the words of its own passages (bm25s, method "lucene"), with scores that are right for that segment
alone: bm25s multiplies a word's weight in a passage by how rare the word is among the segment's passages, and measures a
passage against the segment's average length. A search over several segments takes both out again and puts those of all
segments together in, so that it ranks as one index of all passages would. Passages of articles that are gone or were
changed count in these sums until their segment is written anew; they are never found.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence, Set
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from index.files import Check, go_on, reading

FOLDER = "lexical"
"""The lexical part of a segment, below the segment's folder."""

_IDS = "ids.json"
_LENGTHS = "lengths.npy"
_NO_WORD = "\u0000"
_SAME = 1e-3
"""Average lengths that differ by less than this share are taken for equal."""

UNREADABLE = "The lexical part of the index cannot be read"

AT_ONCE = 5000
"""Texts of so many passages are cut into words together."""


def _tokenize(texts: Sequence[str]) -> Any:
    import bm25s
    import Stemmer

    return bm25s.tokenize(
        list(texts), stopwords="en", stemmer=Stemmer.Stemmer("english"), show_progress=False, return_ids=False
    )


def write_lexical(folder: Path, ids: Sequence[str], texts: Sequence[str], *, check: Check = go_on) -> None:
    """Build and save the index of passages (id, text) in a new folder; the segment's seal makes it durable."""
    import bm25s

    folder.mkdir(parents=True)
    words: list[list[str]] = []
    for begin in range(0, len(texts), AT_ONCE):
        check()
        # bm25s needs at least one word in all; an index of nothing but symbols gets one that no query has.
        words += (w or [_NO_WORD] for w in _tokenize(texts[begin : begin + AT_ONCE]))
    words = words or [[_NO_WORD]]
    check()
    retriever = bm25s.BM25(method="lucene")
    retriever.index(words, show_progress=False)
    check()
    retriever.save(str(folder), show_progress=False)
    np.save(folder / _LENGTHS, np.array([len(w) for w in words], dtype=np.int32))
    (folder / _IDS).write_text(json.dumps(list(ids)), "utf-8")


class LexicalSegment:
    """The lexical part of one segment, opened at once; its files' sums must have been looked at before.

    Raises:
        IndexDamagedError: it cannot be opened.
        StorageError: it may not be read.
    """

    def __init__(self, folder: Path) -> None:
        import bm25s

        self.folder = folder
        # Torn files raise anything from KeyError to BadZipFile.
        with reading(folder, damaged=UNREADABLE, refused=PermissionError, torn=Exception):
            saved = bm25s.BM25.load(str(folder), mmap=True, show_progress=False)
            self.ids: list[str] = json.loads((folder / _IDS).read_text("utf-8"))
            self._lengths = np.load(folder / _LENGTHS, mmap_mode="r")
            self.tokens = int(self._lengths.sum())
            self.passages = len(self._lengths)
            self._vocabulary: Mapping[str, int] = saved.vocab_dict
            self._starts, self._places, self._scores = (
                saved.scores[k] for k in ("indptr", "indices", "data")
            )
            self._k1, self._b = float(saved.k1), float(saved.b)

    def places(self, word: str) -> np.ndarray:
        """Which passages have a stemmed word: their places in `ids`."""
        begin, end = self._range(word)
        return np.asarray(self._places[begin:end])

    def count(self, word: str) -> int:
        """How many passages have a stemmed word."""
        begin, end = self._range(word)
        return end - begin

    def weights(self, word: str, average: float) -> np.ndarray:
        """The term frequency part of BM25 of the passages in `places(word)`, for an average length over all segments."""
        begin, end = self._range(word)
        parts = np.asarray(self._scores[begin:end], dtype=np.float64) / idf(end - begin, self.passages)
        own = self.tokens / self.passages
        if math.isclose(own, average, rel_tol=_SAME):
            return parts
        # A part is tf / (tf + norm(average)): solved for tf, and put together again.
        lengths = np.asarray(self._lengths[self._places[begin:end]], dtype=np.float64)
        tf = parts * self._norm(lengths, own) / (1.0 - parts)
        weights: np.ndarray = tf / (tf + self._norm(lengths, average))
        return weights

    def _norm(self, lengths: np.ndarray, average: float) -> np.ndarray:
        return self._k1 * (1.0 - self._b + self._b * lengths / average)

    def _range(self, word: str) -> tuple[int, int]:
        column = self._vocabulary.get(word)
        if column is None or column + 1 >= len(self._starts):
            return 0, 0
        return int(self._starts[column]), int(self._starts[column + 1])


class LexicalIndex:
    """The lexical parts of all segments as one index.

    Args:
        segments: by the segment's name.
        within: segment -> the live passages in it.
        place: of a passage in the order that decides between equals.
    """

    def __init__(
        self,
        segments: Mapping[str, LexicalSegment],
        within: Mapping[str, Set[str]],
        place: Callable[[str], tuple[str, int]],
    ) -> None:
        self._segments = segments
        self._within = within
        self._place = place

    @cached_property
    def _passages(self) -> int:
        return sum(s.passages for s in self._segments.values())

    @cached_property
    def _average(self) -> float:
        return sum(s.tokens for s in self._segments.values()) / max(1, self._passages)

    def knows(self, word: str) -> bool:
        """Whether some live passage, its title included, has the word in any of its forms.

        Of a word in several parts ("open-weight") one is enough. What is never indexed, as stop words and single
        letters, counts as known: of its absence nothing can be said.
        """
        stems = set(_tokenize([word])[0])
        return not stems or any(self._live(stem) for stem in stems)

    def _live(self, stem: str) -> bool:
        for name, segment in self._segments.items():
            with reading(segment.folder, damaged=UNREADABLE, torn=Exception):
                if any(segment.ids[place] in self._within[name] for place in segment.places(stem)):
                    return True
        return False

    def search(
        self, query: str, *, limit: int, allowed: frozenset[str] | None = None
    ) -> list[tuple[str, float]]:
        """The best passages that share a word with the query as (id, BM25 score), best first.

        Args:
            query: in plain words.
            limit: at most so many.
            allowed: only these ids, or None for all that are live.
        """
        words = Counter(_tokenize([query])[0])
        rarity = {}
        for word in words:
            if count := sum(s.count(word) for s in self._segments.values()):
                rarity[word] = idf(count, self._passages) * words[word]
        found: list[tuple[float, tuple[str, int], str]] = []
        for name, segment in self._segments.items() if rarity else ():
            within = self._within[name]
            ours: Set[str] = within if allowed is None else within & allowed
            with reading(segment.folder, damaged=UNREADABLE, torn=Exception):
                best = self._best(segment, rarity, limit, ours)
            # Equal but for the last digits of their sums, they are equal.
            found += [(-round(score, 5), self._place(i), i) for i, score in best]
        return [(i, -score) for score, _, i in sorted(found)[:limit]]

    def _best(
        self, segment: LexicalSegment, rarity: Mapping[str, float], limit: int, ours: Set[str]
    ) -> list[tuple[str, float]]:
        """At least the `limit` best of a segment, if it has so many; some more where scores are equal."""
        scores = np.zeros(segment.passages)
        for word, weight in rarity.items():
            if segment.count(word):
                scores[segment.places(word)] += weight * segment.weights(word, self._average)
        places = np.flatnonzero(scores)
        many = min(4 * limit, len(places))
        while many:
            least = np.partition(scores[places], -many)[-many]
            mine = [(segment.ids[p], float(scores[p])) for p in places[scores[places] >= least]]
            mine = [(i, score) for i, score in mine if i in ours]
            if len(mine) >= limit or many == len(places):
                return mine
            many = min(4 * many, len(places))
        return []


def idf(count: int, passages: int) -> float:
    """How rare a word is that `count` of so many passages have, as bm25s' method "lucene" weighs it."""
    return math.log(1 + (passages - count + 0.5) / (count + 0.5))
