"""Articles that this process has read already: a file is read again only when it may be another one by now.

Whoever follows a folder, or rebuilds from the page, reads it again for each change; of many articles one has changed.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from corpus.models import Article
from corpus.readers import read_article
from corpus.stamps import Few, Stamp, settled, stamp_or_none

_FOLDERS = 4
"""Of so many folders the last reading is remembered."""

_readings: Few[Path, dict[Path, tuple[Stamp, Article]]] = Few(_FOLDERS)


class Remembering:
    """One reading of a folder, which takes from the last one what has not changed.

    Args:
        root: the folder.
    """

    def __init__(self, root: Path) -> None:
        self._root = root.absolute()
        self._before = _readings.get(self._root) or {}
        self._now: dict[Path, tuple[Stamp, Article]] = {}

    def article(self, path: Path, article_id: str) -> Article:
        """`read_article`, or what it gave last time.

        Raises:
            ArticleError: the file is no article.
        """
        known = self._before.get(path)
        stamp = stamp_or_none(path) if known else None
        if known and known[0] == stamp:
            article = known[1]
            self._now[path] = known
            return article if article.id == article_id else replace(article, id=article_id)
        stamp = stamp_or_none(path)
        article = read_article(path, article_id)
        if stamp and settled(stamp) and stamp == stamp_or_none(path):
            self._now[path] = stamp, article
        return article

    def keep(self) -> None:
        """Remember what was read, and nothing else of this folder."""
        _readings.put(self._root, self._now)
