"""Add articles of any kind to the user's own, replace those that changed, and know copies of one report for copies."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from corpus.connection import Resolver
from corpus.errors import CorpusError
from corpus.intake import Adding, AddReport, Merged
from corpus.models import Article, Skipped
from corpus.shelf import Shelf
from corpus.sources import Finder, Found
from corpus.web import Fetcher, FetchPolicy

__all__ = ["AddReport", "Merged", "add", "alone", "remove", "restore", "shelf_beside"]

_AT_ONCE = 50
"""Articles read before they are stored together: enough of one site to see what its pages share."""

_LOCK_SECONDS = 10.0


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
        existing: articles that are there besides those below `home`: the shipped ones.
        resolver: gives the IP addresses of a host; by default the system's.
        on_progress: told (files and addresses done, known so far in all).

    Raises:
        CorpusError: another process is adding, or the home folder cannot be written.
    """
    with alone(home), tempfile.TemporaryDirectory(prefix="launch-assistant-") as spool:
        finder = Finder(Fetcher(policy=policy or FetchPolicy(), resolver=resolver), Path(spool))
        adding = Adding(shelf_beside(home, existing), existing)
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


def remove(article_id: str, *, home: Path, existing: Sequence[Article] = ()) -> Path:
    """Take an added article away; `restore` brings it back.

    Args:
        article_id: as the library lists it.
        home: see `add`.
        existing: see `add`.

    Returns:
        Where it is kept.

    Raises:
        CorpusError: no added article has this id, or the folder cannot be written.
    """
    with alone(home):
        return shelf_beside(home, existing).remove(article_id)


def restore(article_id: str, *, home: Path, existing: Sequence[Article] = ()) -> Path:
    """Bring back the article of this id that was removed last.

    Args:
        article_id: as it was listed.
        home: see `add`.
        existing: see `add`.

    Returns:
        Its file.

    Raises:
        CorpusError: there is none, the id is in use again, or the folder cannot be written.
    """
    with alone(home):
        return shelf_beside(home, existing).restore(article_id)


def shelf_beside(home: Path, existing: Sequence[Article]) -> Shelf:
    """The shelf, on which nothing is called like an article elsewhere in the library."""
    return Shelf(home, taken=[article.id for article in existing])


@contextmanager
def alone(home: Path) -> Iterator[None]:
    """Hold the folder for one writer, and tell a disk's refusals as ours."""
    try:
        home.mkdir(parents=True, exist_ok=True)
        with FileLock(home / ".adding.lock", timeout=_LOCK_SECONDS):
            Shelf(home).clear_drafts()
            yield
    except Timeout:
        raise CorpusError(
            f"Another process is adding articles to {home}. Wait until it has finished."
        ) from None
    except OSError as exc:
        raise CorpusError(
            f"{home} cannot be written ({exc.strerror or exc}). Free some space or set LAUNCH_HOME to another folder."
        ) from exc
