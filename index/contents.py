"""What a generation holds: its articles, their passages, and which passages lie in which segment."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from typing import Self

from corpus.models import Article
from index.articles import load_stored
from index.manifest import Entry, Manifest
from index.models import Passage


class Contents:
    """The articles and passages of one generation; never changes.

    Attributes:
        manifest: names all of it.
        articles: by id, in the order of the ids.
        passages: by id.
        of: each article's passages, in order.
        within: segment -> the ids of the live passages in it.
    """

    def __init__(self, manifest: Manifest) -> None:
        self.manifest = manifest
        self.articles: dict[str, Article] = {}
        self.passages: dict[str, Passage] = {}
        self.of: dict[str, tuple[Passage, ...]] = {}
        self.within: dict[str, frozenset[str]] = {}

    def place(self, passage_id: str) -> tuple[str, int]:
        """Decides between equals: the same in every process, however it came by this generation."""
        passage = self.passages[passage_id]
        return passage.article_id, passage.start

    @classmethod
    def read(cls, home: Path, manifest: Manifest, *, before: Self | None = None) -> Self:
        """What a manifest names. Of a generation that was read `before`, only what changed since is read and counted.

        Args:
            home: the index's folder.
            manifest: names the articles.
            before: an earlier generation.

        Raises:
            IndexDamagedError: an article is missing or altered.
            StorageError: one cannot be read.
        """
        old: dict[str, Entry] = before.manifest.articles if before else {}
        new = manifest.articles
        changed = [i for i, entry in new.items() if old.get(i) != entry]
        gone = [i for i in old if i not in new]
        made = cls(manifest)
        articles = before.articles | {} if before else {}
        of = before.of | {} if before else {}
        passages = before.passages | {} if before else {}
        less: dict[str, set[str]] = defaultdict(set)
        more: dict[str, set[str]] = defaultdict(set)
        for article_id in [*changed, *gone]:
            if article_id in old:
                for passage in of.pop(article_id):
                    less[old[article_id].segment].add(passage.id)
                    del passages[passage.id]
        for article_id in changed:
            article, own = load_stored(home, new[article_id].file)
            articles[article_id], of[article_id] = article, own
            more[new[article_id].segment].update(p.id for p in own)
            passages.update((p.id, p) for p in own)
        made.articles = {i: articles[i] for i in new}
        made.of = {i: of[i] for i in new}
        made.passages = passages
        for name in sorted(manifest.segments):
            kept = before.within.get(name, frozenset()) if before else frozenset()
            touched = less[name] or more[name]
            made.within[name] = (kept - less[name]) | more[name] if touched else kept
        return made
