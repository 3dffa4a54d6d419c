"""Searching the shipped articles and small ones of the tests' own."""

from __future__ import annotations

import subprocess
import sys
import threading
from datetime import date
from pathlib import Path

import pytest

from corpus.library import Library
from corpus.models import Article, Kind
from index import IndexConfig, Retriever, rebuild
from index.embedding import Embedder

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> Retriever:
    home = tmp_path_factory.mktemp("shipped")
    rebuild(Library().articles(), home=home, embedder=embedder)
    return Retriever.open(home, embedder=embedder)


def test_what_is_found_is_exact(shipped: Retriever) -> None:
    hits = shipped.search("Does Muse Spark have open weights?")
    assert len(hits) == IndexConfig().top_k
    for hit in hits:
        passage, text = hit.passage, hit.article.text
        assert text[passage.start : passage.end] == passage.text
        assert passage.article_id == hit.article.id
        for start, end in passage.sentences:
            assert passage.start <= start < end <= passage.end
    assert any("weights" in hit.passage.text for hit in hits[:3])


def test_scores_fall_and_ranks_start_at_one(shipped: Retriever) -> None:
    hits = shipped.search("WhatsApp roll-out", limit=100)
    scores = [h.score for h in hits]
    assert scores == sorted(scores, reverse=True)
    assert min(h.dense_rank for h in hits if h.dense_rank) == 1
    assert min(h.lexical_rank for h in hits if h.lexical_rank) == 1
    assert all(-1.0001 <= h.similarity <= 1.0001 for h in hits if h.similarity is not None)
    assert len(shipped.search("WhatsApp roll-out", limit=3)) == 3


def test_a_search_is_the_same_each_time_and_in_every_thread(shipped: Retriever) -> None:
    expected = shipped.search("Who leads the lab?")
    found: list[bool] = []
    threads = [
        threading.Thread(target=lambda: found.append(shipped.search("Who leads the lab?") == expected))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [True] * 4


@pytest.mark.parametrize("query", ["", "   ", "?", "\ud800", "的", "zzzqqq", "word " * 20_000, "a" * 100_000])
def test_any_query_is_answered(shipped: Retriever, query: str) -> None:
    assert len(shipped.search(query, limit=5)) == 5


def test_as_of_sees_only_what_was_published_by_then(tmp_home: Path, embedder: Embedder) -> None:
    def make(name: str, day: date | None) -> Article:
        return Article(name, name, "", None, day, None, Kind.UNKNOWN, f"The orbit launch as {name} tells it.")

    # The later ones are many: a filter after the cut to candidates would leave nothing of the early one.
    late = [make(f"late{n}", date(2026, 5, 1)) for n in range(30)]
    rebuild([make("early", date(2026, 4, 8)), make("undated", None), *late], home=tmp_home, embedder=embedder)
    retriever = Retriever.open(tmp_home, config=IndexConfig(candidates=2), embedder=embedder)

    def found(day: date) -> list[tuple[str, bool, bool]]:
        hits = retriever.search("the orbit launch as late1 tells it", as_of=day)
        return [(h.article.id, h.dense_rank is not None, h.lexical_rank is not None) for h in hits]

    assert found(date(2026, 4, 7)) == []
    assert found(date(2026, 4, 8)) == [("early", True, True)]
    assert found(date(2026, 4, 30)) == [("early", True, True)]
    later = {i for i, _, _ in found(date(2026, 5, 1))}
    assert "late1" in later
    assert "undated" not in later


def test_a_snapshot_knows_its_articles(shipped: Retriever) -> None:
    snapshot = shipped.snapshot()
    assert snapshot.generation == shipped.generation == 1
    assert [a.id for a in snapshot.articles()] == [a.id for a in Library().articles()]
    one = snapshot.articles()[0]
    assert snapshot.article(one.id) == one
    assert snapshot.passages_of(one.id)
    assert snapshot.article("none") is None
    assert snapshot.passages_of("none") == ()


def test_importing_is_light() -> None:
    code = (
        "import sys, index, corpus.library;"
        "print([m for m in ('torch', 'chromadb', 'bm25s', 'sentence_transformers') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
