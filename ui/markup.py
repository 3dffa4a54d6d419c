"""Escaping and the small pieces of markup that every part of the page shares. Pure.

Every character that comes from an article, a question or a model goes through `plain` or `attribute`, so none of it
can become markup. Foreign text stands in elements of its own with dir="auto" or in <bdi>, which also keeps direction
controls inside it from turning the words around it.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Sequence
from datetime import date
from urllib.parse import urlsplit

from corpus.models import Article, Kind

_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")

_TURNING = re.compile("[\u202a-\u202e\u2066-\u2069]")


def plain(text: str) -> str:
    """Text as HTML that shows it and does nothing else."""
    return html.escape(printable(text), quote=True)


def printable(text: str) -> str:
    """Text without what no page can show."""
    return _UNPRINTABLE.sub("\ufffd", text)


def name(text: str) -> str:
    """A title, a publisher or the name of a file as HTML: what would turn the order of its letters is seen instead.

    In running text such controls may be meant; in a name they make "exe.png" of "gnp.exe".
    """
    return plain(_TURNING.sub(lambda found: f"[U+{ord(found.group()):04X}]", text))


def attribute(value: object) -> str:
    """A value as the inside of a double-quoted attribute; anything but a string as JSON."""
    return plain(value if isinstance(value, str) else json.dumps(value, ensure_ascii=True))


def safe_url(url: str | None) -> str | None:
    """The address if it is plain http or https with a host, else None."""
    if not url or re.search(r"[\s\x00-\x1f\x7f\\]", url):
        return None
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        return None
    return url if parts.scheme.lower() in ("http", "https") and host else None


def external_link(url: str | None, words: str) -> str:
    """A link that opens apart and tells the other site nothing, or "" for an address that is not safe."""
    safe = safe_url(url)
    if safe is None:
        return ""
    return (
        f'<a class="out" href="{plain(safe)}" target="_blank" rel="noopener noreferrer">{plain(words)}'
        '<span class="sr"> (opens in a new tab)</span></a>'
    )


def spoken_date(day: date | None) -> str:
    """A day as people write it, or "undated"."""
    return f"{day.day} {day:%B %Y}" if day else "undated"


def counted(number: int, one: str, many: str) -> str:
    """A number with its noun: 1 article, 6 articles."""
    return f"{number:,} {one if number == 1 else many}"


def byline(publisher: str, published: date | None, kind: str = "") -> str:
    """Publisher and date of a source, each in its own direction."""
    day = (
        f'<time datetime="{published.isoformat()}">{spoken_date(published)}</time>'
        if published
        else "undated"
    )
    who = f'<bdi class="publisher">{name(publisher)}</bdi>' if publisher else ""
    what = plain(kind) if kind and kind != Kind.UNKNOWN.value else ""
    return '<span class="dot" aria-hidden="true"> · </span>'.join(x for x in (who, day, what) if x)


def carriers(publishers: Sequence[str]) -> str:
    """The line that says who else carries a report, each name in its own direction; "" where nobody does."""
    if not publishers:
        return ""
    names = ", ".join(f"<bdi>{name(publisher)}</bdi>" for publisher in publishers)
    return f'<p class="byline also">Also carried by {names}</p>'


def article_button(article: Article) -> str:
    """A title that opens the article's text."""
    return (
        f'<button type="button" class="open" data-article="{plain(article.id)}" '
        f'data-digest="{article.digest}" dir="auto">{name(article.title)}</button>'
    )
