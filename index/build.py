"""Rebuilding: bring an index up to date with its articles, embedding only what changed.

Order of writing: a new segment, vectors and words, and the article files first, then the manifest in one step; only
after that is deleted what no manifest names any more. The segments of the generation before stay for
one rebuild longer, so that a search under way still finds all of its passages. Nothing that a manifest names is ever
written again: killed at any point, the old manifest still names whole things, and the next rebuild finishes the work.
"""

from __future__ import annotations

import os
import re
import shutil
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from corpus.models import Article, Skipped
from index.articles import FOLDER as ARTICLES
from index.articles import load_stored, settle_articles, store_article, stored_whole
from index.config import IndexConfig
from index.embedding import Embedder, make_embedder
from index.errors import IndexDamagedError, IndexNotBuiltError, RebuildCancelledError
from index.files import storage_error
from index.manifest import MANIFEST, Entry, Manifest, parts_named, read_manifest, write_manifest
from index.models import Passage, Progress, RebuildReport
from index.parts import FOLDER as PARTS
from index.plan import Plan, as_indexed, compare
from index.recipe import cut, fingerprint, made_with
from index.segments import Segments
from index.snapshots import FOLDER as SNAPSHOTS
from index.snapshots import Kept, kept_by_snapshots
from index.vectors import SegmentWriter
from index.writer import one_writer

OnProgress = Callable[[Progress], None]

TOLD = 100
"""After so many articles it is told how far a rebuild is, and asked whether to stop."""

_GENERATION = re.compile(rb'"generation": (\d{1,18})\b')


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
        embedder: the model; made from the config, as its engine says, when not given.
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
            embedder = embedder or embedder_of(config)
            report = _Rebuild(home, config, embedder, tell, cancelled or (lambda: False)).run(
                wanted, force=force
            )
    except OSError as exc:
        raise storage_error(exc, home) from exc
    seconds = time.perf_counter() - begun
    return RebuildReport(**{**report, "seconds": seconds, "skipped": tuple(skipped)})  # type: ignore[arg-type]


def embedder_of(config: IndexConfig) -> Embedder:
    """The embedding model, on the engine that the config names."""
    if config.engine == "local":
        return make_embedder(config.embedder, batch_size=config.batch_size)
    from index.ray_engine import RayEmbedder

    return RayEmbedder(
        config.embedder,
        batch_size=config.batch_size,
        address=config.ray_address,
        workers=config.ray_workers,
    )


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
        self.segments = Segments(home, self.fingerprint, config)
        self.kept = Kept()
        self.fresh: dict[str, tuple[Passage, ...]] = {}

    def run(self, wanted: dict[str, Article], *, force: bool) -> dict[str, object]:
        old = self._old_manifest()
        self.kept = kept_by_snapshots(self.home)
        plan = compare(old, wanted)
        sound = self._cut(old, wanted)
        counts = {
            i: old.articles[i].passages if old and i in sound else len(self.fresh[i]) for i in sorted(wanted)
        }
        self.tell(Progress("read", len(wanted), len(wanted)))
        self.segments.survey()
        placed = {} if force else self._placed(old, wanted, counts)
        todo = [i for i, n in counts.items() if n and i not in placed]
        generation = old.generation if old else 0
        count = sum(counts.values())
        # What has to be made again is a new generation too: open readers must connect anew to see it.
        wordless = self.segments.wordless.intersection(placed.values())
        same = not (todo or force or wordless or plan.added or plan.changed or plan.removed)
        if old and same and old.fingerprint == self.fingerprint and sound.issuperset(wanted):
            # Nobody searches what the generation before the last one left: readers have moved on.
            self._clean(old, old.segments)
            return self._report(plan, count, 0, generation)
        # Above every snapshot's too, so that no number stands for two states.
        generation = max(generation, self.kept.generation) + 1
        live = Counter({name: 0 for name in placed.values()})
        for article_id, name in placed.items():
            live[name] += counts[article_id]
        moved = self.segments.to_move(live, sum(counts[i] for i in todo))
        embedded = 0
        if todo or moved:
            moving = {i: name for i, name in placed.items() if name in moved}
            whole = {i: (wanted[i], self._passages(old, i)) for i in [*todo, *moving]}
            name, embedded = self._writer().write(whole, moving, anew=force)
            placed |= dict.fromkeys([*todo, *moving], name)
        self._check_cancelled()
        entries = {}
        stored: list[str] = []
        for article_id, number in counts.items():
            article, segment = wanted[article_id], placed.get(article_id, "")
            if old and article_id in sound:
                entry = old.articles[article_id]
                entries[article_id] = entry if entry.segment == segment else replace(entry, segment=segment)
            else:
                if len(stored) % TOLD == 0:
                    self._check_cancelled()
                file, sum_ = store_article(self.home, article, self.fresh[article_id])
                stored.append(file)
                entries[article_id] = Entry(
                    article.digest, file, sum_, number, segment, article.also_published_by
                )
        settle_articles(self.home, stored, check=self._check_cancelled)
        self._check_cancelled()
        new = Manifest(generation, self.fingerprint, entries, made_with(self.config))
        write_manifest(self.home, new)
        self.tell(Progress("commit", 1, 1))
        self._clean(new, new.segments | (old.segments if old else frozenset()))
        self.tell(Progress("clean", 1, 1))
        return self._report(plan, count, embedded, generation)

    def _report(self, plan: Plan, count: int, embedded: int, generation: int) -> dict[str, object]:
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
            # Kept beside, in case somebody wants to see what happened. The generation goes on from what can still be
            # read of it, so that no reader takes the new index for one that it has already.
            path = self.home / MANIFEST
            said = _GENERATION.search(path.read_bytes()[:1000])
            path.replace(path.with_suffix(".damaged"))
            return Manifest(int(said[1]) if said else 0, "", {})

    def _cut(self, old: Manifest | None, wanted: dict[str, Article]) -> set[str]:
        """Cut what changed; the ids of those that are as they were and whose files are whole."""
        sound = set()
        for count, (article_id, article) in enumerate(wanted.items()):
            if not count % TOLD:
                self.tell(Progress("read", count, len(wanted)))
                self._check_cancelled()
            entry = old.articles.get(article_id) if old and old.fingerprint == self.fingerprint else None
            if entry and as_indexed(entry, article) and stored_whole(self.home, entry.file, entry.sum):
                sound.add(article_id)
            else:
                self.fresh[article_id] = cut(article, self.config)
        return sound

    def _passages(self, old: Manifest | None, article_id: str) -> tuple[Passage, ...]:
        """An article's passages, read from its file unless they were cut just now."""
        if old and article_id not in self.fresh:
            return load_stored(self.home, old.articles[article_id].file)[1]
        return self.fresh[article_id]

    def _placed(
        self, old: Manifest | None, wanted: dict[str, Article], counts: Mapping[str, int]
    ) -> dict[str, str]:
        """The articles that have all their vectors already, and in which segment."""
        entries = old.articles if old else {}
        found = {}
        for article_id, article in wanted.items():
            if not (count := counts[article_id]):
                continue
            preferred = entries[article_id].segment if article_id in entries else ""
            if name := self.segments.place(article_id, article.digest, count, preferred=preferred):
                found[article_id] = name
        return found

    def _writer(self) -> SegmentWriter:
        return SegmentWriter(
            self.segments,
            self.embedder,
            chunk=getattr(self.embedder, "chunk", max(128, self.config.batch_size)),
            tell=self.tell,
            check_cancelled=self._check_cancelled,
        )

    def _check_cancelled(self) -> None:
        if self.cancelled():
            raise RebuildCancelledError

    def _clean(self, live: Manifest, segments: frozenset[str]) -> None:
        """Delete what neither the live manifest nor a snapshot names; `segments` are those to keep."""
        self.segments.clean(segments | self.kept.segments)
        for folder in self.home.glob("lexical-*"):  # of versions before this one
            shutil.rmtree(folder, ignore_errors=True)
        named = {entry.file for entry in live.articles.values()} | self.kept.files
        if (self.home / PARTS).is_dir():
            named |= parts_named(self.home)
        for below in (self.home, self.home / ARTICLES, self.home / PARTS, self.home / SNAPSHOTS):
            for name in os.listdir(below) if below.is_dir() else ():
                ours = below != self.home and below.name in (ARTICLES, PARTS) and name.endswith(".json")
                if name.startswith(".new-") or (ours and name not in named):
                    (below / name).unlink(missing_ok=True)
        with suppress(OSError):  # there is something in it
            (self.home / PARTS).rmdir()
