"""The list of a large index's articles, in parts: a change writes the part that it falls into, and not the whole list.

Where one part ends and the next begins is decided by the ids alone. So an article that comes or goes changes its part,
or parts it in two, and no other. A part's file is named by the digest of what is in it, and never written again.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from index.files import go_on, reading, settle, write_atomically

FOLDER = "entries"

SIZE = 1000
"""Articles in a part, on average."""

LEAST = 2000
"""A list of fewer articles stands in the manifest itself."""

Entry = TypeVar("Entry")


def split(entries: Mapping[str, Entry]) -> list[dict[str, Entry]]:
    """The parts of a list, each by id, one after the other."""
    parts: list[dict[str, Entry]] = []
    part: dict[str, Entry] = {}
    for article_id in sorted(entries):
        part[article_id] = entries[article_id]
        if not zlib.crc32(article_id.encode("utf-8", "surrogatepass")) % SIZE:
            parts.append(part)
            part = {}
    return [*parts, part] if part else parts


def write_parts(
    home: Path,
    parts: Iterable[dict[str, Entry]],
    *,
    known: Mapping[str, dict[str, Entry]],
    as_json: Callable[[Entry], dict[str, Any]],
) -> dict[str, dict[str, Entry]]:
    """Make parts durable; those that are `known`, by the names of their files, are there already.

    Returns:
        The parts by name, in their order.

    Raises:
        StorageError: the disk is full or refuses.
    """
    folder = home / FOLDER
    folder.mkdir(exist_ok=True)
    names = {next(iter(part)): name for name, part in known.items()}
    found: dict[str, dict[str, Entry]] = {}
    written = []
    for part in parts:
        name = names.get(next(iter(part)), "")
        if not (name and known[name] == part and (folder / name).is_file()):
            text = json.dumps({i: as_json(entry) for i, entry in part.items()}, ensure_ascii=False)
            content = text.encode("utf-8", "surrogatepass")
            name = f"{hashlib.sha256(content).hexdigest()[:40]}.json"
            # What is whole already may be named by the manifest that is live, and is not touched.
            if not _holds(folder / name, content):
                write_atomically(folder / name, content, durable=False)
            written.append(folder / name)
        found[name] = part
    settle(written, check=go_on)
    return found


def _holds(path: Path, content: bytes) -> bool:
    try:
        return path.read_bytes() == content
    except OSError:
        return False


def read_part(home: Path, name: str, from_json: Callable[[dict[str, Any]], Entry]) -> dict[str, Entry]:
    """The entries of a part.

    Raises:
        IndexDamagedError: it is missing, or not what its name says.
        StorageError: it cannot be read.
    """
    path = home / FOLDER / name
    with reading(path):
        content = path.read_bytes()
        if not name.startswith(hashlib.sha256(content).hexdigest()[:40]):
            raise ValueError("altered")
        data = json.loads(content.decode("utf-8", "surrogatepass"))
        return {str(i): from_json(entry) for i, entry in data.items()}
