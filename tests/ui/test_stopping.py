"""A real server that is told to stop: what was asked is answered, then it is gone at once."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.assistant.scripted_server import Reply, ScriptedServer, scripted

QUESTION = "What does the Kestrel 2 cost?"
ARTICLE = "Brightwell unveiled the Kestrel 2 telescope on 3 February 2025 in Leeds. It costs 1,290 euros."


@contextmanager
def server(folder: Path, model: str, **settings: str) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    (folder / "articles").mkdir()
    (folder / "articles" / "kestrel.txt").write_text(ARTICLE, "utf-8")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    env = {k: v for k, v in os.environ.items() if not k.startswith("LAUNCH_")}
    env |= {
        "LAUNCH_HOME": str(folder / "home"),
        "LAUNCH_CORPUS": str(folder / "articles"),
        "LAUNCH_CHAT__MODEL": "openai:scripted",
        "LAUNCH_CHAT__BASE_URL": model,
        "LAUNCH_CHAT__API_KEY": "none",
        **settings,
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "ui", "chat", "--port", str(port)],
        env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("Ask at"), process.communicate()
        yield f"http://127.0.0.1:{port}", process
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


@contextmanager
def open_page(url: str) -> Iterator[None]:
    """What an open page holds: its heartbeat."""
    with httpx.stream("GET", f"{url}/gradio_api/heartbeat/reader", timeout=60) as beating:
        assert "ALIVE" in next(beating.iter_text())
        yield


def posted(url: str) -> httpx.Response:
    return httpx.post(f"{url}/api/answer", json={"question": QUESTION}, timeout=120)


def by_gradio(url: str) -> str:
    begun = httpx.post(f"{url}/gradio_api/call/ask", json={"data": [QUESTION, [], ""]}, timeout=120).json()
    return httpx.get(f"{url}/gradio_api/call/ask/{begun['event_id']}", timeout=120).text


def until_asked(model: ScriptedServer, times: int) -> None:
    deadline = time.monotonic() + 90
    while len(model.asked) < times:
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_answers_are_finished_and_then_it_is_gone_at_once(tmp_path: Path) -> None:
    go_on = threading.Event()
    script = [Reply("The Kestrel 2 costs 1,290 euros [1].", wait=go_on)]
    with (
        scripted(script) as model,
        server(tmp_path, model.url, LAUNCH_SERVE__CONCURRENCY="2") as (url, process),
        ThreadPoolExecutor() as pool,
        open_page(url),
    ):
        # Two are answered, and the third waits its turn.
        asked = [pool.submit(posted, url), pool.submit(posted, url), pool.submit(by_gradio, url)]
        until_asked(model, 2)
        time.sleep(0.5)
        process.send_signal(signal.SIGTERM)
        time.sleep(0.5)
        refused = posted(url)
        assert (refused.status_code, refused.json()["error"]["code"]) == (503, "stopping")
        assert httpx.get(f"{url}/readyz").status_code == 503
        assert httpx.get(f"{url}/healthz").status_code == 200
        time.sleep(0.5)
        assert process.poll() is None
        go_on.set()
        for reply in (asked[0].result(), asked[1].result()):
            assert reply.status_code == 200
            assert "1,290 euros" in reply.json()["text"]
        assert "event: complete" in asked[2].result()
        assert "1,290 euros" in asked[2].result()
        last = time.monotonic()
        _, said = process.communicate(timeout=20)
        assert time.monotonic() - last < 3
    assert process.returncode == 0, said
    assert "Traceback" not in said
    assert "Cancel" not in said


@pytest.mark.parametrize("again", [False, True])
def test_what_takes_too_long_is_cut_in_good_form(tmp_path: Path, again: bool) -> None:
    with (
        scripted([Reply(hang=True)]) as model,
        server(tmp_path, model.url, LAUNCH_SERVE__STOP_SECONDS="60" if again else "1") as (url, process),
        ThreadPoolExecutor() as pool,
        open_page(url),
    ):
        waiting = pool.submit(posted, url)
        until_asked(model, 1)
        begun = time.monotonic()
        process.send_signal(signal.SIGINT if again else signal.SIGTERM)
        if again:
            time.sleep(1)
            process.send_signal(signal.SIGINT)
        reply = waiting.result()
        assert (reply.status_code, reply.json()["error"]["code"]) == (503, "stopping")
        _, said = process.communicate(timeout=30)
        assert time.monotonic() - begun < 12
    assert "1 answer not finished" in said or again
    assert "Traceback" not in said, said
