"""The short answer of a sentence: yes or no, or the one of its figures, dates and names that the model takes for it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np
import pytest

from assistant.evidence import Context, Thresholds
from assistant.models import Evidence
from assistant.replies import ASKED, with_replies
from assistant.values import other_unit, values
from corpus.models import Article, Kind
from index.models import Hit
from index.passages import passages


class Head:
    """An evidence model that holds of each claim what it was told, and keeps what it was asked."""

    name = "told"
    joint = True
    replies = True
    thresholds = Thresholds(0.5, 0.3, 0.5)

    def __init__(self, said: dict[str, float]) -> None:
        self.said = said
        self.asked: list[tuple[str, str]] = []

    def answers(self, question: str, contexts: Sequence[Context]) -> list[np.ndarray]:
        raise NotImplementedError

    def supports(self, pairs: Sequence[tuple[str, str]]) -> np.ndarray:
        self.asked += pairs
        return np.array([self.said.get(claim, 0.0) for claim, _ in pairs])


def evidence(*quotes: str) -> tuple[Evidence, ...]:
    text = " ".join(quotes)
    article = Article("a", "A report", "Daily", None, date(2026, 5, 1), None, Kind.REPORTING, text)
    (passage,) = passages(article, max_chars=4000, overlap_sentences=0)
    hit = Hit(passage, article, 1.0, 1, 1, 0.5)
    return tuple(Evidence(hit, text.index(q), text.index(q) + len(q), q, 0.5) for q in quotes)


@pytest.mark.parametrize(
    ("yes", "no", "reply"),
    [(0.9, 0.1, "Yes"), (0.1, 0.9, "No"), (0.4, 0.55, ""), (0.3, 0.3, ""), (0.7, 0.2, "Yes")],
)
def test_yes_or_no_is_taken_where_it_stands_out_from_what_the_head_leans_to(
    yes: float, no: float, reply: str
) -> None:
    head = Head({"Can it swim? Yes.": yes, "Can it swim? No.": no})
    (found,) = with_replies("Can it swim", evidence("The lamp floats in deep water."), head)
    assert found.reply == reply


def test_of_several_figures_the_one_that_the_model_holds_to_answer_is_taken() -> None:
    head = Head({"How large is Orla? 70 billion parameters.": 0.9})
    quotes = evidence("Orla has 70 billion parameters and learned from 11 trillion tokens in ten weeks.")
    (found,) = with_replies("How large is Orla?", quotes, head)
    assert found.reply == "70 billion parameters"
    assert [claim.split("? ")[1] for claim, _ in head.asked] == [
        "70 billion parameters.",
        "11 trillion tokens.",
        "Ten weeks.",
    ]


def test_only_what_the_question_counts_is_asked_about_where_a_sentence_has_it() -> None:
    head = Head({"How many parameters has Orla? 70 billion parameters.": 0.3})
    quotes = evidence("Orla has 70 billion parameters and learned from 11 trillion tokens in ten weeks.")
    (found,) = with_replies("How many parameters has Orla?", quotes, head)
    assert len(head.asked) == 1
    assert found.reply == "", "what the head holds unlikely is no answer"


def test_a_pronoun_is_read_with_the_sentence_before() -> None:
    head = Head({})
    with_replies("How much is the lamp?", evidence("The lamp is on sale.", "It costs 9 euros."), head)
    assert head.asked == [("How much is the lamp? 9 euros.", "The lamp is on sale. It costs 9 euros.")]


def test_what_offers_nothing_of_the_kind_is_not_asked_about_and_nor_are_the_many() -> None:
    head = Head({})
    quotes = evidence(*(f"Lamp number {n} was sold in the town of Esk." for n in range(20, 32)))
    found = with_replies("When was it sold?", quotes, head)
    assert head.asked == []
    assert [e.reply for e in found] == [""] * ASKED + [None] * (len(quotes) - ASKED)
    assert with_replies("When was it sold?", (), head) == ()


@pytest.mark.parametrize(
    ("question", "text", "phrases"),
    [
        ("What does it cost?", "In Spain it costs €19,450, or 300 euros a month.", ["€19,450", "300 euros"]),
        (
            "When is it out?",
            "Shown on 3 May 2026, it is out from 9 June for 40 euros.",
            ["3 May 2026", "9 June"],
        ),
        ("When in June is it out?", "It is out from 9 June.", []),
        ("Who designed Orla?", "Orla was designed by Ludmila Hron in Turin.", ["Ludmila Hron", "Turin"]),
        ("Which firm makes the screen?", "The screen bears the mark of Denkai.", ["Denkai"]),
        ("How many of the 40 rooms are free?", "Of its 40 rooms two dozen are free.", ["two dozen"]),
        ("Why is it late?", "It is late by 3 weeks.", []),
        ("Who may keep the lamp?", "Customers may keep it, and Denkai pays.", ["Denkai"]),
        ("Who may keep the lamp?", "Denkai may keep it.", ["Denkai"]),
        ("What cashback rate does Esk pay?", "Esk Bank and Denkai pay 2 per cent.", ["2 per cent"]),
        ("What cashback card does Esk sell?", "Esk sells one that Denkai prints.", ["Denkai"]),
    ],
)
def test_the_values_that_a_sentence_offers(question: str, text: str, phrases: list[str]) -> None:
    assert [v.phrase for v in values(question, text)] == phrases


@pytest.mark.parametrize(
    ("one", "other", "differ"),
    [
        ("30 knots", "56 km", True),
        ("two weeks", "14 days", False),
        ("Two thirds", "67%", True),
        ("12 kilometres", "7 km", False),
        ("6 inches", "7 inch", False),
        ("40 per cent", "41%", False),
        ("40 messages", "25 questions", False),
    ],
)
def test_units_of_measurement_that_are_not_the_same(one: str, other: str, differ: bool) -> None:
    assert other_unit(one, other) is differ


def reports(*quotes: str) -> tuple[Evidence, ...]:
    """One quote an article, best first."""
    found = []
    for number, quote in enumerate(quotes):
        article = Article(
            f"a{number}", "A report", f"Daily {number}", None, None, None, Kind.REPORTING, quote
        )
        (passage,) = passages(article, max_chars=4000, overlap_sentences=0)
        found.append(Evidence(Hit(passage, article, 1.0, 1, 1, 0.5), 0, len(quote), quote, 0.9 - number / 10))
    return tuple(found)


KEEPS = "It keeps the headphone jack, on the lower edge."
HAS_NONE = "There is no socket for wired headphones."


@pytest.mark.parametrize(
    ("supported", "replies"),
    [(0.0, ["Yes", "No"]), (0.9, ["", ""])],
    ids=["they differ", "each bears the other out"],
)
def test_two_sides_that_stand_out_only_beside_each_other_are_taken_where_their_words_say_so(
    supported: float, replies: list[str]
) -> None:
    class Both(Head):
        def supports(self, pairs: Sequence[tuple[str, str]]) -> np.ndarray:
            chances = {
                ("Does it have a jack? Yes.", KEEPS): 0.6, ("Does it have a jack? No.", KEEPS): 0.5,
                ("Does it have a jack? Yes.", HAS_NONE): 0.2, ("Does it have a jack? No.", HAS_NONE): 0.6,
            }  # fmt: skip
            return np.array([chances.get(pair, supported) for pair in pairs])

    found = with_replies("Does it have a jack", reports(KEEPS, HAS_NONE), Both({}))
    assert [e.reply for e in found] == replies


def test_a_figure_near_the_first_reports_needs_less_of_the_model_than_one_far_from_it() -> None:
    question = "How many parameters does it have"
    first, near, far = (
        "It has 70 billion parameters.",
        "They count 94 billion weights.",
        "It read 11 trillion tokens.",
    )
    head = Head(
        {
            f"{question}? 70 billion parameters.": 0.9,
            f"{question}? 94 billion weights.": 0.4,
            f"{question}? 11 trillion tokens.": 0.4,
        }
    )
    found = with_replies(question, reports(first, near, far), head)
    assert [e.reply for e in found] == ["70 billion parameters", "94 billion weights", ""]


@pytest.mark.parametrize(
    ("question", "text", "phrases"),
    [
        ("What interest rate does the bank pay?", "It pays 4.6% on sums from £1.", ["4.6%"]),
        (
            "How much did Meta pay for its share of Scale AI?",
            "Meta paid $14 billion for 49%.",
            ["$14 billion"],
        ),
        ("What is its top speed?", "It has 92 kW and reaches 190 km/h.", ["190 km/h"]),
    ],
)
def test_a_question_is_answered_in_the_unit_that_it_asks_for(
    question: str, text: str, phrases: list[str]
) -> None:
    assert [value.phrase for value in values(question, text)] == phrases
