"""Feeds and lists of addresses."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from corpus.adding import add
from corpus.errors import ArticleError
from corpus.feeds import MOST_ENTRIES, read_addresses, read_feed
from corpus.media import Media, media_of
from corpus.shelf import Shelf

RSS = """<?xml version="1.0" encoding="{enc}"?><rss version="2.0"><channel><title>Läden</title><link>https://news.example/</link>
<item><title>One</title><link>https://news.example/one</link></item>
<item><title>Again</title><link>https://news.example/one</link></item>
<item><title>Two</title><link> /two </link></item>
<item><title>Script</title><link>javascript:alert(1)</link></item>
<item><title>File</title><link>file:///etc/passwd</link></item></channel></rss>"""
ATOM = """<feed xmlns="http://www.w3.org/2005/Atom"><title>x</title><entry><title>a</title><id>tag:1</id>
<link rel="edit" href="https://news.example/edit/a"/><link rel="alternate" href="https://news.example/a"/></entry></feed>"""
RDF = """<?xml version="1.0"?><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/">
<item rdf:about="https://news.example/r"><title>r</title><link>https://news.example/r</link></item></rdf:RDF>"""


@pytest.mark.parametrize("enc", ["utf-8", "iso-8859-1", "utf-16"])
def test_rss_gives_each_web_address_once(enc: str) -> None:
    content = RSS.format(enc=enc).encode(enc)
    assert media_of(content) is Media.FEED
    got = read_feed(content, name="x", url="https://news.example/feed")
    assert got == ("https://news.example/one", "https://news.example/two")


def test_atom_and_rdf() -> None:
    assert read_feed(ATOM.encode(), name="x") == ("https://news.example/a",)
    assert read_feed(RDF.encode(), name="x") == ("https://news.example/r",)


def test_a_feed_with_a_fault_still_gives_its_entries() -> None:
    broken = RSS.format(enc="utf-8").replace("<title>Again</title>", "<title>Salt & pepper &nbsp;</title>")
    assert "https://news.example/one" in read_feed(broken.encode(), name="x", url="https://news.example/")


LAUGHS = (
    '<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY a "ha">'
    + "".join(f'<!ENTITY a{n} "{("&a" + (str(n - 1) if n else "") + ";") * 10}">' for n in range(10))
    + ']><rss version="2.0"><channel><item><title>&a9;</title><link>https://news.example/x</link></item></channel></rss>'
)


@pytest.mark.parametrize("enc", ["utf-8", "utf-16", "utf-16-le"])
def test_bombs_are_refused_at_once(enc: str) -> None:
    begun = time.monotonic()
    with pytest.raises(ArticleError, match="entities"):
        read_feed(LAUGHS.encode(enc), name="x")
    assert time.monotonic() - begun < 1


def test_a_feed_reads_no_file(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("https://secret.example/")
    text = f'<!DOCTYPE rss [<!ENTITY x SYSTEM "{secret.as_uri()}">]><rss version="2.0"><channel><item><link>&x;</link></item></channel></rss>'
    with pytest.raises(ArticleError, match="entities"):
        read_feed(text.encode(), name="x")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("<?xml version='1.0'?><rss version='2.0'><channel></channel></rss>", "no article"),
        ("<?xml version='1.0'?><note>hi</note>", "no RSS or Atom"),
        ("https://news.example/feed", "no RSS or Atom"),
        ("/etc/passwd", "no RSS or Atom"),
    ],
)
def test_what_is_no_feed(text: str, reason: str) -> None:
    with pytest.raises(ArticleError, match=reason):
        read_feed(text.encode(), name="x")


def test_a_feed_is_cut_at_the_limit() -> None:
    items = "".join(f"<item><link>https://news.example/{n}</link></item>" for n in range(MOST_ENTRIES + 50))
    got = read_feed(f"<rss version='2.0'><channel>{items}</channel></rss>".encode(), name="x")
    assert len(got) == MOST_ENTRIES


def test_lists_of_addresses() -> None:
    text = """# what to read
https://news.example/a
  - http://news.example/b   the second one
<https://news.example/c>

HTTPS://news.example/d
https://news.example/a
"""
    assert read_addresses(text) == (
        "https://news.example/a",
        "http://news.example/b",
        "https://news.example/c",
        "HTTPS://news.example/d",
    )


@pytest.mark.parametrize(
    "text",
    [
        "",
        "# only a remark",
        "See https://news.example/a for more.",
        "https://news.example/a\nA story begins here.",
    ],
)
def test_other_texts_are_no_lists(text: str) -> None:
    assert read_addresses(text) == ()


@pytest.mark.parametrize(
    "text",
    [
        "1. https://a.example/1\n2) https://a.example/2\n",
        "The crane https://a.example/1\nThe ferry: https://a.example/2\n",
        'name,url\nCrane,https://a.example/1\n"Ferry, old",https://a.example/2\n',
        "Link;Day\nhttps://a.example/1;today\nhttps://a.example/2;tomorrow\n",
        "- [The crane](https://a.example/1)\n- [The ferry](https://a.example/2)\n",
        "\ufeffhttps://a.example/1\nhttps://a.example/2\n",
    ],
)
def test_spellings_of_a_list(text: str) -> None:
    assert read_addresses(text) == ("https://a.example/1", "https://a.example/2")


def test_a_shortcut_and_a_bare_host() -> None:
    shortcut = "[InternetShortcut]\r\nURL=https://a.example/1\r\nIconIndex=0\r\n"
    assert read_addresses(shortcut) == ("https://a.example/1",)
    assert read_addresses("www.a.example/1\n") == ("https://www.a.example/1",)


@pytest.mark.parametrize(
    "text",
    [
        "The crane opened. Read more at https://a.example/1.\n",
        "https://a.example/1\nThe crane opened in the harbour today.\n",
        "See https://a.example/1 for the crane.\n",
        "name,url\nCrane,none\n",
        "",
    ],
)
def test_texts_that_are_no_lists(text: str) -> None:
    assert read_addresses(text) == ()


def test_an_entry_without_an_address_brings_its_own_text(tmp_path: Path) -> None:
    text = (
        "The Quixel camera costs 431 dollars, and the port of the town has bought nine of them for its cranes. "
        * 3
    )
    feed = (
        "<?xml version='1.0'?><rss version='2.0'><channel><title>Port News</title><item><title>A camera</title>"
        f"<guid isPermaLink='false'>7</guid><pubDate>Sat, 02 May 2026 10:00:00 GMT</pubDate>"
        f"<description>&lt;p&gt;{text}&lt;/p&gt;&lt;script&gt;x()&lt;/script&gt;</description></item></channel></rss>"
    )
    path = tmp_path / "feed.xml"
    path.write_text(feed, "utf-8")
    home = tmp_path / "home"
    assert add([path], home=home).added == ("a-camera",)
    article = Shelf(home).read()["a-camera"].article
    assert (article.title, article.publisher, str(article.published)) == (
        "A camera",
        "Port News",
        "2026-05-02",
    )
    assert article.text == text.strip() + "\n"
    assert article.url is None
    assert len(add([path], home=home).unchanged) == 1
