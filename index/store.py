"""The vector store; the only module that talks to Chroma, and that knows its errors."""

from __future__ import annotations

import functools
import sqlite3
import threading
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from index.errors import REBUILD, IndexDamagedError, StorageError

_T = TypeVar("_T")
_clients: dict[str, Any] = {}
_clients_lock = threading.Lock()


@contextmanager
def _translated(folder: Path) -> Iterator[None]:
    """Chroma's errors, sqlite's and the system's in the product's words."""
    import chromadb.errors

    try:
        yield
    except (chromadb.errors.NotFoundError, LookupError) as exc:
        raise IndexDamagedError(f"Part of the index in {folder} is missing. {REBUILD}") from exc
    except (chromadb.errors.ChromaError, sqlite3.Error, ValueError, TypeError, RuntimeError) as exc:
        if _is_full(exc):
            raise StorageError(
                f"The disk of {folder} is full. Free some space, or set LAUNCH_HOME to a folder on another disk, and "
                "rebuild. The index that was there still serves."
            ) from exc
        if _is_busy(exc):
            raise StorageError(
                f"The vector store in {folder} is in use by another process. Try again in a moment."
            ) from exc
        raise IndexDamagedError(f"The vector store in {folder} cannot be used. {REBUILD}") from exc
    except OSError as exc:
        raise StorageError(
            f"The vector store in {folder} refused ({exc.strerror}). Check the folder."
        ) from exc
    except BaseException as exc:
        # The store's compiled part reports its own bugs as a BaseException of its own kind.
        if type(exc).__name__ != "PanicException":
            raise
        raise IndexDamagedError(f"The vector store in {folder} cannot be used. {REBUILD}") from exc


def _is_full(exc: BaseException) -> bool:
    return "is full" in str(exc) or "No space" in str(exc)


def _is_busy(exc: BaseException) -> bool:
    return "database is locked" in str(exc) or "database table is locked" in str(exc)


def _clear_shared() -> None:
    """Make Chroma start a new client for a folder that it had one for; clients in use go on."""
    from chromadb.api.shared_system_client import SharedSystemClient

    SharedSystemClient.clear_system_cache()


def _guarded(method: Callable[..., _T]) -> Callable[..., _T]:
    @functools.wraps(method)
    def call(self: VectorStore, *args: Any, **kwargs: Any) -> _T:
        with _translated(self.folder):
            return method(self, *args, **kwargs)

    return call


class VectorStore:
    """Passage vectors in a Chroma folder, one collection per fingerprint; cosine distance, vectors of our own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._held: Any = None

    @property
    def exists(self) -> bool:
        """Whether a store was ever written there."""
        return (self.folder / "chroma.sqlite3").is_file()

    def _client(self) -> Any:
        """This store's connection: kept from its first use on, so that nobody else's `forget` takes it away."""
        if self._held is None:
            self._held = self._shared_client()
        return self._held

    def _shared_client(self) -> Any:
        key = str(self.folder.resolve())
        with _clients_lock:
            if key not in _clients:
                import chromadb
                from chromadb.config import Settings

                try:
                    _clients[key] = chromadb.PersistentClient(
                        path=key, settings=Settings(anonymized_telemetry=False, allow_reset=False)
                    )
                except BaseException:
                    _clear_shared()  # a client that failed to start would be handed out again
                    raise
            return _clients[key]

    def forget(self) -> None:
        """Drop this process's connection, so that the folder is opened anew; other stores keep theirs.

        Chroma keeps a collection's vectors in memory and does not see what another process writes: a reader must
        forget at each new generation, and a writer before it writes, or it would save its old vectors over theirs.
        """
        self._held = None
        with _clients_lock:
            client = _clients.pop(str(self.folder.resolve()), None)
        if client is not None:
            _clear_shared()

    def _collection(self, name: str) -> Any:
        return self._client().get_collection(name, embedding_function=None)

    @_guarded
    def create(self, collection: str) -> None:
        """Make sure that a collection is there."""
        self._client().get_or_create_collection(
            collection, embedding_function=None, configuration={"hnsw": {"space": "cosine"}}
        )

    @_guarded
    def add(
        self, collection: str, ids: Sequence[str], vectors: np.ndarray, metadata: Sequence[Mapping[str, Any]]
    ) -> None:
        """Write passages; one that is there already is replaced."""
        target = self._collection(collection)
        most = min(2000, self._client().get_max_batch_size())
        for begin in range(0, len(ids), most):
            end = begin + most
            target.upsert(
                ids=list(ids[begin:end]),
                embeddings=vectors[begin:end],
                metadatas=[dict(m) for m in metadata[begin:end]],
            )

    @_guarded
    def present(self, collection: str) -> frozenset[str]:
        """Ids of all passages in a collection; empty when there is none of that name."""
        if collection not in {c.name for c in self._client().list_collections()}:
            return frozenset()
        return frozenset(self._collection(collection).get(include=[])["ids"])

    @_guarded
    def readable(self, collection: str, ids: Sequence[str]) -> bool:
        """Whether the vectors of these passages can be read; their names may outlive them on a damaged disk."""
        import chromadb.errors

        if not ids:
            return True
        try:
            found = self._collection(collection).get(ids=list(ids), include=["embeddings"])
        except (chromadb.errors.InternalError, LookupError) as exc:
            # A refusal is no damage: taken for it, a rebuild would throw a whole store away.
            if _is_full(exc) or _is_busy(exc):
                raise
            return False
        return len(found["ids"]) == len(ids)

    @_guarded
    def drop(self, collection: str) -> None:
        """Delete a collection."""
        self._client().delete_collection(collection)

    @_guarded
    def remove(self, collection: str, ids: Collection[str]) -> None:
        """Delete passages; unknown ids are passed over."""
        target, todo = self._collection(collection), sorted(ids)
        for begin in range(0, len(todo), 2000):
            target.delete(ids=todo[begin : begin + 2000])

    @_guarded
    def drop_others(self, keep: str) -> None:
        """Delete every collection of ours but one."""
        client = self._client()
        for collection in client.list_collections():
            if collection.name != keep and collection.name.startswith("launch-"):
                client.delete_collection(collection.name)

    @_guarded
    def search(
        self, collection: str, vector: np.ndarray, *, limit: int, published_by: int | None = None
    ) -> list[tuple[str, float]]:
        """The nearest passages as (id, cosine similarity), best first.

        Args:
            collection: where to look.
            vector: a unit vector, shape (d,).
            limit: at most so many.
            published_by: only articles published by that day (its proleptic ordinal); undated ones are left out.
        """
        where = {"published": {"$lte": published_by}} if published_by is not None else None
        found = self._collection(collection).query(
            query_embeddings=vector[None, :], n_results=limit, include=["distances"], where=where
        )
        return [(id_, 1.0 - float(d)) for id_, d in zip(found["ids"][0], found["distances"][0], strict=True)]
