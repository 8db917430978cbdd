"""Ranks of draws and what is counted from them: numpy and numba alone, larger is better, rank 1 is best.

A tie keeps its mass. Trusts tied in a draw share the places that they fill: a block of m trusts at places
a to a + m - 1 is kept as `first` = a and `tied` = m, two int16, because a mid-rank is no integer. Each of its
trusts then counts 1/m at every place of the block, and beats another of the block by 1/2.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ranktrust.ranks.compiled import compiled

SLACK = 1e-9
"""Shares closer than this to a threshold lie on it: .05 and sums of 1/3 are not exact in binary."""
BLOCK = 4_000_000
STRETCH = 8192
"""Draws whose pair counts, two at most each, fit an int16."""
TILE = 256


@dataclass(frozen=True)
class RankDraws:
    """Ranks of every draw.

    `first` and `tied` are int16 of shape (trust, sample), samples chain by chain: the best place of the
    trust's tie block and the block's length, 1 where it is tied with no one. `chains` is the number of chains.
    """

    first: NDArray[np.int16]
    tied: NDArray[np.int16]
    chains: int

    @property
    def n(self) -> int:
        """How many trusts."""
        return len(self.first)

    @property
    def samples(self) -> int:
        """How many draws, over all chains."""
        samples: int = self.first.shape[1]
        return samples

    def by_chain(self, series: NDArray[np.float64]) -> NDArray[np.float64]:
        """Reshape a (trust, sample) array to (trust, chain, draw)."""
        return series.reshape(self.n, self.chains, -1)


def rank_samples(values: NDArray[np.float64]) -> RankDraws:
    """Rank every draw of `values`, (trust, chain, draw) with larger better. O(S n log n)."""
    trusts, chains, draws = values.shape
    rows = values.reshape(trusts, chains * draws)
    first = np.empty(rows.shape, dtype=np.int16)
    tied = np.empty(rows.shape, dtype=np.int16)
    step = max(1, BLOCK // trusts)
    for start in range(0, rows.shape[1], step):
        some = slice(start, start + step)
        block = np.ascontiguousarray(rows[:, some].T)
        _place(block, np.argsort(-block, axis=1), first[:, some], tied[:, some])
    return RankDraws(first, tied, chains)


def mid_ranks(ranks: RankDraws) -> NDArray[np.float64]:
    """Middle of the tie block, (trust, sample); each draw's ranks sum to n (n + 1) / 2."""
    return ranks.first + (ranks.tied - 1) / 2


def top_shares(ranks: RankDraws, k: int) -> NDArray[np.float64]:
    """Share of the tie block inside places 1 to k, (trust, sample): 0 or 1 where it is tied with no one."""
    return shares_within(ranks.first, ranks.tied, 1, k)


def bottom_shares(ranks: RankDraws, k: int) -> NDArray[np.float64]:
    """Share of the tie block inside places n - k + 1 to n, (trust, sample)."""
    return shares_within(ranks.first, ranks.tied, ranks.n - k + 1, ranks.n)


def shares_within(first: NDArray[np.int16], tied: NDArray[np.int16], lowest: int, highest: int) -> NDArray[np.float64]:
    """Share of each tie block inside the places `lowest` to `highest`."""
    last = first.astype(np.int32) + tied - 1
    inside = np.minimum(last, highest) - np.maximum(first, lowest) + 1
    shares: NDArray[np.float64] = np.maximum(inside, 0) / tied
    return shares


def place_counts(ranks: RankDraws, rows: slice = slice(None)) -> NDArray[np.float64]:
    """Draws at each place, (trust, place), a tie spread evenly over its block; every row and column sums to S.

    With `rows`, those trusts alone, so that thousands of trusts need no n x n matrix.
    """
    return _count_places(ranks.first[rows], ranks.tied[rows], ranks.n)


def above_shares(ranks: RankDraws) -> NDArray[np.float64]:
    """Share of draws in which the row is above the column, a tie counting one half. O(S n^2)."""
    return np.concatenate([share for _, share in above_blocks(ranks)])


def above_blocks(ranks: RankDraws, rows: int = 256) -> Iterator[tuple[slice, NDArray[np.float64]]]:
    """Yield `above_shares` in blocks of `rows` trusts, so that memory is bounded: S n int16 and rows x n float64."""
    by_draw = np.ascontiguousarray(ranks.first.T)
    for start in range(0, ranks.n, rows):
        some = slice(start, min(start + rows, ranks.n))
        yield some, _count_above(by_draw, some.start, some.stop) / (2.0 * ranks.samples)


def interval_bounds(counts: NDArray[np.float64], prob: float) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Equal-tailed bounds from place counts, each a place that can be attained.

    lower = min{k: F(k) > alpha/2} and upper = min{k: F(k) >= 1 - alpha/2} = max{k: P(R >= k) > alpha/2},
    so that reversing direction mirrors them exactly (docs/statistics.md, decision 21).
    """
    tail = (1 - prob) / 2
    lower = 1 + _places_within(counts, tail)
    upper = counts.shape[1] - _places_within(counts[:, ::-1], tail)
    return lower, upper


def median_places(counts: NDArray[np.float64]) -> NDArray[np.int64]:
    """min{k: F(k) >= 1/2} from place counts."""
    reached = np.cumsum(counts, axis=1) >= (0.5 - SLACK) * counts[0].sum()
    return 1 + np.argmax(reached, axis=1)


def _places_within(counts: NDArray[np.float64], tail: float) -> NDArray[np.int64]:
    """How many places from the left hold no more than `tail` of the mass together."""
    beyond = np.cumsum(counts, axis=1) > (tail + SLACK) * counts[0].sum()
    return np.argmax(beyond, axis=1)


@compiled
def _place(
    values: NDArray[np.float64], order: NDArray[np.int64], first: NDArray[np.int16], tied: NDArray[np.int16]
) -> None:
    for draw in range(values.shape[0]):
        row, places = values[draw], order[draw]
        start = 0
        while start < places.size:
            stop = start + 1
            while stop < places.size and row[places[stop]] == row[places[start]]:
                stop += 1
            for place in range(start, stop):
                first[places[place], draw] = start + 1
                tied[places[place], draw] = stop - start
            start = stop


@compiled
def _count_places(first: NDArray[np.int16], tied: NDArray[np.int16], places: int) -> NDArray[np.float64]:
    trusts, samples = first.shape
    counts = np.zeros((trusts, places))
    for i in range(trusts):
        for draw in range(samples):
            start, length = first[i, draw] - 1, tied[i, draw]
            for place in range(start, start + length):
                counts[i, place] += 1.0 / length
    return counts


@compiled
def _count_above(first: NDArray[np.int16], start: int, stop: int) -> NDArray[np.int64]:
    """Twice the draws in which i is above j, plus the ties, for i in start to stop; `first` is (sample, trust).

    Sums of a stretch of draws are kept in int16, which a processor adds sixteen at a time.
    """
    samples, trusts = first.shape
    counts = np.zeros((stop - start, trusts), dtype=np.int64)
    for begin in range(0, samples, STRETCH):
        for left in range(0, trusts, TILE):
            width = min(TILE, trusts - left)
            for i in range(start, stop):
                some = np.zeros(width, dtype=np.int16)
                for draw in range(begin, min(begin + STRETCH, samples)):
                    mine, others = first[draw, i], first[draw, left : left + width]
                    for j in range(width):
                        some[j] += np.int16(mine < others[j]) + np.int16(mine <= others[j])
                for j in range(width):
                    counts[i - start, left + j] += some[j]
    return counts
