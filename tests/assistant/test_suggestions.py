"""Questions made of sentences; that each is answered is seen in the browser tests, on the real index."""

from __future__ import annotations

import pytest

from assistant.suggestions import questions_of
from assistant.terms import content_words
from corpus.models import Launch

LAUNCH = Launch("Kestrel 2", company="Norvane")
TOPIC = content_words("Kestrel 2 Norvane")


@pytest.mark.parametrize(
    ("sentence", "question"),
    [
        ("Norvane introduced Kestrel Dock on 5 August 2026.", "When did Norvane introduce Kestrel Dock?"),
        (
            "The Orrery Fund bought Lumen Works in March 2025, it said.",
            "When did the Orrery Fund buy Lumen Works?",
        ),
        (
            "Norvane paid 14 million dollars for 49 per cent of Lumen Works.",
            "How much did Norvane pay for a share of Lumen Works?",
        ),
        ("Kestrel 2 scored 42.8 on HardBench, a test of reasoning.", "How did Kestrel 2 score on HardBench?"),
        ("HardBench 2.0 is a test of long tasks.", "What is HardBench 2.0?"),
        (
            "The Daily Ledger calls Kestrel 2 slow and dear.",
            "What does The Daily Ledger say about Kestrel 2?",
        ),
        ("Some of that went to the people of Lumen Works.", "What is known about Lumen Works?"),
    ],
)
def test_a_sentence_gives_its_question_first(sentence: str, question: str) -> None:
    made = sorted(questions_of(sentence, known=TOPIC, launch=LAUNCH))
    assert made[0][1] == question


@pytest.mark.parametrize(
    "sentence",
    [
        "Part of it rests on other newsletters and blogs.",
        "Closed designs let the company decide where it runs.",
        "It was quick, and it was cheap to build.",
        "The report gives no date for Kestrel 2.",
        "Kestrel 2 got cheaper in May, TechLedger reported.",
    ],
)
def test_a_sentence_about_nothing_new_gives_none(sentence: str) -> None:
    assert list(questions_of(sentence, known=TOPIC, launch=LAUNCH)) == []


def test_what_was_told_is_not_asked_again() -> None:
    told = TOPIC | content_words("HardBench")
    assert list(questions_of("Kestrel 2 scored 42.8 on HardBench.", known=told, launch=LAUNCH)) == []
