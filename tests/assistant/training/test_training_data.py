"""The sets that the evidence model learns from and those it is measured on have nothing in common."""

import json
import re
from pathlib import Path

import pytest

from assistant.training.data import (
    TEST_SETS,
    TRAIN_SETS,
    TrainingDataError,
    is_held,
    launch_files,
    load_launches,
    parse_launches,
)

ROOT = Path(__file__).parents[3]
LAUNCHES = ROOT / "assistant" / "training" / "data"

PASSAGE = """\
# a comment
## A phone is late | Some Wire | 2026-01-02
S: The phone comes in May.
S: It was to come in March.
Q: When does it come? => 1
Q: What does it cost? => -
C+: The phone is due in May. => 1
C-: The phone was always to come in May. => 1,2
"""


def test_no_public_set_is_both_trained_on_and_measured_on():
    assert not set(TRAIN_SETS) & set(TEST_SETS)
    assert not any(name.startswith(("wikiqa", "trecqa", "subjqa", "multirc")) for name in TRAIN_SETS)


def test_launch_files_are_split_whole_and_both_sides_hold_something():
    names = [name for name, _ in launch_files(LAUNCHES)]
    held = [name for name in names if is_held(name)]
    assert 0.05 <= len(held) / len(names) <= 0.25


def test_held_back_launches_share_no_sentence_question_or_claim_with_the_others():
    trained, held = (load_launches(LAUNCHES, held=side) for side in (False, True))
    sentences = [{s for e in found.examples for s in e.sentences} for found in (trained, held)]
    assert not sentences[0] & sentences[1]
    asked = [{(e.question, e.title) for e in found.examples} for found in (trained, held)]
    assert not asked[0] & asked[1]
    claims = [{c.text for c in found.claims} for found in (trained, held)]
    assert not claims[0] & claims[1]


def test_nothing_of_the_shipped_articles_was_trained_on():
    shipped = " ".join(p.read_text("utf-8") for p in (ROOT / "corpus" / "articles").glob("*.md"))
    shipped = " ".join(shipped.split())
    trained = load_launches(LAUNCHES, held=False)
    assert not [s for e in trained.examples for s in e.sentences if s in shipped]


def test_nothing_of_the_question_sets_for_evaluation_was_trained_on():
    trained = {
        re.sub(r"\W+", " ", e.question.lower()) + e.title
        for e in load_launches(LAUNCHES, held=False).examples
    }
    sentences = {s for e in load_launches(LAUNCHES, held=False).examples for s in e.sentences}
    for path in (ROOT / "tests" / "evals").rglob("*.jsonl"):
        for line in path.read_text("utf-8").splitlines():
            row = json.loads(line)
            assert (
                re.sub(r"\W+", " ", row.get("question", "").lower()) + str(row.get("title", ""))
                not in trained
            )
            assert not [g for g in row.get("gold", ()) if g["quote"] in sentences]


def test_parses_questions_and_claims():
    found = parse_launches(PASSAGE, name="x-01")
    assert [sorted(e.positives) for e in found.examples] == [[0], []]
    assert [(c.supported, c.evidence) for c in found.claims] == [
        (True, "The phone comes in May."),
        (False, "The phone comes in May. It was to come in March."),
    ]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("Q: When? => 3", "it has 2"),
        ("Q: When?", "end the line with"),
        ("C+: In May. => -", "end the line with"),
        ("X: what is this", "expected"),
        ("## No date | Some Wire", "YYYY-MM-DD"),
    ],
)
def test_says_where_a_launch_file_is_wrong(line, said):
    with pytest.raises(TrainingDataError, match=said) as caught:
        parse_launches(PASSAGE + line, name="x-01")
    assert "x-01, line 9" in str(caught.value)
