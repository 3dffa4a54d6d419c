"""Which answer each open page waits for, and what becomes of one that is stopped or left."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from threading import Lock

import gradio as gr
from fastapi import FastAPI

from ui.exchange import State, Talk


class Runs:
    """Which answer each reader is waiting for; safe to share between threads.

    Gradio cancels an event on its own, but not always before the event's next value is on its way.
    """

    def __init__(self, *, size: int = 10_000) -> None:
        self._size = size
        self._lock = Lock()
        self._of: OrderedDict[str, object] = OrderedDict()

    def followed(self, reader: str, talks: Iterator[Talk]) -> Iterator[Talk]:
        """A growing conversation for as long as its reader wants it; a stopped one ends as stopped."""
        run = object()
        with self._lock:
            self._of[reader] = run
            self._of.move_to_end(reader)
            while len(self._of) > self._size:
                self._of.popitem(last=False)
        last: Talk | None = None
        try:
            for talk in talks:
                with self._lock:
                    now = self._of.get(reader)
                if now is run:
                    last = talk
                    yield talk
                    continue
                if now is _STOPPED and last is not None:
                    yield stopped(last)
                return
        finally:
            with self._lock:
                if self._of.get(reader) is run:
                    del self._of[reader]

    def stop(self, reader: str) -> None:
        """Let what runs for this reader end as stopped."""
        with self._lock:
            if reader in self._of:
                self._of[reader] = _STOPPED

    def drop(self, reader: str) -> None:
        """Let what runs for this reader end without a word."""
        with self._lock:
            self._of.pop(reader, None)


_STOPPED = object()


def stopped(talk: Talk) -> Talk:
    """A conversation whose last answer was stopped; what was shown of it stays."""
    if talk.exchanges and talk.exchanges[-1].state is State.WORKING:
        return talk.with_last(replace(talk.exchanges[-1], state=State.STOPPED))
    return talk


def let_cancels_meet(mounted: FastAPI) -> None:
    """Let two sides end the same run: a cancel and the run itself, or two cancels.

    Gradio forgets a run's generator on each side after it has waited for it to close, and the second one to come would
    answer with a status of 500 because it is gone already.
    """
    for route in mounted.routes:
        page = getattr(route, "app", None)
        if isinstance(page, gr.routes.App):
            page.iterators = _Forgotten(page.iterators)


class _Forgotten(dict[str, AsyncIterator[object]]):
    """A dictionary from which what is gone already can be taken away again."""

    def __delitem__(self, key: str) -> None:
        self.pop(key, None)
