"""What the system says of a file: whether it may be another one than it was, without reading it."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Hashable
from pathlib import Path
from typing import Generic, TypeVar

SETTLED = 2_000_000_000
"""Nanoseconds after which a file that changes again has another time of change, on any file system."""

Stamp = tuple[int, int, int, int, int]
"""Device, inode, size, and the times of the last change and of the last change of its properties, in nanoseconds."""


def stamp_of(stat: os.stat_result) -> Stamp:
    """A file's stamp: a changed file has another one, once the last change is `settled`."""
    return stat.st_dev, stat.st_ino, stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns


def settled(stamp: Stamp) -> bool:
    """Whether another change would show.

    A file changed a moment ago can change once more without a trace in its times; so can one from the future.
    """
    return max(stamp[-2:]) + SETTLED < time.time_ns()


Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


class Few(Generic[Key, Value]):
    """What was made of a few files, the last ones; safe to share between threads.

    Args:
        most: how many are remembered.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._held: dict[Key, Value] = {}

    def get(self, key: Key) -> Value | None:
        """What was put last under a key, if it is not forgotten."""
        return self._held.get(key)

    def put(self, key: Key, value: Value) -> None:
        """Remember, and forget what was put longest ago."""
        with self._lock:
            self._held.pop(key, None)
            while len(self._held) >= self._most:
                del self._held[next(iter(self._held))]
            self._held[key] = value

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._held.clear()

    def __len__(self) -> int:
        """How many are remembered."""
        return len(self._held)


def stamp_or_none(path: Path, *, opened: bool = False) -> Stamp | None:
    """A file's stamp; None where it cannot be had, and reading it says what is wrong.

    `opened`: by opening it. A network file system asks its server then, and answers from memory else.
    """
    try:
        if not opened:
            return stamp_of(path.stat())
        with path.open("rb") as file:
            return stamp_of(os.fstat(file.fileno()))
    except OSError:
        return None
