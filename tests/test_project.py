from __future__ import annotations

import re
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


def tracked() -> list[Path]:
    done = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip("not a git checkout")
    return [Path(name) for name in done.stdout.split("\0") if name]


def test_no_top_level_folder_beyond_the_packages_and_the_tests() -> None:
    folders = {p.parts[0] for p in tracked() if len(p.parts) > 1 and not p.parts[0].startswith(".")}
    assert folders <= {"assistant", "corpus", "index", "tests", "ui"}


def test_every_dependency_is_pinned_in_the_constraints() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    wanted = [
        *project["dependencies"],
        *(d for e in ("test", "lint") for d in project["optional-dependencies"][e]),
    ]
    plain = {re.split(r"[\[<>=~! ;]", d, maxsplit=1)[0].lower().replace("_", "-") for d in wanted}
    lines = (ROOT / "constraints.txt").read_text("utf-8").splitlines()
    pinned = {line.split("==")[0].lower().replace("_", "-") for line in lines if "==" in line}
    assert plain <= pinned, sorted(plain - pinned)


def test_constraints_are_exact_and_name_no_place() -> None:
    for line in (ROOT / "constraints.txt").read_text("utf-8").splitlines():
        assert line.startswith("#") or re.fullmatch(r"[\w.\-]+==[\w.!]+", line), line
