"""Sums over files that are written once: what tells a whole folder from a torn or altered one, before it is opened.

Opening a torn vector folder can end the process, not just raise; so nothing is opened before its sums are right. A file
that this process has summed is summed again only when the system says that it may be another one by now.
"""

from __future__ import annotations

import os
import time
import zlib
from collections.abc import Mapping
from pathlib import Path

from index.files import Check, go_on

BLOCK = 1 << 20

SETTLED = 2_000_000_000
"""Nanoseconds after which a file that changes again has another time of change, on any file system."""

_summed: dict[str, tuple[tuple[int, ...], str]] = {}
_MOST = 500_000


def file_sum(path: Path, *, check: Check = go_on) -> str:
    """Size and CRC-32 of a file: against damage, not against malice; `check` is asked at every block.

    Raises:
        OSError: it is not there or cannot be read.
    """
    key = os.path.abspath(path)
    with path.open("rb") as file:
        stamp = _stamp(os.fstat(file.fileno()))
        known = _summed.get(key)
        if known and known[0] == stamp:
            return known[1]
        crc, size = 0, 0
        while block := file.read(BLOCK):
            check()
            crc, size = zlib.crc32(block, crc), size + len(block)
        found = f"{size}-{crc:08x}"
        # A file changed a moment ago can change once more without a trace in its times; so can one from the future.
        if stamp == _stamp(os.fstat(file.fileno())) and max(stamp[-2:]) + SETTLED < time.time_ns():
            if len(_summed) >= _MOST:
                _summed.clear()
            _summed[key] = stamp, found
        return found


def bytes_sum(content: bytes) -> str:
    """The sum that a file with this content has."""
    return f"{len(content)}-{zlib.crc32(content):08x}"


def folder_sums(
    folder: Path, *, without: frozenset[str] = frozenset(), check: Check = go_on
) -> dict[str, str]:
    """The sums of all files in a folder and below: path with "/" -> sum; names in `without` are passed over."""
    return {
        path.relative_to(folder).as_posix(): file_sum(path, check=check)
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


def _stamp(stat: os.stat_result) -> tuple[int, ...]:
    return stat.st_dev, stat.st_ino, stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns
