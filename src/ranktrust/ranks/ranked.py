"""Draws with their ranks, each derived array computed once, and the checks of k and prob that all statements share."""

from functools import cached_property

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from ranktrust.errors import UsageError
from ranktrust.ranks import monte_carlo, posterior
from ranktrust.ranks.draws import Draws, oriented
from ranktrust.vocabulary import RANK, Best, quarter_of

type Floats = NDArray[np.float64]
type Part = dict[str, tuple[tuple[str, ...], NDArray[np.generic]]]
"""Variables by name: their axes, among "trust", "rank" and "other", and their values."""


class Ranked:
    """Draws and their ranks, with each ESS computed once."""

    def __init__(self, draws: xr.DataArray, best: Best) -> None:
        self.draws: Draws = oriented(draws, best=best)
        self.ranks = posterior.rank_samples(self.draws.values)

    @cached_property
    def counts(self) -> Floats:
        """Draws at each place, (trust, place)."""
        return posterior.place_counts(self.ranks)

    @cached_property
    def pmf(self) -> Floats:
        """P(rank = k), (trust, place)."""
        return self.counts / self.ranks.samples

    @cached_property
    def above(self) -> Floats:
        """P(above), (trust, other)."""
        return posterior.above_shares(self.ranks)

    @cached_property
    def series(self) -> Floats:
        """Mid-rank of every draw, (trust, chain, draw)."""
        return self.ranks.by_chain(posterior.mid_ranks(self.ranks))

    @cached_property
    def ess_rank(self) -> Floats:
        """Smaller one of bulk and tail ESS of each rank series."""
        return monte_carlo.ess_of_ranks(self.series, self.draws.values)

    def dataset(self, variables: Part) -> xr.Dataset:
        """Name the axes: "trust", "rank" and "other" are those of a RankSummary."""
        trust, other = self.draws.trust_dim, f"other_{self.draws.trust_dim}"
        names = {"trust": trust, "other": other, "rank": RANK}
        used = {dim for dims, _ in variables.values() for dim in dims}
        trusts = self.draws.trusts.to_numpy()
        labels = {"trust": trusts, "other": trusts, "rank": np.arange(1, self.ranks.n + 1)}
        return xr.Dataset(
            {name: (tuple(names[dim] for dim in dims), values) for name, (dims, values) in variables.items()},
            coords={names[dim]: (names[dim], labels[dim]) for dim in ("trust", "rank", "other") if dim in used},
        )


def checked_k(k: int | None, n: int, end: str) -> int:
    """Return the k of an end, a quarter where it is not given; UsageError unless it lies in 1 to n."""
    if k is None:
        return quarter_of(n)
    if not 1 <= k <= n:
        raise UsageError(f"{end} must lie between 1 and the number of trusts, {n}, and is {k}")
    return int(k)


def checked_prob(prob: float) -> float:
    """Return `prob`; UsageError unless it lies strictly between 0 and 1."""
    if not 0 < prob < 1:
        raise UsageError(f"prob must lie between 0 and 1, and is {prob}")
    return prob
