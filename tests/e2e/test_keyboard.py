"""The whole page without a mouse."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.e2e
# A page with what went wrong on it: conftest.Visit.
Visit = Any
HERE = """() => { const e = document.activeElement; return e.id || e.dataset.act || e.dataset.view || e.className.split(" ")[0] || e.closest("[id]")?.id; }"""


class Keys:
    """What a reader does who has a keyboard only."""

    def __init__(self, page: Any) -> None:
        self.page = page

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def go(self, selector: str, *, back: bool = False, most: int = 80) -> None:
        """Tab until the focus is there."""
        for _ in range(most):
            if self.page.evaluate("s => document.activeElement?.matches(s)", selector):
                return
            self.press("Shift+Tab" if back else "Tab")
        raise AssertionError(f"{selector} is not reached by Tab; the focus is at {self.page.evaluate(HERE)}")

    def type(self, text: str) -> None:
        self.page.keyboard.type(text)


def test_everything_is_done_without_a_mouse(visit: Visit, tmp_path: Path) -> None:
    page = visit.page
    keys = Keys(page)
    # The box has the focus when the page opens.
    page.wait_for_function("() => document.activeElement?.closest('#question')")
    keys.type("Which apps will get Muse Spark?")
    keys.press("Enter")
    page.wait_for_selector("#t1.is-done", timeout=60_000)

    # A marker opens its article; Escape comes back to it, and its card is lit.
    keys.go("#t1 .text .marker", back=True)
    keys.press("Enter")
    page.wait_for_selector("#quote")
    keys.press("Escape")
    page.wait_for_selector("#reader", state="hidden")
    assert page.evaluate("document.activeElement.matches('#t1 .text .marker')")
    assert page.locator("#t1 .card.is-active").count() == 1
    keys.go("#t1 [data-act=copy]")
    keys.press("Enter")
    assert "Sources" in page.evaluate("navigator.clipboard.readText()")
    keys.go("#t1 [data-act=edit]")
    keys.press("Enter", "Control+a")
    keys.type("Does Muse Spark have open weights?")
    keys.press("Enter")
    page.wait_for_selector("#t1.is-done h2:text('open weights')", timeout=60_000)
    keys.go("#t1 .card .open", back=True)
    keys.press("Enter")
    page.wait_for_selector("#quote")
    keys.press("Escape")
    keys.go("#t1 .card [data-act=wrong]")

    # Out of anywhere "/" leads to the box, and so does the link at the very beginning.
    keys.press("/")
    assert page.evaluate("document.activeElement.closest('#question') !== null")
    keys.type("a/b")
    assert page.locator("#question textarea").input_value() == "a/b"
    keys.press("Control+a", "Delete")
    keys.go("a.skip", back=True)
    keys.press("Enter")
    page.wait_for_function("() => document.activeElement?.closest('#question')")

    # The menu, by Enter and Tab, closed by Escape.
    keys.go("#save summary", back=True)
    keys.press("Enter")
    keys.go("#save [data-format=csv]")
    with page.expect_download() as download:
        keys.press("Enter")
    assert download.value.suggested_filename.endswith(".csv")
    keys.press("Enter")
    assert page.locator("#save[open]").count() == 1
    keys.press("Escape")
    assert page.locator("#save[open]").count() == 0

    # Conversations: renamed, deleted, brought back.
    keys.go("#conversations", back=True)
    keys.press("Enter")
    keys.go("#talks [aria-label^=Rename]")
    keys.press("Enter")
    keys.type("Weights")
    keys.press("Enter")
    assert page.locator("#talks .name").inner_text() == "Weights"
    keys.go("#talks [aria-label^=Delete]")
    keys.press("Enter")
    assert page.evaluate("document.activeElement.textContent") == "Undo"
    keys.press("Enter", "Escape")
    page.wait_for_selector("#t1.is-done")

    # The articles: searched, as a timeline, opened, one added and taken away again.
    keys.go("#tabs [role=tab]", back=True)
    keys.press("ArrowRight")
    if not page.locator("#shelf-search").is_visible():
        keys.press("Enter")
    page.wait_for_selector("#shelf tbody tr:visible")
    keys.press("/")
    keys.type("techcrunch")
    keys.go("[data-view=timeline]")
    keys.press("Enter")
    keys.go(".timeline .open")
    keys.press("Enter")
    page.wait_for_selector("#reader[open] .body")
    keys.press("Escape")
    keys.press("/", "Control+a", "Delete")
    page.wait_for_timeout(600)  # the table is searched shortly after the last key
    keys.go("[data-view=table]")
    keys.press("Enter")
    file = tmp_path / "note.md"
    file.write_text(
        "---\ntitle: A quay for the Kestrel\npublisher: Quay\npublished: 2026-07-02\n---\nThe quay was opened in Leeds on "
        "2 July 2026. It took 14 months to build and cost 9 million euros, its owner said.\n",
        "utf-8",
    )
    page.wait_for_timeout(500)  # what was asked of the server before is there
    keys.go("#add-files, #add-files button")
    with page.expect_file_chooser() as chooser:
        keys.press("Enter")
    chooser.value.set_files(file)
    page.wait_for_selector("#preview .preview")
    keys.go("#keep, #keep button")
    keys.press("Enter")
    page.wait_for_selector("#shelf tbody tr:has-text('A quay')", timeout=60_000)
    keys.go("#shelf [data-act=remove]")
    keys.press("Enter")
    page.wait_for_selector("#undo", timeout=60_000)
    page.wait_for_selector("#shelf tbody tr:has-text('A quay')", state="detached", timeout=60_000)
    keys.go("#undo", back=True)
    keys.press("Enter")
    page.wait_for_selector("#shelf tbody tr:has-text('A quay')", timeout=60_000)
    keys.go("#shelf [data-act=remove]")
    keys.press("Enter")
    page.wait_for_selector("#shelf tbody tr:has-text('A quay')", state="detached", timeout=60_000)
