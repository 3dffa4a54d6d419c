"""The process that rebuilds to order, for the tests that disturb it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from index import parts
from tests.faults.corpus import list_in_parts

ROOT = Path(__file__).parents[2]


class Rebuilder:
    """Hands jobs to the child (see child.py), one at a time."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.child"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def run(
        self,
        home: Path,
        versions: list[int],
        *,
        stop: int = 0,
        fault: int = 0,
        kill_after: float | None = None,
    ) -> dict[str, object]:
        """Rebuild these versions in turn; killed after some seconds, or at a boundary, or left to fail at it.

        Returns:
            outcome, boundaries (neither when it was killed), and exit: the exit code.
        """
        process = self._process
        assert process.stdin
        assert process.stdout
        job = {"home": str(home), "versions": versions, "stop": stop, "fault": fault}
        process.stdin.write(json.dumps(job) + "\n")
        process.stdin.flush()
        result: dict[str, object] = {}
        pid, begun, timer = 0, False, None
        while True:
            line = process.stdout.readline().strip()
            if line.isdigit():
                pid = int(line)
            elif line == "begun":
                begun = True
            elif line.startswith("{"):
                result |= json.loads(line)
            elif line.startswith("ended"):
                if timer:
                    timer.join()
                return result | {"exit": int(line.split()[1])}
            else:
                raise AssertionError(f"the child said {line!r}")
            if pid and begun and timer is None and kill_after is not None:
                timer = threading.Thread(target=self._kill, args=(pid, kill_after))
                timer.start()

    @staticmethod
    def _kill(pid: int, after: float) -> None:
        # The child's parent takes note of its end only when it is over, so the number is still its own.
        time.sleep(after)
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            return

    def close(self) -> None:
        """End it."""
        assert self._process.stdin
        self._process.stdin.close()
        self._process.wait(30)


@pytest.fixture(scope="session")
def rebuilder() -> Iterator[Rebuilder]:
    """One process for all tests; it has no state of its own."""
    one = Rebuilder()
    yield one
    one.close()


@pytest.fixture(autouse=True)
def _list_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in the child."""
    for name in ("SIZE", "LEAST"):
        monkeypatch.setattr(parts, name, getattr(parts, name))
    list_in_parts()
