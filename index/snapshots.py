"""Named states of an index, to go back to.

A snapshot is a copy of the manifest of that moment. What it names is written once and never again, so keeping it costs
no copying: rebuilds only leave it when they clear up. Going back is one replacement of the manifest.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from index.articles import load_stored
from index.config import IndexConfig
from index.errors import (
    IndexDamagedError,
    IndexingError,
    IndexNotBuiltError,
    IndexStaleError,
    SnapshotError,
)
from index.files import storage_error, write_atomically
from index.manifest import (
    Manifest,
    parse_manifest,
    read_manifest,
    write_manifest,
)
from index.segments import FOLDER as SEGMENTS
from index.server_store import open_store
from index.writer import one_writer

FOLDER = "snapshots"
LIST = "See those that are there with: launch-assistant snapshots"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


@dataclass(frozen=True, slots=True)
class SnapshotInfo:
    """A named state.

    Attributes:
        name: what it is called.
        taken: when, in local time; None when its file is damaged.
        generation: of the index then.
        articles: how many.
        passages: how many.
    """

    name: str
    taken: datetime | None
    generation: int = 0
    articles: int = 0
    passages: int = 0


@dataclass(frozen=True, slots=True)
class Kept:
    """What must not be deleted, since a snapshot names it; `generation` is the highest of any."""

    segments: frozenset[str] = frozenset()
    files: frozenset[str] = frozenset()
    generation: int = 0


def kept_by_snapshots(home: Path) -> Kept:
    """What all snapshots name together; a damaged one cannot say, and names nothing.

    Raises:
        StorageError: one of them cannot be read just now, so that nothing may be deleted.
    """
    manifests = []
    for path in _paths(home):
        try:
            manifests.append(parse_manifest(path))
        except (IndexDamagedError, IndexNotBuiltError):
            continue
    return Kept(
        segments=frozenset(name for m in manifests for name in m.segments),
        files=frozenset(entry.file for m in manifests for entry in m.articles.values()),
        generation=max((m.generation for m in manifests), default=0),
    )


def take_snapshot(home: Path, name: str | None = None, *, timeout: float = 0.0) -> SnapshotInfo:
    """Name the index's state of now.

    Args:
        home: the index's folder.
        name: letters, digits, "." "_" "-"; the day and time when None.
        timeout: seconds to wait for a rebuild to end.

    Raises:
        SnapshotError: the name is taken, or is none.
        IndexNotBuiltError: there is nothing to name yet.
        IndexLockedError: another process is rebuilding.
        StorageError: no space or no permission.
    """
    now = datetime.now().astimezone()
    name = name or f"{now:%Y-%m-%d-%H%M%S}"
    path = _path(home, name)
    read_manifest(home)  # raises before a folder is made
    try:
        with one_writer(home, timeout=timeout):
            if path.exists():
                raise SnapshotError(
                    f"There is a snapshot called {name} already. Choose another name, or take that one away with: "
                    f"launch-assistant snapshots --remove {name}"
                )
            manifest = read_manifest(home)
            path.parent.mkdir(exist_ok=True)
            write_atomically(path, manifest.to_json(taken=now.isoformat(timespec="seconds")))
    except OSError as exc:
        raise storage_error(exc, home) from exc
    return _info(name, manifest, now)


def list_snapshots(home: Path) -> tuple[SnapshotInfo, ...]:
    """Every snapshot, the oldest first, damaged ones before."""
    found = []
    for path in _paths(home):
        try:
            taken = datetime.fromisoformat(json.loads(path.read_text("utf-8", "surrogatepass"))["taken"])
            found.append(_info(path.stem, parse_manifest(path), taken.astimezone()))
        except (OSError, ValueError, KeyError, TypeError, IndexingError):
            found.append(SnapshotInfo(path.stem, None))
    return tuple(sorted(found, key=lambda s: (s.taken.timestamp() if s.taken else 0.0, s.name)))


def restore_snapshot(
    home: Path, name: str, *, fingerprint: str, timeout: float = 0.0, config: IndexConfig | None = None
) -> Manifest:
    """Make the index what it was; readers see it at their next question.

    Everything the snapshot names is looked through first: either it is all there, or nothing is changed.

    Args:
        home: the index's folder.
        name: of the snapshot.
        fingerprint: of the settings in force, as `index.recipe.fingerprint` gives it.
        timeout: seconds to wait for a rebuild to end.
        config: the settings in force; only needed where a Chroma server holds the vectors.

    Returns:
        The manifest now in force, with a generation of its own.

    Raises:
        SnapshotError: there is none of that name, or it or what it names is damaged.
        IndexStaleError: it was made with another embedder or passage length than is set now.
        IndexLockedError: another process is rebuilding.
        StorageError: no space or no permission.
    """
    path = _existing(home, name)
    try:
        with one_writer(home, timeout=timeout):
            try:
                manifest = parse_manifest(path)
                if manifest.fingerprint == fingerprint:
                    _check(home, manifest, config or IndexConfig())
            except (IndexDamagedError, IndexNotBuiltError) as exc:
                raise SnapshotError(
                    f"The snapshot {name} cannot be restored: part of it is missing or damaged. The index was left as "
                    f"it is. Take the snapshot away with: launch-assistant snapshots --remove {name}"
                ) from exc
            if manifest.fingerprint != fingerprint:
                raise IndexStaleError(
                    f"The snapshot {name} was made with another embedder or passage length than is set now. Set "
                    "LAUNCH_INDEX__EMBEDDER and LAUNCH_INDEX__PASSAGE_CHARS as they were then, and restore it again."
                )
            try:
                now = read_manifest(home).generation
            except (IndexDamagedError, IndexNotBuiltError):
                now = 0
            newest = max(now, kept_by_snapshots(home).generation)
            manifest = replace(manifest, generation=newest + 1)
            write_manifest(home, manifest)
    except OSError as exc:
        raise storage_error(exc, home) from exc
    return manifest


def remove_snapshot(home: Path, name: str, *, timeout: float = 0.0) -> None:
    """Take a snapshot away; the next rebuild deletes what nothing else names.

    Raises:
        SnapshotError: there is none of that name.
        IndexLockedError: another process is rebuilding.
        StorageError: no permission.
    """
    path = _existing(home, name)
    try:
        with one_writer(home, timeout=timeout):
            path.unlink(missing_ok=True)
    except OSError as exc:
        raise storage_error(exc, home) from exc


def _check(home: Path, manifest: Manifest, config: IndexConfig) -> None:
    for entry in manifest.articles.values():
        load_stored(home, entry.file)
    for segment in sorted(manifest.segments):
        store = open_store(home / SEGMENTS / segment, config)
        store.check_lexical(store.check_closely())


def _paths(home: Path) -> list[Path]:
    return sorted(p for p in (home / FOLDER).glob("*.json") if _NAME.fullmatch(p.stem))


def _path(home: Path, name: str) -> Path:
    if not _NAME.fullmatch(name):
        raise SnapshotError(
            f"{name!r} cannot name a snapshot. Use up to 64 letters, digits, dots, hyphens and underscores, a letter "
            "or digit first."
        )
    return home / FOLDER / f"{name}.json"


def _existing(home: Path, name: str) -> Path:
    path = _path(home, name)
    if not path.exists():
        raise SnapshotError(f"There is no snapshot called {name}. {LIST}")
    return path


def _info(name: str, manifest: Manifest, taken: datetime) -> SnapshotInfo:
    passages = sum(entry.passages for entry in manifest.articles.values())
    return SnapshotInfo(name, taken, manifest.generation, len(manifest.articles), passages)
