"""How many questions at once, how many wait, and how often one reader may ask."""

from __future__ import annotations

import asyncio
import threading
import time
from collections import OrderedDict, deque
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import Future
from contextlib import asynccontextmanager, contextmanager

from ui.errors import BusyError

TOO_MANY = "Too many questions are waiting. Ask again in a few seconds."


class Rate:
    """At most so many in a minute for each key; 0: no limit. For one event loop."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._times: OrderedDict[str, deque[float]] = OrderedDict()

    def full(self, key: str) -> bool:
        """Whether this key has had its share of the last minute."""
        times = self._times.get(key)
        if not self._limit or times is None:
            return False
        while times and times[0] < time.monotonic() - 60:
            times.popleft()
        return len(times) >= self._limit

    def count(self, key: str) -> None:
        """Count one."""
        self._times.setdefault(key, deque(maxlen=max(self._limit, 1))).append(time.monotonic())
        self._times.move_to_end(key)
        while len(self._times) > 10_000:
            self._times.popitem(last=False)


class Gate:
    """Lets so many questions run and so many wait, first come first served, by whatever way they are asked.

    There is one for a server: the page's questions wait in Gradio's own queue before they come here, and count as
    waiting too (`also_waiting`). Safe to share between threads and event loops.
    """

    def __init__(self, *, running: int, waiting: int) -> None:
        self._free = running
        self._most = waiting
        self._lock = threading.Lock()
        self._line: deque[Future[None]] = deque()
        self.also_waiting: Callable[[], int] = lambda: 0

    @property
    def waiting(self) -> int:
        """Questions that wait for a place."""
        with self._lock:
            line = sum(not turn.done() for turn in self._line)
        return line + self.also_waiting()

    @property
    def full(self) -> bool:
        """Whether one more would have to be turned away."""
        with self._lock:
            if self._free > 0:
                return False
        return self.waiting >= self._most

    @contextmanager
    def place(self) -> Iterator[None]:
        """Wait for a place on this thread, and hold it; whoever comes this way was let in before."""
        turn = self._take_turn()
        try:
            turn.result()
            yield
        finally:
            self._give_up(turn)

    @asynccontextmanager
    async def aplace(self) -> AsyncIterator[None]:
        """Wait for a place without blocking the event loop, and hold it.

        Raises:
            BusyError: too many wait already.
        """
        if self.full:
            raise BusyError(TOO_MANY)
        turn = self._take_turn()
        try:
            # Shielded: a wait that is given up must not look as if the turn had been cancelled in the line.
            await asyncio.shield(asyncio.wrap_future(turn))
            yield
        finally:
            self._give_up(turn)

    def _take_turn(self) -> Future[None]:
        turn: Future[None] = Future()
        with self._lock:
            if self._free > 0:
                self._free -= 1
                turn.set_result(None)
            else:
                self._line.append(turn)
        return turn

    def _give_up(self, turn: Future[None]) -> None:
        """Leave: a place that was held goes to whoever is next; one that was only waited for is left."""
        with self._lock:
            if not turn.done():
                self._line.remove(turn)
                turn.cancel()
                return
            if self._line:
                self._line.popleft().set_result(None)
            else:
                self._free += 1
