"""What is counted from pairs of trusts in every draw: numpy and numba alone, larger is better.

`values` is (trust, sample), oriented. All are O(S n^2).
"""

import numpy as np
from numpy.typing import NDArray

from ranktrust.ranks.compiled import compiled
from ranktrust.ranks.posterior import STRETCH, TILE

type Floats = NDArray[np.float64]


def excess_powers(values: Floats, power: float) -> Floats:
    """E[max(X_i - X_j, 0)^power], row over column: by how much the row is better, when it is."""
    by_draw = np.ascontiguousarray(values.T)
    excess: Floats = _sum_powers(by_draw, power) / values.shape[1]
    return excess


def shares_beyond(values: Floats, delta: float) -> Floats:
    """P(X_i > X_j + delta), row over column; the diagonal is 0."""
    shares: Floats = _count_beyond(np.ascontiguousarray(values.T), delta) / values.shape[1]
    return shares


def equivalence_ranks(values: Floats, delta: float) -> NDArray[np.int16]:
    """R_i(delta) = 1 + #{j: X_j > X_i + delta} of every draw, (trust, sample). O(S n log n)."""
    return _places_beyond(np.ascontiguousarray(values.T), delta).T


@compiled
def _sum_powers(values: Floats, power: float) -> Floats:
    samples, trusts = values.shape
    sums = np.zeros((trusts, trusts))
    for draw in range(samples):
        row = values[draw]
        for i in range(trusts):
            for j in range(trusts):
                gap = max(row[i] - row[j], 0.0)
                if power == 1:
                    sums[i, j] += gap
                elif power == 2:
                    sums[i, j] += gap * gap
                elif gap > 0:
                    sums[i, j] += gap**power
    return sums


@compiled
def _count_beyond(values: Floats, delta: float) -> NDArray[np.int64]:
    samples, trusts = values.shape
    counts = np.zeros((trusts, trusts), dtype=np.int64)
    for begin in range(0, samples, STRETCH):
        for left in range(0, trusts, TILE):
            width = min(TILE, trusts - left)
            for i in range(trusts):
                some = np.zeros(width, dtype=np.int16)
                for draw in range(begin, min(begin + STRETCH, samples)):
                    mine, others = values[draw, i], values[draw, left : left + width]
                    for j in range(width):
                        some[j] += np.int16(mine > others[j] + delta)
                for j in range(width):
                    counts[i, left + j] += some[j]
    return counts


@compiled
def _places_beyond(values: Floats, delta: float) -> NDArray[np.int16]:
    samples, trusts = values.shape
    places = np.empty((samples, trusts), dtype=np.int16)
    for draw in range(samples):
        row = np.sort(values[draw])
        for i in range(trusts):
            places[draw, i] = 1 + trusts - np.searchsorted(row, values[draw, i] + delta, side="right")
    return places
