"""Which of several near-copies speaks for all, and one article for each report in a library."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from functools import lru_cache

from corpus.models import Article
from corpus.near_copies import THRESHOLD, alike, pieces_of, sketch_of

_SKETCH = 16
_SHARED = 3
"""Of a text's smallest hashes near-copies share at least so many, 499 times in 500."""

_REMEMBERED = 1024
"""So many texts' pieces are kept: near-copies lie close together, and the pieces of all take many times the memory of the texts."""

_MOST_SKETCHES = 500_000
_sketches: dict[str, bytes] = {}

_MOST_HOLDERS = 40
"""A hash of more articles is that of a phrase of their site; comparing all of them would take the square of the time."""


def rank(article: Article) -> tuple[bool, bool, bool, int]:
    """Order copies of one report: the better witness has a name, a day, an address, and came first."""
    day = article.published or date.max
    return bool(article.publisher), article.published is not None, article.url is not None, -day.toordinal()


def one_each(articles: Iterable[Article]) -> tuple[list[Article], list[tuple[Article, Article]]]:
    """Part the articles from copies of them that another publisher carries, and from repetitions word for word.

    Texts of one publisher that are only alike stay: they are versions, or a series.

    Returns:
        The articles that are kept, in their order, each with the publishers of its copies; and the others, each with
        the article that speaks for it.
    """
    listed = list(articles)
    kept: dict[str, Article] = {}
    holders: dict[int, list[str]] = {}
    others: list[tuple[Article, str]] = []

    @lru_cache(maxsize=_REMEMBERED)
    def pieces(of: str) -> frozenset[str]:
        return pieces_of(kept[of])

    for article in sorted(listed, key=rank, reverse=True):
        sketch = _sketch(article)
        shared = Counter(holder for value in sketch for holder in holders.get(value, ()))
        enough = min(_SHARED, len(sketch))
        near = [i for i, count in shared.items() if count >= enough]
        mine = pieces_of(article) if near else frozenset()
        found = next((i for i in near if _same_report(kept[i], article, alike(pieces(i), mine))), None)
        if found is not None:
            others.append((article, found))
            also = dict.fromkeys(
                [*kept[found].also_published_by, article.publisher, *article.also_published_by]
            )
            named = tuple(name for name in also if name and name != kept[found].publisher)
            kept[found] = replace(kept[found], also_published_by=named)
            continue
        kept[article.id] = article
        for value in sketch:
            if len(known := holders.setdefault(value, [])) < _MOST_HOLDERS:
                known.append(article.id)
    return [kept[a.id] for a in listed if a.id in kept], [(a, kept[i]) for a, i in others]


def _sketch(article: Article) -> Sequence[int]:
    """`sketch_of`, remembered by what the article says: whoever follows a folder sketches it at each change."""
    known = _sketches.get(article.digest)
    if known is None:
        if len(_sketches) >= _MOST_SKETCHES:
            _sketches.clear()
        known = _sketches[article.digest] = array("Q", sketch_of(article.text, _SKETCH)).tobytes()
    return array("Q", known)


def _same_report(first: Article, second: Article, similarity: float) -> bool:
    named = bool(first.publisher and second.publisher) and first.publisher != second.publisher
    return similarity >= (THRESHOLD if named else 1.0)
