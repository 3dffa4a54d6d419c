"""A rebuild that the page waits for: on a thread of its own, with its progress, the time left, and a way to stop it."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from queue import Empty, SimpleQueue
from threading import Event, Thread

from assistant.rebuilding import rebuild_index
from assistant.settings import Settings
from corpus.errors import LaunchError
from index.embedding import Embedder
from index.errors import RebuildCancelledError
from index.models import Progress, RebuildReport

logger = logging.getLogger("launch_assistant.ui")

STOPPED = "The rebuild was stopped. The index as it was still serves; rebuild again to finish."
FAILED = "The rebuild failed; the index as it was still serves. See the log for the reason."
_SECONDS = 0.2
"""How soon the page says that a rebuild is being stopped."""
_SURE_AFTER = 2.0
"""Seconds of a step before its pace says anything of the rest."""

Told = Progress | RebuildReport | LaunchError


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
