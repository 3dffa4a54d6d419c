"""Conversations on their way to the browser's store and back; days as people type them."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from assistant.errors import QuestionError
from assistant.models import Answer, Citation, Conflict, Outcome, Sentence, Side
from ui.days import read_day
from ui.exchange import UNREADABLE, Exchange, State, Talk, read_talk, record
from ui.wording import bare_text

CITED = Citation(
    1, "a", "Price <news>", "The Daily", "https://example.org/a", date(2026, 4, 8), "It costs [1] 12 euros.", 0, 22,
    "d" * 64, "reporting",
)  # fmt: skip
ANSWER = Answer(
    question="What does it cost?", standalone_question="What does it cost?", text="“It costs [1] 12 euros.” [1]",
    outcome=Outcome.PARTIAL, confidence=0.5, sentences=(Sentence("“It costs [1] 12 euros.” [1]", (1,), 1.0),),
    citations=(CITED,), conflicts=(Conflict("price", (Side("12", (1,)),)),), as_of=date(2026, 5, 1), hits=(),
    model="quotes", generation=3, timings={"total": 0.5}, notes=("A note.",), witnesses=1,
)  # fmt: skip


def back(talk: Talk) -> Any:
    kept = json.loads(record(talk))
    return read_talk({"key": kept["key"], "turns": [kept["turn"]]}, None)


def test_an_exchange_comes_back_as_it_was() -> None:
    asked = Exchange("What does it cost?", as_of=date(2026, 5, 1))
    talk = Talk("k", (asked.answered(ANSWER),))
    assert back(talk) == talk
    stopped = Talk("k", (replace(asked, state=State.STOPPED),))
    assert back(stopped) == stopped
    failed = Talk("", (replace(asked, state=State.FAILED, problem="No index."),))
    assert back(failed) == failed


def test_who_else_carries_a_report_comes_back_and_was_nobody_before_it_was_kept() -> None:
    shared = replace(ANSWER, citations=(replace(CITED, also_published_by=("Courier", "Post")),))
    talk = Talk("k", (Exchange("Q").answered(shared),))
    assert back(talk) == talk
    older = json.loads(record(talk))["turn"]
    del older["answer"]["citations"][0]["also_published_by"]
    (exchange,) = read_talk({"key": "k", "turns": [older]}, None).exchanges  # type: ignore[union-attr]
    assert exchange.answer is not None
    assert exchange.answer.citations[0].also_published_by == ()


def test_what_is_no_conversation_is_none_and_an_unknown_kind_is_unknown() -> None:
    kept = json.loads(record(Talk("k", (Exchange("Q").answered(ANSWER),))))["turn"]
    kept["answer"]["citations"][0]["kind"] = "<b>"
    (exchange,) = read_talk({"key": "k", "turns": [kept]}, None).exchanges  # type: ignore[union-attr]
    assert exchange.answer is not None
    assert exchange.answer.citations[0].kind == "unknown"
    for broken in (None, [], {"key": "k"}, {"key": "k", "turns": "Q"}):
        assert read_talk(broken, None) is None


def test_an_answer_that_cannot_be_read_keeps_its_place_among_the_others() -> None:
    kept = json.loads(record(Talk("k", (Exchange("Q").answered(ANSWER),))))["turn"]
    broken = json.loads(json.dumps(kept))
    del broken["answer"]["outcome"]
    talk = read_talk({"key": "k", "turns": [broken, {"question": "Q", "state": "working"}, 7, kept]}, None)
    assert talk is not None
    *lost, last = talk.exchanges
    assert [(e.question, e.state, e.problem) for e in lost] == [
        ("Q", State.FAILED, UNREADABLE),
        ("Q", State.FAILED, UNREADABLE),
        ("", State.FAILED, UNREADABLE),
    ]
    assert last.answer == ANSWER
    assert talk.history()[0].text == "Q"


def test_text_without_citations_keeps_what_the_article_wrote() -> None:
    assert bare_text(ANSWER) == "“It costs [1] 12 euros.”"


@pytest.mark.parametrize(
    "typed", ["2026-04-08", "8 April 2026", "April 8, 2026", " 8th of April 2026 ", "8 apr 2026"]
)
def test_a_day_is_read_as_people_write_it(typed: str) -> None:
    assert read_day(typed) == date(2026, 4, 8)


@pytest.mark.parametrize(
    "typed", ["2026-02-31", "31 February 2026", "April 2026", "8 April", "yesterday", "8" * 300]
)
def test_what_is_no_day_is_told_with_a_cure(typed: str) -> None:
    with pytest.raises(QuestionError, match="clear"):
        read_day(typed)


def test_an_empty_field_is_no_limit() -> None:
    assert read_day("  ") is None
    assert read_day(None) is None
