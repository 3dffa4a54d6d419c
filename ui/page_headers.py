"""The headers that forbid every other origin, and what Gradio's own page lacks."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import MutableMapping
from typing import Any
from urllib.parse import quote

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ui.markup import attribute
from ui.theme import ASSETS

ASSET_PATH = "/launch-assets"

# 'unsafe-eval': Gradio turns the templates and scripts of its HTML component into functions. 'unsafe-inline' for
# styles only: Svelte sets style attributes. Scripts carry a nonce, so that no event handler in an attribute runs.
POLICY = (
    "default-src 'self'; script-src 'self' 'nonce-{nonce}' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; media-src 'self' blob:; "
    "worker-src 'self' blob:; object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'self'"
)
HEADERS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
    "cross-origin-opener-policy": "same-origin",
}
# In the page itself: browsers look for a named icon at the root of the host, outside a path prefix.
_ICON = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="7" fill="#1f4e8c"/>'
    '<path fill="#fff" d="M8 18c0-5 2-8 6-9v3c-2 .6-3 2-3 4h3v6H8zm10 0c0-5 2-8 6-9v3c-2 .6-3 2-3 4h3v6h-6z"/></svg>'
)
_SCRIPT = re.compile(rb"<script\b")
_BODY = re.compile(rb"<body\b[^>]*>")
_FOREIGN = re.compile(rb"<meta\s+(?:property=\"og:|name=\"twitter:)[^>]*>\s*|<link rel=\"manifest\"[^>]*>\s*")
"""Gradio's own words for other sites, and its manifest, which lies outside a path prefix."""


class PageHeaders:
    """Adds the security headers, and gives Gradio's own page its nonce, style sheet and description.

    Any other HTML stays as it is: it runs no script, and what is handed out to be kept must not change on its way.
    """

    def __init__(self, app: ASGIApp, *, title: str, first: str = "") -> None:
        self._app = app
        # Stands there until the page's own head is drawn in the same place: the first content comes with the page.
        self._first = f'<div id="first" aria-hidden="true">{first}</div>'.encode()
        self._head = (
            f'<meta name="description" content="{attribute(title)}">'
            '<meta name="color-scheme" content="light dark">'
            f'<link rel="icon" href="data:image/svg+xml,{quote(_ICON)}">'
            f"{_style('page.css')}{_style('sources.css')}{_style('articles.css')}"
        ).encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See ASGI."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        page = scope["path"] in ("", "/")
        nonce = secrets.token_urlsafe(16)
        held: list[Message] = []
        chunks: list[bytes] = []

        async def forward(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = {k.lower(): v for k, v in message["headers"]}
                message["headers"] = [*message["headers"], *self._headers(nonce)]
                if page and headers.get(b"content-type", b"").startswith(b"text/html"):
                    held.append(message)
                    return
            elif held and message["type"] == "http.response.body":
                chunks.append(message.get("body", b""))
                if message.get("more_body"):
                    return
                finished = self._finish(b"".join(chunks), nonce)
                start = held.pop()
                start["headers"] = [(k, v) for k, v in start["headers"] if k.lower() != b"content-length"]
                # It names its parts by version, and must not itself outlive them.
                start["headers"] += [
                    (b"content-length", str(len(finished)).encode()),
                    (b"cache-control", b"no-store"),
                ]
                await send(start)
                await send({"type": "http.response.body", "body": finished})
                return
            await send(message)

        # A compressed page could not be given its nonce.
        plain = [(k, v) for k, v in scope["headers"] if k.lower() != b"accept-encoding"]
        inner: MutableMapping[str, Any] = {**scope, "headers": plain} if page else scope
        await self._app(inner, receive, forward)

    def _headers(self, nonce: str) -> list[tuple[bytes, bytes]]:
        policy = POLICY.format(nonce=nonce)
        named = {"content-security-policy": policy, **HEADERS}
        return [(k.encode(), v.encode()) for k, v in named.items()]

    def _finish(self, page: bytes, nonce: str) -> bytes:
        page = _FOREIGN.sub(b"", page)
        page = _SCRIPT.sub(f'<script nonce="{nonce}"'.encode(), page)
        page = page.replace(b"</head>", self._head + b"</head>", 1)
        return _BODY.sub(lambda found: found.group() + self._first, page, count=1)


def _style(name: str) -> str:
    """A style sheet at an address that changes with it, so that no browser keeps an old one."""
    version = hashlib.sha256((ASSETS / name).read_bytes()).hexdigest()[:12]
    return f'<link rel="stylesheet" href=".{ASSET_PATH}/{name}?v={version}">'
