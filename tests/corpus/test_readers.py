"""Files to articles, good ones and bad ones."""

from __future__ import annotations

import contextlib
import os
from datetime import date
from pathlib import Path

import pytest
import yaml

from corpus.errors import ArticleError
from corpus.models import Article, Kind
from corpus.readers import MOST_BYTES, front_matter, read_article, safe_url


def _read(folder: Path, content: str | bytes, name: str = "some-article.md") -> Article:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return read_article(path, "id")


FRONT = """---
title: "A model:  ships"
publisher: The Paper
published: 2026-04-08
updated: 2026-04-09T10:00:00Z
kind: Reporting
url: https://example.org/a?b=1
based_on: [One report, Another]
authors: Ann Author
colour: ignored
---
The body.
"""


def test_front_matter_becomes_fields_and_is_not_in_the_text(tmp_path: Path) -> None:
    article = _read(tmp_path, FRONT)
    assert article.text == "The body.\n"
    assert article.title == "A model: ships"
    assert (article.publisher, article.kind) == ("The Paper", Kind.REPORTING)
    assert (article.published, article.updated) == (date(2026, 4, 8), date(2026, 4, 9))
    assert article.url == "https://example.org/a?b=1"
    assert article.based_on == ("One report", "Another")
    assert article.authors == ("Ann Author",)


@pytest.mark.parametrize(
    "line",
    [
        "published: soon",
        "published: 2026-02-31",
        "kind: gossip",
        "url: javascript:alert(1)",
        "url: [1]",
        "published:",
    ],
)
def test_bad_values_keep_the_article(tmp_path: Path, line: str) -> None:
    article = _read(tmp_path, f"---\n{line}\n---\nThe body.")
    assert (article.published, article.url, article.kind) == (None, None, Kind.UNKNOWN)
    assert article.text == "The body."


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        "file:///etc/passwd",
        "https://",
        "//host/x",
        'https://a.b/"x',
        "",
        7,
    ],
)
def test_only_web_addresses_become_links(url: object) -> None:
    assert safe_url(url) is None


@pytest.mark.parametrize(
    ("content", "title"),
    [
        ("# The Launch #\n\nText.", "The Launch"),
        ("A first line\n\nText.", "A first line"),
        ("This is a sentence. And one more.\nText.", "some article"),
        ("x" * 200, "some article"),
    ],
)
def test_title_without_front_matter(tmp_path: Path, content: str, title: str) -> None:
    article = _read(tmp_path, content)
    assert article.title == title
    assert article.text == content


@pytest.mark.parametrize(
    "data",
    ["Füße — ½\n".encode(), "Füße — ½\n".encode("utf-8-sig"), "Füße — ½\n".encode("utf-16")],
)
def test_encodings(tmp_path: Path, data: bytes) -> None:
    assert _read(tmp_path, data).text == "Füße — ½\n"


def test_an_old_encoding_is_guessed(tmp_path: Path) -> None:
    text = "Le modèle a été présenté à Paris, où la société a expliqué son intérêt pour l'été prochain.\n" * 5
    assert _read(tmp_path, text.encode("cp1252")).text == text


def test_line_ends_become_newlines_and_nothing_else_changes(tmp_path: Path) -> None:
    assert _read(tmp_path, "a\r\nb\rc\td\u00a0e\u2028f e\u0301").text == "a\nb\nc\td\u00a0e\u2028f e\u0301"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty"),
        (b" \n\t\n", "empty"),
        (b"---\ntitle: x\n---\n \n", "no text"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "binary"),
        (bytes(range(1, 32)) * 50, "binary"),
        (b"\xff\xfeabc", "UTF-16"),
        (b"---\ntitle: [x\n---\nText.", "front matter"),
    ],
)
def test_what_is_no_article_says_why(tmp_path: Path, data: bytes, reason: str) -> None:
    with pytest.raises(ArticleError) as caught:
        _read(tmp_path, data)
    assert reason in caught.value.reason
    assert str(tmp_path) not in caught.value.reason


def test_a_file_too_large_is_not_read(tmp_path: Path) -> None:
    with pytest.raises(ArticleError, match="larger than 5 MB"):
        _read(tmp_path, b"a" * (MOST_BYTES + 1))


@pytest.mark.parametrize(
    "nested",
    [
        "[" * 50_000,
        "[" * 190,
        "\n" + "- " * 30_000,
        "\n" + "- " * 190,
        "&a [x]\n" + "".join(f"b{n}: &a [{'*a, ' * 9}]\n" for n in range(9)),
    ],
)
def test_front_matter_that_means_harm_costs_one_file_at_most(tmp_path: Path, nested: str) -> None:
    path = tmp_path / "a.md"
    path.write_text(f"---\nauthors: {nested}title: *a\n---\nThe body.")
    with contextlib.suppress(ArticleError):
        article = read_article(path, "a")
        assert article.text == "The body."
        assert len("".join((article.title, *article.authors))) < 1000


@pytest.mark.skipif(not yaml.__with_libyaml__, reason="there is one reader only")
def test_libyaml_reads_the_same_fields(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    heads = [
        FRONT.split("---\n")[1],
        "title: 'It''s here: 50% off'\npublished: 2026-02-31\nkind: rumour",
        "title: Größe — 東京 😀 “quoted”\nauthors:\n  - A. Author\n  - B: C\n",
        "title: >-\n  Two\n  lines\nupdated: 2026-04-09T10:00:00Z\nurl: http://a.example/#x",
        "title: yes\npublisher: 12:30:45\nauthors: ~\nbased_on: [1, 2.5, 0x1f, on]",
        "a: &x [1]\nb: *x\n? c\n: d",
        "title: {a: b",
        "title: a: b",
        "- no\n- fields",
        "\ttab: x",
        "title:\tX",
        "title: a\t# c",
        "title: |#\n  x",
    ]

    def fields(head: str) -> object:
        try:
            return front_matter(tmp_path, f"---\n{head}\n---\nBody")
        except ArticleError as exc:
            return exc.reason

    fast = [fields(head) for head in heads]
    monkeypatch.setattr("corpus.readers._SHALLOW", -1)
    assert [fields(head) for head in heads] == fast
    assert sum(isinstance(found, str) for found in fast) == 6


def test_files_of_other_types_and_missing_ones(tmp_path: Path) -> None:
    with pytest.raises(ArticleError, match=r"type \.exe"):
        _read(tmp_path, "x", "a.exe")
    with pytest.raises(ArticleError, match="cannot be read"):
        read_article(tmp_path / "gone.md", "gone")


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root reads everything")
def test_an_unreadable_file(tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    path.write_text("Text.")
    path.chmod(0)
    with pytest.raises(ArticleError, match="cannot be read"):
        read_article(path, "a")
