"""Named states: what a snapshot names outlives rebuilds, and going back is all or nothing."""

from __future__ import annotations

import json
import threading
from datetime import date
from pathlib import Path

import pytest

from corpus.models import Article, Kind
from index import IndexConfig, Retriever, rebuild
from index.embedding import Embedder
from index.errors import (
    IndexLockedError,
    IndexNotBuiltError,
    IndexStaleError,
    SnapshotError,
)
from index.manifest import MANIFEST, read_manifest
from index.recipe import fingerprint
from index.snapshots import list_snapshots, remove_snapshot, restore_snapshot, take_snapshot
from index.writer import one_writer

CONFIG = IndexConfig()
HERE = fingerprint(CONFIG)
PLACES = ("harbour", "orchard", "station", "quarry", "bakery")


def articles(version: int) -> list[Article]:
    return [
        Article(
            name,
            f"The {name}",
            "The Paper",
            None,
            date(2026, 4, 8),
            None,
            Kind.REPORTING,
            f"The {name} opened in year {version}. Nobody had asked the {name} about it.",
        )
        for name in PLACES
    ]


def found(home: Path, embedder: Embedder, query: str = "When did the quarry open?") -> str:
    retriever = Retriever.open(home, embedder=embedder)
    hits = retriever.search(query)
    assert all(h.article.text[h.passage.start : h.passage.end] == h.passage.text for h in hits)
    # Both rankings must still be there: the vectors as well as the words.
    assert any(h.dense_rank for h in hits)
    assert any(h.lexical_rank for h in hits)
    return hits[0].passage.text


def test_going_back_after_many_rebuilds(tmp_home: Path, embedder: Embedder) -> None:
    rebuild(articles(1), home=tmp_home, embedder=embedder)
    taken = take_snapshot(tmp_home, "one")
    assert (taken.articles, taken.passages, taken.generation) == (5, 5, 1)
    for version in (2, 3, 4):
        rebuild(articles(version), home=tmp_home, embedder=embedder, force=version == 3)
        rebuild(articles(version), home=tmp_home, embedder=embedder)
    reader = Retriever.open(tmp_home, embedder=embedder)
    assert "year 4" in reader.search("When did the quarry open?")[0].passage.text
    manifest = restore_snapshot(tmp_home, "one", fingerprint=HERE)
    assert manifest.generation == 5
    assert "year 1" in reader.search("When did the quarry open?")[0].passage.text
    assert "year 1" in found(tmp_home, embedder)
    # Rebuilding follows the articles again, and finds nothing to embed where it was before.
    again = rebuild(articles(1), home=tmp_home, embedder=embedder)
    assert (again.embedded, again.generation) == (0, 5)
    forward = rebuild(articles(5), home=tmp_home, embedder=embedder)
    assert forward.generation == 6
    assert "year 5" in found(tmp_home, embedder)


def test_a_snapshot_saves_embedding_and_its_removal_saves_space(tmp_home: Path, embedder: Embedder) -> None:
    rebuild(articles(1), home=tmp_home, embedder=embedder)
    take_snapshot(tmp_home, "one")
    rebuild(articles(2), home=tmp_home, embedder=embedder)
    rebuild(articles(2), home=tmp_home, embedder=embedder)
    segments, files = list((tmp_home / "chroma").iterdir()), list((tmp_home / "articles").iterdir())
    assert (len(segments), len(files)) == (2, 10)
    assert rebuild(articles(1), home=tmp_home, embedder=embedder).embedded == 0
    remove_snapshot(tmp_home, "one")
    rebuild(articles(3), home=tmp_home, embedder=embedder)
    rebuild(articles(3), home=tmp_home, embedder=embedder)
    assert len(list((tmp_home / "chroma").iterdir())) == 1
    assert len(list((tmp_home / "articles").iterdir())) == 5
    assert list_snapshots(tmp_home) == ()


def test_no_manifest_costs_no_snapshot(tmp_home: Path, embedder: Embedder) -> None:
    rebuild(articles(1), home=tmp_home, embedder=embedder)
    take_snapshot(tmp_home, "one")
    (tmp_home / MANIFEST).unlink()
    assert rebuild(articles(2), home=tmp_home, embedder=embedder).generation == 2
    restore_snapshot(tmp_home, "one", fingerprint=HERE)
    assert "year 1" in found(tmp_home, embedder)
    (tmp_home / MANIFEST).write_text("{", "utf-8")
    rebuild(articles(3), home=tmp_home, embedder=embedder)
    (tmp_home / MANIFEST).write_text("{", "utf-8")
    restore_snapshot(tmp_home, "one", fingerprint=HERE)
    assert "year 1" in found(tmp_home, embedder)


@pytest.mark.parametrize(
    "part", ["articles/*.json", "chroma/*/lexical/*", "chroma/*/*/data_level0.bin", "chroma/*/seal.json"]
)
def test_a_damaged_snapshot_is_refused_and_nothing_changes(
    tmp_home: Path, embedder: Embedder, part: str
) -> None:
    rebuild(articles(1), home=tmp_home, embedder=embedder)
    take_snapshot(tmp_home, "one")
    victim = sorted(p for p in tmp_home.glob(part) if p.is_file())[0]
    rebuild(articles(2), home=tmp_home, embedder=embedder)
    data = bytearray(victim.read_bytes())
    data[len(data) // 2] ^= 0xFF
    victim.write_bytes(bytes(data))
    before = (tmp_home / MANIFEST).read_bytes()
    with pytest.raises(SnapshotError, match="snapshots --remove one"):
        restore_snapshot(tmp_home, "one", fingerprint=HERE)
    assert (tmp_home / MANIFEST).read_bytes() == before
    assert "year 2" in found(tmp_home, embedder)


def test_a_torn_file_is_listed_as_damaged_and_does_not_stop_a_rebuild(
    tmp_home: Path, embedder: Embedder
) -> None:
    rebuild(articles(1), home=tmp_home, embedder=embedder)
    take_snapshot(tmp_home, "one")
    take_snapshot(tmp_home)
    path = tmp_home / "snapshots" / "one.json"
    path.write_text(path.read_text("utf-8")[:100], "utf-8")
    damaged, whole = list_snapshots(tmp_home)
    assert (damaged.name, damaged.taken) == ("one", None)
    assert whole.taken
    with pytest.raises(SnapshotError):
        restore_snapshot(tmp_home, "one", fingerprint=HERE)
    assert rebuild(articles(2), home=tmp_home, embedder=embedder).generation == 2
    restore_snapshot(tmp_home, whole.name, fingerprint=HERE)
    assert "year 1" in found(tmp_home, embedder)


def test_names_and_what_is_not_there(tmp_home: Path, embedder: Embedder) -> None:
    with pytest.raises(IndexNotBuiltError):
        take_snapshot(tmp_home, "early")
    assert not tmp_home.exists()
    rebuild(articles(1), home=tmp_home, embedder=embedder)
    for name in ("", "../escape", "a/b", ".hidden", "x" * 65, "two words"):
        if name:
            with pytest.raises(SnapshotError, match="cannot name"):
                take_snapshot(tmp_home, name)
        with pytest.raises(SnapshotError):
            restore_snapshot(tmp_home, name, fingerprint=HERE)
    take_snapshot(tmp_home, "one")
    with pytest.raises(SnapshotError, match="already"):
        take_snapshot(tmp_home, "one")
    with pytest.raises(SnapshotError, match="launch-assistant snapshots"):
        remove_snapshot(tmp_home, "two")


def test_other_settings_and_another_writer_are_told(tmp_home: Path, embedder: Embedder) -> None:
    rebuild(articles(1), home=tmp_home, embedder=embedder)
    take_snapshot(tmp_home, "one")
    longer = IndexConfig(passage_chars=1200)
    rebuild(articles(1), home=tmp_home, embedder=embedder, config=longer)
    with pytest.raises(IndexStaleError, match="PASSAGE_CHARS"):
        restore_snapshot(tmp_home, "one", fingerprint=fingerprint(longer))
    restore_snapshot(tmp_home, "one", fingerprint=HERE)
    assert read_manifest(tmp_home).fingerprint == HERE
    told = []
    with one_writer(tmp_home):
        owner = json.loads((tmp_home / "rebuild.owner").read_text("utf-8"))

        def attempt() -> None:
            with pytest.raises(IndexLockedError, match=str(owner["process"])) as caught:
                take_snapshot(tmp_home, "two")
            told.append(str(caught.value))

        other = threading.Thread(target=attempt)
        other.start()
        other.join()
    assert owner["since"][:10] in told[0]


def test_a_new_cut_never_touches_what_the_old_index_reads(tmp_home: Path, embedder: Embedder) -> None:
    long = [
        Article(
            a.id,
            a.title,
            "",
            None,
            None,
            None,
            Kind.UNKNOWN,
            " ".join(f"Sentence {n} names the {a.id}." for n in range(40)),
        )
        for a in articles(1)
    ]
    rebuild(long, home=tmp_home, embedder=embedder)
    named = [tmp_home / "articles" / e.file for e in read_manifest(tmp_home).articles.values()]
    before = [p.read_bytes() for p in named]
    take_snapshot(tmp_home, "one")
    shorter = IndexConfig(passage_chars=300)
    rebuild(long, home=tmp_home, embedder=embedder, config=shorter)
    assert [p.read_bytes() for p in named] == before
    retriever = Retriever.open(tmp_home, config=shorter, embedder=embedder)
    assert max(len(h.passage.text) for h in retriever.search("the quarry", limit=50)) <= 300
    restore_snapshot(tmp_home, "one", fingerprint=HERE)
    assert (
        max(len(h.passage.text) for h in Retriever.open(tmp_home, embedder=embedder).search("the quarry"))
        > 300
    )
