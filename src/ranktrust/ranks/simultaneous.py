"""Rank sets that hold for all trusts at once: numpy alone.

Tuned and judged on the same draws, such sets hold less than they claim (docs/statistics.md, decision 20). So they are
tuned on half A and judged, then widened, on half B. Half A is the first half of every chain and half B the second:
each has all chains, and only one draw a chain has a neighbour across the cut, where odd and even draws of a chain with
autocorrelation would be near copies and the judge no stranger.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ranktrust.ranks import intervals, monte_carlo, posterior
from ranktrust.ranks.draws import LEAST_DRAWS
from ranktrust.ranks.posterior import SLACK, RankDraws

type Floats = NDArray[np.float64]
type Places = NDArray[np.int16]

ROWS = 256
"""Trusts whose place counts are held at a time: with thousands of trusts no n x n matrix is made."""


@dataclass(frozen=True)
class Content:
    """How often a simultaneous statement held.

    `calibration` is the share of half A, on which it was tuned; `held_out` that of half B before anything was
    changed, with its Monte Carlo error; `final` that of half B after the statement was weakened until it reached its
    level there.
    """

    calibration: float
    held_out: float
    held_out_mcse: float
    final: float


@dataclass(frozen=True)
class Band:
    """Bounds by trust that hold all ranks at once, and by how many places they were widened on half B."""

    lower: Places
    upper: Places
    widened: int
    content: Content


def halves(ranks: RankDraws) -> tuple[RankDraws, RankDraws]:
    """First and second half of every chain; of an odd number of draws the second half has one more."""
    draws = ranks.samples // ranks.chains
    return _some_draws(ranks, slice(0, draws // 2)), _some_draws(ranks, slice(draws // 2, draws))


def quantile_band(ranks: RankDraws, prob: float) -> Band:
    """Equal-tailed bounds at the one tail level that holds all trusts in `prob` of half A, widened on half B.

    With t_is = min(F_i(R_i^s), P(R_i >= R_i^s)), the level is the largest a with min_i t_is >= a in `prob` of the
    draws, and the bounds are all places with both tails >= a (Besag, Green, Higdon and Mengersen 1995, Statistical
    Science 10:3-66). A tied draw is held when its whole block is. Reversing direction mirrors the band. O(S n).
    """
    calibration, judge = halves(ranks)
    level = _reached_from_above(_least_tails(calibration), prob)
    return _widened(*_level_bounds(calibration, level), calibration, judge, prob)


def deviation_band(ranks: RankDraws, prob: float) -> Band:
    """Expected rank -/+ c sd(rank), with c such that half A lies in it with `prob`, widened on half B.

    Beside the quantile band it needs no extreme quantile, so it widens less when n is large, but it is too wide on
    one side of a skewed rank.
    """
    calibration, judge = halves(ranks)
    mean, sd = _moments(calibration)
    scale = np.where(sd > 0, sd, np.inf)
    farthest = np.zeros(calibration.samples)
    for rows in trust_blocks(ranks.n):
        first = calibration.first[rows]
        off = np.maximum(mean[rows, None] - first, first + (calibration.tied[rows] - 1) - mean[rows, None])
        farthest = np.maximum(farthest, (off / scale[rows, None]).max(axis=0))
    reach = _reached_from_below(farthest, prob) * sd
    lower = np.ceil(np.clip(mean - reach, 1, ranks.n) - SLACK * ranks.n).astype(np.int16)
    upper = np.floor(np.clip(mean + reach, 1, ranks.n) + SLACK * ranks.n).astype(np.int16)
    return _widened(lower, upper, calibration, judge, prob)


def share_held(depth: Floats, chains: int) -> tuple[float, float]:
    """Share of draws with `depth` <= 0 and its Monte Carlo error, at the ESS of its own series.

    Where all or none are held, at the ESS of `depth` itself. NaN with fewer draws a chain than an ESS needs.
    """
    held = (depth <= 0).astype(np.float64)
    series = depth.reshape(1, chains, -1).astype(np.float64)
    if series.shape[2] < LEAST_DRAWS:
        return float(held.mean()), float("nan")
    instead = monte_carlo.ess_bulk_tail(series, instead=np.array([np.nan]))
    ess = monte_carlo.ess(held.reshape(series.shape), "bulk", instead=instead)
    return float(held.mean()), float(monte_carlo.probability_mcse(np.array([held.mean()]), ess)[0])


def _some_draws(ranks: RankDraws, some: slice) -> RankDraws:
    def cut(places: Places) -> Places:
        return np.ascontiguousarray(places.reshape(ranks.n, ranks.chains, -1)[:, :, some]).reshape(ranks.n, -1)

    return RankDraws(cut(ranks.first), cut(ranks.tied), ranks.chains)


def trust_blocks(n: int) -> list[slice]:
    """Return slices of at most ROWS trusts that cover them all."""
    return [slice(start, min(start + ROWS, n)) for start in range(0, n, ROWS)]


def _tails(ranks: RankDraws, rows: slice) -> tuple[Floats, Floats]:
    """Draws at each place or a better one, and at each place or a worse one."""
    counts = posterior.place_counts(ranks, rows)
    return np.cumsum(counts, axis=1), np.cumsum(counts[:, ::-1], axis=1)[:, ::-1]


def _least_tails(ranks: RankDraws) -> Floats:
    """min_i t_is of each draw, as a number of draws."""
    least = np.full(ranks.samples, np.inf)
    for rows in trust_blocks(ranks.n):
        better, worse = _tails(ranks, rows)
        first = ranks.first[rows].astype(np.int64) - 1
        last = first + ranks.tied[rows] - 1
        held = np.minimum(np.take_along_axis(better, first, axis=1), np.take_along_axis(worse, last, axis=1))
        least = np.minimum(least, held.min(axis=0))
    return least


def _level_bounds(ranks: RankDraws, level: float) -> tuple[Places, Places]:
    lower, upper = np.empty(ranks.n, dtype=np.int16), np.empty(ranks.n, dtype=np.int16)
    least = level - SLACK * ranks.samples
    for rows in trust_blocks(ranks.n):
        better, worse = _tails(ranks, rows)
        lower[rows] = 1 + np.argmax(better >= least, axis=1)
        upper[rows] = ranks.n - np.argmax(worse[:, ::-1] >= least, axis=1)
    return lower, upper


def _moments(ranks: RankDraws) -> tuple[Floats, Floats]:
    places = np.arange(1, ranks.n + 1)
    mean, sd = np.empty(ranks.n), np.empty(ranks.n)
    for rows in trust_blocks(ranks.n):
        counts = posterior.place_counts(ranks, rows)
        mean[rows], sd[rows] = counts @ places / ranks.samples, intervals.rank_sd(counts)
    return mean, sd


def _reached_from_above(values: Floats, prob: float) -> float:
    """Return the largest value that `prob` of them reach."""
    return -_reached_from_below(-values, prob)


def _reached_from_below(values: Floats, prob: float) -> float:
    """Return the least value that `prob` of them do not exceed."""
    return float(np.sort(values)[order_statistic(len(values), prob)])


def order_statistic(samples: int, prob: float) -> int:
    """Index of the least of `samples` sorted values that at least `prob` of them do not exceed."""
    return max(0, int(np.ceil(prob * samples - SLACK * samples)) - 1)


def _depth(ranks: RankDraws, lower: Places, upper: Places) -> NDArray[np.int64]:
    """How far the farthest rank of each draw lies outside its bounds: 0 or less when all lie inside."""
    depth = np.full(ranks.samples, -ranks.n, dtype=np.int64)
    for rows in trust_blocks(ranks.n):
        first = ranks.first[rows].astype(np.int64)
        last = first + ranks.tied[rows] - 1
        outside = np.maximum(lower[rows, None] - first, last - upper[rows, None])
        depth = np.maximum(depth, outside.max(axis=0))
    return depth


def _widened(lower: Places, upper: Places, calibration: RankDraws, judge: RankDraws, prob: float) -> Band:
    """Judge bounds on half B, then widen all by the least whole number that reaches `prob` there."""
    before, depth = _depth(calibration, lower, upper), _depth(judge, lower, upper)
    more = max(0, int(np.sort(depth)[order_statistic(judge.samples, prob)]))
    share, error = share_held(depth.astype(np.float64), judge.chains)
    content = Content(float((before <= 0).mean()), share, error, float((depth <= more).mean()))
    return Band(
        np.maximum(lower - more, 1).astype(np.int16), np.minimum(upper + more, judge.n).astype(np.int16), more, content
    )
