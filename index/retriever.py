"""Searching: embedding and BM25 rankings, fused by reciprocal rank."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence, Set
from datetime import date
from functools import partial
from pathlib import Path
from typing import Self, cast

from corpus.models import Article
from index.asking import Models
from index.cloud_store import CloudStore
from index.config import IndexConfig
from index.contents import Contents
from index.embedding import Embedder, make_embedder
from index.errors import REBUILD, IndexDamagedError, IndexingError, StorageError
from index.lexical import LexicalIndex, LexicalSegment
from index.manifest import MANIFEST, Manifest, read_manifest
from index.models import Hit, Passage
from index.segments import FOLDER as SEGMENTS
from index.server_store import open_store
from index.store import VectorStore

logger = logging.getLogger("launch_assistant.index")


class Snapshot:
    """One generation of an index; never changes, whatever a rebuild does meanwhile."""

    def __init__(
        self,
        home: Path,
        manifest: Manifest,
        config: IndexConfig,
        embedder: Embedder,
        *,
        before: Snapshot | None = None,
    ) -> None:
        """Open what a manifest names; what `before` has opened already is taken over, so that news cost what is new.

        Raises:
            IndexDamagedError: a part is missing, torn or altered.
        """
        self.generation = manifest.generation
        self.manifest = manifest
        self._config = config
        self._embedder = embedder
        self._home = home
        self._contents: Contents = Contents.read(home, manifest, before=before._contents if before else None)
        self._segments: dict[str, VectorStore] = {}
        self._words: dict[str, LexicalSegment] = {}
        self._within = self._contents.within
        self._lexical = LexicalIndex(self._words, self._within, self._contents.place)
        for name in self._within:
            if before and name in before._segments:
                self._segments[name], self._words[name] = before._segments[name], before._words[name]
            else:
                store = self._segments[name] = open_store(home / SEGMENTS / name, config)
                store.check_lexical(store.check())
                store.warm()
                self._words[name] = LexicalSegment(store.lexical)

    def articles(self) -> tuple[Article, ...]:
        """Every article of this generation, by id."""
        return tuple(self._contents.articles.values())

    def article(self, article_id: str) -> Article | None:
        """The article of that id as it was indexed, or None."""
        return self._contents.articles.get(article_id)

    def passages_of(self, article_id: str) -> tuple[Passage, ...]:
        """The passages of an article, in order; empty for an unknown id."""
        return self._contents.of.get(article_id, ())

    def knows(self, word: str) -> bool:
        """Whether a word stands, in any of its forms, in some passage or title; see `LexicalIndex.knows`.

        Raises:
            IndexDamagedError: a part of the index is missing.
        """
        return self._lexical.knows(word)

    def search(self, query: str, *, limit: int | None = None, as_of: date | None = None) -> tuple[Hit, ...]:
        """The passages that fit a query best.

        Args:
            query: in plain words.
            limit: at most so many; the config's `top_k` when None.
            as_of: only articles published by that day; those without a date are left out.

        Raises:
            IndexDamagedError: a part of the index is missing.
        """
        limit = limit or self._config.top_k
        allowed: frozenset[str] | None = None
        if as_of is not None:
            seen = {i for i, a in self._contents.articles.items() if a.published and a.published <= as_of}
            allowed = frozenset(p.id for i in seen for p in self._contents.of[i])
            if not allowed:
                return ()
        many = min(self._config.candidates, len(self._contents.passages))
        if not many:
            return ()
        vector = self._embedder.embed_query(query)
        day = as_of.toordinal() if as_of else None
        if all(isinstance(store, CloudStore) for store in self._segments.values()):
            fused = self._from_segments(
                lambda store, n: cast(CloudStore, store).hybrid(
                    query, vector, limit=n, rrf_k=self._config.rrf_k, published_by=day
                ),
                many,
                allowed,
            )
            if fused:
                return tuple(self._hit(i, score) for i, score in fused[:limit])
        dense = self._from_segments(
            lambda store, n: store.search(vector, limit=n, published_by=day), many, allowed
        )
        lexical = self._lexical.search(query, limit=many, allowed=allowed)
        return self._fused(dense, [i for i, _ in lexical], limit)

    def _from_segments(
        self,
        ask: Callable[[VectorStore, int], list[tuple[str, float]]],
        many: int,
        allowed: frozenset[str] | None,
    ) -> list[tuple[str, float]]:
        """The best of our passages by what each segment is asked, as (id, score), best first."""
        found: list[tuple[str, float]] = []
        try:
            for name, within in self._within.items():
                ours = within if allowed is None else within & allowed
                if ours:
                    found += self._of_segment(partial(ask, self._segments[name]), many, ours)
        except (IndexDamagedError, StorageError):
            if self._is_live():
                raise
            # Rebuilds have taken this generation's vectors away meanwhile; its words are still here.
            return []
        return sorted(found, key=lambda item: (-item[1], item[0]))[:many]

    def _of_segment(
        self, ask: Callable[[int], list[tuple[str, float]]], many: int, ours: Set[str]
    ) -> list[tuple[str, float]]:
        wanted, limit = min(many, len(ours)), many
        while True:
            found = ask(limit)
            # A segment may hold passages of articles that are gone or were changed: look further.
            mine = [(i, s) for i, s in found if i in ours][:many]
            if len(mine) >= wanted or len(found) < limit:
                break
            limit *= 4
        # Approximate search may miss a few; half of them missing means that vectors are lost.
        if 2 * len(mine) < wanted:
            raise IndexDamagedError(f"Vectors are missing from the index in {self._home}. {REBUILD}")
        return mine

    def _is_live(self) -> bool:
        try:
            return read_manifest(self._home).generation == self.generation
        except IndexingError:
            return True

    def _fused(
        self, dense: Sequence[tuple[str, float]], lexical: Sequence[str], limit: int
    ) -> tuple[Hit, ...]:
        k = self._config.rrf_k
        dense_rank = {i: rank for rank, (i, _) in enumerate(dense, start=1)}
        lexical_rank = {i: rank for rank, i in enumerate(lexical, start=1)}
        similarity = dict(dense)
        scores = {
            i: sum(1.0 / (k + ranks[i]) for ranks in (dense_rank, lexical_rank) if i in ranks)
            for i in {**dense_rank, **lexical_rank}
        }
        best = sorted(scores, key=lambda i: (-scores[i], i))[:limit]
        return tuple(
            self._hit(i, scores[i], dense_rank.get(i), lexical_rank.get(i), similarity.get(i)) for i in best
        )

    def _hit(
        self,
        passage_id: str,
        score: float,
        dense_rank: int | None = None,
        lexical_rank: int | None = None,
        similarity: float | None = None,
    ) -> Hit:
        passage = self._contents.passages[passage_id]
        article = self._contents.articles[passage.article_id]
        return Hit(passage, article, score, dense_rank, lexical_rank, similarity)


class Retriever:
    """The index of one corpus, always at its newest generation; safe to share between threads."""

    def __init__(self, home: Path, config: IndexConfig, embedder: Embedder) -> None:
        self._home = home
        self._config = config
        self._models = Models(config, embedder)
        self._lock = threading.Lock()
        self._current: Snapshot | None = None
        self._stamp: tuple[int, int, int] | None = None

    @classmethod
    def open(cls, home: Path, *, config: IndexConfig | None = None, embedder: Embedder | None = None) -> Self:
        """Open an index for searching; nothing is written.

        One that was built with another embedder or passage length is searched as it was built, until a rebuild has made
        it what the config says; `stale` tells.

        Raises:
            IndexNotBuiltError: there is none.
            IndexDamagedError: a part is missing or unreadable.
            IndexStaleError: it was built with another embedder, and that one cannot be had.
        """
        config = config or IndexConfig()
        retriever = cls(
            home, config, embedder or make_embedder(config.embedder, batch_size=config.batch_size)
        )
        retriever.snapshot()
        return retriever

    def snapshot(self) -> Snapshot:
        """The newest generation; one that another process has just written is noticed here."""
        with self._lock:
            stamp = self._manifest_stamp()
            if self._current is None or stamp != self._stamp:
                self._current, self._stamp = self._load(), stamp
            return self._current

    def _manifest_stamp(self) -> tuple[int, int, int] | None:
        try:
            stat = (self._home / MANIFEST).stat()
        except OSError:
            return None
        return stat.st_ino, stat.st_mtime_ns, stat.st_size

    def _load(self) -> Snapshot:
        # A rebuild may take away what an old manifest named between our two reads: then there is a newer manifest.
        for attempt in range(5):
            manifest = read_manifest(self._home)
            embedder = self._models.of(manifest)
            try:
                found = Snapshot(self._home, manifest, self._config, embedder, before=self._current)
            except (IndexDamagedError, StorageError):
                # A database deleted while it is being opened reports a failing disk.
                if attempt == 4 or read_manifest(self._home).generation == manifest.generation:
                    raise
                continue
            if stale := self._models.stale(manifest):
                logger.warning("%s", stale)
            return found
        raise AssertionError("unreachable")

    @property
    def stale(self) -> str:
        """What to tell of an index that was built with other settings than are set now; empty for a current one."""
        return self._models.stale(self.snapshot().manifest)

    @property
    def embedder(self) -> Embedder:
        """The model of the config; a rebuild in this process may share it."""
        return self._models.own

    @property
    def generation(self) -> int:
        """Of the newest snapshot."""
        return self.snapshot().generation

    def articles(self) -> tuple[Article, ...]:
        """Of the newest snapshot."""
        return self.snapshot().articles()

    def search(self, query: str, *, limit: int | None = None, as_of: date | None = None) -> tuple[Hit, ...]:
        """`Snapshot.search` on the newest generation."""
        return self.snapshot().search(query, limit=limit, as_of=as_of)
