"""Building, changing and searching the index at 1k, 10k and 100k passages (1M with --full).

The text is made by a seeded generator: English words drawn by Zipf's law, a third of each article's from the vocabulary
of its subject; it means nothing, but has the lengths, the repetitions and the tokens of news. Up to 10k passages the packaged model embeds them; above, vectors are seeded: a random
projection of a passage's rarer words. Each size runs in a process of its own, so that its peak memory is its own.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import resource
import subprocess
import sys
import tempfile
import time
import zlib
from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np

import index.vectors
from corpus.models import Article, Kind
from index import IndexConfig, Retriever, rebuild
from index.embedding import Embedder, make_embedder, packaged_folder
from index.passages import passages
from index.recipe import embedded_text
from index.store import VectorStore

ROOT = Path(__file__).parents[2]
REAL_UP_TO = 10_000
SUBJECTS = 400
QUERIES = 200


def vocabulary() -> list[str]:
    """The whole words that the packaged model's tokenizer knows; they stand roughly from common to rare."""
    known = json.loads((packaged_folder() / "tokenizer.json").read_text("utf-8"))["model"]["vocab"]
    return [
        w for w, _ in sorted(known.items(), key=lambda item: item[1]) if re.fullmatch(r"[a-z]{2,}|a|i", w)
    ]


def articles(count: int, seed: int) -> Iterator[Article]:
    """Articles that come to about `count` passages in all."""
    rng = random.Random(seed)
    words = vocabulary()
    cumulative = np.cumsum(1.0 / np.arange(1, len(words) + 1)).tolist()
    subjects = [rng.sample(words[500:], 120) for _ in range(SUBJECTS)]
    subject_weights = np.cumsum(1.0 / np.arange(1, 121)).tolist()
    made, number = 0, 0
    while made < count:
        subject = rng.choice(subjects)
        paragraphs = []
        for _ in range(rng.randint(6, 14)):
            sentences = []
            for _ in range(rng.randint(3, 7)):
                length = rng.randint(8, 24)
                general = rng.choices(words, cum_weights=cumulative, k=length)
                special = rng.choices(subject, cum_weights=subject_weights, k=length)
                line = [s if rng.random() < 1 / 3 else g for g, s in zip(general, special, strict=True)]
                sentences.append(" ".join(line).capitalize() + ".")
            paragraphs.append(" ".join(sentences))
        day = date(2024, 1, 1) + timedelta(days=rng.randrange(800))
        title = " ".join(rng.choices(subject, k=6)).capitalize()
        text = "\n\n".join(paragraphs)
        article = Article(f"a{number:07d}", title, "The Paper", None, day, None, Kind.REPORTING, text)
        made += len(passages(article, max_chars=900, overlap_sentences=1))
        number += 1
        yield article


class SeededEmbedder:
    """A random projection of a passage's words, each weighted by its length: short words are common ones."""

    name = "seeded"
    dimension = 384

    def __init__(self) -> None:
        self._table = np.random.default_rng(0).standard_normal((8192, 384)).astype(np.float32)

    def embed_documents(
        self, texts: Sequence[str], *, on_progress: Callable[[int, int], None] | None = None
    ) -> np.ndarray:
        vectors = np.stack([self.embed_query(t) for t in texts])
        if on_progress:
            on_progress(len(texts), len(texts))
        return vectors

    def embed_query(self, text: str) -> np.ndarray:
        words = text.lower().split()
        rows = [zlib.crc32(w.strip(".").encode()) % 8192 for w in words]
        weights = np.array([max(0, len(w) - 4) for w in words], dtype=np.float32)
        total: np.ndarray = weights @ self._table[rows] + 1e-3
        return total / np.linalg.norm(total)


class Clock:
    """Counts the seconds spent in a function that a module calls by name."""

    def __init__(self, module: Any, name: str) -> None:
        self.seconds = 0.0
        inner = getattr(module, name)

        def timed(*args: Any, **kwargs: Any) -> Any:
            begun = time.perf_counter()
            try:
                return inner(*args, **kwargs)
            finally:
                self.seconds += time.perf_counter() - begun

        setattr(module, name, timed)

    def take(self) -> float:
        """The seconds since the last time."""
        seconds, self.seconds = self.seconds, 0.0
        return seconds


def folder_size(folder: Path) -> int:
    return sum(p.stat().st_size for p in folder.rglob("*") if p.is_file())


def measure(count: int, seed: int) -> dict[str, Any]:
    """Everything of one size."""
    real = count <= REAL_UP_TO
    config = IndexConfig()
    embedder: Embedder = make_embedder() if real else SeededEmbedder()
    embedder.embed_query("Load the model.")
    corpus = list(articles(count, seed))
    lexical = Clock(index.vectors, "write_lexical")
    row: dict[str, Any] = {"vectors": "model" if real else "seeded"}
    with tempfile.TemporaryDirectory(prefix="launch-bench-") as folder:
        home = Path(folder)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        report = rebuild(corpus, home=home, config=config, embedder=embedder)
        row |= {"passages": report.passages, "build": report.seconds, "build_lexical": lexical.take()}
        row["peak"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        row["before"] = before
        row["disk"] = folder_size(home)
        row["disk_lexical"] = sum(folder_size(p) for p in home.glob("chroma/*/lexical"))
        row["disk_vectors"] = folder_size(home / "chroma") - row["disk_lexical"]

        begun = time.perf_counter()
        retriever = Retriever.open(home, config=config, embedder=embedder)
        row["open"] = time.perf_counter() - begun
        row |= searched(retriever, corpus, home, embedder, seed)

        changed = corpus[len(corpus) // 2]
        text = changed.text.replace(". ", " indeed. ", 1)
        corpus[len(corpus) // 2] = Article(
            changed.id, changed.title, changed.publisher, None, changed.published, None, changed.kind, text
        )
        report = rebuild(corpus, home=home, config=config, embedder=embedder)
        row |= {
            "change": report.seconds,
            "change_lexical": lexical.take(),
            "change_embedded": report.embedded,
        }
        begun = time.perf_counter()
        retriever.snapshot()
        row["seen"] = time.perf_counter() - begun
        begun = time.perf_counter()
        rebuild(corpus, home=home, config=config, embedder=embedder)
        row["nothing"] = time.perf_counter() - begun
    return row


def searched(
    retriever: Retriever, corpus: Sequence[Article], home: Path, embedder: Embedder, seed: int
) -> dict[str, Any]:
    """Time of a search, and how much of the exact ten nearest the vector search finds."""
    rng = random.Random(seed + 1)
    queries = []
    for article in rng.choices(corpus, k=QUERIES):
        sentence = rng.choice(article.text.split(". ")).split()
        queries.append(" ".join(rng.sample(sentence, min(8, len(sentence)))))
    snapshot = retriever.snapshot()
    snapshot.search(queries[0])
    times = []
    for query in queries:
        begun = time.perf_counter()
        snapshot.search(query)
        times.append(time.perf_counter() - begun)
    asked = np.stack([embedder.embed_query(q) for q in queries])
    best: list[list[tuple[float, str]]] = [[] for _ in queries]
    for folder in sorted((home / "chroma").iterdir()):
        store = VectorStore(folder)
        ids = sorted(store.ids())
        for begin in range(0, len(ids), 5000):
            part = ids[begin : begin + 5000]
            similarity = asked @ store.vectors(part).T
            for q, line in enumerate(similarity):
                top = np.argpartition(-line, min(10, len(part) - 1))[:10]
                best[q] = sorted([*best[q], *((-float(line[t]), part[t]) for t in top)])[:10]
        store.close()
    found = 0
    for query, exact in zip(queries, best, strict=True):
        near = snapshot._dense(query, IndexConfig().candidates, None, None)[:10]
        found += len({i for i, _ in near} & {i for _, i in exact})
    return {
        "p50": float(np.percentile(times, 50)),
        "p95": float(np.percentile(times, 95)),
        "recall": found / (10 * len(queries)),
    }


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


def table(rows: Sequence[dict[str, Any]]) -> str:
    """The figures as Markdown."""
    mb = 1 << 20
    lines: list[tuple[str, Callable[[dict[str, Any]], str]]] = [
        ("passages", lambda r: f"{r['passages']:,}"),
        ("vectors", lambda r: str(r["vectors"])),
        ("full build, s", lambda r: f"{r['build']:.1f}"),
        ("passages per s", lambda r: f"{r['passages'] / r['build']:,.0f}"),
        ("of it lexical, s", lambda r: f"{r['build_lexical']:.1f}"),
        ("peak memory, MB (before the build)", lambda r: f"{r['peak'] >> 10:,} ({r['before'] >> 10:,})"),
        ("on disk, MB", lambda r: f"{r['disk'] / mb:,.1f}"),
        (
            "of it vectors, lexical",
            lambda r: f"{r['disk_vectors'] / mb:,.1f}, {r['disk_lexical'] / mb:,.1f}",
        ),
        ("opening, s", lambda r: f"{r['open']:.2f}"),
        ("search p50, ms", lambda r: f"{1000 * r['p50']:.1f}"),
        ("search p95, ms", lambda r: f"{1000 * r['p95']:.1f}"),
        ("recall@10 against exact", lambda r: f"{r['recall']:.3f}"),
        ("one article changed, s", lambda r: f"{r['change']:.2f}"),
        (
            "of it lexical, s",
            lambda r: f"{r['change_lexical']:.2f} ({r['change_lexical'] / r['change']:.0%})",
        ),
        ("passages embedded for it", lambda r: f"{r['change_embedded']}"),
        ("share of the full build", lambda r: f"{r['change'] / r['build']:.2%}"),
        ("until an open reader has it, s", lambda r: f"{r['seen']:.2f}"),
        ("rebuild with no change, s", lambda r: f"{r['nothing']:.2f}"),
    ]
    width = max(len(name) for name, _ in lines)
    head, *body = [f"| {name:{width}} | " + " | ".join(f(r) for r in rows) + " |" for name, f in lines]
    return "\n".join([head, f"| {'-' * width} |" + " ---: |" * len(rows), *body])


def main(argv: Sequence[str] = ()) -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="tests.bench index")
    parser.add_argument("--sizes", default="1000,10000,100000", help="passages, with commas between")
    parser.add_argument("--full", action="store_true", help="a million too; hours, and some 10 GB of disk")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--one", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args(list(argv))
    if options.one:
        print(json.dumps(measure(options.one, options.seed)))
        return
    sizes = [int(s) for s in options.sizes.split(",")] + ([1_000_000] if options.full else [])
    rows = []
    for size in sizes:
        command = [sys.executable, "-m", "tests.bench.bench_index", f"--one={size}", f"--seed={options.seed}"]
        done = subprocess.run(
            command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True, env=os.environ
        )
        rows.append(json.loads(done.stdout.splitlines()[-1]))
        print(f"{size:,} passages done", file=sys.stderr, flush=True)
    print(table(rows))
    print(f"\n{embedding_rate(options.seed)}")


if __name__ == "__main__":
    main(sys.argv[1:])
