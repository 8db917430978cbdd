"""How ranks move between two periods, from draws of both together."""

from collections.abc import Hashable
from dataclasses import dataclass

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from ranktrust.errors import UsageError
from ranktrust.ranks import monte_carlo, posterior
from ranktrust.ranks.draws import check_draws, listed, select_trusts
from ranktrust.ranks.ranked import Part, Ranked
from ranktrust.vocabulary import CHAIN, DRAW, Best

type Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Stability:
    """Movement between two periods.

    `table` has, by trust, each with `_mcse` and `_ess`: `p_moved` = P(abs(R_now - R_before) > places), `p_improved` =
    P(value better than before) and `p_rank_improved` = P(rank better than before), both with ties one half.
    `spearman` is the correlation of the two ranks in every (chain, draw); its mean and error are `expected_spearman`
    and `expected_spearman_mcse`.
    """

    table: xr.Dataset
    places: int
    spearman: xr.DataArray
    expected_spearman: float
    expected_spearman_mcse: float


def rank_stability(before: xr.DataArray, now: xr.DataArray, *, best: Best, places: int) -> Stability:
    """Movement of the same trusts between two periods, draw by draw.

    The draws must be joint: draw s of `before` and of `now` from one posterior. Two separate fits have no joint draws,
    and pairing theirs as if they were independent overstates movement. A trust can improve and yet lose rank. Trusts
    are matched by name, and come in the order of `now`. Raises UsageError when trusts or draws differ.
    """
    if places < 0:
        raise UsageError(f"places must be 0 or more, and is {places}")
    old, new = Ranked(_in_order_of(now, before), best), Ranked(now, best)
    _check_joint(old, new)
    change = new.series - old.series
    better = new.draws.values > old.draws.values, new.draws.values == old.draws.values
    statements = {
        "p_moved": (np.abs(change) > places).astype(np.float64),
        "p_improved": better[0] + 0.5 * better[1],
        "p_rank_improved": (change < 0) + 0.5 * (change == 0),
    }
    ess = np.fmin(old.ess_rank, new.ess_rank)
    parts = [_probability(name, series, ess) for name, series in statements.items()]
    table = new.dataset({name: value for part in parts for name, value in part.items()})
    spearman = _spearman(old, new)
    error = monte_carlo.series_mcse(spearman)
    return Stability(table, places, xr.DataArray(spearman, dims=(CHAIN, DRAW)), float(spearman.mean()), error)


def _spearman(old: Ranked, new: Ranked) -> Floats:
    n = new.ranks.n
    middles = [posterior.mid_ranks(period.ranks) - (n + 1) / 2 for period in (old, new)]
    products: Floats = np.einsum("is,is->s", *middles) / (n * (n**2 - 1) / 12)
    return products.reshape(new.ranks.chains, -1)


def _probability(name: str, series: Floats, ess_rank: Floats) -> Part:
    ess = monte_carlo.ess(series, "bulk", instead=ess_rank)
    p = series.mean(axis=(1, 2))
    found = {name: p, f"{name}_mcse": monte_carlo.probability_mcse(p, ess), f"{name}_ess": ess}
    return {variable: (("trust",), values) for variable, values in found.items()}


def _in_order_of(now: xr.DataArray, before: xr.DataArray) -> xr.DataArray:
    """Draws of the earlier period, trusts in the order of the later one."""
    later, earlier = check_draws(now).trusts.to_list(), check_draws(before).trusts.to_list()
    only = [f"{listed(here)} in {name} alone" for name, here in _unmatched(later, earlier) if here]
    if only:
        raise UsageError(f"both periods need the same trusts, and there is {' and '.join(only)}; keep those in both")
    return select_trusts(before, later)


def _unmatched(later: list[Hashable], earlier: list[Hashable]) -> list[tuple[str, list[Hashable]]]:
    only_now = [name for name in later if name not in set(earlier)]
    only_before = [name for name in earlier if name not in set(later)]
    return [("this period", only_now), ("the earlier one", only_before)]


def _check_joint(old: Ranked, new: Ranked) -> None:
    if old.draws.values.shape != new.draws.values.shape:
        raise UsageError("both periods need the same draws of the same chains: they must come from one fit")
