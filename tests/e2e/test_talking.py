"""What readers do with answers, in a real browser: judge them, save them, ask them of a day, keep and change them."""

from __future__ import annotations

from typing import Any

import pytest

from ui.feedback import Feedback, Verdict

pytestmark = pytest.mark.e2e
# A page with what went wrong on it: conftest.Visit.
Visit = Any
WEIGHTS = "Does Muse Spark have open weights?"


def test_readers_judge_an_answer_by_keyboard(visit: Visit, page_home: Any) -> None:
    page = visit.page
    visit.ask(WEIGHTS)
    store = Feedback.of_home(page_home)
    before = len(store.entries())

    page.locator("#t1 [data-act=up]").focus()
    page.keyboard.press("Enter")
    page.wait_for_selector("#t1 .said:text('Kept')")
    assert page.locator("#t1 [data-act=up]").get_attribute("aria-pressed") == "true"

    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.locator("#t1 form.complaint select").select_option(index=1)
    page.keyboard.press("Tab")
    page.keyboard.type("It says <b>later</b>, not now.")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_selector("#t1 .said:text('citation 1 is wrong')")
    assert page.evaluate("document.activeElement.dataset.act") == "down"

    page.locator("#t1 .card [data-act=wrong]").first.click()
    assert page.locator("#t1 form.complaint select").input_value() == "1"
    page.keyboard.press("Escape")
    assert page.locator("#t1 form.complaint").count() == 0

    up, wrong = store.entries()[before:]
    assert (up.verdict, wrong.verdict, wrong.marker) == (Verdict.UP, Verdict.CITATION, 1)
    assert wrong.note == "It says <b>later</b>, not now."
    assert wrong.answer["question"] == WEIGHTS
    assert wrong.answer["citations"][0]["marker"] == 1
