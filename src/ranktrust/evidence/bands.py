"""Tests of calibration that hold at all points at once, and the bands that show them."""

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binom

type Floats = NDArray[np.float64]

REPLICATES = 4000
"""Uniform samples, or resamples of the simulations, behind a band."""
GRID = 19
"""Points at which pooled empirical distributions are compared."""


@dataclass(frozen=True, eq=False)
class Curve:
    """A curve that should equal `expected` at every point, with the band that holds it at all points at once.

    `p` is the probability, were the claim right, of a curve that leaves `expected` as far as this one does.
    """

    at: Floats
    found: Floats
    expected: Floats
    lower: Floats
    upper: Floats
    p: float


def uniform_curve(values: Floats, *, prob: float, seed: int = 1) -> Curve:
    """The empirical distribution of independent values that should be uniform on (0, 1), one a simulation.

    The band is that of Saeilynoja, Buerkner and Vehtari (2022, Statistics and Computing 32:32), section 2.2: binomial
    at each point, at the pointwise level that holds `prob` of simulated uniform samples at all points. arviz_stats has
    that band, and a test holds the two equal; it does not have `p`, without which many curves cannot share one level.
    """
    n = len(values)
    at = _points(n)
    depths = _uniform_depths(n, seed)
    level = float(np.quantile(depths, 1 - prob))
    found = _counts(np.sort(values), at)
    lower, upper = (np.asarray(edge) / n for edge in (binom.ppf(level / 2, n, at), binom.isf(level / 2, n, at)))
    p = (1 + (depths <= _depth(found, n, at)).sum()) / (1 + REPLICATES)
    return Curve(at, found / n, at, lower, upper, float(p))


def _points(n: int) -> Floats:
    return np.arange(1, n) / n if n > 1 else np.array([0.5])


@cache
def _uniform_depths(n: int, seed: int) -> Floats:
    """The depth of REPLICATES samples of n uniform values."""
    uniform = np.sort(np.random.default_rng(seed).random((REPLICATES, n)), axis=1)
    counts = np.array([_counts(row, _points(n)) for row in uniform])
    return _depth(counts, n, _points(n))


def _counts(ordered: Floats, at: Floats) -> Floats:
    return np.searchsorted(ordered, at, side="right").astype(np.float64)


def _depth(counts: Floats, n: int, at: Floats) -> Floats:
    """The least two-sided tail probability over all points, of each row of counts."""
    tails = np.minimum(binom.cdf(counts, n, at), binom.sf(counts - 1, n, at))
    return np.asarray(2 * tails.min(axis=-1))


def pooled_curve(values: Floats, *, prob: float, seed: int = 1) -> Curve:
    """The empirical distribution of values (simulation, element) whose elements depend on one another.

    Each should be uniform; the band is by bootstrap over the simulations, and at no point narrower than that of as many
    independent values.
    """
    at = np.arange(1, GRID + 1) / (GRID + 1)
    shares = (values[:, :, None] <= at).mean(axis=1)
    return mean_curve(shares, at, at, floor=np.sqrt(at * (1 - at) / values.size), prob=prob, seed=seed)


def mean_curve(  # noqa: PLR0913 - the curve and how it is judged
    by_simulation: Floats, expected: Floats, at: Floats, *, floor: Floats, prob: float, seed: int = 1
) -> Curve:
    """The mean over simulations of a curve (simulation, point) that should be `expected` at every point.

    Simultaneous by the bootstrap of the largest studentised deviation: simulations are resampled whole, and each
    resample has its own standard errors, none below `floor`.
    """
    n = len(by_simulation)
    mean = by_simulation.mean(axis=0)
    error = np.maximum(_spread(by_simulation) / np.sqrt(n), floor)
    largest = _resampled(by_simulation - mean, floor, np.random.default_rng(seed))
    reach = float(np.quantile(largest, prob))
    away = float(np.max(np.abs(mean - expected) / error))
    p = (1 + (largest >= away).sum()) / (1 + REPLICATES)
    return Curve(at, mean, expected, expected - reach * error, expected + reach * error, float(p))


def _spread(by_simulation: Floats) -> Floats:
    spread: Floats = by_simulation.std(axis=0, ddof=1) if len(by_simulation) > 1 else 0 * by_simulation[0]
    return spread


def _resampled(centred: Floats, floor: Floats, rng: np.random.Generator) -> Floats:
    """The largest studentised deviation of each resample from the mean of all."""
    n = len(centred)
    weights = rng.multinomial(n, np.full(n, 1 / n), size=REPLICATES).astype(np.float64)
    mean, square = weights @ centred / n, weights @ centred**2 / n
    error = np.sqrt(np.maximum(square - mean**2, 0.0) / max(n - 1, 1))
    largest: Floats = (np.abs(mean) / np.maximum(error, floor)).max(axis=1)
    return largest
