"""Near-copies: one report that several publishers carry, with another headline, intro, byline or small cuts.

Ten copies of one report are one witness. Candidates come from MinHash, so the cost grows with the number of
articles and not with its square; each candidate pair is then compared exactly, so no verdict hangs on an estimate.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable, Sequence
from functools import lru_cache

import numpy as np

from corpus.models import Article

THRESHOLD = 0.7
_RUN = 3
"""Words in a row that count as one piece; single words and pairs are shared by any two reports of one event."""

_PERMUTATIONS = 128
_CANDIDATE = 0.35
"""Jaccard index from which MinHash proposes a pair; far enough below the threshold that none is missed."""

_LEAST_PIECES = 12
"""A text of fewer pieces is compared only as a whole: two short notices look alike without being copies."""

_MIX = np.uint64(0x9E3779B97F4A7C15)

# Scripts without spaces count by the character.
_WORD = re.compile(r"[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3]|[^\W_]+")


def similarity(a: Article | str, b: Article | str) -> float:
    """Return how much of two texts is the same, 0 to 1: twice the shared pieces over the pieces of both.

    A reprint stays high when one side has a new intro or lost its last paragraphs; case, punctuation, marks of
    Markdown and line breaks do not count.
    """
    return alike(pieces_of(a), pieces_of(b))


def group_near_copies(
    articles: Iterable[Article], threshold: float = THRESHOLD
) -> tuple[tuple[str, ...], ...]:
    """Group the ids of articles that are near-copies of each other.

    Returns:
        The groups of two and more, each sorted, sorted by their first id. An article is in one group at most.
    """
    listed = list(articles)
    finder = NearCopies(threshold=threshold)
    parents = {article.id: article.id for article in listed}

    def root(article_id: str) -> str:
        while parents[article_id] != article_id:
            article_id = parents[article_id]
        return article_id

    for article in listed:
        for other, _ in finder.matches(article):
            first, second = sorted((root(article.id), root(other)))
            parents[second] = first
        finder.add(article)
    groups: dict[str, list[str]] = {}
    for article in listed:
        groups.setdefault(root(article.id), []).append(article.id)
    return tuple(sorted(tuple(sorted(group)) for group in groups.values() if len(group) > 1))


class NearCopies:
    """Finds the near-copies of a text among the articles it was given.

    Args:
        articles: the articles to begin with.
        threshold: `similarity` from which two texts are near-copies.
    """

    def __init__(self, articles: Sequence[Article] = (), *, threshold: float = THRESHOLD) -> None:
        from datasketch import MinHashLSH

        self._threshold = threshold
        self._buckets = MinHashLSH(threshold=_CANDIDATE, num_perm=_PERMUTATIONS)
        self._pieces: dict[str, frozenset[str]] = {}
        for article in articles:
            self.add(article)

    def add(self, article: Article) -> None:
        """Take one more article in; one with the same id is replaced."""
        self.remove(article.id)
        pieces = pieces_of(article)
        self._pieces[article.id] = pieces
        self._buckets.insert(article.id, _signature(pieces))

    def remove(self, article_id: str) -> None:
        """Forget an article; one that is not there is no fault."""
        if self._pieces.pop(article_id, None) is not None:
            self._buckets.remove(article_id)

    def matches(self, text: Article | str) -> tuple[tuple[str, float], ...]:
        """Return the (id, similarity) of the near-copies of a text, the nearest first."""
        pieces = pieces_of(text)
        found = [(key, alike(pieces, self._pieces[key])) for key in self._buckets.query(_signature(pieces))]
        return tuple(
            sorted(
                (pair for pair in found if pair[1] >= self._threshold), key=lambda pair: (-pair[1], pair[0])
            )
        )


def pieces_of(text: Article | str) -> frozenset[str]:
    """The runs of words that a text is compared by."""
    words = _WORD.findall((text.text if isinstance(text, Article) else text).casefold())
    if len(words) < _RUN + _LEAST_PIECES:
        return frozenset([" ".join(words)])
    return frozenset(" ".join(words[start : start + _RUN]) for start in range(len(words) - _RUN + 1))


def sketch_of(text: str, size: int) -> tuple[int, ...]:
    """The smallest hashes of a text's pieces, at most `size` of them: near-copies share several.

    The pieces are those of `pieces_of`, but nothing is made of them: a library is sketched at each rebuild.
    """
    words = _WORD.findall(text.casefold())
    if len(words) < _RUN + _LEAST_PIECES:
        return (_hash(" ".join(words)),)
    hashes = np.fromiter(map(_hash, words), np.uint64, len(words))
    runs = np.zeros(len(words) - _RUN + 1, np.uint64)
    for place in range(_RUN):
        # Multiplied and shifted between two words, so that their order counts and all bits are mixed.
        runs = (runs + hashes[place : len(words) - _RUN + 1 + place]) * _MIX
        runs ^= runs >> np.uint64(29)
    return tuple(np.unique(runs)[:size].tolist())


@lru_cache(maxsize=100_000)
def _hash(word: str) -> int:
    return zlib.crc32(word.encode("utf-8", "surrogatepass"))


def alike(a: frozenset[str], b: frozenset[str]) -> float:
    """See `similarity`."""
    return 2 * len(a & b) / (len(a) + len(b))


def _signature(pieces: frozenset[str]) -> object:
    from datasketch import MinHash

    # CRC-32 is no weaker here than SHA-1, the default, and ten times as fast.
    signature = MinHash(num_perm=_PERMUTATIONS, hashfunc=zlib.crc32)
    signature.update_batch([piece.encode("utf-8", "surrogatepass") for piece in pieces])
    return signature
