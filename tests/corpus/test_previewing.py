"""A look at sources keeps nothing; what was shown is what is kept."""

from __future__ import annotations

from pathlib import Path

from corpus.library import Library
from corpus.previewing import look

TEXT = "The Kestrel dock was announced in Leeds on 2 July 2026. It costs 241 euros, its maker said.\n"


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, "utf-8")
    return path


def test_what_was_shown_is_kept_though_the_file_has_changed_since(tmp_path: Path) -> None:
    file = write(tmp_path, "dock.md", TEXT)
    library = Library(added=tmp_path / "home" / "articles")
    found = look([file, tmp_path / "none.md"], names=["dock.md"])
    assert [a.text for a in found.articles] == [TEXT]
    assert [s.reason for s in found.skipped] == ["there is no such file"]
    assert library.added_on() == {}
    write(tmp_path, "dock.md", "Something else stands here by now, and nobody looked at it.\n")
    (article_id,) = library.keep(found).added
    (article,) = [a for a in library.articles() if a.id == article_id]
    assert article.text == TEXT
    assert tuple(library.added_on()) == (article_id,)


def test_two_uploads_of_one_name_are_two_articles_and_the_same_one_is_known(tmp_path: Path) -> None:
    library = Library(added=tmp_path / "home" / "articles")
    other = "A lamp by Brightwell was shown at the fair in Turin; its price is not known, the paper wrote.\n"
    for number, text in enumerate((TEXT, other)):
        (tmp_path / str(number)).mkdir()
        file = write(tmp_path / str(number), "note.md", text)
        assert len(library.keep(look([file], names=["note.md"])).added) == 1
    again = library.keep(look([tmp_path / "0" / "note.md"], names=["note.md"]))
    assert (again.added, again.updated, len(again.unchanged)) == ((), (), 1)
    assert len(library.added_on()) == 2


def test_no_more_than_may_be_looked_at_is_read(tmp_path: Path) -> None:
    files = [write(tmp_path, f"{n}.md", f"{TEXT}It is note number {n} of several.\n") for n in range(4)]
    assert look(files, most=3).cut
    assert len(look(files, most=3).articles) == 3
    assert not look(files, most=4).cut
