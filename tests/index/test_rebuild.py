"""Rebuilding: follows the change, repairs what is broken, and never costs the index that was there."""

from __future__ import annotations

import contextlib
import json
import os
import pkgutil
import resource
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from corpus.models import Article, Kind, Skipped
from index import IndexConfig, Progress, Retriever, rebuild
from index.embedding import Embedder
from index.errors import (
    IndexDamagedError,
    IndexLockedError,
    IndexNotBuiltError,
    RebuildCancelledError,
    StorageError,
)
from index.plan import preview
from index.store import VectorStore
from tests.faults.corpus import HashEmbedder

ROOT = Path(__file__).parents[2]
ANIMALS = ("zebra", "lion", "otter", "falcon", "salmon", "badger")


def article(name: str, text: str | None = None, *, published: date | None = date(2026, 4, 8)) -> Article:
    body = text or f"The {name} lives in the wild. Nobody has asked the {name} about it."
    return Article(name, f"On the {name}", "The Paper", None, published, None, Kind.REPORTING, body)


def articles(version: int = 0) -> list[Article]:
    return [article(n, f"The {n} lives in region {version}. It eats what it finds.") for n in ANIMALS]


def ids(home: Path, embedder: Embedder) -> set[str]:
    snapshot = Retriever.open(home, embedder=embedder).snapshot()
    return {p.id for a in snapshot.articles() for p in snapshot.passages_of(a.id)}


def test_rebuilding_again_embeds_nothing_and_changes_no_id(tmp_home: Path, embedder: Embedder) -> None:
    first = rebuild(articles(), home=tmp_home, embedder=embedder, skipped=[Skipped("x.bin", "no")])
    assert (len(first.added), first.embedded, first.generation) == (6, first.passages, 1)
    assert first.skipped == (Skipped("x.bin", "no"),)
    before = ids(tmp_home, embedder)
    again = rebuild(articles(), home=tmp_home, embedder=embedder)
    assert (again.embedded, again.generation, again.unchanged) == (0, 1, first.added)
    assert ids(tmp_home, embedder) == before


def test_the_cost_follows_the_change(tmp_home: Path, embedder: Embedder) -> None:
    rebuild(articles(), home=tmp_home, embedder=embedder)
    now = [*articles()[1:], article("yak")]
    now[0] = article("lion", "The lion has moved. It is in Paris now.")
    report = rebuild(now, home=tmp_home, embedder=embedder)
    assert (report.added, report.changed, report.removed) == (("yak",), ("lion",), ("zebra",))
    assert report.embedded == 2
    retriever = Retriever.open(tmp_home, embedder=embedder)
    assert {h.article.id for h in retriever.search("where is the lion now", limit=1)} == {"lion"}
    assert "zebra" not in {h.article.id for h in retriever.search("zebra", limit=100)}
    # A removed article's text is gone at once; its vectors go with the next rebuild.
    assert "zebra" not in "".join(p.read_text() for p in (tmp_home / "articles").glob("*.json"))
    rebuild(now, home=tmp_home, embedder=embedder)
    assert frozenset().union(*(s.ids() for s in segments(tmp_home))) == ids(tmp_home, embedder)


def segments(home: Path) -> list[VectorStore]:
    return [VectorStore(folder) for folder in (home / "chroma").iterdir()]


def test_a_small_change_leaves_a_big_segment_alone(tmp_home: Path, embedder: Embedder) -> None:
    many = [article(f"n{k}", f"Number {k} is here.") for k in range(40)]
    rebuild(many, home=tmp_home, embedder=embedder)
    big = {s.folder.name for s in segments(tmp_home)}
    report = rebuild([*many, article("yak")], home=tmp_home, embedder=embedder)
    assert report.embedded == 1
    now = {s.folder.name for s in segments(tmp_home)}
    assert big < now
    assert len(now) == 2
    reader = Retriever.open(tmp_home, embedder=embedder)
    assert reader.search("yak", limit=1)[0].article.id == "yak"
    assert sum(h.similarity is not None for h in reader.search("number 7 of the yak", limit=60)) == 41
    # Small ones are put together, so that there are never many.
    for k in range(6):
        many.append(article(f"more{k}"))
        rebuild([*many, article("yak")], home=tmp_home, embedder=embedder)
    rebuild([*many, article("yak")], home=tmp_home, embedder=embedder)
    assert len(segments(tmp_home)) <= 3
    assert Retriever.open(tmp_home, embedder=embedder).search("more5", limit=1)[0].article.id == "more5"


def test_what_is_at_rest_is_not_read_again(
    tmp_home: Path, embedder: Embedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("corpus.stamps.SETTLED", -(10**12))
    many = [article(f"n{k}", f"Number {k} is here.") for k in range(40)]
    for _ in range(3):  # the second takes note of what the first has written
        rebuild(many, home=tmp_home, embedder=embedder)
    read: list[str] = []
    inner = Path.open

    def opened(path: Path, mode: str = "r", *args: Any, **kwargs: Any) -> Any:
        if path.is_file() and path.is_relative_to(tmp_home) and "r" in mode:
            read.append(path.relative_to(tmp_home).as_posix())
        return inner(path, mode, *args, **kwargs)

    monkeypatch.setattr(Path, "open", opened)
    rebuild(many, home=tmp_home, embedder=embedder)
    assert set(read) <= {"manifest.json"}  # which is opened, since a network share is asked so, and not read
    big = next(iter((tmp_home / "chroma").iterdir())).name
    many.append(article("yak"))
    report = rebuild(many, home=tmp_home, embedder=embedder)
    assert (report.added, report.embedded) == (("yak",), 1)
    assert not [name for name in read if name.startswith("articles/") or big in name]
    # What was altered meanwhile is read, and mended.
    stored = next((tmp_home / "articles").glob("*.json"))
    stored.write_bytes(stored.read_bytes()[:-9])
    rebuild(many, home=tmp_home, embedder=embedder)
    assert any(stored.name in name for name in read)
    assert {a.id for a in Retriever.open(tmp_home, embedder=embedder).articles()} == {a.id for a in many}


@pytest.mark.parametrize("name", ["articles", "entries"])
def test_an_index_in_a_folder_of_any_name(tmp_path: Path, embedder: Embedder, name: str) -> None:
    for _ in range(2):
        rebuild(articles(), home=tmp_path / name, embedder=embedder)
    assert len(ids(tmp_path / name, embedder)) == 6


def test_another_publisher_of_the_same_report_embeds_nothing_and_is_told(
    tmp_home: Path, embedder: Embedder
) -> None:
    rebuild(articles(), home=tmp_home, embedder=embedder)
    reader = Retriever.open(tmp_home, embedder=embedder)
    now = [replace(articles()[0], also_published_by=("The Copy", "Late \ud800 News")), *articles()[1:]]
    told = preview(now, home=tmp_home)
    assert (told.changed, told.embedded, told.generation) == (("zebra",), 0, 2)
    report = rebuild(now, home=tmp_home, embedder=embedder)
    assert (report.changed, report.embedded, report.generation) == (("zebra",), 0, 2)
    hit = reader.search("zebra", limit=1)[0]
    assert hit.article.also_published_by == ("The Copy", "Late \ud800 News")
    assert len(list((tmp_home / "articles").glob("*.json"))) == len(ANIMALS)
    again = rebuild(now, home=tmp_home, embedder=embedder)
    assert (again.changed, again.generation) == ((), 2)
    # Nobody carries it any more.
    assert rebuild(articles(), home=tmp_home, embedder=embedder).changed == ("zebra",)
    assert reader.search("zebra", limit=1)[0].article.also_published_by == ()


def test_an_index_that_does_not_know_who_else_carries_a_report_serves_and_learns_it(
    tmp_home: Path, embedder: Embedder
) -> None:
    carried = [replace(a, also_published_by=("The Copy",)) for a in articles()]
    rebuild(articles(), home=tmp_home, embedder=embedder)
    manifest = tmp_home / "manifest.json"
    manifest.write_text(manifest.read_text("utf-8").replace('"schema": 4', '"schema": 3'), "utf-8")
    for file in (tmp_home / "articles").glob("*.json"):
        data = json.loads(file.read_text("utf-8"))
        del data["also_published_by"]
        file.write_text(json.dumps(data), "utf-8")
    assert '"schema": 3' in manifest.read_text("utf-8")
    assert Retriever.open(tmp_home, embedder=embedder).search("lion", limit=1)[0].article.id == "lion"
    report = rebuild(carried, home=tmp_home, embedder=embedder)
    assert (len(report.changed), report.embedded) == (len(ANIMALS), 0)
    found = Retriever.open(tmp_home, embedder=embedder).articles()
    assert {a.also_published_by for a in found} == {("The Copy",)}


def test_names_of_publishers_that_were_altered_on_the_disk_are_damage(
    tmp_home: Path, embedder: Embedder
) -> None:
    rebuild([replace(articles()[0], also_published_by=("The Copy",))], home=tmp_home, embedder=embedder)
    (file,) = (tmp_home / "articles").glob("*.json")
    file.write_text(file.read_text("utf-8").replace("The Copy", "The Cozy"), "utf-8")
    with pytest.raises(IndexDamagedError):
        Retriever.open(tmp_home, embedder=embedder)


def test_force_embeds_everything_again(tmp_home: Path, embedder: Embedder) -> None:
    rebuild(articles(), home=tmp_home, embedder=embedder)
    before = ids(tmp_home, embedder)
    report = rebuild(articles(), home=tmp_home, embedder=embedder, force=True)
    assert (report.embedded, report.generation) == (report.passages, 2)
    assert ids(tmp_home, embedder) == before


def test_other_chunking_asks_for_a_rebuild(tmp_home: Path, embedder: Embedder) -> None:
    rebuild(articles(), home=tmp_home, embedder=embedder)
    config = IndexConfig(passage_chars=300)
    assert "launch-assistant rebuild" in Retriever.open(tmp_home, config=config, embedder=embedder).stale
    report = rebuild(articles(), home=tmp_home, config=config, embedder=embedder)
    assert report.embedded == report.passages
    assert Retriever.open(tmp_home, config=config, embedder=embedder).search("lion")


def test_no_article_is_an_index_too(tmp_home: Path, embedder: Embedder) -> None:
    rebuild(articles(), home=tmp_home, embedder=embedder)
    assert rebuild([], home=tmp_home, embedder=embedder).passages == 0
    assert Retriever.open(tmp_home, embedder=embedder).search("lion") == ()


def test_an_article_of_symbols_only(tmp_home: Path, embedder: Embedder) -> None:
    rebuild([article("a", "☃ ☃ ☃ \ud800")], home=tmp_home, embedder=embedder)
    retriever = Retriever.open(tmp_home, embedder=embedder)
    assert len(retriever.search("???")) == 1
    assert retriever.articles()[0].text == "☃ ☃ ☃ \ud800"


def test_progress_names_its_steps(tmp_home: Path, embedder: Embedder) -> None:
    seen: list[Progress] = []
    rebuild(articles(), home=tmp_home, embedder=embedder, on_progress=seen.append)
    steps = [p.step for p in seen]
    assert list(dict.fromkeys(steps)) == ["read", "embed", "lexical", "commit", "clean"]
    assert all(0 <= p.done <= p.total for p in seen)


def test_progress_is_told_while_articles_are_cut_and_vectors_move(tmp_home: Path) -> None:
    many = [article(f"n{k}", f"Number {k} is here.") for k in range(250)]
    seen: list[Progress] = []
    rebuild(many, home=tmp_home, embedder=HashEmbedder(), on_progress=seen.append)
    assert [p.done for p in seen if p.step == "read"] == [0, 100, 200, 250]
    assert [(p.done, p.total) for p in seen if p.step == "lexical"] == [(0, 250), (250, 250)]
    seen.clear()
    rebuild([*many[1:], article("yak")], home=tmp_home, embedder=HashEmbedder(), on_progress=seen.append)
    assert [(p.done, p.total) for p in seen if p.step == "move"] == [(249, 249)]


class Counting(HashEmbedder):
    """Counts what it embeds, and notes the lengths of what it is given together."""

    def __init__(self) -> None:
        self.embedded = 0
        self.spreads: list[int] = []

    def embed_documents(
        self, texts: Sequence[str], *, on_progress: Callable[[int, int], None] | None = None
    ) -> np.ndarray:
        vectors = super().embed_documents(texts, on_progress=on_progress)
        self.embedded += len(texts)
        self.spreads.append(max(map(len, texts)) - min(map(len, texts)))
        return vectors


def test_a_stop_in_the_middle_of_embedding_loses_nothing_that_was_done(tmp_home: Path) -> None:
    many = [article(f"n{k}", f"Number {k} is here {'again ' * (k % 40)}.") for k in range(700)]
    first, asked = Counting(), list[Progress]()
    with pytest.raises(RebuildCancelledError):
        rebuild(
            many,
            home=tmp_home,
            embedder=first,
            on_progress=asked.append,
            cancelled=lambda: asked[-1].step == "embed" and asked[-1].done > 200,
        )
    assert 200 < first.embedded < 700
    # Those of like length are embedded together.
    assert max(first.spreads) < 100
    second = Counting()
    assert rebuild(many, home=tmp_home, embedder=second).embedded == 700 - first.embedded == second.embedded


@pytest.mark.parametrize(
    "part", ["index.store.sync_tree", "index.store.folder_sums", "index.store.described"]
)
def test_a_stop_while_a_segment_is_sealed_leaves_nothing_of_it(
    tmp_home: Path, monkeypatch: pytest.MonkeyPatch, part: str
) -> None:
    rebuild(articles(), home=tmp_home, embedder=HashEmbedder())
    before = {folder.name for folder in (tmp_home / "chroma").iterdir()}
    begun: list[str] = []
    whole = pkgutil.resolve_name(part.replace(".store.", ".store:"))

    def noted(*args: object, **options: object) -> object:
        begun.append(part)
        return whole(*args, **options)

    with monkeypatch.context() as patch:
        patch.setattr(part, noted)
        with pytest.raises(RebuildCancelledError):
            rebuild(articles(1), home=tmp_home, embedder=HashEmbedder(), cancelled=lambda: bool(begun))
    assert {folder.name for folder in (tmp_home / "chroma").iterdir()} == before
    assert Retriever.open(tmp_home, embedder=HashEmbedder()).generation == 1
    report = rebuild(articles(1), home=tmp_home, embedder=HashEmbedder())
    assert (len(report.changed), report.embedded) == (len(ANIMALS), 0), "what was embedded is kept"


def test_a_cancelled_rebuild_leaves_the_old_index_and_its_work_is_kept(
    tmp_home: Path, embedder: Embedder
) -> None:
    rebuild(articles(0), home=tmp_home, embedder=embedder)
    calls = iter(range(10_000))
    with pytest.raises(RebuildCancelledError):
        rebuild(articles(1), home=tmp_home, embedder=embedder, cancelled=lambda: next(calls) > 1)
    assert "region 0" in Retriever.open(tmp_home, embedder=embedder).search("zebra")[0].passage.text
    report = rebuild(articles(1), home=tmp_home, embedder=embedder)
    assert (report.generation, report.embedded) == (2, 0)


def _damage_manifest(home: Path) -> None:
    text = (home / "manifest.json").read_text()
    (home / "manifest.json").write_text(text[: len(text) // 2])


def _damage_store(home: Path) -> None:
    for segment in segments(home):
        (segment.folder / "chroma.sqlite3").write_bytes(b"not a database at all" * 100)


def _damage_lexical(home: Path) -> None:
    for segment in segments(home):
        for file in segment.lexical.iterdir():
            file.write_bytes(b"")


DAMAGES: dict[str, Callable[[Path], object]] = {
    "manifest torn": _damage_manifest,
    "manifest of noise": lambda home: (home / "manifest.json").write_bytes(b"\xff\x00[]"),
    "manifest of another shape": lambda home: (home / "manifest.json").write_text("[1]"),
    "manifest of another version": lambda home: (home / "manifest.json").write_text('{"schema": 99}'),
    "store gone": lambda home: shutil.rmtree(home / "chroma"),
    "store overwritten": _damage_store,
    "lexical gone": lambda home: shutil.rmtree(segments(home)[0].lexical),
    "lexical emptied": _damage_lexical,
    "articles gone": lambda home: shutil.rmtree(home / "articles"),
    "an article torn": lambda home: next((home / "articles").glob("*.json")).write_text('{"id":'),
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES.keys())
def test_damage_is_named_and_repaired(
    tmp_home: Path, embedder: Embedder, damage: Callable[[Path], object]
) -> None:
    rebuild(articles(), home=tmp_home, embedder=embedder)
    before = ids(tmp_home, embedder)
    damage(tmp_home)
    with pytest.raises(IndexDamagedError, match="launch-assistant rebuild"):
        Retriever.open(tmp_home, embedder=embedder).search("zebra")
    rebuild(articles(), home=tmp_home, embedder=embedder)
    hits = Retriever.open(tmp_home, embedder=embedder).search("Where does the zebra live?")
    assert hits[0].article.id == "zebra"
    assert all(h.similarity is not None for h in hits)
    assert ids(tmp_home, embedder) == before


def test_lost_vectors_are_noticed_and_made_again_for_open_readers_too(tmp_home: Path) -> None:
    embedder = HashEmbedder()
    # Past a thousand vectors the store moves them to a folder of their own; before, its database alone is enough.
    many = [article(f"n{k}", f"Number {k} is here.") for k in range(1100)]
    rebuild(many, home=tmp_home, embedder=embedder)
    reader = Retriever.open(tmp_home, embedder=embedder)
    folders = [p for s in segments(tmp_home) for p in s.folder.iterdir() if p.is_dir()]
    assert folders
    for folder in folders:
        shutil.rmtree(folder)
    with pytest.raises(IndexDamagedError, match="Vectors are missing"):
        Retriever.open(tmp_home, embedder=embedder)
    report = rebuild(many, home=tmp_home, embedder=embedder)
    assert (report.embedded, report.generation) == (1100, 2)
    assert all(h.article.id for h in reader.search("number 7"))
    assert sum(h.similarity is not None for h in reader.search("number 7", limit=1000)) == 60


def test_nothing_built_yet(tmp_home: Path, embedder: Embedder) -> None:
    with pytest.raises(IndexNotBuiltError, match="launch-assistant rebuild"):
        Retriever.open(tmp_home, embedder=embedder)
    assert not tmp_home.exists()


def _python(code: str, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", code, *arguments],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


HOLD = """
import sys
from pathlib import Path
from index import rebuild
def wait(progress):
    print("holding", flush=True)
    sys.stdin.readline()
rebuild([], home=Path(sys.argv[1]), on_progress=wait)
"""


def test_a_second_process_that_rebuilds_is_told_who_does(tmp_home: Path, embedder: Embedder) -> None:
    rebuild(articles(), home=tmp_home, embedder=embedder)
    other = _python(HOLD, str(tmp_home))
    try:
        assert other.stdout is not None
        assert other.stdout.readline() == "holding\n"
        with pytest.raises(IndexLockedError, match=str(other.pid)):
            rebuild(articles(1), home=tmp_home, embedder=embedder)
        # Reading goes on meanwhile.
        assert Retriever.open(tmp_home, embedder=embedder).search("zebra")
    finally:
        other.communicate("\n" * 10, timeout=60)
    assert other.returncode == 0
    assert rebuild(articles(1), home=tmp_home, embedder=embedder).generation == 3


OTHER = """
import sys
sys.path.insert(0, sys.argv[2])
from pathlib import Path
from index import rebuild
from test_rebuild import articles
from tests.faults.corpus import HashEmbedder
for version in map(int, sys.argv[3:]):
    rebuild(articles(version), home=Path(sys.argv[1]), embedder=HashEmbedder())
"""


def test_what_another_process_rebuilt_is_found_by_both_rankings(tmp_home: Path) -> None:
    embedder = HashEmbedder()
    rebuild(articles(0), home=tmp_home, embedder=embedder)
    reader = Retriever.open(tmp_home, embedder=embedder)
    old = reader.snapshot()
    assert old.search("zebra")
    other = _python(OTHER, str(tmp_home), str(Path(__file__).parent), "1")
    assert other.wait(120) == 0, other.communicate()
    fresh = reader.search("Where does the zebra live?")
    assert reader.generation == 2
    assert "region 1" in fresh[0].passage.text
    assert all(h.similarity is not None for h in fresh)
    # A question that began on the old generation ends on it, whole.
    rest = old.search("Where does the zebra live?")
    assert "region 0" in rest[0].passage.text
    assert len(rest) == 6
    assert all(h.similarity is not None for h in rest)
    # And what this process writes now does not overwrite what the other one wrote.
    both = [*articles(1), article("yak")]
    assert rebuild(both, home=tmp_home, embedder=embedder).embedded == 1
    assert frozenset().union(*(s.ids() for s in segments(tmp_home))) >= ids(tmp_home, embedder)


def test_readers_see_the_old_index_or_the_new_one(tmp_home: Path) -> None:
    embedder = HashEmbedder()
    rebuild(articles(0), home=tmp_home, embedder=embedder)
    reader = Retriever.open(tmp_home, embedder=embedder)
    stop, wrong, seen = threading.Event(), list[str](), set[int]()

    def read() -> None:
        try:
            while not stop.is_set():
                snapshot = reader.snapshot()
                hits = snapshot.search("Where does the zebra live?")
                regions = {h.passage.text.split("region ")[1][0] for h in hits}
                seen.add(snapshot.generation)
                if regions != {str(snapshot.generation - 1)} or len(hits) != 6:
                    wrong.append(f"generation {snapshot.generation}: {len(hits)} hits of {regions}")
        except Exception as exc:
            wrong.append(repr(exc))

    threads = [threading.Thread(target=read) for _ in range(2)]
    for thread in threads:
        thread.start()
    try:
        other = _python(OTHER, str(tmp_home), str(Path(__file__).parent), "1", "2")
        assert other.wait(120) == 0, other.communicate()
        for version in (3, 4):
            rebuild(articles(version), home=tmp_home, embedder=embedder)
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert wrong == []
    assert len(seen) >= 2


def test_a_full_disk_costs_nothing(tmp_home: Path, embedder: Embedder) -> None:
    rebuild(articles(0), home=tmp_home, embedder=embedder)
    mount = tmp_home.parent / "small disk"
    mount.mkdir()
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", mount], capture_output=True, check=False
    )
    if made.returncode:
        pytest.skip("may not mount a small disk here")
    try:
        home = mount / "home"
        shutil.copytree(tmp_home, home)
        reader = Retriever.open(home, embedder=embedder)
        (mount / "ballast").write_bytes(b"x" * max(0, shutil.disk_usage(mount).free - 8192))
        with pytest.raises(StorageError, match=r"full.*LAUNCH_HOME"):
            rebuild(articles(1), home=home, embedder=embedder)
        assert "region 0" in reader.search("zebra")[0].passage.text
        # A new process may be refused until there is space, and is told so.
        with contextlib.suppress(StorageError):
            assert "region 0" in Retriever.open(home, embedder=embedder).search("zebra")[0].passage.text
        (mount / "ballast").unlink()
        assert "region 0" in Retriever.open(home, embedder=embedder).search("zebra")[0].passage.text
        assert rebuild(articles(1), home=home, embedder=embedder).generation == 2
        assert "region 1" in reader.search("zebra")[0].passage.text
    finally:
        subprocess.run(["umount", "-l", mount], check=False)


@pytest.mark.skipif(sys.platform != "linux", reason="a file's name is looked up in /proc")
@pytest.mark.parametrize("count", [3, 70])
def test_articles_are_on_the_disk_before_a_manifest_names_them(
    tmp_path: Path, embedder: Embedder, monkeypatch: pytest.MonkeyPatch, count: int
) -> None:
    """A power cut finds the old index or the new one: no name in the manifest is of a file that was not yet written."""
    steps: list[tuple[str, str]] = []
    fsync, replaced = os.fsync, os.replace

    def synced(handle: int) -> None:
        fsync(handle)
        steps.append(("durable", os.readlink(f"/proc/self/fd/{handle}")))

    def moved(source: Any, target: Any) -> None:
        replaced(source, target)
        steps.append(("there", str(target)))

    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(os, "replace", moved)
    home = tmp_path / "home"
    many = [article(f"a{n}", f"The zebra of region {n} eats grass.") for n in range(count)]
    rebuild(many, home=home, embedder=embedder)
    commit = steps.index(("there", str(home / "manifest.json")))
    files = [str(path) for path in (home / "articles").glob("*.json")]
    assert len(files) == count
    for file in files:
        assert steps.index(("there", file)) < steps.index(("durable", file)) < commit
    # Their names too.
    last = max(steps.index(("durable", file)) for file in files)
    assert last < steps.index(("durable", str(home / "articles")), last) < commit


LIMITED = """
import resource, signal, sys
from pathlib import Path
from index.errors import StorageError
from index.files import write_atomically
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, resource.RLIM_INFINITY))
try:
    write_atomically(Path(sys.argv[1]), "new" * 1000)
except StorageError as exc:
    print("refused")
"""


def test_a_file_that_cannot_be_written_leaves_the_old_one(tmp_path: Path) -> None:
    assert resource.RLIMIT_FSIZE
    path = tmp_path / "manifest.json"
    path.write_text("old")
    output = _python(LIMITED, str(path)).communicate(timeout=60)
    assert output[0] == "refused\n", output
    assert path.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["manifest.json"]


def test_a_home_that_is_a_file(tmp_path: Path, embedder: Embedder) -> None:
    (tmp_path / "home").write_text("x")
    with pytest.raises(StorageError, match="LAUNCH_HOME"):
        rebuild(articles(), home=tmp_path / "home", embedder=embedder)
