"""One file or page of any type to an article; its bytes tell the type."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

from corpus.documents import read_docx, read_pdf, why_unreadable
from corpus.errors import ArticleError
from corpus.extract import Extract
from corpus.media import Media, decode_text, media_of
from corpus.models import Article, Kind
from corpus.prose import check_prose
from corpus.readers import read_text_file
from corpus.webpages import read_page

_MOST_TEXT_BYTES = 4_000_000
"""Less than the library reads back, with room for the front matter."""

_LEAST_WORDS = 5
_WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3]|[^\W\d_]{2,}")


def read_content(
    content: bytes, *, shown: str, url: str | None = None, charset: str | None = None
) -> Article:
    """Read one article of any type, which its bytes tell; its id is "".

    Args:
        shown: its file or address, for errors and for a title when it has none.
        url: where it came from.
        charset: the encoding that a server named.

    Raises:
        ArticleError: there is no article in it.
    """
    media = media_of(content)
    if media is Media.BINARY:
        raise ArticleError(shown, why_unreadable(content))
    if media is Media.TEXT:
        text = decode_text(content, declared=charset)
        check_prose(text, shown)
        # Decoded here, where more encodings are known than to the reader of the library's own files.
        article = read_text_file(Path(shown), "", text.encode("utf-8", "replace"))
        if url and not article.url:
            article = replace(article, url=url)
    else:
        if media is Media.HTML:
            parts = read_page(content, url=url, charset=charset)
        elif media is Media.PDF:
            parts = read_pdf(content, name=shown)
        else:
            parts = read_docx(content, name=shown)
        article = _as_article(parts, url, shown)
    if len(_WORD.findall(article.text[:10_000])) < _LEAST_WORDS:
        raise ArticleError(shown, "it has next to no text")
    if len(article.text.encode("utf-8", "replace")) > _MOST_TEXT_BYTES:
        raise ArticleError(
            shown, f"its text is larger than {_MOST_TEXT_BYTES // 1_000_000} MB; add the part that matters"
        )
    return article


def _as_article(parts: Extract, url: str | None, shown: str) -> Article:
    return Article(
        id="",
        title=parts.title or Path(shown).stem,
        publisher=parts.publisher,
        url=parts.url or url,
        published=parts.published,
        updated=parts.updated,
        kind=Kind.UNKNOWN,
        text=parts.text,
        authors=parts.authors,
    )
