"""The web page: Gradio mounted into FastAPI, with headers that forbid every other origin."""

from __future__ import annotations

import importlib.util
import logging
import os
import signal
import socket
import sys
import threading
import webbrowser
from collections.abc import Callable
from types import FrameType

from assistant.settings import ServeConfig, Settings, quiet_libraries

# Before Gradio is imported: it decides on analytics then.
quiet_libraries()
# It makes a table of its last events after each one; of the ten thousand that it keeps otherwise, for longer and longer.
os.environ.setdefault("GRADIO_ANALYTICS_MAX_EVENTS", "100")

import gradio as gr  # noqa: E402
import uvicorn  # noqa: E402
from fastapi import FastAPI  # noqa: E402
from starlette.staticfiles import StaticFiles  # noqa: E402

from assistant.chain import Assistant  # noqa: E402
from ui.access import Door  # noqa: E402
from ui.auth import check_exposure  # noqa: E402
from ui.chat import build_api, build_ask  # noqa: E402
from ui.errors import PortInUseError, ServeError  # noqa: E402
from ui.library import build_articles  # noqa: E402
from ui.page_headers import ASSET_PATH, PageHeaders  # noqa: E402
from ui.prefix import Prefix  # noqa: E402
from ui.reading import Shelf, open_article, search_texts  # noqa: E402
from ui.render import PRODUCT, header, talks_shell  # noqa: E402
from ui.render_library import reader_shell  # noqa: E402
from ui.routes import attach  # noqa: E402
from ui.runs import let_cancels_meet  # noqa: E402
from ui.stopping import Endable, Ending, Server  # noqa: E402
from ui.theme import ASSETS, make_theme, script  # noqa: E402

_SESSIONS = 1000
"""Open pages and programs that Gradio remembers, each with some 75 KB; the one unseen for longest goes."""
_LAST_SECONDS = 2.0
"""For what still has to be closed when all is served, or may be no longer."""


def build_app(assistant: Assistant, settings: Settings) -> gr.Blocks:
    """The page as Gradio Blocks."""
    shelf = Shelf(assistant)

    def open_quote(request: object) -> dict[str, str]:
        return open_article(shelf, request)

    def find_texts(typed: object) -> list[str]:
        return search_texts(assistant, typed)

    app = gr.Blocks(title=assistant.launch.name or PRODUCT, analytics_enabled=False, fill_width=True)
    with app:
        gr.HTML(header(assistant.launch), elem_id="masthead", apply_default_css=False, js_on_load=None)
        reader = gr.HTML(
            reader_shell() + talks_shell(),
            elem_id="reader-root",
            apply_default_css=False,
            js_on_load=script(),
            server_functions=[open_quote, find_texts],
        )
        with gr.Tabs(elem_id="tabs"):
            with gr.Tab("Ask", id="ask-tab"):
                build_ask(assistant, settings, shelf, reader)
            with gr.Tab("Articles", id="articles-tab"):
                build_articles(assistant, settings, app, reader)
        build_api(assistant, settings)
    app.state_session_capacity = _SESSIONS
    # api_open: else Gradio answers at /run and /api too, past its queue and every limit.
    app.queue(
        default_concurrency_limit=settings.serve.concurrency,
        max_size=settings.serve.max_waiting or None,
        api_open=False,
    )
    return app


def mount(assistant: Assistant, settings: Settings) -> FastAPI:
    """The whole web application: the page, its assets, and what stands around them.

    Its state has `ending`, for `ui.stopping.Server`, and `warm_up`, which loads the models.
    """
    serve = settings.serve
    servers = [{"url": serve.root_path}] if serve.root_path else None
    api = FastAPI(title="launch-assistant", version="1", docs_url=None, redoc_url=None, servers=servers)
    api.mount(ASSET_PATH, StaticFiles(directory=ASSETS))
    attached = attach(api, assistant, settings, build_app)
    mounted: FastAPI = gr.mount_gradio_app(
        api,
        attached.page,
        path="/",
        theme=make_theme(),
        footer_links=[],
        run_history=False,
        show_error=True,
        ssr_mode=False,
        mcp_server=_mcp_server(serve),
        pwa=False,
        root_path=serve.root_path or None,
    )
    let_cancels_meet(mounted)
    launch = assistant.launch
    title = launch.tagline or launch.name or PRODUCT
    ending = Ending(lambda: attached.metrics.active + attached.gate.waiting)
    mounted.state.ending, mounted.state.warm_up = ending, attached.warm_up
    # The last one added stands outermost.
    mounted.add_middleware(Door, serve=serve, metrics=attached.metrics, gate=attached.gate)
    mounted.add_middleware(PageHeaders, title=title, first=header(launch))
    mounted.add_middleware(Endable, ending=ending)
    mounted.add_middleware(Prefix, prefix=serve.root_path)
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


def make_server(app: FastAPI, serve: ServeConfig, **calls: Callable[[], None]) -> Server:
    """The server for a mounted application, not yet running; `calls` are those of `ui.stopping.Server`."""
    config = uvicorn.Config(
        app,
        log_level="warning",
        timeout_graceful_shutdown=round(_LAST_SECONDS),
        # Else the address of the proxy whose header is believed would be the one it names itself.
        proxy_headers=not serve.user_header,
        forwarded_allow_ips=list(serve.proxies),
    )
    return Server(config, ending=app.state.ending, seconds=serve.stop_seconds, **calls)


def serve(settings: Settings, *, open_browser: bool = False) -> None:
    """Serve the page until stopped; blocks. SIGTERM ends the process with status 0 when all answers are out.

    Raises:
        PortInUseError: the port is taken.
        LaunchError: the assistant cannot be made.
    """
    host, port = settings.serve.host, settings.serve.port
    check_exposure(settings.serve)
    listener = listen(host, port)
    signal.signal(signal.SIGTERM, _leave)
    try:
        app = mount(Assistant.from_settings(settings), settings)

        def started() -> None:
            print(f"Ask at {address(host, port)}   (stop with Ctrl+C)", flush=True)  # noqa: T201
            # The first reader should not be the one who waits for the models.
            threading.Thread(target=app.state.warm_up, name="launch-warm-up", daemon=True).start()
            if open_browser:
                threading.Thread(target=webbrowser.open, args=(address(host, port),), daemon=True).start()

        server = make_server(app, settings.serve, on_started=started, on_cut=_leave_soon)
        try:
            server.run(sockets=[listener])
        except (SystemExit, KeyboardInterrupt) as exc:
            if server.started:
                _leave_now(130 if isinstance(exc, KeyboardInterrupt) else 0)
            raise
    finally:
        listener.close()


def address(host: str, port: int) -> str:
    """Where a browser on this computer finds the page."""
    own = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    return f"http://{f'[{own}]' if ':' in own else own}:{port}"


def _leave(number: int, frame: FrameType | None) -> None:
    raise SystemExit(0)


def _leave_now(status: int) -> None:
    """End without taking torch and its kin apart, which takes seconds: all is served, and nothing is left to keep."""
    logging.shutdown()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


def _leave_soon() -> None:
    """Do not wait for threads that still work on what nobody will see."""
    last = threading.Timer(2 * _LAST_SECONDS, os._exit, (1,))
    last.daemon = True
    last.start()
