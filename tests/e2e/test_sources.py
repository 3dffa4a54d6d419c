"""A sentence, its marker and its card belong together: seen by pointing, by focus, and in what is copied."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.test_adding import own_folder

pytestmark = pytest.mark.e2e
# A page with what went wrong on it: conftest.Visit.
Visit = Any
APPS = "What are the known weaknesses of Muse Spark?"
LEADS = "Who leads Meta Superintelligence Labs?"
LIT = """() => Object.fromEntries([["sentences", ".text [data-markers]"], ["cards", ".card"], ["quotes", ".card [data-quote]"]].map(
    ([name, those]) => [name, [...document.querySelectorAll(`#t1 ${those}`)].flatMap((e, i) => e.classList.contains("is-active") ? [i] : [])]))"""


def lit(visit: Visit) -> dict[str, list[int]]:
    found: dict[str, list[int]] = visit.page.evaluate(LIT)
    return found


def belonging(visit: Visit, markers: list[int]) -> dict[str, list[int]]:
    """Which sentences, cards and quotes belong to these markers, by their places."""

    def places(those: str, name: str) -> list[int]:
        of = visit.page.locator(f"#t1 {those}").evaluate_all(f"all => all.map(e => e.dataset.{name})")
        return [i for i, has in enumerate(of) if {int(m) for m in has.split()} & set(markers)]

    return {
        "sentences": places(".text [data-markers]", "markers"),
        "cards": places(".card", "markers"),
        "quotes": places(".card [data-quote]", "quote"),
    }


NOTHING: dict[str, list[int]] = {"sentences": [], "cards": [], "quotes": []}


@pytest.mark.parametrize("width", [390, 1280])
def test_a_marker_lights_its_card_and_a_card_its_sentences(
    open_page: Callable[..., Visit], width: int
) -> None:
    visit = open_page(viewport={"width": width, "height": 860})
    page = visit.page
    visit.ask(APPS)
    cards, markers = page.locator("#t1 .card"), page.locator("#t1 .text button.marker")
    assert cards.count() >= 2
    page.mouse.move(1, 1)
    assert lit(visit) == NOTHING

    # By pointing.
    markers.first.hover()
    first = belonging(visit, [1])
    assert lit(visit) == first
    assert len(first["cards"]) == 1
    cards.last.locator(".byline").hover()
    of_last = [int(m) for m in cards.last.get_attribute("data-markers").split()]
    assert lit(visit) == belonging(visit, of_last)
    assert lit(visit)["sentences"]
    page.locator("#t1 .text [data-markers]").first.hover(position={"x": 5, "y": 5})
    assert 0 in lit(visit)["cards"]
    page.locator("#t1 .status").hover()
    assert lit(visit) == NOTHING

    # By focus.
    page.mouse.move(1, 1)
    markers.first.focus()
    assert lit(visit) == first
    cards.last.locator("button.open").focus()
    assert lit(visit)["cards"] == [cards.count() - 1]
    page.evaluate("document.activeElement.blur()")
    assert lit(visit) == NOTHING

    # What was opened stays lit, also after another question redraws the page, until it is left.
    cards.last.locator("button.open").click()
    page.wait_for_selector("#quote")
    page.keyboard.press("Escape")
    page.locator("#question textarea").focus()
    page.mouse.move(1, 1)
    assert lit(visit) == belonging(visit, of_last)
    visit.ask("When was it launched?", turn=2)
    page.mouse.move(1, 1)
    assert lit(visit) == belonging(visit, of_last)
    page.keyboard.press("Escape")
    assert lit(visit) == NOTHING
    visit.check()
    page.context.close()


def test_how_sure_an_answer_is_stands_above_it_in_words(visit: Visit) -> None:
    visit.ask(LEADS)
    words = visit.page.locator("#t1 .status").inner_text()
    assert "agree" in words
    assert "%" not in words


def test_further_reports_that_agree_unfold_by_keyboard_and_open_at_their_quotes(visit: Visit) -> None:
    page = visit.page
    visit.ask(LEADS)
    summary = page.locator("#t1 .agreeing summary")
    assert "more source" in summary.inner_text()
    assert page.locator("#t1 .status").inner_text().lower().find(summary.inner_text().lower()) >= 0
    markers = page.locator("#t1 .agreeing button.marker")
    assert not markers.first.is_visible()
    summary.focus()
    page.keyboard.press("Enter")
    assert markers.count() == page.locator("#t1 .agreeing q").count() >= 1
    said = page.locator("#t1 .agreeing q").first.inner_text()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_selector("#quote")
    assert page.locator("#quote").inner_text().startswith(said)
    # It is another article than the cited ones, and none of the sentences is lit by it.
    page.locator("#reader [data-act=close]").click()
    assert lit(visit)["cards"] == []
    page.reload()
    page.wait_for_selector("#t1 .agreeing summary", timeout=60_000)


def test_what_is_copied_by_selecting_keeps_marks_markers_and_sources(visit: Visit) -> None:
    page = visit.page
    visit.ask(APPS)

    def copied(*, start: str, end: str) -> str:
        page.evaluate(
            """([start, end]) => {
                const range = document.createRange();
                range.setStartBefore(document.querySelector(start));
                range.setEndAfter(document.querySelector(end));
                getSelection().removeAllRanges();
                getSelection().addRange(range);
            }""",
            [start, end],
        )
        page.keyboard.press("Control+c")
        return str(page.evaluate("navigator.clipboard.readText()"))

    page.locator("#t1 .status").click()
    button = page.locator("#t1 button[data-act=copy]").first.get_attribute("data-copy")
    every = copied(start="#t1 .text > :first-child", end="#t1 .text > :last-child")
    sources = button[button.index("\nSources\n") :]
    assert sources in every
    quotes = [" ".join(q.split()) for q in page.locator("#t1 .text q").all_text_contents()]
    assert quotes
    for quote in quotes:
        assert f"“{quote}” [" in every

    # One sentence takes along only its own source; a few words of it are just words.
    one = copied(start="#t1 .text p.quote q", end="#t1 .text p.quote q")
    assert one.splitlines()[0] == f"“{quotes[0]}” [1]"
    assert "[1] " in one.split("Sources")[1]
    assert "[2] " not in one.split("Sources")[1]
    page.evaluate(
        """() => {
            const words = document.querySelector("#t1 .text p.quote q").firstChild;
            getSelection().setBaseAndExtent(words, 0, words, 5);
        }"""
    )
    page.keyboard.press("Control+c")
    assert page.evaluate("navigator.clipboard.readText()") == quotes[0][:5]
    html = page.evaluate(
        """async () => {
            const range = document.createRange();
            range.selectNodeContents(document.querySelector("#t1 .text"));
            getSelection().removeAllRanges();
            getSelection().addRange(range);
            document.execCommand("copy");
            const [item] = await navigator.clipboard.read();
            return await (await item.getType("text/html")).text();
        }"""
    )
    assert f"“{quotes[0]}” [1]" in html
    assert "<button" not in html


@pytest.mark.parametrize("width", [390, 1280])
def test_back_closes_an_article_and_then_leaves(open_page: Callable[..., Visit], width: int) -> None:
    visit = open_page(viewport={"width": width, "height": 860})
    page = visit.page
    page.goto("about:blank")
    page.goto(visit.url)
    page.wait_for_selector("#talk .empty")
    reader = page.locator("#reader")
    for leave in (page.go_back, lambda: page.keyboard.press("Escape")):
        page.locator(".latest button").first.click()
        page.wait_for_selector("#reader-title")
        leave()
        reader.wait_for(state="hidden")
        assert page.url.startswith(visit.url)
    # One after the other, at once.
    page.evaluate(
        """() => {
            const [one, two] = document.querySelectorAll(".latest button");
            one.click();
            document.querySelector("#reader [data-act=close]").click();
            two.click();
        }"""
    )
    page.wait_for_selector("#reader-title")
    page.wait_for_timeout(300)
    assert reader.is_visible()
    page.go_back()
    reader.wait_for(state="hidden")
    page.locator(".latest button").first.click()
    page.wait_for_selector("#reader-title")
    page.reload()
    page.wait_for_selector("#talk .empty")
    page.wait_for_timeout(500)
    page.go_back()
    assert page.url == "about:blank"
    page.context.close()


def test_an_article_that_was_removed_says_so_and_its_quote_is_marked_as_kept(
    open_page: Callable[..., Visit], tmp_path: Path
) -> None:
    folder = tmp_path / "our articles"
    folder.mkdir()
    (folder / "dock.md").write_text("The Kestrel dock took in 17 boats in its first week.\n", "utf-8")
    (folder / "crane.md").write_text("The Kestrel crane lifted 41 tonnes on its trial day.\n", "utf-8")
    with own_folder(folder, tmp_path / "home") as url:
        visit = open_page(url)
        page = visit.page
        visit.ask("How many boats did the Kestrel dock take in?")
        (folder / "dock.md").unlink()
        page.get_by_role("tab", name="Articles").click()
        page.locator("#rebuild").click()
        page.wait_for_selector("#report :text('1 removed')", timeout=60_000)
        page.get_by_role("tab", name="Ask").click()
        for _ in range(2):
            page.locator("#t1 .text button.marker").first.click()
            page.wait_for_selector("#reader [role=alert]")
            said = page.locator("#reader").inner_text()
            assert "was removed from the sources" in said
            assert "as the answer kept it" in said
            assert (
                page.locator("#reader .kept").inner_text()
                == "The Kestrel dock took in 17 boats in its first week."
            )
            assert page.locator("#reader .body").count() == 0
            page.reload()
            page.wait_for_selector("#t1.is-done", timeout=60_000)
        visit.check()
        page.context.close()
