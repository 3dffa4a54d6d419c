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


def average(checkpoints: Sequence[Path], out: Path, *, shares: Sequence[float] = ()) -> None:
    """Write a checkpoint whose weights are the mean of the others'; it can be exported and trained further.

    Args:
        checkpoints: of runs that grew from one another.
        out: the file to write.
        shares: how much each counts, in any unit; nothing for all alike.

    Raises:
        TrainingDataError: fewer than two checkpoints, they are not of one net, or the shares are not theirs.
    """
    if len(checkpoints) < 2:
        raise TrainingDataError("An average takes at least two checkpoints. Name another one.")
    shares = tuple(shares) or (1.0,) * len(checkpoints)
    if len(shares) != len(checkpoints) or min(shares) < 0 or not sum(shares):
        raise TrainingDataError(
            f"Give one share for each of the {len(checkpoints)} checkpoints, none below 0."
        )
    nets = [torch.load(path, weights_only=True, map_location="cpu")["net"] for path in checkpoints]
    shapes = {name: value.shape for name, value in nets[0].items()}
    for path, net in zip(checkpoints, nets, strict=True):
        if {name: value.shape for name, value in net.items()} != shapes:
            raise TrainingDataError(
                f"{path} holds another net than {checkpoints[0]}. Average runs of one net."
            )
    parts = [share / sum(shares) for share in shares]
    mean = {
        name: sum(part * net[name] for part, net in zip(parts, nets, strict=True))
        if value.is_floating_point()
        else value
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
    parser.add_argument("--shares", nargs="+", type=float, default=(), help="how much each checkpoint counts")
    options = parser.parse_args()
    average(options.checkpoints, options.out, shares=options.shares)


if __name__ == "__main__":
    main()
