"""The pairs whose order holds all at once, and the sets that are sure to hold the best k: numpy and numba alone.

Tuned on half A, judged and if need be weakened on half B: see `simultaneous`.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ranktrust.ranks import posterior
from ranktrust.ranks.compiled import compiled
from ranktrust.ranks.posterior import SLACK, RankDraws
from ranktrust.ranks.simultaneous import Content, halves, order_statistic, share_held

type Floats = NDArray[np.float64]
type Pairs = NDArray[np.bool_]


@dataclass(frozen=True)
class CertainPairs:
    """`above` says which rows are above which columns; all of them hold at once with the content given."""

    above: Pairs
    content: Content

    @property
    def lower(self) -> NDArray[np.int64]:
        """Best place that each trust may hold: 1 + those above it."""
        return 1 + self.above.sum(axis=0)

    @property
    def upper(self) -> NDArray[np.int64]:
        """Worst place that each trust may hold: n less those below it."""
        return len(self.above) - self.above.sum(axis=1)


@dataclass(frozen=True)
class TopSet:
    """`members` of the set that holds the whole top k with the content given."""

    members: NDArray[np.intp]
    content: Content


def certain_pairs(ranks: RankDraws, prob: float) -> CertainPairs:
    """Most pairs, by certainty, that hold together in `prob` of the draws: a partial order.

    The pairs above a threshold hold in a draw if its most certain broken pair is below it, so the threshold is an
    order statistic of one number a draw, without search: O(S n^2). It is set on half A and raised on half B if need
    be. Pairs that follow from others (a above b above c) are added: they cost no content.
    """
    calibration, judge = halves(ranks)
    certainty = _certainty(calibration)
    worst = [_most_certain_broken(_by_draw(half), certainty) for half in (calibration, judge)]
    found, needed = (float(np.sort(broken)[order_statistic(len(broken), prob)]) for broken in worst)
    share, error = share_held(worst[1] - found, judge.chains)
    final = max(found, needed)
    content = Content(float((worst[0] <= found).mean()), share, error, float((worst[1] <= final).mean()))
    return CertainPairs(_closure(certainty > final), content)


def cover_edges(above: Pairs) -> list[tuple[int, int]]:
    """Pairs (i, j) with i directly above j, no one between them: the edges of the Hasse diagram."""
    between = (above.astype(np.float32) @ above.astype(np.float32)) > 0
    return [(int(i), int(j)) for i, j in zip(*np.nonzero(above & ~between), strict=True)]


def top_set(ranks: RankDraws, k: int, prob: float) -> TopSet:
    """Shortest list, by falling P(rank <= k), that holds every trust of the top k with `prob`.

    A draw needs the list down to the last of its top k, so the length is an order statistic of one number a draw:
    O(S n). Tuned on half A, lengthened on half B. A trust tied across place k counts among the draw's top k.
    """
    calibration, judge = halves(ranks)
    shares = posterior.top_shares(calibration, k).mean(axis=1)
    order = np.lexsort((posterior.mid_ranks(calibration).mean(axis=1), -np.round(shares / SLACK)))
    lengths = [_length_needed(half, order, k) for half in (calibration, judge)]
    found, needed = (int(np.sort(length)[order_statistic(len(length), prob)]) for length in lengths)
    share, error = share_held((lengths[1] - found).astype(np.float64), judge.chains)
    final = max(found, needed)
    content = Content(float((lengths[0] <= found).mean()), share, error, float((lengths[1] <= final).mean()))
    return TopSet(order[:final], content)


def _length_needed(ranks: RankDraws, order: NDArray[np.intp], k: int) -> NDArray[np.int64]:
    length = np.arange(1, ranks.n + 1)[:, None]
    needed: NDArray[np.int64] = np.where(ranks.first[order] <= k, length, 0).max(axis=0)
    return needed


def _certainty(ranks: RankDraws) -> Floats:
    """P(i above j) above one half, 0 elsewhere; unanimous pairs go on above 1 by their standardised rank difference.

    With thousands of pairs unanimous in half A, some are broken now and then in half B, and a threshold needs an
    order among them: 1 + z / (1 + z), z = E[R_j - R_i] / sd(R_j - R_i).
    """
    above = posterior.above_shares(ranks)
    middle = posterior.mid_ranks(ranks)
    mean, covariance = middle.mean(axis=1), np.cov(middle)
    spread = np.add.outer(np.diag(covariance), np.diag(covariance)) - 2 * covariance
    gap = np.maximum(mean[None, :] - mean[:, None], 0.0)
    z = gap / np.sqrt(np.maximum(spread, SLACK))
    return np.where(above >= 1, 1 + z / (1 + z), np.where(above > 0.5, above, 0.0))


def _by_draw(ranks: RankDraws) -> NDArray[np.int16]:
    return np.ascontiguousarray(ranks.first.T)


@compiled
def _most_certain_broken(first: NDArray[np.int16], certainty: Floats) -> Floats:
    """Certainty of the most certain pair that each draw breaks or ties; `first` is (sample, trust)."""
    samples, trusts = first.shape
    broken = np.zeros(samples)
    for draw in range(samples):
        row, most = first[draw], 0.0
        for i in range(trusts):
            for j in range(trusts):
                if row[i] >= row[j] and certainty[i, j] > most:
                    most = certainty[i, j]
        broken[draw] = most
    return broken


@compiled
def _closure(above: Pairs) -> Pairs:
    """Transitive closure (Warshall): i above j whenever a chain of pairs leads from i to j."""
    closed = above.copy()
    for middle in range(len(closed)):
        for i in range(len(closed)):
            if closed[i, middle]:
                closed[i] |= closed[middle]
    return closed
