"""The manifest: the one small file that says which articles, passages and folders are live.

Everything else of an index is written first and named here last, so that a reader sees the old index or the new one,
whatever happens in between.
"""

from __future__ import annotations

import json
import os
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from index.errors import REBUILD, IndexDamagedError, IndexNotBuiltError, IndexVersionError, StorageError

SCHEMA = 2
MANIFEST = "manifest.json"


@dataclass(frozen=True, slots=True)
class Entry:
    """A live article: its digest, the file with its text, how many passages it has, and where their vectors lie."""

    digest: str
    file: str
    passages: int
    segment: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What is live.

    Attributes:
        generation: counts up with every change.
        fingerprint: of the embedder and the chunking; another one asks for a rebuild.
        lexical: the folder of the lexical index, below the index's folder.
        lexical_sums: its files' sums.
        articles: article id -> entry.
    """

    generation: int
    fingerprint: str
    lexical: str
    lexical_sums: dict[str, str]
    articles: dict[str, Entry]

    @property
    def segments(self) -> frozenset[str]:
        """The folders below chroma/ that hold its vectors."""
        return frozenset(entry.segment for entry in self.articles.values() if entry.passages)


def read_manifest(home: Path) -> Manifest:
    """The manifest of an index.

    Raises:
        IndexNotBuiltError: there is none.
        IndexDamagedError: it cannot be understood.
    """
    try:
        return parse_manifest(home / MANIFEST)
    except IndexNotBuiltError:
        raise IndexNotBuiltError(f"There is no index in {home} yet. {REBUILD}") from None


def parse_manifest(path: Path) -> Manifest:
    """The manifest in a file, live or of a snapshot; raises what `read_manifest` raises."""
    try:
        data: dict[str, Any] = json.loads(path.read_text("utf-8", "surrogatepass"))
        if data["schema"] != SCHEMA:
            raise IndexVersionError(f"{path} was written by another version of launch-assistant. {REBUILD}")
        return Manifest(
            generation=int(data["generation"]),
            fingerprint=str(data["fingerprint"]),
            lexical=str(data["lexical"]),
            lexical_sums={str(k): str(v) for k, v in data["lexical_sums"].items()},
            articles={str(k): Entry(**v) for k, v in data["articles"].items()},
        )
    except FileNotFoundError:
        raise IndexNotBuiltError(f"{path} is missing. {REBUILD}") from None
    except OSError as exc:
        raise StorageError(
            f"{path} cannot be read ({exc.strerror}). Check the folder's permissions."
        ) from exc
    except (ValueError, KeyError, TypeError, AttributeError) as exc:
        raise IndexDamagedError(f"{path} is damaged. {REBUILD}") from exc


def write_manifest(home: Path, manifest: Manifest) -> None:
    """Replace the manifest in one step that a crash cannot tear."""
    write_atomically(
        home / MANIFEST, json.dumps({"schema": SCHEMA, **asdict(manifest)}, ensure_ascii=False, indent=1)
    )


def write_atomically(path: Path, text: str | bytes) -> None:
    """Write a file, text as UTF-8, so that it is there whole or not at all, also after a power cut.

    Raises:
        StorageError: the disk is full or refuses.
    """
    try:
        handle, name = tempfile.mkstemp(prefix=".new-", dir=path.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text)
                file.flush()
                os.fsync(file.fileno())
            os.replace(name, path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
        sync_folder(path.parent)
    except OSError as exc:
        raise storage_error(exc, path.parent) from exc


def sync_folder(folder: Path) -> None:
    """Make renames in a folder durable, where the system can."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def storage_error(exc: OSError, folder: Path) -> StorageError:
    """An operating system's refusal in the product's words."""
    import errno

    if exc.errno in (errno.ENOSPC, errno.EDQUOT):
        return StorageError(
            f"The disk of {folder} is full. Free some space, or set LAUNCH_HOME to a folder on another disk, and "
            "rebuild. The index that was there still serves."
        )
    reason = exc.strerror or type(exc).__name__
    return StorageError(
        f"{folder} cannot be written ({reason}). Check the folder's permissions, or set LAUNCH_HOME to another folder."
    )
