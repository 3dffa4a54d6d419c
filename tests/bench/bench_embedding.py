"""The rate of embedding, and of a whole rebuild, beside the model's bare forward pass on the same tokens.

    python -m tests.bench embedding -- --texts 1024 --rounds 5

The bare pass has its tokens ready, sorted by length, and does nothing with what comes out; it is run at several batch
sizes, and its best one counts. All take turns, and the middle of each's times is shown: beside other work on the machine
only the ratios mean something, and those of processor time more than those of the clock.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from corpus.models import Article
from index import IndexConfig, rebuild
from index.embedding import SentenceTransformerEmbedder, _precision, make_embedder
from index.passages import passages
from index.recipe import embedded_text
from tests.bench.generated import articles

SIZES = (16, 32, 64, 128)


def some_texts(count: int, seed: int) -> tuple[list[Article], list[str]]:
    """Articles that have about so many passages, and what is embedded of these."""
    config = IndexConfig()
    made = list(articles(count, seed))
    cut = {"max_chars": config.passage_chars, "overlap_sentences": config.overlap_sentences}
    return made, [embedded_text(a, p) for a in made for p in passages(a, **cut)]


def bare_pass(model: Any, encoded: Sequence[Sequence[int]], size: int) -> Callable[[], None]:
    """The model's forward pass over all texts, in batches of this size that are made beforehand."""
    import torch

    batches = []
    for begin in range(0, len(encoded), size):
        rows = encoded[begin : begin + size]
        ids = torch.zeros((len(rows), max(map(len, rows))), dtype=torch.long)
        mask = torch.zeros_like(ids)
        for k, row in enumerate(rows):
            ids[k, : len(row)] = torch.tensor(row)
            mask[k, : len(row)] = 1
        batches.append((ids, mask))

    def run() -> None:
        with torch.inference_mode(), _precision():
            for ids, mask in batches:
                model[0].auto_model(input_ids=ids, attention_mask=mask)

    return run


def timed(run: Callable[[], object]) -> tuple[float, float]:
    """Seconds by the clock, and of the processor."""
    clock, processor = time.perf_counter(), time.process_time()
    run()
    return time.perf_counter() - clock, time.process_time() - processor


def measure(count: int, rounds: int, seed: int = 1) -> str:
    """The table."""
    made, texts = some_texts(count, seed)
    config = IndexConfig()
    embedder = make_embedder(batch_size=config.batch_size)
    assert isinstance(embedder, SentenceTransformerEmbedder)
    model = embedder._model()
    limit = model.max_seq_length
    encoded = sorted(
        (model.tokenizer(t, truncation=True, max_length=limit)["input_ids"] for t in texts), key=len
    )
    tokens = sum(map(len, encoded))

    def whole() -> None:
        with tempfile.TemporaryDirectory(prefix="launch-bench-") as place:
            report = rebuild(made, home=Path(place, "home"), config=config, embedder=embedder)
            assert report.embedded == len(texts)

    runs: dict[str, Callable[[], object]] = {
        f"bare, batches of {size}": bare_pass(model, encoded, size) for size in SIZES
    }
    runs["embed_documents"] = lambda: embedder.embed_documents(texts)
    runs["a whole rebuild"] = whole
    times: dict[str, list[tuple[float, float]]] = {name: [] for name in runs}
    embedder.embed_documents(texts[:64])
    for _ in range(rounds):
        for name, run in runs.items():
            times[name].append(timed(run))
    middle = {name: np.median(np.array(t), axis=0) for name, t in times.items()}
    best = np.min([middle[name] for name in middle if name.startswith("bare")], axis=0)
    lines = [
        f"{len(texts):,} passages, {tokens:,} tokens, {rounds} rounds.\n",
        "| what | tokens per s | of the best bare rate | by processor time |",
        "| --- | ---: | ---: | ---: |",
    ]
    for name, (clock, processor) in middle.items():
        shares = f"{best[0] / clock:.0%} | {best[1] / processor:.0%}"
        lines.append(f"| {name} | {tokens / clock:,.0f} | {shares} |")
    return "\n".join(lines)


def main(argv: Sequence[str] = ()) -> None:
    """Print the rates."""
    parser = argparse.ArgumentParser(prog="tests.bench embedding")
    parser.add_argument("--texts", type=int, default=1024, help="passages, about")
    parser.add_argument("--rounds", type=int, default=5)
    options, _ = parser.parse_known_args(list(argv))
    print(measure(options.texts, options.rounds))


if __name__ == "__main__":
    main()
