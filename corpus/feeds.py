"""Feeds and lists of addresses: where the articles are, not the articles."""

from __future__ import annotations

import io
import re
from urllib.parse import urljoin

from corpus.errors import ArticleError
from corpus.media import decode_text
from corpus.readers import safe_url

MOST_ENTRIES = 200
_ADDRESS = re.compile(r"https?://\S+", re.IGNORECASE)


def read_feed(content: bytes, *, name: str, url: str | None = None) -> tuple[str, ...]:
    """Return the addresses of an RSS or Atom feed's entries, in its order, each once.

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
    found: list[str] = []
    for entry in parsed.entries:
        link = entry.get("link") or (entry.get("id") if str(entry.get("id", "")).startswith("http") else "")
        address = safe_url(urljoin(url or "", str(link).strip())) if link else None
        if address and address not in found:
            found.append(address)
    if not found:
        raise ArticleError(name, "the feed names no article")
    return tuple(found[:MOST_ENTRIES])


def read_addresses(text: str) -> tuple[str, ...]:
    """Return the addresses of a list, one a line, or () if the text is anything else.

    Empty lines and lines that begin with "#" are skipped; after the address a remark may follow.
    """
    found: list[str] = []
    for line in text.splitlines():
        line = line.strip().removeprefix("- ").removeprefix("* ").strip("<> \t")
        if not line or line.startswith("#"):
            continue
        match = _ADDRESS.match(line)
        if not match or len(line) - match.end() > 120:
            return ()
        found.append(match[0].rstrip(">,;"))
    return tuple(dict.fromkeys(found))
