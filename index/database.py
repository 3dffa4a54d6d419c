"""Chroma's database, looked through by its bytes: what tells an altered one without reading every row of it.

Chroma notes each opening in the database: on its first page, which counts the changes, and on the page of one small
table. All other pages of a segment at rest stay as they are. So a sum over those says that nothing has changed; where it
differs, every row has to be looked at, since other versions of Chroma may have written more.
"""

from __future__ import annotations

import json
import os
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from corpus.stamps import Stamp, stamp_of
from index.files import Check, go_on

PAGE = 4096
PAGES = 256
"""After so many it is asked whether to stop."""

COUNTERS = (slice(24, 40), slice(92, 96))
"""Of the first page: how often the database was changed, how large it is and what is free in it."""

PAGE_COUNT = slice(28, 32)

_known: dict[str, Stamp] = {}


@dataclass(frozen=True, slots=True)
class Database:
    """A segment's database when it was sealed.

    Attributes:
        pages: how many.
        restless: those that openings change, from 0.
        first: the sum of the first page, without its counters.
        rest: the sum of all others that are not restless.
        rows: the sum of what is said of each passage.
    """

    pages: int
    restless: tuple[int, ...]
    first: int
    rest: int
    rows: int


def page_sums(path: Path, *, check: Check = go_on) -> list[int]:
    """The sum of each page."""
    return [zlib.crc32(page) for page in _pages(path, check)]


def described(path: Path, before: list[int], rows: int, *, check: Check = go_on) -> Database:
    """The database as it is now; `before` are its pages' sums of before it was opened once more."""
    now = page_sums(path, check=check)
    restless = tuple(n for n, (a, b) in enumerate(zip(before, now, strict=False)) if a != b and n)
    pages = min(len(before), len(now))
    first, rest = _sums(path, pages, frozenset(restless), check)
    return Database(pages, restless, first, rest, rows)


def parts_as_sealed(path: Path, sealed: Database) -> tuple[bool, bool]:
    """Whether the first page, and whether all others, are what they were.

    Raises:
        OSError: it is not there or cannot be read.
    """
    first, rest = _sums(path, sealed.pages, frozenset(sealed.restless))
    return first == sealed.first, rest == sealed.rest


def row_sum(passage_id: str, metadata: Mapping[str, Any]) -> int:
    """The sum of what is said of a passage; a segment's is the sum of them all, in whatever order."""
    said = json.dumps([passage_id, metadata.get("article"), metadata.get("published")])
    return zlib.crc32(said.encode())


def seen(path: Path) -> None:
    """Take note that the database is in order as it is now."""
    _known[os.path.abspath(path)] = stamp_of(path.stat())


def unchanged(path: Path) -> bool:
    """Whether nobody has opened the database since this process took note of it."""
    return _known.get(os.path.abspath(path)) == stamp_of(path.stat())


def _sums(path: Path, pages: int, restless: frozenset[int], check: Check = go_on) -> tuple[int, int]:
    rest = 0
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        if size <= (pages - 1) * PAGE:
            rest = -1
        masked = bytearray(file.read(PAGE))
        # Among the counters stands how many pages there are: a wrong one makes every other page unreadable.
        as_said = int.from_bytes(masked[PAGE_COUNT], "big") * PAGE == size
        for part in COUNTERS:
            masked[part] = bytes(part.stop - part.start)
        first = zlib.crc32(masked) if as_said else -1
        # What lies between two restless pages is summed as a whole: page by page takes many times as long.
        begin = 1
        for end in [*sorted(n for n in restless if 0 < n < pages), pages] if rest == 0 else ():
            file.seek(begin * PAGE)
            left = (end - begin) * PAGE
            while left > 0 and (block := file.read(min(left, PAGES * PAGE))):
                check()
                rest, left = zlib.crc32(block, rest), left - len(block)
            begin = end + 1
    return first, rest


def _pages(path: Path, check: Check) -> Iterator[bytes]:
    with path.open("rb", buffering=1 << 20) as file:
        while page := file.read(PAGE):
            if not file.tell() % (PAGES * PAGE):
                check()
            yield page
