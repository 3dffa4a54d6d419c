"""Choose the thresholds on question sets asked of the whole assistant, and store them with the model.

    python -m assistant.training.decide --set QUESTIONS.jsonl=FOLDER ... [--weights DIR] [--write]

FOLDER holds the articles that the questions are about, or one folder a launch where the questions name launches.
Every question is answered as if nothing were too unsure to be shown. From what comes out, two thresholds follow:
`answered`, for the cost ANSWERED_COST of a wrong answer, and `partial`, from which something is shown under "only in
part", for PARTIAL_COST. Each set weighs the same.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from assistant.chain import Assistant
from assistant.evaluation import Case, judge, load_cases
from assistant.evidence import Thresholds
from assistant.evidence_onnx import WEIGHTS, BuiltInEvidence
from assistant.settings import load_settings
from assistant.training.calibrate import ANSWERED_COST, PARTIAL_COST, cheapest
from assistant.training.evaluate import auc


class Unafraid(BuiltInEvidence):
    """The model with thresholds that let everything through."""

    @property
    def thresholds(self) -> Thresholds:
        """Nothing is refused."""
        return Thresholds(0.0, 0.0, super().thresholds.support)


@dataclass(frozen=True, slots=True)
class Asked:
    """What came of one question: the answer's confidence, whether it was right, whether any answer could be."""

    confidence: float
    right: bool
    answerable: bool
    weight: float


def ask(questions: Path, folder: Path, weights: Path, home: Path) -> Iterator[Asked]:
    """Every question of a set."""
    cases = load_cases(questions)
    settings = load_settings().model_copy(update={"home": home})
    for launch in dict.fromkeys(case.launch for case in cases):
        corpus = folder / launch if launch else folder
        assistant = Assistant.from_settings(settings.model_copy(update={"corpus": corpus}))
        assistant = Assistant(assistant.retriever, Unafraid(weights), launch=assistant.launch)
        for case in (c for c in cases if c.launch == launch):
            yield _asked(assistant, case, 1 / len(cases))


def _asked(assistant: Assistant, case: Case, weight: float) -> Asked:
    answer = assistant.answer(case.question, history=case.history, as_of=case.as_of)
    right = case.answerable and judge(case, answer).correct
    return Asked(answer.confidence, right, case.answerable, weight)


def decide(asked: list[Asked]) -> dict[str, float]:
    """The thresholds of least cost."""
    columns = (np.array([getattr(a, name) for a in asked]) for name in ("confidence", "right", "answerable"))
    choose = partial(cheapest, *columns, weight=np.array([a.weight for a in asked]))
    answered = choose(cost=ANSWERED_COST)
    return {"answered": answered, "partial": min(choose(cost=PARTIAL_COST), answered)}


def outcome(asked: list[Asked], threshold: float) -> str:
    """Shares at a threshold, for the table."""
    can, cannot = [a for a in asked if a.answerable], [a for a in asked if not a.answerable]
    right = np.mean([a.right and a.confidence >= threshold for a in can])
    refused = np.mean([a.confidence < threshold for a in cannot])
    return f"{right:.3f} | {refused:.3f}"


def main() -> None:
    """Ask, choose, print, and with --write store."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--set", action="append", required=True, metavar="QUESTIONS=FOLDER")
    parser.add_argument("--weights", type=Path, default=WEIGHTS)
    parser.add_argument("--write", action="store_true", help="store the thresholds in the model's card")
    args = parser.parse_args()
    found: dict[str, list[Asked]] = {}
    with tempfile.TemporaryDirectory() as home:
        for named in args.set:
            questions, _, folder = named.partition("=")
            found[Path(questions).stem] = list(ask(Path(questions), Path(folder), args.weights, Path(home)))
    thresholds = decide([a for asked in found.values() for a in asked])
    print(f"thresholds: {thresholds}\n")
    print("| set | questions | AUC | threshold | right of the answerable | refused of the unanswerable |")
    print("| --- | --- | --- | --- | --- | --- |")
    for name, asked in found.items():
        area = auc([a.confidence for a in asked], [a.answerable for a in asked])
        for kind, value in thresholds.items():
            print(f"| {name} | {len(asked)} | {area:.3f} | {kind} {value} | {outcome(asked, value)} |")
        steps = [outcome(asked, t) for t in (0.1, 0.2, 0.3, 0.4, 0.5, 0.6)]
        print(f"| {name} | | | 0.1, 0.2 ... 0.6 | {' / '.join(s.replace(' | ', ' ') for s in steps)} | |")
    if args.write:
        path = args.weights / "evidence.json"
        card = json.loads(path.read_text("utf-8"))
        card["thresholds"] |= thresholds
        card["costs"] = {"answered": ANSWERED_COST, "partial": PARTIAL_COST}
        path.write_text(json.dumps(card, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
