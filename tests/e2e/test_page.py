"""The page in a real browser, on the real server with the real index."""

from __future__ import annotations

from typing import Any

import pytest

from corpus import Library
from ui.markup import spoken_date

pytestmark = pytest.mark.e2e
DONE = ".turn.is-done"
# A page with what went wrong on it: conftest.Visit.
Visit = Any


def test_a_marker_opens_the_article_at_the_quote(visit: Visit) -> None:
    visit.ask("Does Muse Spark have open weights?")
    page = visit.page
    marker = page.locator(".turn .text button.marker").first
    quoted = page.locator(".turn .card q").first.inner_text().strip("“”")
    marker.click()
    page.wait_for_selector("#quote")
    marked = " ".join(page.locator("#quote").inner_text().split())
    # The highlighted text ends with the quote's own marker.
    assert marked.rstrip("0123456789 ") == " ".join(quoted.split())
    page.keyboard.press("Escape")
    page.wait_for_selector("#reader", state="hidden")


def test_a_follow_up_is_understood_and_silence_is_said(visit: Visit) -> None:
    visit.ask("When was Muse Spark launched?")
    visit.ask("How many parking spaces does its canteen have?", turn=2)
    assert "The sources do not say." in visit.page.locator("#t2").inner_text()
    assert "Not in the sources" in visit.page.locator("#t2").inner_text()


def test_an_example_is_asked_by_selecting_it(visit: Visit) -> None:
    visit.page.locator(".empty button[data-act=ask]").first.click()
    visit.page.wait_for_selector(DONE, timeout=60_000)
    assert visit.page.locator(".turn .card").count() >= 1


def test_copying_takes_the_sources_along(visit: Visit) -> None:
    visit.ask("Does Muse Spark have open weights?")
    visit.page.locator(".turn button[data-act=copy]").first.click()
    copied = visit.page.evaluate("navigator.clipboard.readText()")
    assert "Does Muse Spark have open weights?" in copied
    assert "[1]" in copied
    assert "Sources" in copied


def test_the_articles_tab_lists_every_article(visit: Visit) -> None:
    page = visit.page
    page.get_by_role("tab", name="Articles").click()
    page.wait_for_selector("#shelf tbody tr")
    listed = page.locator("#shelf").inner_text()
    articles = Library().articles()
    assert page.locator("#shelf tbody tr").count() == len(articles)
    for article in articles:
        assert article.title in listed
        assert spoken_date(article.published) in listed
    page.fill("#shelf-search", "WhatsApp zzz")
    assert page.locator("#shelf tbody tr:visible").count() == 0


def test_markup_in_a_question_is_text(visit: Visit) -> None:
    visit.ask("<img src=x onerror=window.hit=1><script>window.hit=1</script> weights?")
    assert visit.page.evaluate("window.hit") is None
    assert visit.page.locator(".turn img").count() == 0


def test_no_sideways_scrolling(visit: Visit) -> None:
    visit.ask("Which apps will get Muse Spark?")
    wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    for tab in ("Ask", "Articles"):
        visit.page.get_by_role("tab", name=tab).click()
        for width in (320, 390, 768, 1440, 2560):
            visit.page.set_viewport_size({"width": width, "height": 800})
            assert visit.page.evaluate(wide) <= 0, (tab, width)
