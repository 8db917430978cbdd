"""How sure the order of trusts is as a whole."""

import numpy as np
import xarray as xr

from ranktrust.errors import UsageError
from ranktrust.ranks import posterior
from ranktrust.ranks.draws import oriented
from ranktrust.ranks.summaries import RankSummary
from ranktrust.vocabulary import RANK, Best


def poth(summary: RankSummary) -> float:
    """Precision of the treatment hierarchy: 0 when trusts are exchangeable, 1 when their order is certain.

    1 - 12 sum Var(R_i) / (n (n + 1) (n - 1)) from the rank pmf (Wigle et al. 2025, arXiv 2501.11596); also the
    expected Spearman correlation between two independent posterior rank draws.
    """
    pmf, rank = summary.table["rank_pmf"], summary.table[RANK]
    variance = (pmf * rank**2).sum(RANK) - (pmf * rank).sum(RANK) ** 2
    n = summary.n
    return float(1 - 12 * variance.sum() / (n * (n + 1) * (n - 1)))


def spearman_between_draws(draws: xr.DataArray, *, best: Best, pairs: int = 4000, seed: int = 0) -> xr.DataArray:
    """Spearman correlation between the ranks of two posterior draws, for `pairs` random pairs: dimension `pair`.

    Its mean is POTH; its 5 % point serves the statistical gate (docs/statistics.md, decision 17). Two different draws
    are paired; a tie counts as the mean over its orders, so the divisor is n (n^2 - 1) / 12 with or without ties.
    """
    if pairs < 1:
        raise UsageError(f"pairs must be at least 1, and is {pairs}")
    ranks = posterior.rank_samples(oriented(draws, best=best).values)
    centred = posterior.mid_ranks(ranks) - (ranks.n + 1) / 2
    generator = np.random.default_rng(seed)
    one = generator.integers(ranks.samples, size=pairs)
    other = (one + generator.integers(1, ranks.samples, size=pairs)) % ranks.samples
    products = np.einsum("ip,ip->p", centred[:, one], centred[:, other])
    return xr.DataArray(products / (ranks.n * (ranks.n**2 - 1) / 12), dims="pair")
