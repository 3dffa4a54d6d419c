"""The manifest: the one small file that says which articles, passages and folders are live.

Everything else of an index is written first and named here last, so that a reader sees the old index or the new one,
whatever happens in between.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from corpus.stamps import Few, Stamp, settled, stamp_of, stamp_or_none
from index import parts as listed
from index.errors import REBUILD, IndexDamagedError, IndexNotBuiltError, IndexVersionError, StorageError
from index.files import reading, write_atomically
from index.parts import FOLDER as PARTS

SCHEMA = 4
PARTED = 5
"""The list of articles stands in parts beside the manifest; see parts.py."""

READABLE = frozenset({3, SCHEMA, PARTED})
"""In schema 3 an entry does not say who else carries its report; the next rebuild fills that in."""

MANIFEST = "manifest.json"

_PART = re.compile(r"[0-9a-f]{40}\.json")

_TRIES = 5

_last: Few[Path, _Read] = Few(4)
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
        """All of it on one line: with many articles, anything finer costs more than a small rebuild."""
        return json.dumps(
            {**self._head(SCHEMA), **more, "articles": {i: _as_json(e) for i, e in self.articles.items()}},
            ensure_ascii=False,
        )

    def _head(self, schema: int) -> dict[str, Any]:
        head: dict[str, Any] = {
            "schema": schema,
            "generation": self.generation,
            "fingerprint": self.fingerprint,
        }
        return {**head, "made": asdict(self.made)} if self.made else head


@dataclass(frozen=True, slots=True)
class _Read:
    """A manifest as it was read or written: its file's stamp, and its parts with theirs."""

    manifest: Manifest
    stamp: Stamp
    parts: dict[str, dict[str, Entry]] = field(default_factory=dict)
    stamps: tuple[Stamp, ...] = ()

    def whole_parts(self, home: Path) -> dict[str, dict[str, Entry]]:
        """Those whose files are what they were."""
        stamped = zip(self.parts.items(), self.stamps, strict=True)
        return {name: part for (name, part), stamp in stamped if stamp_or_none(home / PARTS / name) == stamp}

    def same(self, home: Path) -> bool:
        """Whether its files are those that they were."""
        if stamp_or_none(home / MANIFEST, opened=True) != self.stamp:
            return False
        return len(self.whole_parts(home)) == len(self.parts)


def read_manifest(home: Path) -> Manifest:
    """The manifest of an index.

    Raises:
        IndexNotBuiltError: there is none.
        IndexDamagedError: it cannot be understood.
        StorageError: it cannot be read.
    """
    known = _last.get(home)
    if known and known.same(home):
        return known.manifest
    for attempt in range(_TRIES):
        before = stamp_or_none(home / MANIFEST, opened=True)
        try:
            return _fresh(home, before, known.whole_parts(home) if known else {})
        except IndexNotBuiltError:
            raise IndexNotBuiltError(f"There is no index in {home} yet. {REBUILD}") from None
        except (IndexDamagedError, StorageError):
            # A rebuild takes away what an old manifest named: then there is a newer one.
            if attempt == _TRIES - 1 or stamp_or_none(home / MANIFEST, opened=True) == before:
                raise
    raise AssertionError("unreachable")


def _fresh(home: Path, stamp: Stamp | None, known: Mapping[str, dict[str, Entry]]) -> Manifest:
    manifest, names = _parsed(home / MANIFEST)
    parts = {name: known.get(name) or listed.read_part(home, name, _from_json) for name in names}
    if names:
        manifest = replace(manifest, articles={i: e for part in parts.values() for i, e in part.items()})
    with suppress(OSError):  # gone again
        stamps = _stamps(home, parts)
        if stamp and settled(stamp):
            _last.put(home, _Read(manifest, stamp, parts, stamps))
    return manifest


def parse_manifest(path: Path) -> Manifest:
    """The manifest in a file that is whole by itself, as a snapshot is; raises what `read_manifest` raises."""
    with reading(path):
        manifest, names = _parsed(path)
        if names:
            raise ValueError("its parts lie elsewhere")
    return manifest


def _parsed(path: Path) -> tuple[Manifest, tuple[str, ...]]:
    """A manifest, and the names of the parts that its articles stand in."""
    with reading(path):
        try:
            data: dict[str, Any] = json.loads(path.read_text("utf-8", "surrogatepass"))
        except FileNotFoundError:
            raise IndexNotBuiltError(f"{path} is missing. {REBUILD}") from None
        if data["schema"] not in READABLE:
            raise IndexVersionError(f"{path} was written by another version of launch-assistant. {REBUILD}")
        names = tuple(str(name) for name in data["parts"]) if data["schema"] == PARTED else ()
        if not all(_PART.fullmatch(name) for name in names):
            raise ValueError("altered")
        manifest = Manifest(
            generation=int(data["generation"]),
            fingerprint=str(data["fingerprint"]),
            articles={} if names else {str(i): _from_json(e) for i, e in data["articles"].items()},
            made=Made(**data["made"]) if "made" in data else None,
        )
        return manifest, names


def parts_named(home: Path) -> frozenset[str]:
    """The files below entries/ that the manifest names."""
    return frozenset(_parsed(home / MANIFEST)[1])


def write_manifest(home: Path, manifest: Manifest) -> None:
    """Replace the manifest in one step that a crash cannot tear; the parts that changed are written before.

    Raises:
        StorageError: the disk is full or refuses.
    """
    path = home / MANIFEST
    known = _last.get(home)
    parts: dict[str, dict[str, Entry]] = {}
    if len(manifest.articles) >= listed.LEAST:
        mine = known.whole_parts(home) if known else {}
        parts = listed.write_parts(home, listed.split(manifest.articles), known=mine, as_json=_as_json)
        write_atomically(path, json.dumps({**manifest._head(PARTED), "parts": list(parts)}))
    else:
        write_atomically(path, manifest.to_json())
    # Only we write here, and never in place: what says something else is another file.
    with suppress(OSError):
        _last.put(home, _Read(manifest, stamp_of(path.stat()), parts, _stamps(home, parts)))


def _stamps(home: Path, parts: Iterable[str]) -> tuple[Stamp, ...]:
    return tuple(stamp_of((home / PARTS / name).stat()) for name in parts)


def _as_json(entry: Entry) -> dict[str, Any]:
    said: dict[str, Any] = {name: getattr(entry, name) for name in _FIELDS}
    return {**said, "also": entry.also} if entry.also else said


def _from_json(data: dict[str, Any]) -> Entry:
    return Entry(**{**data, "also": tuple(data.get("also", ()))})
