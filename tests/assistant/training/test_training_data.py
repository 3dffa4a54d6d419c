"""The sets that the evidence model learns from and those it is measured on have nothing in common."""

import json
import random
import re
from pathlib import Path

import pytest

from assistant.training import augment
from assistant.training.data import (
    TEST_SETS,
    TRAIN_SETS,
    LaunchSet,
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


def sentences_of(found: LaunchSet) -> set[str]:
    """Every sentence of the passages, those without questions included."""
    asked = {s for e in found.examples for s in e.sentences}
    return asked | {s for c in found.claims for s in (c.evidence, *c.others)}


def test_no_public_set_is_both_trained_on_and_measured_on():
    assert not set(TRAIN_SETS) & set(TEST_SETS)
    assert not any(name.startswith(("wikiqa", "trecqa", "subjqa", "multirc")) for name in TRAIN_SETS)


def test_launch_files_are_split_whole_and_both_sides_hold_something():
    names = [name for name, _ in launch_files(LAUNCHES)]
    held = [name for name in names if is_held(name)]
    assert 0.05 <= len(held) / len(names) <= 0.25


def test_held_back_launches_share_no_sentence_question_or_claim_with_the_others():
    trained, held = (load_launches(LAUNCHES, held=side) for side in (False, True))
    assert not sentences_of(trained) & sentences_of(held)
    asked = [{(e.question, e.title) for e in found.examples} for found in (trained, held)]
    assert not asked[0] & asked[1]
    claims = [{c.text for c in found.claims} for found in (trained, held)]
    assert not claims[0] & claims[1]


def test_nothing_of_the_shipped_articles_was_trained_on():
    shipped = " ".join(p.read_text("utf-8") for p in (ROOT / "corpus" / "articles").glob("*.md"))
    shipped = " ".join(shipped.split())
    assert not [s for s in sentences_of(load_launches(LAUNCHES, held=False)) if s in shipped]


def test_nothing_of_the_question_sets_for_evaluation_was_trained_on():
    trained = {
        re.sub(r"\W+", " ", e.question.lower()) + e.title
        for e in load_launches(LAUNCHES, held=False).examples
    }
    sentences = sentences_of(load_launches(LAUNCHES, held=False))
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


def test_a_yes_or_no_is_a_question_and_two_claims():
    lines = "Y: Is it late? => 2,1\nN: Can one buy it in April => 1\nU: Is it dear? => 1\n"
    found = parse_launches(PASSAGE + lines, name="x-01")
    assert [(e.question, sorted(e.positives)) for e in found.examples[2:]] == [
        ("Is it late?", [0]),
        ("Can one buy it in April", [0]),
    ]
    late, not_late, april, not_april, dear = found.claims[2:]
    assert {c.kind for c in found.claims[2:]} == {"side"}
    assert (late.text, late.supported, not_late.text, not_late.supported) == (
        "Is it late? Yes.",
        True,
        "Is it late? No.",
        False,
    )
    assert late.evidence == "It was to come in March. The phone comes in May."
    assert (april.supported, not_april.text, not_april.supported) == (
        False,
        "Can one buy it in April? No.",
        True,
    )
    assert not dear.supported


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("Q: When? => 3", "it has 2"),
        ("Q: When?", "end the line with"),
        ("C+: In May. => -", "end the line with"),
        ("N: In June? => -", "end the line with"),
        ("X: what is this", "expected"),
        ("## No date | Some Wire", "YYYY-MM-DD"),
    ],
)
def test_says_where_a_launch_file_is_wrong(line, said):
    with pytest.raises(TrainingDataError, match=said) as caught:
        parse_launches(PASSAGE + line, name="x-01")
    assert "x-01, line 9" in str(caught.value)


def test_a_written_claim_is_no_claim_beside_sentences_that_do_not_speak_of_it():
    plus, minus = parse_launches(PASSAGE, name="launches-x-1").claims
    assert plus.others == ("It was to come in March.",)
    assert minus.others == ()
    rng = random.Random(1)
    seen = [augment.beside(plus, rng) for _ in range(200)]
    apart = [c for c in seen if c.kind == "elsewhere"]
    assert 30 <= len(apart) <= 90
    assert {(c.evidence, c.supported) for c in apart} == {("It was to come in March.", False)}
    joined = [c for c in seen if c.kind == "written" and c.evidence != plus.evidence]
    assert joined
    assert all(plus.evidence in c.evidence and c.supported for c in joined)
    assert {augment.beside(minus, rng) for _ in range(50)} == {minus}, "there is no other sentence"
