"""From logits to probabilities, and from probabilities to thresholds."""

from __future__ import annotations

from typing import Any

import numpy as np

#: How many wrong refusals a wrong answer costs: one that is shown without reserve, and one that is shown as an answer
#: in part, where the reader is warned. At a cost of 4 for the former, hardly any answer of this model would be shown
#: without that warning.
ANSWERED_COST, PARTIAL_COST = 3.0, 1.0


def sigmoid(x: np.ndarray) -> np.ndarray:
    """The logistic function, elementwise."""
    result: np.ndarray = 1.0 / (1.0 + np.exp(-np.clip(x, -60.0, 60.0)))
    return result


def platt(logits: np.ndarray, labels: np.ndarray, *, weight: np.ndarray | None = None) -> tuple[float, float]:
    """Slope and shift with which sigmoid(slope * logit + shift) is the likeliest probability.

    A weak pull towards slope 1 keeps the slope finite where the two kinds are told apart without a mistake.
    """
    from scipy.optimize import minimize

    weight = np.ones_like(logits) if weight is None else weight

    def cost(line: np.ndarray) -> float:
        signed = np.where(labels > 0, 1.0, -1.0) * (line[0] * logits + line[1])
        return float((weight * np.logaddexp(0.0, -signed)).sum() + 0.5 * (line[0] - 1.0) ** 2)

    slope, shift = minimize(cost, np.array([1.0, 0.0]), method="Nelder-Mead").x
    return float(slope), float(shift)


def cheapest(
    best: np.ndarray,
    right: np.ndarray,
    answerable: np.ndarray,
    *,
    cost: float = ANSWERED_COST,
    weight: np.ndarray | None = None,
) -> float:
    """The threshold at which answering costs least.

    Args:
        best: the best sentence's probability, one a question.
        right: whether that sentence answers.
        answerable: whether any sentence does. Refusing such a question costs 1.
        cost: what showing a sentence that does not answer costs.
        weight: of each question; all the same when None.
    """
    weight = np.ones(len(best)) if weight is None else weight
    grid = np.linspace(0.05, 0.95, 181)
    costs = [
        float((weight * (cost * ((best >= t) & ~right) + 1.0 * ((best < t) & answerable))).sum())
        for t in grid
    ]
    # The middle of all that are nearly as good: the single best point is mostly luck.
    near = [t for t, c in zip(grid, costs, strict=True) if c <= min(costs) * 1.02]
    return round(float(np.median(near)), 3)


def passing(paraphrases: np.ndarray, same: np.ndarray) -> float:
    """The highest support threshold that passes 80 % of true paraphrases and 98 % of unchanged sentences."""
    limit = min(float(np.quantile(paraphrases, 0.2)), float(np.quantile(same, 0.02)))
    return round(float(np.clip(limit - 5e-4, 0.2, 0.8)), 3)


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
