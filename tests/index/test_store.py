"""One segment of vectors: what is near is found."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from index.store import GRAPH, VectorStore

DIMENSION = 64


def unit(rows: int, seed: int) -> np.ndarray:
    """Vectors without any order, the hardest to find one's way among; shape (rows, 64)."""
    vectors = np.random.default_rng(seed).standard_normal((rows, DIMENSION)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def recall(folder: Path, count: int, *, first: int) -> float:
    """The share of the exact `first` nearest that a segment of `count` vectors finds."""
    vectors, asked = unit(count, 1), unit(30, 2)
    store = VectorStore(folder)
    store.create(expected=count)
    store.add([str(n) for n in range(count)], vectors, [{"article": "a", "published": 1}] * count)
    store.seal({"a": ("digest", count)})
    found = 0
    for query, similarity in zip(asked, asked @ vectors.T, strict=True):
        exact = {str(n) for n in np.argsort(-similarity)[:first]}
        found += len(exact & {i for i, _ in store.search(query, limit=first)})
    store.close()
    return found / (first * len(asked))


def test_a_small_segment_is_searched_exactly(tmp_path: Path) -> None:
    count = GRAPH["ef_search"] - 100
    assert recall(tmp_path / "segment", count, first=60) > 0.9999


def test_a_bigger_segment_misses_hardly_anything(tmp_path: Path) -> None:
    assert recall(tmp_path / "segment", 4000, first=10) > 0.97
