"""Reading and writing the index's files: whole or not at all, and what goes wrong in the product's words."""

from __future__ import annotations

import errno
import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from corpus.errors import LaunchError
from index.errors import REBUILD, IndexDamagedError, StorageError

Check = Callable[[], None]
"""Asked between two parts of long work; raises when that is to stop."""


def go_on() -> None:
    """The check of work that nobody stops."""


@contextmanager
def reading(
    path: str | Path,
    *,
    damaged: str = "",
    refused: type[OSError] = OSError,
    torn: type[Exception] = ValueError,
) -> Iterator[None]:
    """Tell damage from a refusal, whatever goes wrong while something is read and understood.

    Args:
        path: the file or folder.
        damaged: the message's first sentence when it is missing or not what was written, without its full stop.
        refused: errors of the system that are no damage.
        torn: what reading it may raise when it is damaged, besides the usual.

    Raises:
        IndexDamagedError: it is missing or damaged.
        StorageError: it is there and cannot be read.
    """
    broken = (FileNotFoundError, NotADirectoryError, ValueError, KeyError, TypeError, AttributeError, torn)
    try:
        yield
    except LaunchError:
        raise
    except OSError as exc:
        if isinstance(exc, refused) and not isinstance(exc, broken[:2]):
            raise StorageError(
                f"{path} cannot be read ({exc.strerror}). Check the folder's permissions."
            ) from exc
        raise IndexDamagedError(f"{damaged or f'{path} is missing or damaged'}. {REBUILD}") from exc
    except broken as exc:
        raise IndexDamagedError(f"{damaged or f'{path} is missing or damaged'}. {REBUILD}") from exc


def write_atomically(path: Path, text: str | bytes, *, durable: bool = True) -> None:
    """Write a file, text as UTF-8, so that it is there whole or not at all, also after a power cut.

    Without `durable` a power cut may leave it torn until `settle` was called.

    Raises:
        StorageError: the disk is full or refuses.
    """
    try:
        handle, name = tempfile.mkstemp(prefix=".new-", dir=path.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text)
                file.flush()
                if durable:
                    os.fsync(file.fileno())
            os.replace(name, path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
        if durable:
            sync_folder(path.parent)
    except OSError as exc:
        raise storage_error(exc, path.parent) from exc


_MANY = 64


def settle(paths: Sequence[Path], *, check: Check = go_on) -> None:
    """Make files that were written one after the other durable together, with the folder they are in.

    One by one each waits for the disk; of many, the system first writes all that it holds, and each has then only to say
    whether that went well.

    Raises:
        StorageError: the disk is full or refuses.
    """
    if not paths:
        return
    if len(paths) >= _MANY and hasattr(os, "sync"):
        os.sync()
    try:
        for number, path in enumerate(paths):
            if number % _MANY == 0:
                check()
            _sync(path)
        sync_folder(paths[0].parent)
    except OSError as exc:
        raise storage_error(exc, paths[0].parent) from exc


def sync_folder(folder: Path) -> None:
    """Make renames in a folder durable, where the system can."""
    if os.name == "posix":
        _sync(folder)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def storage_error(exc: OSError, folder: Path) -> StorageError:
    """An operating system's refusal in the product's words."""
    if exc.errno in (errno.ENOSPC, errno.EDQUOT):
        return StorageError(
            f"The disk of {folder} is full. Free some space, or set LAUNCH_HOME to a folder on another disk, and "
            "rebuild. The index that was there still serves."
        )
    reason = exc.strerror or type(exc).__name__
    return StorageError(
        f"{folder} cannot be written ({reason}). Check the folder's permissions, or set LAUNCH_HOME to another folder."
    )


def sync_tree(folder: Path, *, check: Check = go_on) -> None:
    """Make a folder with all of its files durable."""
    for path in sorted(folder.rglob("*")):
        check()
        if path.is_dir():
            sync_folder(path)
        else:
            _sync(path)
    sync_folder(folder)
    sync_folder(folder.parent)
