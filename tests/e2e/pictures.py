"""Takes the pictures of the README files: each state of the page, on the real server with the shipped articles.

    python -m tests.e2e.pictures [NAME ...]

They are written into ui/pictures in as few colours as do, and are to be looked at before they are kept.
"""

from __future__ import annotations

import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from PIL import Image

from assistant.chain import Assistant
from assistant.settings import ChatConfig, Settings, load_settings, quiet_libraries
from tests.assistant.scripted_server import Asked, Reply, scripted
from tests.conftest import served
from tests.e2e.conftest import CHROMIUM
from tests.e2e.test_writing import writes

FOLDER = Path(__file__).parents[2] / "ui" / "pictures"
ANSWERED = "Does Muse Spark have open weights?"
SEVERAL = "What are the known weaknesses of Muse Spark?"
DIFFERS = "How much did Meta pay for its share of Scale AI?"
LEADS = "Who leads Meta Superintelligence Labs?"
IN_PART = "When was Muse Spark launched, and how many people work on it?"
SILENT = "Which chips was Muse Spark trained on?"
FOLLOWS = "When was it launched?"
WIDE, NARROW = {"width": 1280, "height": 860}, {"width": 390, "height": 844}
COLOURS = 96
NOTE = """---
title: A first week with Muse Spark
publisher: Harbour Post
published: 2026-04-15
kind: reporting
---
Muse Spark was in daily use at the Harbour Post for a week in April 2026. \
It planned two trips and read 31 reports, and it was wrong about one ferry. \
Its answers came in about four seconds, the paper wrote.
"""
Step = Callable[[Any], None]


def ask(*questions: str, day: str = "") -> Step:
    def step(page: Any) -> None:
        for question in questions:
            turn = page.locator(".turn").count() + 1
            if day:
                page.fill("#as-of :is(input, textarea)", day)
            page.fill("#question textarea", question)
            page.keyboard.press("Enter")
            page.wait_for_selector(f"#t{turn}.is-done", timeout=60_000)
        page.wait_for_timeout(4500)  # until further questions stand under the answer

    return step


def click(selector: str, *, wait: str = "") -> Step:
    def step(page: Any) -> None:
        page.locator(selector).first.click()
        if wait:
            page.wait_for_selector(wait, timeout=60_000)
        page.wait_for_timeout(500)

    return step


def begin(question: str, wait: str) -> Step:
    def step(page: Any) -> None:
        page.fill("#question textarea", question)
        page.keyboard.press("Enter")
        page.wait_for_selector(wait, timeout=60_000)
        page.wait_for_timeout(400)

    return step


def typed(selector: str, text: str) -> Step:
    return lambda page: page.locator(selector).fill(text)


def upload(page: Any) -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "a first week.md"
        file.write_text(NOTE, "utf-8")
        other = Path(folder) / "prices.md"
        other.write_text("---\ntitle: [prices\n---\n", "utf-8")
        with page.expect_file_chooser() as chooser:
            page.locator("#add-files").click()
        chooser.value.set_files([file, other])
        page.wait_for_selector("#preview .preview", timeout=60_000)
        page.wait_for_timeout(300)


def removed(page: Any) -> None:
    page.wait_for_selector("#shelf [data-act=remove]")
    page.locator("#shelf [data-act=remove]").first.click()
    page.wait_for_selector("#undo", timeout=60_000)
    page.wait_for_timeout(800)


SOURCE = click(".turn .text button.marker", wait="#quote")
ARTICLES = click("#tabs [role=tab]:has-text('Articles')", wait="#shelf tbody tr")
KEPT = click("#keep", wait="#report :text('up to date')")
FORM = "#t1 form.complaint"


def states(url: str, busy: str, reader: str) -> Iterator[tuple[str, str, list[Step], dict[str, Any]]]:
    """Each state: its name, where it is taken, what leads to it, and what the browser is like."""
    phone: dict[str, Any] = {"viewport": NARROW}
    dark: dict[str, Any] = {"color_scheme": "dark"}
    yield "empty", url, [], {}
    yield "working", busy, [begin(ANSWERED, "#t1.is-working .text p")], {}
    yield (
        "stopped",
        busy,
        [begin(ANSWERED, "#t1.is-working .text p"), click("#stop", wait="#t1.is-stopped")],
        {},
    )
    yield "answer", url, [ask(SEVERAL), lambda p: p.locator("#t1 .card").last.hover()], {}
    yield "source", url, [ask(ANSWERED), SOURCE], {}
    yield "differ", url, [ask(DIFFERS)], {}
    yield "agree", url, [ask(LEADS), click("#t1 .agreeing summary")], {}
    yield "in-part", url, [ask(IN_PART)], {}
    yield "refusal", url, [ask(SILENT)], {}
    yield "follow-up", url, [ask(ANSWERED, FOLLOWS)], {}
    yield "as-of", url, [ask("Who leads the lab that built Muse Spark?", day="9 April 2026")], {}
    yield "edit", url, [ask(ANSWERED), click("#t1 [data-act=edit]")], {}
    complain = [click("#t1 [data-act=wrong]"), typed(f"{FORM} textarea", "It says later, not now.")]
    yield "complaint", url, [ask(ANSWERED), *complain], {}
    yield "save", url, [ask(ANSWERED), click("#save summary")], {}
    several = [ask(DIFFERS), click("#new"), ask(SILENT), click("#new"), ask(ANSWERED)]
    yield "conversations", url, [*several, click("#conversations", wait="#talks .name")], {}
    yield "articles", url, [ARTICLES], {}
    yield "read-only", reader, [ARTICLES], {}
    yield "timeline", url, [ARTICLES, click("[data-view=timeline]")], {}
    yield "preview", url, [ARTICLES, upload], {}
    yield "rebuilt", url, [ARTICLES, upload, KEPT], {}
    yield "removed", url, [ARTICLES, removed], {}
    yield "phone", url, [ask(ANSWERED)], phone
    yield "phone-source", url, [ask(ANSWERED), SOURCE], phone | dark
    yield "phone-articles", url, [ARTICLES], phone
    yield "dark", url, [ask(SEVERAL), lambda p: p.locator("#t1 .card").first.hover()], dark
    yield "dark-articles", url, [ARTICLES], dark


def small(picture: Path) -> int:
    """Keep a picture in few colours; gives its bytes."""
    with Image.open(picture) as shot:
        few = shot.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
    few.save(picture, optimize=True)
    return picture.stat().st_size


def take(browser: Any, addresses: tuple[str, str, str], wanted: list[str]) -> None:
    for name, url, steps, options in states(*addresses):
        if wanted and name not in wanted:
            continue
        headers = {"X-Reader": "reader"} if url == addresses[2] else {}
        context = browser.new_context(**{"viewport": WIDE, "extra_http_headers": headers} | options)
        page = context.new_page()
        page.goto(url)
        page.wait_for_selector("#talk .empty", timeout=60_000)
        page.wait_for_timeout(700)
        for step in steps:
            step(page)
        page.screenshot(path=FOLDER / f"{name}.png")
        context.close()
        print(f"{name}.png: {small(FOLDER / f'{name}.png'):,} bytes")


@contextmanager
def writing(assistant: Assistant, settings: Settings) -> Iterator[str]:
    """A page whose chat model stops for good within its second sentence."""

    def script(asked: Asked) -> Reply:
        number = asked.number("weights of Muse Spark are not open")
        text = (
            f"The weights of Muse Spark are not open [{number}]. The company said that it would at some later"
        )
        return Reply(text, wait=threading.Event(), wait_after=13)

    with scripted(script) as server:
        chat = ChatConfig(model="openai:scripted", base_url=server.url, timeout=60.0)
        with served(writes(assistant, chat), settings) as url:
            yield url


def main() -> None:
    from playwright.sync_api import sync_playwright

    quiet_libraries()
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as home:
        settings = load_settings().model_copy(update={"home": Path(home)})
        assistant = Assistant.from_settings(settings)
        serve = settings.serve.model_copy(update={"user_header": "X-Reader"})
        with (
            served(assistant, settings) as url,
            served(assistant, settings.model_copy(update={"serve": serve})) as reader,
            writing(assistant, settings) as busy,
            sync_playwright() as driver,
        ):
            browser = driver.chromium.launch(
                executable_path=CHROMIUM,
                args=["--no-sandbox", "--disable-quic", "--disable-background-networking"],
            )
            take(browser, (url, busy, reader), sys.argv[1:])
            browser.close()


if __name__ == "__main__":
    main()
