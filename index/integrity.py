"""Sums over files that are written once: what tells a whole folder from a torn or altered one, before it is opened.

Opening a torn vector folder can end the process, not just raise; so nothing is opened before its sums are right.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from pathlib import Path

BLOCK = 1 << 20


def file_sum(path: Path) -> str:
    """Size and CRC-32 of a file: against damage, not against malice."""
    crc, size = 0, 0
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            crc, size = zlib.crc32(block, crc), size + len(block)
    return f"{size}-{crc:08x}"


def folder_sums(folder: Path, *, without: frozenset[str] = frozenset()) -> dict[str, str]:
    """The sums of all files in a folder and below: path with "/" -> sum; names in `without` are passed over."""
    return {
        path.relative_to(folder).as_posix(): file_sum(path)
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
