"""What all tests share."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from index.embedding import Embedder, make_embedder


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """A developer's own LAUNCH_ variables must not decide what a test sees."""
    for name in [n for n in os.environ if n.startswith("LAUNCH_")]:
        monkeypatch.delenv(name)


@pytest.fixture(scope="session")
def embedder() -> Embedder:
    """The real embedding model, loaded once."""
    return make_embedder()


@pytest.fixture
def tmp_home(tmp_path: Path) -> Path:
    """A home for an index; not there yet, and with a space in its path."""
    return tmp_path / "launch home"
