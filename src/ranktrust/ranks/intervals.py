"""Rank sets of one trust from its place counts, and its spread: numpy and numba alone.

`counts` is (trust, place), how many draws hold each place; a row sums to the number of draws.
"""

import numpy as np
from numpy.typing import NDArray

from ranktrust.ranks.compiled import compiled
from ranktrust.ranks.posterior import SLACK

type Floats = NDArray[np.float64]
type Places = NDArray[np.int64]


def shortest_bounds(counts: Floats, prob: float) -> tuple[Places, Places]:
    """Bounds of the shortest run of places that holds `prob`: of equally short ones the fullest, then the best.

    O(n) a trust, by two pointers. Mirrored by a reversal of direction unless two runs are as short and as full.
    """
    return _shortest(counts, (prob - SLACK) * counts[0].sum(), SLACK * counts[0].sum())


def highest_mass(counts: Floats, prob: float) -> NDArray[np.bool_]:
    """Members of the smallest set of places that holds `prob`, (trust, place); it may have gaps.

    Places come in by falling mass; those as full as the last one needed come in with it, so the set is unique and
    reversing direction mirrors it.
    """
    falling = -np.sort(-counts, axis=1)
    reached = np.cumsum(falling, axis=1) >= (prob - SLACK) * counts[0].sum()
    least = np.take_along_axis(falling, np.argmax(reached, axis=1)[:, None], axis=1)
    members: NDArray[np.bool_] = counts >= least - SLACK * counts[0].sum()
    return members


def rank_entropy(counts: Floats) -> Floats:
    """-sum_k p_ik log p_ik (natural), 0 when the rank is certain and log n when all places are as likely."""
    pmf = counts / counts.sum(axis=1, keepdims=True)
    terms = np.where(pmf > 0, -pmf * np.log(np.where(pmf > 0, pmf, 1.0)), 0.0)
    entropy: Floats = np.maximum(terms.sum(axis=1), 0.0)
    return entropy


def rank_sd(counts: Floats) -> Floats:
    """Standard deviation of each rank, a tie block spread evenly over its places."""
    places = np.arange(1, counts.shape[1] + 1)
    pmf = counts / counts.sum(axis=1, keepdims=True)
    mean = pmf @ places
    sd: Floats = np.sqrt(np.maximum(pmf @ places**2 - mean**2, 0.0))
    return sd


@compiled
def _shortest(counts: Floats, needed: float, slack: float) -> tuple[Places, Places]:
    trusts, places = counts.shape
    lower, upper = np.ones(trusts, dtype=np.int64), np.full(trusts, places)
    for i in range(trusts):
        start, held, fullest = 0, 0.0, -1.0
        for stop in range(1, places + 1):
            held += counts[i, stop - 1]
            while held - counts[i, start] >= needed:
                held -= counts[i, start]
                start += 1
            length, least = stop - start, upper[i] - lower[i] + 1
            if held >= needed and (length < least or (length == least and held > fullest + slack)):
                lower[i], upper[i], fullest = start + 1, stop, held
    return lower, upper
