"""A corpus that changes with its version, an embedder that costs nothing, and what must hold of an index of them.

The vectors are hashes of words: what these tests are after is how an index is written and committed, and that does not
depend on what its vectors mean.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path

import numpy as np

from corpus.models import Article, Kind
from index import parts
from index.errors import IndexDamagedError
from index.manifest import parts_named, read_manifest
from index.recipe import embedded_text
from index.retriever import Retriever, Snapshot
from index.seal import SEAL
from index.store import DATABASE, VectorStore

ARTICLES = 24
DIMENSION = 24


@lru_cache(maxsize=100_000)
def _word(word: str) -> np.ndarray:
    vector: np.ndarray = np.random.default_rng(zlib.crc32(word.encode())).standard_normal(DIMENSION)
    return vector


class HashEmbedder:
    """Words hashed to vectors and summed."""

    name = "hashes"
    dimension = DIMENSION

    def embed_documents(
        self, texts: Sequence[str], *, on_progress: Callable[[int, int], None] | None = None
    ) -> np.ndarray:
        vectors = np.stack([self.embed_query(t) for t in texts]) if texts else np.zeros((0, DIMENSION))
        if on_progress:
            on_progress(len(texts), len(texts))
        return vectors.astype(np.float32)

    def embed_query(self, text: str) -> np.ndarray:
        total = np.sum([_word(w) for w in text.lower().split()] or [np.ones(DIMENSION)], axis=0)
        return (total / np.linalg.norm(total)).astype(np.float32)


def list_in_parts() -> None:
    """From here on the list of articles stands in parts as soon as there are 24: in some versions, not in all."""
    parts.SIZE, parts.LEAST = 5, ARTICLES


def _edition(k: int, version: int) -> int:
    return next((u for u in range(version, 0, -1) if (7 * u + k) % 9 == 0), 0)


@lru_cache(maxsize=256)
def corpus(version: int) -> tuple[Article, ...]:
    """Of each version some articles are new, some changed and some gone; one names the version."""
    found = [article("version", f"This is version {version}. It says so itself.", version)]
    for k in range(ARTICLES):
        if (k + version) % 13:
            edition = _edition(k, version)
            said = " ".join(
                f"Line {n} of animal{k} in edition {edition} has word{k * n % 97}." for n in range(30)
            )
            found.append(article(f"animal{k}", said, edition))
    return tuple(sorted(found, key=lambda a: a.id))


def article(name: str, text: str, day: int) -> Article:
    published = date(2026, 1, 1) + timedelta(days=day % 300)
    return Article(name, f"On the {name}", "The Paper", None, published, None, Kind.REPORTING, text)


def version_of(snapshot: Snapshot) -> int:
    """Which version a snapshot is of; it must be of one version in every part."""
    named = snapshot.article("version")
    assert named is not None
    version = int(named.text.split()[3].rstrip("."))
    assert snapshot.articles() == corpus(version), f"a mix of versions around {version}"
    return version


def ask(snapshot: Snapshot, number: int) -> None:
    """Ask a snapshot for one of its passages: both rankings must have it first, and every hit must be its own."""
    articles = snapshot.articles()
    article = articles[number % len(articles)]
    passages = snapshot.passages_of(article.id)
    passage = passages[number % len(passages)]
    hits = snapshot.search(embedded_text(article, passage))
    assert hits[0].passage == passage, (hits[0].passage.text, passage.text)
    assert hits[0].dense_rank == hits[0].lexical_rank == 1
    assert hits[0].similarity is not None
    assert hits[0].similarity > 0.999
    own = {p.id for a in articles for p in snapshot.passages_of(a.id)}
    assert len(hits) == 12
    assert all(h.passage.id in own for h in hits)


def check_whole(home: Path, version: int) -> None:
    """The index is of that version, answers for each article, and its folder holds nothing else."""
    snapshot = Retriever.open(home, embedder=HashEmbedder()).snapshot()
    assert version_of(snapshot) == version
    for number in range(0, len(snapshot.articles()), 5):
        ask(snapshot, number)
    manifest = read_manifest(home)
    listed = parts_named(home)
    assert bool(listed) == (len(manifest.articles) >= parts.LEAST)
    beside = {"manifest.json", "articles", "chroma", "rebuild.lock"}
    assert {p.name for p in home.iterdir()} == beside | ({parts.FOLDER} if listed else set())
    assert not listed or {p.name for p in (home / parts.FOLDER).iterdir()} == listed
    named = {e.file for e in manifest.articles.values()}
    assert {p.name for p in (home / "articles").iterdir()} == named
    assert {p.name for p in (home / "chroma").iterdir()} == manifest.segments
    rows = [i for name in manifest.segments for i in sorted(VectorStore(home / "chroma" / name).ids())]
    own = [p.id for a in snapshot.articles() for p in snapshot.passages_of(a.id)]
    assert sorted(rows) == sorted(own)
    for name in manifest.segments:
        folder = home / "chroma" / name
        assert set(_files(folder)) == {*VectorStore(folder).check().files, DATABASE, SEAL}


def _files(folder: Path) -> Iterator[str]:
    return (p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())


def damaged(home: Path) -> bool:
    """Whether opening the index says that it is damaged."""
    try:
        Retriever.open(home, embedder=HashEmbedder())
    except IndexDamagedError:
        return True
    return False
