"""Web pages to the parts of an article: title, publisher, authors, dates and clean text.

trafilatura finds the body. Before it the page loses what a reader does not see or did not come for; after it
come the lines that stay behind in the body: calls to share and subscribe, notices, credits.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from urllib.parse import urljoin, urlsplit

from lxml import etree
from lxml import html as lxml_html

from corpus.boilerplate import drop_boilerplate, is_boilerplate
from corpus.errors import ArticleError
from corpus.extract import Extract, clean_line
from corpus.hiding import hidden_names, hides
from corpus.media import decode_text
from corpus.page_facts import read_facts
from corpus.readers import safe_url

_LINE_BREAK = "\u2028"
LEAST_CHARS = 140
"""A page with less text than this many characters holds no article, but a notice that it is elsewhere."""

# Its warnings about pages without text are our errors; without a handler they would go to the terminal.
logging.getLogger("trafilatura").addHandler(logging.NullHandler())
_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")
_SCREEN_READER = re.compile(
    r"(?:^|\s)(?:sr-only|visually-?hidden|screen-reader-text|u-hidden|is-hidden|d-none)(?:\s|$)", re.I
)
_ROLES = frozenset(
    [
        "navigation",
        "banner",
        "contentinfo",
        "complementary",
        "search",
        "dialog",
        "alertdialog",
        "menu",
        "menubar",
        "toolbar",
    ]
)
_FURNITURE = re.compile(
    r"(?:^|[\s_-])(?:nav|navbar|navigation|menu|sidebar|masthead|footer|cookies?|consent|gdpr|ccpa|cmp|newsletter|share|sharing|social|comments?|disqus|related|recirc\w*"
    r"|recommend\w*|read-?more|read-?next|most-?read|trending|promo\w*|advert\w*|ads?|sponsor\w*|outbrain|taboola|subscribe"
    r"|subscription|paywall|regwall|signup|sign-up|breadcrumbs?|byline|author-?bio|tags?|topics|toolbar|modal|popup|overlay"
    r"|app-?banner|inline-?links?|more-?on|caption|credit|toc)(?:[\s_-]|$)",
    re.I,
)
_NO_TEXT = frozenset(
    ["script", "style", "noscript", "template", "iframe", "svg", "button", "select", "object", "embed"]
)
_BOXES = frozenset(
    [
        "nav",
        "footer",
        "form",
        "dialog",
        "menu",
        "amp-ad",
        "amp-embed",
        "amp-sidebar",
        "amp-consent",
        "amp-sticky-ad",
    ]
)
_HOLDERS = frozenset(["td", "ul", "ol", "div", "section", "dl", "center"])
_LONGEST_NAMES = 500
"""Characters of an attribute of class names that are looked at."""

_MOST_ELEMENTS = 4000
"""Above this trafilatura tries no second way of its own, whose cost grows with the square of the page."""

_LARGEST_FURNITURE = 0.3
_MOST_LINKED = 0.8


def read_page(content: bytes, *, url: str | None = None, charset: str | None = None) -> Extract:
    """Read a web page.

    Args:
        content: the page as it came.
        url: where it came from, for links that the page gives in part.
        charset: the encoding that the server named.

    Raises:
        ArticleError: no article in it; its path is the address or "page".
    """
    shown = url or "page"
    tree = _parse(decode_text(content, declared=charset))
    if tree is None:
        raise ArticleError(shown, "it is not a page that can be read")
    facts = read_facts(tree, url)
    _drop_unseen(tree)
    h1 = [clean_line("".join(h.itertext())) for h in tree.iter("h1")]
    _drop_furniture(tree)
    title = facts.best_title(h1)
    blocks = drop_boilerplate(
        _blocks(_body(tree, url)), title=title, authors=facts.authors, publisher=facts.publisher
    )
    text = "\n\n".join(blocks)
    if _weight(text) < LEAST_CHARS:
        raise ArticleError(
            shown,
            "the page shows no article text (a paywall, a cookie wall or a page made by scripts); "
            "save it from a browser where it is readable and add the file",
        )
    return Extract(
        title=title or _first_words(blocks),
        text=text + "\n",
        publisher=facts.publisher,
        url=_own_address(tree, url) or safe_url(url),
        published=facts.published,
        updated=facts.updated,
        authors=facts.authors,
    )


def _parse(text: str) -> lxml_html.HtmlElement | None:
    text = _DECLARATION.sub("", text.replace("\x00", ""))
    # Comments often hold drafts and older versions of the text.
    parser = lxml_html.HTMLParser(remove_comments=True, remove_pis=True, encoding="utf-8", huge_tree=False)
    try:
        return lxml_html.document_fromstring(text.encode("utf-8", "replace"), parser=parser)
    except (etree.LxmlError, ValueError, AssertionError):
        return None


def _drop_unseen(tree: lxml_html.HtmlElement) -> None:
    """Take out what a browser does not show: it may be an old draft, a trap for machines, or a note to them."""
    classes, ids = hidden_names(style.text or "" for style in tree.iter("style"))
    veiled: list[lxml_html.HtmlElement] = []
    for element in list(tree.iter(etree.Element)):
        if element.getparent() is None or element.tag in ("html", "body"):
            continue
        names = element.get("class", "")
        if (
            "hidden" in element.attrib
            or hides(element.get("style", ""))
            or _SCREEN_READER.search(names)
            or element.get("id") in ids
            or not classes.isdisjoint(names.split())
            or (element.get("width") == "0" and element.get("height") == "0")
        ):
            _drop(element)
        elif element.get("aria-hidden") == "true":
            veiled.append(element)
    # An open cookie box marks the whole page behind it as hidden, so this mark alone does not cost the article.
    lengths = _lengths(tree) if veiled else {}
    for element in veiled:
        if lengths.get(element, 0) < 0.5 * lengths[tree]:
            _drop(element)


def _drop_furniture(tree: lxml_html.HtmlElement) -> None:
    """Take out navigation, notices and boxes by what the page calls them, unless that would take the article."""
    lengths = _lengths(tree)
    linked = _lengths(tree, only_links=True)
    largest = _LARGEST_FURNITURE * max(1, lengths[tree])
    for element in list(lengths):
        if element.getparent() is None or element.tag in ("html", "body", "head", "main", "article"):
            continue
        if element.tag == "table" and any(True for _ in element.iter("p", "div", "h1", "table", "br")):
            # A table that only lays out the page: its cells are columns.
            for part in [element, *element.iter("thead", "tbody", "tfoot", "tr", "td", "th", "caption")]:
                part.tag = "div"
        named = f"{element.get('class', '')[:_LONGEST_NAMES]} {element.get('id', '')[:_LONGEST_NAMES]}"
        small = lengths[element] < largest
        if (
            element.tag in _NO_TEXT
            or (
                small and (element.tag in _BOXES or element.get("role") in _ROLES or _FURNITURE.search(named))
            )
            or (
                # A column or list of bare links, in pages that have no names for their parts.
                small
                and element.tag in _HOLDERS
                and linked[element] > _MOST_LINKED * lengths[element]
                and sum(1 for _ in element.iter("a")) > 1
            )
        ):
            _drop(element)


def _body(tree: lxml_html.HtmlElement, url: str | None) -> etree._Element:
    import trafilatura

    large = sum(1 for _ in tree.iter(etree.Element)) > _MOST_ELEMENTS
    try:
        # deduplicate stays off: it remembers across pages, so the same page would give another text the next time.
        found = trafilatura.bare_extraction(
            tree,
            url=url,
            fast=large,
            include_comments=False,
            include_tables=True,
            deduplicate=False,
            with_metadata=False,
        )
    except Exception:  # any fault in a page's markup is the page's, and the other files go on
        found = None
    body = getattr(found, "body", None)
    return body if body is not None else etree.Element("body")


def _blocks(body: etree._Element) -> Iterator[str]:
    """Yield the paragraphs of trafilatura's tree."""
    for element in body:
        tag = element.tag
        if tag == "head":
            yield "## " + clean_line("".join(element.itertext()))
        elif tag == "list":
            for item in element.iter("item"):
                line = clean_line("".join(item.itertext()))
                if line:
                    yield "- " + line
        elif tag == "table":
            for row in element.iter("row"):
                cells = [clean_line("".join(cell.itertext())) for cell in row.iter("cell")]
                yield " | ".join(cell for cell in cells if cell)
        elif tag in ("quote", "div") and len(element):
            yield clean_line(element.text or "")
            yield from _blocks(element)
        else:
            yield from _lines(element)
        if element.tail and element.tail.strip():
            yield clean_line(element.tail)


def _lines(element: etree._Element) -> Iterator[str]:
    """Yield one paragraph, or several where two line breaks in a row part them."""
    pieces: list[str] = [element.text or ""]
    for child in element:
        pieces.append(_LINE_BREAK if child.tag == "lb" else "".join(child.itertext()))
        pieces.append(child.tail or "")
    for part in re.split(rf"{_LINE_BREAK}\s*{_LINE_BREAK}", "".join(pieces)):
        yield clean_line(part.replace(_LINE_BREAK, " "))


def _own_address(tree: lxml_html.HtmlElement, url: str | None) -> str | None:
    """Return the address that a page names as its own, if it is on the site that the page came from."""
    for element in tree.iter("link"):
        if "canonical" in element.get("rel", "").lower().split():
            own = safe_url(_joined(url, element.get("href", "").strip()))
            # Some sites name their front page on every page of theirs.
            front = own is not None and _is_front(own) and not (url and _is_front(url))
            if own and not front and (url is None or _site(own) == _site(url)):
                return own
    return None


def _is_front(url: str) -> bool:
    parts = urlsplit(url)
    return parts.path.strip("/") == "" and not parts.query


def _joined(url: str | None, href: str) -> str:
    try:
        return urljoin(url or "", href)
    except ValueError:
        return ""


def _site(url: str) -> str:
    return re.sub(r"^(?:www|amp|m|mobile)\.", "", (urlsplit(url).hostname or "").lower())


def _first_words(blocks: list[str]) -> str:
    first = next((block for block in blocks if not is_boilerplate(block)), "")
    return first if len(first) <= 80 else first[:80].rsplit(" ", 1)[0] + "…"


def _weight(text: str) -> int:
    """Count characters, those of Chinese, Japanese and Korean three times: they say as much."""
    return len(text) + 2 * sum(1 for char in text[: 10 * LEAST_CHARS] if "\u3040" <= char <= "\ud7a3")


def _lengths(tree: lxml_html.HtmlElement, *, only_links: bool = False) -> dict[lxml_html.HtmlElement, int]:
    """Return the characters of text, or of link text, in each element, in document order.

    One pass, however deep the nesting: a page may be made to be slow.
    """
    order = list(tree.iter(etree.Element))
    lengths = dict.fromkeys(order, 0)
    for element in reversed(order):
        if element.tag in _NO_TEXT:
            continue
        if only_links and element.tag == "a":
            lengths[element] = len("".join(element.itertext()).strip())
        elif not only_links:
            lengths[element] += len((element.text or "").strip())
        parent = element.getparent()
        if parent in lengths:
            lengths[parent] += lengths[element] + (0 if only_links else len((element.tail or "").strip()))
    return lengths


def _drop(element: lxml_html.HtmlElement) -> None:
    if element.getparent() is not None:
        element.drop_tree()
