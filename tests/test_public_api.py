from __future__ import annotations

import importlib
import pkgutil
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGES = ("assistant", "corpus", "index", "ui")
HEAVY = {
    "torch",
    "gradio",
    "chromadb",
    "langchain_core",
    "sentence_transformers",
    "transformers",
    "onnxruntime",
}


@pytest.mark.parametrize("name", ["assistant", "corpus", "index"])
def test_exported_names_exist_and_are_sorted(name: str) -> None:
    package = importlib.import_module(name)
    assert list(package.__all__) == sorted(package.__all__)
    for exported in package.__all__:
        assert getattr(package, exported) is not None


@pytest.mark.parametrize("name", ["assistant", "corpus", "index"])
def test_no_module_hides_an_exported_name(name: str) -> None:
    package = importlib.import_module(name)
    modules = {m.name for m in pkgutil.iter_modules(package.__path__)}
    assert not modules & set(package.__all__)


def test_the_packages_lie_in_one_folder() -> None:
    homes = {Path(str(importlib.import_module(name).__file__)).parent.parent for name in PACKAGES}
    assert len(homes) == 1


@pytest.mark.parametrize(
    "code",
    [
        "import assistant",
        "import corpus, index",
        "import sys; sys.argv = ['launch-assistant', '--help']\nfrom ui.cli import main\ntry:\n    main()\nexcept SystemExit:\n    pass",
    ],
)
def test_nothing_heavy_is_imported(code: str) -> None:
    report = f"{code}\nimport sys\nprint('LOADED', *sorted({HEAVY!r} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", report], capture_output=True, text=True, check=True)
    assert done.stdout.strip().splitlines()[-1] == "LOADED", done.stdout
