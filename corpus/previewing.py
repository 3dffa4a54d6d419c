"""Look at sources before they are kept: what was shown is what is kept, to the byte."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from corpus.adding import alone, shelf_beside
from corpus.connection import Resolver
from corpus.intake import Adding, AddReport
from corpus.models import Article, Skipped
from corpus.sources import Finder, Found
from corpus.web import Fetcher, FetchPolicy


@dataclass(frozen=True, slots=True)
class Preview:
    """What sources hold, read and not yet kept.

    Attributes:
        entries: articles and sources that are none, in the order in which they were found.
        cut: whether there was more than may be looked at together.
        spool: the folder of fetched pages; it goes when the preview does.
    """

    entries: tuple[Found | Skipped, ...]
    cut: bool
    spool: tempfile.TemporaryDirectory[str]

    @property
    def articles(self) -> tuple[Article, ...]:
        """The articles, each as it would be kept; their ids are still ""."""
        return tuple(entry.article for entry in self.entries if isinstance(entry, Found))

    @property
    def skipped(self) -> tuple[Skipped, ...]:
        """The sources that are no articles."""
        return tuple(entry for entry in self.entries if isinstance(entry, Skipped))


def look(
    sources: Sequence[str | Path],
    *,
    policy: FetchPolicy | None = None,
    resolver: Resolver | None = None,
    names: Sequence[str] = (),
    most: int = 30,
    on_progress: Callable[[int, int], None] | None = None,
) -> Preview:
    """Read files, addresses, feeds and lists of addresses, and keep nothing.

    Args:
        sources: paths, or http(s) addresses.
        policy: what may be fetched.
        resolver: gives the IP addresses of a host; by default the system's.
        names: what to call the sources, in their order, where their paths say nothing to a reader.
        most: articles and refusals at most; the rest is left out.
        on_progress: told (read, known so far in all).
    """
    spool = tempfile.TemporaryDirectory(prefix="launch-assistant-preview-", ignore_cleanup_errors=True)
    finder = Finder(Fetcher(policy=policy or FetchPolicy(), resolver=resolver), Path(spool.name))
    called = {str(Path(s).absolute()): name for s, name in zip(sources, names, strict=False)}
    entries: list[Found | Skipped] = []
    cut = False
    for entry in finder.find(sources):
        if len(entries) == most:
            cut = True
            break
        entries.append(_called(entry, called))
        if on_progress:
            on_progress(len(entries), len(entries) + finder.left)
    return Preview(tuple(entries), cut, spool)


def _called(entry: Found | Skipped, called: dict[str, str]) -> Found | Skipped:
    if isinstance(entry, Skipped):
        return replace(entry, path=called.get(str(Path(entry.path).absolute()), entry.path))
    name = called.get(entry.source)
    # The digest is part of it: another file of the same name must not take this one's place.
    return replace(entry, source=f"{name} ({entry.content[:12]})") if name else entry


def keep(preview: Preview, *, home: Path, existing: Sequence[Article] = ()) -> AddReport:
    """Keep what a preview showed; see `corpus.adding.add` for what becomes of copies and changed articles.

    Raises:
        CorpusError: another process is adding, or the home folder cannot be written.
    """
    with alone(home):
        adding = Adding(shelf_beside(home, existing), existing)
        adding.take_all(preview.entries)
        return adding.report()
