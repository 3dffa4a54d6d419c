"""Folders of articles."""

from __future__ import annotations

from pathlib import Path

import pytest

from corpus.errors import CorpusError, EmptyCorpusError
from corpus.library import Library


def _put(folder: Path, **files: str | bytes) -> None:
    for name, content in files.items():
        path = folder / name.replace("__", "/").replace("_dot_", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)


def test_the_shipped_articles_can_all_be_read() -> None:
    reading = Library().read()
    assert len(reading.articles) >= 12
    assert reading.skipped == ()
    for article in reading.articles:
        assert article.title
        assert article.publisher
        assert article.text
    assert Library().launch().name == "Muse Spark"


def test_a_bad_file_is_named_and_the_others_are_read(tmp_path: Path) -> None:
    _put(tmp_path, good_dot_md="Text.", bad_dot_md=b"\x00\x01\x02", empty_dot_txt="", image_dot_png=b"x")
    reading = Library(tmp_path).read()
    assert [a.id for a in reading.articles] == ["good"]
    assert {s.path for s in reading.skipped} == {"bad.md", "empty.txt", "image.png"}
    assert all(s.reason for s in reading.skipped)


def test_folders_below_are_read_and_what_is_no_article_is_passed_over(tmp_path: Path) -> None:
    _put(
        tmp_path,
        sub__deep__a_dot_md="A.",
        _dot_hidden_dot_md="H.",
        _dot_git__b_dot_md="B.",
        README_dot_md="R.",
    )
    _put(tmp_path, launch_dot_toml='name = "Orbit"\naliases = ["Orb"]\n')
    (tmp_path / "sub" / "loop").symlink_to(tmp_path, target_is_directory=True)
    library = Library(tmp_path)
    reading = library.read()
    assert [a.id for a in reading.articles] == ["sub/deep/a"]
    assert reading.skipped == ()
    assert (library.launch().name, library.launch().aliases) == ("Orbit", ("Orb",))


def test_articles_of_one_name_keep_apart(tmp_path: Path) -> None:
    _put(tmp_path, a_dot_md="One.", a_dot_txt="Two.", b__a_dot_md="Three.")
    assert {a.id: a.text for a in Library(tmp_path).articles()} == {
        "a": "One.",
        "a.txt": "Two.",
        "b/a": "Three.",
    }


def test_added_articles_stand_beside_the_shipped_ones(tmp_path: Path) -> None:
    _put(tmp_path, mine_dot_md="Mine.")
    ids = {a.id for a in Library(added=tmp_path).articles()}
    assert "mine" in ids
    assert len(ids) == len(Library(added=tmp_path / "none").articles()) + 1


def test_a_folder_without_articles_says_what_to_do(tmp_path: Path) -> None:
    _put(tmp_path, bad_dot_md=b"\x00")
    with pytest.raises(EmptyCorpusError, match=r"bad\.md.*LAUNCH_CORPUS"):
        Library(tmp_path).read()
    with pytest.raises(EmptyCorpusError, match="LAUNCH_CORPUS"):
        Library(tmp_path / "none").read()


def test_a_launch_file_that_is_no_toml(tmp_path: Path) -> None:
    _put(tmp_path, a_dot_md="A.", launch_dot_toml="name = [")
    with pytest.raises(CorpusError, match=r"launch\.toml"):
        Library(tmp_path).launch()
    (tmp_path / "launch.toml").unlink()
    assert Library(tmp_path).launch().name == ""


def test_progress_counts_every_file(tmp_path: Path) -> None:
    _put(tmp_path, a_dot_md="A.", b_dot_md="B.", c_dot_bin="x")
    seen: list[tuple[int, int]] = []
    Library(tmp_path).read(on_progress=lambda done, total: seen.append((done, total)))
    assert seen == [(1, 3), (2, 3), (3, 3)]
