"""Feeds and lists of addresses: where the articles are, not the articles."""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Any
from urllib.parse import urljoin

from corpus.errors import ArticleError
from corpus.media import decode_text
from corpus.readers import safe_url

MOST_ENTRIES = 200
_BULLET = re.compile(r"(?:[-*•]|\d{1,4}[.):])\s+")
_LINK = re.compile(r"\[[^\]]{0,300}\]\((https?://[^\s)]+)\)", re.IGNORECASE)
_COLUMNS = ("url", "link", "address", "href", "web")
_ADDRESS = re.compile(r"https?://\S+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry whose text stands in the feed and nowhere else.

    Attributes:
        key: tells it from the feed's others, and stays the same.
        page: it as a web page, in UTF-8.
    """

    key: str
    page: bytes


def read_feed(content: bytes, *, name: str, url: str | None = None) -> tuple[str | Entry, ...]:
    """Return the addresses of an RSS or Atom feed's entries, in its order, each once.

    An entry without an address that brings its text is given as an `Entry`.

    Args:
        name: the feed's file or address, for the error.
        url: where it came from, for addresses that it gives in part.

    Raises:
        ArticleError: not a feed, with entity definitions (which no feed needs and bombs are made of), or empty.
    """
    import feedparser

    text = decode_text(content)
    if "<!ENTITY" in text.upper():
        raise ArticleError(name, "the feed defines entities of its own, which is not taken")
    # As UTF-8 without its old declaration: what was checked is what is parsed. A stream, because feedparser would
    # fetch or open what looks like an address or a file name.
    text = re.sub(r"^\s*<\?xml[^>]*\?>", "", text.lstrip("\ufeff"))
    parsed = feedparser.parse(io.BytesIO(text.encode("utf-8", "replace")), sanitize_html=False)
    if not parsed.get("version"):
        raise ArticleError(name, "it is XML, but no RSS or Atom feed")
    found: list[str | Entry] = []
    for entry in parsed.entries:
        link = entry.get("link") or (entry.get("id") if str(entry.get("id", "")).startswith("http") else "")
        address = safe_url(urljoin(url or "", str(link).strip())) if link else None
        whole = address or _whole(entry, str(parsed.feed.get("title") or ""))
        if whole and whole not in found:
            found.append(whole)
    if not found:
        raise ArticleError(name, "the feed names no article")
    return tuple(found[:MOST_ENTRIES])


def _whole(entry: Any, publisher: str) -> Entry | None:
    texts = [str(part.get("value") or "") for part in entry.get("content") or ()]
    text = max([*texts, str(entry.get("summary") or "")], key=len)
    if not text.strip():
        return None
    title, day = str(entry.get("title") or ""), entry.get("published_parsed")
    published = f"{day.tm_year:04}-{day.tm_mon:02}-{day.tm_mday:02}" if day else ""
    facts = {
        "og:title": title,
        "og:site_name": publisher,
        "author": str(entry.get("author") or ""),
        "article:published_time": published,
    }
    metas = "".join(f'<meta name="{name}" content="{escape(fact)}">' for name, fact in facts.items() if fact)
    page = (
        f"<!doctype html><html><head><meta charset=utf-8><title>{escape(title)}</title>{metas}</head>"
        f"<body><article><h1>{escape(title)}</h1><div>{text}</div></article></body></html>"
    ).encode("utf-8", "replace")
    named = str(entry.get("id") or title) or text
    return Entry(hashlib.sha256(named.encode("utf-8", "replace")).hexdigest()[:12], page)


def read_addresses(text: str) -> tuple[str, ...]:
    """Return the addresses of a list, one a line, or () if the text is anything else.

    Empty lines and lines that begin with "#" are skipped. A line may have a number or a bullet before the address and
    a remark after it, or a title before it. A table with a column of addresses (CSV) and a browser's shortcut
    (.url) are lists too.
    """
    if text.lstrip("\ufeff \t\r\n").startswith("<"):
        return ()  # Markup names its addresses for another purpose.
    lines = [line.strip() for line in text.lstrip("\ufeff").splitlines()]
    lines = [line for line in lines if line and not line.startswith("#")]
    if lines and lines[0].lower() == "[internetshortcut]":
        lines = [line[4:] for line in lines if line.lower().startswith("url=")]
    found = _column(lines) or [_in_line(line) for line in lines]
    return tuple(dict.fromkeys(a for a in found if a)) if all(found) else ()


def _in_line(line: str) -> str:
    """The one address of a line of a list, or ""."""
    line = _BULLET.sub("", line).strip("<> \t")
    if link := _LINK.fullmatch(line):
        return link[1]
    if line.lower().startswith("www."):
        line = f"https://{line}"
    match = _ADDRESS.search(line)
    if match is None:
        return ""
    before, after = line[: match.start()].strip(), line[match.end() :].strip()
    # A sentence that ends with an address is none of a list.
    title = before and (after or len(before) > 100 or before[-1] in ".!?;(" or line[-1] in ".!?)")
    if title or len(after) > 120 or _ADDRESS.search(after):
        return ""
    return match[0].rstrip(">,;")


def _column(lines: Sequence[str]) -> list[str]:
    """The addresses of a table whose first row names the column, or []."""
    head = lines[0] if lines else ""
    sign = next((sign for sign in "\t;," if sign in head), "")
    names = [name.strip(' "').lower() for name in head.split(sign)] if sign else []
    place = next((names.index(name) for name in _COLUMNS if name in names), None)
    if place is None:
        return []
    try:
        rows = list(csv.reader(lines[1:], delimiter=sign))
    except csv.Error:
        return []
    cells = [row[place].strip() if len(row) > place else "" for row in rows]
    return cells if all(_ADDRESS.fullmatch(cell) for cell in cells) else []
