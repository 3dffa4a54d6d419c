"""One run of adding: what is new, what replaces what, and what is a copy of what is there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from urllib.parse import urlsplit

from corpus.models import Article, Skipped
from corpus.near_copies import THRESHOLD, NearCopies, similarity
from corpus.shelf import Copy, Kept, Shelf
from corpus.sources import Found, is_address, shared_blocks, without_shared
from corpus.witnesses import rank

_SAME_PAGE = 0.3
"""How much of its text a page keeps when it is corrected, at the least."""


@dataclass(frozen=True, slots=True)
class Merged:
    """A source that is a near-copy of an article and was noted there as one more publisher.

    Attributes:
        source: the file or address.
        article_id: the article that is kept.
        publisher: who published the copy.
        similarity: of the two texts, 0 to 1.
    """

    source: str
    article_id: str
    publisher: str
    similarity: float


@dataclass(frozen=True, slots=True)
class AddReport:
    """What `add` did.

    Attributes:
        added: ids of new articles.
        updated: ids of articles that were replaced by newer text from the same place.
        merged: near-copies of articles, noted as one more publisher.
        unchanged: sources that were known and are as they were.
        skipped: sources that are no articles, with the reasons.
    """

    added: tuple[str, ...]
    updated: tuple[str, ...]
    merged: tuple[Merged, ...]
    unchanged: tuple[str, ...]
    skipped: tuple[Skipped, ...]


@dataclass(slots=True)
class Adding:
    """One run: what is there, and what has been done."""

    shelf: Shelf
    existing: Sequence[Article]
    kept: dict[str, Kept] = field(init=False)
    copies: dict[str, Copy] = field(init=False)
    near: NearCopies = field(init=False)
    publishers: dict[str, set[str]] = field(init=False)
    places: dict[str, str] = field(default_factory=dict)
    added: list[str] = field(default_factory=list)
    updated: list[str] = field(default_factory=list)
    merged: list[Merged] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    _copies_changed: bool = False

    def __post_init__(self) -> None:
        self.kept = self.shelf.read()
        everything = [*(kept.article for kept in self.kept.values()), *self.existing]
        known = {article.id for article in everything}
        self.copies = {copy.source: copy for copy in self.shelf.copies() if copy.article_id in known}
        self.near = NearCopies(everything)
        self.publishers = {article.id: {article.publisher} for article in everything}
        for kept in self.kept.values():
            self.publishers[kept.article.id].update(kept.also_published_by)
            self._note_place(kept)
        for copy in self.copies.values():
            self.publishers[copy.article_id].add(copy.publisher)

    def take_all(self, batch: Sequence[Found | Skipped]) -> None:
        """Store what was read together."""
        shared = shared_blocks([entry for entry in batch if isinstance(entry, Found)])
        try:
            for entry in batch:
                self.take(entry, shared)
        finally:
            if self._copies_changed:
                self.shelf.keep_copies(self.copies.values())
                self._copies_changed = False

    def take(self, entry: Found | Skipped, shared: frozenset[tuple[str, str]]) -> None:
        """Store one article, or see that nothing is to be done."""
        if isinstance(entry, Skipped):
            self.skipped.append(entry)
            return
        same = self._same_place(entry)
        copy = self.copies.get(entry.source)
        if same is not None:
            if same.content == entry.content:
                self.unchanged.append(entry.source)
            else:
                # Copies of the old text are none of a new one; those that are will be met again.
                still = similarity(same.article, entry.article) >= THRESHOLD
                self._store(entry, same.article.id, shared, also=same.also_published_by if still else ())
                if not still:
                    self._forget([c for c in self.copies.values() if c.article_id == same.article.id])
                self.updated.append(same.article.id)
        elif copy is not None and copy.content == entry.content:
            self.unchanged.append(entry.source)
        else:
            if copy is not None:
                self._forget([copy])
            if not self._is_copy(entry, shared):
                self.added.append(self._store(entry, None, shared))

    def report(self) -> AddReport:
        """Return what was done."""
        return AddReport(
            added=tuple(self.added),
            updated=tuple(dict.fromkeys(self.updated)),
            merged=tuple(self.merged),
            unchanged=tuple(self.unchanged),
            skipped=tuple(self.skipped),
        )

    def _same_place(self, entry: Found) -> Kept | None:
        """Return the article that came from the same address, or from the same file."""
        article_id = self.places.get(entry.source) or self.places.get(_bare(entry.source))
        if article_id is not None:
            return self.kept[article_id]
        article_id = self.places.get(_bare(entry.article.url)) if entry.article.url else None
        if article_id is None:
            return None
        # The address is what the page says of itself, and some sites say the same on all of their pages.
        kept = self.kept[article_id]
        return kept if similarity(kept.article, entry.article) >= _SAME_PAGE else None

    def _note_place(self, kept: Kept) -> None:
        if kept.article.url:
            self.places.setdefault(_bare(kept.article.url), kept.article.id)
        if kept.source:
            self.places[kept.source] = kept.article.id

    def _is_copy(self, entry: Found, shared: frozenset[tuple[str, str]]) -> bool:
        """Deal with a near-copy of an article; False if there is nothing like it."""
        matches = self.near.matches(entry.article)
        if not matches:
            return False
        article_id, near = matches[0]
        publisher = entry.article.publisher
        kept = self.kept.get(article_id)
        if kept is not None and self._speaks_better(entry, kept):
            self._take_the_place(entry, kept, shared)
            return True
        if not publisher or publisher in self.publishers[article_id]:
            how = "the same text as" if near == 1 else f"nearly the same text ({near:.0%}) as"
            self.skipped.append(
                Skipped(
                    entry.source, f"{how} {article_id}, which is there; to replace that one, remove it first"
                )
            )
            return True
        self._note_copy(entry.source, entry.content, article_id, entry.article)
        self._mark_also(article_id, [*self._also(article_id), publisher])
        self.merged.append(Merged(entry.source, article_id, publisher, round(near, 3)))
        return True

    def _speaks_better(self, entry: Found, kept: Kept) -> bool:
        """Whether a copy is the better witness; what was put there by hand gives way only if it has no name on it."""
        if not kept.article.publisher:
            return bool(entry.article.publisher)
        new, old = rank(entry.article), rank(kept.article)
        if entry.article.publisher == kept.article.publisher:
            # Of one publisher's two texts the earlier is not the better one.
            new, old = (*new[:3], 0), (*old[:3], 0)
        return bool(kept.source) and new > old

    def _take_the_place(self, entry: Found, kept: Kept, shared: frozenset[tuple[str, str]]) -> None:
        article_id, old = kept.article.id, kept.article
        also = [name for name in (*kept.also_published_by, old.publisher) if name != entry.article.publisher]
        self._store(entry, article_id, shared, also=tuple(name for name in dict.fromkeys(also) if name))
        # Read again, the one that gave way is known for a copy.
        if old.publisher and kept.source:
            self.places = {place: i for place, i in self.places.items() if place != kept.source}
            if old.url and _bare(old.url) != _bare(entry.article.url or ""):
                self.places.pop(_bare(old.url), None)
            self._note_copy(kept.source, kept.content, article_id, old)
        self.updated.append(article_id)

    def _note_copy(self, source: str, content: str, article_id: str, article: Article) -> None:
        day = article.published.isoformat() if article.published else ""
        self.copies[source] = Copy(
            source, content, article_id, article.publisher, article.title, article.url or "", day
        )
        self._copies_changed = True

    def _forget(self, copies: Sequence[Copy]) -> None:
        """Take back that these are copies, and that their publishers carry the report."""
        for copy in copies:
            del self.copies[copy.source]
            self._copies_changed = True
            others = {c.publisher for c in self.copies.values() if c.article_id == copy.article_id}
            also = self._also(copy.article_id)
            if copy.publisher in also and copy.publisher not in others:
                self._mark_also(copy.article_id, [name for name in also if name != copy.publisher])

    def _also(self, article_id: str) -> tuple[str, ...]:
        kept = self.kept.get(article_id)
        return kept.also_published_by if kept else ()

    def _mark_also(self, article_id: str, also: Sequence[str]) -> None:
        kept = self.kept.get(article_id)
        if kept is not None:
            self.kept[article_id] = kept = self.shelf.mark_also(kept, tuple(dict.fromkeys(also)))
        own = (
            kept.article.publisher if kept else next(a.publisher for a in self.existing if a.id == article_id)
        )
        noted = {c.publisher for c in self.copies.values() if c.article_id == article_id}
        self.publishers[article_id] = {own, *also, *noted}

    def _store(
        self,
        entry: Found,
        article_id: str | None,
        shared: frozenset[tuple[str, str]],
        *,
        also: tuple[str, ...] = (),
    ) -> str:
        article_id = article_id or self.shelf.new_id(
            entry.article.title, entry.content, self.publishers.keys()
        )
        text = without_shared(entry, shared)
        article = replace(entry.article, id=article_id, text=text, url=self._own_url(entry, article_id))
        also = tuple(dict.fromkeys([*also, *entry.article.also_published_by]))
        self.shelf.put(
            article,
            source=entry.source,
            content=entry.content,
            original=entry.original,
            suffix=entry.suffix,
            also=also,
            replaces=self.kept.get(article_id),
        )
        path = self.shelf.articles / f"{article_id}.md"
        self.kept[article_id] = Kept(article, path, entry.source, entry.content, also)
        self._note_place(self.kept[article_id])
        self.near.add(article)
        self.publishers[article_id] = {article.publisher, *also}
        return article_id

    def _own_url(self, entry: Found, article_id: str) -> str | None:
        """Return the article's address; one that another article has cannot be its own."""
        url = entry.article.url
        if url is None or self.places.get(_bare(url), article_id) == article_id:
            return url
        return entry.source if is_address(entry.source) else None


def _bare(url: str) -> str:
    """Spell an address so that the same page has one spelling: no scheme, www, fragment or slash at the end."""
    parts = urlsplit(url)
    host = (parts.hostname or "").removeprefix("www.")
    return f"{host}{parts.path.rstrip('/')}?{parts.query}"
