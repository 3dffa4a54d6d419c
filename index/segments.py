"""Which segments an index lies in, and the vectors of a rebuild that is under way.

A rebuild writes one new segment with what is new, and moves into it the segments that are small beside it or mostly
dead. So a big segment is left alone for as long as little changes, there are never many of them, and each vector is
moved a number of times that grows with the logarithm of the corpus.
"""

from __future__ import annotations

import io
import secrets
import shutil
import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path

import numpy as np

from index.config import IndexConfig
from index.errors import IndexDamagedError
from index.files import write_atomically
from index.seal import Seal
from index.server_store import open_store
from index.store import VectorStore

FOLDER = "chroma"
PENDING = "pending"

SMALL = 4
"""A segment moves when it is at most so many times as big as what is written anyway."""

TIDY = 1000
"""A segment of at most so many live vectors moves as soon as one of them is dead; a bigger one when half are."""


class Segments:
    """The segments of one fingerprint below an index's folder."""

    def __init__(self, home: Path, fingerprint: str, config: IndexConfig) -> None:
        self._config = config
        self._folder = home / FOLDER
        self._pending = home / PENDING
        self._fingerprint = fingerprint
        self.whole: dict[str, Seal] = {}
        self.wordless: set[str] = set()

    def survey(self) -> None:
        """Look through all sealed segments; torn and altered ones count as not there.

        A segment that was sealed by a rebuild that never committed is as good as any. One whose vectors are whole and
        whose lexical part is not is in `wordless` too: it has to move.
        """
        self.whole, self.wordless = {}, set()
        for folder in sorted(self._folder.glob(f"launch-{self._fingerprint}-*")):
            store = open_store(folder, self._config)
            with suppress(IndexDamagedError):
                seal = self.whole[folder.name] = store.check_closely()
                self.wordless.add(folder.name)
                store.check_lexical(seal)
                self.wordless.discard(folder.name)

    def place(self, article_id: str, digest: str, passages: int, *, preferred: str = "") -> str | None:
        """The segment that holds an article whole, `preferred` if it is one of those."""
        held = (digest, passages)
        if (seal := self.whole.get(preferred)) and seal.articles.get(article_id) == held:
            return preferred
        return next((name for name, s in self.whole.items() if s.articles.get(article_id) == held), None)

    def to_move(self, live: Counter[str], new: int) -> frozenset[str]:
        """The segments to move into the one that is about to be written.

        Args:
            live: live vectors of each segment.
            new: vectors to be written anyway.
        """
        dead = {name: self.whole[name].passages - count for name, count in live.items()}
        moved = {
            n for n, count in live.items() if n in self.wordless or dead[n] > (0 if count <= TIDY else count)
        }
        size = new + sum(live[name] for name in moved)
        for name, count in sorted(live.items(), key=lambda item: item[1]):
            if name not in moved and size and count <= SMALL * size:
                moved.add(name)
                size += count
        return frozenset(moved)

    def store(self, name: str) -> VectorStore:
        """A segment by its name."""
        return open_store(self._folder / name, self._config)

    def new_name(self) -> str:
        """A name that no reader can have met."""
        return f"launch-{self._fingerprint}-{secrets.token_hex(4)}"

    def keep(self, ids: Sequence[str], vectors: np.ndarray) -> None:
        """Put fresh vectors by, so that a rebuild that is stopped need not make them again."""
        self._pending.mkdir(exist_ok=True)
        data = io.BytesIO()
        np.savez(data, ids=np.array(ids), vectors=vectors)
        name = f"{self._fingerprint}-{secrets.token_hex(8)}.npz"
        write_atomically(self._pending / name, data.getvalue())

    def kept(self, dimension: int) -> Iterator[tuple[list[str], np.ndarray]]:
        """What stopped rebuilds have put by: ids and vectors, file by file; damaged files are passed over."""
        for path in sorted(self._pending.glob(f"{self._fingerprint}-*.npz")):
            try:
                with np.load(path, allow_pickle=False) as data:
                    ids, vectors = data["ids"].tolist(), data["vectors"]
            except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
                continue
            if vectors.shape == (len(ids), dimension):
                yield ids, vectors

    def clean(self, keep: Iterable[str]) -> None:
        """Delete every segment not named, what else lies among them, and the vectors put by."""
        named = frozenset(keep)
        shutil.rmtree(self._pending, ignore_errors=True)
        for path in self._folder.iterdir() if self._folder.is_dir() else ():
            if path.is_file() or path.is_symlink():
                path.unlink(missing_ok=True)
            elif path.name not in named:
                open_store(path, self._config).delete()
