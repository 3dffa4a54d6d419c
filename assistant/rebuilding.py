"""Bringing the index of the articles up to date, as the settings say."""

from __future__ import annotations

from collections.abc import Callable

from assistant.settings import Settings, load_settings, quiet_libraries
from corpus.library import Library
from index.build import rebuild
from index.embedding import Embedder
from index.errors import RebuildCancelledError
from index.models import Progress, RebuildReport


def rebuild_index(
    settings: Settings | None = None,
    *,
    force: bool = False,
    on_progress: Callable[[Progress], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
    embedder: Embedder | None = None,
) -> RebuildReport:
    """Bring the index of the articles that the settings name up to date.

    Raises:
        LaunchError: no article, no space, another process is rebuilding, or stopped; what was there still serves.
    """
    quiet_libraries()
    settings = settings or load_settings()

    def told(done: int, total: int) -> None:
        if cancelled is not None and cancelled():
            raise RebuildCancelledError
        if on_progress is not None:
            on_progress(Progress("read", done, total))

    reading = Library(settings.corpus, added=settings.articles_home).read(on_progress=told)
    return rebuild(
        reading.articles,
        config=settings.index,
        home=settings.index_home,
        embedder=embedder if settings.index.engine == "local" else None,
        skipped=reading.skipped,
        on_progress=on_progress,
        force=force,
        cancelled=cancelled,
    )
