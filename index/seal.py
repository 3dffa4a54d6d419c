"""The seal of a segment: what it holds, and the sums of its files; written last, so only whole ones have it."""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from corpus.stamps import Few, Stamp, settled, stamp_or_none
from index.database import Database
from index.files import reading, write_atomically

SEAL = "seal.json"

_read: Few[Path, tuple[Stamp, Seal]] = Few(8)


@dataclass(frozen=True, slots=True)
class Seal:
    """What a segment holds, written last.

    Attributes:
        articles: article id -> (digest, number of passages).
        files: the sums of its vector files and of its lexical part.
        database: how its database looked; None where there is none beside it.
    """

    articles: dict[str, tuple[str, int]]
    files: dict[str, str]
    database: Database | None = None

    @property
    def passages(self) -> int:
        """Vectors in the segment, dead ones included."""
        return sum(count for _, count in self.articles.values())


def write_seal(
    folder: Path,
    articles: Mapping[str, tuple[str, int]],
    files: Mapping[str, str],
    database: Database | None = None,
) -> None:
    """Seal a segment whose files are on the disk."""
    data: dict[str, Any] = {"articles": dict(articles), "files": dict(files)}
    if database:
        data["database"] = asdict(database)
    content = json.dumps(data, ensure_ascii=False)
    write_atomically(folder / SEAL, json.dumps({"crc": _crc(content), "content": content}))


def read_seal(folder: Path) -> Seal:
    """What a segment holds.

    Raises:
        IndexDamagedError: the seal is missing or torn.
        StorageError: it cannot be read.
    """
    path = folder / SEAL
    stamp = stamp_or_none(path)
    known = _read.get(path)
    if known and known[0] == stamp:
        return known[1]
    seal = _parsed(path)
    # Seals are written once, and grow with their segment.
    if stamp and settled(stamp) and stamp == stamp_or_none(path):
        _read.put(path, (stamp, seal))
    return seal


def _parsed(path: Path) -> Seal:
    with reading(path, damaged=f"Vectors are missing from the index: {path}"):
        data = json.loads(path.read_text("utf-8", errors="surrogatepass"))
        if _crc(data["content"]) != data["crc"]:
            raise ValueError("altered")
        content = json.loads(data["content"])
        articles = {str(i): (str(d), int(n)) for i, (d, n) in content["articles"].items()}
        database = content.get("database")
        if database:
            database = Database(**{**database, "restless": tuple(database["restless"])})
        return Seal(articles, {str(k): str(v) for k, v in content["files"].items()}, database)


def _crc(text: str) -> int:
    return zlib.crc32(text.encode("utf-8", "surrogatepass"))
