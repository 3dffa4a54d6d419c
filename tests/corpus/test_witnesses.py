"""Copies of one report: which of them is kept, who else carries it, and what pages say of their own address."""

from __future__ import annotations

import json
import random
import time
from datetime import date
from pathlib import Path

import pytest

from corpus.adding import add, remove
from corpus.errors import CorpusError
from corpus.library import SHIPPED, Library
from corpus.models import Article, Kind
from corpus.shelf import Shelf
from corpus.webpages import read_page
from corpus.witnesses import one_each


def story(seed: int, sentences: int = 12) -> str:
    """Write a text that no other seed gives."""
    return " ".join(
        f"In year {seed} the crane of harbour {(seed * 7 + n) * 13} moved {seed * n + n} boxes of kind {seed + n * 3}."
        for n in range(sentences)
    )


def put(path: Path, text: str, **fields: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    head = "".join(f"{name}: {value}\n" for name, value in fields.items())
    path.write_text(f"---\n{head}---\n{text}\n", "utf-8")
    return path


def article(name: str, text: str, publisher: str = "", day: date | None = None) -> Article:
    return Article(name, name, publisher, None, day, None, Kind.REPORTING, text)


# --- adding ----------------------------------------------------------------------------------------------------


def test_the_dated_original_is_kept_whatever_comes_first(tmp_path: Path) -> None:
    home = tmp_path / "home"
    copy = put(tmp_path / "a.md", story(1), title="Lumen again", publisher="Other Paper")
    late = put(
        tmp_path / "b.md",
        story(1),
        title="Lumen",
        publisher="Late",
        published="2026-05-09",
        url="https://l.example/a",
    )
    first = put(
        tmp_path / "c.md",
        story(1),
        title="Lumen",
        publisher="Ink",
        published="2026-05-02",
        url="https://i.example/a",
    )
    report = add([copy, late, first], home=home)
    assert report.added == ("lumen-again",)
    assert not report.skipped
    kept = Shelf(home).read()["lumen-again"]
    assert (kept.article.publisher, str(kept.article.published)) == ("Ink", "2026-05-02")
    assert kept.article.url == "https://i.example/a"
    assert set(kept.also_published_by) == {"Other Paper", "Late"}
    assert kept.article.also_published_by == kept.also_published_by
    copies = {
        Path(entry["source"]).name: entry for entry in json.loads((home / "copies.json").read_text("utf-8"))
    }
    assert (copies["b.md"]["url"], copies["b.md"]["published"]) == ("https://l.example/a", "2026-05-09")
    again = add([copy, late, first], home=home)
    assert len(again.unchanged) == 3
    assert Shelf(home).read()["lumen-again"] == kept


def test_a_copy_that_changes_is_followed(tmp_path: Path) -> None:
    home = tmp_path / "home"
    first = put(tmp_path / "a.md", story(1), title="Crane", publisher="A")
    copy = put(tmp_path / "b.md", story(1), title="Crane b", publisher="B")
    add([first, copy], home=home)
    put(copy, story(1) + "\n\nCorrection: the crane was blue.", title="Crane b", publisher="B")
    report = add([first, copy], home=home)
    assert [merged.publisher for merged in report.merged] == ["B"]
    assert not report.skipped
    assert len(add([first, copy], home=home).unchanged) == 2
    put(copy, story(2), title="Another story", publisher="B")
    assert add([first, copy], home=home).added == ("another-story",)
    assert Shelf(home).read()["crane"].also_published_by == ()
    assert json.loads((home / "copies.json").read_text("utf-8")) == []


def test_a_kept_article_that_becomes_another_loses_its_copies(tmp_path: Path) -> None:
    home = tmp_path / "home"
    first = put(tmp_path / "a.md", story(1), title="Crane", publisher="A")
    copy = put(tmp_path / "b.md", story(1), title="Crane b", publisher="B")
    add([first, copy], home=home)
    put(first, story(5), title="Crane", publisher="A")
    assert add([first], home=home).updated == ("crane",)
    assert Shelf(home).read()["crane"].also_published_by == ()
    assert add([copy], home=home).added == ("crane-b",)


def test_publishers_of_copies_of_shipped_articles_are_known(tmp_path: Path) -> None:
    library = Library(added=tmp_path / "home" / "articles")
    shipped = library.articles()[0]
    library.add(put(tmp_path / "a.md", shipped.text, title="Again", publisher="Copy and Co"))
    assert next(a for a in library.articles() if a.id == shipped.id).also_published_by == ("Copy and Co",)


# --- reading ---------------------------------------------------------------------------------------------------


def test_copies_laid_by_hand_are_one_article(tmp_path: Path) -> None:
    put(tmp_path / "a.md", story(1) + " A new end.", title="Again", publisher="Other")
    put(tmp_path / "b.md", story(1), title="Lumen", publisher="Ink", published="2026-05-02")
    put(tmp_path / "c.md", story(1), title="Word for word")
    put(tmp_path / "d.md", story(2), title="Another", publisher="Other")
    reading = Library(tmp_path).read()
    assert {a.id: a.also_published_by for a in reading.articles} == {"b": ("Other",), "d": ()}
    assert {s.path: s.reason for s in reading.skipped} == {
        "a.md": "it is a copy of b, which speaks for both",
        "c.md": "it is a copy of b, which speaks for both",
    }


def test_texts_of_one_publisher_that_are_alike_stay() -> None:
    first, second = article("a", story(1), "Ink"), article("b", story(1) + " A new end.", "Ink")
    assert one_each([first, second]) == ([first, second], [])
    nameless = [article("a", story(1)), article("b", story(1) + " A new end.")]
    assert one_each(nameless) == (nameless, [])


def test_many_articles_with_one_foot_take_no_square_of_the_time() -> None:
    chance = random.Random(1)
    words = [f"w{n}" for n in range(5_000)]
    foot = " ".join(chance.choices(words, k=60))
    texts = [" ".join(chance.choices(words, k=100)) for _ in range(2_000)]
    articles = [article(f"a{n}", f"{text} {foot}", f"P{n % 9}") for n, text in enumerate(texts)]
    articles.append(article("copy", f"A new start. {texts[1_700]} {foot}", "Other"))
    begun = time.process_time()
    kept, others = one_each(articles)
    assert time.process_time() - begun < 5
    assert (len(kept), [(a.id, b.id) for a, b in others]) == (2_000, [("copy", "a1700")])


def test_the_shipped_articles_are_no_copies_of_each_other() -> None:
    assert len(Library().articles()) == len(list(SHIPPED.glob("*.md")))


def test_who_else_carries_an_article_is_no_part_of_its_text(tmp_path: Path) -> None:
    plain = article("a", story(1))
    put(tmp_path / "a.md", story(1), title="a", kind="reporting", also_published_by="[Ink, Mill News]")
    read = Library(tmp_path).articles()[0]
    assert read.also_published_by == ("Ink", "Mill News")
    assert read.digest == article("a", plain.text + "\n").digest


# --- ids -------------------------------------------------------------------------------------------------------


def test_articles_are_removed_by_the_ids_that_the_library_gives(tmp_path: Path) -> None:
    library = Library(added=tmp_path / "home" / "articles")
    shipped = library.articles()[0].id
    shelf = tmp_path / "home" / "articles"
    put(shelf / f"{shipped}.md", story(1), title="By hand")
    put(shelf / "a.md", story(2), title="One")
    put(shelf / "a.txt", story(3), title="Two")
    mine = {f"{shipped}.md", "a", "a.txt"}
    assert {a.id for a in library.articles()} >= mine
    assert set(library.added_on()) == mine
    with pytest.raises(CorpusError, match="No added article"):
        library.remove(shipped)
    for name in sorted(mine, reverse=True):
        library.remove(name)
        assert name not in library.added_on()
    assert not list(shelf.rglob("*.*"))
    for name in mine:
        library.restore(name)
    assert set(library.added_on()) == mine


# --- addresses that pages claim ----------------------------------------------------------------------------------


def page(title: str, text: str, canonical: str) -> str:
    return (
        f"<!doctype html><html><head><title>{title}</title><link rel=canonical href='{canonical}'></head>"
        f"<body><article><h1>{title}</h1><p>{text}</p></article></body></html>"
    )


def test_pages_that_all_name_the_front_page_stay_apart() -> None:
    text = page("Crane", story(1), "/")
    assert read_page(text.encode(), url="https://n.example/news/1").url == "https://n.example/news/1"
    assert read_page(text.encode(), url="https://n.example/?p=1").url == "https://n.example/?p=1"
    text = page("Crane", story(1), "https://n.example/news/crane")
    assert read_page(text.encode(), url="https://n.example/amp/1").url == "https://n.example/news/crane"


def test_a_wrong_address_replaces_nothing(tmp_path: Path) -> None:
    home = tmp_path / "home"
    for number in range(3):
        text = page(f"Story {number}", story(number + 1), "https://n.example/news")
        (tmp_path / f"{number}.html").write_text(text, "utf-8")
    sources = [tmp_path / f"{number}.html" for number in range(3)]
    report = add(sources, home=home)
    assert report.added == ("story-0", "story-1", "story-2")
    assert not report.updated
    urls = [kept.article.url for kept in Shelf(home).read().values()]
    assert urls == ["https://n.example/news", None, None]
    assert len(add(sources, home=home).unchanged) == 3
    corrected = page("Story 0", story(1).replace("boxes", "crates", 1), "https://n.example/news")
    (tmp_path / "again.html").write_text(corrected, "utf-8")
    assert add([tmp_path / "again.html"], home=home).updated == ("story-0",)
    assert remove("story-0", home=home).exists()
