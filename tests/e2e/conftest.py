"""A real browser, and a page in it that notices what goes wrong."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
DONE = ".turn.is-done"
LEAVING = re.compile(r"AbortError: BodyStreamBuffer was aborted|Unexpected error Connection errored out")
"""What Gradio's own script says when a page is left while something still comes, be it only further questions."""


@pytest.fixture(scope="module")  # Playwright leaves a running event loop behind while it is open
def browser() -> Iterator[Browser]:
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if CHROMIUM is None:
        pytest.skip("no Chromium here; on Debian: apt install chromium")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(
            executable_path=CHROMIUM,
            args=["--no-sandbox", "--disable-quic", "--disable-background-networking"],
        )
        yield browser
        browser.close()


class Visit:
    """A page with what went wrong on it: requests to elsewhere, errors in the console, scripts that failed."""

    def __init__(self, page: Page, url: str) -> None:
        self.page, self.url = page, url
        self.elsewhere: list[str] = []
        self.errors: list[str] = []
        self._opened = 0
        page.on("request", lambda r: self._seen(r.url, opens=r.is_navigation_request()))
        page.on("console", lambda m: self.errors.append(m.text) if m.type == "error" else None)
        page.on("pageerror", lambda e: self.errors.append(str(e)))
        # Asked for from the beginning: a chooser that opens before the browser was told that somebody listens is
        # cancelled by a browser without a window, and expect_file_chooser tells it in the moment of the key.
        page.on("filechooser", lambda _: None)
        page.set_default_timeout(12_000)
        # The first page of a server is slow on a busy machine; it is given as long as what it shows.
        page.goto(url, timeout=60_000)
        page.wait_for_selector("#talk .empty", timeout=60_000)

    def _seen(self, address: str, opens: bool) -> None:
        self._opened += opens
        if not address.startswith((self.url, "data:", "blob:")):
            self.elsewhere.append(address)

    def check(self) -> None:
        left = self._opened > 1
        assert self.elsewhere == []
        assert [error for error in self.errors if not (left and LEAVING.match(error))] == []

    def ask(self, question: str, turn: int = 1) -> None:
        self.page.fill("#question textarea", question)
        self.page.keyboard.press("Enter")
        self.page.wait_for_selector(f"#t{turn}{DONE}", timeout=60_000)


@pytest.fixture(scope="module")
def open_page(browser: Browser, page_url: str) -> Callable[..., Visit]:
    """Opens a page of its own; closed with the browser. Takes an address and what a browser context takes."""

    def opened(url: str = page_url, **options: Any) -> Visit:
        context = browser.new_context(**{"viewport": {"width": 1280, "height": 860}, **options})
        context.grant_permissions(["clipboard-read", "clipboard-write"])
        return Visit(context.new_page(), url)

    return opened


@pytest.fixture
def visit(open_page: Callable[..., Visit]) -> Iterator[Visit]:
    """A fresh page; nothing may be asked of elsewhere, and no error may come up."""
    visit = open_page()
    yield visit
    visit.check()
    visit.page.context.close()
