"""Add articles of any kind to the user's own, replace those that changed, and know copies of one report for copies."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from urllib.parse import urlsplit

from filelock import FileLock, Timeout

from corpus.connection import Resolver
from corpus.errors import CorpusError
from corpus.models import Article, Skipped
from corpus.near_copies import NearCopies
from corpus.shelf import Copy, Kept, Shelf
from corpus.sources import Finder, Found, shared_blocks, without_shared
from corpus.web import Fetcher, FetchPolicy

_AT_ONCE = 50
"""Articles read before they are stored together: enough of one site to see what its pages share."""

_LOCK_SECONDS = 10.0


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


def add(
    sources: Sequence[str | Path],
    *,
    home: Path,
    policy: FetchPolicy | None = None,
    existing: Sequence[Article] = (),
    resolver: Resolver | None = None,
    on_progress: Callable[[int, int], None] | None = None,
) -> AddReport:
    """Add files, folders, addresses, feeds and lists of addresses.

    A source that cannot be used is skipped and named; the others are not affected. Adding the same again changes
    nothing. After a crash the same call goes on where it stopped.

    Args:
        sources: paths, or http(s) addresses.
        home: the folder that holds `articles`, `originals`, `versions` and `removed`.
        policy: what may be fetched.
        existing: articles that are there besides those below `home`, such as the shipped ones.
        resolver: gives the IP addresses of a host; by default the system's.
        on_progress: told (files and addresses done, known so far in all).

    Raises:
        CorpusError: another process is adding, or the home folder cannot be written.
    """
    with alone(home), tempfile.TemporaryDirectory(prefix="launch-assistant-") as spool:
        finder = Finder(Fetcher(policy=policy or FetchPolicy(), resolver=resolver), Path(spool))
        adding = Adding(Shelf(home), existing)
        batch: list[Found | Skipped] = []
        for done, entry in enumerate(finder.find(sources), start=1):
            batch.append(entry)
            if on_progress:
                on_progress(done, done + finder.left)
            if len(batch) == _AT_ONCE:
                adding.take_all(batch)
                batch = []
        adding.take_all(batch)
        return adding.report()


def remove(article_id: str, *, home: Path) -> Path:
    """Take an added article away; `restore` brings it back.

    Returns:
        Where it is kept.

    Raises:
        CorpusError: no added article has this id, or the folder cannot be written.
    """
    with alone(home):
        return Shelf(home).remove(article_id)


def restore(article_id: str, *, home: Path) -> Path:
    """Bring back the article of this id that was removed last.

    Returns:
        Its file.

    Raises:
        CorpusError: there is none, the id is in use again, or the folder cannot be written.
    """
    with alone(home):
        return Shelf(home).restore(article_id)


@contextmanager
def alone(home: Path) -> Iterator[None]:
    """Hold the folder for one writer, and tell a disk's refusals as ours."""
    try:
        home.mkdir(parents=True, exist_ok=True)
        with FileLock(home / ".adding.lock", timeout=_LOCK_SECONDS):
            yield
    except Timeout:
        raise CorpusError(
            f"Another process is adding articles to {home}. Wait until it has finished."
        ) from None
    except OSError as exc:
        raise CorpusError(
            f"{home} cannot be written ({exc.strerror or exc}). Free some space or set LAUNCH_HOME to another folder."
        ) from exc


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

    def __post_init__(self) -> None:
        self.kept = self.shelf.read()
        others = [article for article in self.existing if article.id not in self.kept]
        everything = [*(kept.article for kept in self.kept.values()), *others]
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
        for entry in batch:
            self.take(entry, shared)

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
                self._store(entry, same.article.id, shared, also=same.also_published_by)
                self.updated.append(same.article.id)
        elif copy is not None and copy.content == entry.content:
            self.unchanged.append(entry.source)
        elif not self._is_copy(entry, shared):
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
        article_id = self.places.get(entry.source)
        if article_id is None and entry.article.url:
            article_id = self.places.get(_bare(entry.article.url))
        return self.kept[article_id] if article_id is not None else None

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
        article_id, similarity = matches[0]
        publisher = entry.article.publisher
        if not publisher or publisher in self.publishers[article_id]:
            how = "the same text as" if similarity == 1 else f"nearly the same text ({similarity:.0%}) as"
            self.skipped.append(
                Skipped(
                    entry.source, f"{how} {article_id}, which is there; to replace that one, remove it first"
                )
            )
            return True
        kept = self.kept.get(article_id)
        if kept is not None and not kept.article.publisher:
            # What is there came without a name on it; the copy that says where it is from is the better witness.
            self._store(entry, article_id, shared)
            self.updated.append(article_id)
            return True
        self.copies[entry.source] = Copy(entry.source, entry.content, article_id, publisher)
        self.shelf.keep_copies(self.copies.values())
        self.publishers[article_id].add(publisher)
        if kept is not None:
            self.kept[article_id] = self.shelf.mark_also(kept, publisher)
        self.merged.append(Merged(entry.source, article_id, publisher, round(similarity, 3)))
        return True

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
        article = replace(entry.article, id=article_id, text=text)
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


def _bare(url: str) -> str:
    """Spell an address so that the same page has one spelling: no scheme, www, fragment or slash at the end."""
    parts = urlsplit(url)
    host = (parts.hostname or "").removeprefix("www.")
    return f"{host}{parts.path.rstrip('/')}?{parts.query}"
