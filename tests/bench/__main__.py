"""`python -m tests.bench` lists the benchmarks and runs them all; with names, only those.

    python -m tests.bench --list
    python -m tests.bench index -- --sizes 1000,10000

A benchmark is a module `bench_*.py` beside this one, with `main(argv)` that prints a table as Markdown.
"""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Sequence
from pathlib import Path

PREFIX = "bench_"


def names() -> list[str]:
    """The benchmarks there are."""
    return sorted(path.stem.removeprefix(PREFIX) for path in Path(__file__).parent.glob(f"{PREFIX}*.py"))


def main(argv: Sequence[str]) -> int:
    """Run benchmarks; what comes after `--` is handed to each of them."""
    cut = list(argv).index("--") if "--" in argv else len(argv)
    wanted, rest = list(argv[:cut]), list(argv[cut + 1 :])
    there = names()
    if unknown := [n for n in wanted if n not in there and n != "--list"]:
        print(f"There is no benchmark {', '.join(unknown)}; there are: {', '.join(there)}", file=sys.stderr)
        return 2
    if "--list" in wanted:
        for name in there:
            module = importlib.import_module(f"tests.bench.{PREFIX}{name}")
            print(f"{name:16} {(module.__doc__ or '').strip().splitlines()[0]}")
        return 0
    for name in wanted or there:
        print(f"\n## {name}\n", flush=True)
        importlib.import_module(f"tests.bench.{PREFIX}{name}").main(rest)
    return 0


if __name__ == "__main__":
    # The libraries' bars and telemetry are noise between tables.
    os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
    os.environ.setdefault("ANONYMIZED_TELEMETRY", "False")
    sys.exit(main(sys.argv[1:]))
