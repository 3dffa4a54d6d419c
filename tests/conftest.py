"""What all tests share."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if "PYTEST_XDIST_WORKER" in os.environ:  # several processes that each take all cores are slower than one
    os.environ.setdefault("OMP_NUM_THREADS", "1")

from assistant.settings import Settings, load_settings
from index.embedding import Embedder, make_embedder

if TYPE_CHECKING:
    from assistant.chain import Assistant


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
def page_settings(page_home: Path) -> Settings:
    """What the page is served with: the shipped articles in a home of its own."""
    return load_settings().model_copy(update={"home": page_home})


@pytest.fixture(scope="session")
def page_assistant(page_settings: Settings) -> Assistant:
    """The real assistant behind the page."""
    from assistant.chain import Assistant

    return Assistant.from_settings(page_settings)


@contextmanager
def served(assistant: Assistant, settings: Settings, *, port: int = 0) -> Iterator[str]:
    """Serve the page on a loopback port, by default a free one; gives its address."""
    from ui.server import listen, make_server, mount

    listener = listen("127.0.0.1", port)
    app = mount(assistant, settings)
    server = make_server(app, settings.serve)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    deadline = time.monotonic() + 60
    while not server.started and time.monotonic() < deadline:
        time.sleep(0.05)
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    server.should_exit = True
    thread.join(timeout=15)
    listener.close()


@pytest.fixture(scope="session")
def page_url(page_assistant: Assistant, page_settings: Settings) -> Iterator[str]:
    """The address of the real page on the shipped articles."""
    with served(page_assistant, page_settings) as address:
        yield address


@pytest.fixture(scope="session")
def page_with_roles(page_assistant: Assistant, page_settings: Settings) -> Iterator[str]:
    """The same page behind a proxy that names its users in X-Reader; only "editor" may change the articles."""
    serve = page_settings.serve.model_copy(update={"user_header": "X-Reader", "curators": ("editor",)})
    with served(page_assistant, page_settings.model_copy(update={"serve": serve})) as address:
        yield address
