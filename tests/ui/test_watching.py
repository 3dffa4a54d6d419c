"""Following folders: no change is lost, whatever was in the way when it came."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from corpus.errors import EmptyCorpusError
from corpus.library import Library
from index import RebuildReport, rebuild
from index.errors import StorageError
from index.writer import one_writer
from tests.faults.corpus import HashEmbedder
from ui.watching import follow


@contextmanager
def following(library: Library, act: Callable[[bool], None]) -> Iterator[None]:
    stop = threading.Event()
    options = {"stopped": stop.is_set, "poll": 0.05}
    thread = threading.Thread(target=follow, args=(library, act), kwargs=options)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def until(true: Callable[[], object]) -> bool:
    deadline = time.monotonic() + 30
    while not true() and time.monotonic() < deadline:
        time.sleep(0.02)
    return bool(true())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "articles").mkdir()
    (tmp_path / "articles" / "one.md").write_text("The first one is here.\n", "utf-8")
    return tmp_path / "articles"


def test_a_change_that_comes_while_another_rebuilds_is_not_lost(
    folder: Path, tmp_home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    library, reports = Library(folder), list[RebuildReport]()

    def act(first: bool) -> None:
        read = library.read()
        reports.append(rebuild(read.articles, home=tmp_home, embedder=HashEmbedder()))

    with following(library, act):
        assert until(lambda: reports)
        with one_writer(tmp_home):
            (folder / "two.md").write_text(
                "The second one came while somebody else was rebuilding.\n", "utf-8"
            )
            time.sleep(1.0)
            assert len(reports) == 1
        assert until(lambda: len(reports) == 2)
    assert reports[1].added == ("two",)
    said = capsys.readouterr().err
    assert said.count("Error: Another process") == 1  # told once, however often it is tried
    assert "tried again" in said


def test_what_is_wrong_with_the_articles_waits_for_their_change(folder: Path) -> None:
    asked = list[bool]()

    def act(first: bool) -> None:
        asked.append(first)
        if len(asked) == 1:
            raise EmptyCorpusError("no article")

    with following(Library(folder), act):
        assert until(lambda: asked)
        time.sleep(0.5)
        assert asked == [True]
        (folder / "one.md").write_text("It can be read now, and it is longer.\n", "utf-8")
        assert until(lambda: len(asked) == 2)
    assert asked == [True, True]  # nothing was done yet, so it was still the first time


def test_both_folders_are_named_and_a_full_disk_is_tried_again(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = list[bool]()

    def act(first: bool) -> None:
        asked.append(first)
        if len(asked) < 3:
            raise StorageError("The disk is full.")

    with following(Library(added=folder), act):
        assert until(lambda: len(asked) == 3)
        (folder / "one.md").write_text("Something else stands here now.\n", "utf-8")
        assert until(lambda: len(asked) == 4)
    assert asked == [True, True, True, False]
    assert f" and {folder}; Ctrl-C" in capsys.readouterr().err
