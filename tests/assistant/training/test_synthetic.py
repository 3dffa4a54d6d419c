"""Passages made from the table of attributes: labels that are right, and neighbours that are hard to tell apart."""

from __future__ import annotations

import random
import re

import pytest

from assistant.training import synthetic
from assistant.training.data import TrainingDataError


@pytest.fixture(scope="module")
def made() -> list[synthetic.Example]:
    rng = random.Random(1)
    return [synthetic.synthetic(rng) for _ in range(1500)]


def test_nothing_is_left_unfilled(made: list[synthetic.Example]) -> None:
    for example in made:
        for text in (example.question, example.title, *example.sentences):
            assert not re.search(r"[{}]", text)


def test_about_half_have_an_answer_and_all_have_more_than_it(made: list[synthetic.Example]) -> None:
    share = sum(bool(e.positives) for e in made) / len(made)
    assert 0.5 < share < 0.7
    assert all(len(e.sentences) > len(e.positives) for e in made)


def shape(template: str) -> re.Pattern[str]:
    """What any filling of a template looks like."""
    pieces = re.split(r"\{\w+\}", template[:1].upper() + template[1:])
    return re.compile(".+?".join(re.escape(p) for p in pieces) + "$")


def test_labels_follow_the_table(made: list[synthetic.Example]) -> None:
    """A sentence labelled as an answer was made from the attribute that the question asks for."""
    table = synthetic.attributes()
    shapes = {(a.name, i): shape(s) for a in table for i, s in enumerate(a.sentences)}
    asked = [(a.name, which, re.compile(shape(q).pattern, re.I)) for a in table for q, which in a.questions]
    checked = 0
    for example in made[:400]:
        possible = {(name, i) for name, which, q in asked if q.match(example.question) for i in which}
        for at in example.positives:
            sentence = example.sentences[at]
            assert any(shapes[key].match(sentence) for key in possible), (example.question, sentence)
            checked += 1
    assert checked > 150


def test_the_same_thing_is_said_of_other_products_too(made: list[synthetic.Example]) -> None:
    rivals = [
        e
        for e in made
        if e.positives
        and any(
            i not in e.positives and s.split()[-1] == e.sentences[min(e.positives)].split()[-1]
            for i, s in enumerate(e.sentences)
        )
    ]
    assert len(rivals) > 30


def test_one_seed_makes_the_same_passages_again() -> None:
    first, second = random.Random(9), random.Random(9)
    assert [synthetic.synthetic(first) for _ in range(20)] == [synthetic.synthetic(second) for _ in range(20)]


def test_a_table_that_points_nowhere_is_refused(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:  # type: ignore[no-untyped-def]
    table = tmp_path / "attributes.txt"
    table.write_text("@ price any\nS {X} costs {money}.\nQ[2] How much is {X}?\n", "utf-8")
    monkeypatch.setattr(synthetic, "TABLE", table)
    synthetic.attributes.cache_clear()
    try:
        with pytest.raises(TrainingDataError, match="line 3"):
            synthetic.attributes()
    finally:
        synthetic.attributes.cache_clear()
