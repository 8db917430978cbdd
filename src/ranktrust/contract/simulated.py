"""Simulated figures held against what they could have been, and against the level that they are drawn from."""

import numpy as np
from numpy.typing import NDArray

from ranktrust.panel import Panel
from ranktrust.vocabulary import Kind

Floats = NDArray[np.float64]


def out_of_support(panel: Panel, kind: Kind, rows: NDArray[np.int64], y: Floats) -> tuple[str, str] | None:
    """What could not have been observed among simulated values, and the remedy."""
    if not np.isfinite(y).all():
        return "is simulated as infinite or not a number", "Check the likelihood and its link"
    if kind == "estimate":
        return None
    if (y < 0).any() or (kind == "proportion" and (y > panel["denominator"][rows]).any()):
        return "is simulated outside its range", "Simulate counts from 0 to the denominator"
    halves = kind == "proportion" and bool((panel["numerator"][rows] % 1).any())
    step = 0.5 if halves else 1.0
    if not np.array_equal(y, np.round(y / step) * step):
        return "is not simulated as counts", "Simulate the same counts that are observed"
    if halves and not (y % 1).any():
        remedy = "Observe .astype(np.int64), or simulate half counts as proportion_half_counts does"
        return "takes half counts as observed and simulates whole ones", remedy
    return None


def moments(panel: Panel, kind: Kind, rows: NDArray[np.int64], natural: Floats) -> tuple[Floats, Floats]:
    """Mean and variance of y at these natural levels; counts have 1 added, so that a rare event weighs little."""
    match kind:
        case "ratio":
            mean = panel["expected"][rows] * natural
            return mean, mean + 1
        case "proportion":
            mean = panel["denominator"][rows] * natural
            return mean, mean * (1 - natural) + 1
        case "estimate":
            return natural, np.broadcast_to(panel["standard_error"][rows] ** 2, natural.shape)


def standard_errors(values: Floats) -> float:
    """How many of its standard errors a mean is away from 0; 0 where nothing varies."""
    error = values.std() / np.sqrt(values.size)
    return float(abs(values.mean()) / error) if error else 0.0
