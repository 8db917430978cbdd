"""What an order costs, and the order that costs least: numpy and scipy alone, rank 1 is best.

A loss here is a sum over trusts of c(R_i, d_i), true against published place, so its expectation is a matrix
c_ij = E[c(R_i, j)] made from the rank pmf, and the best order is an assignment of trusts to places. The losses are
those of Lin, Louis, Paddock and Ridgeway 2006 (Bayesian Analysis 1:915-946, PMC2896056), who call the smallest value
rank 1: their percentile P = R / (n + 1) is 1 - R / (n + 1) here, their cut gamma lies halfway between places k and
k + 1, and above gamma is inside the top k.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from ranktrust.ranks.posterior import SLACK

type Floats = NDArray[np.float64]
type Places = NDArray[np.int64]


@dataclass(frozen=True)
class Weights:
    """Weights of a classification loss: a trust of the top k left out costs distance^p, one let in costs c distance^q.

    Distances are in percentiles, places / (n + 1).
    """

    p: float = 1.0
    q: float = 1.0
    c: float = 1.0


def squared_cost(pmf: Floats) -> Floats:
    """E (R_i - j)^2."""
    places = np.arange(1, pmf.shape[1] + 1)
    mean = pmf @ places
    cost: Floats = (pmf @ places**2 - mean**2)[:, None] + (mean[:, None] - places) ** 2
    return cost


def absolute_cost(pmf: Floats) -> Floats:
    """E |R_i - j| = E R_i - j + 2 sum_{l < j} P(R_i <= l)."""
    places = np.arange(1, pmf.shape[1] + 1)
    below = np.cumsum(np.cumsum(pmf, axis=1), axis=1)
    before = np.concatenate([np.zeros((len(pmf), 1)), below[:, :-1]], axis=1)
    cost: Floats = (pmf @ places)[:, None] - places + 2 * before
    return cost


def placement_cost(pmf: Floats) -> Floats:
    """P(R_i != j)."""
    return 1 - pmf


def top_cost(pmf: Floats, k: int) -> Floats:
    """Probability that trust i at place j is on the wrong side of place k: L_0/1."""
    places = np.arange(1, pmf.shape[1] + 1)
    inside = pmf[:, :k].sum(axis=1)[:, None]
    return np.where(places <= k, 1 - inside, inside)


def published_distance_cost(pmf: Floats, k: int, weights: Weights) -> Floats:
    """L-tilde: a misclassified trust costs the distance of its published place from the cut."""
    places, distance = _from_cut(pmf, k)
    inside = pmf[:, :k].sum(axis=1)[:, None]
    return np.where(places <= k, weights.c * distance**weights.q * (1 - inside), distance**weights.p * inside)


def true_distance_cost(pmf: Floats, k: int, weights: Weights) -> Floats:
    """L-dagger: a misclassified trust costs the distance of its true place from the cut."""
    places, distance = _from_cut(pmf, k)
    let_in = weights.c * pmf[:, k:] @ distance[k:] ** weights.q
    left_out = pmf[:, :k] @ distance[:k] ** weights.p
    return np.where(places <= k, let_in[:, None], left_out[:, None])


def both_distance_cost(pmf: Floats, k: int, weights: Weights) -> Floats:
    """L-double-dagger: a misclassified trust costs the distance of its true from its published place. O(n^3)."""
    places, _ = _from_cut(pmf, k)
    distance = np.abs(places[:, None] - places) / (len(places) + 1)
    let_in = weights.c * pmf[:, k:] @ distance[k:] ** weights.q
    left_out = pmf[:, :k] @ distance[:k] ** weights.p
    return np.where(places <= k, let_in, left_out)


def expected_loss(cost: Floats, places: Places) -> float:
    """Mean cost over trusts of an order given as each trust's place."""
    return float(np.take_along_axis(cost, places[:, None] - 1, axis=1).mean())


def random_loss(cost: Floats) -> float:
    """Mean cost of an order drawn at random: the mean of the matrix."""
    return float(cost.mean())


def best_assignment(cost: Floats) -> Places:
    """Place of each trust in the order that costs least. O(n^3)."""
    _, places = linear_sum_assignment(cost)
    return np.asarray(places, dtype=np.int64) + 1


def places_by(*keys: Floats) -> Places:
    """Place of each trust when sorted upwards by the first key, ties by the next, then as the trusts came."""
    order = np.lexsort([np.round(key / SLACK) for key in reversed(keys)])
    places = np.empty(len(order), dtype=np.int64)
    places[order] = np.arange(1, len(order) + 1)
    return places


def r_value_levels(exceedance: Floats, sizes: NDArray[np.int64]) -> NDArray[np.int64]:
    """First level at which each trust enters the list of that level, -1 if never: r-values before scaling.

    `exceedance` is (trust, level), V_l(i); the list of level l is all i with V_l(i) at least the `sizes[l]`-th largest
    (Henderson and Newton 2016, JRSS B 78:781-804). In the finite form V_k(i) = P(R_i <= k) and sizes are 1 to n.
    """
    falling = -np.sort(-exceedance, axis=0)
    thresholds = np.take_along_axis(falling, sizes[None, :] - 1, axis=0)
    entered = exceedance >= thresholds - SLACK
    return np.where(entered.any(axis=1), np.argmax(entered, axis=1), -1)


def _from_cut(pmf: Floats, k: int) -> tuple[Places, Floats]:
    """Places, and how far each lies from the cut between k and k + 1, in percentiles."""
    places = np.arange(1, pmf.shape[1] + 1)
    return places, np.abs(places - k - 0.5) / (pmf.shape[1] + 1)
