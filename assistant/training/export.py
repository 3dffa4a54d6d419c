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
    BLOCK,
    CLS,
    MAX_QUESTION,
    MAX_TITLE,
    MAX_TOKENS,
    SEP,
    SUPPORT_MARK,
    WIDTH,
    EvidenceNet,
    codes_of,
)
from assistant.training.train import start_folder

#: How sure to be of a claim that a rule doubts; chosen on the sentences of tests/evals.
DOUBTED = 0.9
LARGEST_FILE = 30_000_000
#: Values from which on a table in fp32 is stored in half precision.
HALVED_FROM = 50_000
#: What a sentence's words weigh beside the model, in log-odds; chosen on the development questions in tests/evals.
#: `assistant.training.decide` then puts thresholds for the whole assistant in place of those that `calibrate` finds.
PRIOR = {"coverage": 1.5, "cue": 0.3, "shift": -0.5, "crowd": 0.6}


#: [unused99] to [unused993] of the vocabulary, which no text and no marker has.
UNUSED = range(104, 999)


class Int4Embedding(nn.Module):
    """The word table in 4 bits, two values a byte, without UNUSED; training has seen it so rounded."""

    def __init__(self, table: Tensor) -> None:
        super().__init__()
        codes, scale = codes_of(torch.cat([table[: UNUSED.start], table[UNUSED.stop :]]))
        pairs = (codes + 8).to(torch.uint8).view(codes.shape[0], -1, 2)
        self.register_buffer("pairs", pairs[..., 0] + 16 * pairs[..., 1])
        self.register_buffer("scale", scale)

    def forward(self, ids: Tensor) -> Tensor:
        """Vectors (batch, tokens, width) of the ids."""
        ids = ids - len(UNUSED) * (ids >= UNUSED.stop).to(ids.dtype)
        pairs: Tensor = self.pairs[ids].to(torch.float32)
        high = torch.floor(pairs / 16.0)
        codes = torch.stack([pairs - 16.0 * high, high], -1) - 8.0
        scale = self.scale[ids].to(torch.float32)
        return (codes.view(*ids.shape, -1, BLOCK) * scale).view(*ids.shape, WIDTH)


def to_onnx(net: EvidenceNet, path: Path, *, small: bool) -> None:
    """Write the net as ONNX with both axes free."""
    net = net.eval()
    if small:
        net.words = Int4Embedding(net.words.weight.detach())  # type: ignore[assignment]
        net.places.weight = nn.Parameter(net.places.weight[:MAX_TOKENS].detach())
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

    The heads, which weigh small differences, and the table of places are stored in half precision and computed in full.
    Weights use 7 of the 8 bits, since processors without VNNI would overflow on all 8.
    """
    import onnx
    from onnxruntime.quantization import QuantType, quantize_dynamic

    graph = onnx.load(str(full)).graph
    products = [n.name for n in graph.node if n.op_type in ("MatMul", "Gemm")]
    # The quantizer splits a Gemm into a product and a sum first, and asks for the product's new name.
    products += [f"{name}_MatMul" for name in products]
    quantize_dynamic(
        str(full),
        str(path),
        op_types_to_quantize=["MatMul"],
        per_channel=True,
        weight_type=QuantType.QInt8,
        reduce_range=True,
        nodes_to_exclude=[p for p in products if "answer" in p or "support" in p],
        extra_options={"MatMulConstBOnly": True},
    )
    model = onnx.load(str(path))
    halve(model.graph)
    onnx.save(model, str(path))
    if path.stat().st_size > LARGEST_FILE:
        raise TrainingDataError(f"{path} has {path.stat().st_size} bytes, more than the package may carry.")


def halve(graph: Any) -> None:
    """Store the large tables of an ONNX graph that are still in fp32 in half precision."""
    from onnx import TensorProto, helper, numpy_helper

    for stored in [t for t in graph.initializer if t.data_type == TensorProto.FLOAT]:
        values = numpy_helper.to_array(stored)
        if values.size < HALVED_FROM:
            continue
        graph.initializer.remove(stored)
        graph.initializer.append(numpy_helper.from_array(values.astype(np.float16), f"{stored.name}_half"))
        cast = helper.make_node("Cast", [f"{stored.name}_half"], [stored.name], to=TensorProto.FLOAT)
        graph.node.insert(0, cast)


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
        "thresholds": {
            "answered": answered,
            "partial": min(partial, answered),
            "support": support,
            "doubted": DOUBTED,
        },
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
    net = EvidenceNet()
    state = torch.load(args.checkpoint, weights_only=True)
    net.load_state_dict(state["net"])
    full, whole, small = (args.work / name for name in ("full.onnx", "whole.onnx", "evidence.onnx"))
    to_onnx(net, full, small=False)
    to_onnx(net, whole, small=True)
    to_int8(whole, small)
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
