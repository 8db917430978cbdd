"""Effective sample sizes and Monte Carlo errors of rank statements."""

import numpy as np
from numpy.typing import NDArray

from ranktrust.convergence import ess_bulk, ess_mean, ess_tail

type Floats = NDArray[np.float64]

_METHODS = {"mean": ess_mean, "bulk": ess_bulk, "tail": ess_tail}


def ess(series: Floats, method: str, *, instead: Floats) -> Floats:
    """ESS of each row of `series`, (trust, chain, draw); `instead`, one a trust, where a row never changes.

    A row that is constant in all chains has no ESS of its own: it says only that nothing else was seen.
    `method` is "mean", "bulk" or "tail", as in `ranktrust.convergence`.
    """
    constant = never_changes(series)
    result = np.asarray(instead, dtype=np.float64).copy()
    if not constant.all():
        result[~constant] = _METHODS[method](series[~constant])
    return result


def ess_bulk_tail(series: Floats, *, instead: Floats) -> Floats:
    """Smaller one of bulk and tail ESS of each row of `series`, (trust, chain, draw)."""
    return np.minimum(ess(series, "bulk", instead=instead), ess(series, "tail", instead=instead))


def ess_of_ranks(ranks: Floats, outcomes: Floats) -> Floats:
    """Bulk-tail ESS of the rank series, that of the outcome series where a rank never changes.

    NaN where the outcome never changes either. Both arrays are (trust, chain, draw).
    """
    instead = np.full(len(ranks), np.nan)
    still = never_changes(ranks)
    if still.any():
        instead[still] = ess_bulk_tail(outcomes[still], instead=instead[still])
    return ess_bulk_tail(ranks, instead=instead)


def never_changes(series: Floats) -> NDArray[np.bool_]:
    """Which rows of (trust, chain, draw) are one number in all chains."""
    constant: NDArray[np.bool_] = series.max(axis=(1, 2)) == series.min(axis=(1, 2))
    return constant


def probability_mcse(probability: Floats, ess: Floats) -> Floats:
    """Monte Carlo error of a probability: the half-width of Wilson's interval at z = 1.

    sqrt(p (1 - p) / n + 1 / (4 n^2)) / (1 + 1 / n) with n the ESS (Wilson 1927, JASA 22:209-212), which is not 0 at
    p = 0 or 1: an event never seen is not impossible.
    """
    p = np.clip(probability, 0.0, 1.0)
    half_width: Floats = np.sqrt(p * (1 - p) / ess + 1 / (4 * ess**2)) / (1 + 1 / ess)
    return half_width


def mean_mcse(series: Floats, ess: Floats) -> Floats:
    """Monte Carlo error of the mean of each rank series, (trust, chain, draw): sd / sqrt(ESS).

    At least what a single place more or less would add at the error of a probability never seen, 1 / (2 (ESS + 1)).
    """
    spread = series.reshape(len(series), -1).std(axis=1, ddof=1)
    return np.maximum(spread / np.sqrt(ess), probability_mcse(np.zeros_like(ess), ess))


def series_mcse(series: Floats) -> float:
    """Monte Carlo error of the mean of one (chain, draw) series: sd / sqrt(ESS), NaN where it never changes."""
    rows = series[None]
    if never_changes(rows)[0]:
        return float("nan")
    return float(series.std(ddof=1) / np.sqrt(ess(rows, "mean", instead=np.array([np.nan]))[0]))


def unseen_bound(ess: float) -> float:
    """Upper 95 % bound, 3 / ESS, on the probability of what no draw has shown (the rule of three)."""
    return 3.0 / ess
