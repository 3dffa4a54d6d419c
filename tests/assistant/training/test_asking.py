"""Claims as the yes or no to a question."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from assistant.training.asking import asked, yes_or_no
from assistant.training.data import Claim

CLAIM = Claim(
    "The Orla cannot be opened.",
    "The Orla is sealed shut.",
    True,
    "written",
    "launches",
    "file:1",
    ("It is blue.",),
)


@pytest.mark.parametrize(
    ("claim", "question", "no"),
    [
        ("The Orla can be opened with a coin.", "Can the Orla be opened with a coin?", False),
        ("The Orla cannot be opened.", "Can the Orla be opened?", True),
        ("Hexlight didn't raise its prices.", "Did Hexlight raise its prices?", True),
        ("Buyers no longer pay for it.", None, False),
        ("The lamp is no longer sold in Peru.", "Is the lamp still sold in Peru?", True),
        ("The lamp runs without a cable.", "Does the lamp run without a cable?", False),
        ("Two writers refused their consent.", "Did two writers refuse their consent?", False),
        ("Pendry has raised its prices.", "Has Pendry raised its prices?", False),
        ("Pendry has a shop in Lima.", "Does Pendry have a shop in Lima?", False),
        ("The bonus has no upper limit.", "Does the bonus have any upper limit?", True),
        ("Nobody is harmed.", None, False),
        ("When it rains, the lamp is off.", None, False),
        ("The lamp that is sold in Peru glows.", None, False),
    ],
)
def test_the_question_that_a_claim_answers(claim: str, question: str | None, no: bool) -> None:
    assert asked(claim) == (None if question is None else (question, no))


def test_what_is_supported_supports_one_side_only() -> None:
    seen = {(c.text, c.supported) for seed in range(40) for c in [yes_or_no(CLAIM, random.Random(seed))]}
    assert seen == {("Can the Orla be opened? No.", True), ("Can the Orla be opened? Yes.", False)}


def test_what_is_changed_gets_the_other_side() -> None:
    changed = replace(CLAIM, text="The Orla can be opened.", supported=False)
    seen = {(c.text, c.supported) for seed in range(40) for c in [yes_or_no(changed, random.Random(seed))]}
    assert seen == {("Can the Orla be opened? No.", True), ("Can the Orla be opened? Yes.", False)}


def test_beside_what_does_not_speak_of_it_neither_side_is_supported() -> None:
    away = replace(CLAIM, evidence="It is blue.", supported=False, kind="elsewhere")
    seen = {(c.text, c.supported) for seed in range(40) for c in [yes_or_no(away, random.Random(seed))]}
    assert {supported for _, supported in seen} == {False}
    assert len(seen) == 2


def test_a_claim_of_which_no_question_can_be_made_stays() -> None:
    claim = replace(CLAIM, text="Nobody is harmed.")
    assert yes_or_no(claim, random.Random(0)) is claim
