"""A search query is asked as a question where its head says what is wanted, and left alone otherwise."""

from __future__ import annotations

import pytest

from assistant.keywords import as_question
from assistant.question import QuestionKind, kind_of


@pytest.mark.parametrize(
    ("query", "question", "kind"),
    [
        ("price of the Orla Seven", "What is the price of the Orla Seven?", QuestionKind.QUANTITY),
        ("Orla laptop weight?", "What is the Orla laptop weight?", QuestionKind.QUANTITY),
        ("Range of the Orla van?", "What is the range of the Orla van?", QuestionKind.QUANTITY),
        ("New CEO of Tavisk?", "Who is the new CEO of Tavisk?", QuestionKind.WHO),
        ("Orla lamp designer", "Who is the Orla lamp designer?", QuestionKind.WHO),
        ("release date of the Orla", "What is the release date of the Orla?", QuestionKind.WHEN),
        ("Orla scooter waterproof?", "Is the Orla scooter waterproof?", QuestionKind.YES_NO),
        ("the app free", "Is the app free?", QuestionKind.YES_NO),
    ],
)
def test_a_query_becomes_a_question(query: str, question: str, kind: QuestionKind) -> None:
    assert as_question(query) == question
    assert kind_of(question) is kind


@pytest.mark.parametrize(
    "query",
    [
        "What does it cost?",
        "is the Orla free",
        "tell me the price",
        "price",
        "Orla benchmarks",
        "thanks",
        "the price that we pay",
        "price of it (the Orla)?",
        "Orla and its rivals in a market where nobody else had so far asked for such a price",
    ],
)
def test_what_is_a_question_or_says_too_little_stays(query: str) -> None:
    assert as_question(query) == query
