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
from index.models import Passage, Progress
from index.recipe import embedded_text
from index.segments import Segments
from index.store import VectorStore

UNDATED = 9_999_999
"""Stands for "publication day unknown" in the store: later than any day, so that no `as_of` sees it."""

CHUNK = 2000
"""So many vectors are moved at once."""

WINDOW = 4096
"""Among so many passages, those of like length are embedded together: the less padding, the faster."""

PATIENT = 1000
"""A longer chunk is not waited for when a rebuild is to stop."""

Work = tuple[Article, Passage]


class SegmentWriter:
    """Writes one segment.

    Args:
        segments: where it goes, and where the vectors lie that move.
        embedder: the model.
        chunk: passages that are handed to the model at once; their vectors are put by when they are done.
        tell: told how far it is.
        check_cancelled: raises when the rebuild is to stop.
    """

    def __init__(
        self,
        segments: Segments,
        embedder: Embedder,
        *,
        chunk: int,
        tell: Callable[[Progress], None],
        check_cancelled: Callable[[], None],
    ) -> None:
        self._segments = segments
        self._embedder = embedder
        self._chunk = chunk
        self._tell = tell
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
        name, check = self._segments.new_name(), self._check_cancelled
        store = self._segments.store(name)
        fresh = {p.id: (a, p) for i, (a, ps) in articles.items() if i not in moving for p in ps}
        try:
            store.create(expected=sum(len(ps) for _, ps in articles.values()))
            moved, total = 0, sum(len(articles[i][1]) for i in moving)
            for segment in sorted(set(moving.values())):
                rows = [
                    (articles[i][0], p) for i, s in moving.items() if s == segment for p in articles[i][1]
                ]
                for done in self._move(self._segments.store(segment), rows, store):
                    moved += done
                    self._tell(Progress("move", moved, total))
            if not anew:
                for ids, vectors in self._segments.kept(self._embedder.dimension) if fresh else ():
                    known = [k for k, i in enumerate(ids) if i in fresh]
                    self._put(store, [fresh.pop(ids[k]) for k in known], vectors[known])
            embedded = self._embed(store, list(fresh.values()))
            self._check_cancelled()
            rows = [(a, p) for _, (a, ps) in sorted(articles.items()) for p in ps]
            self._tell(Progress("lexical", 0, len(rows)))
            write_lexical(
                store.lexical, [p.id for _, p in rows], [embedded_text(a, p) for a, p in rows], check=check
            )
            self._tell(Progress("lexical", len(rows), len(rows)))
            self._check_cancelled()
            store.seal({i: (a.digest, len(ps)) for i, (a, ps) in articles.items()}, check=check)
        except BaseException:
            store.delete()
            raise
        return name, embedded

    def _move(self, source: VectorStore, rows: Sequence[Work], target: VectorStore) -> Iterator[int]:
        for begin in range(0, len(rows), CHUNK):
            self._check_cancelled()
            part = rows[begin : begin + CHUNK]
            self._put(target, part, source.vectors([p.id for _, p in part]))
            yield len(part)
        source.close()

    @staticmethod
    def _put(store: VectorStore, rows: Sequence[Work], vectors: np.ndarray) -> None:
        metadata = [{"article": a.id, "published": _ordinal(a.published)} for a, _ in rows]
        store.add([p.id for _, p in rows], vectors, metadata, [embedded_text(a, p) for a, p in rows])

    def _embed(self, store: VectorStore, todo: Sequence[Work]) -> int:
        """Embed and write what is new, a chunk at a time; one chunk is put by and written while the next is embedded.

        A stop takes effect when a chunk is done, and costs nothing of it; within a long one, of Ray, at once.
        """
        total, done = len(todo), 0

        def told(now: int, _: int) -> None:
            self._tell(Progress("embed", done + now, total))
            if self._chunk > PATIENT:
                self._check_cancelled()

        with ThreadPoolExecutor(1) as writer:
            written: Future[None] | None = None
            for chunk in _chunks(todo, self._chunk):
                self._check_cancelled()
                with self._embedder_errors():
                    vectors = self._embedder.embed_documents(
                        [embedded_text(a, p) for a, p in chunk], on_progress=told
                    )
                done += len(chunk)
                if written:
                    written.result()
                written = writer.submit(self._write, store, chunk, vectors)
            if written:
                written.result()
        return total

    def _write(self, store: VectorStore, chunk: Sequence[Work], vectors: np.ndarray) -> None:
        self._segments.keep([p.id for _, p in chunk], vectors)
        self._put(store, chunk, vectors)

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


def _chunks(todo: Sequence[Work], size: int) -> Iterator[Sequence[Work]]:
    for begin in range(0, len(todo), max(size, WINDOW)):
        # The longest first: what is said of the time left is rather too much than too little.
        window = sorted(todo[begin : begin + max(size, WINDOW)], key=lambda work: -len(work[1].text))
        for first in range(0, len(window), size):
            yield window[first : first + size]


def _ordinal(day: date | None) -> int:
    return day.toordinal() if day else UNDATED
