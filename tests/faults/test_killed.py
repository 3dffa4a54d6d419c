"""A rebuilding process is killed, over and over, while a reader asks: old answers or new ones, never an error.

LAUNCH_FAULTS is the number of random moments (6 when not set); from 100 on, every boundary between steps is tried too.
"""

from __future__ import annotations

import os
import random
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from index import Retriever, rebuild
from tests.faults.conftest import Rebuilder
from tests.faults.corpus import HashEmbedder, ask, check_whole, corpus, version_of

MOMENTS = int(os.environ.get("LAUNCH_FAULTS", "6"))


class Reader(threading.Thread):
    """Asks one question after another, and notes what is wrong with the answers."""

    def __init__(self, home: Path) -> None:
        super().__init__()
        self._retriever = Retriever.open(home, embedder=HashEmbedder())
        self._stopped = threading.Event()
        self.wrong: list[str] = []
        self.asked = 0
        self.versions: set[int] = set()

    def run(self) -> None:
        last = 0
        while not self._stopped.is_set() and not self.wrong:
            try:
                snapshot = self._retriever.snapshot()
                version = version_of(snapshot)
                assert version >= last, f"back from {last} to {version}"
                last = version
                self.versions.add(version)
                ask(snapshot, self.asked)
            except BaseException as exc:
                self.wrong.append(repr(exc))
            self.asked += 1
            time.sleep(0.005)

    def stop(self) -> None:
        self._stopped.set()
        self.join()


@contextmanager
def reading(home: Path) -> Iterator[Reader]:
    reader = Reader(home)
    reader.start()
    try:
        yield reader
    finally:
        reader.stop()
    assert reader.wrong == []


def built(home: Path, version: int = 1) -> int:
    rebuild(corpus(version), home=home, embedder=HashEmbedder())
    return version


def repaired(home: Path, before: int, tried: int) -> int:
    """A new reader finds the old index or a new one; the next rebuild brings it up to date and clears up."""
    found = version_of(Retriever.open(home, embedder=HashEmbedder()).snapshot())
    assert before <= found <= tried
    version = tried + 1
    rebuild(corpus(version), home=home, embedder=HashEmbedder())
    # What the last generation named stays for those who were reading it; a rebuild with nothing to do takes it away.
    again = rebuild(corpus(version), home=home, embedder=HashEmbedder())
    assert again.embedded == 0
    check_whole(home, version)
    return version


@pytest.mark.timeout(3600)
def test_killed_at_any_moment(tmp_home: Path, rebuilder: Rebuilder) -> None:
    rng = random.Random(20260408)
    version = built(tmp_home)
    begun = time.perf_counter()
    rebuilder.run(tmp_home, [version + 1, version + 2, version + 3, version + 4])  # one of them by force
    usual = (time.perf_counter() - begun) / 4
    version += 4
    with reading(tmp_home) as reader:
        for _ in range(MOMENTS):
            # More of them than any machine gets through before it is killed.
            versions = list(range(version + 1, version + 1001))
            done = rebuilder.run(tmp_home, versions, kill_after=rng.uniform(0, 3 * usual))
            assert done["exit"] == -9
            version = repaired(tmp_home, version, versions[-1])
    assert reader.asked >= MOMENTS


@pytest.mark.timeout(3600)
def test_killed_at_the_boundary_of_each_step(tmp_home: Path, rebuilder: Rebuilder) -> None:
    rng = random.Random(20260409)
    version = built(tmp_home)
    counts = []
    for _ in range(2):
        version += 1
        counts.append(int(str(rebuilder.run(tmp_home, [version])["boundaries"])))
    places = list(range(1, min(counts) + 1))
    assert len(places) > 50
    if MOMENTS < 100:
        places = sorted(rng.sample(places, MOMENTS))
    with reading(tmp_home):
        for place in places:
            done = rebuilder.run(tmp_home, [version + 1, version + 2], stop=place)
            assert done["exit"] == -9
            version = repaired(tmp_home, version, version + 2)
