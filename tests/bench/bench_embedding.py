"""The rate of embedding, beside the model's bare forward pass on the same tokens."""

from __future__ import annotations

import time
from collections.abc import Sequence

import numpy as np

from index import IndexConfig
from index.embedding import make_embedder
from index.passages import passages
from index.recipe import embedded_text
from tests.bench.generated import articles


def embedding_rate(seed: int) -> str:
    """The embedder's rate beside the model's bare forward pass on the same tokens, in turn."""
    import torch

    from index.embedding import SentenceTransformerEmbedder, _precision

    config = IndexConfig()
    texts = [
        embedded_text(a, p)
        for a in articles(1024, seed)
        for p in passages(a, max_chars=config.passage_chars, overlap_sentences=config.overlap_sentences)
    ][:1024]
    embedder = make_embedder(batch_size=config.batch_size)
    assert isinstance(embedder, SentenceTransformerEmbedder)
    model = embedder._model()
    transformer, tokenizer = model[0].auto_model, model.tokenizer
    limit = model.max_seq_length
    encoded = sorted((tokenizer(t, truncation=True, max_length=limit)["input_ids"] for t in texts), key=len)
    tokens = sum(map(len, encoded))

    def bare(size: int) -> float:
        batches = []
        for begin in range(0, len(encoded), size):
            rows = encoded[begin : begin + size]
            ids = torch.zeros((len(rows), len(rows[-1])), dtype=torch.long)
            mask = torch.zeros_like(ids)
            for k, row in enumerate(rows):
                ids[k, : len(row)] = torch.tensor(row)
                mask[k, : len(row)] = 1
            batches.append((ids, mask))
        begun = time.perf_counter()
        with torch.inference_mode(), _precision():
            for ids, mask in batches:
                transformer(input_ids=ids, attention_mask=mask)
        return time.perf_counter() - begun

    sizes = {size: bare(size) for size in (8, 16, 32, 64, 128)}
    size = min(sizes, key=lambda s: sizes[s])
    ratios, rates = [], []
    for _ in range(3):
        begun = time.perf_counter()
        embedder.embed_documents(texts)
        ours, least = time.perf_counter() - begun, bare(size)
        ratios.append(least / ours)
        rates.append(tokens / ours)
    return (
        f"Embedding: {np.median(rates):,.0f} tokens/s in batches of {config.batch_size}, {np.median(ratios):.0%} of the "
        f"model's bare rate at its best batch ({size}) on the same {tokens:,} tokens."
    )


def main(argv: Sequence[str] = ()) -> None:
    """Print the rates."""
    print(embedding_rate(1))


if __name__ == "__main__":
    main()
