"""The web page: Gradio mounted into FastAPI, with headers that forbid every other origin."""

from __future__ import annotations

import importlib.util
import logging
import re
import secrets
import socket
import threading
import webbrowser
from collections.abc import MutableMapping
from typing import Any

from assistant.settings import ServeConfig, Settings, quiet_libraries

# Before Gradio is imported: it decides on analytics then.
quiet_libraries()

import gradio as gr  # noqa: E402
import uvicorn  # noqa: E402
from fastapi import FastAPI  # noqa: E402
from starlette.staticfiles import StaticFiles  # noqa: E402
from starlette.types import ASGIApp, Message, Receive, Scope, Send  # noqa: E402

from assistant.chain import Assistant  # noqa: E402
from ui.access import Door  # noqa: E402
from ui.auth import check_exposure  # noqa: E402
from ui.chat import build_api, build_ask  # noqa: E402
from ui.errors import PortInUseError, ServeError  # noqa: E402
from ui.library import build_articles  # noqa: E402
from ui.markup import attribute  # noqa: E402
from ui.reading import Shelf, open_article  # noqa: E402
from ui.render import PRODUCT, header, talks_shell  # noqa: E402
from ui.render_library import reader_shell  # noqa: E402
from ui.routes import attach  # noqa: E402
from ui.theme import ASSETS, make_theme, script  # noqa: E402

logger = logging.getLogger("launch_assistant.ui")

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
_SCRIPT = re.compile(rb"<script\b")
_BODY = re.compile(rb"<body\b[^>]*>")
_FOREIGN_META = re.compile(rb"<meta\s+(?:property=\"og:|name=\"twitter:)[^>]*>\s*")


class PageHeaders:
    """Adds the security headers, and gives Gradio's own page its nonce, style sheet and description."""

    def __init__(self, app: ASGIApp, *, title: str, first: str = "") -> None:
        self._app = app
        # Stands there until the page's own head is drawn in the same place: the first content comes with the page.
        self._first = f'<div id="first" aria-hidden="true">{first}</div>'.encode()
        self._head = (
            f'<meta name="description" content="{attribute(title)}">'
            '<meta name="color-scheme" content="light dark">'
            f'<link rel="stylesheet" href=".{ASSET_PATH}/page.css">'
            f'<link rel="stylesheet" href=".{ASSET_PATH}/articles.css">'
        ).encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See ASGI."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        nonce = secrets.token_urlsafe(16)
        held: list[Message] = []
        chunks: list[bytes] = []

        async def forward(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = {k.lower(): v for k, v in message["headers"]}
                message["headers"] = [*message["headers"], *self._headers(nonce)]
                if headers.get(b"content-type", b"").startswith(b"text/html"):
                    held.append(message)
                    return
            elif held and message["type"] == "http.response.body":
                chunks.append(message.get("body", b""))
                if message.get("more_body"):
                    return
                page = self._finish(b"".join(chunks), nonce)
                start = held.pop()
                start["headers"] = [(k, v) for k, v in start["headers"] if k.lower() != b"content-length"]
                start["headers"].append((b"content-length", str(len(page)).encode()))
                await send(start)
                await send({"type": "http.response.body", "body": page})
                return
            await send(message)

        # A compressed page could not be given its nonce.
        plain = [(k, v) for k, v in scope["headers"] if k.lower() != b"accept-encoding"]
        inner: MutableMapping[str, Any] = {**scope, "headers": plain} if _is_page(scope) else scope
        await self._app(inner, receive, forward)

    def _headers(self, nonce: str) -> list[tuple[bytes, bytes]]:
        policy = POLICY.format(nonce=nonce)
        named = {"content-security-policy": policy, **HEADERS}
        return [(k.encode(), v.encode()) for k, v in named.items()]

    def _finish(self, page: bytes, nonce: str) -> bytes:
        page = _FOREIGN_META.sub(b"", page)
        page = _SCRIPT.sub(f'<script nonce="{nonce}"'.encode(), page)
        page = page.replace(b"</head>", self._head + b"</head>", 1)
        return _BODY.sub(lambda found: found.group() + self._first, page, count=1)


def _is_page(scope: Scope) -> bool:
    return any(k.lower() == b"accept" and b"text/html" in v for k, v in scope["headers"])


def build_app(assistant: Assistant, settings: Settings) -> gr.Blocks:
    """The page as Gradio Blocks."""
    shelf = Shelf(assistant)

    def open_quote(request: object) -> dict[str, str]:
        return open_article(shelf, request)

    app = gr.Blocks(title=assistant.launch.name or PRODUCT, analytics_enabled=False, fill_width=True)
    with app:
        gr.HTML(header(assistant.launch), elem_id="masthead", apply_default_css=False, js_on_load=None)
        reader = gr.HTML(
            reader_shell() + talks_shell(),
            elem_id="reader-root",
            apply_default_css=False,
            js_on_load=script(),
            server_functions=[open_quote],
        )
        with gr.Tabs(elem_id="tabs"):
            with gr.Tab("Ask", id="ask-tab"):
                build_ask(assistant, settings, shelf, reader)
            with gr.Tab("Articles", id="articles-tab"):
                build_articles(assistant, settings, app, reader)
        build_api(assistant, settings)
    app.queue(
        default_concurrency_limit=settings.serve.concurrency, max_size=settings.serve.max_waiting or None
    )
    return app


def mount(assistant: Assistant, settings: Settings) -> FastAPI:
    """The whole web application: the page, its assets, and the headers around them."""
    api = FastAPI(title="launch-assistant", version="1", docs_url=None, redoc_url=None)
    api.mount(ASSET_PATH, StaticFiles(directory=ASSETS))
    assistant, page = attach(api, assistant, settings, build_app)
    mounted: FastAPI = gr.mount_gradio_app(
        api,
        page,
        path="/",
        theme=make_theme(),
        footer_links=[],
        run_history=False,
        show_error=True,
        ssr_mode=False,
        mcp_server=_mcp_server(settings.serve),
        pwa=False,
        root_path=settings.serve.root_path or None,
    )
    launch = assistant.launch
    mounted.add_middleware(Door, serve=settings.serve)
    title = launch.tagline or launch.name or PRODUCT
    mounted.add_middleware(PageHeaders, title=title, first=header(launch))
    return mounted


def _mcp_server(serve: ServeConfig) -> bool:
    """Whether Gradio's MCP server runs.

    Raises:
        ServeError: it is asked for, and its package is not installed, or somebody would have to log in.
    """
    if serve.mcp and (serve.auth or serve.user_header):
        # Gradio's tools ask the page over HTTP in turn, and hand on no credentials.
        raise ServeError(
            "MCP clients cannot log in here. Serve LAUNCH_SERVE__MCP on a port of its own, without users."
        )
    if serve.mcp and importlib.util.find_spec("mcp") is None:
        raise ServeError("LAUNCH_SERVE__MCP needs the package mcp. Run: pip install 'launch-assistant[mcp]'")
    return serve.mcp


def listen(host: str, port: int) -> socket.socket:
    """A bound socket, so that a taken port is known before anything heavy is loaded.

    Raises:
        PortInUseError: something listens there already.
        ServeError: the address cannot be used.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
    except OSError as exc:
        listener.close()
        if isinstance(exc, PermissionError) or exc.errno is None or exc.strerror is None:
            raise ServeError(f"Cannot listen on {host}:{port}: {exc}. Choose a port above 1023.") from exc
        if "in use" in exc.strerror.lower():
            raise PortInUseError(
                f"Port {port} is in use. Choose another: launch-assistant chat --port {port + 1 if port < 65535 else 7860}"
            ) from exc
        raise ServeError(f"Cannot listen on {host}:{port}: {exc.strerror}. Choose another host.") from exc
    return listener


def serve(settings: Settings, *, open_browser: bool = False) -> None:
    """Serve the page until stopped; blocks.

    Raises:
        PortInUseError: the port is taken.
        LaunchError: the assistant cannot be made.
    """
    host, port = settings.serve.host, settings.serve.port
    check_exposure(settings.serve)
    listener = listen(host, port)
    try:
        app = mount(Assistant.from_settings(settings), settings)
        shown = f"[{host}]" if ":" in host else host
        address = f"http://{shown}:{port}"
        server = uvicorn.Server(
            uvicorn.Config(
                app,
                log_level="warning",
                timeout_graceful_shutdown=10,
                # Else the address of the proxy whose header is believed would be the one it names itself.
                proxy_headers=not settings.serve.user_header,
            )
        )
        print(f"Ask at {address}   (stop with Ctrl+C)", flush=True)  # noqa: T201
        if open_browser:
            threading.Timer(1.0, webbrowser.open, (address,)).start()
        server.run(sockets=[listener])
    finally:
        listener.close()
