"""From logits to probabilities, and from probabilities to thresholds."""

from __future__ import annotations

from typing import Any

import numpy as np

#: A wrong answer costs this many wrong refusals; the thresholds are chosen for it.
WRONG_ANSWER_COST = 4.0


def sigmoid(x: np.ndarray) -> np.ndarray:
    """The logistic function, elementwise."""
    result: np.ndarray = 1.0 / (1.0 + np.exp(-np.clip(x, -60.0, 60.0)))
    return result


def platt(logits: np.ndarray, labels: np.ndarray, *, weight: np.ndarray | None = None) -> tuple[float, float]:
    """Slope and shift with which sigmoid(slope * logit + shift) is the likeliest probability (Newton's method)."""
    weight = np.ones_like(logits) if weight is None else weight
    line = np.array([1.0, 0.0])
    inputs = np.stack([logits, np.ones_like(logits)])
    for _ in range(50):
        chance = sigmoid(line @ inputs)
        slope = inputs @ (weight * (chance - labels)) + np.array([1e-3 * (line[0] - 1), 0.0])
        curve = (inputs * (weight * chance * (1 - chance))) @ inputs.T + 1e-3 * np.eye(2)
        line = line - np.linalg.solve(curve, slope)
    return float(line[0]), float(line[1])


def cheapest(best: np.ndarray, right: np.ndarray, answerable: np.ndarray) -> float:
    """The threshold at which answering costs least.

    Args:
        best: the best sentence's probability, one a question.
        right: whether that sentence answers.
        answerable: whether any sentence does. Refusing such a question costs 1, showing a sentence that does not
            answer costs WRONG_ANSWER_COST.
    """
    grid = np.linspace(0.05, 0.95, 91)
    costs = [
        float((WRONG_ANSWER_COST * ((best >= t) & ~right) + 1.0 * ((best < t) & answerable)).mean())
        for t in grid
    ]
    low = min(costs)
    near = [t for t, c in zip(grid, costs, strict=True) if c <= low * 1.02]
    return float(round(float(np.median(near)), 3))


def reliability(
    probabilities: np.ndarray, labels: np.ndarray, bins: int = 10
) -> tuple[float, list[dict[str, Any]]]:
    """Expected calibration error over equal-width bins, and the bins."""
    rows, error = [], 0.0
    which = np.minimum((probabilities * bins).astype(int), bins - 1)
    for b in range(bins):
        inside = which == b
        if inside.any():
            said, true = float(probabilities[inside].mean()), float(labels[inside].mean())
            error += abs(said - true) * float(inside.mean())
            rows.append({"from": b / bins, "n": int(inside.sum()), "said": said, "true": true})
    return error, rows
