"""Opening an article at a quote: the text that an answer was made from, even after a rebuild."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from threading import Lock

from assistant.chain import Assistant
from corpus.errors import LaunchError
from corpus.models import Article
from index.models import Hit
from ui.render_library import article_page

REMOVED = "This article was removed from the sources. Ask again for an answer from those that are there now."
CHANGED = "This article has been changed since. Ask again to see what it says now."

_LONGEST_SEARCH = 500


class Shelf:
    """The articles that answers were made from, so that a quote opens in the text it was taken from.

    A rebuild may replace an article while its answer is still on somebody's page; the shelf keeps the last ones
    cited, by digest. Safe to share between threads.
    """

    def __init__(self, assistant: Assistant, *, size: int = 256) -> None:
        self._assistant = assistant
        self._size = size
        self._kept: OrderedDict[str, Article] = OrderedDict()
        self._lock = Lock()

    def keep(self, hits: Sequence[Hit]) -> None:
        """Put the articles of an answer on the shelf."""
        with self._lock:
            for article in (hit.article for hit in hits):
                self._kept[article.digest] = article
                self._kept.move_to_end(article.digest)
            while len(self._kept) > self._size:
                self._kept.popitem(last=False)

    def find(self, article_id: str, digest: str = "") -> Article | str:
        """The article with this digest, or without one as the index has it now; else why it cannot be opened.

        One that was removed from the sources is gone from here too: nobody may take it for a source that still stands.
        """
        current = self._assistant.retriever.snapshot().article(article_id)
        if current is None:
            return REMOVED
        with self._lock:
            kept = self._kept.get(digest)
        if kept is not None and kept.id == article_id:
            return kept
        return current if digest in ("", current.digest) else CHANGED


def open_article(shelf: Shelf, request: object) -> dict[str, str]:
    """What the reader shows: {"html": ...} or {"problem": ...}, with "gone" where there is no such article any more.

    Args:
        shelf: where articles are looked up.
        request: from the browser: {"article", "digest", "quotes": [[marker, start, end], ...], "focus"}.
    """
    asked = request if isinstance(request, dict) else {}
    try:
        article = shelf.find(str(asked.get("article", "")), str(asked.get("digest", "")))
        quotes = [(int(m), int(s), int(e)) for m, s, e in asked.get("quotes") or ()][:200]
        focus = int(asked["focus"]) if asked.get("focus") is not None else None
    except (TypeError, ValueError):
        return {"problem": "This page asked for something that is not an article. Reload it and try again."}
    except LaunchError as exc:
        return {"problem": str(exc)}
    if isinstance(article, str):
        return {"problem": article, "gone": "yes"}
    return {"html": article_page(article, quotes, focus=focus)}


def search_texts(assistant: Assistant, typed: object) -> list[str]:
    """The ids of the articles whose title, publisher and text together hold every word that was typed.

    Where there is no index there is none; the page then shows what its table has.
    """
    words = typed.lower()[:_LONGEST_SEARCH].split() if isinstance(typed, str) else []
    try:
        articles = assistant.retriever.articles() if words else ()
    except LaunchError:
        return []
    held = ((a.id, f"{a.title} {a.publisher} {a.text}".lower()) for a in articles)
    return [article_id for article_id, text in held if all(word in text for word in words)]
