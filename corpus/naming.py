"""Which files of a folder may be articles, and what the articles are called."""

from __future__ import annotations

import os
from collections.abc import Container
from itertools import chain, count
from pathlib import Path

LAUNCH_FILE = "launch.toml"
_NOT_ARTICLES = frozenset({"readme.md", LAUNCH_FILE})


def files_below(root: Path) -> list[Path]:
    """Every file below a folder but hidden ones, in a fixed order; links to folders are not followed."""
    found = []
    for folder, folders, files in os.walk(root, followlinks=False):
        folders[:] = sorted(f for f in folders if not f.startswith("."))
        for name in sorted(files):
            if not name.startswith(".") and name.lower() not in _NOT_ARTICLES:
                found.append(Path(folder) / name)
    return found


def free_id(name: Path, taken: Container[str]) -> str:
    """What an article is called: its file's path below the folder, with the suffix where the rest is taken."""
    plain = shown(name.with_suffix(""))
    # One at a time: nearly always the first is free.
    candidates = chain((plain, shown(name)), (f"{plain}-{n}" for n in count(2)))
    return next(c for c in candidates if c not in taken)


def shown(name: Path) -> str:
    """A file's name as text: bytes that are no UTF-8 become replacement signs."""
    return name.as_posix().encode("utf-8", "surrogateescape").decode("utf-8", "replace")
