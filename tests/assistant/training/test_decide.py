"""The thresholds follow from the stated costs."""

from __future__ import annotations

import random

import pytest

from assistant.training.calibrate import ANSWERED_COST, PARTIAL_COST
from assistant.training.decide import Asked, decide, outcome


@pytest.fixture(scope="module")
def asked() -> list[Asked]:
    """Confidences that mean what they say: of those near 0.7, seven in ten are right."""
    rng = random.Random(4)
    rows = []
    for _ in range(6000):
        confidence = rng.random()
        right = rng.random() < confidence
        rows.append(Asked(confidence, right, right or rng.random() < 0.2, 1 / 6000))
    return rows


def test_what_is_shown_is_likelier_right_than_its_cost(asked: list[Asked]) -> None:
    # Answering costs c (1 - p); refusing costs p, or a little more where another sentence would have answered.
    thresholds = decide(asked)
    for outcome_, cost in (("answered", ANSWERED_COST), ("partial", PARTIAL_COST)):
        assert thresholds[outcome_] == pytest.approx(cost / (1 + cost) - 0.03, abs=0.06)


def test_a_set_weighs_the_same_whatever_its_size(asked: list[Asked]) -> None:
    """A small set of hard questions moves the thresholds as much as a large set of easy ones."""
    hard = [Asked(0.9, False, False, 1 / 20)] * 20
    easy = [Asked(a.confidence, a.right, a.answerable, 1 / 6000) for a in asked]
    assert decide(easy + hard)["answered"] > decide(easy)["answered"]


def test_shares_at_a_threshold(asked: list[Asked]) -> None:
    few = [Asked(0.9, True, True, 1.0), Asked(0.4, True, True, 1.0), Asked(0.2, False, False, 1.0)]
    assert outcome(few, 0.5) == "0.500 | 1.000"
    assert outcome(few, 0.1) == "1.000 | 0.000"
