"""Average the weights of runs that grew from one another: `python -m assistant.training.average A B ... --out FILE`.

Runs that began at the same weights lie close enough together for their mean to be better than each of them (Wortsman and
others, "Model soups", 2022).
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import torch

from assistant.training.data import TrainingDataError


def average(checkpoints: Sequence[Path], out: Path) -> None:
    """Write a checkpoint whose weights are the mean of the others'; it can be exported and trained further.

    Raises:
        TrainingDataError: fewer than two checkpoints, or they are not of one net.
    """
    if len(checkpoints) < 2:
        raise TrainingDataError("An average takes at least two checkpoints. Name another one.")
    nets = [torch.load(path, weights_only=True, map_location="cpu")["net"] for path in checkpoints]
    shapes = {name: value.shape for name, value in nets[0].items()}
    for path, net in zip(checkpoints, nets, strict=True):
        if {name: value.shape for name, value in net.items()} != shapes:
            raise TrainingDataError(
                f"{path} holds another net than {checkpoints[0]}. Average runs of one net."
            )
    mean = {
        name: torch.stack([net[name] for net in nets]).mean(0) if value.is_floating_point() else value
        for name, value in nets[0].items()
    }
    torch.save({"net": mean, "step": 0}, out)


def main() -> None:
    """Average what the command line names."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("checkpoints", nargs="+", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    average(options.checkpoints, options.out)


if __name__ == "__main__":
    main()
