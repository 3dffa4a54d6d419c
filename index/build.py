"""Rebuilding: bring an index up to date with its articles, embedding only what changed.

Order of writing: vectors and article files first, then a new lexical folder, then the manifest in one step; only
after that is deleted what no manifest names any more; only vectors stay for one rebuild longer, so that a search under way
on the old generation still finds all of its passages. Killed at any point, the old manifest still names whole things,
and the next rebuild finishes the work.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from filelock import FileLock, Timeout

from corpus.models import Article, Skipped
from index.articles import article_file, load_stored, store_article
from index.config import IndexConfig
from index.embedding import Embedder, make_embedder
from index.errors import (
    IndexDamagedError,
    IndexingError,
    IndexLockedError,
    IndexNotBuiltError,
    RebuildCancelledError,
)
from index.lexical import LexicalIndex, write_lexical
from index.manifest import MANIFEST, Entry, Manifest, read_manifest, storage_error, write_manifest
from index.models import Passage, Progress, RebuildReport
from index.passages import passages
from index.store import VectorStore

UNDATED = 9_999_999
"""Stands for "publication day unknown" in the store: later than any day, so that no `as_of` sees it."""

SAMPLE = 256
"""So many passages are read back, at a rebuild and at opening, to see whether the store is whole."""

OnProgress = Callable[[Progress], None]


def fingerprint(config: IndexConfig) -> str:
    """Of everything that decides what is stored: the embedder, the chunking, and this code's own version of it."""
    parts = ["3", config.embedder, config.passage_chars, config.overlap_sentences]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:12]


def embedded_text(article: Article, passage: Passage) -> str:
    """What the embedding and the lexical index see: the passage under its title and date."""
    day = f" ({article.published.day} {article.published:%B %Y})" if article.published else ""
    return f"{article.title}{day}\n{passage.text}"


@dataclass(frozen=True, slots=True)
class _Plan:
    """What a rebuild has to do, from comparing the manifest with the articles."""

    live: dict[str, Entry]
    added: tuple[str, ...]
    changed: tuple[str, ...]
    removed: tuple[str, ...]
    unchanged: tuple[str, ...]


def rebuild(
    articles: Iterable[Article],
    *,
    home: Path,
    config: IndexConfig | None = None,
    embedder: Embedder | None = None,
    skipped: Sequence[Skipped] = (),
    on_progress: OnProgress | None = None,
    force: bool = False,
    cancelled: Callable[[], bool] | None = None,
) -> RebuildReport:
    """Bring the index in `home` up to date.

    Args:
        articles: all articles that are to be found afterwards.
        home: the index's folder; made when missing.
        config: how to cut and embed.
        embedder: the model; made from the config when not given.
        skipped: files that were no articles, passed on into the report.
        on_progress: told how far each step is.
        force: embed everything again.
        cancelled: asked between batches; True stops the rebuild and leaves the old index as it was.

    Raises:
        IndexLockedError: another process is rebuilding.
        StorageError: no space or no permission; the old index still serves.
        RebuildCancelledError: stopped on request.
        EmbeddingError: the model cannot be had.
    """
    begun = time.perf_counter()
    config = config or IndexConfig()
    tell = on_progress or (lambda progress: None)
    wanted = {article.id: article for article in articles}
    try:
        home.mkdir(parents=True, exist_ok=True)
        with _one_writer(home, config.lock_timeout):
            embedder = embedder or make_embedder(config.embedder, batch_size=config.batch_size)
            report = _Rebuild(home, config, embedder, tell, cancelled or (lambda: False)).run(
                wanted, force=force
            )
    except OSError as exc:
        raise storage_error(exc, home) from exc
    seconds = time.perf_counter() - begun
    return RebuildReport(**{**report, "seconds": seconds, "skipped": tuple(skipped)})  # type: ignore[arg-type]


@contextmanager
def _one_writer(home: Path, timeout: float) -> Iterator[None]:
    lock, owner = FileLock(home / "rebuild.lock"), home / "rebuild.owner"
    try:
        lock.acquire(timeout=timeout)
    except Timeout:
        try:
            who = f" (process {int(owner.read_text('utf-8'))})"
        except (OSError, ValueError):
            who = ""
        raise IndexLockedError(
            f"Another process{who} is rebuilding {home}. Wait until it is done, or set LAUNCH_INDEX__LOCK_TIMEOUT to "
            "the seconds you would wait. The index still answers meanwhile."
        ) from None
    try:
        owner.write_text(str(os.getpid()), "utf-8")
        yield
    finally:
        owner.unlink(missing_ok=True)
        lock.release()


class _Rebuild:
    """One run; the steps in their order."""

    def __init__(
        self,
        home: Path,
        config: IndexConfig,
        embedder: Embedder,
        tell: OnProgress,
        cancelled: Callable[[], bool],
    ) -> None:
        self.home = home
        self.config = config
        self.embedder = embedder
        self.tell = tell
        self.cancelled = cancelled
        self.store = VectorStore(home / "chroma")
        self.fingerprint = fingerprint(config)

    def run(self, wanted: dict[str, Article], *, force: bool) -> dict[str, object]:
        old = self._old_manifest()
        plan = self._compare(old, wanted)
        collection = f"launch-{self.fingerprint}"
        present = self._present(collection)
        before = self._old_passages(old)
        cut = {i: passages(a, max_chars=self.config.passage_chars, overlap_sentences=self.config.overlap_sentences)
               for i, a in wanted.items()}  # fmt: skip
        self.tell(Progress("read", len(wanted), len(wanted)))
        todo = [(wanted[i], p) for i in sorted(wanted) for p in cut[i] if force or p.id not in present]
        embedded = self._embed(collection, todo)
        generation = old.generation if old else 0
        count = sum(len(ps) for ps in cut.values())
        whole = old is not None and self._whole(old)
        # Vectors that had to be made again are a new generation too: open readers must connect anew to see them.
        same = not (embedded or force or plan.added or plan.changed or plan.removed)
        if old and whole and same and old.fingerprint == self.fingerprint:
            # Nobody searches what the generation before the last one left: readers have moved on.
            self._clean(old, {p.id for ps in cut.values() for p in ps}, present)
            return self._report(plan, count, embedded, generation)
        generation += 1
        self._check_cancelled()
        entries = {}
        for article_id in sorted(wanted):
            article, ps = wanted[article_id], cut[article_id]
            store_article(self.home, article, ps)
            entries[article_id] = Entry(article.digest, article_file(article), len(ps))
        lexical = f"lexical-{generation}"
        shutil.rmtree(self.home / lexical, ignore_errors=True)
        flat = [(wanted[i], p) for i in sorted(wanted) for p in cut[i]]
        write_lexical(self.home / lexical, [p.id for _, p in flat], [embedded_text(a, p) for a, p in flat])
        self.tell(Progress("lexical", 1, 1))
        self._check_cancelled()
        new = Manifest(generation, self.fingerprint, collection, lexical, entries)
        write_manifest(self.home, new)
        self.tell(Progress("commit", 1, 1))
        self._clean(new, {p.id for _, p in flat} | before, present)
        self.tell(Progress("clean", 1, 1))
        return self._report(plan, count, embedded, generation)

    def _report(self, plan: _Plan, count: int, embedded: int, generation: int) -> dict[str, object]:
        return {
            "added": plan.added,
            "changed": plan.changed,
            "removed": plan.removed,
            "unchanged": plan.unchanged,
            "passages": count,
            "embedded": embedded,
            "generation": generation,
        }

    def _old_manifest(self) -> Manifest | None:
        try:
            return read_manifest(self.home)
        except IndexNotBuiltError:
            return None
        except IndexDamagedError:
            # Kept beside, in case somebody wants to see what happened. The generation goes on from the newest
            # lexical folder, so that no reader takes the new index for one that it has already.
            path = self.home / MANIFEST
            path.replace(path.with_suffix(".damaged"))
            newest = max((int(p.name.split("-")[1]) for p in self._lexical_folders()), default=0)
            return Manifest(newest, "", "", "", {})

    def _lexical_folders(self) -> list[Path]:
        return [p for p in self.home.glob("lexical-*") if p.name.split("-")[1].isdigit()]

    @staticmethod
    def _compare(old: Manifest | None, wanted: dict[str, Article]) -> _Plan:
        live = old.articles if old else {}
        return _Plan(
            live=live,
            added=tuple(sorted(i for i in wanted if i not in live)),
            changed=tuple(sorted(i for i in wanted if i in live and live[i].digest != wanted[i].digest)),
            removed=tuple(sorted(i for i in live if i not in wanted)),
            unchanged=tuple(sorted(i for i in wanted if i in live and live[i].digest == wanted[i].digest)),
        )

    def _present(self, collection: str) -> frozenset[str]:
        """Passages that the store has already; what cannot be read is thrown away and made anew."""
        self.store.forget()
        try:
            self.store.create(collection)
            present = self.store.present(collection)
            # Names and vectors lie in different files. Ids are hashes, so the first ones in order are a fair sample.
            if self.store.readable(collection, sorted(present)[:SAMPLE]):
                return present
            self.store.drop(collection)
            self.store.create(collection)
        except IndexDamagedError:
            self.store.forget()
            shutil.rmtree(self.home / "chroma", ignore_errors=True)
            self.store.create(collection)
        return frozenset()

    def _old_passages(self, old: Manifest | None) -> frozenset[str]:
        """Passages of the generation that readers may be searching while this one is committed."""
        found: set[str] = set()
        for entry in old.articles.values() if old else ():
            with suppress(IndexingError):
                found.update(p.id for p in load_stored(self.home, entry.file)[1])
        return frozenset(found)

    def _embed(self, collection: str, todo: Sequence[tuple[Article, Passage]]) -> int:
        """Embed and write what is new, a chunk at a time, so that a stopped rebuild keeps what it has done."""
        done, size = 0, max(256, self.config.batch_size * 8)
        for begin in range(0, len(todo), size):
            self._check_cancelled()
            chunk = todo[begin : begin + size]
            vectors = self.embedder.embed_documents(
                [embedded_text(a, p) for a, p in chunk],
                on_progress=lambda n, _, base=begin: self._embedding(base + n, len(todo)),  # type: ignore[misc]
            )
            self.store.add(
                collection,
                [p.id for _, p in chunk],
                vectors,
                [{"article": a.id, "published": _ordinal(a.published)} for a, _ in chunk],
            )
            done += len(chunk)
        return done

    def _embedding(self, done: int, total: int) -> None:
        self.tell(Progress("embed", done, total))
        self._check_cancelled()

    def _check_cancelled(self) -> None:
        if self.cancelled():
            raise RebuildCancelledError(
                "The rebuild was stopped; the index is as it was. Run it again to finish."
            )

    def _whole(self, manifest: Manifest) -> bool:
        """Whether everything that a manifest names can be read."""
        try:
            LexicalIndex(self.home / manifest.lexical).check()
            for entry in manifest.articles.values():
                load_stored(self.home, entry.file)
        except IndexingError:
            return False
        return True

    def _clean(self, live: Manifest, ids: set[str], present: frozenset[str]) -> None:
        """Delete what the live manifest does not name; `ids` are the passages to keep in the store."""
        if stale := present - ids:
            self.store.remove(live.collection, stale)
        self.store.drop_others(live.collection)
        for folder in self._lexical_folders():
            if folder.name != live.lexical:
                shutil.rmtree(folder, ignore_errors=True)
        named = {entry.file for entry in live.articles.values()}
        for file in (self.home / "articles").glob("*.json"):
            if file.name not in named:
                file.unlink(missing_ok=True)
        for leftover in (*self.home.glob(".new-*"), *(self.home / "articles").glob(".new-*")):
            leftover.unlink(missing_ok=True)


def _ordinal(day: date | None) -> int:
    return day.toordinal() if day else UNDATED
