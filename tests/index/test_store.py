"""One segment of vectors: what is near is found."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from index import Retriever, rebuild
from index.errors import IndexDamagedError, StorageError
from index.seal import SEAL
from index.store import GRAPH, VectorStore
from tests.faults.corpus import HashEmbedder, article

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


@pytest.mark.parametrize("count", [1, 2, 500, 501, 502, 1001])
@pytest.mark.parametrize("at_once", [250, 5000])
def test_a_segment_of_any_size_is_whole(tmp_path: Path, count: int, at_once: int) -> None:
    vectors, store = unit(count, 1), VectorStore(tmp_path / "segment")
    store.create(expected=count)
    for n in range(0, count, at_once):
        part = range(n, min(n + at_once, count))
        store.add([str(k) for k in part], vectors[part], [{"article": "a", "published": 1}] * len(part))
    assert store.seal({"a": ("digest", count)}).passages == count
    opened = VectorStore(tmp_path / "segment")
    assert len(opened.ids()) == count
    assert opened.search(vectors[-1], limit=1)[0][0] == str(count - 1)


class StopError(Exception):
    """What a check raises."""


def stops_at(place: int) -> Callable[[], None]:
    """A check that has enough at its n-th call."""
    left = iter(range(place))

    def check() -> None:
        if next(left, None) is None:
            raise StopError

    return check


def test_a_seal_is_stopped_between_any_two_of_its_parts_and_is_no_seal_then(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("index.store.LAST", 40)
    vectors, asked = unit(100, 1), 0
    written = [0]
    while True:
        store = VectorStore(tmp_path / "segment")
        store.create(expected=100)
        store.add([str(n) for n in range(100)], vectors, [{"article": "a", "published": 1}] * 100)
        try:
            store.seal({"a": ("digest", 100)}, check=stops_at(asked))
        except StopError:
            assert not (tmp_path / "segment" / SEAL).exists()
            with pytest.raises(IndexDamagedError):
                VectorStore(tmp_path / "segment").check()
            written.append(store._rows > 0 and store._collection().count())
            store.delete()
            assert not any(tmp_path.iterdir())
            asked += 1 if asked < 4 else 7
            continue
        break
    assert asked > 10
    assert written[1:5] == [0, 40, 80, 100], "the last vectors are not written all at once"
    assert VectorStore(tmp_path / "segment").check().passages == 100


def test_one_passage_more_than_a_batch_moves_as_well(tmp_home: Path) -> None:
    many = [article(f"n{k}", f"Number {k} is here.", 1) for k in range(500)]
    assert rebuild(many, home=tmp_home, embedder=HashEmbedder()).embedded == 500
    # A small segment moves as soon as one of its vectors is dead: 499 of them, and two new ones.
    many = [*many[1:], article("yak", "The yak is new.", 2), article("emu", "The emu is new.", 2)]
    report = rebuild(many, home=tmp_home, embedder=HashEmbedder())
    assert (report.embedded, report.passages) == (2, 501)
    hits = Retriever.open(tmp_home, embedder=HashEmbedder()).search("On the yak The yak is new.", limit=1)
    assert hits[0].article.id == "yak"


def test_a_write_that_fails_on_a_roomy_disk_is_not_blamed_on_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = VectorStore(tmp_path / "segment")
    store.create(expected=3)
    store.add(["a", "b", "c"], unit(3, 1), [{"article": "a", "published": 1}] * 3)
    monkeypatch.setattr("index.chroma_errors.SCARCE", 0)
    with pytest.raises(StorageError, match=r"fewer vectors than were written.*LAUNCH_HOME") as caught:
        store.seal({"a": ("digest", 5000)})
    assert "may be full" not in str(caught.value)
