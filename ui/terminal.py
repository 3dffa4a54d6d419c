"""What the commands share: talking to the user on stderr, and the settings."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from assistant.settings import Settings
    from index.models import Progress

JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]

QUIET_SECONDS = 10.0
"""Where there is no terminal, progress is told so often."""


def say(message: str) -> None:
    """Print a remark to stderr."""
    typer.echo(message, err=True)


def before_a_person() -> bool:
    """Whether a person started this at a terminal on a computer with a screen, where a browser may be opened."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        return False
    env = os.environ
    contained = Path("/.dockerenv").exists() or Path("/run/.containerenv").exists()
    if contained or any(
        env.get(name) for name in ("CI", "container", "KUBERNETES_SERVICE_HOST", "SSH_CONNECTION")
    ):
        return False
    # Without a screen, Python would open a browser of text in the terminal itself.
    return sys.platform in ("darwin", "win32") or bool(env.get("DISPLAY") or env.get("WAYLAND_DISPLAY"))


def read_settings() -> Settings:
    """The settings, with a warning for each variable that is none.

    Raises:
        SettingsError: a value cannot be used.
    """
    from assistant.settings import load_settings, quiet_libraries, unknown_variables

    quiet_libraries()
    for name in unknown_variables():
        say(f"Warning: {name} is no setting of launch-assistant and is not read.")
    return load_settings()


@contextmanager
def counting(title: str) -> Iterator[Callable[[str, int, int], None]]:
    """Takes (step, done, total): a bar with the time left where stderr is a terminal, now and then a line elsewhere."""
    if not sys.stderr.isatty():
        yield _Lines(title)
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    left = TimeRemainingColumn(compact=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), left, TextColumn("left"))
    with Bar(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(title, total=None)

        def show(step: str, done: int, total: int) -> None:
            bar.update(task, description=f"{title}: {step}", completed=done, total=total)

        yield show


class _Lines:
    """Progress as plain lines: how much there is to do, then how far it is and how long it will take."""

    def __init__(self, title: str) -> None:
        self._title = title
        self._begun = self._told = 0.0
        self._step = ""

    def __call__(self, step: str, done: int, total: int) -> None:
        now = time.monotonic()
        if step != self._step:
            self._step, self._begun, self._told = step, now, now
            if step == "embed" and total:
                say(f"{self._title}: embedding {total} passages")
        elif now - self._told >= QUIET_SECONDS and 0 < done < total:
            self._told = now
            left = (now - self._begun) / done * (total - done)
            say(f"{self._title}: {step} {done} of {total}, about {left:.0f} s left")


@contextmanager
def progress(title: str) -> Iterator[Callable[[Progress], None]]:
    """`counting` for the progress of a rebuild."""
    with counting(title) as count:
        yield lambda p: count(p.step, p.done, p.total)


@contextmanager
def stoppable() -> Iterator[Callable[[], bool]]:
    """Ctrl-C asks to stop at the next safe place, and a second one stops at once; yields "was it asked?"."""
    asked = threading.Event()

    def note(number: int, frame: FrameType | None) -> None:
        if asked.is_set():
            raise KeyboardInterrupt
        asked.set()
        # Not through the buffered stream: this may run in the middle of a write to it.
        os.write(2, b"\nStopping; once more stops at once.\n")

    before = signal.signal(signal.SIGINT, note)
    try:
        yield asked.is_set
    finally:
        signal.signal(signal.SIGINT, before)
