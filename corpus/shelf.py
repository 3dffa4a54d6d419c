"""The folder of added articles: readable Markdown files, their originals, and every version that was replaced.

    home/articles/<id>.md            the articles; may be edited by hand
    home/originals/<id>.<type>       what each was read from
    home/versions/<id>/<time>-<digest>.<type>   what an update replaced: article and original
    home/removed/<id>/<time>.<type>  what was removed
    home/copies.json                 sources that are near-copies of an article, so that they are known again

The article's file is always written last and in one step: what is half done is not there.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import unicodedata
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml

from corpus.errors import ArticleError, CorpusError
from corpus.models import Article
from corpus.naming import files_below, free_id
from corpus.readers import READERS, decode, front_matter, read_article

ORIGINAL_SUFFIXES = (".html", ".pdf", ".docx", ".md", ".txt")
_WITH_FRONT_MATTER = (".md", ".markdown", ".txt")
_DRAFTS = ".*.draft"
_SLUG_CHARS = 60
# Names that Windows keeps for devices.
_RESERVED = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d|readme)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Kept:
    """An article on the shelf.

    Attributes:
        article: as the library reads it.
        path: its file.
        source: the address or file that it came from, "" if it was put there by hand.
        content: digest of what was read from the source, before any edit by hand.
        also_published_by: publishers of its near-copies.
    """

    article: Article
    path: Path
    source: str
    content: str
    also_published_by: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Copy:
    """A source that is a near-copy of an article; what it says of itself is kept with it."""

    source: str
    content: str
    article_id: str
    publisher: str
    title: str = ""
    url: str = ""
    published: str = ""


class Shelf:
    """The added articles below a home folder; the folder need not exist before the first write.

    Args:
        home: the folder.
        taken: ids of articles elsewhere in the library, which none here is called by.
    """

    def __init__(self, home: Path, *, taken: Collection[str] = ()) -> None:
        self.home = home
        self._taken = frozenset(taken)
        self.articles = home / "articles"
        self._originals = home / "originals"
        self._copies = home / "copies.json"

    def read(self) -> dict[str, Kept]:
        """Return what is on the shelf by article id; files that are no articles are left out."""
        found: dict[str, Kept] = {}
        taken = set(self._taken)
        for path in self._files():
            article_id = free_id(path.relative_to(self.articles), taken)
            try:
                article = read_article(path, article_id)
                fields, _ = self._parts(path)
            except (ArticleError, OSError):
                continue
            taken.add(article_id)
            found[article_id] = Kept(
                article=article,
                path=path,
                source=str(fields.get("source") or ""),
                content=str(fields.get("content") or ""),
                also_published_by=article.also_published_by,
            )
        return found

    def copies(self) -> list[Copy]:
        """Return the known near-copies; a damaged list is an empty one, since it only saves work."""
        try:
            return [Copy(**entry) for entry in json.loads(self._copies.read_text("utf-8"))]
        except (OSError, ValueError, TypeError):
            return []

    def keep_copies(self, copies: Collection[Copy]) -> None:
        """Replace the list of near-copies."""
        entries = [{name: getattr(copy, name) for name in Copy.__slots__} for copy in copies]
        self._write(self._copies, (json.dumps(entries, ensure_ascii=False, indent=1) + "\n").encode())

    def new_id(self, title: str, content: str, taken: Collection[str]) -> str:
        """Make a readable id of a title that nothing has yet."""
        plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
        slug = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")
        slug = slug if len(slug) <= _SLUG_CHARS else slug[:_SLUG_CHARS].rsplit("-", 1)[0]
        if len(slug) < 3 or _RESERVED.fullmatch(slug):
            slug = f"article-{content[:8]}"
        number = 2
        found = slug
        while found in taken or (self.articles / f"{found}.md").exists():
            found, number = f"{slug}-{number}", number + 1
        return found

    def put(
        self,
        article: Article,
        *,
        source: str,
        content: str,
        original: Path,
        suffix: str,
        also: Collection[str] = (),
        replaces: Kept | None = None,
    ) -> None:
        """Write an article; the one it replaces, of the same id, goes to the versions.

        Args:
            source: where it came from.
            content: digest of what was read there.
            original: the file as it came; it is copied.
            suffix: of the original's type, with the dot.
            also: publishers of near-copies.
            replaces: what is there under this id.
        """
        path = self.articles / f"{article.id}.md"
        if replaces is not None:
            self._put_away(replaces, self.home / "versions" / article.id, move=False)
        for old in self._originals_of(article.id):
            if old.suffix != suffix:
                old.unlink()
        self._write(self._originals / f"{article.id}{suffix}", original.read_bytes())
        self._write(path, render(article, source=source, content=content, also=also))
        if replaces is not None and replaces.path != path:
            replaces.path.unlink()

    def mark_also(self, kept: Kept, also: Sequence[str]) -> Kept:
        """Note the other publishers in an article's front matter; text and other fields stay as they are.

        A page or document that was put there by hand has none; the list of copies alone knows then.
        """
        if kept.path.suffix.lower() not in _WITH_FRONT_MATTER:
            return kept
        fields, body = self._parts(kept.path)
        fields.pop("also_published_by", None)
        if also:
            fields["also_published_by"] = list(also)
        self._write(kept.path, _join(fields, body))
        return Kept(kept.article, kept.path, kept.source, kept.content, tuple(also))

    def remove(self, article_id: str) -> Path:
        """Put an article away with its original; returns where it is now.

        Raises:
            CorpusError: no added article has this id.
        """
        kept = self.read().get(article_id)
        if kept is None:
            raise CorpusError(
                f"No added article is called {article_id}. See the ids with: launch-assistant articles"
            )
        return self._put_away(kept, self.home / "removed" / article_id, move=True)

    def restore(self, article_id: str) -> Path:
        """Bring back the article of this id that was removed last; returns its file.

        Raises:
            CorpusError: none was removed, or the id is in use again.
        """
        folder = self.home / "removed" / article_id
        inside = folder.resolve().is_relative_to((self.home / "removed").resolve())
        put_away = sorted(folder.glob("*")) if inside and article_id else []
        found = [path for path in put_away if path.is_file() and not path.stem.endswith(".original")]
        if not found:
            raise CorpusError(f"No article called {article_id} was removed.")
        if article_id in self.read():
            raise CorpusError(
                f"There is an article called {article_id} again. Remove it before restoring the old one."
            )
        last = found[-1]
        for original in folder.glob(f"{last.stem}.original.*"):
            beside = self._originals / f"{article_id}{original.suffix}"
            beside.parent.mkdir(parents=True, exist_ok=True)
            os.replace(original, beside)
        target = self.articles / f"{article_id}{last.suffix}"
        target.parent.mkdir(parents=True, exist_ok=True)
        os.replace(last, target)
        return target

    def _parts(self, path: Path) -> tuple[dict[str, Any], str]:
        if path.suffix.lower() not in _WITH_FRONT_MATTER:
            return {}, ""
        return front_matter(path, decode(path, path.read_bytes()))

    def _files(self) -> Iterator[Path]:
        if self.articles.is_dir():
            yield from (path for path in files_below(self.articles) if path.suffix.lower() in READERS)

    def _originals_of(self, article_id: str) -> list[Path]:
        beside = [self._originals / f"{article_id}{suffix}" for suffix in ORIGINAL_SUFFIXES]
        return [path for path in beside if path.is_file()]

    def _put_away(self, kept: Kept, folder: Path, *, move: bool) -> Path:
        """Move or copy an article and its original to a folder, under the time; returns the article's new place."""
        folder.mkdir(parents=True, exist_ok=True)
        stem = (
            f"{datetime.now(UTC):%Y%m%dT%H%M%S%fZ}-{hashlib.sha256(kept.path.read_bytes()).hexdigest()[:8]}"
        )
        act = os.replace if move else shutil.copy2
        for original in self._originals_of(kept.article.id):
            act(original, folder / f"{stem}.original{original.suffix}")
        target = folder / f"{stem}{kept.path.suffix}"
        act(kept.path, target)
        return target

    def _write(self, path: Path, data: bytes) -> None:
        """Write in one step: readers and a crash see the old file or the new one."""
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f".{path.name}.{os.getpid()}.draft")
        try:
            with draft.open("wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            os.replace(draft, path)
            _sync(path.parent)
        finally:
            draft.unlink(missing_ok=True)

    def clear_drafts(self) -> None:
        """Take away what a writer that was killed left half written; nobody else may be writing."""
        for folder in (self.home, self.articles, self._originals):
            for draft in folder.rglob(_DRAFTS) if folder != self.home else folder.glob(_DRAFTS):
                draft.unlink(missing_ok=True)


def _sync(folder: Path) -> None:
    """Let a file's new name outlast a power cut, where a folder can be synced."""
    try:
        handle = os.open(folder, os.O_RDONLY)
    except OSError:
        return
    try:
        os.fsync(handle)
    except OSError:
        pass
    finally:
        os.close(handle)


def render(article: Article, *, source: str, content: str, also: Collection[str] = ()) -> bytes:
    """Write an article as Markdown with front matter; what is unknown is left out."""
    fields: dict[str, Any] = {
        "title": article.title,
        "publisher": article.publisher,
        "url": article.url,
        "published": article.published.isoformat() if article.published else None,
        "updated": article.updated.isoformat() if article.updated else None,
        "kind": str(article.kind),
        "authors": list(article.authors),
        "based_on": list(article.based_on),
        "also_published_by": list(also),
        "source": source,
        "content": content,
    }
    return _join({name: value for name, value in fields.items() if value}, article.text)


def _join(fields: dict[str, Any], body: str) -> bytes:
    # One line a value: a broken line could look like the end of the front matter.
    head = yaml.safe_dump(fields, allow_unicode=True, sort_keys=False, width=2**31 - 1)
    return f"---\n{head}---\n{body}".encode("utf-8", "replace")
