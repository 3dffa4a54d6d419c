"""The article: a text that never changes once read, and what is known of where it comes from."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum


class Kind(StrEnum):
    """What sort of source an article is."""

    STATEMENT = "company statement"
    REPORTING = "reporting"
    ANALYSIS = "analysis"
    RUMOUR = "rumour"
    BRIEF = "brief"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Article:
    """A source article.

    `text` is the body exactly as it will be quoted: every offset in the product counts its characters
    (Python code points), from 0, end exclusive. It never contains front matter.

    Attributes:
        id: unique in its library; the path below the folder, without suffix, "/" between parts.
        title: one line.
        publisher: who published it, or "" when unknown.
        url: http(s) address of the article, or None.
        published: day of publication, or None when unknown.
        updated: day of the last correction, or None.
        kind: what sort of source it is.
        text: the body.
        based_on: the reports it rests on, as readable references.
        authors: as named by the source.
        also_published_by: further publishers that carry this report. It says nothing of the text, and is no part of
            the digest.
        digest: sha256 (hex) over the rest but `id`; set by itself.
    """

    id: str
    title: str
    publisher: str
    url: str | None
    published: date | None
    updated: date | None
    kind: Kind
    text: str
    based_on: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    also_published_by: tuple[str, ...] = field(default=(), compare=False)
    digest: str = field(init=False)

    def __post_init__(self) -> None:
        """Fill in the digest."""
        content = [
            self.title,
            self.publisher,
            self.url,
            self.published.isoformat() if self.published else None,
            self.updated.isoformat() if self.updated else None,
            self.kind.value,
            self.text,
            list(self.based_on),
            list(self.authors),
        ]
        # surrogatepass: a lone surrogate in a text must not stop a rebuild.
        data = json.dumps(content, ensure_ascii=False).encode("utf-8", "surrogatepass")
        object.__setattr__(self, "digest", hashlib.sha256(data).hexdigest())


@dataclass(frozen=True, slots=True)
class Skipped:
    """A file that is no article, and why."""

    path: str
    reason: str


@dataclass(frozen=True, slots=True)
class Launch:
    """What the product knows of the launch itself: its names, for telling topic from answer, and the page's words."""

    name: str
    aliases: tuple[str, ...] = ()
    company: str = ""
    company_names: tuple[str, ...] = ()
    tagline: str = ""
    example_questions: tuple[str, ...] = ()
