"""Takes the pictures of the README files: each state of the page, on the real server with the shipped articles.

    python -m tests.e2e.pictures ui/assets

They are to be looked at before they are kept.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Any

from assistant.chain import Assistant
from assistant.settings import load_settings, quiet_libraries
from tests.conftest import served
from tests.e2e.conftest import CHROMIUM

ANSWERED = "Does Muse Spark have open weights?"
DIFFERS = "How much did Meta pay for its share of Scale AI?"
SILENT = "Which chips was Muse Spark trained on?"
WIDE, NARROW = {"width": 1280, "height": 860}, {"width": 390, "height": 844}


def ask(page: Any, *questions: str) -> None:
    for question in questions:
        turn = page.locator(".turn").count() + 1
        page.fill("#question textarea", question)
        page.keyboard.press("Enter")
        page.wait_for_selector(f"#t{turn}.is-done", timeout=60_000)
    page.wait_for_timeout(1500)


def open_source(page: Any) -> None:
    page.locator(".turn .text button.marker").first.click()
    page.wait_for_selector("#quote")
    page.wait_for_timeout(600)


def articles(page: Any) -> None:
    page.get_by_role("tab", name="Articles").click()
    page.wait_for_selector("#shelf tbody tr")
    page.wait_for_timeout(600)


def take(browser: Any, url: str, folder: Path) -> None:
    def shot(name: str, *steps: Any, size: dict[str, int] = WIDE, dark: bool = False) -> None:
        context = browser.new_context(viewport=size, color_scheme="dark" if dark else "light")
        page = context.new_page()
        page.goto(url)
        page.wait_for_selector("#talk .empty", timeout=60_000)
        page.wait_for_timeout(800)
        for step in steps:
            step(page)
        page.screenshot(path=folder / f"{name}.png")
        context.close()
        print(f"{name}.png: {(folder / f'{name}.png').stat().st_size:,} bytes")

    shot("screenshot", lambda p: ask(p, ANSWERED), open_source)
    shot("empty")
    shot("refusal", lambda p: ask(p, SILENT))
    shot("differ", lambda p: ask(p, DIFFERS))
    shot("articles", articles)
    shot("dark", lambda p: ask(p, ANSWERED, SILENT), dark=True)
    shot("phone", lambda p: ask(p, ANSWERED), size=NARROW)
    shot("phone-source", lambda p: ask(p, ANSWERED), open_source, size=NARROW, dark=True)


def main() -> None:
    from playwright.sync_api import sync_playwright

    quiet_libraries()
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "ui/assets")
    with tempfile.TemporaryDirectory() as home:
        settings = load_settings().model_copy(update={"home": Path(home)})
        with served(Assistant.from_settings(settings), settings) as url, sync_playwright() as driver:
            browser = driver.chromium.launch(
                executable_path=CHROMIUM,
                args=["--no-sandbox", "--disable-quic", "--disable-background-networking"],
            )
            take(browser, url, folder)
            browser.close()


if __name__ == "__main__":
    main()
