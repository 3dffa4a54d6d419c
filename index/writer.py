"""One writer at a time, and who it is."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path

from filelock import FileLock, Timeout

from index.errors import IndexLockedError, RebuildCancelledError
from index.manifest import MANIFEST

LOCK = "rebuild.lock"
OWNER = "rebuild.owner"
POLL = 0.1
"""Seconds between two tries to become the writer."""


@contextmanager
def one_writer(
    home: Path, *, timeout: float = 0.0, cancelled: Callable[[], bool] | None = None
) -> Iterator[None]:
    """Be the only one who writes to an index; the system ends the hold of a process that dies.

    Args:
        home: the index's folder; must exist.
        timeout: seconds to wait for another writer.
        cancelled: asked while waiting; True gives up.

    Raises:
        IndexLockedError: another process still writes; it is named.
        RebuildCancelledError: given up on request.
    """
    lock, owner = FileLock(home / LOCK), home / OWNER
    deadline = time.monotonic() + timeout
    while True:
        try:
            lock.acquire(timeout=0)
            break
        except Timeout:
            if cancelled and cancelled():
                raise RebuildCancelledError(
                    "Stopped while another process was rebuilding. Nothing was changed; run it again when it is done."
                ) from None
            if time.monotonic() >= deadline:
                who = f"another process{_who(owner)}"
                serves = " The index still answers meanwhile." if (home / MANIFEST).exists() else ""
                raise IndexLockedError(
                    f"{who[0].upper()}{who[1:]} is rebuilding {home}. Wait until it is done, or set "
                    f"LAUNCH_INDEX__LOCK_TIMEOUT to the seconds you would wait.{serves}",
                    who=who,
                ) from None
        time.sleep(POLL)
    try:
        since = datetime.now().astimezone().isoformat(sep=" ", timespec="seconds")
        owner.write_text(json.dumps({"process": os.getpid(), "since": since}), "utf-8")
        yield
    finally:
        owner.unlink(missing_ok=True)
        lock.release()


def wait_for_writer(home: Path, *, timeout: float) -> None:
    """Wait until nobody writes to an index, or so many seconds."""
    with suppress(Timeout), FileLock(home / LOCK).acquire(timeout=timeout, poll_interval=POLL):
        pass


def _who(owner: Path) -> str:
    try:
        data = json.loads(owner.read_text("utf-8"))
        return f" ({int(data['process'])}, since {datetime.fromisoformat(data['since'])})"
    except (OSError, ValueError, KeyError, TypeError):
        return ""
