"""What is sent while an answer grows: its own turn, not the conversation before it."""

from __future__ import annotations

import json

import pytest
from gradio.utils import diff

from corpus.models import Launch
from ui.exchange import Exchange, State
from ui.render import conversation

LAUNCH = Launch("The Thing")
BEFORE = tuple(Exchange(f"Question {n}?", State.STOPPED, pieces=("A sentence. " * 80,)) for n in range(10))


def sent(old: list[Exchange], new: list[Exchange]) -> int:
    """Bytes that Gradio sends to bring one to the other."""
    return len(json.dumps(diff(conversation(old, LAUNCH), conversation(new, LAUNCH))))


@pytest.mark.parametrize("turns", [0, 1, 10])
def test_a_sentence_costs_its_turn_however_long_the_conversation_is(turns: int) -> None:
    before = [*BEFORE[:turns]]
    asked = Exchange("What does it cost?")
    grown = asked.grown("“It costs 99 euros.” [1]")
    whole = len(json.dumps(conversation([*before, grown], LAUNCH)))
    assert 0 < sent([*before, asked], [*before, grown]) < 2_000
    assert turns < 10 or whole > 15_000


def test_a_new_question_changes_what_can_be_done_with_the_one_before_and_nothing_else() -> None:
    parts, more = conversation(BEFORE[:9], LAUNCH), conversation(BEFORE, LAUNCH)
    assert len(more) == len(parts) + 1
    assert [n for n, (a, b) in enumerate(zip(parts, more, strict=False)) if a != b] == [9]
