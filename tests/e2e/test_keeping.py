"""The conversation is the browser's: it outlives a reload, a second tab, and a server that forgot it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest

from assistant.chain import Assistant
from assistant.settings import ChatConfig, Settings
from tests.assistant.scripted_server import Asked, Reply, scripted
from tests.conftest import served
from tests.e2e.test_writing import page_on, writes

pytestmark = pytest.mark.e2e
# A page with what went wrong on it: conftest.Visit.
Visit = Any
WEIGHTS = "Does Muse Spark have open weights?"
STORED = "() => JSON.parse(Object.entries(localStorage).find(([name]) => name.startsWith('launch-assistant'))[1]).talks.map(t => t.turns.map(u => u.question))"


def questions(page: Any) -> list[str]:
    found: list[str] = page.locator(".turn h2").all_inner_texts()
    return found


def test_a_question_under_way_is_there_after_a_reload(
    open_page: Callable[..., Any], page_assistant: Assistant, page_settings: Settings
) -> None:
    go_on = threading.Event()

    def script(asked: Asked) -> Reply:
        number = asked.number("weights of Muse Spark are not open")
        return Reply(f"The weights of Muse Spark are not open [{number}].", wait=go_on, wait_after=3)

    with scripted(script) as server:
        chat = ChatConfig(model="openai:scripted", base_url=server.url, timeout=60.0)
        with page_on(open_page, writes(page_assistant, chat), page_settings) as visit:
            page = visit.page
            page.fill("#as-of :is(input, textarea)", "1 May 2026")
            page.fill("#question textarea", WEIGHTS)
            page.keyboard.press("Enter")
            page.wait_for_selector("#t1.is-working", timeout=60_000)
            page.reload()
            page.wait_for_selector("#t1.is-stopped", timeout=60_000)
            go_on.set()
            assert questions(page) == [WEIGHTS]
            assert "1 May 2026" in page.locator("#t1 .status").inner_text()
            page.locator("#t1 [data-act=retry]").focus()
            page.keyboard.press("Enter")
            page.wait_for_selector("#t1.is-done", timeout=60_000)
            assert questions(page) == [WEIGHTS]
            # Whoever asked again by keyboard is not thrown back to the head of the page.
            assert page.evaluate("document.activeElement.closest('#question') !== null")


def test_two_tabs_lose_nothing_of_each_other(visit: Visit) -> None:
    first = visit.page
    visit.ask(WEIGHTS)
    other = first.context.new_page()
    other.goto(visit.url)
    other.wait_for_selector("#t1.is-done", timeout=60_000)
    visit.ask("When was it launched?", turn=2)
    other.fill("#question textarea", "Who leads the lab that built it?")
    other.keyboard.press("Enter")
    other.wait_for_selector("#t2.is-done", timeout=60_000)
    other.wait_for_function(
        "() => JSON.parse(Object.values(localStorage)[0]).talks[0].turns.at(-1).answer !== null"
    )
    assert first.evaluate(STORED) == [
        [WEIGHTS, "Who leads the lab that built it?"],
        [WEIGHTS, "When was it launched?"],
    ]
    # Each tab comes back with its own.
    for page, last in ((first, "When was it launched?"), (other, "Who leads the lab that built it?")):
        page.reload()
        page.wait_for_selector("#t2.is-done", timeout=60_000)
        assert questions(page) == [WEIGHTS, last]
    # A word on an answer does not make a conversation of its own.
    other.locator("#t1 [data-act=up]").click()
    other.wait_for_selector("#t1 .said:text('Kept')")
    assert len(first.evaluate(STORED)) == 2
    other.close()


def test_a_server_that_forgot_the_page_goes_on_where_it_was(
    open_page: Callable[..., Visit], page_assistant: Assistant, page_settings: Settings
) -> None:
    from ui.server import listen

    listener = listen("127.0.0.1", 0)
    port = listener.getsockname()[1]
    listener.close()
    with served(page_assistant, page_settings, port=port) as url:
        visit = open_page(url)
        visit.ask("Does Muse Spark have open weights?")
    # The same address, another server: nothing of the first one's memory is left.
    with served(page_assistant, page_settings, port=port):
        visit.page.wait_for_timeout(1500)
        visit.ask("When was it launched?", turn=2)
        assert questions(visit.page) == [WEIGHTS, "When was it launched?"]
        assert "Muse Spark" in visit.page.locator("#t2 .small").inner_text()
        assert visit.page.evaluate(STORED) == [[WEIGHTS, "When was it launched?"]]
        visit.page.locator("#t2 [data-act=edit]").click()
        visit.page.locator("#t2 form.rewrite textarea").fill("Who leads the lab that built it?")
        visit.page.keyboard.press("Enter")
        visit.page.wait_for_selector("#t2.is-done h2:text('Who leads')", timeout=60_000)
        assert visit.elsewhere == []
        visit.page.context.close()


def test_what_is_being_written_outlives_the_next_answer(visit: Visit) -> None:
    page = visit.page
    visit.ask(WEIGHTS)
    page.locator("#t1 [data-act=edit]").click()
    page.locator("#t1 form.rewrite textarea").fill("Which apps will get it?")
    page.locator("#t1 [data-act=down]").click()
    page.locator("#t1 form.complaint textarea").fill("Half a word")
    visit.ask("When was Muse Spark launched?", turn=2)
    assert page.locator("#t1 form.complaint textarea").input_value() == "Half a word"
    assert page.locator("#t1 form.rewrite textarea").input_value() == "Which apps will get it?"
    assert page.locator("#t1 [data-act=down]").get_attribute("aria-expanded") == "true"
    page.locator("#t1 form.complaint [type=submit]").click()
    page.wait_for_selector("#t1 .said:text('Kept')")
    assert page.locator("form.complaint").count() == 0
    # What was the last question is no longer: its new words are asked as the next one.
    page.locator("#t1 form.rewrite [type=submit]").click()
    page.wait_for_selector("#t3.is-done h2:text('Which apps')", timeout=60_000)
    assert questions(page) == [WEIGHTS, "When was Muse Spark launched?", "Which apps will get it?"]


def test_what_cannot_be_read_any_more_says_so_in_its_place(visit: Visit) -> None:
    page = visit.page
    visit.ask(WEIGHTS)
    visit.ask("When was it launched?", turn=2)
    page.evaluate(
        """() => {
            const name = Object.keys(localStorage)[0];
            const store = JSON.parse(localStorage.getItem(name));
            delete store.talks[0].turns[0].answer.outcome;
            localStorage.setItem(name, JSON.stringify(store));
        }"""
    )
    page.reload()
    page.wait_for_selector("#t2.is-done", timeout=60_000)
    assert "cannot be read" in page.locator("#t1.is-failed").inner_text()
    assert questions(page) == [WEIGHTS, "When was it launched?"]
