"""The articles as they were indexed, kept beside the index.

A reader quotes from these and never from the corpus folder, so that an article edited since cannot shift a quote.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable
from datetime import date
from pathlib import Path

from corpus.models import Article, Kind
from index.errors import IndexDamagedError
from index.files import Check, reading, settle, write_atomically
from index.integrity import as_summed, file_sum, written
from index.models import Passage

FOLDER = "articles"


def article_file(article: Article, passages: tuple[Passage, ...]) -> str:
    """The name of an article's file: of all that is in it, so that a changed or newly cut article has another file."""
    parts = [article.id, article.digest, *(p.id for p in passages)]
    if article.also_published_by:
        parts.append(json.dumps(article.also_published_by))
    key = "\n".join(parts).encode("utf-8", "surrogatepass")
    return f"{hashlib.sha256(key).hexdigest()[:40]}.json"


def store_article(home: Path, article: Article, passages: tuple[Passage, ...]) -> tuple[str, str]:
    """Write an article with its passages, unless it is there whole already; the file's name and sum.

    It is not durable before `settle_articles`.
    """
    folder = home / FOLDER
    folder.mkdir(exist_ok=True)
    path = folder / article_file(article, passages)
    try:
        if path.exists() and load_stored(home, path.name) == (article, passages):
            return path.name, file_sum(path)
    except IndexDamagedError:
        pass
    data = {
        "id": article.id,
        "title": article.title,
        "publisher": article.publisher,
        "url": article.url,
        "published": article.published.isoformat() if article.published else None,
        "updated": article.updated.isoformat() if article.updated else None,
        "kind": article.kind.value,
        "text": article.text,
        "based_on": list(article.based_on),
        "authors": list(article.authors),
        "also_published_by": list(article.also_published_by),
        "digest": article.digest,
        "passages": [[p.id, p.start, p.end, [list(s) for s in p.sentences]] for p in passages],
    }
    content = json.dumps(data).encode()
    write_atomically(path, content, durable=False)
    return path.name, written(path, content)


def settle_articles(home: Path, names: Iterable[str], *, check: Check) -> None:
    """Make stored articles durable; to be done before a manifest names them."""
    settle([home / FOLDER / name for name in names], check=check)


def stored_whole(home: Path, name: str, expected: str) -> bool:
    """Whether an article's file is what was written; nothing of it is parsed.

    Raises:
        StorageError: it may not be read.
    """
    # Of very many files nearly all are known: a Path for each would take longer than the rest.
    path = f"{home}{os.sep}{FOLDER}{os.sep}{name}"
    if as_summed(path, expected):
        return True
    try:
        with reading(path, refused=PermissionError):
            return file_sum(path) == expected
    except IndexDamagedError:
        return False


def load_stored(home: Path, name: str) -> tuple[Article, tuple[Passage, ...]]:
    """An article and its passages.

    Raises:
        IndexDamagedError: missing, torn, or not what its digest says.
    """
    path = home / FOLDER / name
    # Other errors than of permission are taken for damage: written anew, the file is on another place of the disk.
    with reading(path, refused=PermissionError):
        data = json.loads(path.read_text("utf-8"))
        article = Article(
            id=data["id"],
            title=data["title"],
            publisher=data["publisher"],
            url=data["url"],
            published=date.fromisoformat(data["published"]) if data["published"] else None,
            updated=date.fromisoformat(data["updated"]) if data["updated"] else None,
            kind=Kind(data["kind"]),
            text=data["text"],
            based_on=tuple(data["based_on"]),
            authors=tuple(data["authors"]),
            also_published_by=tuple(data.get("also_published_by", ())),
        )
        passages = tuple(
            Passage(
                i, article.id, article.text[start:end], start, end, tuple((int(a), int(b)) for a, b in spans)
            )
            for i, start, end, spans in data["passages"]
        )
        # The publishers of copies are in no digest, but in the file's name.
        if article.digest != data["digest"] or article_file(article, passages) != name:
            raise ValueError("altered")
    return article, passages
