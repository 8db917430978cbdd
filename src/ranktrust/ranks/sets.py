"""Rank sets that hold for all trusts at once, the partial order that is certain, and sets sure to hold the best k.

Each is tuned on the first half of every chain, judged on the second, and weakened there until it reaches its level
(docs/statistics.md, decision 20); `calibration`, `held_out` with `held_out_mcse`, and `final` are the shares of draws
in which it held: on the first half, on the second as tuned, and on the second as published.
"""

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import pandas as pd
import xarray as xr

from ranktrust.errors import UsageError
from ranktrust.ranks import partial, simultaneous
from ranktrust.ranks.partial import CertainPairs
from ranktrust.ranks.ranked import Ranked, checked_k, checked_prob
from ranktrust.ranks.simultaneous import Band, Content
from ranktrust.vocabulary import Best

type Method = Literal["quantile", "deviation"]

BANDS = {"quantile": simultaneous.quantile_band, "deviation": simultaneous.deviation_band}


@dataclass(frozen=True)
class SimultaneousSets:
    """`table` has `set_lower` and `set_upper` by trust: all ranks lie in them at once with probability `prob`.

    `widened` is by how many places the judging half had every set widened.
    """

    table: xr.Dataset
    prob: float
    widened: int
    content: Content


@dataclass(frozen=True)
class PartialOrder:
    """Pairs whose order holds for all at once with probability `prob`.

    `table` has `above` by trust and `other_<trust>`, row surely above column, transitive; by trust `place_lower` =
    1 + those surely above it and `place_upper` = n less those surely below it. `edges` are the pairs with no one
    between them, the Hasse diagram: columns `trust` and `other`, `trust` directly above `other`.
    """

    table: xr.Dataset
    edges: pd.DataFrame
    prob: float
    content: Content


@dataclass(frozen=True)
class TopSets:
    """Sets that are sure to hold the best k with probability `prob`.

    `by_order` has all trusts with fewer than k surely above them, at the content of the partial order; `by_list` is
    the shortest list by falling P(top k) that holds the whole top k, best first, at the content given here.
    """

    by_order: list[Hashable]
    by_list: list[Hashable]
    top: int
    prob: float
    content_by_order: Content
    content_by_list: Content


def simultaneous_sets(
    draws: xr.DataArray, *, best: Best, prob: float = 0.95, method: Method = "quantile"
) -> SimultaneousSets:
    """Rank sets that hold all ranks at once with probability `prob`.

    "quantile" gives every trust the same tail probability and mirrors when direction is reversed; "deviation" gives
    expected rank -/+ c sd(rank), which hardly widens even with thousands of trusts.
    """
    if method not in get_args(Method.__value__):
        raise UsageError(f'method must be "quantile" or "deviation", not {method!r}')
    ranked = Ranked(draws, best)
    return named_band(ranked, BANDS[method](ranked.ranks, checked_prob(prob)), prob)


def partial_order(draws: xr.DataArray, *, best: Best, prob: float = 0.95) -> PartialOrder:
    """Most pairs, by certainty, whose order holds for all at once with probability `prob`."""
    ranked = Ranked(draws, best)
    return named_order(ranked, partial.certain_pairs(ranked.ranks, checked_prob(prob)), prob)


def top_sets(draws: xr.DataArray, k: int, *, best: Best, prob: float = 0.95) -> TopSets:
    """Trusts among which the best k surely are, by the partial order and by the shortest list."""
    ranked = Ranked(draws, best)
    k = checked_k(k, ranked.ranks.n, "top")
    pairs = partial.certain_pairs(ranked.ranks, checked_prob(prob))
    return named_top(ranked, pairs, k, prob)


def named_band(ranked: Ranked, band: Band, prob: float) -> SimultaneousSets:
    """Put trusts' names to a band."""
    bounds = {"set_lower": band.lower, "set_upper": band.upper}
    table = ranked.dataset({name: (("trust",), values.astype(np.int64)) for name, values in bounds.items()})
    return SimultaneousSets(table, prob, band.widened, band.content)


def named_order(ranked: Ranked, pairs: CertainPairs, prob: float) -> PartialOrder:
    """Put trusts' names to certain pairs."""
    table = ranked.dataset(
        {
            "above": (("trust", "other"), pairs.above),
            "place_lower": (("trust",), pairs.lower),
            "place_upper": (("trust",), pairs.upper),
        }
    )
    names = ranked.draws.trusts.to_list()
    edges = [(names[i], names[j]) for i, j in partial.cover_edges(pairs.above)]
    return PartialOrder(table, pd.DataFrame(edges, columns=["trust", "other"]), prob, pairs.content)


def named_top(ranked: Ranked, pairs: CertainPairs, k: int, prob: float) -> TopSets:
    """Both sets for the best k, by name."""
    names = ranked.draws.trusts.to_list()
    shortest = partial.top_set(ranked.ranks, k, prob)
    by_order = [names[i] for i in np.flatnonzero(pairs.lower <= k)]
    by_list = [names[i] for i in shortest.members]
    return TopSets(by_order, by_list, k, prob, pairs.content, shortest.content)
