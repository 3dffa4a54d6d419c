"""What a web page says about itself in its head: title, publisher, authors and dates."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlsplit

from corpus.extract import as_day, clean_line

_ARTICLE_TYPES = ("article", "posting", "report", "review", "newsarticle")
_PUBLISHED = (
    "article:published_time", "og:article:published_time", "datepublished", "parsely-pub-date", "sailthru.date", "pubdate",
    "publishdate", "publish-date", "publish_date", "publication_date", "date.issued", "dc.date.issued", "dcterms.issued",
    "dcterms.created", "dc.date", "dc.date.created", "dcterms.date", "citation_publication_date", "cxenseparse:recs:publishtime",
    "article.published", "bt:pubdate", "originalpublicationdate", "date",
)  # fmt: skip
_MODIFIED = (
    "article:modified_time",
    "og:updated_time",
    "datemodified",
    "dcterms.modified",
    "last-modified",
    "lastmod",
)
_URL_DATE = re.compile(r"/((?:19|20)\d{2})[/-]?(0[1-9]|1[0-2])[/-]?(0[1-9]|[12]\d|3[01])(?:[/-]|$)")
_NO_PERSON = re.compile(r"https?://|@|^(?:admin|editor|staff|redaktion|newsroom|unknown|null|none)$", re.I)
_LONGEST_FACT = 1000
"""Characters of a title or a name that are looked at."""

_PARTS = re.compile(r"\s+[|\-–—·•:»«]\s+|\s*\|\s*")


@dataclass(frozen=True, slots=True)
class Facts:
    """What a page's head says.

    Attributes:
        titles: candidates, the most trusted first.
        page_title: the <title>, often with the site's name in it.
        publisher: name of the site, or its host, or "".
        authors: people, as named.
        published: day of publication.
        updated: day of the last change, if later.
    """

    titles: tuple[str, ...]
    page_title: str
    publisher: str
    authors: tuple[str, ...]
    published: date | None
    updated: date | None

    def best_title(self, headings: list[str]) -> str:
        """Choose the title from the head's candidates and the page's first-level headings."""
        for candidate in self.titles:
            if plain := self._without_site(candidate):
                return plain
        whole = self._without_site(self.page_title)
        # Sites set their own name, a section or a box in a first-level heading too: the title of the window decides.
        shared = [h for h in headings if h and (h.casefold() in self.page_title.casefold())]
        named = [h for h in shared if h.casefold() != self.publisher.casefold()]
        if named:
            return max(named, key=len)
        others = [h for h in headings if h and h.casefold() != self.publisher.casefold()]
        if whole and whole.casefold() != self.publisher.casefold():
            return whole
        return others[0] if others else ""

    def _without_site(self, title: str) -> str:
        """Take the site's name off the end or the start of a title."""
        parts = _PARTS.split(title)
        if len(parts) == 1:
            return title
        site = _plain(self.publisher)
        for cut in (-1, 0):
            words = _plain(parts[cut])
            if site and words and (words == site or (len(words) > 3 and (words in site or site in words))):
                bare = title[: title.rfind(parts[cut])] if cut else title[len(parts[0]) :]
                return self._without_site(bare.strip(" |-–—·•:»«"))
        return title


def read_facts(tree: Any, url: str | None) -> Facts:
    """Read a page's head and its marked-up dates; the page's visible text is not read.

    Args:
        tree: the parsed page.
        url: where it came from.
    """
    metas = _metas(tree)
    article, site = _linked_data(tree)
    publisher = clean_line(_name(article.get("publisher")) or metas.get("og:site_name", "") or _name(site))
    publisher = publisher or clean_line(metas.get("application-name", "") or metas.get("dc.publisher", ""))
    titles = [
        article.get("headline") or article.get("name"),
        metas.get("og:title"),
        metas.get("twitter:title"),
    ]
    titles += [metas.get("dc.title"), metas.get("citation_title")]
    page_title = clean_line((tree.findtext(".//title") or "")[:_LONGEST_FACT])
    host = re.sub(r"^www\.", "", urlsplit(url).hostname or "") if url else ""
    published = as_day(article.get("datePublished")) or as_day(article.get("dateCreated"))
    published = published or _first_day(metas, _PUBLISHED) or _marked_up_day(tree) or _day_in(url)
    published = published or _day_by_guess(tree, url)
    updated = as_day(article.get("dateModified")) or _first_day(metas, _MODIFIED)
    return Facts(
        titles=tuple(
            clean_line(title[:_LONGEST_FACT]) for title in titles if isinstance(title, str) and title.strip()
        ),
        page_title=page_title,
        publisher=publisher or host,
        authors=_authors(article, metas, publisher),
        published=published,
        updated=updated if updated and (published is None or updated > published) else None,
    )


def _metas(tree: Any) -> dict[str, str]:
    found: dict[str, str] = {}
    for meta in tree.iter("meta"):
        name = (meta.get("property") or meta.get("name") or meta.get("itemprop") or "").strip().lower()
        value = (meta.get("content") or "").strip()
        if name and value:
            found.setdefault(name, value[:_LONGEST_FACT])
    return found


def _linked_data(tree: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the article and the site of the page's JSON-LD, each {} if there is none."""
    article: dict[str, Any] = {}
    site: dict[str, Any] = {}
    for script in tree.iter("script"):
        if "ld+json" not in (script.get("type") or ""):
            continue
        try:
            # strict=False: sites leave line breaks in their strings.
            loaded = json.loads((script.text or "").strip().rstrip(";"), strict=False)
        except (ValueError, RecursionError):
            continue
        for node in _nodes(loaded, 0):
            kinds = " ".join(str(kind) for kind in _listed(node.get("@type"))).lower()
            if not article and any(kind in kinds for kind in _ARTICLE_TYPES) and "collection" not in kinds:
                article = node
            elif not site and ("organization" in kinds or "website" in kinds):
                site = node
    return article, site


def _nodes(value: Any, depth: int) -> Iterator[dict[str, Any]]:
    if depth > 5:
        return
    if isinstance(value, list):
        for entry in value[:200]:
            yield from _nodes(entry, depth + 1)
    elif isinstance(value, dict):
        yield value
        for key in ("@graph", "mainEntity", "mainEntityOfPage", "itemListElement"):
            yield from _nodes(value.get(key), depth + 1)


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _name(value: Any) -> str:
    for entry in _listed(value):
        name = entry.get("name") if isinstance(entry, dict) else entry
        for one in _listed(name):
            if isinstance(one, str) and one.strip() and not one.startswith("http"):
                return one[:_LONGEST_FACT]
    return ""


def _authors(article: dict[str, Any], metas: dict[str, str], publisher: str) -> tuple[str, ...]:
    names = [_name(entry) for entry in _listed(article.get("author"))]
    if not any(names):
        said = metas.get("author") or metas.get("article:author") or metas.get("parsely-author")
        said = said or metas.get("dc.creator") or metas.get("byl") or ""
        names = re.split(r"\s*(?:;|,| and | und | et | y )\s*", clean_line(said)) if said else []
    found = []
    for name in names:
        plain = re.sub(r"^(?:by|von|par|por)\s+", "", clean_line(name), flags=re.I)
        if (
            plain
            and len(plain) <= 80
            and not _NO_PERSON.search(plain)
            and plain.casefold() != publisher.casefold()
        ):
            found.append(plain)
    return tuple(dict.fromkeys(found))


def _first_day(metas: dict[str, str], names: tuple[str, ...]) -> date | None:
    return next((day for name in names if (day := as_day(metas.get(name)))), None)


def _marked_up_day(tree: Any) -> date | None:
    """Return the day of an element that is marked as the date of publication, or of the only <time> before the text."""
    for element in tree.iter():
        marks = (
            f"{element.get('itemprop', '')} {element.get('class', '')}".lower()
            if isinstance(element.tag, str)
            else ""
        )
        marked = "datepublished" in marks or "pubdate" in element.attrib or "dt-published" in marks
        if marked and (day := as_day(element.get("datetime") or element.get("content") or element.text)):
            return day
    for holder in [*tree.iter("article"), *tree.iter("main"), tree]:
        for element in holder.iter("time"):
            in_box = any(parent.tag in ("aside", "nav", "footer", "li") for parent in element.iterancestors())
            if not in_box and (day := as_day(element.get("datetime"))):
                return day
    return None


def _day_in(url: str | None) -> date | None:
    found = _URL_DATE.search(urlsplit(url).path) if url else None
    return as_day("-".join(found.groups())) if found else None


def _day_by_guess(tree: Any, url: str | None) -> date | None:
    """Return the day of a dateline, in any of the ways that sites write one; never a date from the running text."""
    import copy

    from htmldate import find_date

    try:
        # A copy, since the search takes the page apart; without the boxes, whose dates are of other articles.
        page = copy.deepcopy(tree)
        for box in [element for tag in ("aside", "nav", "footer", "ul", "ol") for element in page.iter(tag)]:
            if box.getparent() is not None:
                box.drop_tree()
        return as_day(find_date(page, url=url, extensive_search=False, original_date=True))
    except Exception:  # a date that cannot be found is no reason to lose the page
        return None


def _plain(text: str) -> str:
    return re.sub(r"\W+", "", text.casefold())
