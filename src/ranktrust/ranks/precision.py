"""How sure the order of trusts is as a whole."""

from collections.abc import Hashable, Iterable

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from ranktrust.errors import UsageError
from ranktrust.ranks import hierarchy, intervals, monte_carlo, posterior
from ranktrust.ranks.draws import listed, oriented
from ranktrust.ranks.ranked import Ranked
from ranktrust.ranks.summaries import RankSummary
from ranktrust.vocabulary import CHAIN, DRAW, RANK, Best

type Floats = NDArray[np.float64]


def poth(summary: RankSummary) -> float:
    """Precision of the treatment hierarchy: 0 when trusts are exchangeable, 1 when their order is certain.

    1 - 12 sum Var(R_i) / (n (n + 1) (n - 1)) from the rank pmf (Wigle et al. 2025, arXiv 2501.11596); also the
    expected Spearman correlation between two independent posterior rank draws.
    """
    pmf, rank = summary.table["rank_pmf"], summary.table[RANK]
    variance = (pmf * rank**2).sum(RANK) - (pmf * rank).sum(RANK) ** 2
    n = summary.n
    return float(1 - 12 * variance.sum() / (n * (n + 1) * (n - 1)))


def poth_mcse(draws: xr.DataArray, *, best: Best) -> float:
    """Monte Carlo error of POTH, to first order in that of the expected ranks.

    It is the error of the mean of 2 sum_i (E R_i - m) (R_i - m) / (n (n^2 - 1) / 12), m the middle rank (n + 1) / 2.
    NaN where no rank ever changes.
    """
    ranked = Ranked(draws, best)
    n, middle = ranked.ranks.n, (ranked.ranks.n + 1) / 2
    centred = ranked.series - middle
    slope = 2 * np.einsum("i,icd->cd", centred.mean(axis=(1, 2)), centred) / (n * (n**2 - 1) / 12)
    return monte_carlo.series_mcse(slope)


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


def poth_without_each(summary: RankSummary) -> xr.Dataset:
    """POTH of the other trusts ranked again without each in turn: `poth_without`, and `poth_change`, POTH less that.

    A trust whose removal lowers POTH makes the order surer. With two trusts there is nothing left to order: NaN.
    """
    without = hierarchy.poth_without_each(summary.table["p_above"].to_numpy())
    trusts = {summary.trust_dim: summary.table[summary.trust_dim].to_numpy()}
    variables = {"poth_without": without, "poth_change": poth(summary) - without}
    return xr.Dataset({name: (summary.trust_dim, values) for name, values in variables.items()}, coords=trusts)


def poth_of_best(summary: RankSummary) -> xr.DataArray:
    """POTH of the best k = 2, 3, ..., n trusts by expected rank, ranked again among themselves: dimension `rank`."""
    order = np.argsort(summary.table["expected_rank"].to_numpy(), kind="stable")
    values = hierarchy.poth_of_best(summary.table["p_above"].to_numpy(), order)
    return xr.DataArray(values, dims=RANK, coords={RANK: np.arange(2, summary.n + 1)}, name="poth_of_best")


def poth_of(summary: RankSummary, trusts: Iterable[Hashable]) -> float:
    """POTH of the trusts named, ranked again among themselves: that of `rerank`, without the draws."""
    members = positions(summary, trusts)
    if len(members) < 2:
        raise UsageError("POTH needs at least two trusts")
    return hierarchy.poth_of_subset(summary.table["p_above"].to_numpy(), members)


def entropy(summary: RankSummary) -> xr.Dataset:
    """`entropy` of each rank, -sum_k p_ik log p_ik, and exp(entropy), the number of places it is spread over.

    `entropy_positions` is 1 when the rank is certain and n when every place is as likely.
    """
    values = intervals.rank_entropy(summary.table["rank_pmf"].to_numpy())
    trusts = {summary.trust_dim: summary.table[summary.trust_dim].to_numpy()}
    variables = {"entropy": values, "entropy_positions": np.exp(values)}
    return xr.Dataset({name: (summary.trust_dim, found) for name, found in variables.items()}, coords=trusts)


def agreement_with_truth(draws: xr.DataArray, order: Iterable[Hashable], *, best: Best) -> xr.Dataset:
    """How a published order, best first, agrees with the true one: `spearman` and `kendall` of every (chain, draw).

    `expected_spearman` and `expected_kendall` are their means, each with `_mcse`. The mean Spearman correlation is
    1 - 6 E sum (d_i - R_i)^2 / (n (n^2 - 1)), the mean Kendall correlation is
    sum_{i before j} (2 P(i above j) - 1) / (n choose 2).
    """
    ranked = Ranked(draws, best)
    return agreement_of_ranked(ranked, places_of(ranked.draws.trusts.to_list(), list(order)))


def agreement_of_ranked(ranked: Ranked, places: NDArray[np.int64]) -> xr.Dataset:
    """Agreement of the order given as each trust's place with draws that are ranked already."""
    found = {
        "spearman": hierarchy.spearman_with(places, ranked.ranks),
        "kendall": hierarchy.kendall_with(places, ranked.ranks),
    }
    result = xr.Dataset()
    for name, values in found.items():
        series = values.reshape(ranked.ranks.chains, -1)
        result[name] = ((CHAIN, DRAW), series)
        result[f"expected_{name}"] = values.mean()
        result[f"expected_{name}_mcse"] = monte_carlo.series_mcse(series)
    return result


def places_of(trusts: list[Hashable], order: list[Hashable]) -> NDArray[np.int64]:
    """Place of each trust in an order that names all of them once, best first; UsageError otherwise."""
    place = {name: at for at, name in enumerate(order, start=1)}
    if len(order) != len(trusts) or set(place) != set(trusts):
        wrong = set(place) ^ set(trusts)
        raise UsageError(f"an order names every trust once; check {listed(sorted(map(str, wrong))) or 'repetitions'}")
    return np.array([place[name] for name in trusts])


def positions(summary: RankSummary, trusts: Iterable[Hashable]) -> NDArray[np.intp]:
    """Rows of the trusts named; UsageError for one that is absent or comes twice."""
    present = {name: at for at, name in enumerate(summary.table[summary.trust_dim].to_numpy().tolist())}
    wanted = list(trusts)
    absent = [name for name in wanted if name not in present]
    if absent or len(set(wanted)) < len(wanted):
        raise UsageError(f"no {summary.trust_dim} named {listed(absent)}" if absent else "a trust is named twice")
    return np.array([present[name] for name in wanted], dtype=np.intp)
