"""Rebuilds to order, each in a process of its own that can be killed; started by the tests as a module.

A job is a line of JSON: {"home": ..., "versions": [...], "stop": k, "fault": errno}. Every job gets a fork of this
process, which has everything imported already. The boundaries of a rebuild's steps are its calls that touch files,
as the interpreter's audit hooks see them, its syncs and its reports of progress; at the k-th one the fork kills itself,
or, with a fault, that call fails with this error.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path

import bm25s  # noqa: F401
import chromadb  # noqa: F401
import Stemmer  # noqa: F401

from corpus.errors import LaunchError
from index import rebuild
from tests.faults.corpus import HashEmbedder, corpus, list_in_parts

EVENTS = ("os.rename", "os.remove", "os.rmdir", "os.mkdir", "shutil.rmtree", "open", "tempfile.mkstemp")


class Boundaries:
    """Counts the boundaries that a rebuild passes."""

    def __init__(self, home: str, stop: int, fault: int) -> None:
        self.home, self.stop, self.fault = home, stop, fault
        self.count = 0
        self.sync = os.fsync

    def audit(self, event: str, arguments: tuple[object, ...]) -> None:
        if event in EVENTS and isinstance(arguments[0], str | os.PathLike):
            path = os.fspath(arguments[0])
            if isinstance(path, str) and path.startswith(self.home + os.sep):
                self.passed()

    def fsync(self, handle: int) -> None:
        self.passed()
        self.sync(handle)

    def passed(self) -> None:
        self.count += 1
        if self.count == self.stop:
            if self.fault:
                raise OSError(self.fault, os.strerror(self.fault))
            os.kill(os.getpid(), signal.SIGKILL)


def say(line: str) -> None:
    """A line to the test, in one write: the fork and its parent speak through the same pipe."""
    os.write(1, f"{line}\n".encode())


def run(job: dict[str, object]) -> None:
    """Do a job; prints what became of it."""
    home = str(job["home"])
    fault = int(str(job.get("fault") or 0))
    boundaries = Boundaries(home, int(str(job.get("stop") or 0)), fault)
    sys.addaudithook(boundaries.audit)
    os.fsync = boundaries.fsync  # type: ignore[assignment]
    say("begun")
    outcome = "done"
    try:
        for version in job["versions"]:  # type: ignore[attr-defined]
            rebuild(
                corpus(version),
                home=Path(home),
                embedder=HashEmbedder(),
                force=version % 5 == 0,
                on_progress=None if fault else lambda progress: boundaries.passed(),
            )
    except LaunchError as exc:
        outcome = f"{type(exc).__name__}: {exc}"
    except BaseException as exc:
        outcome = f"not ours: {exc!r}"
    boundaries.stop = 0
    say(json.dumps({"outcome": outcome, "boundaries": boundaries.count}))


def main() -> None:
    """Serve jobs until the input ends."""
    list_in_parts()
    for line in sys.stdin:
        job = json.loads(line)
        pid = os.fork()
        if pid == 0:
            run(job)
            os._exit(0)
        say(str(pid))
        _, status = os.waitpid(pid, 0)
        say(f"ended {os.waitstatus_to_exitcode(status)}")


if __name__ == "__main__":
    main()
