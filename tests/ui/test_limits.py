"""Limits hold by whatever address and way a question comes, and what they turn away is counted."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from assistant.chain import Assistant
from assistant.models import Event
from assistant.settings import Settings
from tests.conftest import served
from tests.ui.calling import call
from ui.errors import BusyError
from ui.limits import Gate

QUESTION = "Does Muse Spark have open weights?"
PEER = {"X-Forwarded-For": "192.0.2.7"}
"""The door exempts loopback from the rate; the proxy there is believed."""


def figure(url: str, name: str) -> float:
    families = text_string_to_metric_families(call(f"{url}/metrics")[1])
    return next(s.value for family in families for s in family.samples if s.name == name)


@contextmanager
def page(assistant: Assistant, settings: Settings, **serve: Any) -> Iterator[str]:
    changed = settings.model_copy(update={"serve": settings.serve.model_copy(update=serve)})
    with served(assistant, changed) as url:
        yield url


class Held(Assistant):
    """The real assistant, which begins to answer only when it is let."""

    def __init__(self, inner: Assistant) -> None:
        super().__init__(inner.retriever, inner.evidence, launch=inner.launch, answerer=inner.answerer)
        self.let = threading.Event()
        self.running = self.most = 0

    def stream(self, question: str, **more: Any) -> Iterator[Event]:
        self.running += 1
        self.most = max(self.most, self.running)
        try:
            assert self.let.wait(30)
            yield from super().stream(question, **more)
        finally:
            self.running -= 1


def until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_the_rate_holds_at_every_spelling_of_every_door(
    page_assistant: Assistant, page_settings: Settings
) -> None:
    asked = {"data": [QUESTION, [], ""]}
    with page(page_assistant, page_settings, per_minute=2) as url:
        own = {"question": QUESTION}
        joined = {"data": [], "fn_index": 0, "session_hash": "s", "trigger_id": 0}
        doors: list[tuple[str, object]] = [
            *((f"/api/{name}{slash}", own) for name in ("answer", "stream") for slash in ("", "/")),
            (f"/api/stream?question={QUESTION.replace(' ', '+')}", None),
            ("/api/stream/?question=a", None),
            *((f"/gradio_api/call/ask{slash}", asked) for slash in ("", "/")),
            *((f"/gradio_api/queue/join{slash}", joined) for slash in ("", "/", "?", "/?a=b")),
            ("/gradio_api/mcp/", {}),
            ("/gradio_api/mcp", {}),
        ]
        assert [call(url + "/gradio_api/call/ask/", asked, PEER)[0] for _ in range(3)] == [200, 200, 429]
        assert {door: call(url + door, body, PEER)[0] for door, body in doors} == {d: 429 for d, _ in doors}
        # Past the queue there is no way in, with or without a rate.
        for name in ("run/ask", "run/ask/", "api/ask", "api/ask/"):
            assert call(f"{url}/gradio_api/{name}", asked)[0] == 404
        assert call(f"{url}/gradio_api/call/v2/ask", asked)[0] == 404
        assert call(f"{url}/gradio_api/call/v2/ask/", {"question": 1})[0] == 404
        assert figure(url, "launch_turned_away_total") == len(doors) + 1


def test_feedback_packs_and_suggestions_have_a_rate_of_their_own(
    page_assistant: Assistant, page_settings: Settings
) -> None:
    with page(page_assistant, page_settings, per_minute=1) as url:
        for name in ("feedback", "export", "suggestions"):
            got = [call(f"{url}/api/{name}", {}, PEER)[0] for _ in range(62)]
            assert got == [400] * 60 + [429] * 2
        assert call(f"{url}/api/answer", {"question": QUESTION}, PEER)[0] == 200


def test_one_limit_holds_for_the_page_and_for_programs_together(
    page_assistant: Assistant, page_settings: Settings
) -> None:
    held = Held(page_assistant)
    with page(held, page_settings, concurrency=1, max_waiting=1) as url, ThreadPoolExecutor() as pool:
        first = pool.submit(call, f"{url}/api/answer", {"question": QUESTION})
        until(lambda: held.running == 1)
        _, begun = call(f"{url}/gradio_api/call/ask", {"data": [QUESTION, [], ""]})
        until(lambda: figure(url, "launch_questions_waiting") == 1)
        for door, body in (
            ("/api/answer", {"question": QUESTION}),
            ("/api/stream", {"question": QUESTION}),
            ("/gradio_api/call/ask", {"data": [QUESTION, [], ""]}),
        ):
            status, said = call(url + door, body)
            assert (status, json.loads(said)["error"]["code"]) == (429, "busy")
        assert figure(url, "launch_turned_away_total") == 3
        held.let.set()
        assert first.result()[0] == 200
        second = call(f"{url}/gradio_api/call/ask/{json.loads(begun)['event_id']}")[1]
        assert "event: complete" in second
        assert held.most == 1


@pytest.mark.parametrize("waiting", [0, 1])
def test_more_than_may_wait_are_turned_away_and_a_given_up_place_is_free_again(waiting: int) -> None:
    async def hold(gate: Gate) -> None:
        async with gate.aplace():
            pass

    async def run() -> None:
        gate = Gate(running=1, waiting=waiting)
        async with gate.aplace():
            line = [asyncio.create_task(hold(gate)) for _ in range(waiting)]
            await asyncio.sleep(0)
            assert gate.waiting == waiting
            with pytest.raises(BusyError, match="Ask again"):
                await hold(gate)
            for waiter in line:
                waiter.cancel()
            await asyncio.gather(*line, return_exceptions=True)
        assert gate.waiting == 0
        async with asyncio.timeout(1), gate.aplace():
            pass

    asyncio.run(run())


def test_threads_and_tasks_share_the_places_in_their_order() -> None:
    gate = Gate(running=2, waiting=100)
    running = most = 0
    lock = threading.Lock()

    def step(change: int) -> None:
        nonlocal running, most
        with lock:
            running += change
            most = max(most, running)

    def on_thread() -> None:
        with gate.place():
            step(1)
            time.sleep(0.005)
            step(-1)

    async def on_loop() -> None:
        async def one() -> None:
            async with gate.aplace():
                step(1)
                await asyncio.sleep(0.005)
                step(-1)

        given_up = asyncio.create_task(one())
        others = [asyncio.create_task(one()) for _ in range(20)]
        given_up.cancel()
        await asyncio.gather(given_up, *others, return_exceptions=True)

    threads = [threading.Thread(target=on_thread) for _ in range(20)]
    for thread in threads:
        thread.start()
    asyncio.run(on_loop())
    for thread in threads:
        thread.join()
    assert most == 2
    assert gate.waiting == 0
    assert not gate.full
