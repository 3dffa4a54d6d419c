"""Processes that start without an index: one builds it, the others wait for it, and all of them answer."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from index import IndexConfig, rebuild
from index.errors import IndexLockedError, IndexNotBuiltError
from index.opening import open_or_build
from index.writer import one_writer
from tests.faults.corpus import HashEmbedder, corpus

ROOT = Path(__file__).parents[2]

STARTING = """
import sys
from pathlib import Path
from index import IndexConfig, rebuild
from index.opening import open_or_build
from tests.faults.corpus import HashEmbedder, ask, corpus
home, embedder, built = Path(sys.argv[1]), HashEmbedder(), 0
def tell(progress):
    if sys.argv[2] == "slow" and progress.step == "embed":
        print("building", flush=True)
        sys.stdin.readline()
def build():
    global built
    built += rebuild(corpus(1), home=home, embedder=embedder, on_progress=tell).embedded
retriever = open_or_build(home, config=IndexConfig(), embedder=embedder, build=build)
ask(retriever.snapshot(), 3)
print("answered", built > 0, flush=True)
"""


def starting(home: Path, how: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", STARTING, str(home), how],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_the_second_process_waits_for_the_first_and_answers(tmp_home: Path) -> None:
    first = starting(tmp_home, "slow")
    assert first.stdout
    assert first.stdout.readline() == "building\n"
    second = starting(tmp_home, "quick")
    assert second.stderr
    told = second.stderr.readline()
    assert f"another process ({first.pid}, since" in told
    assert "Waiting for it" in told
    assert first.communicate("\n", timeout=60)[0] == "answered True\n"
    assert second.communicate(timeout=60)[0] == "answered False\n"
    assert first.returncode == second.returncode == 0


@pytest.mark.skipif(sys.platform == "win32", reason="sends SIGKILL")
def test_the_second_process_builds_when_the_first_dies(tmp_home: Path) -> None:
    first = starting(tmp_home, "slow")
    assert first.stdout
    assert first.stdout.readline() == "building\n"
    second = starting(tmp_home, "quick")
    assert second.stderr
    assert "Waiting" in second.stderr.readline()
    first.send_signal(signal.SIGKILL)
    first.communicate(timeout=60)
    assert second.communicate(timeout=60)[0] == "answered True\n"


def test_building_may_be_forbidden(tmp_home: Path) -> None:
    config = IndexConfig(auto_build=False)
    with pytest.raises(IndexNotBuiltError):
        open_or_build(tmp_home, config=config, embedder=HashEmbedder(), build=lambda: pytest.fail("built"))


@pytest.mark.parametrize("built", [False, True])
def test_only_an_index_that_is_there_is_said_to_answer(tmp_home: Path, built: bool) -> None:
    if built:
        rebuild(corpus(1), home=tmp_home, embedder=HashEmbedder())
    tmp_home.mkdir(exist_ok=True)
    said = []

    def second() -> None:
        with pytest.raises(IndexLockedError) as caught:
            rebuild(corpus(2), home=tmp_home, embedder=HashEmbedder())
        said.append(str(caught.value))

    with one_writer(tmp_home):
        thread = threading.Thread(target=second)
        thread.start()
        thread.join()
    assert ("still answers" in said[0]) == built
