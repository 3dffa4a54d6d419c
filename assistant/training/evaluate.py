"""Measure an exported evidence model: `python -m assistant.training.evaluate --weights DIR --data DIR [--quick]`.

Prints the tables of the model card. Baselines (BM25 and the starting weights' cosine) run on the same questions.
"""

from __future__ import annotations

import argparse
import json
import math
import random
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from assistant.evidence_onnx import run_rows
from assistant.training import perturb
from assistant.training.augment import elsewhere, other_passage
from assistant.training.calibrate import platt, reliability, sigmoid
from assistant.training.data import Claim, Example, load_launches, load_public
from assistant.training.model import claim_row, load_tokenizer, question_windows
from index.sessions import open_session, session_options

LAUNCHES = Path(__file__).parent / "data"
Scorer = Callable[[Sequence[Example]], list[np.ndarray]]


class OnnxScorer:
    """Raw logits of an exported model; rows of like length run together."""

    def __init__(self, path: Path, tokenizer_folder: Path, *, threads: int = 2) -> None:
        self._session = open_session(str(path), options=session_options(threads=threads))
        self._tokenizer = load_tokenizer(tokenizer_folder)

    def answers(self, examples: Sequence[Example]) -> list[np.ndarray]:
        """For each example one logit a sentence."""
        rows, places = [], []
        for number, example in enumerate(examples):
            windows = question_windows(self._tokenizer, example.question, example.title, example.sentences)
            for row, marks, first in windows:
                rows.append(row)
                places.append((number, marks, first))
        results = [np.full(len(e.sentences), -np.inf) for e in examples]
        for logits, (number, marks, first) in zip(
            run_rows(self._session, rows, "answer_logits"), places, strict=True
        ):
            for offset, mark in enumerate(marks):
                at = first + offset
                results[number][at] = max(results[number][at], float(logits[mark]))
        return results

    def apart(self, examples: Sequence[Example]) -> list[np.ndarray]:
        """As `answers`, each sentence read by itself: for sentences of many documents, which are no passage."""
        single = [replace(e, sentences=(s,), positives=frozenset()) for e in examples for s in e.sentences]
        logits = iter(self.answers(single))
        return [np.array([float(next(logits)[0]) for _ in e.sentences]) for e in examples]

    def supports(self, claims: Sequence[Claim]) -> np.ndarray:
        """One logit a claim."""
        rows = [claim_row(self._tokenizer, c.text, c.evidence) for c in claims]
        return np.array([float(x) for x in run_rows(self._session, rows, "support_logits")])


def bm25(examples: Sequence[Example]) -> list[np.ndarray]:
    """BM25 of each sentence (k1 1.5, b 0.75); sentence statistics are those of the whole set."""

    def words(text: str) -> list[str]:
        return re.findall(r"[a-z0-9]+", text.lower())

    sentences = {s: words(s) for e in examples for s in e.sentences}
    spread = Counter(w for found in sentences.values() for w in set(found))
    mean = sum(map(len, sentences.values())) / max(1, len(sentences))
    results = []
    for example in examples:
        asked = set(words(example.question))
        scores = []
        for sentence in example.sentences:
            held = Counter(sentences[sentence])
            norm = 1.5 * (0.25 + 0.75 * len(sentences[sentence]) / mean)
            weights = {w: math.log(1 + (len(sentences) - spread[w] + 0.5) / (spread[w] + 0.5)) for w in asked}
            scores.append(sum(weights[w] * held[w] * 2.5 / (held[w] + norm) for w in asked if held[w]))
        results.append(np.array(scores))
    return results


def cosine(examples: Sequence[Example]) -> list[np.ndarray]:
    """Cosine between the starting weights' embeddings of question and sentence."""
    from sentence_transformers import SentenceTransformer

    from assistant.training.train import start_folder

    embedder = SentenceTransformer(str(start_folder()), device="cpu")
    texts = list(dict.fromkeys(t for e in examples for t in (e.question, *e.sentences)))
    vectors = embedder.encode(texts, normalize_embeddings=True, batch_size=64)
    at = {text: i for i, text in enumerate(texts)}
    return [vectors[[at[s] for s in e.sentences]] @ vectors[at[e.question]] for e in examples]


def ranking(examples: Sequence[Example], scores: Sequence[np.ndarray]) -> dict[str, float]:
    """MAP and MRR over the questions that have both a sentence that answers and one that does not."""
    precisions, ranks = [], []
    for example, score in zip(examples, scores, strict=True):
        if not 0 < len(example.positives) < len(example.sentences):
            continue
        order = np.argsort(-score, kind="stable")
        hits = [rank for rank, i in enumerate(order, 1) if int(i) in example.positives]
        precisions.append(float(np.mean([n / rank for n, rank in enumerate(hits, 1)])))
        ranks.append(1 / hits[0])
    return {"questions": len(ranks), "map": float(np.mean(precisions)), "mrr": float(np.mean(ranks))}


def auc(scores: Sequence[float] | np.ndarray, labels: Sequence[bool] | np.ndarray) -> float:
    """Area under the ROC curve; ties count half."""
    from scipy.stats import rankdata

    values, truth = np.asarray(scores, dtype=float), np.asarray(labels, dtype=bool)
    ranks = rankdata(values)
    positive, negative = int(truth.sum()), int((~truth).sum())
    if not positive or not negative:
        return math.nan
    return float((ranks[truth].sum() - positive * (positive + 1) / 2) / (positive * negative))


def answerability(examples: Sequence[Example], scores: Sequence[np.ndarray]) -> dict[str, float]:
    """AUC of the best sentence's score for whether anything answers, and how often the best one does."""
    labels = [bool(e.positives) for e in examples]
    tops = [int(np.argmax(s)) in e.positives for e, s in zip(examples, scores, strict=True) if e.positives]
    area = auc([float(s.max()) for s in scores], labels)
    return {"questions": len(labels), "auc": area, "top1": float(np.mean(tops))}


def claim_cases(examples: Sequence[Example], *, each: int, seed: int = 7) -> list[Claim]:
    """Generated claims, up to `each` of every kind, over passages that were never trained on."""
    rng, found = random.Random(seed), defaultdict(list)
    passages = list({e.passage: e for e in examples}.values())
    for kind, edit in {**perturb.SUPPORTED, **perturb.UNSUPPORTED}.items():
        for example in rng.sample(passages, len(passages)):
            for sentence in example.sentences:
                text = edit(sentence, rng) if 6 <= len(sentence.split()) <= 45 else None
                if text and (text != sentence or kind == "same"):
                    source = (example.source, example.passage)
                    found[kind].append(Claim(text, sentence, kind in perturb.SUPPORTED, kind, *source))
    return [c for claims in found.values() for c in rng.sample(claims, min(each, len(claims)))]


def held_back(data: Path) -> dict[str, list[Example]]:
    """The sets on which answerability is measured, none of which was trained on.

    `launches, far` pairs the same questions with passages about other launches, as a search that found nothing
    of use would.
    """
    launches = list(load_launches(LAUNCHES, held=True).examples)
    rng = random.Random(3)
    far = [e if e.positives else replace(other_passage(e, launches, rng)) for e in launches]
    return {
        "squad2half-held": load_public(data, "squad2half-held"),
        "launches": launches,
        "launches, far": far,
    }


def print_ranking(data: Path, ways: dict[str, Scorer], model: OnnxScorer, figures: dict[str, Any]) -> None:
    """Answer-sentence selection on the sets that are only for measuring.

    WikiQA's sentences for a question are one article's beginning and are read as the passage that they are; TrecQA's
    were found in many documents.
    """
    print("| set | scorer | questions | MAP | MRR |\n| --- | --- | --- | --- | --- |")
    for name in ("wikiqa-test", "trecqa-test"):
        examples = load_public(data, name)
        scorers = {**ways, "evidence model": model.apart} if name == "trecqa-test" else ways
        for way, score in scorers.items():
            found = figures[f"{name}/{way}"] = ranking(examples, score(examples))
            print(
                f"| {name} | {way} | {found['questions']} | {found['map']:.3f} | {found['mrr']:.3f} |",
                flush=True,
            )


def print_answerability(data: Path, ways: dict[str, Scorer], figures: dict[str, Any]) -> None:
    """How well the best sentence's score tells questions that have an answer from those that have none."""
    print("\n| set | scorer | questions | AUC | best sentence right |\n| --- | --- | --- | --- | --- |")
    for name, examples in held_back(data).items():
        for way, score in ways.items():
            found = figures[f"{name}/{way}"] = answerability(examples, score(examples))
            print(
                f"| {name} | {way} | {found['questions']} | {found['auc']:.3f} | {found['top1']:.3f} |",
                flush=True,
            )


def print_reliability(model: OnnxScorer, card: dict[str, Any], figures: dict[str, Any]) -> None:
    """Said and true frequencies on held-back launches: as shipped, and with each half calibrated on the other."""
    examples = load_launches(LAUNCHES, held=True).examples
    scores = model.answers(examples)
    logits = np.concatenate(scores)
    truth = np.array([i in e.positives for e in examples for i in range(len(e.sentences))], dtype=float)
    passages = sorted({e.passage for e in examples})
    half = np.array([passages.index(e.passage) % 2 for e in examples for _ in e.sentences])
    crossed = np.zeros_like(logits)
    for side in (0, 1):
        slope, shift = platt(logits[half != side], truth[half != side])
        crossed[half == side] = sigmoid(slope * logits[half == side] + shift)
    slope, shift = card["calibration"]["answer"]
    shipped, figures["bins"] = reliability(sigmoid(slope * logits + shift), truth)
    figures["ece"], _ = reliability(crossed, truth)
    print(
        f"\nExpected calibration error per sentence, held-back launches: {figures['ece']:.3f} where each half of the"
    )
    print(
        f"passages is calibrated on the other half, {shipped:.3f} with the shipped line, which was fitted to both."
    )
    print("\n| probability from | sentences | said | true |\n| --- | --- | --- | --- |")
    for row in figures["bins"]:
        print(f"| {row['from']:.1f} | {row['n']} | {row['said']:.2f} | {row['true']:.2f} |")


def print_decisions(model: OnnxScorer, card: dict[str, Any], figures: dict[str, Any]) -> None:
    """What the thresholds do to whole questions on held-back launches."""
    examples = load_launches(LAUNCHES, held=True).examples
    slope, shift = card["calibration"]["answer"]
    best = [(e, s) for e, s in zip(examples, model.answers(examples), strict=True)]
    print(
        "\n| threshold | answerable, answered rightly | answerable, answered wrongly | unanswerable, refused |"
    )
    print("| --- | --- | --- | --- |")
    for name in ("answered", "partial"):
        limit = card["thresholds"][name]
        said = [(e, int(s.argmax()), sigmoid(slope * s.max() + shift) >= limit) for e, s in best]
        yes = [(at in e.positives, answered) for e, at, answered in said if e.positives]
        no = [not answered for e, _, answered in said if not e.positives]
        right, wrong = np.mean([r and a for r, a in yes]), np.mean([a and not r for r, a in yes])
        figures[f"decisions/{name}"] = {
            "right": float(right),
            "wrong": float(wrong),
            "refused": float(np.mean(no)),
        }
        print(f"| {name} {limit} | {right:.3f} | {wrong:.3f} | {np.mean(no):.3f} |")


def print_claims(model: OnnxScorer, card: dict[str, Any], data: Path, figures: dict[str, Any]) -> None:
    """How often the support head is right, by the kind of change."""
    cases = claim_cases([e for found in held_back(data).values() for e in found], each=300)
    written = load_launches(LAUNCHES, held=True).claims
    rng = random.Random(5)
    cases += [*written, *(elsewhere(c, rng) for c in written if c.others)]
    slope, shift = card["calibration"]["support"]
    passed = sigmoid(slope * model.supports(cases) + shift) >= card["thresholds"]["support"]
    print("\n| claims | cases | right |\n| --- | --- | --- |")
    for kind in dict.fromkeys((c.kind, c.supported) for c in cases):
        right = [
            p == c.supported for c, p in zip(cases, passed, strict=True) if (c.kind, c.supported) == kind
        ]
        label = f"{kind[0]}, {'supported' if kind[1] else 'not supported'}"
        figures[f"claims/{label}"] = {"cases": len(right), "right": float(np.mean(right))}
        print(f"| {label} | {len(right)} | {np.mean(right):.3f} |")


def main() -> None:
    """Print every table, and write the figures as JSON if asked to."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--weights", type=Path, default=Path(__file__).parents[1] / "weights")
    parser.add_argument(
        "--onnx", type=Path, help="another model file with the same card, such as the fp32 one"
    )
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--quick", action="store_true", help="without the ranking sets and the baselines")
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    args = parser.parse_args()
    model = OnnxScorer(args.onnx or args.weights / "evidence.onnx", args.weights)
    card = json.loads((args.weights / "evidence.json").read_text("utf-8"))
    figures: dict[str, Any] = {}
    ways: dict[str, Scorer] = {"evidence model": model.answers}
    if not args.quick:
        ways = {"BM25": bm25, "MiniLM cosine": cosine, **ways}
        print_ranking(args.data, ways, model, figures)
    print_answerability(args.data, ways, figures)
    print_reliability(model, card, figures)
    print_decisions(model, card, figures)
    print_claims(model, card, args.data, figures)
    if args.json:
        args.json.write_text(json.dumps(figures, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
