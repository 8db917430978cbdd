"""How sure an order is as a whole: numpy and numba alone.

`above` is (trust, other), P(above) with 1/2 for ties and on the diagonal.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ranktrust.errors import UsageError
from ranktrust.ranks import posterior
from ranktrust.ranks.compiled import compiled
from ranktrust.ranks.posterior import RankDraws

type Floats = NDArray[np.float64]


def poth_of_ranks(expected: Floats) -> float:
    """POTH from expected ranks: sum (E R_i - (n + 1)/2)^2 / (n (n^2 - 1) / 12).

    Since the places of a draw are 1 to n, sum Var(R_i) + sum (E R_i - (n + 1)/2)^2 = n (n^2 - 1) / 12, so this is
    1 - 12 sum Var(R_i) / (n (n + 1) (n - 1)) (Wigle et al. 2025, arXiv 2501.11596). NaN for one trust.
    """
    n = len(expected)
    if n < 2:
        return float("nan")
    return float(((expected - (n + 1) / 2) ** 2).sum() / (n * (n**2 - 1) / 12))


def poth_of_subset(above: Floats, members: NDArray[np.intp]) -> float:
    """POTH of some trusts ranked again among themselves, by E R_i = m + 1/2 - sum_j P(i above j)."""
    chosen = above[np.ix_(members, members)]
    return poth_of_ranks(len(members) + 0.5 - chosen.sum(axis=1))


def poth_without_each(above: Floats) -> Floats:
    """POTH of the others, ranked again, without each trust in turn: deleting i lowers E R_j by P(i above j). O(n^2)."""
    n = len(above)
    if n < 3:
        return np.full(n, np.nan)
    expected = n + 0.5 - above.sum(axis=1)
    centred = expected[None, :] - above - n / 2
    np.fill_diagonal(centred, 0.0)
    poth: Floats = (centred**2).sum(axis=1) / ((n - 1) * n * (n - 2) / 12)
    return poth


def poth_of_best(above: Floats, order: NDArray[np.intp]) -> Floats:
    """POTH of the first 2, 3, ..., n trusts of an order, each set ranked again. O(n^2)."""
    sums = np.cumsum(above[np.ix_(order, order)], axis=0)
    return np.array([poth_of_ranks(0.5 + sums[k - 1, :k]) for k in range(2, len(order) + 1)])


def spearman_with(places: Floats | NDArray[np.int64], ranks: RankDraws) -> Floats:
    """Spearman correlation of an order with the ranks of every draw, a tie as the mean over its orders."""
    middle = (ranks.n + 1) / 2
    correlation: Floats = (places - middle) @ (posterior.mid_ranks(ranks) - middle) / (ranks.n * (ranks.n**2 - 1) / 12)
    return correlation


def kendall_with(places: NDArray[np.int64], ranks: RankDraws) -> Floats:
    """Kendall correlation of an order with the ranks of every draw, a tied pair counting 0. O(S n^2)."""
    ordered = np.ascontiguousarray(ranks.first[np.argsort(places)].T)
    return _concordance(ordered) / (ranks.n * (ranks.n - 1) / 2)


def rankability(tau: ArrayLike, standard_error: ArrayLike) -> Floats:
    """tau^2 / (tau^2 + median s_i^2), one for each draw of tau.

    The share of the differences between trusts that is not sampling noise (van Houwelingen, Brand and Louis 2000; as
    used by Lingsma et al. 2010, Eur J Epidemiol). `standard_error` is by trust, on the scale of tau.
    """
    between, within = _variances(tau, standard_error)
    return between / (between + np.median(within))


def unit_reliability(tau: ArrayLike, standard_error: ArrayLike) -> Floats:
    """tau^2 / (tau^2 + s_i^2), (draw of tau, trust) (Adams 2009, RAND TR-653)."""
    between, within = _variances(tau, standard_error)
    return between[:, None] / (between[:, None] + within)


def _variances(tau: ArrayLike, standard_error: ArrayLike) -> tuple[Floats, Floats]:
    spread, errors = np.asarray(tau, dtype=np.float64).ravel(), np.asarray(standard_error, dtype=np.float64)
    if not (np.isfinite(spread).all() and (spread >= 0).all()):
        raise UsageError("tau must be finite and not negative")
    if errors.ndim != 1 or not (np.isfinite(errors).all() and (errors > 0).all()):
        raise UsageError("standard errors must be one a trust, finite and above 0")
    return spread**2, errors**2


@compiled
def _concordance(ordered: NDArray[np.int16]) -> Floats:
    """Pairs of each draw in the order given, less those against it."""
    samples, trusts = ordered.shape
    sums = np.zeros(samples)
    for draw in range(samples):
        row, net = ordered[draw], 0
        for i in range(trusts):
            for j in range(i + 1, trusts):
                net += (row[i] < row[j]) - (row[i] > row[j])
        sums[draw] = net
    return sums
