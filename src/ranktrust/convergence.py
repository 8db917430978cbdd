"""R-hat and effective sample sizes of many series of draws at once.

The rank-normalised split R-hat, bulk and tail ESS of Vehtari, Gelman, Simpson, Carpenter and Buerkner (2021, Bayesian
Analysis 16:667-718, doi 10.1214/20-BA1221), as `arviz_stats` computes them a series at a time; a test holds the two
equal. A report judges thousands of series, and here every step is one operation on a block of them, and the normal
scores that R-hat and bulk ESS share are made once.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from os import cpu_count
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.fft import irfft, next_fast_len, rfft
from scipy.special import ndtri
from scipy.stats import rankdata

type Floats = NDArray[np.float64]

TAILS: Final = (0.05, 0.95)
"""Tail ESS is the smaller one of those of these two quantiles."""
FEWEST_DRAWS: Final = 4
_BLOCK: Final = 32
_RESOLUTION: Final = np.finfo(float).resolution


def rhat_and_ess(series: Floats) -> tuple[Floats, Floats, Floats]:
    """R-hat, bulk ESS and tail ESS of each row of `series`, (series, chain, draw).

    NaN where a row is not finite or has fewer than four draws a chain; R-hat also of a single chain. A series that
    never changes has R-hat NaN and as many effective draws as draws: the caller decides what that means.
    """
    rhat, bulk, tail = _blockwise(_judged, series, 3)
    return rhat, bulk, tail


def ess_bulk(series: Floats) -> Floats:
    """Bulk ESS of each row of `series`, (series, chain, draw), as in `rhat_and_ess`."""
    return _blockwise(lambda rows: _ess(_normal_scores(_split(rows))), series).ravel()


def ess_tail(series: Floats) -> Floats:
    """Tail ESS of each row of `series`, (series, chain, draw), as in `rhat_and_ess`."""
    return _blockwise(_tail, series).ravel()


def ess_mean(series: Floats) -> Floats:
    """ESS of the mean of each row of `series`, (series, chain, draw), without normal scores."""
    return _blockwise(lambda rows: _ess(_split(rows)), series).ravel()


def _blockwise(of: Callable[[Floats], Floats], series: Floats, width: int = 1) -> Floats:
    """`of` of the rows that can be judged, (width, series), block by block on every core; NaN for the others."""
    found = np.full((width, len(series)), np.nan)

    def judge(start: int) -> None:
        rows = np.asarray(series[start : start + _BLOCK], dtype=np.float64)
        judged = start + np.flatnonzero(np.isfinite(rows).all(axis=(1, 2)))
        if len(judged):
            found[:, judged] = of(rows[judged - start])

    if series.shape[2] >= FEWEST_DRAWS:
        with ThreadPoolExecutor(cpu_count()) as pool:  # sorting and transforms let go of the interpreter's lock
            list(pool.map(judge, range(0, len(series), _BLOCK)))
    return found


def _judged(rows: Floats) -> Floats:
    """R-hat, bulk and tail ESS, (3, series)."""
    halves = _split(rows)
    scores = _normal_scores(halves)
    if rows.shape[1] == 1:
        return np.stack([np.full(len(rows), np.nan), _ess(scores), _tail(rows)])
    middle = np.median(halves.reshape(len(rows), -1), axis=1)[:, None, None]
    level, spread = _rhat(scores), _rhat(_normal_scores(np.abs(halves - middle)))
    rhat = np.where(np.isnan(spread), level, np.maximum(level, spread))  # all at one distance from the median
    return np.stack([rhat, _ess(scores), _tail(rows)])


def _split(rows: Floats) -> Floats:
    """Each chain as its two halves; the middle draw of an odd number is left out."""
    half = rows.shape[2] // 2
    return np.concatenate([rows[:, :, :half], rows[:, :, -half:]], axis=1)


def _normal_scores(rows: Floats) -> Floats:
    """Normal scores of average ranks among all draws of a row (Blom 1958)."""
    flat = rows.reshape(len(rows), -1)
    scores: Floats = ndtri((rankdata(flat, axis=1) - 3 / 8) / (flat.shape[1] + 1 / 4))
    return scores.reshape(rows.shape)


def _rhat(rows: Floats) -> Floats:
    draws = rows.shape[2]
    within = rows.var(axis=2, ddof=1).mean(axis=1)
    between = draws * rows.mean(axis=2).var(axis=1, ddof=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        found: Floats = np.sqrt((between / within + draws - 1) / draws)
    return found


def _tail(rows: Floats) -> Floats:
    cuts = np.quantile(rows.reshape(len(rows), -1), TAILS, axis=1)
    low, high = (_ess(_split((rows <= cut[:, None, None]).astype(np.float64))) for cut in cuts)
    return np.minimum(low, high)


def _ess(rows: Floats) -> Floats:
    """ESS of each row by Geyer's initial monotone sequence (1992, Statistical Science 7:473-483)."""
    size = rows.shape[1] * rows.shape[2]
    flat = rows.reshape(len(rows), -1)
    still = np.ptp(flat, axis=1) < _RESOLUTION
    with np.errstate(invalid="ignore", divide="ignore"):
        times = np.maximum(_integrated_time(_autocorrelation(rows)), 1 / np.log10(size))
    return np.where(still, float(size), size / times)


def _autocorrelation(rows: Floats) -> Floats:
    """Autocorrelation at every lag, (series, lag), of all chains together: less where their means differ less."""
    chains, draws = rows.shape[1:]
    length = next_fast_len(2 * draws, real=True)
    means = rows.mean(axis=2, keepdims=True)
    spectrum = rfft(rows - means, length, axis=2)
    power = (spectrum * spectrum.conj()).real.mean(axis=1)
    covariance = irfft(power, length, axis=1)[:, :draws] / draws
    within = covariance[:, 0] * draws / (draws - 1)
    total = covariance[:, 0] + (means[:, :, 0].var(axis=1, ddof=1) if chains > 1 else 0.0)
    found: Floats = 1 - (within[:, None] - covariance) / total[:, None]
    found[:, 0] = 1.0
    return found


def _integrated_time(rho: Floats) -> Floats:
    """One number a row of autocorrelations, (series, lag): the draws that are worth one that is independent.

    Sums of neighbouring lags are added while they are positive, each at most the one before; of the first that is not,
    the even lag counts once if it is positive.
    """
    series, draws = rho.shape
    last = max(0, (draws - 3) // 2)
    even, odd = rho[:, : 2 * last + 2 : 2], rho[:, 1 : 2 * last + 2 : 2]
    pairs = even + odd
    ended = np.append(pairs[:, :last] <= 0, np.ones((series, 1), dtype=bool), axis=1).argmax(axis=1)
    every, at = np.arange(series), np.arange(last + 1)
    monotone = np.minimum.accumulate(pairs, axis=1)
    summed = np.where(at < ended[:, None], monotone, 0.0).sum(axis=1)
    left = even[every, ended]
    left = np.where((left > 0) | (pairs[every, ended] >= 0), left, 0.0)
    times: Floats = -1 + 2 * summed + left
    return times
