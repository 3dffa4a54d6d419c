"""Export, calibrate and store the evidence model: `python -m assistant.training.export --checkpoint FILE --out DIR`.

Writes evidence.onnx (int8), evidence.json (digests, token ids, calibration, thresholds) and tokenizer.json.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import shutil
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from assistant.training.augment import elsewhere, made_claim
from assistant.training.calibrate import PARTIAL_COST, cheapest, passing, platt, sigmoid
from assistant.training.data import Claim, Example, TrainingDataError, load_launches
from assistant.training.evaluate import LAUNCHES, OnnxScorer, answerability, held_back
from assistant.training.model import (
    ANSWER_MARK,
    CLS,
    MAX_QUESTION,
    MAX_TITLE,
    MAX_TOKENS,
    SEP,
    SUPPORT_MARK,
    EvidenceNet,
    start_from,
)
from assistant.training.train import start_folder

LARGEST_FILE = 30_000_000
#: What a sentence's words weigh beside the model, in log-odds; chosen on the development questions in tests/evals.
#: `assistant.training.decide` then puts thresholds for the whole assistant in place of those that `calibrate` finds.
PRIOR = {"coverage": 1.0, "cue": 0.3, "shift": -0.5, "crowd": 0.6}


class Int8Embedding(nn.Module):
    """An embedding table in 8 bits with one scale a row, a quarter of its size at no loss that could be measured."""

    def __init__(self, table: Tensor) -> None:
        super().__init__()
        scale = table.abs().amax(1, keepdim=True) / 127.0
        self.register_buffer("rows", torch.round(table / scale).to(torch.int8))
        self.register_buffer("scale", scale)

    def forward(self, ids: Tensor) -> Tensor:
        """Vectors (batch, tokens, width) of the ids."""
        rows: Tensor = self.rows[ids].to(torch.float32)
        return rows * self.scale[ids]


def to_onnx(net: EvidenceNet, path: Path, *, small_table: bool) -> None:
    """Write the net as ONNX with both axes free."""
    net = net.eval()
    if small_table:
        net.words = Int8Embedding(net.words.weight.detach())  # type: ignore[assignment]
    ids = torch.tensor(
        [[CLS, 2054, SEP, 2023, ANSWER_MARK, 2003, 102, 0], [CLS, 2054, SEP, 3, 2003, 2009, 2003, 102]]
    )
    axes = {0: "batch", 1: "tokens"}
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            net,
            (ids, (ids != 0).long()),
            str(path),
            input_names=["input_ids", "attention_mask"],
            output_names=["answer_logits", "support_logits"],
            dynamic_axes={
                "input_ids": axes,
                "attention_mask": axes,
                "answer_logits": axes,
                "support_logits": {0: "batch"},
            },
            opset_version=17,
            dynamo=False,
        )


def to_int8(full: Path, path: Path) -> None:
    """Weights of the matrix products in 8 bits, one scale a column; activations are measured as they come.

    Left as they are: the heads, which weigh small differences, and the narrowing product of the two lowest layers,
    where rounding the activations did most harm. Weights use 7 of the 8 bits, since processors without VNNI would
    overflow on all 8.
    """
    import onnx
    from onnxruntime.quantization import QuantType, quantize_dynamic

    graph = onnx.load(str(full)).graph
    products = [n.name for n in graph.node if n.op_type in ("MatMul", "Gemm")]
    kept = ("answer", "support", "layers.0/down", "layers.1/down")
    quantize_dynamic(
        str(full),
        str(path),
        op_types_to_quantize=["MatMul"],
        per_channel=True,
        weight_type=QuantType.QInt8,
        reduce_range=True,
        nodes_to_exclude=[p for p in products if any(k in p for k in kept)],
        extra_options={"MatMulConstBOnly": True},
    )
    if path.stat().st_size > LARGEST_FILE:
        raise TrainingDataError(f"{path} has {path.stat().st_size} bytes, more than the package may carry.")


def calibrate(
    model: OnnxScorer, sets: Sequence[Sequence[Example]], claims: Sequence[Claim]
) -> dict[str, Any]:
    """Calibration and thresholds from held-back passages."""
    logits, labels, best, right, answerable = [], [], [], [], []
    scored = [(e, s) for examples in sets for e, s in zip(examples, model.answers(examples), strict=True)]
    for example, score in scored:
        logits += list(score)
        labels += [i in example.positives for i in range(len(score))]
        best.append(float(score.max()))
        right.append(int(score.argmax()) in example.positives)
        answerable.append(bool(example.positives))
    slope, shift = platt(np.array(logits), np.array(labels, dtype=float))
    chance = sigmoid(slope * np.array(best) + shift)
    outcome = (chance, np.array(right), np.array(answerable))
    answered, partial = cheapest(*outcome), cheapest(*outcome, cost=PARTIAL_COST)
    seen = model.supports(claims)
    true = np.array([c.supported for c in claims], dtype=float)
    # Both outcomes weigh the same: the share of false claims in practice is not known.
    weight = np.where(true > 0, 0.5 / true.mean(), 0.5 / (1 - true.mean()))
    support_slope, support_shift = platt(seen, true, weight=weight)
    sure = sigmoid(support_slope * seen + support_shift)
    paraphrase = np.array([c.supported and c.kind == "written" for c in claims])
    support = passing(sure[paraphrase], sure[np.array([c.kind == "same" for c in claims])])
    return {
        "calibration": {"answer": [slope, shift], "support": [support_slope, support_shift]},
        "thresholds": {"answered": answered, "partial": min(partial, answered), "support": support},
    }


def main() -> None:
    """Export, compare int8 with fp32, calibrate, and write the folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--checkpoint", type=Path, required=True)
    parser.add_argument("--data", type=Path, required=True, help="folder of the public question sets")
    parser.add_argument("--out", type=Path, default=Path(__file__).parents[1] / "weights")
    parser.add_argument("--work", type=Path, required=True, help="folder for the fp32 model")
    parser.add_argument("--version", default="1")
    parser.add_argument("--sample", type=int, default=400, help="questions a set in the fp32/int8 comparison")
    args = parser.parse_args()
    torch.set_num_threads(2)
    args.out.mkdir(parents=True, exist_ok=True)
    args.work.mkdir(parents=True, exist_ok=True)
    net = start_from(start_folder())
    state = torch.load(args.checkpoint, weights_only=True)
    net.load_state_dict(state["net"])
    full, table8, small = args.work / "full.onnx", args.work / "table8.onnx", args.work / "evidence.onnx"
    to_onnx(net, full, small_table=False)
    to_onnx(net, table8, small_table=True)
    to_int8(table8, small)
    shutil.copyfile(start_folder() / "tokenizer.json", args.work / "tokenizer.json")
    sets = held_back(args.data)
    rng = random.Random(11)
    for kind, path in (("fp32", full), ("int8", small)):
        model = OnnxScorer(path, args.work)
        for name, every in sets.items():
            examples = random.Random(5).sample(every, min(args.sample, len(every)))
            found = answerability(examples, model.answers(examples))
            print(
                f"{kind} {name}: AUC {found['auc']:.4f}, best sentence right {found['top1']:.4f}", flush=True
            )
    held = load_launches(LAUNCHES, held=True)
    made = [made_claim(rng.choice(held.examples), rng) for _ in range(600)]
    apart = [elsewhere(c, rng) for c in rng.sample(held.claims, len(held.claims) // 2) if c.others]
    claims = [*held.claims, *apart, *(c for c in made if c is not None)]
    card = calibrate(model, [sets["launches"]], claims)
    card |= {
        "prior": PRIOR,
        "version": args.version,
        "onnx_sha256": hashlib.sha256(small.read_bytes()).hexdigest(),
        "tokenizer_sha256": hashlib.sha256((args.work / "tokenizer.json").read_bytes()).hexdigest(),
        "tokens": {"cls": CLS, "sep": SEP, "answer": ANSWER_MARK, "support": SUPPORT_MARK},
        "max_tokens": MAX_TOKENS,
        "max_question_tokens": MAX_QUESTION,
        "max_title_tokens": MAX_TITLE,
    }
    for name in ("evidence.onnx", "tokenizer.json"):
        shutil.copyfile(args.work / name, args.out / name)
    (args.out / "evidence.json").write_text(json.dumps(card, indent=1) + "\n", "utf-8")
    print(json.dumps(card, indent=1))


if __name__ == "__main__":
    main()
