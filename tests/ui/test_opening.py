"""Whether `chat` opens a browser: for a person at a screen, and for nobody else."""

from __future__ import annotations

import os
import pty
import select
import subprocess
import sys
import time
from pathlib import Path

import pytest

_SHOW = "import ui.terminal as t; print('person' if t.before_a_person() else 'nobody')"


def started(*, terminal: bool, **env: str) -> str:
    """What a process says of itself that is started at a pseudo-terminal, or with pipes."""
    named = ("DISPLAY", "WAYLAND_DISPLAY", "CI", "container", "KUBERNETES_SERVICE_HOST", "SSH_CONNECTION")
    clean = {k: v for k, v in os.environ.items() if k not in named} | env
    command = [sys.executable, "-c", _SHOW]
    if not terminal:
        done = subprocess.run(
            command, env=clean, stdin=subprocess.PIPE, capture_output=True, text=True, check=True, timeout=60
        )
        return done.stdout.strip()
    ours, theirs = pty.openpty()
    with subprocess.Popen(command, env=clean, stdin=theirs, stdout=theirs, stderr=theirs) as process:
        os.close(theirs)
        said, until = b"", time.monotonic() + 60
        while time.monotonic() < until and not said.endswith(b"\n"):
            if select.select([ours], [], [], 0.1)[0]:
                said += os.read(ours, 1024)
        process.wait(timeout=60)
    os.close(ours)
    return said.decode().strip()


@pytest.mark.skipif(sys.platform != "linux", reason="screens are named so on Linux")
def test_a_browser_opens_for_a_person_at_a_screen_only() -> None:
    contained = Path("/.dockerenv").exists() or Path("/run/.containerenv").exists()
    assert started(terminal=True, DISPLAY=":0") == ("nobody" if contained else "person")
    assert started(terminal=False, DISPLAY=":0") == "nobody"
    assert started(terminal=True) == "nobody"
    assert started(terminal=True, DISPLAY=":0", SSH_CONNECTION="a b c d") == "nobody"
    assert started(terminal=True, DISPLAY=":0", container="podman") == "nobody"
    assert started(terminal=True, DISPLAY=":0", CI="true") == "nobody"


def test_the_address_to_open_is_one_that_a_browser_can_reach() -> None:
    from ui.server import address

    assert address("127.0.0.1", 7860) == "http://127.0.0.1:7860"
    assert address("0.0.0.0", 80) == "http://127.0.0.1:80"
    assert address("::", 80) == "http://[::1]:80"
