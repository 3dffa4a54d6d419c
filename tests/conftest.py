"""What all tests share."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from index.embedding import Embedder, make_embedder


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """A developer's own LAUNCH_ variables must not decide what a test sees."""
    for name in [n for n in os.environ if n.startswith("LAUNCH_")]:
        monkeypatch.delenv(name)


@pytest.fixture(scope="session")
def embedder() -> Embedder:
    """The real embedding model, loaded once."""
    return make_embedder()


@pytest.fixture
def tmp_home(tmp_path: Path) -> Path:
    """A home for an index; not there yet, and with a space in its path."""
    return tmp_path / "launch home"


@pytest.fixture(scope="session")
def page_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The LAUNCH_HOME of the served page."""
    return tmp_path_factory.mktemp("page home")


@pytest.fixture(scope="session")
def page_url(page_home: Path) -> Iterator[str]:
    """The address of the real page on the shipped articles, served on a free loopback port."""
    import uvicorn

    from assistant.chain import Assistant
    from assistant.settings import load_settings
    from ui.server import listen, mount

    settings = load_settings().model_copy(update={"home": page_home})
    listener = listen("127.0.0.1", 0)
    app = mount(Assistant.from_settings(settings), settings)
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=2))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    deadline = time.monotonic() + 60
    while not server.started and time.monotonic() < deadline:
        time.sleep(0.05)
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    server.should_exit = True
    thread.join(timeout=15)
    listener.close()
