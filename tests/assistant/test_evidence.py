"""How sentences are scored: each in its passage, the best of them a second time."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date

import numpy as np
import pytest

from assistant.evidence import READ_AGAIN, Context, Thresholds, find_evidence, read_both
from corpus.models import Article, Kind
from index.models import Hit
from index.passages import passages


class Reader:
    """An evidence model that gives every sentence the chance it was told, and another in rows of its own."""

    name = "told"
    thresholds = Thresholds(0.5, 0.3, 0.5)

    replies = False

    def __init__(self, chances: dict[str, float], *, alone: dict[str, float], joint: bool = True) -> None:
        self.joint = joint
        self.read: list[list[Context]] = []
        self._chances, self._alone = chances, alone

    def answers(self, question: str, contexts: Sequence[Context]) -> list[np.ndarray]:
        self.read.append(list(contexts))
        found = []
        for context in contexts:
            chances = self._alone if len(context.sentences) == 1 else self._chances
            found.append(np.array([chances.get(s, 0.01) for s in context.sentences]))
        return found

    def supports(self, pairs: Sequence[tuple[str, str]]) -> np.ndarray:
        return np.zeros(len(pairs))


def hit(id: str, text: str) -> Hit:  # noqa: A002
    article = Article(id, f"About {id}", "The Daily", None, date(2026, 5, 1), None, Kind.REPORTING, text)
    (passage,) = passages(article, max_chars=4000, overlap_sentences=0)
    return Hit(passage, article, 1.0, 1, 1, 0.5)


LAMPS = "The lamp costs nine euros. It burns for forty hours. The maker is called Tavisk."
CHAIR_TOLD = "The chair is made of beech. It costs eighty euros."
CHAIRS = "The chair is made of beech. It costs eighty euros. Two people can sit on it."


def test_the_best_sentences_are_read_again_between_their_neighbours_and_alone() -> None:
    told = {"The lamp costs nine euros.": 0.6, "It costs eighty euros.": 0.5}
    model = Reader(told, alone={"The lamp costs nine euros.": 0.2, CHAIR_TOLD: 0.9})
    found = find_evidence("What does the chair cost?", [hit("lamps", LAMPS), hit("chairs", CHAIRS)], model)

    first, again = model.read
    assert [len(c.sentences) for c in first] == [3, 3]
    assert again[0].sentences == ("The lamp costs nine euros.", "It burns for forty hours.")
    assert again[1].sentences == (
        "The chair is made of beech.",
        "It costs eighty euros.",
        "Two people can sit on it.",
    )
    # By itself; one that opens with a pronoun after the sentence that tells what it stands for.
    assert [c.sentences for c in again[6:8]] == [("The lamp costs nine euros.",), (CHAIR_TOLD,)]
    # The sentence that stood first falls behind once each was read by itself: the mean of three log-odds.
    best, second, *_ = found
    assert (best.quote, second.quote) == ("It costs eighty euros.", "The lamp costs nine euros.")
    odds = (0.5 / 0.5) * (0.5 / 0.5) * (0.9 / 0.1)
    assert best.score == pytest.approx(1 / (1 + math.exp(-math.log(odds) / 3)))
    assert best.own_score == 0.5


def test_what_was_not_read_again_stays_behind_what_was() -> None:
    sentences = [f"Lamp number {n} was sold in the town of Esk." for n in range(READ_AGAIN + 4)]
    told = {s: 0.9 - 0.01 * n for n, s in enumerate(sentences)}
    model = Reader(told, alone={s: 0.05 for s in sentences})
    found = find_evidence("Which lamps were sold?", [hit("lamps", " ".join(sentences))], model)

    assert len(found) == len(sentences)
    assert {e.quote for e in found[:READ_AGAIN]} == set(sentences[:READ_AGAIN])
    assert max(e.score for e in found[READ_AGAIN:]) <= min(e.score for e in found[:READ_AGAIN])


def test_a_model_that_reads_sentence_by_sentence_is_asked_once() -> None:
    model = Reader({"It burns for forty hours.": 0.7}, alone={}, joint=False)
    best, *_ = find_evidence("How long does it burn?", [hit("lamps", LAMPS)], model)
    assert len(model.read) == 1
    assert best.score == pytest.approx(0.7)


def test_a_sentence_repeated_next_to_itself_is_still_found() -> None:
    text = "The lamp is sold out. The lamp is sold out. The lamp is sold out."
    found = find_evidence(
        "Is it sold out?", [hit("lamps", text)], Reader({"The lamp is sold out.": 0.8}, alone={})
    )
    assert found[0].quote == "The lamp is sold out."


def test_no_passage_gives_no_evidence() -> None:
    assert find_evidence("Is it sold out?", [], Reader({}, alone={})) == ()


def test_what_can_be_read_in_two_ways_counts_by_both() -> None:
    hits = [hit("lamps", LAMPS)]
    one = find_evidence("?", hits, Reader({"The lamp costs nine euros.": 0.8}, alone={}, joint=False))
    other = find_evidence("?", hits, Reader({"It burns for forty hours.": 0.8}, alone={}, joint=False))
    both = {e.quote: e.score for e in read_both(one, other)}
    assert both["The lamp costs nine euros."] == pytest.approx(both["It burns for forty hours."])
    assert 0.1 < both["The lamp costs nine euros."] < 0.3
    assert both["The maker is called Tavisk."] == pytest.approx(0.01)
    assert read_both(one, one)[0].score == pytest.approx(one[0].score)
