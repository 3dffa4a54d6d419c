"""A rebuild as the page shows it: its pace, its words, and stopping it."""

from __future__ import annotations

from pathlib import Path
from threading import Event

import pytest

from assistant.rebuilding import rebuild_index
from assistant.settings import load_settings
from index.embedding import Embedder
from index.errors import RebuildCancelledError
from index.manifest import read_manifest
from index.models import Progress, RebuildReport
from ui.rebuilds import STOPPED, Pace, rebuilding
from ui.render_library import rebuild_progress
from ui.wording import time_left


def test_the_time_left_comes_from_the_pace_of_the_step_alone() -> None:
    now = [100.0]
    pace = Pace(lambda: now[0])
    assert pace.left(Progress("read", 1, 3)) is None
    now[0] += 50
    assert pace.left(Progress("embed", 10, 110)) is None, "another step says nothing of this one"
    now[0] += 1
    assert pace.left(Progress("embed", 20, 110)) is None, "too early to say"
    now[0] += 3
    assert pace.left(Progress("embed", 30, 110)) == pytest.approx(16)
    now[0] += 4
    assert pace.left(Progress("embed", 110, 110)) == 0


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(3, "a few seconds"), (12, "about 10 seconds"), (47, "about 50 seconds"), (95, "about 2 minutes")],
)
def test_the_time_left_is_told_roughly(seconds: float, words: str) -> None:
    assert time_left(seconds) == f"{words} left"


def test_progress_names_what_is_counted() -> None:
    assert "1,200 of 3,000 passages, about 50 seconds left" in rebuild_progress(
        Progress("embed", 1200, 3000), seconds_left=47
    )
    assert "3 of 16 files<" in rebuild_progress(Progress("read", 3, 16))
    assert "is-stoppable" in rebuild_progress(Progress("read", 0, 0))
    # From here on the new index is the index.
    assert "is-stoppable" not in rebuild_progress(Progress("commit", 1, 1))


def test_a_rebuild_that_is_stopped_leaves_the_index_as_it_was(tmp_path: Path, embedder: Embedder) -> None:
    folder = tmp_path / "articles"
    folder.mkdir()
    (folder / "one.md").write_text("The dock took in 17 boats in its first week.\n", "utf-8")
    settings = load_settings().model_copy(update={"home": tmp_path / "home", "corpus": folder})
    rebuild_index(settings, embedder=embedder)
    before = read_manifest(settings.index_home)
    (folder / "two.md").write_text("The crane lifted 41 tonnes on its trial day.\n", "utf-8")

    gone = Event()
    gone.set()
    told = list(rebuilding(settings, embedder, gone=gone))
    assert told[0] == Progress("stop", 0, 0)
    assert isinstance(told[-1], RebuildCancelledError)
    assert str(told[-1]) == STOPPED
    assert read_manifest(settings.index_home) == before

    *_, last = rebuilding(settings, embedder, gone=Event())
    assert isinstance(last, RebuildReport)
    assert last.added == ("two",)


def test_reading_the_articles_can_be_stopped(tmp_path: Path, embedder: Embedder) -> None:
    folder = tmp_path / "articles"
    folder.mkdir()
    for n in range(5):
        (folder / f"{n}.md").write_text(f"The dock took in {n} boats that week.\n", "utf-8")
    settings = load_settings().model_copy(update={"home": tmp_path / "home", "corpus": folder})
    seen: list[Progress] = []
    with pytest.raises(RebuildCancelledError):
        rebuild_index(settings, embedder=embedder, on_progress=seen.append, cancelled=lambda: len(seen) >= 2)
    assert seen == [Progress("read", 1, 5), Progress("read", 2, 5)]
