"""The door in front of everything: who may come in, how large a request may be, how often one may ask."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Mapping
from typing import Any

import gradio as gr
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from assistant.settings import ServeConfig
from ui.auth import Role, User, Users, basic_pair, is_among, is_loopback
from ui.errors import AccessError
from ui.health import OPEN_PATHS
from ui.limits import TOO_MANY, Gate, Rate
from ui.metrics import Metrics
from ui.problems import problem

logger = logging.getLogger("launch_assistant.ui")

USER = "launch_user"
"""Where a request's User stands in its scope."""
_ASKING = re.compile(r"/api/(answer|stream)|/gradio_api/(queue/join|call/[^/]+|mcp(/.*)?)")
"""Every address at which a question can be put: the page's events come through queue/join, programs through call. Gradio
also has run and api, which go past its queue; `build_app` closes them to every event that asks."""
_READING = re.compile(r"/api/(feedback|export|suggestions)")
_READING_RATE = 60
"""How often a minute a reader may send feedback, ask for a pack or for suggestions, each."""
_CLOSED = re.compile(r"/gradio_api/call/v2(/.*)?")
_UPLOADING = "/gradio_api/upload"
_API_BYTES, _PAGE_BYTES = 512 * 1024, 32 * 2**20
_PACK_BYTES = 8 * 2**20
"""For a conversation's answers on their way into a fact-check pack."""
_DRAINED_BYTES = 8 * 2**20
_FAILURES = 10


class Door:
    """ASGI middleware: sets the user, or turns the request away."""

    def __init__(
        self, app: ASGIApp, *, serve: ServeConfig, metrics: Metrics | None = None, gate: Gate | None = None
    ) -> None:
        self._app = app
        self._serve = serve
        self._metrics = metrics
        self._gate = gate
        self._users = Users(serve.auth) if serve.auth else None
        self._asked = Rate(serve.per_minute)
        self._read = Rate(_READING_RATE)
        self._failed = Rate(_FAILURES)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See ASGI."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":
            # The page uses no web socket, so there is none to guard.
            await send({"type": "websocket.close", "code": 1008})
            return
        headers = Headers(scope=scope)
        # Each address answers with a slash behind it too.
        path = scope["path"].rstrip("/")
        send = self._counting(path, send)
        refusal = self._foreign(scope, headers)
        if refusal is None and path not in OPEN_PATHS:
            found = await self._who(scope, headers)
            if isinstance(found, User):
                scope[USER] = found
                refusal = self._too_fast(scope, path, found)
            else:
                refusal = found
        if refusal is None and path == _UPLOADING and user_of(scope).role is not Role.CURATE:
            refusal = problem(403, "role", "Only a curator may add files. Ask one.")
        if refusal is None and _CLOSED.fullmatch(path):
            # Gradio answers whatever it cannot read there with a status of 500 and a traceback in the log.
            refusal = problem(404, "address", "Ask at /api/answer, or at /gradio_api/call/ask.")
        limit = _API_BYTES if path.startswith("/api/") else _PAGE_BYTES
        if path == "/api/export":
            limit = _PACK_BYTES
        if refusal is None and _length(headers) > limit:
            refusal = problem(413, "size", f"The request is too large: at most {limit:,} bytes.")
        if refusal is not None:
            await _drained(receive)
            await refusal(scope, receive, send)
            return
        await self._app(scope, _limited(receive, limit), send)

    def _counting(self, path: str, send: Send) -> Send:
        """Count what the limits turn away, here or further in; Gradio's own queue says so by a status of 503."""
        metrics = self._metrics
        if metrics is None:
            return send
        statuses = (429, 503) if path.startswith("/gradio_api/") else (429,)

        async def counted(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] in statuses:
                metrics.turned_away.inc()
            await send(message)

        return counted

    def _foreign(self, scope: Scope, headers: Headers) -> ASGIApp | None:
        """Refuse what another site makes a browser send: its own pages must not ask or read here."""
        if (
            scope["method"] not in ("GET", "HEAD", "OPTIONS")
            and headers.get("sec-fetch-site") == "cross-site"
        ):
            return problem(403, "origin", "Another site sent this request. Use the page itself.")
        if self._users or self._serve.user_header:
            return None
        host = headers.get("host", "").rsplit(":", 1)[0] if "]" not in headers.get("host", "") else "::1"
        named = host.lower() in ("localhost", "", self._serve.host, *self._serve.hosts)
        # A name that is made to point here (DNS rebinding) is no address; an address cannot be forged so.
        if named or host.lower().endswith(".localhost") or _is_address(host):
            return None
        return problem(
            403,
            "host",
            f"This server does not know the name {host!r}. Add it: LAUNCH_SERVE__HOSTS='[\"{host}\"]'",
        )

    async def _who(self, scope: Scope, headers: Headers) -> User | ASGIApp:
        serve = self._serve
        peer = (scope.get("client") or ("",))[0]
        if serve.user_header and is_among(peer, serve.proxies):
            name = headers.get(serve.user_header, "").strip()
            if name:
                return User(name, Role.CURATE if name in serve.curators else Role.ASK)
        if self._users:
            return await self._logged_in(self._users, peer, headers)
        if serve.user_header:
            return problem(401, "login", "Log in through the proxy in front of this server.")
        return User("", Role.CURATE if is_loopback(serve.host) else Role.ASK)

    async def _logged_in(self, users: Users, peer: str, headers: Headers) -> User | ASGIApp:
        challenge = {"www-authenticate": 'Basic realm="launch-assistant", charset="UTF-8"'}
        pair = basic_pair(headers.get("authorization", ""))
        if pair is None:
            return problem(401, "login", "Give a name and a password.", headers=challenge)
        try:
            user = users.known(*pair)
            if user is None:
                if self._failed.full(peer):
                    return problem(
                        429,
                        "login",
                        "Too many wrong passwords. Wait a minute.",
                        headers={"retry-after": "60"},
                    )
                user = await asyncio.to_thread(users.check, *pair)
        except AccessError as exc:
            logger.error("%s", exc)
            return problem(503, "users", "The file of users cannot be used; the server's log says why.")
        if user is None:
            self._failed.count(peer)
            return problem(401, "login", "The name or the password is wrong.", headers=challenge)
        return user

    def _too_fast(self, scope: Scope, path: str, user: User) -> ASGIApp | None:
        if scope["method"] == "OPTIONS":
            return None
        reading = _READING.fullmatch(path)
        if not reading and not asks(scope["method"], path):
            return None
        if not reading and self._gate and self._gate.full:
            return problem(429, "busy", TOO_MANY, headers={"retry-after": "5"})
        peer = (scope.get("client") or ("",))[0]
        if not user.name and is_loopback(peer):
            return None
        key = f"user {user.name}" if user.name else f"address {peer}"
        rate, limit, what = self._asked, self._serve.per_minute, "questions"
        if reading:
            key, rate, limit, what = f"{path} {key}", self._read, _READING_RATE, "requests of this kind"
        if rate.full(key):
            said = f"That is more than {limit} {what} a minute. Wait a little."
            return problem(429, "rate", said, headers={"retry-after": "20"})
        rate.count(key)
        return None


def asks(method: str, path: str) -> bool:
    """Whether this puts a question; collecting what an earlier request began does not."""
    return bool(_ASKING.fullmatch(path)) and (method == "POST" or path.startswith("/api/"))


def _is_address(host: str) -> bool:
    return is_loopback(host) or all(c.isdigit() or c == "." for c in host) or ":" in host


def _length(headers: Headers) -> int:
    given = headers.get("content-length", "0")
    return int(given) if given.isdecimal() else 0


async def _drained(receive: Receive) -> None:
    """Read what was still being sent, within bounds: a client that is cut off while sending never sees the reply."""
    seen = 0
    while seen < _DRAINED_BYTES:
        message = await receive()
        seen += len(message.get("body", b""))
        if not message.get("more_body"):
            return


def _limited(receive: Receive, limit: int) -> Receive:
    """The body, cut off where it grows beyond the limit without having said so."""
    seen = 0

    async def read() -> Message:
        nonlocal seen
        message = await receive()
        if message["type"] == "http.request":
            seen += len(message.get("body", b""))
            if seen > limit:
                return {"type": "http.disconnect"}
        return message

    return read


def user_of(scope: Mapping[str, Any]) -> User:
    """The user whom the door let in; where there is no door, a local one."""
    found = scope.get(USER)
    return found if isinstance(found, User) else User("", Role.CURATE)


def may_curate(request: gr.Request | None) -> bool:
    """Whether who sent this event from the page may change the articles."""
    inner = getattr(request, "request", None)
    return inner is None or user_of(inner.scope).role is Role.CURATE
