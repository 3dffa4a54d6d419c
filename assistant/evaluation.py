"""How good the answers are, on anyone's questions: accuracy, refusals, citations, and accuracy against coverage.

A question set is a JSON-lines file. Each line has `question` and `answerable`, and may have `patterns` (regular
expressions, case ignored, that must all match in what a right answer quotes), `gold` (a list of {article, quote}),
`history` (messages before the question), `as_of` (a date), `launch` (the folder of articles it is asked of) and `kind`,
which is "conflict" where the sources differ and an answer should say so.
"""

from __future__ import annotations

import json
import random
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from assistant.errors import AssistantError
from assistant.models import Answer, Outcome


class QuestionSetError(AssistantError):
    """A question set cannot be read; the message names the line."""


@dataclass(frozen=True, slots=True)
class Case:
    """One question with what a right answer has to hold."""

    question: str
    answerable: bool
    patterns: tuple[str, ...] = ()
    gold: tuple[tuple[str, str], ...] = ()
    history: tuple[dict[str, str], ...] = ()
    as_of: date | None = None
    launch: str = ""
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Result:
    """What came of one question.

    Attributes:
        correct: answerable and every pattern found in the quotes, or unanswerable and refused.
        confidence: probability in [0, 1] that something answers; for a refusal, one minus the answer's confidence.
        differs: whether it says that the sources differ.
        cited: number of citations; right_cited: those that hold (part of) a gold quote; gold_found: gold quotes cited.
    """

    case: Case
    refused: bool
    correct: bool
    confidence: float
    cited: int
    right_cited: int
    gold_found: int
    text: str
    differs: bool = False


def load_cases(path: Path) -> tuple[Case, ...]:
    """Read a question set.

    Raises:
        QuestionSetError: the file cannot be read or a line is not a question; says which and why.
    """
    try:
        lines = path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as exc:
        raise QuestionSetError(
            f"{path}: cannot be read ({type(exc).__name__}). Give a JSON-lines file."
        ) from exc
    cases = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            cases.append(_case(json.loads(line)))
        except (ValueError, KeyError, TypeError, AttributeError, re.error) as exc:
            raise QuestionSetError(
                f'{path}, line {number}: {exc}. A line is {{"question": "...", "answerable": true, "patterns": ["..."]}}.'
            ) from exc
    if not cases:
        raise QuestionSetError(f"{path}: no question in it.")
    return tuple(cases)


def _case(row: dict[str, Any]) -> Case:
    patterns = tuple(str(p) for p in row.get("patterns") or ())
    for pattern in patterns:
        re.compile(pattern)
    if not isinstance(row["answerable"], bool):
        raise ValueError('"answerable" must be true or false')
    return Case(
        question=str(row["question"]),
        answerable=row["answerable"],
        patterns=patterns,
        gold=tuple((str(g["article"]), str(g["quote"])) for g in row.get("gold") or ()),
        history=tuple(row.get("history") or ()),
        as_of=date.fromisoformat(row["as_of"]) if row.get("as_of") else None,
        launch=str(row.get("launch", "")),
        kind=str(row.get("kind", "")),
    )


def judge(case: Case, answer: Answer) -> Result:
    """Hold an answer against its case."""
    refused = answer.outcome is Outcome.NO_EVIDENCE
    quotes = [_fold(c.quote) for c in answer.citations]
    shown = _fold(answer.text + "\n" + "\n".join(quotes))
    if case.answerable:
        correct = not refused and all(re.search(p, shown, re.I) for p in case.patterns)
    else:
        correct = refused
    gold = [_fold(quote) for _, quote in case.gold]
    right = sum(any(_touches(q, g) for g in gold) for q in quotes)
    found = sum(any(_touches(q, g) for q in quotes) for g in gold)
    return Result(
        case=case,
        refused=refused,
        correct=correct,
        confidence=1.0 - answer.confidence if refused else answer.confidence,
        cited=0 if refused else len(quotes),
        right_cited=0 if refused else right,
        gold_found=0 if refused else found,
        text=answer.text,
        differs=bool(answer.conflicts),
    )


def _fold(text: str) -> str:
    return " ".join(text.replace("’", "'").replace("“", '"').replace("”", '"').split()).lower()


def _touches(quote: str, gold: str) -> bool:
    return gold in quote or quote in gold


Metric = Callable[[Sequence[Result]], float | None]


def _share(numerator: float, denominator: float) -> float | None:
    return numerator / denominator if denominator else None


def _refusal_f1(results: Sequence[Result]) -> float | None:
    hit = sum(r.refused and not r.case.answerable for r in results)
    said, should = sum(r.refused for r in results), sum(not r.case.answerable for r in results)
    return _share(2 * hit, said + should)


def _conflicting(results: Sequence[Result]) -> list[Result]:
    return [r for r in results if r.case.kind == "conflict"]


METRICS: dict[str, Metric] = {
    "accuracy": lambda rs: _share(sum(r.correct for r in rs), len(rs)),
    "right of the answerable": lambda rs: _share(
        sum(r.correct for r in rs if r.case.answerable), sum(r.case.answerable for r in rs)
    ),
    "refused of the unanswerable": lambda rs: _share(
        sum(r.correct for r in rs if not r.case.answerable), sum(not r.case.answerable for r in rs)
    ),
    "refusal precision": lambda rs: _share(
        sum(r.refused and not r.case.answerable for r in rs), sum(r.refused for r in rs)
    ),
    "refusal recall": lambda rs: _share(
        sum(r.refused and not r.case.answerable for r in rs), sum(not r.case.answerable for r in rs)
    ),
    "refusal F1": _refusal_f1,
    "citation precision": lambda rs: _share(
        sum(r.right_cited for r in rs if r.case.gold), sum(r.cited for r in rs if r.case.gold)
    ),
    "citation recall": lambda rs: _share(
        sum(r.gold_found for r in rs if r.case.gold), sum(len(r.case.gold) for r in rs if r.case.gold)
    ),
    "conflict precision": lambda rs: _share(
        sum(r.differs for r in _conflicting(rs)), sum(r.differs for r in rs) if _conflicting(rs) else 0
    ),
    "conflict recall": lambda rs: _share(sum(r.differs for r in _conflicting(rs)), len(_conflicting(rs))),
    "AUC of the confidence": lambda rs: roc_auc([(r.confidence, r.case.answerable) for r in rs]),
}


def roc_auc(scored: Sequence[tuple[float, bool]]) -> float | None:
    """The chance that a positive scores above a negative, ties counted half; None without one of each."""
    positives = sorted(s for s, label in scored if label)
    negatives = sorted(s for s, label in scored if not label)
    if not positives or not negatives:
        return None
    below = ties = 0.0
    low = high = 0
    for value in positives:
        while low < len(negatives) and negatives[low] < value:
            low += 1
        high = max(high, low)
        while high < len(negatives) and negatives[high] <= value:
            high += 1
        below += low
        ties += high - low
    return (below + ties / 2) / (len(positives) * len(negatives))


def bootstrap(
    metric: Metric, results: Sequence[Result], *, rounds: int = 1000, seed: int = 0
) -> tuple[float, float] | None:
    """The middle 95 % of a metric over resampled questions; None where it has no value."""
    rng = random.Random(seed)
    values = []
    for _ in range(rounds):
        value = metric(rng.choices(results, k=len(results)))
        if value is not None:
            values.append(value)
    if not values:
        return None
    values.sort()
    return values[int(0.025 * (len(values) - 1))], values[int(0.975 * (len(values) - 1))]


def accuracy_by_coverage(results: Sequence[Result]) -> tuple[tuple[float, float], ...]:
    """(coverage, accuracy of what is answered) as the confidence asked for falls; answered questions only."""
    answered = sorted((r for r in results if not r.refused), key=lambda r: -r.confidence)
    points, right = [], 0
    for count, result in enumerate(answered, start=1):
        right += result.correct
        points.append((count / len(results), right / count))
    return tuple(points)


@dataclass(slots=True)
class Evaluation:
    """Results under one name, and the table of them."""

    name: str
    results: list[Result] = field(default_factory=list)

    def table(self, *, rounds: int = 1000) -> list[tuple[str, float, float, float]]:
        """(metric, value, low, high) for each metric that has a value."""
        rows = []
        for label, metric in METRICS.items():
            value = metric(self.results)
            interval = bootstrap(metric, self.results, rounds=rounds)
            if value is not None and interval is not None:
                rows.append((label, value, *interval))
        return rows

    def by_kind(self) -> list[tuple[str, int, int]]:
        """(kind, right, asked), in the order of the kinds' names."""
        counts: dict[str, list[int]] = defaultdict(lambda: [0, 0])
        for result in self.results:
            counts[result.case.kind or "any"][0] += result.correct
            counts[result.case.kind or "any"][1] += 1
        return [(kind, right, asked) for kind, (right, asked) in sorted(counts.items())]


def coverage_plot(evaluations: Iterable[Evaluation], *, width: int = 640, height: int = 400) -> str:
    """Accuracy against coverage as an SVG picture, a line an evaluation."""
    left, top, right, bottom = 56, 24, width - 160, height - 44
    colours = ("#2f5fd0", "#c2571a", "#2c8c5a", "#8a4fbf")

    def at(coverage: float, accuracy: float) -> str:
        return f"{left + coverage * (right - left):.1f},{bottom - accuracy * (bottom - top):.1f}"

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif" font-size="12">',
        f'<rect width="{width}" height="{height}" fill="white"/>',
    ]
    for tick in range(0, 11, 2):
        share = tick / 10
        x, y = at(share, share).split(",")
        parts.append(f'<line x1="{left}" y1="{y}" x2="{right}" y2="{y}" stroke="#e3e3e3"/>')
        parts.append(f'<text x="{left - 8}" y="{float(y) + 4}" text-anchor="end">{tick * 10} %</text>')
        parts.append(f'<text x="{x}" y="{bottom + 18}" text-anchor="middle">{tick * 10} %</text>')
    parts.append(
        f'<text x="{(left + right) / 2}" y="{height - 8}" text-anchor="middle">questions answered</text>'
    )
    parts.append(f'<text x="{left}" y="{top - 8}">right among those answered</text>')
    for number, evaluation in enumerate(evaluations):
        colour = colours[number % len(colours)]
        line = " ".join(at(*point) for point in accuracy_by_coverage(evaluation.results))
        name = evaluation.name.replace("&", "&amp;").replace("<", "&lt;")
        parts.append(f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts.append(f'<text x="{right + 10}" y="{top + 16 * (number + 1)}" fill="{colour}">{name}</text>')
    parts.append("</svg>")
    return "\n".join(parts)
