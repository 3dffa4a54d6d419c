"""A folder that is read again: what has not changed is not read, and what has is."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from corpus import remembered, stamps
from corpus.library import Library
from corpus.models import Article


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the files that were read."""
    names: list[str] = []
    inner = remembered.read_article

    def read_article(path: Path, article_id: str) -> Article:
        names.append(path.name)
        return inner(path, article_id)

    monkeypatch.setattr(remembered, "read_article", read_article)
    return names


def age(*paths: Path) -> None:
    """Let files lie for a minute."""
    for path in paths:
        before = path.stat()
        os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns - 60 * 10**9))


@pytest.fixture
def at_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    """The time of a change of properties cannot be set: take every file for one that has come to rest."""
    monkeypatch.setattr(stamps, "SETTLED", -(10**12))


@pytest.mark.usefixtures("at_rest")
def test_only_what_changed_is_read_again(tmp_path: Path, read: list[str]) -> None:
    one, two, three = (tmp_path / f"{name}.md" for name in ("one", "two", "three"))
    for path in (one, two, three):
        path.write_text(f"This is {path.stem}.")
    library = Library(tmp_path)
    first = library.read().articles
    read.clear()
    assert library.read().articles == first
    assert Library(tmp_path).read().articles == first
    assert read == []
    two.write_text("This is 2.")
    three.unlink()
    (tmp_path / "four.md").write_text("This is four.")
    assert {a.id: a.text for a in library.articles()} == {
        "one": "This is one.",
        "two": "This is 2.",
        "four": "This is four.",
    }
    assert sorted(read) == ["four.md", "two.md"]
    read.clear()
    three.write_text("This is three.")  # the same text as the file that was forgotten with its removal
    assert {a.id for a in library.articles()} == {"one", "two", "three", "four"}
    assert read == ["three.md"]


@pytest.mark.usefixtures("at_rest")
def test_a_change_that_leaves_size_and_time_is_seen(tmp_path: Path, read: list[str]) -> None:
    path = tmp_path / "a.md"
    path.write_text("The price is 5 euros.")
    Library(tmp_path).read()
    before = path.stat()
    path.write_text("The price is 7 euros.")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert Library(tmp_path).articles()[0].text == "The price is 7 euros."
    assert read == ["a.md", "a.md"]


@pytest.mark.usefixtures("at_rest")
def test_an_article_that_is_called_otherwise_now(tmp_path: Path, read: list[str]) -> None:
    (tmp_path / "a.txt").write_text("Two.")
    assert [a.id for a in Library(tmp_path).articles()] == ["a"]
    (tmp_path / "a.md").write_text("One.")
    assert {a.id: a.text for a in Library(tmp_path).articles()} == {"a": "One.", "a.txt": "Two."}
    assert read == ["a.txt", "a.md"]


def test_a_file_that_was_just_written_is_read_again(tmp_path: Path, read: list[str]) -> None:
    path = tmp_path / "a.md"
    path.write_text("Just now.")
    age(path)  # its properties changed a moment ago all the same
    Library(tmp_path).read()
    Library(tmp_path).read()
    assert read == ["a.md", "a.md"]


@pytest.mark.usefixtures("at_rest")
def test_the_readings_of_a_few_folders_are_kept(tmp_path: Path, read: list[str]) -> None:
    folders = [tmp_path / f"f{n}" for n in range(remembered._FOLDERS + 1)]
    for folder in folders:
        folder.mkdir()
        (folder / f"{folder.name}.md").write_text("Text.")
        Library(folder).read()
    read.clear()
    for folder in reversed(folders):
        Library(folder).read()
    assert read == ["f0.md"]
    assert len(remembered._readings) <= remembered._FOLDERS
