"""Embedding on a local Ray: the same passages, the same vectors, and a worker that fails costs nothing."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from corpus import Library
from index import IndexConfig, Retriever, rebuild
from index.embedding import Embedder
from index.errors import EmbeddingError, RebuildCancelledError
from index.ray_engine import RayEmbedder

# Not imported here: what Ray listens on is settled when it is imported, and that is the engine's to do.
pytestmark = pytest.mark.skipif(
    find_spec("ray") is None, reason='Ray is not installed: pip install "launch-assistant[ray]"'
)
RAY = IndexConfig(engine="ray", ray_workers=1)


@pytest.fixture(scope="module")
def ray(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """One local Ray for all tests here, as the engine itself would start it."""
    from index.ray_engine import _ray

    with _ray("") as running:
        yield running


def test_ids_and_vectors_are_those_of_the_local_engine(ray: Any, tmp_path: Path, embedder: Embedder) -> None:
    articles = Library().articles()[:6]
    local, far = tmp_path / "local", tmp_path / "ray"
    rebuild(articles, home=local, embedder=embedder)
    told: list[tuple[int, int]] = []
    report = rebuild(
        articles,
        home=far,
        config=RAY,
        on_progress=lambda p: told.append((p.done, p.total)) if p.step == "embed" else None,
    )
    assert report.embedded == report.passages > 6
    assert told[-1] == (report.passages, report.passages)
    again = rebuild(articles, home=far, config=RAY)
    assert (again.embedded, again.generation) == (0, 1)
    # The engine is no part of what an index is: one that Ray built is opened without it.
    snapshots = [Retriever.open(h, config=IndexConfig(), embedder=embedder).snapshot() for h in (local, far)]
    ids = [sorted(p.id for a in s.articles() for p in s.passages_of(a.id)) for s in snapshots]
    assert ids[0] == ids[1]
    vectors = [store.vectors(ids[0]) for s in snapshots for store in s._segments.values()]
    assert len(vectors) == 2
    assert np.abs(vectors[0] - vectors[1]).max() < 1e-3
    assert np.sum(vectors[0] * vectors[1], axis=1).min() > 0.9999


def test_a_local_ray_is_heard_on_this_machine_alone(ray: Any) -> None:
    psutil = pytest.importorskip("psutil")
    this = psutil.Process()
    open_to = [
        c.laddr.ip
        for process in [this, *this.children(recursive=True)]
        for c in process.net_connections(kind="tcp")
        if c.status == psutil.CONN_LISTEN
    ]
    assert open_to
    assert {ip.removeprefix("::ffff:") for ip in open_to} == {"127.0.0.1"}


def test_a_worker_that_fails_costs_nothing(ray: Any, tmp_path: Path, embedder: Embedder) -> None:
    articles = Library().articles()[:3]
    rebuild(articles[:2], home=tmp_path, embedder=embedder)
    nowhere = IndexConfig(engine="ray", ray_workers=1)
    broken = RayEmbedder(str(tmp_path / "no model here"), batch_size=8, workers=1)
    broken._here = embedder  # so that only the worker misses the model
    with pytest.raises(EmbeddingError, match="--engine local"):
        rebuild(articles, home=tmp_path, config=nowhere, embedder=broken)
    reader = Retriever.open(tmp_path, embedder=embedder)
    assert reader.generation == 1
    assert len(reader.articles()) == 2


def test_a_rebuild_is_stopped_within_a_job_and_keeps_those_before(
    ray: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Jobs of two passages that count as long ones, as those of 20,000 do: none is waited for.
    monkeypatch.setattr("index.vectors.PATIENT", 1)
    articles = Library().articles()[:3]
    seen: list[int] = []
    engine = RayEmbedder("all-MiniLM-L6-v2", workers=1)
    engine.chunk = 2  # type: ignore[misc]
    with pytest.raises(RebuildCancelledError):
        rebuild(
            articles,
            home=tmp_path,
            config=RAY,
            embedder=engine,
            on_progress=lambda p: seen.append(p.done) if p.step == "embed" else None,
            cancelled=lambda: len(seen) > 1,
        )
    # The second job was stopped before it was put by; the first was kept, and is not done again.
    assert seen == [2, 4]
    report = rebuild(articles, home=tmp_path, config=RAY)
    assert report.embedded == report.passages - 2


def test_without_ray_the_cure_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(EmbeddingError, match=r"launch-assistant\[ray\]"):
        rebuild(Library().articles()[:1], home=tmp_path, config=RAY)
