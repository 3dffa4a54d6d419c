"""What was taken out of a page or document, and the tidying of its text."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

_EARLIEST = date(1990, 1, 1)
# Invisible signs: soft hyphen, zero-width space, word joiner and byte order mark, direction overrides, tags. They
# break searches and quotes, and hide words from the reader. The joiners U+200C and U+200D stay: scripts need them.
_INVISIBLE = re.compile(
    "[\u00ad\u200b\u200e\u200f\u2060-\u2064\ufeff\u202a-\u202e\u2066-\u2069\ufff9-\ufffb\U000e0000-\U000e007f]"
)
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_SPACES = re.compile(r"[^\S\n]+")


@dataclass(frozen=True, slots=True)
class Extract:
    """The parts of an article as a page or document gives them.

    Attributes:
        title: one line, or "" when there is none.
        text: paragraphs with an empty line between them; headings begin with "## ", list items with "- ".
        publisher: name of the site or house, or "".
        url: the address that the page itself names as its own, or None.
        published: day of publication, or None.
        updated: day of the last change, if later than that.
        authors: as named.
    """

    title: str
    text: str
    publisher: str = ""
    url: str | None = None
    published: date | None = None
    updated: date | None = None
    authors: tuple[str, ...] = ()


def clean_line(text: str) -> str:
    """Make one line of any text: no invisible signs, no control characters, single spaces."""
    text = _CONTROL.sub(" ", _INVISIBLE.sub("", text.replace("\n", " ").replace("\r", " ")))
    return _SPACES.sub(" ", unicodedata.normalize("NFC", text)).strip()


def as_day(value: object) -> date | None:
    """Return the day of a timestamp as machines write it, or None if it is none or cannot be true."""
    if isinstance(value, datetime):
        day: date | None = value.date()
    else:
        found = re.match(r"\s*(\d{4})-?(\d{2})-?(\d{2})(?!\d)", str(value or ""))
        try:
            day = date(*(int(part) for part in found.groups())) if found else None
        except ValueError:
            return None
    # Clocks of sites run ahead by a time zone, not by more; older dates than the web's are placeholders.
    latest = datetime.now(UTC).date() + timedelta(days=2)
    return day if day and _EARLIEST <= day <= latest else None
