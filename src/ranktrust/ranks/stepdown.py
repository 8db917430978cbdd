"""Which differences of estimates are certain: numpy and numba alone, larger is better, rank 1 is best.

One-sided hypotheses H_jk: theta_j <= theta_k, ordered pairs. Given estimates and their covariance, H_jk is rejected
when (estimate_j - estimate_k) / sd_jk exceeds c, the 1 - alpha quantile of the largest (Z_j - Z_k) / sd_jk over the
pairs still in question, Z ~ N(0, covariance). Stepping down drops what is rejected and asks again, with the same
Z throughout, so that c can only fall (Mogstad, Romano, Shaikh and Wilhelm 2024, Rev Econ Stud 91:476-518).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binom

from ranktrust.ranks.compiled import compiled

type Floats = NDArray[np.float64]
type Singles = NDArray[np.float32]
type Pairs = NDArray[np.bool_]

BLOCK = 2048
"""Draws taken together: a block of float32 for some hundred units stays in the cache."""
TOLERANCE = 1e-9
"""Relative size of what counts as rounding in a covariance."""


@dataclass(frozen=True)
class Rejections:
    """Pairs (j, k) with j certainly above k, the last critical value, its Monte Carlo error and the steps taken."""

    rejected: Pairs
    critical: float
    critical_mcse: float
    steps: int


@dataclass(frozen=True)
class Problem:
    """Estimates with the sd of each difference, and `noise`, (unit, draw): their errors, drawn once for all tests."""

    estimate: Floats
    spread: Floats
    noise: Singles

    @property
    def n(self) -> int:
        """How many units."""
        return len(self.estimate)


def pose(estimate: Floats, covariance: Floats, *, size: int, seed: int) -> Problem:
    """Draw the errors and find sd_jk = sqrt(V_jj + V_kk - 2 V_jk); NaN on the diagonal."""
    variance = np.diag(covariance)
    squared = variance[:, None] + variance[None, :] - 2 * covariance
    np.fill_diagonal(squared, np.nan)
    return Problem(estimate, np.sqrt(squared), draw_noise(covariance, size=size, seed=seed))


def draw_noise(covariance: Floats, *, size: int, seed: int) -> Singles:
    """Draw `size` errors of N(0, covariance), (unit, draw), in float32."""
    standard = np.random.default_rng(seed).standard_normal((len(covariance), size), dtype=np.float32)
    deviation = np.sqrt(np.diag(covariance))
    if not (covariance - np.diag(np.diag(covariance))).any():
        return standard * deviation.astype(np.float32)[:, None]
    values, vectors = np.linalg.eigh(covariance)
    root = vectors * np.sqrt(np.clip(values, 0.0, None))
    return root.astype(np.float32) @ standard


def reject(problem: Problem, pairs: Pairs, *, alpha: float, stepdown: bool) -> Rejections:
    """Reject among `pairs`, step by step until a step adds nothing, or in one step."""
    shown = (problem.estimate[:, None] - problem.estimate[None, :]) / problem.spread
    rejected, open_pairs, steps = np.zeros_like(pairs), pairs, 0
    while True:
        steps += 1
        critical, mcse = critical_value(problem, open_pairs, alpha)
        new = open_pairs & (shown > critical)
        rejected, open_pairs = rejected | new, open_pairs & ~new
        if not (stepdown and new.any() and open_pairs.any()):
            return Rejections(rejected, critical, mcse, steps)


def critical_value(problem: Problem, pairs: Pairs, alpha: float) -> tuple[float, float]:
    """Find c and its Monte Carlo error, half the distance of the order statistics one binomial sd to each side."""
    largest = np.sort(largest_difference(problem, pairs))
    at = int(np.ceil((1 - alpha) * largest.size)) - 1
    away = int(np.ceil(np.sqrt(alpha * (1 - alpha) * largest.size)))
    above, below = min(at + away, largest.size - 1), max(at - away, 0)
    return float(largest[at]), float(largest[above] - largest[below]) / 2


def largest_difference(problem: Problem, pairs: Pairs) -> Singles:
    """Find max (Z_j - Z_k) / sd_jk over `pairs`, by draw: the range where all pairs and one spread are asked for."""
    spread = problem.spread[~np.eye(problem.n, dtype=np.bool_)]
    if pairs.sum() == spread.size and np.ptp(spread) <= TOLERANCE * spread[0]:
        return np.asarray(np.ptp(problem.noise, axis=0) / np.float32(spread[0]), dtype=np.float32)
    return _largest_difference(problem.noise, (1 / problem.spread).astype(np.float32), pairs)


def all_pairs(n: int) -> Pairs:
    """Every ordered pair."""
    return ~np.eye(n, dtype=np.bool_)


def pairs_of(n: int, unit: int, *, above: bool = True, below: bool = True) -> Pairs:
    """Pairs that bear on one unit: those that would put another `above` it, and it above another (`below` it)."""
    pairs = np.zeros((n, n), dtype=np.bool_)
    pairs[:, unit] = above
    pairs[unit, :] = below
    pairs[unit, unit] = False
    return pairs


def rank_bounds(rejected: Pairs) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Count who is certainly above and below: [1 + #above, n - #below]."""
    return 1 + rejected.sum(axis=0), len(rejected) - rejected.sum(axis=1)


def binomial_p_values(count: NDArray[np.int64]) -> Floats:
    """P(Binomial(x_j + x_k, 1/2) >= x_j), the exact test of p_j <= p_k; 1 on the diagonal."""
    p_values = np.asarray(binom.sf(count[:, None] - 1, count[:, None] + count[None, :], 0.5), dtype=np.float64)
    np.fill_diagonal(p_values, 1.0)
    return p_values


def holm(p_values: Floats, pairs: Pairs, *, alpha: float) -> Pairs:
    """Reject among `pairs` by Holm (1979): the l-th smallest of m p-values against alpha / (m + 1 - l)."""
    where = np.argwhere(pairs)
    asked = p_values[pairs]
    order = np.argsort(asked, kind="stable")
    held = asked[order] <= alpha / np.arange(asked.size, 0, -1)
    count = int(np.argmin(held)) if not held.all() else held.size
    rejected = np.zeros_like(pairs)
    rejected[tuple(where[order[:count]].T)] = True
    return rejected


@compiled
def _grow(largest: Singles, one: Singles, other: Singles, scale: float) -> None:
    for at in range(largest.size):
        largest[at] = max(largest[at], (one[at] - other[at]) * scale)


@compiled
def _grow_either_way(largest: Singles, one: Singles, other: Singles, scale: float) -> None:
    for at in range(largest.size):
        largest[at] = max(largest[at], abs((one[at] - other[at]) * scale))


@compiled
def _largest_difference(noise: Singles, scale: Singles, pairs: Pairs) -> Singles:
    units, draws = noise.shape
    largest = np.full(draws, -np.inf, dtype=np.float32)
    for start in range(0, draws, BLOCK):
        stop = min(start + BLOCK, draws)
        some = largest[start:stop]
        for j in range(units):
            one = noise[j, start:stop]
            for k in range(j):
                other = noise[k, start:stop]
                if pairs[j, k] and pairs[k, j]:
                    _grow_either_way(some, one, other, scale[j, k])
                elif pairs[j, k]:
                    _grow(some, one, other, scale[j, k])
                elif pairs[k, j]:
                    _grow(some, other, one, scale[j, k])
    return largest
