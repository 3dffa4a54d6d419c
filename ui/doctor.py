"""`launch-assistant doctor`: what is in place, what is not, and the cure."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from assistant.settings import Settings, load_settings, quiet_libraries, unknown_variables
from corpus.errors import LaunchError


@dataclass(frozen=True, slots=True)
class Check:
    """One finding; `status` is "ok", "warn" or "fail"."""

    name: str
    status: str
    found: str


def checks() -> Iterator[Check]:
    """Every check in turn; none of them changes anything but for a file written and removed in the home folder."""
    quiet_libraries()
    version = ".".join(map(str, sys.version_info[:3]))
    yield Check(
        "Python", "ok" if sys.version_info >= (3, 11) else "fail", f"{version} (3.11 or newer is needed)"
    )
    try:
        settings = load_settings()
    except LaunchError as exc:
        yield Check("settings", "fail", str(exc))
        return
    unknown = unknown_variables()
    yield Check(
        "settings",
        "warn" if unknown else "ok",
        f"not read: {', '.join(unknown)}" if unknown else "understood",
    )
    for name, look in (
        ("home", _home),
        ("articles", _articles),
        ("embedding model", _embedding),
        ("evidence model", _evidence),
        ("index", _index),
        ("chat model", _chat),
    ):
        yield _run(name, look, settings)


def _run(name: str, look: Callable[[Settings], tuple[str, str]], settings: Settings) -> Check:
    try:
        return Check(name, *look(settings))
    except LaunchError as exc:
        return Check(name, "fail", str(exc))


def _home(settings: Settings) -> tuple[str, str]:
    folder = settings.home
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    if not os.access(folder, os.W_OK):
        return "fail", f"{settings.home} cannot be written. Set LAUNCH_HOME to a folder of yours."
    free = shutil.disk_usage(folder).free / 1e9
    return "ok" if free > 1 else "warn", f"{settings.home}, {free:.1f} GB free"


def _articles(settings: Settings) -> tuple[str, str]:
    from corpus.library import Library

    reading = Library(settings.corpus, added=settings.articles_home).read()
    status = "warn" if reading.skipped else "ok"
    skipped = "".join(f"; skipped {s.path} ({s.reason})" for s in reading.skipped)
    return status, f"{len(reading.articles)} in {settings.corpus or 'the shipped folder'}{skipped}"


def _embedding(settings: Settings) -> tuple[str, str]:
    from index.embedding import PACKAGED, packaged_folder

    if settings.index.embedder != PACKAGED:
        return "ok", f"{settings.index.embedder} (not checked; it loads at the first rebuild)"
    packaged_folder()
    return "ok", f"{PACKAGED}, checksum right"


def _evidence(settings: Settings) -> tuple[str, str]:
    from assistant.evidence_onnx import BuiltInEvidence

    if settings.evidence.model != "built-in":
        return "ok", f"{settings.evidence.model} (not checked; it loads at the first question)"
    BuiltInEvidence().check()
    return "ok", "built-in, checksums right"


def _index(settings: Settings) -> tuple[str, str]:
    from corpus.library import Library
    from index.errors import IndexNotBuiltError
    from index.retriever import Retriever

    try:
        snapshot = Retriever.open(settings.index_home, config=settings.index).snapshot()
    except IndexNotBuiltError:
        return "warn", "not built yet; the first question builds it, or run: launch-assistant rebuild"
    indexed = {a.id: (a.digest, a.also_published_by) for a in snapshot.articles()}
    library = Library(settings.corpus, added=settings.articles_home)
    now = {a.id: (a.digest, a.also_published_by) for a in library.articles()}
    if indexed != now:
        return "warn", "the articles have changed since it was built. Run: launch-assistant rebuild"
    where = f", vectors on {settings.index.chroma_url}" if settings.index.chroma_url else ""
    return "ok", f"generation {snapshot.generation}, up to date{where}"


def _chat(settings: Settings) -> tuple[str, str]:
    if not (settings.chat.model or settings.chat.base_url):
        return "ok", "none set; answers are quotes"
    from assistant.model_stream import make_chat_model

    make_chat_model(settings.chat)
    return "ok", f"{settings.chat.model} (not asked)"
