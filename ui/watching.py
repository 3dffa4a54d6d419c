"""Following the folders of articles: look every two seconds, and act once they have come to rest."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from corpus.errors import LaunchError
from corpus.library import Library
from index.errors import IndexingError
from ui.terminal import say

POLL = 2.0
"""Seconds between two looks; a change counts when a second look finds nothing newer."""

LONGEST = 60.0
"""Seconds between two tries, at most, after something else than the articles was in the way."""

Look = dict[Path, tuple[int, int, int]]


def look(library: Library) -> Look:
    """What every file is by its inode, time of change and size: enough to see that one was written or replaced."""
    seen = {}
    for path in library.files():
        try:
            stat = path.stat()
        except OSError:  # gone since it was listed, or not to be read: the rebuild will say so
            continue
        seen[path] = (stat.st_ino, stat.st_mtime_ns, stat.st_size)
    return seen


def follow(
    library: Library, act: Callable[[bool], None], *, stopped: Callable[[], bool], poll: float = POLL
) -> None:
    """Act now, and after every change once the files have come to rest.

    An error of ours is told. What is wrong with the articles waits for their next change; where another rebuild, the disk
    or a server was in the way, the same is tried again after a pause that grows.

    Args:
        library: whose files are followed.
        act: called with True until it has succeeded once, with False later.
        stopped: asked all the time; True ends it.
        poll: seconds between two looks.
    """
    done: Look | None = None
    before = look(library)
    first, pause, told = True, poll, ""
    due = time.monotonic()
    say(f"Watching {_folders(library)}; Ctrl-C ends it.")
    while not stopped():
        if before != done and time.monotonic() >= due:
            try:
                act(first)
            except IndexingError as exc:
                if str(exc) != told:
                    say(f"Error: {exc}")
                    say("It is tried again by itself.")
                told, due = str(exc), time.monotonic() + pause
                pause = min(2 * pause, LONGEST)
            except LaunchError as exc:
                say(f"Error: {exc}")
                done = before
            else:
                done, first, pause, told = before, False, poll, ""
        _rest(poll, stopped)
        now = look(library)
        while now != before and not stopped():  # still being written
            before = now
            _rest(poll, stopped)
            now = look(library)


def _folders(library: Library) -> str:
    own = [library.folder, library.added] if library.takes_articles() else [library.folder]
    return " and ".join(str(folder) for folder in own)


def _rest(seconds: float, stopped: Callable[[], bool]) -> None:
    # In short naps: a signal does not end a sleep.
    until = time.monotonic() + seconds
    while not stopped() and (left := until - time.monotonic()) > 0:
        time.sleep(min(left, 0.1))
