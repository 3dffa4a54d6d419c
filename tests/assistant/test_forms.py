"""Questions that ask what something is, or what happened, are answered by sentences of that form."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant import Assistant
from assistant.distortion import says_the_opposite
from assistant.forms import _named, asked_as, defines, subject_of
from assistant.models import Evidence
from assistant.settings import Settings, load_settings
from corpus.models import Article, Kind
from index.models import Hit
from index.passages import passages

OWN = ("Tidewater", "Osk")


@pytest.mark.parametrize(
    ("question", "subject"),
    [
        ("What is Tidewater?", "Tidewater"),
        ("what's tidewater", "tidewater"),
        ("So what exactly is the Corvane Index?", "Corvane Index"),
        ("Who is Ada Renholt?", "Ada Renholt"),
        ("Tell me about Osk", "Osk"),
        ("What was Project Lantern?", "Project Lantern"),
        ("What is Reef mode?", "Reef mode"),
        ("What is the price of Tidewater?", ""),
        ("Who is the head of Osk?", ""),
        ("What is Tidewater's range?", ""),
        ("What does Tidewater cost?", ""),
        ("Is Tidewater a boat?", ""),
    ],
)
def test_what_is_to_be_explained(question: str, subject: str) -> None:
    assert subject_of(question, OWN) == subject
    assert asked_as(question, OWN) == (f"{subject} is a" if subject else "")


@pytest.mark.parametrize(
    "sentence",
    [
        "Tidewater is a ferry without a crew.",
        "Tidewater, shown in May 2024, is the first ferry of the yard.",
        "The paper agrees that Tidewater was Osk's second ship.",
        "Osk launched Tidewater, a ferry without a crew.",
        "The yard built a ferry called Tidewater in two years.",
    ],
)
def test_a_sentence_that_explains(sentence: str) -> None:
    assert defines("Tidewater", sentence)


@pytest.mark.parametrize(
    "sentence",
    [
        "The captain of Tidewater is a former diver.",
        "Tidewater sails on Mondays.",
        "Tidewater is late.",
        "Tidewater 2 is a larger ferry.",
        "Nothing is known of a Tidewater.",
    ],
)
def test_a_sentence_that_does_not(sentence: str) -> None:
    assert not defines("Tidewater", sentence)


ARTICLE = """---
title: Tidewater sails
publisher: Harbour Gazette
published: 2024-05-02
---
Osk showed Tidewater to the public on 2 May 2024. Tidewater sailed across the bay twice before noon.

The yard had Tidewater painted green. Tidewater carries 90 people and has four doors. It is steered from the shore.

Tidewater is a ferry without a crew. Ada Renholt, who runs the yard, called Tidewater a beginning.

In August 2024 the ferry ran aground. A month later Osk repaired Tidewater for 40,000 crowns.
"""


def told(text: str) -> Evidence:
    article = Article("a", "On models", "The Ledger", None, None, None, Kind.REPORTING, text)
    passage = passages(article, max_chars=1000, overlap_sentences=0)[0]
    return Evidence(Hit(passage, article, 1.0, 1, 1, 0.5), 0, len(text), text, 0.5)


@pytest.fixture(scope="module")
def ferry(tmp_path_factory: pytest.TempPathFactory) -> Assistant:
    home = tmp_path_factory.mktemp("ferry")
    folder = home / "articles"
    folder.mkdir()
    Path(folder / "tidewater.md").write_text(ARTICLE, encoding="utf-8")
    settings: Settings = load_settings()
    return Assistant.from_settings(settings.model_copy(update={"home": home / "home", "corpus": folder}))


def test_what_something_is(ferry: Assistant) -> None:
    answer = ferry.answer("What is Tidewater?")
    assert "“Tidewater is a ferry without a crew.”" in answer.sentences[0].text
    assert "four doors" not in answer.text


def test_who_somebody_is(ferry: Assistant) -> None:
    assert "who runs the yard" in ferry.answer("Who is Ada Renholt?").text
    assert ferry.answer("Who is Bo Lindqvist?").outcome == "no_evidence"


def test_what_nothing_names_nothing_explains(ferry: Assistant) -> None:
    # Both words stand in the article, and no sentence has the name that they make here.
    assert ferry.answer("What is Tidewater Green?").outcome == "no_evidence"


def test_a_name_counts_with_a_hyphen_or_without() -> None:
    assert _named("GPT 5.4", [told("GPT-5.4 has 57 points.")])
    assert _named("GPT-5.4 model", [told("It trails GPT 5.4 there.")])
    assert not _named("GPT 5.4", [told("GPT-5.45 has 57 points.")])


def test_what_happened_in_a_month(ferry: Assistant) -> None:
    answer = ferry.answer("What happened in August 2024?")
    assert "ran aground" in answer.text
    assert "2 May" not in answer.text


@pytest.mark.parametrize(
    ("question", "sentence", "opposite"),
    [
        ("Did Osk's shares fall?", "Osk's shares rose about 9 per cent.", True),
        ("Is the licence open?", "The licence is closed, and will stay so.", True),
        ("Did Osk's shares fall in May?", "Osk's shares rose about 9 per cent in June.", False),
        ("Did Osk's shares fall?", "Osk's ferries rose in price.", False),
        ("Did Osk's shares fall?", "Osk's shares fell, and then rose.", False),
    ],
)
def test_the_opposite_of_what_was_asked_is_an_answer(question: str, sentence: str, opposite: bool) -> None:
    assert says_the_opposite(question, sentence) is opposite
