"""What scoring costs beside the model's bare forward pass, and how long the model takes to load.

Both ways run in turn on the same token rows in one process, so that their ratio means something on any machine.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from assistant import evidence_onnx
from assistant.evidence import Context
from assistant.evidence_onnx import BuiltInEvidence
from corpus import Library
from index.passages import sentence_spans

QUESTION = "Which Meta products run Muse Spark, and in which countries?"


def contexts(sentences: int) -> list[Context]:
    """Passages of four sentences from the shipped articles, `sentences` in all."""
    found: list[Context] = []
    for article in Library().articles():
        spans = sentence_spans(article.text)
        for start in range(0, len(spans) - 3, 4):
            found.append(
                Context(article.title, tuple(article.text[a:b] for a, b in spans[start : start + 4]))
            )
            if 4 * len(found) >= sentences:
                return found
    raise SystemExit("The shipped articles hold too few sentences.")


def timed(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def main(argv: Sequence[str] = ()) -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench evidence", description=__doc__)
    parser.add_argument("--sentences", type=int, default=64)
    parser.add_argument("--rounds", type=int, default=20)
    args = parser.parse_args(argv)
    model = BuiltInEvidence()
    loading = timed(model.check)
    torch = "torch" in sys.modules
    passages = contexts(args.sentences)
    model.answers(QUESTION, passages)

    # The bare pass: the same rows, tokenised before, as one batch.
    rows: list[Sequence[int]] = []
    run = evidence_onnx.run_rows
    evidence_onnx.run_rows = lambda session, given, output: rows.extend(given) or run(session, given, output)
    model.answers(QUESTION, passages)
    evidence_onnx.run_rows = run
    session, _ = model._model()
    width = max(map(len, rows))
    ids = np.zeros((len(rows), width), dtype=np.int64)
    for line, row in enumerate(rows):
        ids[line, : len(row)] = row
    feed = {"input_ids": ids, "attention_mask": (ids != 0).astype(np.int64)}

    bare, scoring = [], []
    for _ in range(args.rounds):
        bare.append(timed(lambda: session.run(["answer_logits"], feed)))
        scoring.append(timed(lambda: model.answers(QUESTION, passages)))
    ratio = statistics.median(scoring) / statistics.median(bare)
    print(f"| {args.sentences} sentences in {len(passages)} passages, {args.rounds} rounds | median ms |")
    print("| --- | --- |")
    print(f"| bare forward pass, one batch | {1000 * statistics.median(bare):.1f} |")
    print(f"| scoring, with tokenising and calibration | {1000 * statistics.median(scoring):.1f} |")
    print(f"| ratio | {ratio:.2f} |")
    print(f"| loading, digests checked | {1000 * loading:.0f} |")
    print(f"| torch was imported to load and score | {'yes' if torch else 'no'} |")


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[2]))
    main(sys.argv[1:])
