"""More statements about single trusts and pairs, each from draws with chains: see `summaries` for what they share."""

from collections.abc import Hashable, Iterable

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from ranktrust.errors import UsageError
from ranktrust.ranks import intervals, monte_carlo, pairs
from ranktrust.ranks.draws import Draws, listed, oriented
from ranktrust.ranks.ranked import Part, Ranked, checked_prob
from ranktrust.vocabulary import CHAIN, DRAW, Best

type Floats = NDArray[np.float64]

PAIR_COLUMNS = ("trust", "other", "p_above", "p_above_mcse", "ess", "bound")


def sucra(draws: xr.DataArray, *, best: Best) -> xr.Dataset:
    """`sucra` and `percentile`, the expected rank on two other scales, larger is better; with `_mcse`.

    SUCRA = (n - E R) / (n - 1), the mean of P(rank <= k) over k < n, from 0 to 1 (Salanti, Ades and Ioannidis 2011,
    J Clin Epidemiol 64:163). Percentile = 100 (n + 1/2 - E R) / n, the mean of P(above) over all trusts with itself
    at 1/2, in percent (Lingsma et al. 2010).
    """
    ranked = Ranked(draws, best)
    ess = monte_carlo.ess(ranked.series, "mean", instead=ranked.ess_rank)
    error = monte_carlo.mean_mcse(ranked.series, ess)
    return ranked.dataset(rescaled(ranked.series.mean(axis=(1, 2)), error, ranked.ranks.n))


def rescaled(expected: Floats, error: Floats, n: int) -> Part:
    """SUCRA and percentile with their errors, from expected ranks and theirs."""
    found = {
        "sucra": (n - expected) / (n - 1),
        "sucra_mcse": error / (n - 1),
        "percentile": 100 * (n + 0.5 - expected) / n,
        "percentile_mcse": 100 * error / n,
    }
    return {name: (("trust",), values) for name, values in found.items()}


def shortest_interval(draws: xr.DataArray, *, best: Best, prob: float = 0.95) -> xr.Dataset:
    """`rank_short_lower` and `rank_short_upper`, the shortest run of places that holds `prob`.

    Shorter than the equal-tailed interval near either end of the table, where ranks are skewed. Of equally short runs
    it is the fullest, then the better one.
    """
    ranked = Ranked(draws, best)
    lower, upper = intervals.shortest_bounds(ranked.counts, checked_prob(prob))
    return ranked.dataset({"rank_short_lower": (("trust",), lower), "rank_short_upper": (("trust",), upper)})


def highest_mass_set(draws: xr.DataArray, *, best: Best, prob: float = 0.95) -> xr.Dataset:
    """`in_set` by trust and rank: the fewest places that hold `prob`, which may have gaps; `probability` it holds.

    Places as likely as the last one needed are all members, so the set is unique and direction mirrors it. The draws
    that choose the places see them fuller than they are: use many draws where `prob` is small (docs/ranks.md).
    """
    ranked = Ranked(draws, best)
    members = intervals.highest_mass(ranked.counts, checked_prob(prob))
    held = (ranked.pmf * members).sum(axis=1)
    return ranked.dataset({"in_set": (("trust", "rank"), members), "probability": (("trust",), held)})


def p_above_by(draws: xr.DataArray, delta: float, *, best: Best) -> xr.Dataset:
    """P(row is better than column by more than `delta`): `p_above_by` and `_mcse`.

    `delta` is on the scale of the draws and not negative; the diagonal is 0. A pair sums to 1 less the probability
    that the two are equivalent.
    """
    ranked = Ranked(draws, best)
    shares = pairs.shares_beyond(_rows(ranked.draws), _checked_delta(delta))
    mcse = monte_carlo.probability_mcse(shares, np.minimum.outer(ranked.ess_rank, ranked.ess_rank))
    np.fill_diagonal(mcse, 0.0)
    return ranked.dataset({"p_above_by": (("trust", "other"), shares), "p_above_by_mcse": (("trust", "other"), mcse)})


def expected_excess(draws: xr.DataArray, power: float, *, best: Best) -> xr.Dataset:
    """`expected_excess` = E[max(X_i - X_j, 0)^power], row over column: how much better, not only how often.

    `power` 1 and 2 weight an order by its margin; 0 is P(above), ties one half.
    """
    if not (np.isfinite(power) and power >= 0):
        raise UsageError(f"power must be 0 or more, and is {power}")
    ranked = Ranked(draws, best)
    found = ranked.above if power == 0 else pairs.excess_powers(_rows(ranked.draws), float(power))
    return ranked.dataset({"expected_excess": (("trust", "other"), found)})


def equivalence_rank(draws: xr.DataArray, delta: float, *, best: Best) -> xr.Dataset:
    """R_i(delta) = 1 + #{j better than i by more than delta}: its mean and the probability that none is better.

    `equivalence_rank` with `_mcse`, and `p_best_or_equivalent` = P(R_i(delta) = 1) with `_mcse` and `_ess`. Several
    trusts of a draw may be best or equivalent, so the probabilities sum to more than one.
    """
    ranked = Ranked(draws, best)
    series = ranked.ranks.by_chain(pairs.equivalence_ranks(_rows(ranked.draws), _checked_delta(delta)).astype(float))
    own = monte_carlo.ess(series, "mean", instead=ranked.ess_rank)
    first = (series == 1).astype(np.float64)
    ess = monte_carlo.ess(first, "bulk", instead=ranked.ess_rank)
    p = first.mean(axis=(1, 2))
    found = {
        "equivalence_rank": series.mean(axis=(1, 2)),
        "equivalence_rank_mcse": monte_carlo.mean_mcse(series, own),
        "p_best_or_equivalent": p,
        "p_best_or_equivalent_mcse": monte_carlo.probability_mcse(p, ess),
        "p_best_or_equivalent_ess": ess,
    }
    return ranked.dataset({name: (("trust",), values) for name, values in found.items()})


def equivalence_series(draws: xr.DataArray, delta: float, *, best: Best) -> xr.DataArray:
    """R_i(delta) of every draw, (chain, draw, trust)."""
    checked = oriented(draws, best=best)
    places = pairs.equivalence_ranks(_rows(checked), _checked_delta(delta)).reshape(checked.values.shape)
    coords = {checked.trust_dim: checked.trusts}
    return xr.DataArray(np.moveaxis(places, 0, -1), dims=(CHAIN, DRAW, checked.trust_dim), coords=coords)


def pairs_above(draws: xr.DataArray, named: Iterable[tuple[Hashable, Hashable]], *, best: Best) -> pd.DataFrame:
    """P(first above second) of the pairs named, each with the ESS of its own series, for pairs that are printed.

    A row a pair: `trust`, `other`, `p_above`, `p_above_mcse`, `ess` and `bound`. Where every draw agrees, `ess` is
    the smaller rank ESS of the two and `bound` its 3 / ESS, the most that the unseen order may have; else NaN.
    """
    wanted = list(named)
    if not wanted:
        raise UsageError("name at least one pair of trusts")
    return pairs_of_ranked(Ranked(draws, best), wanted)


def pairs_of_ranked(ranked: Ranked, wanted: list[tuple[Hashable, Hashable]]) -> pd.DataFrame:
    """Table of `pairs_above` for draws that are ranked already; of no pairs, an empty one."""
    if not wanted:
        return pd.DataFrame(columns=list(PAIR_COLUMNS))
    one, other = (_rows_of(ranked.draws, [pair[side] for pair in wanted]) for side in (0, 1))
    first = ranked.ranks.first
    above = (first[one] < first[other]) + 0.5 * (first[one] == first[other])
    ess_rank = np.minimum(ranked.ess_rank[one], ranked.ess_rank[other])
    return _pair_table(wanted, above.reshape(len(wanted), ranked.ranks.chains, -1), ess_rank)


def _pair_table(wanted: list[tuple[Hashable, Hashable]], series: Floats, ess_rank: Floats) -> pd.DataFrame:
    ess = monte_carlo.ess(series, "bulk", instead=ess_rank)
    p = series.mean(axis=(1, 2))
    return pd.DataFrame(
        {
            "trust": [pair[0] for pair in wanted],
            "other": [pair[1] for pair in wanted],
            "p_above": p,
            "p_above_mcse": monte_carlo.probability_mcse(p, ess),
            "ess": ess,
            "bound": np.where((p == 0) | (p == 1), 3 / ess_rank, np.nan),
        }
    )


def _rows_of(draws: Draws, names: list[Hashable]) -> NDArray[np.intp]:
    present = {name: row for row, name in enumerate(draws.trusts.to_list())}
    absent = [name for name in names if name not in present]
    if absent:
        raise UsageError(f"no {draws.trust_dim} named {listed(absent)} in the draws")
    return np.array([present[name] for name in names], dtype=np.intp)


def _rows(draws: Draws) -> Floats:
    return draws.values.reshape(draws.n, -1)


def _checked_delta(delta: float) -> float:
    if not (np.isfinite(delta) and delta >= 0):
        raise UsageError(f"delta must be a finite number, 0 or more, and is {delta}")
    return float(delta)
