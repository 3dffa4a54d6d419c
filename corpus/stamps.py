"""What the system says of a file: whether it may be another one than it was, without reading it."""

from __future__ import annotations

import os
import time

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
