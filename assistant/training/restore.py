"""The shipped weights as a checkpoint to train on: `python -m assistant.training.restore --out FILE`.

Whoever has only the product can so go on where its makers stopped. The weights come back as they ship, rounded to the
bits that they ship in; a training smooths that within its first steps.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from assistant.training.data import TrainingDataError
from assistant.training.export import UNUSED
from assistant.training.model import BLOCK, WIDTH, EvidenceNet

SHIPPED = Path(__file__).parents[1] / "weights" / "evidence.onnx"


def restore(path: Path) -> EvidenceNet:
    """A net with the weights of an exported model, in fp32.

    Raises:
        TrainingDataError: the file is no model that `assistant.training.export` wrote.
    """
    import onnx
    from google.protobuf.message import DecodeError

    try:
        graph = onnx.load(str(path)).graph
        stored = {t.name: onnx.numpy_helper.to_array(t) for t in graph.initializer}
        net = EvidenceNet()
        state = net.state_dict()
        state |= {name: torch.from_numpy(v.copy()) for name, v in stored.items() if name in state}
        state |= _products(graph, stored) | _lines(graph, stored)
        state["words.weight"] = _words(stored["words.pairs"], stored["words.scale"])
        places = torch.from_numpy(stored["places.weight_half"].astype(np.float32))
        state["places.weight"][: len(places)] = places
        net.load_state_dict(state)
    except (OSError, KeyError, ValueError, RuntimeError, DecodeError) as exc:
        raise TrainingDataError(f"{path} is no model that assistant.training.export wrote: {exc}") from exc
    return net


def _words(pairs: Any, scale: Any) -> Tensor:
    """The word table from its 4 bits; rows that do not ship are zero."""
    codes = np.stack([pairs % 16, pairs // 16], -1).astype(np.float32).reshape(len(pairs), -1, BLOCK) - 8.0
    rows = (codes * scale.astype(np.float32)).reshape(len(pairs), WIDTH)
    missing = np.zeros((len(UNUSED), WIDTH), np.float32)
    return torch.from_numpy(np.concatenate([rows[: UNUSED.start], missing, rows[UNUSED.start :]]))


def _products(graph: Any, stored: dict[str, Any]) -> dict[str, Tensor]:
    """The weights of all matrix products by their names in the net, which those of their nodes begin with."""
    found: dict[str, Tensor] = {}
    for node in graph.node:
        name = next((n for n in node.input if n in stored or f"{n}_half" in stored), "")
        part = ".".join(node.name.strip("/").split("/")[:2])
        if node.op_type == "MatMulInteger":
            whole = name.removesuffix("_quantized")
            values = stored[name].astype(np.float32) - stored[f"{whole}_zero_point"].astype(np.float32)
            values = values * stored[f"{whole}_scale"]
        elif node.op_type in ("MatMul", "Gemm") and name:
            values = stored.get(name, stored.get(f"{name}_half")).astype(np.float32)
        else:
            continue
        turned = node.op_type != "Gemm" or not any(a.name == "transB" and a.i for a in node.attribute)
        found[f"{part}.weight"] = torch.from_numpy(np.ascontiguousarray(values.T if turned else values))
    return found


def _lines(graph: Any, stored: dict[str, Any]) -> dict[str, Tensor]:
    """Scale and shift of both heads' cosines, which the export has turned into constants."""
    found: dict[str, Tensor] = {}
    for head in ("answer", "support"):
        # The quotient of the cosine is multiplied by the scale, and the shift is added to the product.
        (product,) = [
            n
            for n in graph.node
            if n.op_type == "Mul" and n.input[0] in stored and n.input[1] == f"/{head}/Div_output_0"
        ]
        (total,) = [n for n in graph.node if n.op_type == "Add" and n.input[0] == product.output[0]]
        values = [float(stored[product.input[0]]), float(stored[total.input[1]])]
        found[f"{head}.line"] = torch.tensor(values)
    return found


def main() -> None:
    """Write the checkpoint."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--onnx", type=Path, default=SHIPPED, help="the exported model")
    parser.add_argument("--out", type=Path, required=True, help="the checkpoint to write")
    args = parser.parse_args()
    torch.save({"net": restore(args.onnx).state_dict(), "step": 0}, args.out)


if __name__ == "__main__":
    main()
