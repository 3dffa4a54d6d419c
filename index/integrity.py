"""Sums over files that are written once: what tells a whole folder from a torn or altered one, before it is opened.

Opening a torn vector folder can end the process, not just raise; so nothing is opened before its sums are right. A file
that this process has summed is summed again only when the system says that it may be another one by now.
"""

from __future__ import annotations

import os
import zlib
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from corpus.stamps import Stamp, settled, stamp_of
from index.files import Check, go_on

BLOCK = 1 << 20

_summed: dict[str, tuple[Stamp, str]] = {}
_MOST = 500_000


def file_sum(path: str | Path, *, check: Check = go_on, ours: bool = False) -> str:
    """Size and CRC-32 of a file: against damage, not against malice; `check` is asked at every block.

    `ours`: it was written by this process, and nobody else writes it, so that it need not come to rest to be remembered.

    Raises:
        OSError: it is not there or cannot be read.
    """
    # The stamp says which file it is, so that a path need not be made absolute; there may be very many.
    key = os.fspath(path)
    known = _summed.get(key)
    if known and known[0] == stamp_of(os.stat(key)):
        return known[1]
    with Path(key).open("rb") as file:
        stamp = stamp_of(os.fstat(file.fileno()))
        crc, size = 0, 0
        while block := file.read(BLOCK):
            check()
            crc, size = zlib.crc32(block, crc), size + len(block)
        found = f"{size}-{crc:08x}"
        if stamp == stamp_of(os.fstat(file.fileno())) and (ours or settled(stamp)):
            _remember(key, stamp, found)
        return found


def written(path: Path, content: bytes) -> str:
    """The sum of a file that this process has just written, which nobody else writes; remembered."""
    found = bytes_sum(content)
    with suppress(OSError):
        _remember(os.fspath(path), stamp_of(path.stat()), found)
    return found


def _remember(key: str, stamp: Stamp, found: str) -> None:
    if len(_summed) >= _MOST:
        _summed.clear()
    _summed[key] = stamp, found


def as_summed(path: str, expected: str) -> bool:
    """Whether this process has summed a file to that, and it is the same file still: `file_sum` in a third of the time."""
    known = _summed.get(path)
    try:
        return known is not None and known[1] == expected and known[0] == stamp_of(os.stat(path))
    except OSError:
        return False


def bytes_sum(content: bytes) -> str:
    """The sum that a file with this content has."""
    return f"{len(content)}-{zlib.crc32(content):08x}"


def folder_sums(
    folder: Path, *, without: frozenset[str] = frozenset(), check: Check = go_on, ours: bool = False
) -> dict[str, str]:
    """The sums of all files in a folder and below: path with "/" -> sum; names in `without` are passed over."""
    return {
        path.relative_to(folder).as_posix(): file_sum(path, check=check, ours=ours)
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name not in without
    }


def first_damaged(folder: Path, sums: Mapping[str, str]) -> str | None:
    """The first file that is missing or altered, or None.

    Raises:
        OSError: a file is there and cannot be read.
    """
    for name, expected in sums.items():
        try:
            if file_sum(folder / name) != expected:
                return name
        except (FileNotFoundError, NotADirectoryError):
            return name
    return None
