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
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml

from corpus.errors import ArticleError, CorpusError
from corpus.models import Article
from corpus.readers import decode, front_matter, read_article

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
    """A source that is a near-copy of an article."""

    source: str
    content: str
    article_id: str
    publisher: str


class Shelf:
    """The added articles below a home folder; the folder need not exist before the first write."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.articles = home / "articles"
        self._originals = home / "originals"
        self._copies = home / "copies.json"

    def read(self) -> dict[str, Kept]:
        """Return what is on the shelf by article id; files that are no articles are left out."""
        found: dict[str, Kept] = {}
        for path in self._files():
            article_id = path.relative_to(self.articles).with_suffix("").as_posix()
            try:
                article = read_article(path, article_id)
                fields, _ = front_matter(path, decode(path, path.read_bytes()))
            except (ArticleError, OSError):
                continue
            others = fields.get("also_published_by") or ()
            found.setdefault(
                article_id,
                Kept(
                    article=article,
                    path=path,
                    source=str(fields.get("source") or ""),
                    content=str(fields.get("content") or ""),
                    also_published_by=tuple(str(other) for other in others)
                    if isinstance(others, list)
                    else (),
                ),
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
    ) -> None:
        """Write an article; one of the same id is replaced and goes to the versions.

        Args:
            source: where it came from.
            content: digest of what was read there.
            original: the file as it came; it is copied.
            suffix: of the original's type, with the dot.
            also: publishers of near-copies.
        """
        path = self.articles / f"{article.id}.md"
        if path.exists():
            stamp = f"{_now()}-{_digest(path)[:8]}"
            self._put_away(article.id, self.home / "versions" / article.id, stamp, move=False)
        for old in self._originals_of(article.id):
            if old.suffix != suffix:
                old.unlink()
        self._write(self._originals / f"{article.id}{suffix}", original.read_bytes())
        self._write(path, render(article, source=source, content=content, also=also))

    def mark_also(self, kept: Kept, publisher: str) -> Kept:
        """Note one more publisher in an article's front matter; text and other fields stay as they are."""
        fields, body = front_matter(kept.path, decode(kept.path, kept.path.read_bytes()))
        also = (*kept.also_published_by, publisher)
        fields["also_published_by"] = list(also)
        self._write(kept.path, _join(fields, body))
        return Kept(kept.article, kept.path, kept.source, kept.content, also)

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
        folder = self.home / "removed" / article_id
        return self._put_away(
            article_id, folder, f"{_now()}-{_digest(kept.path)[:8]}", move=True, path=kept.path
        )

    def restore(self, article_id: str) -> Path:
        """Bring back the article of this id that was removed last; returns its file.

        Raises:
            CorpusError: none was removed, or the id is in use again.
        """
        target = self.articles / f"{article_id}.md"
        folder = self.home / "removed" / article_id
        inside = folder.resolve().is_relative_to((self.home / "removed").resolve())
        found = sorted(folder.glob("*.md")) if inside and article_id else []
        if not found:
            raise CorpusError(f"No article called {article_id} was removed.")
        if target.exists():
            raise CorpusError(
                f"There is an article called {article_id} again. Remove it before restoring the old one."
            )
        last = found[-1]
        for original in folder.glob(f"{last.stem}.original.*"):
            self._originals.mkdir(parents=True, exist_ok=True)
            (self._originals / article_id).parent.mkdir(parents=True, exist_ok=True)
            os.replace(original, self._originals / f"{article_id}{original.suffix}")
        target.parent.mkdir(parents=True, exist_ok=True)
        os.replace(last, target)
        return target

    def _files(self) -> Iterator[Path]:
        if self.articles.is_dir():
            for path in sorted(self.articles.rglob("*.md")):
                hidden = any(part.startswith(".") for part in path.relative_to(self.articles).parts)
                if path.is_file() and not hidden:
                    yield path

    def _originals_of(self, article_id: str) -> list[Path]:
        beside = self._originals / article_id
        return [p for p in beside.parent.glob("*") if p.stem == beside.name] if beside.parent.is_dir() else []

    def _put_away(
        self, article_id: str, folder: Path, stem: str, *, move: bool, path: Path | None = None
    ) -> Path:
        folder.mkdir(parents=True, exist_ok=True)
        act = os.replace if move else shutil.copy2
        for original in self._originals_of(article_id):
            act(original, folder / f"{stem}.original{original.suffix}")
        target = folder / f"{stem}.md"
        act(path or self.articles / f"{article_id}.md", target)
        return target

    def _write(self, path: Path, data: bytes) -> None:
        """Write in one step: readers and a crash see the old file or the new one."""
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f".{path.name}.{os.getpid()}")
        try:
            with draft.open("wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            os.replace(draft, path)
        finally:
            draft.unlink(missing_ok=True)


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


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _now() -> str:
    return datetime.now(UTC).strftime("%Y%m%dT%H%M%S%fZ")
