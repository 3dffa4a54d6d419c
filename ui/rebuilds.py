"""A rebuild that pages wait for: on a thread of its own, with its progress, the time left, and a way to stop it."""

from __future__ import annotations

import json
import logging
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Condition, Event, Lock, Thread

from assistant.rebuilding import rebuild_index
from assistant.settings import Settings
from corpus.errors import LaunchError
from index.embedding import Embedder
from index.errors import RebuildCancelledError
from index.models import Progress, RebuildReport
from index.writer import OWNER
from ui.wording import since

logger = logging.getLogger("launch_assistant.ui")

STOPPED = "The rebuild was stopped. The index as it was still serves; rebuild again to finish."
FAILED = "The rebuild failed; the index as it was still serves. See the log for the reason."
_SECONDS = 0.2
"""How soon the page says that a rebuild is being stopped."""
_SURE_AFTER = 2.0
"""Seconds of a step before its pace says anything of the rest."""

Told = Progress | RebuildReport | LaunchError


@dataclass(frozen=True, slots=True)
class Begun:
    """Who rebuilds, and since when: the user's name, "" where nobody logs in; of another process its number."""

    by: str
    at: datetime
    process: int | None = None


class Pace:
    """How long a step still takes, from how fast it has gone so far; `clock` gives seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._begun = (Progress("", 0, 0), 0.0)

    def left(self, now: Progress) -> float | None:
        """Seconds left of the step, or None while that cannot be said."""
        at = self._clock()
        first, since = self._begun
        if (now.step, now.total) != (first.step, first.total) or now.done < first.done:
            self._begun = (now, at)
            return None
        done, taken = now.done - first.done, at - since
        return taken / done * (now.total - now.done) if done and taken >= _SURE_AFTER else None


def rebuilding(settings: Settings, embedder: Embedder, *, gone: Event) -> Iterator[Told]:
    """A rebuild: its progress as it goes, then the report or what went wrong.

    Once `gone` is set it stops at the next batch, which is told as a step "stop", and ends with a
    RebuildCancelledError; what is written by then can no longer be called off, and ends with its report.
    """
    events: SimpleQueue[Told] = SimpleQueue()

    def work() -> None:
        try:
            events.put(
                rebuild_index(settings, on_progress=events.put, embedder=embedder, cancelled=gone.is_set)
            )
        except LaunchError as exc:
            events.put(exc)
        except Exception:
            logger.exception("a rebuild failed")
            events.put(LaunchError(FAILED))

    thread = Thread(target=work, name="launch-rebuild", daemon=True)
    thread.start()
    stopping = False
    while True:
        if gone.is_set() and not stopping:
            stopping = True
            yield Progress("stop", 0, 0)
        event = _latest(events)
        if event is None or (stopping and isinstance(event, Progress)):
            continue
        if isinstance(event, RebuildCancelledError):
            event = RebuildCancelledError(STOPPED)
        yield event
        if not isinstance(event, Progress):
            thread.join()
            return


def _latest(events: SimpleQueue[Told]) -> Told | None:
    """The next event, or None when none came for a while; of progress, which a page cannot show as fast, the latest."""
    event: Told | None = None
    try:
        event = events.get(timeout=_SECONDS)
        while isinstance(event, Progress):
            event = events.get_nowait()
    except Empty:
        pass
    return event


class Rebuild:
    """A rebuild of this server, which any number of pages may follow; safe to share between threads."""

    def __init__(self, settings: Settings, embedder: Embedder, *, by: str) -> None:
        self.begun = Begun(by, datetime.now().astimezone())
        self.gone = Event()
        """Set to stop it."""
        self._changed = Condition()
        self._told: tuple[Told, float | None] = (Progress("read", 0, 0), None)
        self._count = 0
        Thread(target=self._run, args=(settings, embedder), name="launch-rebuild-told", daemon=True).start()

    @property
    def over(self) -> bool:
        """Whether the last word was said."""
        return not isinstance(self._told[0], Progress)

    def follow(self) -> Iterator[tuple[Told, float | None]]:
        """What it says from now on, with the seconds left of its step; ends with the report or what went wrong."""
        seen = -1
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._count != seen)  # noqa: B023 - asked at once
                seen, told = self._count, self._told
            yield told
            if not isinstance(told[0], Progress):
                return

    def _run(self, settings: Settings, embedder: Embedder) -> None:
        pace = Pace()
        for event in rebuilding(settings, embedder, gone=self.gone):
            left = pace.left(event) if isinstance(event, Progress) else None
            with self._changed:
                self._told, self._count = (event, left), self._count + 1
                self._changed.notify_all()


class Rebuilds:
    """The rebuild that this server runs, of which there is one at a time; safe to share between threads."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._lock = Lock()
        self._now: Rebuild | None = None

    @property
    def now(self) -> Rebuild | None:
        """The one that runs."""
        now = self._now
        return None if now is None or now.over else now

    def begin(self, embedder: Embedder, *, by: str) -> tuple[Rebuild, bool]:
        """A new one, and True; or, while one runs, that one and False."""
        with self._lock:
            now = self.now
            if now is not None:
                return now, False
            self._now = Rebuild(self._settings, embedder, by=by)
            return self._now, True

    def elsewhere(self) -> Begun | None:
        """Another process that rebuilds this index, such as the command line."""
        return _elsewhere(self._settings.index_home)


def begun_words(begun: Begun) -> str:
    """Who began a rebuild, and when."""
    if begun.process is not None:
        who = f"begun by another process ({begun.process})"
    else:
        who = f"begun by {begun.by}" if begun.by else "begun from a page"
    return f"{who}, {since(begun.at, datetime.now().astimezone())}"


def sentence(begun: Begun) -> str:
    """That a rebuild is running, and who began it when."""
    return f"A rebuild is running, {begun_words(begun)}."


def _elsewhere(home: Path) -> Begun | None:
    try:
        data = json.loads((home / OWNER).read_text("utf-8"))
        process, at = int(data["process"]), datetime.fromisoformat(data["since"])
        # One that was killed leaves its name behind.
        os.kill(process, 0)
    except PermissionError:
        pass  # another user's, and alive
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return None if process == os.getpid() else Begun("", at, process)
