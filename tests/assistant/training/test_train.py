"""What a round of the training is made of."""

from __future__ import annotations

import random

import pytest

pytest.importorskip("torch")

from assistant.training.data import Claim
from assistant.training.train import MIX, Deck, preferring, shares


def claim(file: str, number: int) -> Claim:
    return Claim(f"claim {number}", "evidence", True, "written", "launches", f"{file}:{number}")


def test_the_mix_goes_from_its_start_to_its_end() -> None:
    assert shares(0.0) == {name: first for name, (first, _) in MIX.items()}
    assert shares(1.0) == pytest.approx({name: last for name, (_, last) in MIX.items()})
    assert sum(shares(0.5).values()) == pytest.approx(1.0)


def test_a_share_of_ones_own_leaves_the_others_in_proportion() -> None:
    mix, plain = shares(1.0, 0.8), shares(1.0)
    assert mix["launches"] == 0.8
    assert sum(mix.values()) == pytest.approx(1.0)
    assert mix["selqa"] / mix["qamr"] == pytest.approx(plain["selqa"] / plain["qamr"])


def test_half_is_dealt_from_the_preferred_files() -> None:
    items = [claim(f"launches-a-{n % 9}", n) for n in range(900)]
    items += [claim("launches-z-1", n) for n in range(100)]
    dealt = preferring(Deck(random.Random(1)), "claims", items, 80, "launches-z-*")
    assert len(dealt) == 80
    mine = [c for c in dealt if c.passage.startswith("launches-z")]
    assert 40 <= len(mine) <= 50
    assert len(set(mine[:40])) == 40
    # Without a pattern, or without such files, it is as if all were equal.
    for files in ("", "launches-y-*"):
        dealt = preferring(Deck(random.Random(1)), "claims", items, 80, files)
        assert len({c.text for c in dealt}) >= 75
        assert dealt == Deck(random.Random(1)).deal("claims", items, 80)


def test_nothing_comes_twice_before_all_have_come() -> None:
    deck = Deck(random.Random(2))
    items = [claim("launches-a-1", n) for n in range(10)]
    for _ in range(3):
        assert {c.text for c in deck.deal("x", items, 10)} == {c.text for c in items}
