"""Stopping without cutting an answer short: what is under way is finished, what waits for nothing is ended."""

from __future__ import annotations

import asyncio
import logging
import re
import socket
import time
from collections.abc import Callable
from contextlib import suppress

import uvicorn
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ui.access import asks
from ui.problems import problem

logger = logging.getLogger("launch_assistant.ui")

_ENDLESS = re.compile(r"/gradio_api/(heartbeat/.*|mcp(/.*)?)")
"""An open page, and a listening MCP client, hold such a request for as long as they are there."""
_STILL = 0.2
"""Seconds without anything under way after which nothing more is expected: a page collects an answer by a second
request."""


class Ending:
    """What a stopping server still has to do; for one event loop."""

    def __init__(self, under_way: Callable[[], int]) -> None:
        """Begin with nothing to end.

        Args:
            under_way: questions that run or wait, also those whose reader has not yet come for the answer.
        """
        self._under_way = under_way
        self.begun = False
        self.requests = 0
        """Requests being answered, but for endless ones."""
        self.served = asyncio.Event()
        """Set when everything was finished, and endless requests may end."""
        self.over = asyncio.Event()
        """Set when the time is over, and every request has to end."""

    @property
    def left(self) -> int:
        """How much is still under way."""
        return max(self.requests, self._under_way())

    async def finish(self, seconds: float, *, forced: Callable[[], bool]) -> int:
        """Wait until all is served, the seconds are over or it is forced; returns how much was left undone."""
        self.begun = True
        until = time.monotonic() + seconds
        still_since = None
        while not forced() and time.monotonic() < until:
            still_since = (still_since or time.monotonic()) if self.left == 0 else None
            if still_since is not None and time.monotonic() - still_since >= _STILL:
                break
            await asyncio.sleep(0.05)
        left = self.left
        self.served.set()
        if left:
            self.over.set()
        return left


class Endable:
    """ASGI middleware: refuses new questions of a server that stops, and ends requests when it may or must."""

    def __init__(self, app: ASGIApp, *, ending: Ending) -> None:
        self._app = app
        self._ending = ending

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See ASGI."""
        ending = self._ending
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        path = scope["path"].rstrip("/")
        if ending.begun and (path == "/readyz" or asks(scope["method"], path)):
            refusal = problem(
                503,
                "stopping",
                "The server is stopping. Ask again in a minute.",
                headers={"retry-after": "60"},
            )
            await refusal(scope, receive, send)
            return
        if scope["method"] == "GET" and _ENDLESS.fullmatch(path):
            await self._until(ending.served, scope, receive, send)
            return
        ending.requests += 1
        try:
            await self._until(ending.over, scope, receive, send)
        finally:
            ending.requests -= 1

    async def _until(self, end: asyncio.Event, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer the request; once the event is set, cut it off in good form."""
        begun = whole = False

        async def noted(message: Message) -> None:
            nonlocal begun, whole
            begun = True
            whole = message["type"] == "http.response.body" and not message.get("more_body")
            await send(message)

        work = asyncio.ensure_future(self._app(scope, receive, noted))
        ended = asyncio.create_task(end.wait())
        try:
            await asyncio.wait((work, ended), return_when=asyncio.FIRST_COMPLETED)
            if work.done():
                await work
                return
            work.cancel()
            with suppress(Exception, asyncio.CancelledError):
                await work
            if not begun:
                await problem(503, "stopping", "The server is stopping. Ask again in a minute.")(
                    scope, receive, send
                )
            elif not whole:
                await send({"type": "http.response.body", "body": b"", "more_body": False})
        finally:
            ended.cancel()
            work.cancel()


class Server(uvicorn.Server):
    """uvicorn, which goes on serving what is under way for a while when it is told to stop."""

    def __init__(
        self,
        config: uvicorn.Config,
        *,
        ending: Ending,
        seconds: float,
        on_started: Callable[[], None] = lambda: None,
        on_cut: Callable[[], None] = lambda: None,
    ) -> None:
        """Wrap a configuration.

        Args:
            config: for uvicorn.
            ending: of the application that is served.
            seconds: how long what is under way may take.
            on_started: called as soon as requests are answered.
            on_cut: called when the seconds were not enough, before the rest is shut down.
        """
        super().__init__(config)
        self._ending = ending
        self._seconds = seconds
        self._on_started = on_started
        self._on_cut = on_cut

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """See uvicorn."""
        await super().startup(sockets)
        self._on_started()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """See uvicorn; the socket stays open until all is served, because an answer may be collected by a new request."""
        left = await self._ending.finish(self._seconds, forced=lambda: self.force_exit)
        if left:
            logger.warning("Stopped with %s not finished.", "1 answer" if left == 1 else f"{left} answers")
            self._on_cut()
        # All requests have been told to end; what is left is short, and ends in good order.
        self.force_exit = False
        await super().shutdown(sockets)
