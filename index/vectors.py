"""Writing a segment: what is new is embedded, what was put by is taken, and what is small is moved in.

The lexical part is written whole from the texts, of moved passages too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from datetime import date

import numpy as np

from corpus.errors import LaunchError
from corpus.models import Article
from index.embedding import Embedder
from index.errors import EmbeddingError
from index.lexical import write_lexical
from index.models import Passage
from index.recipe import embedded_text
from index.segments import Segments
from index.store import VectorStore

UNDATED = 9_999_999
"""Stands for "publication day unknown" in the store: later than any day, so that no `as_of` sees it."""

CHUNK = 2000
"""So many vectors are moved at once."""

Work = tuple[Article, Passage]


class SegmentWriter:
    """Writes one segment.

    Args:
        segments: where it goes, and where the vectors lie that move.
        embedder: the model.
        chunk: passages that are handed to the model at once.
        embedding: told how many of how many passages are embedded.
        check_cancelled: raises when the rebuild is to stop.
    """

    def __init__(
        self,
        segments: Segments,
        embedder: Embedder,
        *,
        chunk: int,
        embedding: Callable[[int, int], None],
        check_cancelled: Callable[[], None],
    ) -> None:
        self._segments = segments
        self._embedder = embedder
        self._chunk = chunk
        self._embedding = embedding
        self._check_cancelled = check_cancelled

    def write(
        self,
        articles: Mapping[str, tuple[Article, tuple[Passage, ...]]],
        moving: Mapping[str, str],
        *,
        anew: bool,
    ) -> tuple[str, int]:
        """Write and seal a segment.

        Args:
            articles: all that it is to hold, with their passages.
            moving: those of them whose vectors are there already, and in which segment.
            anew: do not use vectors that a stopped rebuild has put by.

        Returns:
            The segment's name, and how many passages were embedded.
        """
        name = self._segments.new_name()
        store = self._segments.store(name)
        fresh = {p.id: (a, p) for i, (a, ps) in articles.items() if i not in moving for p in ps}
        try:
            store.create(expected=sum(len(ps) for _, ps in articles.values()))
            for segment in sorted(set(moving.values())):
                rows = [
                    (articles[i][0], p) for i, s in moving.items() if s == segment for p in articles[i][1]
                ]
                self._move(self._segments.store(segment), rows, store)
            if not anew:
                for ids, vectors in self._segments.kept(self._embedder.dimension) if fresh else ():
                    known = [k for k, i in enumerate(ids) if i in fresh]
                    self._put(store, [fresh.pop(ids[k]) for k in known], vectors[known])
            embedded = self._embed(store, list(fresh.values()))
            self._check_cancelled()
            rows = [(a, p) for _, (a, ps) in sorted(articles.items()) for p in ps]
            write_lexical(store.lexical, [p.id for _, p in rows], [embedded_text(a, p) for a, p in rows])
            store.seal({i: (a.digest, len(ps)) for i, (a, ps) in articles.items()})
        except BaseException:
            store.delete()
            raise
        return name, embedded

    def _move(self, source: VectorStore, rows: Sequence[Work], target: VectorStore) -> None:
        for begin in range(0, len(rows), CHUNK):
            self._check_cancelled()
            part = rows[begin : begin + CHUNK]
            self._put(target, part, source.vectors([p.id for _, p in part]))
        source.close()

    @staticmethod
    def _put(store: VectorStore, rows: Sequence[Work], vectors: np.ndarray) -> None:
        metadata = [{"article": a.id, "published": _ordinal(a.published)} for a, _ in rows]
        store.add([p.id for _, p in rows], vectors, metadata, [embedded_text(a, p) for a, p in rows])

    def _embed(self, store: VectorStore, todo: Sequence[Work]) -> int:
        """Embed and write what is new, a chunk at a time; the store writes one chunk while the next is embedded."""
        with ThreadPoolExecutor(1) as writer:
            written: Future[None] | None = None
            for begin in range(0, len(todo), self._chunk):
                self._check_cancelled()
                chunk = todo[begin : begin + self._chunk]
                with self._embedder_errors():
                    vectors = self._embedder.embed_documents(
                        [embedded_text(a, p) for a, p in chunk],
                        on_progress=lambda n, _, base=begin: self._embedding(base + n, len(todo)),  # type: ignore[misc]
                    )
                self._segments.keep([p.id for _, p in chunk], vectors)
                if written:
                    written.result()
                written = writer.submit(self._put, store, chunk, vectors)
            if written:
                written.result()
        return len(todo)

    @contextmanager
    def _embedder_errors(self) -> Iterator[None]:
        """Whatever a model raises, the user reads what to do."""
        try:
            yield
        except (LaunchError, OSError):
            raise
        except Exception as exc:
            raise EmbeddingError(
                f"The embedding model {self._embedder.name} failed ({type(exc).__name__}). What it has done is kept. Free "
                "some memory, or set a smaller LAUNCH_INDEX__BATCH_SIZE, and run: launch-assistant rebuild"
            ) from exc


def _ordinal(day: date | None) -> int:
    return day.toordinal() if day else UNDATED
