"""Rank statements from posterior draws, each with its Monte Carlo error.

Every function takes `draws`, an xarray.DataArray with `chain` and `draw` (or `draw`, or `sample`) and one more
dimension whose coordinate names the trusts, and the keyword `best`, the end of the natural scale that is good. Rank 1
is best, and a tie keeps its mass. Results keep the order and the name of that dimension. Formulas are in docs/ranks.md.

Raises UsageError when dimensions, names or k do not fit and DataError when a draw is not finite.
"""

from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from ranktrust.errors import UsageError
from ranktrust.ranks import monte_carlo, posterior
from ranktrust.ranks.draws import check_draws, select_trusts
from ranktrust.ranks.ranked import Part, Ranked, checked_k, checked_prob
from ranktrust.vocabulary import CHAIN, DRAW, Best

type Direction = Literal["above", "below"]
type Floats = NDArray[np.float64]


@dataclass(frozen=True)
class RankSummary:
    """Every rank statement of one set of trusts.

    `table` has, by trust: `expected_rank`, `median_rank`, `rank_lower`, `rank_upper`, `p_top`, `p_bottom` and
    `ess_rank`; by trust and `rank`: `rank_pmf` and `rank_cdf`; by trust and `other_<trust>`: `p_above`, row above
    column. A statement's Monte Carlo error is `<name>_mcse`; its ESS, where it has one of its own, `<name>_ess`.
    `top` and `bottom` are the k of `p_top` and `p_bottom`; `prob` is the probability of the rank interval; `best` the
    good end of the natural scale; `n` how many trusts were ranked, `chains` and `samples` from how many draws.
    """

    table: xr.Dataset
    top: int
    bottom: int
    prob: float
    best: Best
    n: int
    chains: int
    samples: int

    @property
    def trust_dim(self) -> str:
        """Name of the dimension that was ranked."""
        return str(self.table["expected_rank"].dims[0])


def summarise_ranks(
    draws: xr.DataArray, *, best: Best, top: int | None = None, bottom: int | None = None, prob: float = 0.95
) -> RankSummary:
    """Everything in this module at once: see RankSummary.

    `top` and `bottom` default to a quarter, floor((n + 1) / 4) and at least 1; `prob` is that of the rank interval.
    """
    return summarise_ranked(Ranked(draws, best), best=best, top=top, bottom=bottom, prob=prob)


def summarise_ranked(ranked: Ranked, *, best: Best, top: int | None, bottom: int | None, prob: float) -> RankSummary:
    """Summary of draws that are ranked already, for callers that say more about them."""
    k_top, k_bottom = checked_k(top, ranked.ranks.n, "top"), checked_k(bottom, ranked.ranks.n, "bottom")
    parts = (
        _law(ranked),
        _expected(ranked),
        _places(ranked, checked_prob(prob)),
        _share(ranked, "p_top", posterior.top_shares(ranked.ranks, k_top)),
        _share(ranked, "p_bottom", posterior.bottom_shares(ranked.ranks, k_bottom)),
        _above(ranked),
    )
    table = ranked.dataset({name: value for part in parts for name, value in part.items()})
    size = {"n": ranked.ranks.n, "chains": ranked.ranks.chains, "samples": ranked.ranks.samples}
    return RankSummary(table, k_top, k_bottom, prob, best, **size)


def rerank(
    draws: xr.DataArray, trusts: Iterable[Hashable], *, best: Best, top: int | None = None, prob: float = 0.95
) -> RankSummary:
    """Rank the trusts named among themselves, draw by draw, in the order named; `top` serves both ends."""
    return summarise_ranks(select_trusts(draws, trusts), best=best, top=top, bottom=top, prob=prob)


def rank_law(draws: xr.DataArray, *, best: Best) -> xr.Dataset:
    """P(rank = k) and P(rank <= k): `rank_pmf` and `rank_cdf` by trust and rank, with `_mcse`.

    Rows and columns of the pmf sum to one. Errors are at the trust's rank ESS, not at one ESS a cell.
    """
    ranked = Ranked(draws, best)
    return ranked.dataset(_law(ranked))


def expected_rank(draws: xr.DataArray, *, best: Best) -> xr.Dataset:
    """Mean rank, ties at mid-ranks: `expected_rank`, `_mcse` = sd / sqrt(ESS) and `_ess`, that of the mean."""
    ranked = Ranked(draws, best)
    return ranked.dataset(_expected(ranked))


def rank_interval(draws: xr.DataArray, *, best: Best, prob: float = 0.95) -> xr.Dataset:
    """`median_rank`, the least k with P(rank <= k) >= 1/2, and `rank_lower`, `rank_upper`, attainable ranks.

    The interval leaves at most (1 - prob) / 2 on either side; reversing `best` mirrors it exactly.
    """
    ranked = Ranked(draws, best)
    return ranked.dataset(_places(ranked, checked_prob(prob)))


def p_top(draws: xr.DataArray, k: int, *, best: Best) -> xr.Dataset:
    """P(rank <= k): `p_top`, `_mcse` and `_ess`, the bulk ESS of its indicator series."""
    ranked = Ranked(draws, best)
    shares = posterior.top_shares(ranked.ranks, checked_k(k, ranked.ranks.n, "top"))
    return ranked.dataset(_share(ranked, "p_top", shares))


def p_bottom(draws: xr.DataArray, k: int, *, best: Best) -> xr.Dataset:
    """P(rank > n - k): `p_bottom`, `_mcse` and `_ess`, the bulk ESS of its indicator series."""
    ranked = Ranked(draws, best)
    shares = posterior.bottom_shares(ranked.ranks, checked_k(k, ranked.ranks.n, "bottom"))
    return ranked.dataset(_share(ranked, "p_bottom", shares))


def p_above(draws: xr.DataArray, *, best: Best) -> xr.Dataset:
    """P(row is better than column), ties one half each way: `p_above` and `_mcse`.

    The diagonal is 0.5 and a pair sums to 1. The error is at the smaller rank ESS of the two trusts: one ESS a pair
    would cost n^2 / 2 of them.
    """
    ranked = Ranked(draws, best)
    return ranked.dataset(_above(ranked))


def rank_series(draws: xr.DataArray, *, best: Best) -> xr.DataArray:
    """Mid-rank of every trust in every draw, (chain, draw, trust), for diagnostics."""
    return _as_series(Ranked(draws, best), None)


def top_series(draws: xr.DataArray, k: int, *, best: Best) -> xr.DataArray:
    """Whether each trust is in the top k of each draw, (chain, draw, trust): 0, 1, or its share of a tie."""
    return _as_series(Ranked(draws, best), k)


def probability_beyond(draws: xr.DataArray, threshold: float, *, direction: Direction) -> xr.Dataset:
    """P(draw > threshold) for "above", P(draw < threshold) for "below", on the natural scale, strictly.

    Gives `p_beyond`, `_mcse` and `_ess`: the bulk ESS of the indicator series, or the bulk-tail ESS of the draws
    themselves where the indicator never changes.
    """
    if direction not in get_args(Direction.__value__):
        raise UsageError(f'direction must be "above" or "below", not {direction!r}')
    if not np.isfinite(threshold):
        raise UsageError(f"the threshold must be a finite number, not {threshold}")
    checked = check_draws(draws)
    beyond = checked.values > threshold if direction == "above" else checked.values < threshold
    statement = _probability("p_beyond", beyond.astype(np.float64), _ess_of_outcomes(checked.values, beyond))
    coords = {checked.trust_dim: checked.trusts.to_numpy()}
    return xr.Dataset({name: (checked.trust_dim, values) for name, (_, values) in statement.items()}, coords=coords)


def _law(ranked: Ranked) -> Part:
    cdf = np.clip(np.cumsum(ranked.counts, axis=1) / ranked.ranks.samples, 0.0, 1.0)
    ess = ranked.ess_rank[:, None]
    return {
        "rank_pmf": (("trust", "rank"), ranked.pmf),
        "rank_pmf_mcse": (("trust", "rank"), monte_carlo.probability_mcse(ranked.pmf, ess)),
        "rank_cdf": (("trust", "rank"), cdf),
        "rank_cdf_mcse": (("trust", "rank"), monte_carlo.probability_mcse(cdf, ess)),
        "ess_rank": (("trust",), ranked.ess_rank),
    }


def _expected(ranked: Ranked) -> Part:
    ess = monte_carlo.ess(ranked.series, "mean", instead=ranked.ess_rank)
    return {
        "expected_rank": (("trust",), ranked.series.mean(axis=(1, 2))),
        "expected_rank_mcse": (("trust",), monte_carlo.mean_mcse(ranked.series, ess)),
        "expected_rank_ess": (("trust",), ess),
    }


def _places(ranked: Ranked, prob: float) -> Part:
    lower, upper = posterior.interval_bounds(ranked.counts, prob)
    return {
        "median_rank": (("trust",), posterior.median_places(ranked.counts)),
        "rank_lower": (("trust",), lower),
        "rank_upper": (("trust",), upper),
    }


def _share(ranked: Ranked, name: str, shares: Floats) -> Part:
    series = ranked.ranks.by_chain(shares)
    return _probability(name, series, monte_carlo.ess(series, "bulk", instead=ranked.ess_rank))


def _probability(name: str, series: Floats, ess: Floats) -> Part:
    probability = series.mean(axis=(1, 2))
    mcse = monte_carlo.probability_mcse(probability, ess)
    return {name: (("trust",), probability), f"{name}_mcse": (("trust",), mcse), f"{name}_ess": (("trust",), ess)}


def _above(ranked: Ranked) -> Part:
    shares = ranked.above
    mcse = monte_carlo.probability_mcse(shares, np.minimum.outer(ranked.ess_rank, ranked.ess_rank))
    np.fill_diagonal(mcse, 0.0)
    return {"p_above": (("trust", "other"), shares), "p_above_mcse": (("trust", "other"), mcse)}


def _ess_of_outcomes(outcomes: Floats, beyond: NDArray[np.bool_]) -> Floats:
    series = beyond.astype(np.float64)
    instead = np.full(len(outcomes), np.nan)
    still = monte_carlo.never_changes(series)
    if still.any():
        instead[still] = monte_carlo.ess_bulk_tail(outcomes[still], instead=instead[still])
    return monte_carlo.ess(series, "bulk", instead=instead)


def _as_series(ranked: Ranked, k: int | None) -> xr.DataArray:
    series = ranked.series
    if k is not None:
        series = ranked.ranks.by_chain(posterior.top_shares(ranked.ranks, checked_k(k, ranked.ranks.n, "top")))
    trust_dim, trusts = ranked.draws.trust_dim, ranked.draws.trusts
    return xr.DataArray(np.moveaxis(series, 0, -1), dims=(CHAIN, DRAW, trust_dim), coords={trust_dim: trusts})
