"""Disks that are full, refuse or lie; files that are torn; models that die; clocks that jump.

Each gives an error that names the cure, or is repaired by the next rebuild; the index that was there goes on answering.
"""

from __future__ import annotations

import errno
import os
import random
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from corpus.errors import LaunchError
from corpus.models import Article
from index import Retriever, manifest, parts, rebuild
from index.errors import EmbeddingError, IndexDamagedError, SnapshotError
from index.manifest import parts_named, read_manifest, write_manifest
from index.parts import FOLDER
from index.snapshots import restore_snapshot
from tests.faults.conftest import Rebuilder
from tests.faults.corpus import HashEmbedder, article, ask, check_whole, corpus, damaged, version_of

EVERY = int(os.environ.get("LAUNCH_FAULTS", "10")) >= 100


@pytest.fixture
def home(tmp_home: Path) -> Path:
    rebuild(corpus(1), home=tmp_home, embedder=HashEmbedder())
    return tmp_home


def repair(home: Path, version: int) -> None:
    for _ in range(2):
        rebuild(corpus(version), home=home, embedder=HashEmbedder())
    check_whole(home, version)


@pytest.mark.parametrize("fault", [errno.ENOSPC, errno.EIO, errno.EACCES], ids=["ENOSPC", "EIO", "EACCES"])
def test_each_touch_of_a_file_may_fail(home: Path, rebuilder: Rebuilder, fault: int) -> None:
    version = 1
    count = int(str(rebuilder.run(home, [2, 3], fault=0)["boundaries"])) // 2
    version = 3
    rng = random.Random(fault)
    places = list(range(1, count)) if EVERY else sorted(rng.sample(range(1, count), 4))
    for place in places:
        done = rebuilder.run(home, [version + 1], stop=place, fault=fault)
        outcome = str(done["outcome"])
        assert done["exit"] == 0
        # Some failures need not stop it: what could not be deleted goes next time.
        assert outcome == "done" or outcome.startswith(("StorageError", "IndexDamagedError")), (
            place,
            outcome,
        )
        if outcome != "done":
            assert any(s in outcome for s in ("LAUNCH_HOME", "permissions", "launch-assistant rebuild")), (
                outcome
            )
        snapshot = Retriever.open(home, embedder=HashEmbedder()).snapshot()
        assert version_of(snapshot) in (version, version + 1)
        ask(snapshot, place)
        version += 1
        rebuild(corpus(version), home=home, embedder=HashEmbedder())
    repair(home, version)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    mount = tmp_path / "small disk"
    mount.mkdir()
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=6m", "tmpfs", mount], capture_output=True, check=False
    )
    if made.returncode:
        pytest.skip("may not mount a small disk here")
    yield mount
    subprocess.run(["umount", "-l", mount], check=False)


def test_a_disk_that_fills_up_at_any_point(small_disk: Path, rebuilder: Rebuilder) -> None:
    home, ballast = small_disk / "home", small_disk / "ballast"
    version = 1
    rebuild(corpus(version), home=home, embedder=HashEmbedder())
    reader = Retriever.open(home, embedder=HashEmbedder())
    refused = 0
    sizes = (0, 8, 40, 100, 180, 220, 250, 300, 340, 380, 420, 460, 520, 600, 700, 850)
    for kilobytes in sizes if EVERY else sizes[1::2]:
        ballast.write_bytes(b"x" * max(0, shutil.disk_usage(small_disk).free - kilobytes * 1024))
        done = rebuilder.run(home, [version + 1])
        outcome = str(done["outcome"])
        assert done["exit"] == 0
        assert outcome == "done" or (outcome.startswith("StorageError") and "LAUNCH_HOME" in outcome), outcome
        refused += outcome != "done"
        if outcome != "done":
            # The reader that is there goes on, on a full disk too.
            assert version_of(reader.snapshot()) == version
            ask(reader.snapshot(), kilobytes)
        ballast.unlink()
        version += 1
        repair(home, version)
        assert version_of(reader.snapshot()) == version
    assert refused >= 3


LIMITED = """
import resource, signal, sys
from pathlib import Path
from corpus.errors import LaunchError
from index import rebuild
from tests.faults.corpus import HashEmbedder, corpus
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), resource.RLIM_INFINITY))
try:
    rebuild(corpus(2), home=Path(sys.argv[1]), embedder=HashEmbedder(), force=True)
    print("done")
except LaunchError as exc:
    print(type(exc).__name__, exc)
"""


@pytest.mark.parametrize("limit", [1000, 20_000, 100_000])
def test_files_may_not_grow(home: Path, limit: int) -> None:
    done = subprocess.run(
        [sys.executable, "-c", LIMITED, str(home), str(limit)],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.startswith("StorageError"), (done.stdout, done.stderr[-500:])
    assert version_of(Retriever.open(home, embedder=HashEmbedder()).snapshot()) == 1
    repair(home, 2)


def _segment_files(home: Path) -> list[Path]:
    return [p for p in (home / "chroma").rglob("*") if p.is_file()]


def _vector_files(home: Path) -> list[Path]:
    return [p for p in _segment_files(home) if p.suffix in (".bin", ".pickle")]


def _truncate(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def _flip(path: Path, rng: random.Random) -> None:
    data = bytearray(path.read_bytes())
    if data:
        data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
        path.write_bytes(data)


@pytest.mark.parametrize("kind", ["lexical", "vectors", "seal"])
def test_torn_files_are_named_and_made_again(home: Path, kind: str) -> None:
    def files() -> list[Path]:
        return {
            "lexical": [p for p in _segment_files(home) if p.parent.name == "lexical"],
            "vectors": _vector_files(home),
            "seal": [p for p in _segment_files(home) if p.name == "seal.json"],
        }[kind]

    # By place, not by name: names change with each rebuild.
    for place in range(len(files())):
        path = sorted(files())[place]
        if not path.stat().st_size:
            continue
        _truncate(path)
        with pytest.raises(IndexDamagedError, match="launch-assistant rebuild"):
            Retriever.open(home, embedder=HashEmbedder())
        repair(home, 1)


def test_a_flipped_bit_among_the_vectors_is_found(home: Path) -> None:
    rng = random.Random(7)
    for place in range(50 if EVERY else 5):
        files = sorted(_vector_files(home))
        path = files[place % len(files)]
        if not path.stat().st_size:
            continue
        _flip(path, rng)
        assert damaged(home), path
        repair(home, 1)


def outcome(home: Path) -> LaunchError | None:
    try:
        Retriever.open(home, embedder=HashEmbedder()).search("animal3 edition")
    except LaunchError as exc:
        return exc
    return None


def _database(home: Path) -> Path:
    return next(p for p in _segment_files(home) if p.name == "chroma.sqlite3")


def test_a_flipped_bit_in_the_database_is_repaired_by_a_plain_rebuild(home: Path) -> None:
    rng = random.Random(8)
    for _ in range(60 if EVERY else 4):
        _flip(_database(home), rng)
        assert outcome(home) is None or "launch-assistant rebuild" in str(outcome(home))
        rebuild(corpus(1), home=home, embedder=HashEmbedder())
        assert outcome(home) is None
        repair(home, 1)


def test_each_place_of_the_databases_head_may_be_flipped(home: Path, tmp_path: Path) -> None:
    # There a bit decides how all the rest is read: version, page size, whether it may be written.
    whole = tmp_path / "whole"
    shutil.copytree(home, whole)
    for place in (0, 16, 18, 19, 20, 28, 44, 56, 95, 100, 103, 108) if EVERY else (18, 19, 103):
        shutil.rmtree(home)
        shutil.copytree(whole, home)
        data = bytearray(_database(home).read_bytes())
        data[place] ^= 1 << 4
        _database(home).write_bytes(data)
        assert (
            outcome(home) is None
            or "launch-assistant" in str(outcome(home))
            or "LAUNCH_HOME" in str(outcome(home))
        )
        repair(home, 1)


def test_a_day_that_changed_in_the_database_is_noticed(home: Path) -> None:
    # Nothing fails by it: only what is asked as of a day would miss a passage, or find one too early.
    data = _database(home).read_bytes()
    day = date(2026, 1, 2).toordinal().to_bytes(3, "big")
    assert data.count(day)
    _database(home).write_bytes(data.replace(day, (1).to_bytes(3, "big")))
    report = rebuild(corpus(1), home=home, embedder=HashEmbedder())
    assert report.embedded == report.passages
    repair(home, 1)


def test_a_torn_manifest_costs_no_vectors(home: Path) -> None:
    _truncate(home / "manifest.json")
    with pytest.raises(IndexDamagedError, match="launch-assistant rebuild"):
        Retriever.open(home, embedder=HashEmbedder())
    report = rebuild(corpus(1), home=home, embedder=HashEmbedder())
    assert report.embedded == 0
    assert (home / "manifest.damaged").exists()  # kept, for whoever wonders
    (home / "manifest.damaged").unlink()
    repair(home, 1)


def test_a_torn_part_of_the_list_costs_no_vectors(home: Path) -> None:
    assert len(parts_named(home)) > 2
    for tear in (_truncate, Path.unlink, lambda path: _flip(path, random.Random(9))):
        tear(home / FOLDER / max(parts_named(home)))
        with pytest.raises(IndexDamagedError, match="launch-assistant rebuild"):
            Retriever.open(home, embedder=HashEmbedder())
        report = rebuild(corpus(1), home=home, embedder=HashEmbedder())
        assert report.embedded == 0
        (home / "manifest.damaged").unlink()
        repair(home, 1)


def test_a_new_article_writes_its_part_of_the_list_alone(home: Path) -> None:
    many = [*corpus(1), *(article(f"more{n}", f"This is the {n}th of more.", 1) for n in range(400))]
    rebuild(many, home=home, embedder=HashEmbedder())
    before = parts_named(home)
    assert len(before) > 40
    reader = Retriever.open(home, embedder=HashEmbedder())
    many.append(article("more2b", "This came in between.", 1))
    rebuild(many, home=home, embedder=HashEmbedder())
    assert len(before - parts_named(home)) == 1
    assert [a.id for a in reader.articles()] == sorted(a.id for a in many)
    assert reader.search("came in between", limit=1)[0].article.id == "more2b"


def test_parts_that_are_whole_are_not_written_again(home: Path) -> None:
    rebuild(corpus(2), home=home, embedder=HashEmbedder())
    before = {n: (home / FOLDER / n).stat().st_ino for n in parts_named(home)}
    manifest._last.clear()  # as in a new process
    write_manifest(home, read_manifest(home))
    assert {n: (home / FOLDER / n).stat().st_ino for n in parts_named(home)} == before


def test_a_list_in_parts_is_no_snapshot(home: Path) -> None:
    (home / "snapshots").mkdir()
    shutil.copy(home / "manifest.json", home / "snapshots" / "mine.json")
    with pytest.raises(SnapshotError, match="damaged"):
        restore_snapshot(home, "mine", fingerprint=read_manifest(home).fingerprint)


def test_parts_end_where_the_ids_say() -> None:
    rng = random.Random(3)
    entries = {f"a{rng.random()}": n for n in range(500)}
    for _ in range(50):
        before = parts.split(entries)
        assert [i for part in before for i in part] == sorted(entries)
        assert {i: n for part in before for i, n in part.items()} == entries
        assert len(before) > 50
        del entries[rng.choice(sorted(entries))]
        entries[f"a{rng.random()}"] = 0
        after = parts.split(entries)
        assert sum(part not in before for part in after) <= 4


def test_a_reader_whose_parts_are_taken_away_reads_the_new_ones(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inner, rebuilt = manifest._parsed, []

    def parsed(path: Path) -> object:
        found = inner(path)
        if not rebuilt:
            rebuilt.append(True)
            rebuild(corpus(2), home=home, embedder=HashEmbedder())
        return found

    manifest._last.clear()
    monkeypatch.setattr(manifest, "_parsed", parsed)
    assert version_of(Retriever.open(home, embedder=HashEmbedder()).snapshot()) == 2


class DyingEmbedder(HashEmbedder):
    """Fails when it has embedded some texts."""

    def __init__(self, after: int, error: BaseException) -> None:
        self.left, self.error = after, error
        self.embedded = 0

    def embed_documents(
        self, texts: Sequence[str], *, on_progress: Callable[[int, int], None] | None = None
    ) -> np.ndarray:
        if self.left < len(texts):
            raise self.error
        self.left -= len(texts)
        self.embedded += len(texts)
        return super().embed_documents(texts, on_progress=on_progress)


def _long_corpus() -> list[Article]:
    said = "\n\n".join(" ".join(f"w{k * n % 1009}" for k in range(120)) + "." for n in range(40))
    return [*corpus(1), *(article(f"long{n}", f"Of {n}. {said}", 1) for n in range(30))]


@pytest.mark.parametrize("error", [EmbeddingError("it died. Run: launch-assistant rebuild"), MemoryError()])
def test_an_embedder_that_dies_half_way(home: Path, error: BaseException) -> None:
    articles = _long_corpus()
    dying = DyingEmbedder(700, error)
    with pytest.raises(EmbeddingError, match="launch-assistant rebuild"):
        rebuild(articles, home=home, embedder=dying)
    assert dying.embedded >= 500
    assert version_of(Retriever.open(home, embedder=HashEmbedder()).snapshot()) == 1
    # What it had made is not made again.
    fresh = sum(e.passages for e in read_manifest(home).articles.values())
    report = rebuild(articles, home=home, embedder=HashEmbedder())
    assert report.embedded == report.passages - fresh - dying.embedded
    repair(home, 1)


def test_a_clock_that_jumps(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    reader = Retriever.open(home, embedder=HashEmbedder())
    now = time.time()
    for version, jump in enumerate((0.0, -1e8, 1e9, 4.0, -1e9), start=2):
        monkeypatch.setattr(time, "time", lambda jump=jump: now + jump)
        report = rebuild(corpus(version), home=home, embedder=HashEmbedder())
        # Files as a system with a jumping clock dates them; the reader must not take the new for the old.
        os.utime(home / "manifest.json", (now + jump, now + jump))
        assert version_of(reader.snapshot()) == version
        assert 0 <= report.seconds < 60
    repair(home, 6)
