"""The mean of runs' weights."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from assistant.training.average import average
from assistant.training.data import TrainingDataError


def run(folder: Path, name: str, **net: torch.Tensor) -> Path:
    torch.save({"net": net, "step": 7}, folder / name)
    return folder / name


def test_weights_are_averaged_and_whole_numbers_kept(tmp_path: Path) -> None:
    places = torch.arange(3)
    a = run(tmp_path, "a.pt", weight=torch.tensor([1.0, 2.0]), places=places)
    b = run(tmp_path, "b.pt", weight=torch.tensor([3.0, 6.0]), places=places)
    average([a, b], tmp_path / "mean.pt")
    net = torch.load(tmp_path / "mean.pt", weights_only=True)["net"]
    assert net["weight"].tolist() == [2.0, 4.0]
    assert net["places"].tolist() == [0, 1, 2]


def test_one_may_count_for_more_than_another(tmp_path: Path) -> None:
    a, b = (run(tmp_path, f"{n}.pt", weight=torch.tensor([n])) for n in (1.0, 5.0))
    average([a, b], tmp_path / "mean.pt", shares=[3, 1])
    assert torch.load(tmp_path / "mean.pt", weights_only=True)["net"]["weight"].tolist() == [2.0]
    with pytest.raises(TrainingDataError, match="one share for each of the 2"):
        average([a, b], tmp_path / "other.pt", shares=[1])


def test_one_run_has_no_average_and_nets_are_not_mixed(tmp_path: Path) -> None:
    a = run(tmp_path, "a.pt", weight=torch.zeros(2))
    b = run(tmp_path, "b.pt", weight=torch.zeros(3))
    with pytest.raises(TrainingDataError, match="at least two"):
        average([a], tmp_path / "mean.pt")
    with pytest.raises(TrainingDataError, match="another net"):
        average([a, b], tmp_path / "mean.pt")
    assert not (tmp_path / "mean.pt").exists()
