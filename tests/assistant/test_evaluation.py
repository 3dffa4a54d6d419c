from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from assistant.evaluation import (
    METRICS,
    Case,
    Evaluation,
    QuestionSetError,
    Result,
    accuracy_by_coverage,
    bootstrap,
    coverage_plot,
    load_cases,
    roc_auc,
)


def result(*, answerable: bool, refused: bool, correct: bool, confidence: float = 0.5) -> Result:
    return Result(Case("q", answerable), refused, correct, confidence, 1, 1, 1, "text")


RESULTS = [
    result(answerable=True, refused=False, correct=True, confidence=0.9),
    result(answerable=True, refused=False, correct=False, confidence=0.6),
    result(answerable=True, refused=True, correct=False, confidence=0.2),
    result(answerable=False, refused=True, correct=True, confidence=0.1),
]


def test_metrics_on_a_case_worked_by_hand() -> None:
    assert METRICS["accuracy"](RESULTS) == 0.5
    assert METRICS["right of the answerable"](RESULTS) == pytest.approx(1 / 3)
    assert METRICS["refused of the unanswerable"](RESULTS) == 1.0
    assert METRICS["refusal precision"](RESULTS) == 0.5
    assert METRICS["refusal F1"](RESULTS) == pytest.approx(2 / 3)
    assert METRICS["AUC of the confidence"](RESULTS) == 1.0


def test_differences_count_where_the_sources_differ() -> None:
    told = replace(RESULTS[0], case=Case("q", True, kind="conflict"), differs=True)
    quiet, invented = replace(told, differs=False), replace(RESULTS[0], differs=True)
    assert METRICS["conflict precision"]([told, quiet, invented]) == 0.5
    assert METRICS["conflict recall"]([told, quiet, invented]) == 0.5
    assert METRICS["conflict precision"]([invented]) is None


def test_auc_counts_ties_half() -> None:
    assert roc_auc([(0.5, True), (0.5, False)]) == 0.5
    assert roc_auc([(0.9, True), (0.1, False), (0.95, False)]) == 0.5
    assert roc_auc([(0.9, True)]) is None


def test_coverage_goes_from_the_surest_down() -> None:
    assert accuracy_by_coverage(RESULTS) == ((0.25, 1.0), (0.5, 0.5))


def test_the_interval_holds_the_value() -> None:
    interval = bootstrap(METRICS["accuracy"], RESULTS, rounds=200)
    assert interval is not None
    assert interval[0] <= 0.5 <= interval[1]


def test_the_plot_escapes_names() -> None:
    plot = coverage_plot([Evaluation("<b>&", RESULTS)])
    assert "<b>" not in plot
    assert "polyline" in plot


def test_bad_sets_name_the_line(tmp_path: Path) -> None:
    path = tmp_path / "set.jsonl"
    path.write_text('{"question": "q", "answerable": true}\nnot json\n', "utf-8")
    with pytest.raises(QuestionSetError, match="line 2"):
        load_cases(path)
    path.write_text("\n", "utf-8")
    with pytest.raises(QuestionSetError, match="no question"):
        load_cases(path)
    with pytest.raises(QuestionSetError, match="cannot be read"):
        load_cases(tmp_path / "missing.jsonl")
