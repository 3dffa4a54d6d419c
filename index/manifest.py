"""The manifest: the one small file that says which articles, passages and folders are live.

Everything else of an index is written first and named here last, so that a reader sees the old index or the new one,
whatever happens in between.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from corpus.stamps import Stamp, settled, stamp_of
from index.errors import REBUILD, IndexNotBuiltError, IndexVersionError
from index.files import reading, write_atomically

SCHEMA = 4
READABLE = frozenset({3, SCHEMA})
"""In schema 3 an entry does not say who else carries its report; the next rebuild fills that in."""

MANIFEST = "manifest.json"

_MOST = 4
_last: dict[Path, tuple[Stamp, Manifest]] = {}
"""What was read or written last, of a few indexes: with many articles, parsing it takes longer than a small rebuild."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A live article.

    Attributes:
        digest: of the article.
        file: with its text, below articles/.
        sum: of that file.
        passages: how many.
        segment: where their vectors lie.
        also: further publishers that carry its report; no part of the digest, since no vector depends on them.
    """

    digest: str
    file: str
    sum: str
    passages: int
    segment: str
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Made:
    """What an index was built with, so that whoever reads it can ask it in the same way.

    Attributes:
        embedder: the model's name or folder.
        weights: a sum over the files of a model's folder; empty where the name says which model it is.
        passage_chars: longest passage, in characters.
        overlap_sentences: that neighbouring passages share.
    """

    embedder: str
    weights: str
    passage_chars: int
    overlap_sentences: int


_FIELDS = tuple(field.name for field in fields(Entry) if field.name != "also")


@dataclass(frozen=True, slots=True)
class Manifest:
    """What is live.

    Attributes:
        generation: counts up with every change.
        fingerprint: of the embedder and the chunking; another one asks for a rebuild.
        articles: article id -> entry.
        made: what the fingerprint is of, in words; None where a damaged manifest no longer says.
    """

    generation: int
    fingerprint: str
    articles: dict[str, Entry]
    made: Made | None = None

    @property
    def segments(self) -> frozenset[str]:
        """The folders below chroma/ that hold its passages."""
        return frozenset(entry.segment for entry in self.articles.values() if entry.passages)

    def to_json(self, **more: str) -> str:
        """As it is written, on one line: with many articles, anything finer costs more than a small rebuild."""
        articles = {
            i: {name: getattr(e, name) for name in _FIELDS} | ({"also": e.also} if e.also else {})
            for i, e in self.articles.items()
        }
        data: dict[str, Any] = {
            "schema": SCHEMA,
            **more,
            "generation": self.generation,
            "fingerprint": self.fingerprint,
        }
        if self.made:
            data["made"] = asdict(self.made)
        return json.dumps({**data, "articles": articles}, ensure_ascii=False)


def read_manifest(home: Path) -> Manifest:
    """The manifest of an index.

    Raises:
        IndexNotBuiltError: there is none.
        IndexDamagedError: it cannot be understood.
    """
    path = home / MANIFEST
    try:
        stamp = stamp_of(path.stat())
    except OSError:  # reading it says what is wrong
        stamp = None
    known = _last.get(home)
    if known and known[0] == stamp:
        return known[1]
    try:
        manifest = parse_manifest(path)
    except IndexNotBuiltError:
        raise IndexNotBuiltError(f"There is no index in {home} yet. {REBUILD}") from None
    if stamp and settled(stamp):
        _remember(home, stamp, manifest)
    return manifest


def parse_manifest(path: Path) -> Manifest:
    """The manifest in a file, live or of a snapshot; raises what `read_manifest` raises."""
    with reading(path):
        try:
            data: dict[str, Any] = json.loads(path.read_text("utf-8", "surrogatepass"))
        except FileNotFoundError:
            raise IndexNotBuiltError(f"{path} is missing. {REBUILD}") from None
        if data["schema"] not in READABLE:
            raise IndexVersionError(f"{path} was written by another version of launch-assistant. {REBUILD}")
        return Manifest(
            generation=int(data["generation"]),
            fingerprint=str(data["fingerprint"]),
            articles={
                str(k): Entry(**{**v, "also": tuple(v.get("also", ()))}) for k, v in data["articles"].items()
            },
            made=Made(**data["made"]) if "made" in data else None,
        )


def write_manifest(home: Path, manifest: Manifest) -> None:
    """Replace the manifest in one step that a crash cannot tear."""
    path = home / MANIFEST
    write_atomically(path, manifest.to_json())
    # Only we write here, and never in place: what stands there is another file as soon as it says something else.
    _remember(home, stamp_of(path.stat()), manifest)


def _remember(home: Path, stamp: Stamp, manifest: Manifest) -> None:
    _last.pop(home, None)
    while len(_last) >= _MOST:
        _last.pop(next(iter(_last)), None)
    _last[home] = stamp, manifest
