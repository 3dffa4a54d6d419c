"""A server that answers as Chroma Cloud is documented to: collections with a schema, quotas, and the Search API.

What is sent goes over real HTTP through Chroma's own client; what a rank expression means is worked out here, from the
documentation. It stands in for a service that cannot be reached from a test, not for any part of ours.
"""

from __future__ import annotations

import json
import math
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote

QUOTA = 300
Record = dict[str, Any]


@dataclass
class Cloud:
    """What the server holds, and what it was asked."""

    url: str = ""
    token: str = "cloud-key-3"
    collections: dict[str, dict[str, Any]] = field(default_factory=dict)
    searches: list[dict[str, Any]] = field(default_factory=list)

    def records(self, collection: str) -> dict[str, Record]:
        """Of a collection, by its uuid."""
        return next(c["records"] for c in self.collections.values() if c["id"] == collection)


class RefusedError(Exception):
    def __init__(self, status: int, error: str) -> None:
        super().__init__(error)
        self.status = status


def _matches(record: Record, where: dict[str, Any] | None) -> bool:
    if not where:
        return True
    ((key, test),) = where.items()
    ((operator, value),) = test.items()
    assert operator == "$lte"
    return bool(record["metadata"][key] <= value)


def _ranks(records: dict[str, Record], knn: dict[str, Any]) -> dict[str, float]:
    """The ranks, from 0, of the nearest; by inner product, with how rare each word is, for sparse vectors."""
    query, key = knn["query"], knn["key"]
    assert knn["limit"] <= QUOTA
    assert knn["return_rank"] is True
    if key == "#embedding":
        near = {i: sum(a * b for a, b in zip(query, r["embedding"], strict=True)) for i, r in records.items()}
    else:
        sparse = {i: r["metadata"][key] for i, r in records.items() if key in r["metadata"]}
        held = {i: dict(zip(v["indices"], v["values"], strict=True)) for i, v in sparse.items()}
        near = {}
        for word, weight in zip(query["indices"], query["values"], strict=True):
            having = [i for i, v in held.items() if word in v]
            rarity = math.log(1 + (len(records) - len(having) + 0.5) / (len(having) + 0.5))
            for i in having:
                near[i] = near.get(i, 0.0) + weight * held[i][word] * rarity
    best = sorted(near, key=lambda i: (-near[i], i))[: knn["limit"]]
    return {i: float(n) for n, i in enumerate(best)}


def _score(expression: dict[str, Any], records: dict[str, Record]) -> dict[str, float]:
    """A rank expression for each record that it has a value for."""
    ((operator, value),) = expression.items()
    if operator == "$val":
        return dict.fromkeys(records, float(value))
    if operator == "$knn":
        found = _ranks(records, value)
        return {i: value["default"] for i in records} | found if "default" in value else found
    if operator == "$div":
        parts = [_score(value["left"], records), _score(value["right"], records)]
    else:
        parts = [_score(part, records) for part in value]
    shared = set(parts[0]).intersection(*parts[1:])
    work = {"$sum": sum, "$mul": math.prod, "$div": lambda v: v[0] / v[1]}[operator]
    return {i: work([part[i] for part in parts]) for i in shared}  # type: ignore[operator]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    cloud: Cloud

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        try:
            if self.headers.get("x-chroma-token") != self.cloud.token:
                raise RefusedError(401, "Unauthorized")
            status, answer = 200, self._route(unquote(self.path), json.loads(body or b"{}"))
        except RefusedError as exc:
            status, answer = exc.status, {"error": type(exc).__name__, "message": str(exc)}
        except KeyError as exc:
            status, answer = 404, {"error": "NotFoundError", "message": str(exc)}
        data = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    do_GET = do_POST = do_DELETE = _answer  # noqa: N815

    def log_message(self, *args: object) -> None:
        pass

    def _route(self, path: str, asked: dict[str, Any]) -> Any:
        parts = path.split("?")[0].removeprefix("/api/v2/").split("/")
        match (self.command, parts):
            case "GET", ["pre-flight-checks"]:
                return {"max_batch_size": QUOTA, "supports_base64_encoding": False}
            case "GET", ["auth", "identity"]:
                return {"user_id": "", "tenant": "default_tenant", "databases": ["default_database"]}
            case "GET", ["tenants", tenant]:
                return {"name": tenant}
            case "GET", ["tenants", tenant, "databases", name]:
                return {"id": str(uuid.uuid4()), "name": name, "tenant": tenant}
            case "POST", ["tenants", tenant, "databases", database, "collections"]:
                return self._create(tenant, database, asked)
            case "GET", [*_, "collections", name]:
                return {k: v for k, v in self.cloud.collections[name].items() if k != "records"}
            case "DELETE", [*_, "collections", name]:
                del self.cloud.collections[name]
                return {}
            case (_, [*_, "collections", collection, verb]):
                return getattr(self, f"_{verb}")(self.cloud.records(collection), asked)
        raise RefusedError(400, f"no such call: {self.command} {path}")

    def _create(self, tenant: str, database: str, asked: dict[str, Any]) -> dict[str, Any]:
        words = asked["schema"]["keys"]["words"]["sparse_vector"]["sparse_vector_index"]
        assert words["enabled"]
        assert words["config"]["bm25"] is True
        assert (
            asked["schema"]["keys"]["#embedding"]["float_list"]["vector_index"]["config"]["space"] == "cosine"
        )
        made = {
            "id": str(uuid.uuid4()), "name": asked["name"], "tenant": tenant, "database": database, "metadata": None,
            "configuration_json": {}, "dimension": None, "schema": asked["schema"], "version": 0, "log_position": 0,
        }  # fmt: skip
        self.cloud.collections[asked["name"]] = {**made, "records": {}}
        return made

    def _upsert(self, records: dict[str, Record], asked: dict[str, Any]) -> dict[str, Any]:
        if len(asked["ids"]) > QUOTA:
            raise RefusedError(422, "Quota exceeded: records per write")
        for i, vector, metadata in zip(asked["ids"], asked["embeddings"], asked["metadatas"], strict=True):
            records[i] = {"embedding": vector, "metadata": metadata}
        return {}

    def _count(self, records: dict[str, Record], _: dict[str, Any]) -> int:
        return len(records)

    def _get(self, records: dict[str, Record], asked: dict[str, Any]) -> dict[str, Any]:
        ids = [i for i in (asked["ids"] or records) if i in records]
        begin = asked["offset"] or 0
        ids = ids[begin : begin + (asked["limit"] or len(ids))]
        if len(ids) > QUOTA:
            raise RefusedError(422, "Quota exceeded: results")
        return {"ids": ids, "embeddings": [records[i]["embedding"] for i in ids]}

    def _search(self, records: dict[str, Record], asked: dict[str, Any]) -> dict[str, Any]:
        (search,) = asked["searches"]
        self.cloud.searches.append(search)
        if search["limit"]["limit"] > QUOTA:
            raise RefusedError(422, "Quota exceeded: results")
        seen = {i: r for i, r in records.items() if _matches(r, search.get("filter"))}
        scores = _score(search["rank"], seen)
        best = sorted(scores, key=lambda i: (scores[i], i))[: search["limit"]["limit"]]
        return {"ids": [best], "scores": [[scores[i] for i in best]], "select": [["#score"]]}


@contextmanager
def cloud_server() -> Iterator[Cloud]:
    """A server of its own for the while."""
    cloud = Cloud()
    handler = type("Handler", (_Handler,), {"cloud": cloud})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    cloud.url = f"http://127.0.0.1:{server.server_address[1]}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield cloud
    finally:
        server.shutdown()
        server.server_close()
