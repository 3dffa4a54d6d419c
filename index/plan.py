"""What a rebuild has to do, and telling so without doing it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from corpus.models import Article, Skipped
from index.config import IndexConfig
from index.errors import IndexDamagedError, IndexNotBuiltError
from index.manifest import Entry, Manifest, read_manifest
from index.models import RebuildReport
from index.recipe import cut, fingerprint


@dataclass(frozen=True, slots=True)
class Plan:
    """What a rebuild has to do, from comparing the manifest with the articles."""

    added: tuple[str, ...]
    changed: tuple[str, ...]
    removed: tuple[str, ...]
    unchanged: tuple[str, ...]


def compare(old: Manifest | None, wanted: Mapping[str, Article]) -> Plan:
    """The articles that are wanted beside those that are live."""
    live = old.articles if old else {}
    same = {i for i, article in wanted.items() if i in live and as_indexed(live[i], article)}
    return Plan(
        added=tuple(sorted(i for i in wanted if i not in live)),
        changed=tuple(sorted(i for i in wanted if i in live and i not in same)),
        removed=tuple(sorted(i for i in live if i not in wanted)),
        unchanged=tuple(sorted(same)),
    )


def as_indexed(entry: Entry, article: Article) -> bool:
    """Whether an article is as it was indexed; another publisher of the same report changes it, but none of its vectors."""
    return entry.digest == article.digest and entry.also == article.also_published_by


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
    plan = compare(old, wanted)
    anew = force or old is None or old.fingerprint != fingerprint(config)
    live = old.articles if old and not anew else {}
    counts = {i: live[i].passages for i, a in wanted.items() if i in live and live[i].digest == a.digest}
    todo = [i for i in wanted if i not in counts]
    fresh = sum(len(cut(wanted[i], config)) for i in todo)
    generation = old.generation if old else 0
    return RebuildReport(
        added=plan.added,
        changed=plan.changed,
        removed=plan.removed,
        unchanged=plan.unchanged,
        passages=sum(counts.values()) + fresh,
        embedded=fresh,
        seconds=0.0,
        generation=generation + bool(todo or plan.changed or plan.removed),
        skipped=tuple(skipped),
    )
