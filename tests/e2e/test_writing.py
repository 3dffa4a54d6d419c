"""Answers that a chat model writes, in a real browser: seen sentence by sentence, and whole even when the model dies.

LAUNCH_LOCAL_MODEL=12 asks so many questions of the local model in all four ways; it takes minutes.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from assistant.chain import Assistant
from assistant.generative import IN_THEIR_WORDS, WritingAnswerer
from assistant.model_stream import make_chat_model
from assistant.models import Answer
from assistant.settings import ChatConfig, Settings
from tests.assistant.local_model import local_server, weights
from tests.assistant.scripted_server import Asked, Reply, scripted
from tests.conftest import served

pytestmark = pytest.mark.e2e
QUESTION = "Does Muse Spark have open weights?"
FIRST = "The weights of Muse Spark are not open"
#: Read when the file is, since a test sees no LAUNCH_ variable from outside.
MANY = int(os.environ.get("LAUNCH_LOCAL_MODEL", "0"))
SET = Path(__file__).parents[1] / "evals" / "muse_spark_dev.jsonl"


def writes(page_assistant: Assistant, chat: ChatConfig) -> Assistant:
    """The page's assistant with a chat model in the place of the quotes."""
    launch, evidence = page_assistant.launch, page_assistant.evidence
    answerer = WritingAnswerer(make_chat_model(chat), evidence, launch, chat, name=chat.model)
    return Assistant(page_assistant.retriever, evidence, launch=launch, answerer=answerer)


@contextmanager
def page_on(open_page: Callable[..., Any], assistant: Assistant, settings: Settings) -> Iterator[Any]:
    with served(assistant, settings) as url:
        visit = open_page(url)
        yield visit
        visit.check()
        visit.page.context.close()


def shown(visit: Any, turn: int = 1) -> str:
    return " ".join(visit.page.locator(f"#t{turn} .text").inner_text().split())


def quotes_are_exact(visit: Any, assistant: Assistant, turn: int = 1) -> int:
    texts = [" ".join(a.text.split()) for a in assistant.retriever.articles()]
    quotes = [q.strip().strip("“”") for q in visit.page.locator(f"#t{turn} .card q").all_inner_texts()]
    assert all(any(" ".join(q.split()) in text for text in texts) for q in quotes), quotes
    return len(quotes)


def test_a_server_that_dies_in_the_middle_leaves_a_whole_answer(
    open_page: Callable[..., Any], page_assistant: Assistant, page_settings: Settings
) -> None:
    def script(asked: Asked) -> Reply:
        number = asked.number("weights of Muse Spark are not open")
        # It stops for good within its second sentence.
        text = f"{FIRST} [{number}]. The company said that it would at some later point"
        return Reply(text, wait=threading.Event(), wait_after=14)

    with scripted(script) as server:
        chat = ChatConfig(model="openai:scripted", base_url=server.url, timeout=60.0, retries=1)
        assistant = writes(page_assistant, chat)
        with page_on(open_page, assistant, page_settings) as visit:
            page = visit.page
            page.fill("#question textarea", QUESTION)
            page.keyboard.press("Enter")
            # The first verified sentence stands there while the model is still at its second.
            page.wait_for_selector(f"#t1.is-working .text:has-text('{FIRST}')", timeout=60_000)
            server.close()
            page.wait_for_selector("#t1.is-done", timeout=60_000)
            text = shown(visit)
            assert text.startswith(FIRST)
            assert "later point" not in text
            alone = page_assistant.answer(QUESTION)
            if len(alone.citations) > 1:
                assert IN_THEIR_WORDS in text
            assert "The chat model failed" in page.locator("#t1").inner_text()
            assert quotes_are_exact(visit, assistant) == len(alone.citations)


def test_stopping_keeps_the_question_and_asking_again_answers_it(
    open_page: Callable[..., Any], page_assistant: Assistant, page_settings: Settings
) -> None:
    go_on = threading.Event()

    def script(asked: Asked) -> Reply:
        number = asked.number("weights of Muse Spark are not open")
        return Reply(f"{FIRST} [{number}]. Nothing else is said.", wait=go_on, wait_after=11)

    with scripted(script) as server:
        chat = ChatConfig(model="openai:scripted", base_url=server.url, timeout=60.0)
        with page_on(open_page, writes(page_assistant, chat), page_settings) as visit:
            page = visit.page
            page.fill("#question textarea", QUESTION)
            page.keyboard.press("Enter")
            page.wait_for_selector(f"#t1.is-working .text:has-text('{FIRST}')", timeout=60_000)
            page.locator("#stop").click()
            page.wait_for_selector("#t1.is-stopped", timeout=60_000)
            go_on.set()
            page.wait_for_timeout(1500)
            assert page.locator("#t1.is-stopped h2").inner_text() == QUESTION
            page.locator("#t1 button[data-act=retry]").click()
            page.wait_for_selector("#t1.is-done", timeout=60_000)
            assert page.locator(".turn").count() == 1
            assert page.locator("#t1 .status").inner_text() != "Stopped"
            assert shown(visit).startswith(FIRST)


def test_every_way_of_asking_shows_the_same(
    open_page: Callable[..., Any], page_assistant: Assistant, page_settings: Settings
) -> None:
    def script(asked: Asked) -> Reply:
        number = asked.number("weights of Muse Spark are not open")
        return Reply(f"{FIRST} [{number}]. Every weight can be had for 99 dollars [{number}].")

    with scripted(script) as server:
        chat = ChatConfig(model="openai:scripted", base_url=server.url, timeout=60.0)
        assistant = writes(page_assistant, chat)
        with page_on(open_page, assistant, page_settings) as visit:
            same_in_every_way(visit, assistant, [QUESTION])
            assert "99" not in visit.page.locator("#t1").inner_text()


def bare(text: str) -> str:
    """A text without what the page draws by its style: spaces, quotation marks and the brackets of markers."""
    return re.sub(r"[\s\[\]“”]", "", text)


def same_in_every_way(visit: Any, assistant: Assistant, questions: list[str]) -> list[Answer]:
    """Ask by `answer`, `stream`, the batch of the runnable, and in the browser; gives the answers."""
    answers = [assistant.answer(q) for q in questions]
    batch = assistant.as_runnable().batch(list(questions), {"max_concurrency": 1})
    for turn, (question, answer, batched) in enumerate(zip(questions, answers, batch, strict=True), start=1):
        *_, streamed = assistant.stream(question)
        for other in (streamed, batched):
            assert (other.text, other.citations, other.outcome) == (
                answer.text,
                answer.citations,
                answer.outcome,
            )
        if turn > 1:  # each question on its own, not as one of a conversation
            visit.page.goto(visit.url)
            visit.page.evaluate("localStorage.clear()")
            visit.page.goto(visit.url)
            visit.page.wait_for_selector("#talk .empty", timeout=60_000)
        visit.page.set_default_timeout(180_000)
        visit.page.fill("#question textarea", question)
        visit.page.keyboard.press("Enter")
        visit.page.wait_for_selector("#t1.is-done", timeout=180_000)
        # The box that sums up a difference stands among the sentences and is none.
        seen = visit.page.locator("#t1 .text").evaluate(
            "text => [...text.children].filter((e) => !e.matches('.conflict')).map((e) => e.innerText).join(' ')"
        )
        assert bare(seen) == bare(answer.text)
        quotes_are_exact(visit, assistant)
    return answers


def on_the_command_line(question: str, chat: ChatConfig, settings: Settings) -> dict[str, Any]:
    """What `launch-assistant ask --json` prints, with the model set as a user would."""
    variables = {
        **os.environ,
        "LAUNCH_HOME": str(settings.home),
        "LAUNCH_CHAT__MODEL": chat.model,
        "LAUNCH_CHAT__BASE_URL": chat.base_url,
        "LAUNCH_CHAT__MAX_TOKENS": str(chat.max_tokens),
        "LAUNCH_CHAT__TEMPERATURE": str(chat.temperature),
        "LAUNCH_CHAT__TIMEOUT": str(chat.timeout),
    }
    command = [sys.executable, "-m", "ui", "ask", "--json", question]
    done = subprocess.run(command, env=variables, capture_output=True, text=True, check=False)
    assert done.stdout, done.stderr
    return json.loads(done.stdout)


@pytest.mark.skipif(
    not MANY or weights() is None, reason="set LAUNCH_LOCAL_MODEL, with the local model installed"
)
@pytest.mark.timeout(3600)
def test_the_local_model_in_every_way(
    open_page: Callable[..., Any], page_assistant: Assistant, page_settings: Settings
) -> None:
    rows = [json.loads(line) for line in SET.read_text("utf-8").splitlines()]
    able = [r["question"] for r in rows if r["answerable"] and not r.get("history")]
    questions = able[:: max(1, len(able) // MANY)][:MANY]
    with local_server() as address:
        chat = ChatConfig(
            model="openai:smollm2", base_url=address, max_tokens=100, temperature=0, timeout=120
        )
        assistant = writes(page_assistant, chat)
        with page_on(open_page, assistant, page_settings) as visit:
            answers = same_in_every_way(visit, assistant, questions)
        for question, answer in zip(questions, answers, strict=True):
            asked = on_the_command_line(question, chat, page_settings)
            assert (asked["text"], asked["outcome"]) == (answer.text, answer.outcome.value)
    print(
        f"{len(answers)} questions, {sum(len(a.sentences) for a in answers)} sentences, the same in every way"
    )
