"""Stopping: nothing of an answer comes after it was stopped, whatever is already on its way."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import gradio as gr
import httpx
from fastapi import FastAPI

from assistant.chain import Assistant
from assistant.settings import Settings
from ui.chat import Conversing
from ui.exchange import Exchange, State, Talk
from ui.reading import Shelf
from ui.runs import Runs
from ui.server import mount


def growing(*pieces: str) -> list[Talk]:
    exchange = Exchange("Q")
    talks = [Talk("k", (exchange,))]
    for piece in pieces:
        exchange = exchange.grown(piece)
        talks.append(Talk("k", (exchange,)))
    return talks


def test_a_stopped_answer_ends_as_stopped_with_what_was_shown() -> None:
    runs = Runs()
    followed = runs.followed("a", iter(growing("one", "two")))
    other = runs.followed("b", iter(growing("one", "two")))
    next(followed), next(followed), next(other)
    runs.stop("a")
    (last,) = followed
    assert last.exchanges[-1].state is State.STOPPED
    assert last.exchanges[-1].pieces == ("one",)
    assert [talk.exchanges[-1].pieces for talk in other] == [("one",), ("one", "two")]


def test_a_dropped_or_overtaken_answer_ends_without_a_word() -> None:
    runs = Runs()
    dropped = runs.followed("a", iter(growing("one")))
    next(dropped)
    runs.drop("a")
    assert list(dropped) == []
    overtaken = runs.followed("a", iter(growing("one")))
    next(overtaken)
    newer = runs.followed("a", iter(growing("two")))
    next(newer)
    assert list(overtaken) == []
    assert len(list(newer)) == 1


def test_a_stop_that_comes_too_late_stops_nothing() -> None:
    runs = Runs()
    assert len(list(runs.followed("a", iter(growing("one"))))) == 2
    runs.stop("a")
    assert [t.exchanges[-1].state for t in runs.followed("a", iter(growing("two")))] == [State.WORKING] * 2


def test_a_stop_after_the_end_leaves_the_page_as_it_is(page_assistant: Assistant) -> None:
    request = gr.Request(session_hash="s")
    conversing = Conversing(page_assistant, Shelf(page_assistant))
    working = growing("one")[-1]
    done = working.with_last(replace(working.exchanges[-1], state=State.DONE))
    assert all(value == gr.skip() for value in conversing.halt(done, request))
    assert conversing.halt(working, request)[1].exchanges[-1].state is State.STOPPED


class _SlowToClose:
    """A run's generator that takes a while to end, as one does whose step is under way."""

    async def aclose(self) -> None:
        await asyncio.sleep(0.05)


def test_a_run_that_is_cancelled_from_two_sides_is_cancelled_once_and_nobody_is_refused(
    page_assistant: Assistant, page_settings: Settings
) -> None:
    mounted: FastAPI = mount(page_assistant, page_settings)
    page = next(r.app for r in mounted.routes if isinstance(getattr(r, "app", None), gr.routes.App))
    body = {"session_hash": "s", "fn_index": 1, "event_id": "run"}

    async def both() -> list[int]:
        page.get_blocks()._queue.set_server_app(page)
        page.get_blocks().run_startup_events()
        page.iterators["run"] = _SlowToClose()
        address = "http://127.0.0.1"
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app=mounted), base_url=address) as client:
            cancels = [client.post("/gradio_api/cancel", json=body) for _ in range(2)]
            # The run itself ends meanwhile.
            *replies, _ = await asyncio.gather(*cancels, page.get_blocks()._queue.reset_iterators("run"))
        return [reply.status_code for reply in replies]

    assert asyncio.run(both()) == [200, 200]
    assert "run" not in page.iterators
