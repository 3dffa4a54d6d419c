"""A segment whose vectors lie on a Chroma server; its words and its seal stay in its folder.

Each segment is a collection of its own, written once, named like the segment. The folder is made first and says where
the collection is: whatever happens in between, the next rebuild finds the folder and takes both away. Collections that
no folder of this index names are never touched, so that several indexes may share a server.
"""

from __future__ import annotations

import json
import shutil
import socket
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext, suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from index.chroma_errors import guarded, guarded_writing, translated_from_server
from index.config import IndexConfig
from index.errors import IndexDamagedError, IndexingError, StoreUnreachableError
from index.files import Check, go_on, sync_tree, write_atomically
from index.integrity import folder_sums
from index.seal import SEAL, Seal, read_seal, write_seal
from index.store import GRAPH, VectorStore, _opening

PLACE = "server.json"
"""In the segment's folder: which server, tenant and database hold its vectors."""

BATCH = 1000
"""Vectors sent at once: some 8 MB as JSON, below what a server takes unless told otherwise."""

CONNECTING = 5.0
"""Seconds for a connection to come about; `chroma_timeout` is for the answers on it."""

_clients: dict[tuple[object, ...], Any] = {}
"""One connection pool for each server, shared by all segments of a process."""


def open_store(folder: Path, config: IndexConfig) -> VectorStore:
    """A segment by its folder, wherever its vectors lie; a new one goes where the config says."""
    try:
        place = json.loads((folder / PLACE).read_text("utf-8"))
        there = (str(place["url"]), str(place["tenant"]), str(place["database"]), bool(place["hybrid"]))
    except (OSError, ValueError, KeyError, TypeError):
        if folder.exists() or not config.chroma_url:
            return VectorStore(folder)
        return _on_server(folder, config)
    if there == _place(config):
        return _on_server(folder, config)
    # Of settings before this: the token of one server is not for another.
    names = ("chroma_url", "chroma_tenant", "chroma_database", "chroma_hybrid")
    return _on_server(folder, IndexConfig.model_validate(dict(zip(names, there, strict=True))), former=True)


def _place(config: IndexConfig) -> tuple[str, str, str, bool]:
    return config.chroma_url, config.chroma_tenant, config.chroma_database, config.hybrid


def _on_server(folder: Path, config: IndexConfig, *, former: bool = False) -> ServerStore:
    if not config.hybrid:
        return ServerStore(folder, config, former=former)
    from index.cloud_store import CloudStore

    return CloudStore(folder, config, former=former)


class ServerStore(VectorStore):
    """One segment as a collection on a Chroma server.

    Args:
        folder: of the seal and the words.
        config: names the server.
        former: the settings name another server by now; one that does not answer is not waited for.
    """

    def __init__(self, folder: Path, config: IndexConfig, *, former: bool = False) -> None:
        super().__init__(folder)
        self._config = config
        self._former = former

    def reading(self) -> AbstractContextManager[None]:
        """Puts errors of the server in words."""
        return translated_from_server(self._config.chroma_url)

    def writing(self) -> AbstractContextManager[None]:
        """What the server refuses is said as it is."""
        return nullcontext()

    def _connect(self) -> Any:
        config = self._config
        key = (config.chroma_url, config.chroma_tenant, config.chroma_database, config.chroma_ca,
               config.chroma_token.get_secret_value(), config.chroma_timeout)  # fmt: skip
        with _opening:
            if key not in _clients:
                _clients[key] = _client(config)
            return _clients[key]

    def _collection(self) -> Any:
        if self._held is None:
            self._held = self._connect().get_collection(self.folder.name, embedding_function=None)
        return self._held

    def delete(self) -> None:
        """Take the collection away, then the folder; a folder whose server does not answer stays for the next time."""
        try:
            with self.reading():
                self._connect().delete_collection(self.folder.name)
        except IndexDamagedError:
            pass  # there is no such collection
        except StoreUnreachableError:
            if not self._former:
                (self.folder / SEAL).unlink(missing_ok=True)
                self.close()
                return
        super().delete()

    @guarded_writing
    def create(self, *, expected: int) -> None:
        """Begin a segment on the server; see `VectorStore.create`."""
        self.close()
        self._batch = BATCH
        place = dict(zip(("url", "tenant", "database", "hybrid"), _place(self._config), strict=True))
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)
        write_atomically(self.folder / PLACE, json.dumps(place))
        with suppress(IndexingError), self.reading():
            self._connect().delete_collection(self.folder.name)
        self._held = self._create()

    def _create(self) -> Any:
        return self._connect().create_collection(
            self.folder.name, embedding_function=None, configuration={"hnsw": {"space": "cosine", **GRAPH}}
        )

    @guarded_writing
    def seal(self, articles: Mapping[str, tuple[str, int]], *, check: Check = go_on) -> Seal:
        """End the writing: the server holds every vector, and the seal says how many."""
        while self._waiting:
            check()
            self._flush()
        expected = sum(count for _, count in articles.values())
        if self._collection().count() != expected:
            raise LookupError(self.folder.name)
        sync_tree(self.folder, check=check)
        files = folder_sums(self.folder, without=frozenset({SEAL, PLACE}), check=check)
        check()
        write_seal(self.folder, articles, files)
        return read_seal(self.folder)

    @guarded
    def check(self) -> Seal:
        """The seal of a segment whose collection is whole.

        Raises:
            IndexDamagedError: the collection is gone, or vectors of it are.
            StoreUnreachableError: the server does not answer.
        """
        seal = read_seal(self.folder)
        if self._collection().count() != seal.passages:
            raise LookupError(self.folder.name)
        return seal


def _client(config: IndexConfig) -> Any:
    import chromadb
    import httpx
    from chromadb.config import Settings

    parts = urlsplit(config.chroma_url)
    secure = parts.scheme == "https"
    host, port = parts.hostname or "", parts.port or (443 if secure else 8000)
    # Chroma's client would wait for good for a host that says nothing.
    with socket.create_connection((host, port), timeout=CONNECTING):
        pass
    token = config.chroma_token.get_secret_value()
    settings = Settings(anonymized_telemetry=False)
    if config.chroma_ca:
        settings.chroma_server_ssl_verify = config.chroma_ca
    client: Any = chromadb.HttpClient(
        host=host,
        port=port,
        ssl=secure,
        headers={"Authorization": f"Bearer {token}", "X-Chroma-Token": token} if token else None,
        settings=settings,
        tenant=config.chroma_tenant,
        database=config.chroma_database,
    )
    session = getattr(client._server, "_session", None)
    if isinstance(session, httpx.Client):
        session.timeout = httpx.Timeout(config.chroma_timeout, connect=CONNECTING)
    return client
