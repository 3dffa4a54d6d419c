"""The vector store; with its errors in chroma_errors.py, the only module that talks to Chroma.

Vectors lie in segments: Chroma folders that are written once, sealed, and never written again. Chroma changes its vector
files in place, so a process killed meanwhile leaves them torn, and opening torn ones can end the reader's process as
well. Hence a writer never touches a folder that a reader may open, and a segment without a whole seal is never opened.
"""

from __future__ import annotations

import shutil
import threading
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import numpy as np

from index.chroma_errors import guarded, guarded_writing, translated, writing
from index.database import described, page_sums, parts_as_sealed, row_sum, seen, unchanged
from index.errors import REBUILD, IndexDamagedError, StorageError, StoreUnreachableError
from index.files import Check, go_on, reading, sync_tree
from index.integrity import first_damaged, folder_sums
from index.lexical import FOLDER as LEXICAL
from index.lexical import UNREADABLE
from index.seal import SEAL, Seal, read_seal, write_seal

_opening = threading.Lock()

COLLECTION = "launch"
GRAPH = {"max_neighbors": 16, "ef_construction": 200, "ef_search": 1000}
"""Of the graph of nearest neighbours: links of a vector, and candidates while building and while searching. With these,
at least 95 % of the first ten of 100,000 are the exact ones, for some ten milliseconds a search; what a segment with
fewer vectors than `ef_search` finds is practically exact."""

ROWS = 20_000
"""So many rows of the database are looked at together."""

LAST = 1000
"""Of the last vectors so many are written at once: a rebuild may be stopped between them."""

DATABASE = "chroma.sqlite3"
"""Chroma writes to its database even when it only reads, so that its sum does not last."""


class VectorStore:
    """One segment: passage vectors in a Chroma folder; cosine distance, vectors of our own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._client: Any = None
        self._held: Any = None
        self._batch = 500
        self._waiting: list[tuple[str, np.ndarray, Mapping[str, Any]]] = []
        self._rows = 0

    def reading(self) -> AbstractContextManager[None]:
        """Puts errors of reading in words."""
        return translated(self.folder)

    def writing(self) -> AbstractContextManager[None]:
        """Puts errors of writing in words, those that `reading` has named included."""
        return writing(self.folder)

    def _connect(self) -> Any:
        with _opening:
            if self._client is None:
                import chromadb
                from chromadb.api.shared_system_client import SharedSystemClient
                from chromadb.config import Settings

                try:
                    self._client = chromadb.PersistentClient(
                        path=str(self.folder.resolve()),
                        settings=Settings(anonymized_telemetry=False, allow_reset=False),
                    )
                finally:
                    # Else Chroma would keep it for good, and hand out one that failed to start again.
                    SharedSystemClient.clear_system_cache()
            return self._client

    def _collection(self) -> Any:
        if self._held is None:
            if not (self.folder / DATABASE).is_file():  # opening would make an empty one
                raise LookupError(self.folder)
            self._held = self._connect().get_collection(COLLECTION, embedding_function=None)
        return self._held

    def close(self) -> None:
        """Let the connection go; it is made anew at the next use."""
        self._client = self._held = None
        self._waiting = []

    def delete(self) -> None:
        """Take the segment away; nothing may read it any more."""
        self.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    @guarded_writing
    def create(self, *, expected: int) -> None:
        """Begin a segment that will hold about so many vectors; what lay in its folder is gone."""
        self.close()
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)
        # Every batch is saved whole: a reader would write to the files itself if there were none, or insert what is
        # unsaved at each opening. A save writes the list of all names again, so batches grow with the segment.
        self._rows = 0
        self._batch = min(max(500, expected // 100), 5000)
        self._connect().get_or_create_collection(
            COLLECTION,
            embedding_function=None,
            configuration={"hnsw": {"space": "cosine", "sync_threshold": 2, "batch_size": 2, **GRAPH}},
        )

    @guarded_writing
    def add(
        self,
        ids: Sequence[str],
        vectors: np.ndarray,
        metadata: Sequence[Mapping[str, Any]],
        texts: Sequence[str] = (),
    ) -> None:
        """Write passages, shape (n, d); they are searchable once the segment is sealed.

        Their texts are for stores that search words themselves; this one does not.
        """
        self._waiting += zip(ids, vectors, metadata, strict=True)
        while len(self._waiting) > self._batch + 1:
            self._flush()

    def _flush(self) -> None:
        # Chroma saves no lone vector: the last batch has to have two of them at least.
        size = self._batch - (len(self._waiting) == self._batch + 1)
        part, self._waiting = self._waiting[:size], self._waiting[size:]
        self._collection().upsert(
            ids=[i for i, _, _ in part],
            embeddings=np.stack([v for _, v, _ in part]),
            metadatas=[dict(m) for _, _, m in part],
        )
        self._rows += sum(row_sum(i, m) for i, _, m in part)

    @guarded_writing
    def seal(self, articles: Mapping[str, tuple[str, int]], *, check: Check = go_on) -> Seal:
        """End the writing: everything is on the disk, and its sums say so.

        Args:
            articles: what the segment holds: article id -> (digest, number of passages).
            check: asked between the parts of the work; when it raises, there is no seal, and the segment is to be deleted.
        """
        self._batch = min(self._batch, LAST)
        while self._waiting:
            check()
            self._flush()
        check()
        some = self._collection().get(limit=1, include=["embeddings", "metadatas"])
        if some["ids"]:
            if sum(n for _, n in articles.values()) == 1:  # a lone vector is not saved; written twice, it is
                self._collection().upsert(**{k: some[k] for k in ("ids", "embeddings", "metadatas")})
            # A search makes Chroma take in what it has only noted so far; afterwards its files rest.
            self._collection().query(query_embeddings=some["embeddings"], n_results=1, include=[])
        self.close()
        sync_tree(self.folder, check=check)
        without = frozenset({DATABASE, DATABASE + "-journal", SEAL})
        files = folder_sums(self.folder, without=without, check=check, ours=True)
        self._check_sizes(sum(n for _, n in articles.values()))
        before = page_sums(self.folder / DATABASE, check=check)
        check()
        self.warm()
        self.close()
        database = described(self.folder / DATABASE, before, self._rows, check=check)
        check()
        write_seal(self.folder, articles, files, database)
        return read_seal(self.folder)

    def _check_sizes(self, count: int) -> None:
        """A vector file that is too short ends the process that reads it."""
        for lengths in self.folder.glob("*/length.bin"):
            places, rest = divmod(lengths.stat().st_size, 4)
            data = lengths.with_name("data_level0.bin").stat().st_size
            if rest or places < count or data % places:
                raise ValueError(f"{lengths.parent.name} holds fewer vectors than were written")

    @guarded
    def check(self) -> Seal:
        """The seal of a segment whose vector files were looked through, so that opening it is safe.

        Raises:
            IndexDamagedError: a file is missing, torn or altered.
        """
        seal = read_seal(self.folder)
        self._check_files(seal)
        # Asked through Chroma: another SQLite in this process would undo the locks of Chroma's own.
        if self._collection().count() != seal.passages:
            raise self._damaged(DATABASE)
        return seal

    def _check_files(self, seal: Seal) -> None:
        files = {name: sum_ for name, sum_ in seal.files.items() if not _lexical(name)}
        bad = first_damaged(self.folder, files)
        if bad is not None:
            raise self._damaged(bad)

    def _damaged(self, name: str) -> IndexDamagedError:
        return IndexDamagedError(f"Vectors are missing from the index: {self.folder / name}. {REBUILD}")

    def check_closely(self) -> Seal:
        """`check`, and every row of the database too where it is not, byte by byte, what was written.

        Raises:
            IndexDamagedError: something is missing, torn or altered.
        """
        seal, path = read_seal(self.folder), self.folder / DATABASE
        if seal.database is None:
            return self.check()
        with reading(path, refused=PermissionError):
            if unchanged(path):
                with self.reading():
                    self._check_files(seal)
                return seal
            first, rest = parts_as_sealed(path, seal.database)
        try:
            if first and rest:
                self._check_opens(seal)
            else:
                self.check()
                self._check_rows(seal, seal.database.rows)
        except StorageError as exc:
            # A flipped bit of the first page can make it look like one that may not be written.
            if first or isinstance(exc, StoreUnreachableError):
                raise
            raise IndexDamagedError(f"The vector store in {self.folder} cannot be used. {REBUILD}") from exc
        self.close()
        with reading(path, refused=PermissionError):
            seen(path)
        return seal

    @guarded
    def _check_opens(self, seal: Seal) -> None:
        # Byte by byte what was written, so that nothing of it need be counted: that takes longer the larger it is.
        self._check_files(seal)
        self._collection()

    @guarded
    def _check_rows(self, seal: Seal, expected: int) -> None:
        ids: list[str] = []
        rows = 0
        while (part := self._collection().get(limit=ROWS, offset=len(ids), include=["metadatas"]))["ids"]:
            ids += part["ids"]
            rows += sum(row_sum(i, m or {}) for i, m in zip(part["ids"], part["metadatas"], strict=True))
        dated = self._collection().get(where={"published": {"$gte": 0}}, include=[])["ids"]
        if rows != expected or len(set(ids)) != seal.passages or set(dated) != set(ids):
            raise LookupError(self.folder)
        some = self._collection().get(limit=1, include=["embeddings"])["embeddings"]
        for where in (None, {"published": {"$gte": 0}}) if ids else ():
            self._collection().query(query_embeddings=some, n_results=1, include=["distances"], where=where)

    def check_lexical(self, seal: Seal) -> None:
        """Look through the files of the lexical part; mapped into memory, a short one would end the process.

        Raises:
            IndexDamagedError: a file is missing, torn or altered.
            StorageError: one cannot be read.
        """
        files = {name: sum_ for name, sum_ in seal.files.items() if _lexical(name)}
        with reading(self.lexical, damaged=UNREADABLE, refused=PermissionError):
            if not files or first_damaged(self.folder, files):
                raise ValueError(self.folder)

    @property
    def lexical(self) -> Path:
        """The folder of the segment's lexical part."""
        return self.folder / LEXICAL

    @guarded
    def warm(self) -> None:
        """Open the segment and load its vectors, so that it can be searched even when its files are deleted."""
        self._collection().get(limit=1, include=["embeddings"])

    @guarded
    def ids(self) -> frozenset[str]:
        """Ids of all passages in the segment."""
        return frozenset(self._collection().get(include=[])["ids"])

    @guarded
    def vectors(self, ids: Sequence[str]) -> np.ndarray:
        """The vectors of these passages, float32, shape (n, d), in the order of the ids.

        Raises:
            IndexDamagedError: one of them is not there.
        """
        found = self._collection().get(ids=list(ids), include=["embeddings"])
        place = {id_: row for row, id_ in enumerate(found["ids"])}
        rows = [place[i] for i in ids]
        return np.asarray(found["embeddings"], dtype=np.float32)[rows]

    @guarded
    def search(
        self, vector: np.ndarray, *, limit: int, published_by: int | None = None
    ) -> list[tuple[str, float]]:
        """The nearest passages as (id, cosine similarity), best first.

        Args:
            vector: a unit vector, shape (d,).
            limit: at most so many.
            published_by: only articles published by that day (its proleptic ordinal); undated ones are left out.
        """
        where = {"published": {"$lte": published_by}} if published_by is not None else None
        found = self._collection().query(
            query_embeddings=vector[None, :], n_results=limit, include=["distances"], where=where
        )
        return [(id_, 1.0 - float(d)) for id_, d in zip(found["ids"][0], found["distances"][0], strict=True)]


def _lexical(name: str) -> bool:
    return name.startswith(f"{LEXICAL}/")
