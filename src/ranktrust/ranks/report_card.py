"""The best weak order for given pairwise probabilities: numpy and numba alone, larger is better, grade 1 is best.

`above` is the matrix of P(row above column); its diagonal is not read, and where a pair falls short of 1 in sum, the
rest is gain to neither. Splitting a pair with i above j gains (1 + lambda) P(i above j) - 1; pairs that share a
grade gain nothing (Kline, Rose and Walters 2024, A Discrimination Report Card, Am Econ Rev; arXiv 2306.13005).

If some order has rows that dominate one another, an exchange argument makes an optimal weak order a cut of it into
blocks of neighbours, found in O(n^2). The order sought is the best at lambda = 1: Borda's, then single trusts moved to
where they gain most until none moves. `violation` says how far the order is from one that dominates: at 0 the cut is
proven best. Where trusts are known with very different precision no order dominates; then `card_moves` betters a cut,
and the result may still fall short of the best.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ranktrust.ranks.compiled import compiled

type Floats = NDArray[np.float64]
type Places = NDArray[np.int64]

SLACK = 1e-9
"""Gains closer than this are equal; of equal weak orders the one with fewer grades is taken."""


@dataclass(frozen=True)
class Blocks:
    """What cutting an order costs: within-block sums of P(earlier above later) as 2-D prefix sums."""

    order: Places
    prefix: Floats

    @property
    def n(self) -> int:
        """How many trusts."""
        return len(self.order)

    @property
    def total(self) -> float:
        """Sum of P(earlier above later) over all pairs."""
        return float(self.prefix[-1, -1])


@dataclass(frozen=True)
class Cut:
    """Grade of each trust, and over the pairs split by grade: how many, and the sum of P(better grade above)."""

    grade: Places
    separated: int
    agreed: float

    def gain(self, weight: float) -> float:
        """Find the objective at lambda = `weight`."""
        return (1 + weight) * self.agreed - self.separated


def best_order(above: Floats) -> Places:
    """Order by Borda, the sum of the row, then reinsert one trust at a time while the lambda = 1 gain grows."""
    lead = above - above.T
    np.fill_diagonal(lead, 0.0)
    order = np.argsort(-lead.sum(axis=1), kind="stable").astype(np.int64)
    return _reinsert(np.ascontiguousarray(lead), order)


def blocks_of(above: Floats, order: Places) -> Blocks:
    """Prefix sums of the pairs in order, prefix[a, b] over earlier < a and later < b."""
    forward = np.triu(above[np.ix_(order, order)], k=1)
    prefix = np.zeros((len(order) + 1, len(order) + 1))
    prefix[1:, 1:] = forward.cumsum(axis=0).cumsum(axis=1)
    return Blocks(order, prefix)


def cut(blocks: Blocks, weight: float) -> Cut:
    """Best cut of the order into blocks at lambda = `weight`: the least sum of gains forgone inside blocks. O(n^2)."""
    starts = _block_starts(blocks.prefix, weight)
    sizes = np.diff(np.append(starts, blocks.n))
    inside = sum(_inside(blocks.prefix, start, start + size) for start, size in zip(starts, sizes, strict=True))
    grade = np.empty(blocks.n, dtype=np.int64)
    grade[blocks.order] = np.repeat(np.arange(1, len(starts) + 1), sizes)
    separated = (blocks.n * (blocks.n - 1) - int((sizes * (sizes - 1)).sum())) // 2
    return Cut(grade, separated, blocks.total - float(inside))


def violation(above: Floats, order: Places) -> float:
    """How far the rows of `above` are from dominating one another in `order`; 0: the best cut is the best weak order.

    The most by which a later row exceeds an earlier one in a column of neither, or by which P(earlier above later)
    falls short of a half.
    """
    placed = above[np.ix_(order, order)]
    worst = float(np.max(0.5 - placed[np.triu_indices(len(order), k=1)], initial=0.0))
    for k in range(len(order)):
        column = np.delete(placed[:, k], k)
        worst = max(worst, float(np.max(column - np.minimum.accumulate(column), initial=0.0)))
    return worst


def frontier(blocks: Blocks) -> tuple[list[Cut], list[float]]:
    """Every cut that is best for some lambda in [0, 1], in its order, and the lambda from which each is best.

    The gain of a cut is a line in lambda, so the best gain is an upper envelope: between two of its lines, solve where
    they cross; a better cut there lies between them, else they are neighbours (Eisner and Severance 1976, J ACM
    23:619-635). About two solutions a line.
    """
    first, last = cut(blocks, 0.0), cut(blocks, 1.0)
    if _same_line(first, last):
        return [first], [0.0]
    cuts, starts, waiting = [first], [0.0], [last]
    while waiting:
        crossing = _crossing(cuts[-1], waiting[-1])
        between = cut(blocks, crossing)
        if between.gain(crossing) > cuts[-1].gain(crossing) + SLACK:
            waiting.append(between)
        else:
            cuts.append(waiting.pop())
            starts.append(crossing)
    return cuts, starts


def envelope(cuts: list[Cut]) -> tuple[list[Cut], list[float]]:
    """Those of `cuts` that no other beats for some lambda in [0, 1], and from where; the first is best at 0."""
    agreed, separated = np.array([cut.agreed for cut in cuts]), np.array([cut.separated for cut in cuts])
    chosen, starts = [0], [0.0]
    while True:
        steeper = np.flatnonzero(agreed > agreed[chosen[-1]] + SLACK)
        rise = agreed[steeper] - agreed[chosen[-1]]
        crossing = np.maximum((separated[steeper] - separated[chosen[-1]]) / rise - 1, starts[-1])
        soonest = float(crossing.min(initial=1.0))
        if soonest >= 1 - SLACK:
            return [cuts[each] for each in chosen], starts
        next_ones = steeper[crossing <= soonest + SLACK]
        chosen.append(int(next_ones[np.argmax(agreed[next_ones])]))
        starts.append(soonest)


def _crossing(left: Cut, right: Cut) -> float:
    """Find the lambda at which two cuts gain the same."""
    crossing = (right.separated - left.separated) / (right.agreed - left.agreed) - 1
    return min(max(crossing, 0.0), 1.0)


def _same_line(one: Cut, other: Cut) -> bool:
    return abs(one.agreed - other.agreed) <= SLACK


def _inside(prefix: Floats, start: int, stop: int) -> float:
    """Sum over pairs inside a block; none lie below the diagonal."""
    return float(prefix[stop, stop] - prefix[start, stop] - prefix[stop, start] + prefix[start, start])


@compiled
def inversions(first: NDArray[np.int16], grade: Places) -> Floats:
    """Pairs split by grade that a draw puts the other way round, by draw; a tie counts one half. O(S n^2)."""
    trusts, samples = first.shape
    twice = np.zeros(samples, dtype=np.int64)
    for i in range(trusts):
        for j in range(trusts):
            if grade[i] < grade[j]:
                for draw in range(samples):
                    twice[draw] += (first[i, draw] > first[j, draw]) + (first[i, draw] >= first[j, draw])
    return twice / 2.0


@compiled
def _block_starts(prefix: Floats, weight: float) -> Places:
    """Starts of the blocks, by dynamic programming over the end of the last block; ties go to the longer block."""
    n = len(prefix) - 1
    forgone = np.zeros(n + 1)
    start_of = np.zeros(n + 1, dtype=np.int64)
    for stop in range(1, n + 1):
        forgone[stop] = np.inf
        for start in range(stop):
            within = prefix[stop, stop] - prefix[start, stop] - prefix[stop, start] + prefix[start, start]
            pairs = (stop - start) * (stop - start - 1) / 2
            candidate = forgone[start] + (1 + weight) * within - pairs
            if candidate < forgone[stop] - SLACK:
                forgone[stop] = candidate
                start_of[stop] = start
    starts = np.zeros(n, dtype=np.int64)
    count, at = 0, n
    while at > 0:
        at = start_of[at]
        starts[count] = at
        count += 1
    return starts[:count][::-1].copy()


@compiled
def _better_place(lead: Floats, order: Places, at: int) -> int:
    """Place to which the trust at place `at` should move, `at` itself if none is better."""
    unit, best, target = order[at], SLACK, at
    change = 0.0
    for place in range(at - 1, -1, -1):
        change += lead[unit, order[place]]
        if change > best:
            best, target = change, place
    change = 0.0
    for place in range(at + 1, len(order)):
        change += lead[order[place], unit]
        if change > best:
            best, target = change, place
    return target


@compiled
def _reinsert(lead: Floats, order: Places) -> Places:
    """Move one trust to where the sum of leads over ordered pairs grows most; repeat until no move helps."""
    moved = True
    while moved:
        moved = False
        for unit in range(len(order)):
            at = int(np.argmax(order == unit))
            target = _better_place(lead, order, at)
            if target < at:
                order[target + 1 : at + 1] = order[target:at].copy()
            elif target > at:
                order[at:target] = order[at + 1 : target + 1].copy()
            order[target] = unit
            moved = moved or target != at
    return order
