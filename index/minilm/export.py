"""Writes graph.onnx: all-MiniLM-L6-v2 with mean pooling and unit length, its weights left out.

    python -m index.minilm.export

Needs torch, transformers and onnx (`pip install -e ".[train]"`). The weights are named in the graph as in
model.safetensors, from where they are handed in when it is opened; see index/queries.py, which holds the digest that
this prints.
"""

from __future__ import annotations

import hashlib
import io
import warnings

import onnx
import torch
from onnx import TensorProto
from torch import Tensor
from transformers import BertModel

from index.embedding import packaged_folder
from index.queries import GRAPH


class SentenceVector(torch.nn.Module):
    """Token ids to unit vectors."""

    def __init__(self) -> None:
        super().__init__()
        self.bert = BertModel.from_pretrained(
            str(packaged_folder()), add_pooling_layer=False, attn_implementation="eager"
        )

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        """Vectors of shape (batch, width) from ids and mask of shape (batch, tokens)."""
        hidden = self.bert(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
        mask = attention_mask.unsqueeze(-1).to(hidden.dtype)
        mean = (hidden * mask).sum(1) / mask.sum(1).clamp(min=1e-9)
        return torch.nn.functional.normalize(mean, dim=1)


def without_weights(model: onnx.ModelProto) -> onnx.ModelProto:
    """The model with every weight declared as lying elsewhere, under the name that the weights' file gives it."""
    for node in model.graph.node:
        node.doc_string = ""
        node.input[:] = [_name(i) for i in node.input]
    for weight in model.graph.initializer:
        weight.name = _name(weight.name)
        weight.ClearField("raw_data")
        weight.data_location = TensorProto.EXTERNAL
        entry = weight.external_data.add()
        entry.key, entry.value = "location", "model.safetensors"
    return model


def _name(name: str) -> str:
    return name.removeprefix("bert.") if name.endswith((".weight", ".bias")) else name


def main() -> None:
    """Export, take the weights out, write, print the digest."""
    net = SentenceVector().eval()
    ids = torch.tensor([[101, 2054, 2003, 102], [101, 2054, 102, 0]])
    axes = {0: "batch", 1: "tokens"}
    buffer = io.BytesIO()
    with warnings.catch_warnings(), torch.inference_mode():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            net,
            (ids, (ids != 0).long()),
            buffer,
            input_names=["input_ids", "attention_mask"],
            output_names=["vectors"],
            dynamic_axes={"input_ids": axes, "attention_mask": axes, "vectors": {0: "batch"}},
            opset_version=17,
            dynamo=False,
            do_constant_folding=False,  # folding would put changed weights in the place of the published ones
        )
    data = without_weights(onnx.load_from_string(buffer.getvalue())).SerializeToString(deterministic=True)
    GRAPH.write_bytes(data)
    print(f"{GRAPH.name}: {len(data):,} bytes, sha256 {hashlib.sha256(data).hexdigest()}")


if __name__ == "__main__":
    main()
