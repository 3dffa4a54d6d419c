"""What Chroma, its database and its compiled part raise, in the product's words."""

from __future__ import annotations

import functools
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from index.errors import REBUILD, IndexDamagedError, StorageError, StoreUnreachableError

SCARCE = 500
"""Megabytes; with more of them free, a failed write has another reason than a full disk."""

_T = TypeVar("_T")


@contextmanager
def translated(folder: Path) -> Iterator[None]:
    """Chroma's errors, sqlite's and the system's in the product's words."""
    import chromadb.errors

    try:
        yield
    except (chromadb.errors.NotFoundError, LookupError) as exc:
        raise IndexDamagedError(f"Part of the index in {folder} is missing. {REBUILD}") from exc
    except (chromadb.errors.ChromaError, ValueError, TypeError, RuntimeError) as exc:
        raise _refused(exc, folder) or IndexDamagedError(
            f"The vector store in {folder} cannot be used. {REBUILD} --force"
        ) from exc
    except OSError as exc:
        raise StorageError(
            f"The vector store in {folder} refused ({exc.strerror}). Check the folder's permissions and its disk."
        ) from exc
    except BaseException as exc:
        # The store's compiled part reports its own bugs as a BaseException of its own kind.
        if type(exc).__name__ != "PanicException":
            raise
        raise IndexDamagedError(f"The vector store in {folder} cannot be used. {REBUILD} --force") from exc


def _refused(exc: BaseException, folder: Path) -> StorageError | None:
    """A refusal is no damage: taken for it, a rebuild would throw whole vectors away."""
    said = str(exc)
    if "is full" in said or "No space" in said:
        return StorageError(
            f"The disk of {folder} is full. Free some space, or set LAUNCH_HOME to a folder on another disk, and "
            "rebuild. The index that was there still serves."
        )
    if "database is locked" in said or "database table is locked" in said:
        return StorageError(
            f"The vector store in {folder} is in use by another process. Try again in a moment."
        )
    if any(s in said for s in ("readonly database", "unable to open database", "Permission denied")):
        return StorageError(
            f"The vector store in {folder} cannot be opened: reading needs permission to write there too. Check the "
            "folder's permissions, or set LAUNCH_HOME to another folder."
        )
    if "disk I/O error" in said or "Input/output error" in said:
        return StorageError(
            f"The disk of {folder} reports errors. Check the disk, then: launch-assistant rebuild"
        )
    return None


@contextmanager
def translated_from_server(url: str) -> Iterator[None]:
    """What goes wrong between here and a Chroma server, in the product's words; the token is never part of them."""
    import chromadb.errors
    import httpx

    try:
        yield
    except (chromadb.errors.NotFoundError, LookupError) as exc:
        raise IndexDamagedError(
            f"Part of the index is missing on the Chroma server {url}. {REBUILD}"
        ) from exc
    except (chromadb.errors.ChromaAuthError, chromadb.errors.AuthorizationError) as exc:
        raise _kept_out(url) from exc
    except (
        httpx.HTTPError,
        OSError,
        ValueError,
        TypeError,
        RuntimeError,
        chromadb.errors.ChromaError,
    ) as exc:
        status = getattr(getattr(exc, "response", None), "status_code", None)
        if status in (401, 403) or "Unauthorized" in str(exc) or "Forbidden" in str(exc):
            raise _kept_out(url) from exc
        raise StoreUnreachableError(
            f"The Chroma server {url} does not answer as it should ({type(exc).__name__}). See that it runs and is of "
            "the version in constraints.txt, or correct LAUNCH_INDEX__CHROMA_URL."
        ) from exc


def _kept_out(url: str) -> StoreUnreachableError:
    return StoreUnreachableError(
        f"The Chroma server {url} lets nobody in with this token. Correct LAUNCH_INDEX__CHROMA_TOKEN."
    )


@contextmanager
def writing(folder: Path) -> Iterator[None]:
    """Nothing that was whole is written to: whatever goes wrong is the disk's refusal, not damage."""
    try:
        yield
    except IndexDamagedError as exc:
        # Chroma does not always say that the disk is full, and sometimes does not even notice.
        free = shutil.disk_usage(folder.parent if folder.parent.is_dir() else "/").free >> 20
        if free < SCARCE:
            why = f"the disk may be full ({free} MB are free there). Free some space, or set"
        else:
            cause = exc.__cause__ or exc
            why = f"{str(cause) or type(cause).__name__}. Look at the disk, rebuild once more, or set"
        raise StorageError(
            f"The vectors could not be written to {folder}: {why} LAUNCH_HOME to a folder on another disk, and rebuild. "
            "The index that was there still serves."
        ) from exc


def guarded(method: Callable[..., _T]) -> Callable[..., _T]:
    """A method of a store that reads; `self.reading()` puts its errors in words."""

    @functools.wraps(method)
    def call(self: Any, *args: Any, **kwargs: Any) -> _T:
        with self.reading():
            return method(self, *args, **kwargs)

    return call


def guarded_writing(method: Callable[..., _T]) -> Callable[..., _T]:
    """A method of a store that writes a new segment; `self.writing()` puts its errors in words."""

    @functools.wraps(method)
    def call(self: Any, *args: Any, **kwargs: Any) -> _T:
        with self.writing(), self.reading():
            return method(self, *args, **kwargs)

    return call
