"""Opening an index, building it first where there is none; several processes that start at once build it once."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from pathlib import Path

from index.config import IndexConfig
from index.embedding import Embedder
from index.errors import IndexLockedError, IndexNotBuiltError, IndexVersionError
from index.retriever import Retriever
from index.writer import wait_for_writer

logger = logging.getLogger("launch_assistant.index")

PATIENCE = 3600.0
"""Seconds to wait for a process that builds the index which this one needs, unless told to wait longer."""


def open_or_build(
    home: Path, *, config: IndexConfig, embedder: Embedder, build: Callable[[], object]
) -> Retriever:
    """Open an index; one that is missing, or of another version, is built first, here or by who is at it already.

    Args:
        home: the index's folder.
        config: how to search; its `auto_build` forbids building.
        embedder: the model of the config.
        build: builds it.

    Raises:
        IndexNotBuiltError: there is none, and none may be built.
        IndexLockedError: another process has been building it for an hour.
        LaunchError: whatever `build` raises, and `Retriever.open`.
    """
    deadline = time.monotonic() + max(PATIENCE, config.lock_timeout)
    while True:
        try:
            return Retriever.open(home, config=config, embedder=embedder)
        except (IndexNotBuiltError, IndexVersionError):
            if not config.auto_build:
                raise
        try:
            build()
        except IndexLockedError as exc:
            left = deadline - time.monotonic()
            if left <= 0:
                raise
            logger.warning("%s", f"There is no index yet, and {exc.who} builds it. Waiting for it.")
            wait_for_writer(home, timeout=left)
