"""Planted pairs, reprints and dates, through the whole assistant: does it tell what differs, who agrees, and by when?"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from assistant.chain import Assistant
from assistant.evidence_onnx import BuiltInEvidence
from assistant.extractive import DIFFER
from assistant.models import Answer, Outcome
from corpus.models import Article, Kind
from index import IndexConfig, Retriever, rebuild
from index.embedding import Embedder

#: Eighty indexes and answers a test: minutes on a machine that has other work.
pytestmark = pytest.mark.timeout(1200)
HERE = Path(__file__).parent
#: Of the 40 pairs of a file that differ, how many are told at least; of those that do not, how many are called differing at
#: most. The rules were made on the files that are not blind; the blind ones were written by
#: somebody who knew none, and nobody reads their pairs; what the model gave for some of them was seen, and their counts were
#: looked at when constants were chosen.
PAIRS = {
    "conflicts.jsonl": (36, 0),
    "conflicts_plain.jsonl": (34, 1),
    "conflicts_wire.jsonl": (31, 0),
    "conflicts_plain_blind.jsonl": (30, 4),
    "conflicts_other.jsonl": (24, 2),
    "conflicts_blind.jsonl": (18, 5),
}


def rows(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (HERE / name).read_text("utf-8").splitlines()]


def as_article(number: int, row: dict[str, Any]) -> Article:
    return Article(
        f"article-{number}", row["title"], row["publisher"], None, date.fromisoformat(row["published"]), None,
        Kind(row["kind"]), row["text"],
    )  # fmt: skip


@pytest.fixture(scope="module")
def read(embedder: Embedder, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Assistant]:
    """An assistant that has read some articles; one evidence model for all."""
    evidence = BuiltInEvidence()

    def make(articles: list[dict[str, Any]]) -> Assistant:
        home = tmp_path_factory.mktemp("planted")
        rebuild([as_article(n, a) for n, a in enumerate(articles)], home=home, embedder=embedder)
        return Assistant(Retriever.open(home, config=IndexConfig(), embedder=embedder), evidence)

    return make


def holds(answer: Answer, value: str) -> bool:
    return any(re.search(value, c.quote, re.IGNORECASE) for c in answer.citations)


@pytest.mark.parametrize("file", PAIRS)
def test_pairs_that_differ_and_pairs_that_agree(file: str, read: Callable[..., Assistant]) -> None:
    told, missed, invented = 0, [], []
    for pair in rows(file):
        answer = read(pair["articles"]).answer(pair["question"])
        if not pair["conflict"]:
            if answer.conflicts:
                invented.append(pair["id"])
            continue
        if answer.conflicts and all(holds(answer, value) for value in pair["values"]):
            told += 1
            cited = {c.marker: c for c in answer.citations}
            days = [cited[s.markers[0]].published for s in answer.conflicts[0].sides]
            assert days == sorted(days, reverse=True)
            assert DIFFER in answer.text
        else:
            missed.append(pair["id"])
    least, most = PAIRS[file]
    assert told >= least, missed
    assert len(invented) <= most, invented


def test_five_reprints_are_one_witness(read: Callable[..., Assistant]) -> None:
    answer = read(rows("reprints.jsonl")).answer("How much does the Dragonfly Ten cost?")
    assert answer.outcome is Outcome.ANSWERED
    assert answer.witnesses == 1
    assert answer.agreeing == ()
    assert answer.conflicts == ()


@pytest.mark.parametrize("case", rows("as_of.jsonl"), ids=lambda c: c["id"])
def test_another_day_another_answer(case: dict[str, Any], read: Callable[..., Assistant]) -> None:
    assistant = read(case["articles"])
    texts = set()
    for moment in case["as_of"]:
        day = date.fromisoformat(moment["date"])
        answer = assistant.answer(case["question"], as_of=day)
        texts.add(answer.text)
        assert holds(answer, moment["pattern"]), answer.text
        if "absent" in moment:
            assert not holds(answer, moment["absent"])
        assert all(c.published is not None and c.published <= day for c in answer.citations)
    assert len(texts) == len(case["as_of"])
