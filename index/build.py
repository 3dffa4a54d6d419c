"""Rebuilding: bring an index up to date with its articles, embedding only what changed.

Order of writing: a new segment of vectors and the article files first, then a new lexical folder, then the manifest in
one step; only after that is deleted what no manifest names any more. The segments of the generation before stay for
one rebuild longer, so that a search under way still finds all of its passages. Nothing that a manifest names is ever
written again: killed at any point, the old manifest still names whole things, and the next rebuild finishes the work.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np

from corpus.errors import LaunchError
from corpus.models import Article, Skipped
from index.articles import article_file, load_stored, store_article
from index.config import IndexConfig
from index.embedding import Embedder, make_embedder
from index.errors import (
    EmbeddingError,
    IndexDamagedError,
    IndexNotBuiltError,
    RebuildCancelledError,
)
from index.lexical import LexicalIndex, write_lexical
from index.manifest import MANIFEST, Entry, Manifest, read_manifest, storage_error, write_manifest
from index.models import Passage, Progress, RebuildReport
from index.passages import passages
from index.segments import Segments
from index.snapshots import FOLDER as SNAPSHOTS
from index.snapshots import Kept, kept_by_snapshots
from index.store import VectorStore
from index.writer import one_writer

UNDATED = 9_999_999
"""Stands for "publication day unknown" in the store: later than any day, so that no `as_of` sees it."""

CHUNK = 2000
"""So many vectors are moved at once."""

Work = tuple[Article, Passage]

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

    added: tuple[str, ...]
    changed: tuple[str, ...]
    removed: tuple[str, ...]
    unchanged: tuple[str, ...]


def _compare(old: Manifest | None, wanted: Mapping[str, Article]) -> _Plan:
    live = old.articles if old else {}
    return _Plan(
        added=tuple(sorted(i for i in wanted if i not in live)),
        changed=tuple(sorted(i for i in wanted if i in live and live[i].digest != wanted[i].digest)),
        removed=tuple(sorted(i for i in live if i not in wanted)),
        unchanged=tuple(sorted(i for i in wanted if i in live and live[i].digest == wanted[i].digest)),
    )


def preview(
    articles: Iterable[Article],
    *,
    home: Path,
    config: IndexConfig | None = None,
    skipped: Sequence[Skipped] = (),
    force: bool = False,
) -> RebuildReport:
    """What `rebuild` would do; nothing is written, embedded or waited for.

    Returns:
        The report of such a rebuild, but for `seconds`, which is 0, and `embedded`, which is the most that would be
        embedded: vectors that lie ready from earlier are not looked through.

    Raises:
        StorageError: the index cannot be read.
    """
    config = config or IndexConfig()
    wanted = {article.id: article for article in articles}
    try:
        old: Manifest | None = read_manifest(home)
    except (IndexNotBuiltError, IndexDamagedError):
        old = None
    plan = _compare(old, wanted)
    anew = force or old is None or old.fingerprint != fingerprint(config)
    counts = {i: old.articles[i].passages for i in plan.unchanged} if old and not anew else {}
    todo = [i for i in wanted if i not in counts]
    fresh = sum(len(_passages(wanted[i], config)) for i in todo)
    generation = old.generation if old else 0
    return RebuildReport(
        added=plan.added,
        changed=plan.changed,
        removed=plan.removed,
        unchanged=plan.unchanged,
        passages=sum(counts.values()) + fresh,
        embedded=fresh,
        seconds=0.0,
        generation=generation + bool(todo or plan.removed),
        skipped=tuple(skipped),
    )


def _passages(article: Article, config: IndexConfig) -> tuple[Passage, ...]:
    return passages(article, max_chars=config.passage_chars, overlap_sentences=config.overlap_sentences)


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
        with one_writer(home, timeout=config.lock_timeout, cancelled=cancelled):
            embedder = embedder or make_embedder(config.embedder, batch_size=config.batch_size)
            report = _Rebuild(home, config, embedder, tell, cancelled or (lambda: False)).run(
                wanted, force=force
            )
    except OSError as exc:
        raise storage_error(exc, home) from exc
    seconds = time.perf_counter() - begun
    return RebuildReport(**{**report, "seconds": seconds, "skipped": tuple(skipped)})  # type: ignore[arg-type]


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
        self.fingerprint = fingerprint(config)
        self.segments = Segments(home, self.fingerprint)
        self.kept = Kept()

    def run(self, wanted: dict[str, Article], *, force: bool) -> dict[str, object]:
        old = self._old_manifest()
        self.kept = kept_by_snapshots(self.home)
        plan = _compare(old, wanted)
        cut, sound = self._cut(old, wanted)
        self.tell(Progress("read", len(wanted), len(wanted)))
        self.segments.survey()
        placed = {} if force else self._placed(old, wanted, cut)
        todo = [i for i in sorted(wanted) if cut[i] and i not in placed]
        generation = old.generation if old else 0
        count = sum(len(ps) for ps in cut.values())
        # Vectors that have to be made again are a new generation too: open readers must connect anew to see them.
        same = not (todo or force or plan.added or plan.changed or plan.removed)
        if old and same and sound.issuperset(wanted) and self._lexical_whole(old):
            # Nobody searches what the generation before the last one left: readers have moved on.
            self._clean(old, old.segments)
            return self._report(plan, count, 0, generation)
        # Above every snapshot's too: its lexical folder goes by its generation and must not be written over.
        generation = max(generation, self.kept.generation) + 1
        live = Counter({name: 0 for name in placed.values()})
        for article_id, name in placed.items():
            live[name] += len(cut[article_id])
        moved = self.segments.to_move(live, sum(len(cut[i]) for i in todo))
        embedded = 0
        if todo or moved:
            moving = {i: name for i, name in placed.items() if name in moved}
            name, embedded = self._write(wanted, cut, todo, moving, force=force)
            placed |= dict.fromkeys([*todo, *moving], name)
        self._check_cancelled()
        entries = {}
        for article_id in sorted(wanted):
            article, ps = wanted[article_id], cut[article_id]
            if article_id not in sound:
                store_article(self.home, article, ps)
            entries[article_id] = Entry(
                article.digest, article_file(article, ps), len(ps), placed.get(article_id, "")
            )
        lexical = f"lexical-{generation}"
        shutil.rmtree(self.home / lexical, ignore_errors=True)
        flat = [(wanted[i], p) for i in sorted(wanted) for p in cut[i]]
        sums = write_lexical(
            self.home / lexical, [p.id for _, p in flat], [embedded_text(a, p) for a, p in flat]
        )
        self.tell(Progress("lexical", 1, 1))
        self._check_cancelled()
        new = Manifest(generation, self.fingerprint, lexical, sums, entries)
        write_manifest(self.home, new)
        self.tell(Progress("commit", 1, 1))
        self._clean(new, new.segments | (old.segments if old else frozenset()))
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
            return Manifest(newest, "", "", {}, {})

    def _lexical_folders(self) -> list[Path]:
        return [p for p in self.home.glob("lexical-*") if p.name.split("-")[1].isdigit()]

    def _cut(
        self, old: Manifest | None, wanted: dict[str, Article]
    ) -> tuple[dict[str, tuple[Passage, ...]], set[str]]:
        """The passages of all articles, and the ids of those whose files are whole; only what changed is cut."""
        cut, sound = {}, set()
        for article_id, article in wanted.items():
            entry = old.articles.get(article_id) if old and old.fingerprint == self.fingerprint else None
            if entry and entry.digest == article.digest:
                try:
                    stored, ps = load_stored(self.home, entry.file)
                except IndexDamagedError:
                    stored, ps = None, ()
                if stored == article:
                    cut[article_id] = ps
                    sound.add(article_id)
                    continue
            cut[article_id] = _passages(article, self.config)
        return cut, sound

    def _placed(
        self, old: Manifest | None, wanted: dict[str, Article], cut: dict[str, tuple[Passage, ...]]
    ) -> dict[str, str]:
        """The articles that have all their vectors already, and in which segment."""
        places = self.segments.places({i: e.segment for i, e in old.articles.items()} if old else {})
        found = {}
        for article_id, article in wanted.items():
            name = places.get((article_id, article.digest))
            if name and self.segments.whole[name].articles[article_id][1] == len(cut[article_id]) > 0:
                found[article_id] = name
        return found

    def _write(
        self,
        wanted: dict[str, Article],
        cut: dict[str, tuple[Passage, ...]],
        todo: Sequence[str],
        moving: dict[str, str],
        *,
        force: bool,
    ) -> tuple[str, int]:
        """Write and seal a segment of what is new and what moves; its name, and how many passages were embedded."""
        name = self.segments.new_name()
        store = self.segments.store(name)
        fresh = {p.id: (wanted[i], p) for i in todo for p in cut[i]}
        try:
            store.create(expected=len(fresh) + sum(len(cut[i]) for i in moving))
            for segment in sorted(set(moving.values())):
                rows = [(wanted[i], p) for i, s in moving.items() if s == segment for p in cut[i]]
                self._move(self.segments.store(segment), rows, store)
            if not force:
                for ids, vectors in self.segments.kept(self.embedder.dimension) if fresh else ():
                    known = [k for k, i in enumerate(ids) if i in fresh]
                    self._put(store, [fresh.pop(ids[k]) for k in known], vectors[known])
            embedded = self._embed(store, list(fresh.values()))
            articles = {i: (wanted[i].digest, len(cut[i])) for i in [*todo, *moving]}
            store.seal(articles)
        except BaseException:
            store.close()
            shutil.rmtree(store.folder, ignore_errors=True)
            raise
        return name, embedded

    def _move(self, source: VectorStore, rows: Sequence[Work], target: VectorStore) -> None:
        for begin in range(0, len(rows), CHUNK):
            self._check_cancelled()
            part = rows[begin : begin + CHUNK]
            self._put(target, part, source.vectors([p.id for _, p in part]))
        source.close()

    @staticmethod
    def _put(store: VectorStore, rows: Sequence[Work], vectors: np.ndarray) -> None:
        metadata = [{"article": a.id, "published": _ordinal(a.published)} for a, _ in rows]
        store.add([p.id for _, p in rows], vectors, metadata)

    def _embed(self, store: VectorStore, todo: Sequence[Work]) -> int:
        """Embed and write what is new, a chunk at a time; the store writes one chunk while the next is embedded."""
        size = max(256, self.config.batch_size * 8)
        with ThreadPoolExecutor(1) as writer:
            written: Future[None] | None = None
            for begin in range(0, len(todo), size):
                self._check_cancelled()
                chunk = todo[begin : begin + size]
                with self._embedder_errors():
                    vectors = self.embedder.embed_documents(
                        [embedded_text(a, p) for a, p in chunk],
                        on_progress=lambda n, _, base=begin: self._embedding(base + n, len(todo)),  # type: ignore[misc]
                    )
                self.segments.keep([p.id for _, p in chunk], vectors)
                if written:
                    written.result()
                written = writer.submit(self._put, store, chunk, vectors)
            if written:
                written.result()
        return len(todo)

    @contextmanager
    def _embedder_errors(self) -> Iterator[None]:
        """Whatever a model raises, the user reads what to do."""
        try:
            yield
        except (LaunchError, OSError):
            raise
        except Exception as exc:
            raise EmbeddingError(
                f"The embedding model {self.embedder.name} failed ({type(exc).__name__}). What it has done is kept. Free "
                "some memory, or set a smaller LAUNCH_INDEX__BATCH_SIZE, and run: launch-assistant rebuild"
            ) from exc

    def _embedding(self, done: int, total: int) -> None:
        self.tell(Progress("embed", done, total))
        self._check_cancelled()

    def _check_cancelled(self) -> None:
        if self.cancelled():
            raise RebuildCancelledError(
                "The rebuild was stopped; the index is as it was. Run it again to finish."
            )

    def _lexical_whole(self, manifest: Manifest) -> bool:
        try:
            LexicalIndex(self.home / manifest.lexical, manifest.lexical_sums).check()
        except IndexDamagedError:
            return False
        return True

    def _clean(self, live: Manifest, segments: frozenset[str]) -> None:
        """Delete what neither the live manifest nor a snapshot names; `segments` are those to keep."""
        self.segments.clean(segments | self.kept.segments)
        for folder in self._lexical_folders():
            if folder.name != live.lexical and folder.name not in self.kept.lexical:
                shutil.rmtree(folder, ignore_errors=True)
        named = {entry.file for entry in live.articles.values()} | self.kept.files
        for file in (self.home / "articles").glob("*.json"):
            if file.name not in named:
                file.unlink(missing_ok=True)
        for below in (self.home, self.home / "articles", self.home / SNAPSHOTS):
            for leftover in below.glob(".new-*"):
                leftover.unlink(missing_ok=True)


def _ordinal(day: date | None) -> int:
    return day.toordinal() if day else UNDATED
