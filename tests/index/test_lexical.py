"""Words over several segments: ranked as one index would, and only what is live."""

from __future__ import annotations

import random
import re
import shutil
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from corpus.models import Article, Kind
from index import Retriever, Snapshot, rebuild
from index.manifest import MANIFEST, read_manifest
from index.segments import TIDY
from tests.faults.corpus import HashEmbedder

WORDS = [
    f"{a}{b}{c}" for a in ("bar", "kel", "mon", "tir", "zul") for b in "aeiou" for c in ("k", "lt", "nd", "p")
]


def article(name: str, text: str) -> Article:
    return Article(name, f"On {name}", "The Paper", None, date(2026, 4, 8), None, Kind.REPORTING, text)


def corpus(count: int, seed: int = 1, *, sentences: tuple[int, int] = (3, 40)) -> list[Article]:
    """Articles of words from common to rare; later ones have longer sentences, so that segments differ in length."""
    rng = random.Random(seed)
    weights = 1.0 / np.arange(1, len(WORDS) + 1)
    found = []
    for n in range(count):
        lines = [
            " ".join(rng.choices(WORDS, weights.tolist(), k=rng.randint(4, 8 + n // 10))).capitalize() + "."
            for _ in range(rng.randint(*sentences))
        ]
        found.append(article(f"a{n:03}", " ".join(lines)))
    return found


def opened(home: Path) -> Snapshot:
    return Retriever.open(home, embedder=HashEmbedder()).snapshot()


def built(home: Path, *stages: list[Article]) -> Snapshot:
    for stage in stages:
        rebuild(stage, home=home, embedder=HashEmbedder())
    return opened(home)


def test_several_segments_rank_as_one(tmp_path: Path) -> None:
    articles = corpus(60)
    once = built(tmp_path / "once", articles)
    grown = built(tmp_path / "grown", articles[:54], articles)
    assert len(read_manifest(tmp_path / "once").segments) == 1
    assert len(read_manifest(tmp_path / "grown").segments) >= 2
    rng = random.Random(2)
    compared = 0
    for _ in range(60):
        query = " ".join(rng.choices(WORDS, k=rng.randint(1, 6)))
        expected, found = (s._lexical.search(query, limit=30) for s in (once, grown))
        assert [i for i, _ in found] == [i for i, _ in expected], query
        assert [s for _, s in found] == pytest.approx([s for _, s in expected], rel=2e-3)
        compared += len(found)
    assert compared > 500


def test_a_word_of_the_newest_segment_is_found_with_its_rarity_in_all(tmp_home: Path) -> None:
    articles = corpus(40)
    new = article("zz", "A quokka was seen. Barak is where it was seen.")
    snapshot = built(tmp_home, articles, [*articles, new])
    sizes = sorted(len(within) for within in snapshot._within.values())
    assert sizes[0] == 1 < 40 < sizes[-1]
    assert snapshot.search("quokka")[0].article.id == "zz"
    assert snapshot._lexical.search("quokkas", limit=5)[0][0] == snapshot.passages_of("zz")[0].id
    # Among one passage every word is as rare as the next; among all, the quokka weighs more than the common word.
    (_, rare), *_ = snapshot._lexical.search("quokka", limit=1)
    common = dict(snapshot._lexical.search("barak", limit=1000))[snapshot.passages_of("zz")[0].id]
    assert rare > 3 * common


def test_what_is_gone_is_not_found_and_not_known(tmp_home: Path) -> None:
    articles = corpus(12, sentences=(2000, 2500))
    more = [*articles, article("b", "The quokka sleeps.")]
    assert rebuild(more, home=tmp_home, embedder=HashEmbedder()).passages > TIDY
    assert opened(tmp_home).knows("quokka")
    changed = article("b", "The wombat sleeps.")
    snapshot = built(tmp_home, [*articles, changed])
    # The segment is too big to be written anew for this: the old passage is still in it.
    assert len(read_manifest(tmp_home).segments) == 2
    assert snapshot._lexical.search("quokka", limit=10) == []
    assert not snapshot.knows("quokka")
    assert snapshot.knows("wombat")
    assert [i for i, _ in snapshot._lexical.search("sleeps", limit=10)] == [snapshot.passages_of("b")[0].id]


def test_equal_passages_stand_in_the_articles_order(tmp_home: Path) -> None:
    articles = [article(f"n{k:02}", "One quokka.") for k in range(50)]
    articles = [Article(a.id, "Same", "", None, None, None, Kind.UNKNOWN, a.text) for a in articles]
    snapshot = built(tmp_home, articles[5:], articles)
    assert len(snapshot._within) == 2
    found = [i for i, _ in snapshot._lexical.search("quokka", limit=20)]
    assert found == [snapshot.passages_of(a.id)[0].id for a in articles[:20]]


def test_known_words(tmp_home: Path) -> None:
    snapshot = built(tmp_home, [article("a", "Its open-weight models were leaked by Müller.")])
    for word in (
        "model",
        "Models",
        "LEAKING",
        "müller",
        "open-weight",
        "open-source",
        "April",
        "the",
        "x",
        "?",
        "",
    ):
        assert snapshot.knows(word), word
    for word in ("quokka", "closed-source", "mueller", "2019"):
        assert not snapshot.knows(word), word
    assert not built(tmp_home, []).knows("model")


def test_lost_words_cost_no_vectors(tmp_home: Path) -> None:
    articles = corpus(6)
    rebuild(articles, home=tmp_home, embedder=HashEmbedder())
    segment = next((tmp_home / "chroma").iterdir())
    shutil.rmtree(segment / "lexical")
    report = rebuild(articles, home=tmp_home, embedder=HashEmbedder())
    assert (report.embedded, report.generation) == (0, 2)
    assert opened(tmp_home)._lexical.search("barak", limit=1)


def test_an_index_of_the_version_before_is_taken_over(tmp_home: Path) -> None:
    articles = corpus(6)
    rebuild(articles, home=tmp_home, embedder=HashEmbedder())
    text = (tmp_home / MANIFEST).read_text("utf-8")
    (tmp_home / MANIFEST).write_text(
        re.sub(r'"schema": \d+,\s*"generation": 1', '"schema": 2, "generation": 7', text)
    )
    (tmp_home / "lexical-7").mkdir()
    (tmp_home / "lexical-7" / "ids.json").write_text("[]")
    report = rebuild(articles, home=tmp_home, embedder=HashEmbedder())
    assert (report.embedded, report.generation) == (0, 8)
    assert not (tmp_home / "lexical-7").exists()
