"""The main walk of the page, at three widths and in both themes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

pytestmark = pytest.mark.e2e
# A page with what went wrong on it: conftest.Visit.
Visit = Any

WIDTHS = {390: 844, 768: 1024, 1440: 900}
WIDE = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
#: The paper's lightness, from 0 to 255.
PAPER = "() => Number(getComputedStyle(document.body).backgroundColor.match(/\\d+/)[0])"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
def test_the_page_is_walked_through(open_page: Callable[..., Visit], width: int, scheme: str) -> None:
    size = {"width": width, "height": WIDTHS[width]}
    visit = open_page(viewport=size, color_scheme=scheme)
    page = visit.page

    def fits(state: str) -> None:
        assert page.evaluate(WIDE) <= 0, state

    assert (page.evaluate(PAPER) > 200) == (scheme == "light")
    fits("empty")

    # Asked; the sources stand beside the answer, or below it where there is no room.
    visit.ask("What are the known weaknesses of Muse Spark?")
    fits("answer")
    answer, sources = (page.locator(f"#t1 {part}").bounding_box() for part in (".answer", ".sources"))
    if width > 860:
        assert sources["x"] >= answer["x"] + answer["width"]
    else:
        assert sources["y"] >= answer["y"] + answer["height"]
    page.locator("#t1 .text button.marker").first.click()
    page.wait_for_selector("#quote")
    fits("source")
    assert page.locator("#quote").is_visible()
    # The other quotes of this article are marked too, and lie one step away.
    steps = page.locator("#reader-steps button")
    if steps.count():
        assert page.locator("#reader mark.is-other").count() >= 1
        steps.last.click()
        page.wait_for_selector("#reader-steps button:last-child[aria-current]")
    page.keyboard.press("Escape")

    # A follow-up that is understood, a difference, silence, a day.
    visit.ask("Does it have open weights?", turn=2)
    assert "Understood as" in page.locator("#t2 .small").inner_text()
    visit.ask("How much did Meta pay for its share of Scale AI?", turn=3)
    assert page.locator("#t3 .status").inner_text() == "Reports differ"
    assert page.locator("#t3 .conflict li").count() >= 2
    visit.ask("How many parking spaces does its canteen have?", turn=4)
    assert page.locator("#t4 .status").inner_text() == "Not in the sources"
    page.fill("#as-of :is(input, textarea)", "9 April 2026")
    visit.ask("Who leads the lab that built Muse Spark?", turn=5)
    assert "9 April 2026" in page.locator("#t5 .status").inner_text()
    page.fill("#as-of :is(input, textarea)", "the day after")
    page.fill("#question textarea", "When?")
    page.keyboard.press("Enter")
    page.wait_for_selector("#as-of-remark [role=alert]")
    fits("no day")
    page.fill("#as-of :is(input, textarea)", "")

    # What is done with an answer and with a conversation.
    page.locator("#t5 [data-act=down]").click()
    page.locator("#t5 form.complaint").wait_for()
    fits("complaint")
    page.keyboard.press("Escape")
    page.locator("#t5 [data-act=edit]").click()
    fits("edit")
    page.keyboard.press("Escape")
    page.locator("#save summary").click()
    menu = page.locator("#save .sheet").bounding_box()
    assert menu["x"] >= 0
    assert menu["x"] + menu["width"] <= width
    page.keyboard.press("Escape")
    page.locator("#conversations").click()
    assert page.locator("#talks .name").count() == 1
    fits("conversations")
    page.keyboard.press("Escape")

    # The articles.
    page.get_by_role("tab", name="Articles").click()
    page.wait_for_selector("#rebuild")
    fits("articles")
    page.fill("#shelf-search", "techcrunch")
    assert page.locator("#shelf tbody tr:visible").count() == 1
    page.fill("#shelf-search", "")
    page.get_by_role("button", name="Timeline").click()
    fits("timeline")
    page.locator(".timeline .open").first.click()
    page.wait_for_selector("#reader[open] .body")
    fits("article")
    page.keyboard.press("Escape")
    page.locator("#rebuild").click()
    page.wait_for_selector("#report :text('up to date')", timeout=60_000)
    fits("rebuilt")
    visit.check()
    page.context.close()
