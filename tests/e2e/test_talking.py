"""What readers do with answers, in a real browser: judge them, save them, ask them of a day, keep and change them."""

from __future__ import annotations

import copy
import csv
import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from assistant.chain import Assistant
from assistant.models import Event
from assistant.settings import Settings
from tests.conftest import served
from ui.cli import app
from ui.feedback import Feedback, Verdict

pytestmark = pytest.mark.e2e
# A page with what went wrong on it: conftest.Visit.
Visit = Any
WEIGHTS = "Does Muse Spark have open weights?"


def test_readers_judge_an_answer_by_keyboard(visit: Visit, page_home: Path) -> None:
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
    # While another word is being said, the first is neither lit nor thanked for; called off, it stands again.
    assert page.locator("#t1 [data-act=up]").get_attribute("aria-pressed") == "false"
    assert page.locator("#t1 .said").inner_text() == ""
    page.keyboard.press("Escape")
    assert page.locator("#t1 [data-act=up]").get_attribute("aria-pressed") == "true"
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


def test_a_conversation_is_saved_and_verified_again(
    visit: Visit, page_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = visit.page
    visit.ask(WEIGHTS)
    visit.ask("Who leads the lab that built Muse Spark?", turn=2)
    saved = {}
    for form in ("json", "markdown", "csv", "html"):
        page.locator("#save summary").click()
        with page.expect_download() as download:
            page.locator(f"#save [data-format={form}]").click()
        saved[form] = tmp_path / download.value.suggested_filename
        download.value.save_as(saved[form])
    assert [path.suffix for path in saved.values()] == [".json", ".md", ".csv", ".html"]

    pack = json.loads(saved["json"].read_text("utf-8"))
    quoted = [c for one in pack["answers"] for c in (*one["citations"], *one["agreeing"])]
    cited = [c for one in pack["answers"] for c in one["citations"]]
    assert len(quoted) > len(cited)
    assert pack["answers"][0]["question"] == WEIGHTS
    assert cited
    rows = list(csv.DictReader(saved["csv"].read_text("utf-8").splitlines(keepends=True)))
    assert [row["digest"] for row in rows] == [c["digest"] for c in quoted]
    assert [row["digest"] for row in rows if row["role"] == "cited"] == [c["digest"] for c in cited]
    printed = saved["html"].read_text("utf-8")
    assert all(c["digest"] in printed for c in quoted)
    assert all(c["digest"] in saved["markdown"].read_text("utf-8") for c in quoted)

    monkeypatch.setenv("LAUNCH_HOME", str(page_home))
    told = CliRunner().invoke(app, ["verify", str(saved["json"])])
    assert told.exit_code == 0, told.output
    assert told.stdout.count("current") == len(quoted)
    cited[0]["quote"] = "Nobody ever wrote this."
    saved["json"].write_text(json.dumps(pack), "utf-8")
    assert CliRunner().invoke(app, ["verify", str(saved["json"])]).stdout.count("changed") == 1


def test_copying_with_and_without_citations(visit: Visit) -> None:
    page = visit.page
    visit.ask(WEIGHTS)
    quote = page.locator("#t1 .card q").first.inner_text().strip("“”")
    copied = []
    for place in (0, 1):
        page.locator("#t1 [data-act=copy]").nth(place).click()
        page.wait_for_selector("#t1 [data-act=copy]:text('Copied')")
        copied.append(page.evaluate("navigator.clipboard.readText()"))
    with_sources, alone = copied
    assert "[1]" in with_sources
    assert "Sources" in with_sources
    assert quote in alone
    assert "[1]" not in alone
    assert "Sources" not in alone


def test_a_question_right_after_stopping_is_asked(visit: Visit) -> None:
    page = visit.page
    page.fill("#question textarea", "Which apps will get Muse Spark, and when, and in which countries?")
    page.keyboard.press("Enter")
    page.wait_for_selector("#t1.is-working")
    page.evaluate("document.querySelector('#stop').click()")  # at once: the answer must not be there before
    page.wait_for_selector("#t1.is-stopped")
    visit.ask(WEIGHTS, turn=2)
    assert page.locator("#t2 h2").inner_text() == WEIGHTS
    assert page.locator(".turn").count() == 2
    page.wait_for_timeout(500)
    assert page.locator(".turn").count() == 2
    assert page.input_value("#question textarea") == ""


class SlowToEnd(Assistant):
    """Gives its answer, and takes a while to end."""

    def stream(self, *args: Any, **how: Any) -> Iterator[Event]:
        yield from super().stream(*args, **how)
        time.sleep(1.5)


def test_a_question_while_the_last_run_still_ends_is_asked_once(
    open_page: Callable[..., Visit], page_assistant: Assistant, page_settings: Settings
) -> None:
    slow = copy.copy(page_assistant)
    slow.__class__ = SlowToEnd
    with served(slow, page_settings) as url:
        visit = open_page(url)
        page = visit.page
        for turn, question in enumerate((WEIGHTS, "When was Muse Spark launched?", WEIGHTS), start=1):
            visit.ask(question, turn=turn)
            page.keyboard.press("Enter")  # once more, with nothing in the box
        # A draft that was changed again is the reader's to send.
        page.fill("#question textarea", "Who said")
        page.keyboard.press("Enter")
        page.fill("#question textarea", "Who said what?")
        page.wait_for_timeout(2_500)
        assert page.locator("#talk h2").all_inner_texts() == [
            WEIGHTS,
            "When was Muse Spark launched?",
            WEIGHTS,
        ]
        assert page.input_value("#question textarea") == "Who said what?"
        visit.check()
        page.context.close()


def test_a_conversation_brought_back_at_once_is_shown(visit: Visit) -> None:
    page = visit.page
    visit.ask(WEIGHTS)
    for _ in range(8):
        page.locator("#conversations").click()
        page.focus("#talks [aria-label^=Delete]")
        page.keyboard.press("Enter")
        page.keyboard.press("Enter")  # on "Undo", which has the focus
        page.keyboard.press("Escape")
        page.wait_for_selector("#t1.is-done")


@pytest.mark.parametrize("after", [0, 150, 400])
def test_a_new_conversation_during_an_answer_begins_with_its_own_question(visit: Visit, after: int) -> None:
    page = visit.page
    interrupted = "Which apps will get Muse Spark, and when, and in which countries?"
    visit.ask(WEIGHTS)
    page.fill("#question textarea", interrupted)
    page.keyboard.press("Enter")
    page.wait_for_selector("#t2.is-working")
    page.wait_for_timeout(after)
    page.evaluate("document.querySelector('#new').click()")
    page.wait_for_selector("#talk .empty")
    visit.ask("When was Muse Spark launched?")
    page.wait_for_function("JSON.parse(Object.values(localStorage)[0]).talks[0].turns.at(-1).answer")
    assert page.locator(".turn").count() == 1
    talks = page.evaluate(
        "JSON.parse(Object.values(localStorage)[0]).talks.map(t => t.turns.map(u => u.question))"
    )
    assert talks == [["When was Muse Spark launched?"], [WEIGHTS, interrupted]]


def test_a_question_is_asked_of_a_day(visit: Visit) -> None:
    page = visit.page
    field = page.get_by_label("Only what was published by")
    field.fill("31 February 2026")
    page.fill("#question textarea", "Which apps will get Muse Spark?")
    page.keyboard.press("Enter")
    page.wait_for_selector("#as-of-remark [role=alert]")
    assert "no 31 February 2026 in the calendar" in page.locator("#as-of-remark").inner_text()
    assert page.locator(".turn").count() == 0
    assert page.input_value("#question textarea") == "Which apps will get Muse Spark?"

    field.fill("9 April 2026")
    field.press("Enter")
    page.wait_for_selector("#t1.is-done", timeout=60_000)
    assert "Published by 9 April 2026" in page.locator("#t1 .status").inner_text()
    assert page.locator("#as-of-remark").inner_text().strip() == ""
    days = page.locator("#t1 .card time").evaluate_all("all => all.map(t => t.getAttribute('datetime'))")
    assert days
    assert max(days) <= "2026-04-09"


def test_conversations_survive_a_reload_and_are_renamed_changed_and_deleted(visit: Visit) -> None:
    page = visit.page
    hostile = "<img src=x onerror=window.hit=1> weights of Muse Spark?"
    visit.ask(hostile)
    first = page.locator("#t1 .text").inner_text()
    page.locator("#new").click()
    page.wait_for_selector("#talk .empty")
    visit.ask("When was Muse Spark launched?")
    page.reload()
    page.wait_for_selector("#t1.is-done", timeout=60_000)
    assert page.locator("#t1 h2").inner_text() == "When was Muse Spark launched?"

    # What was restored is the conversation that the next question follows, and its quotes open.
    visit.ask("Who leads the lab that built it?", turn=2)
    page.locator("#t1 .text button.marker").first.click()
    page.wait_for_selector("#quote")
    page.keyboard.press("Escape")
    page.locator("#t2 [data-act=edit]").click()
    page.locator("#t2 form.rewrite textarea").fill("Which apps will get it?")
    page.keyboard.press("Enter")
    page.wait_for_selector("#t2.is-working, #t2 h2:text('Which apps')")
    page.wait_for_selector("#t2.is-done h2:text('Which apps')", timeout=60_000)
    assert page.locator(".turn").count() == 2

    page.locator("#conversations").click()
    names = page.locator("#talks .name")
    assert names.all_inner_texts() == ["When was Muse Spark launched?", hostile]
    page.locator("#talks").get_by_role("button", name="Rename").last.click()
    page.keyboard.type("Weights, <b>closed</b>")
    page.keyboard.press("Enter")
    page.locator("#talks .open-talk", has_text="Weights, <b>closed</b>").click()
    page.wait_for_selector(f"#t1.is-done h2:text({json.dumps(hostile)})")
    assert page.locator("#t1 .text").inner_text() == first
    assert page.evaluate("window.hit") is None

    page.locator("#conversations").click()
    page.locator("#talks").get_by_role("button", name="Delete Weights").click()
    page.wait_for_selector("#talk .empty", state="attached", timeout=60_000)
    assert names.count() == 1
    page.locator("#talks").get_by_role("button", name="Undo").click()
    assert names.count() == 2
    page.locator("#talks").get_by_role("button", name="Delete Weights").click()
    page.locator("#talks").get_by_role("button", name="Delete When").click()
    page.keyboard.press("Escape")
    page.reload()
    page.wait_for_selector("#talk .empty")
    assert page.evaluate("JSON.parse(Object.values(localStorage)[0]).talks.length") == 0


def test_a_store_that_was_tampered_with_shows_text_or_nothing(visit: Visit) -> None:
    page = visit.page
    visit.ask(WEIGHTS)
    mischief = "<img src=x onerror=window.hit=1>"
    page.wait_for_function("JSON.parse(Object.values(localStorage)[0]).talks[0].turns[0].answer")
    # As the page opens again: until then it may still write what has come of further questions.
    page.add_init_script(
        """(mischief => {
            if (sessionStorage.tampered) return;
            sessionStorage.tampered = "yes";
            const name = Object.keys(localStorage)[0];
            const store = JSON.parse(localStorage.getItem(name));
            const answer = store.talks[0].turns[0].answer;
            answer.text = mischief;
            answer.sentences.forEach((s) => (s.text = mischief + " [1]"));
            Object.assign(answer.citations[0], { title: mischief, quote: mischief, url: "javascript:window.hit=1", kind: mischief, digest: mischief });
            store.talks.push({ key: "broken", name: mischief, at: "", turns: [{ question: mischief, state: "odd" }] });
            localStorage.setItem(name, JSON.stringify(store));
        })(MISCHIEF)""".replace("MISCHIEF", json.dumps(mischief))
    )
    page.reload()
    page.wait_for_selector("#t1.is-done", timeout=60_000)
    assert mischief in page.locator("#t1 .text").inner_text()
    assert page.locator("#talk img, #talk a[href^='javascript']").count() == 0
    page.locator("#conversations").click()
    page.locator("#talks .open-talk", has_text=mischief).click()
    page.wait_for_selector("#t1.is-failed")
    assert page.locator("#t1 h2").inner_text() == mischief
    assert page.locator("#talk img").count() == 0
    assert page.evaluate("window.hit") is None


def test_further_questions_are_offered_and_answered(visit: Visit) -> None:
    page = visit.page
    visit.ask("Who leads the lab that built Muse Spark?")
    page.wait_for_selector("#t1 .next .chip", timeout=60_000)
    offered = page.locator("#t1 .next .chip").all_inner_texts()
    assert 1 <= len(offered) <= 3
    assert len(set(offered)) == len(offered)
    page.locator("#t1 .next .chip").first.click()
    page.wait_for_selector("#t2.is-done", timeout=60_000)
    assert page.locator("#t2 h2").inner_text() == offered[0]
    assert page.locator("#t2 .status").get_attribute("class") in ("status is-answered", "status is-differ")
    assert not page.locator("#t1 .next").is_visible()
