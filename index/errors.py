"""Errors of building and searching the index; the root of the tree is in corpus/errors.py.

IndexingError
  IndexNotBuiltError              nothing was ever built for this corpus
  IndexDamagedError               the manifest names something that is not there or cannot be read
  IndexVersionError               written by another version of launch-assistant
  IndexStaleError                 built with an embedder that cannot be had now
  IndexLockedError                another process is rebuilding
  EmbeddingError                  the embedding model cannot be had, or failed
  RebuildCancelledError           stopped on request; the old index still serves
  SnapshotError                   a named state is not there, or cannot be gone back to
  StorageError                    the disk or the vector store refused
"""

from __future__ import annotations

from corpus.errors import LaunchError

REBUILD = "Run: launch-assistant rebuild"


class IndexingError(LaunchError):
    """The index could not be built or searched."""


class IndexNotBuiltError(IndexingError):
    """There is no index for these articles yet."""


class IndexDamagedError(IndexingError):
    """Part of the index is missing or unreadable."""


class IndexVersionError(IndexDamagedError):
    """The index was written by another version of launch-assistant."""


class IndexStaleError(IndexingError):
    """The index, or a snapshot, was built with other settings, and cannot be used with those that are set now."""


class IndexLockedError(IndexingError):
    """Another process is rebuilding this index; `who` says which, in words."""

    def __init__(self, message: str, *, who: str = "another process") -> None:
        super().__init__(message)
        self.who = who


class EmbeddingError(IndexingError):
    """The embedding model is missing, altered or failing."""


class RebuildCancelledError(IndexingError):
    """The rebuild was stopped before it was done."""

    def __init__(
        self, message: str = "The rebuild was stopped; the index is as it was. Run it again to finish."
    ) -> None:
        super().__init__(message)


class SnapshotError(IndexingError):
    """A named state of the index is missing or damaged, or the name cannot be used."""


class StorageError(IndexingError):
    """The disk or the vector store refused to read or write."""


class StoreUnreachableError(StorageError):
    """The Chroma server does not answer, or lets nobody in with this token."""
