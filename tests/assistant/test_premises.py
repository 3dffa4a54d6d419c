"""A question that takes for granted what the sources deny is met with the sentence that denies it."""

from __future__ import annotations

import pytest

from assistant.chain import Assistant
from assistant.models import Outcome
from assistant.premises import premise
from assistant.sides import denies_the_opposite
from tests.assistant.conftest import MakeAssistant, article


@pytest.mark.parametrize(
    ("question", "asked"),
    [
        ("Why did Tavisk drop the fingerprint reader?", "Did Tavisk drop the fingerprint reader?"),
        ("so why is it closed", "Is it closed"),
        ("How did Meta manage to fix the gaps?", "Did Meta fix the gaps?"),
        ("Where do I find the graph view?", "Do I find the graph view?"),
        ("When did Kestrane first carry people?", "Did Kestrane first carry people?"),
        ("When will Kestrane carry people?", ""),
        ("How many people did Kestrane carry?", ""),
        ("How far does it go?", ""),
        ("Which app has a graph view?", ""),
        ("Is it closed?", ""),
        ("", ""),
    ],
)
def test_the_yes_or_no_inside_a_question(question: str, asked: str) -> None:
    assert premise(question) == asked


def test_not_open_is_no_denial_of_closed() -> None:
    assert denies_the_opposite("Is the window kept closed?", "The core is open; the window is not open.")
    assert not denies_the_opposite("Is the window open?", "The window is not open.")


TEXT = (
    "Quillbarn 1.0 keeps every note as a plain file in a folder that you choose. The graph view is gone, since hardly "
    "anybody opened it. The app costs 40 euros, paid once. A sync service is not part of it."
)


@pytest.fixture
def quillbarn(make_assistant: MakeAssistant) -> Assistant:
    return make_assistant([article("a", TEXT, title="Quillbarn 1.0 is out")])


def test_what_is_taken_for_granted_is_denied_by_a_quote(quillbarn: Assistant) -> None:
    answer = quillbarn.answer("Where do I find the graph view in Quillbarn 1.0?")
    assert answer.outcome is not Outcome.NO_EVIDENCE
    assert "graph view is gone" in answer.citations[0].quote


def test_what_is_so_keeps_its_reason_and_what_nobody_says_its_refusal(quillbarn: Assistant) -> None:
    assert "hardly" in quillbarn.answer("Why is the graph view gone?").text
    moved = quillbarn.answer("Why did Quillbarn move its office to Oslo?")
    assert moved.outcome is Outcome.NO_EVIDENCE
