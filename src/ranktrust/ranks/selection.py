"""Which trusts to name when naming one wrongly costs: selection within a capacity and a false discovery rate.

Trusts are taken in the order of v_i, the probability that i belongs, while the mean of 1 - v_i over those taken, the
posterior expected false discovery rate, stays within `fdr` and their number within `capacity` (Mueller, Parmigiani,
Robert and Rousseau 2004, JASA 99:990-1001; Koenker and Gu 2023, Econometrica 91:1-41). That no trust qualifies is a
possible answer, and the table says so by naming none. Trusts of equal v, as those that every draw shows, go in the
order of their mean outcome, then in that of the draws.

The list is chosen and judged on the same draws, so where probabilities lie within Monte Carlo error of the limit the
rates are slightly flattering; use draws enough to make their errors small.
"""

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from ranktrust.errors import UsageError
from ranktrust.ranks import monte_carlo, posterior
from ranktrust.ranks.draws import Draws, check_draws, oriented
from ranktrust.ranks.summaries import Direction
from ranktrust.vocabulary import Best

type End = Literal["top", "bottom"]
type Floats = NDArray[np.float64]
type Flags = NDArray[np.bool_]

FDR = 0.05
UNDECIDED_COST = 0.05
BANDS = ("above", "within", "below")
UNDECIDED = "undecided"


@dataclass(frozen=True)
class Selection:
    """Trusts named as belonging to a set.

    `table` has, by trust: `p_belongs`, with `_mcse` and `_ess`, and `selected`; without a dimension, each with `_mcse`:
    `false_discoveries`, how many of those named are expected not to belong; `omissions`, how many of the others are
    expected to belong; `posterior_fdr`, the share of those named expected not to belong, 0 where none is named.
    `capacity` is the most that could be named, `fdr` the limit on the posterior false discovery rate.
    """

    table: xr.Dataset
    capacity: int
    fdr: float

    @property
    def trust_dim(self) -> str:
        """Name of the dimension selected from."""
        return str(self.table["selected"].dims[0])

    @property
    def named(self) -> list[Hashable]:
        """Names of those selected, in the order of the draws; empty when no trust qualifies."""
        names: list[Hashable] = self.table[self.trust_dim].to_numpy()[self.table["selected"].to_numpy()].tolist()
        return names


@dataclass(frozen=True)
class Bands:
    """Each trust against a target, with a region of practical equivalence.

    `table` has, by trust: `p_above`, `p_within` and `p_below`, each with `_mcse`, and `band`: "above", "within",
    "below" (on the natural scale, neither good nor bad in itself) or "undecided"; by `label`, the three bands:
    `trusts`, how many; `wrong_labels`, how many of them are expected to be wrong, and `posterior_fdr`, that number as
    a share (0 where there are none), each with `_mcse`. The region is `target` - `delta` to `target` + `delta`, its
    ends included.
    """

    table: xr.Dataset
    target: float
    delta: float
    undecided_cost: float
    fdr: float

    @property
    def trust_dim(self) -> str:
        """Name of the dimension banded."""
        return str(self.table["band"].dims[0])


def select_end(  # noqa: PLR0913 - keyword-only but for the draws and k
    draws: xr.DataArray, k: int, *, best: Best, end: End, capacity: int | None = None, fdr: float = FDR
) -> Selection:
    """Trusts to name as being among the `k` first ("top") or last ("bottom"); v_i = P(top k) or P(bottom k).

    `capacity` defaults to k. A tie counts by its share of the places.
    """
    if end not in get_args(End.__value__):
        raise UsageError(f'end must be "top" or "bottom", not {end!r}')
    checked = oriented(draws, best=best)
    if not 1 <= k <= checked.n:
        raise UsageError(f"k must lie between 1 and the number of trusts, {checked.n}, and is {k}")
    ranks = posterior.rank_samples(checked.values)
    shares = posterior.top_shares(ranks, k) if end == "top" else posterior.bottom_shares(ranks, k)
    instead = monte_carlo.ess_of_ranks(ranks.by_chain(posterior.mid_ranks(ranks)), checked.values)
    mean = checked.values.mean(axis=(1, 2)) * (1 if end == "top" else -1)
    return _selection(checked, ranks.by_chain(shares), mean, instead, k if capacity is None else capacity, fdr)


def select_beyond(
    draws: xr.DataArray,
    threshold: float,
    *,
    direction: Direction,
    capacity: int | None = None,
    fdr: float = FDR,
) -> Selection:
    """Trusts to name as being "above" or "below" `threshold` on the natural scale, strictly.

    `capacity` defaults to all. For a standard with a margin give the threshold with the margin in it.
    """
    if direction not in get_args(Direction.__value__):
        raise UsageError(f'direction must be "above" or "below", not {direction!r}')
    _check_number("threshold", threshold)
    checked = check_draws(draws)
    sign = 1 if direction == "above" else -1
    belongs = (sign * checked.values > sign * threshold).astype(np.float64)
    mean = sign * checked.values.mean(axis=(1, 2))
    return _selection(checked, belongs, mean, _outcome_ess(checked), checked.n if capacity is None else capacity, fdr)


def band_against(
    draws: xr.DataArray,
    target: float,
    *,
    delta: float,
    undecided_cost: float = UNDECIDED_COST,
    fdr: float = FDR,
) -> Bands:
    """Label each trust above, within or below `target` +- `delta`, or undecided; all on the natural scale.

    The loss of a wrong label is 1 and that of no label `undecided_cost`, so the Bayes rule gives the likeliest label
    where its probability is at least 1 - undecided_cost (Chow 1970, IEEE Trans Inf Theory 16:41-46). The departures,
    above and below together, must further keep the posterior false discovery rate within `fdr`; those let go, the
    least certain, are undecided. At the defaults the second rule never bites. With delta = 0 no trust is within,
    save by a tie.
    """
    _check_number("target", target)
    _check_number("delta", delta)
    if delta < 0:
        raise UsageError(f"delta must not be negative, and is {delta}")
    if not 0 < undecided_cost < 0.5:
        raise UsageError(f"undecided_cost must lie between 0 and 0.5, and is {undecided_cost}")
    checked = check_draws(draws)
    above, below = checked.values > target + delta, checked.values < target - delta
    series = np.stack([above, ~(above | below), below]).astype(np.float64)
    label = _labels(series.mean(axis=(2, 3)), undecided_cost, _fdr(fdr))
    return Bands(_band_table(checked, series, label), target, delta, undecided_cost, fdr)


def take(belongs: Floats, tie: Floats, *, capacity: int, fdr: float) -> Flags:
    """Flag the largest m <= `capacity` of highest `belongs` whose mean of 1 - belongs is at most `fdr`.

    Equal ones go by `tie`, larger first. The mean grows with m, so the largest m is a count. O(n log n).
    """
    order = np.lexsort((-tie, -belongs))
    rates = np.cumsum(1 - belongs[order]) / np.arange(1, len(belongs) + 1)
    count = min(int((rates <= fdr + posterior.SLACK).sum()), capacity)
    taken = np.zeros(len(belongs), dtype=np.bool_)
    taken[order[:count]] = True
    return taken


def _selection(  # noqa: PLR0913, PLR0917 - the parts of one table
    draws: Draws, belongs: Floats, tie: Floats, instead: Floats, capacity: int, fdr: float
) -> Selection:
    """Select by `belongs`, (trust, chain, draw), with `instead` the ESS of a trust for which it never changes."""
    if not 0 <= capacity <= draws.n:
        raise UsageError(f"capacity must lie between 0 and the number of trusts, {draws.n}, and is {capacity}")
    probability = belongs.mean(axis=(1, 2))
    ess = monte_carlo.ess(belongs, "bulk", instead=instead)
    selected = take(probability, tie, capacity=capacity, fdr=_fdr(fdr))
    least = np.array([instead.min()])
    wrong = _count("false_discoveries", 1 - belongs[selected], least)
    named = max(int(selected.sum()), 1)
    rate = {name.replace("false_discoveries", "posterior_fdr"): value / named for name, value in wrong.items()}
    wholes = wrong | rate | _count("omissions", belongs[~selected], least)
    columns = {
        "p_belongs": probability,
        "p_belongs_mcse": monte_carlo.probability_mcse(probability, ess),
        "p_belongs_ess": ess,
        "selected": selected,
    }
    table = _by_trust(draws, columns).assign({name: ((), value) for name, value in wholes.items()})
    return Selection(table, capacity, fdr)


def _count(name: str, events: Floats, least: Floats) -> dict[str, float]:
    """Expected number of `events`, (trust, chain, draw), and its error; exactly 0 where there can be none."""
    if not len(events):
        return {name: 0.0, f"{name}_mcse": 0.0}
    total = events.sum(axis=0, keepdims=True)
    ess = monte_carlo.ess(total, "mean", instead=least)
    return {name: float(total.mean()), f"{name}_mcse": float(monte_carlo.mean_mcse(total, ess)[0])}


def _labels(probability: Floats, undecided_cost: float, fdr: float) -> NDArray[np.int64]:
    """Index into BANDS of each trust's label from (band, trust) probabilities, or len(BANDS) where undecided."""
    likeliest, sure = probability.argmax(axis=0), probability.max(axis=0)
    decided = sure >= 1 - undecided_cost - posterior.SLACK
    departs = decided & (likeliest != BANDS.index("within"))
    kept = take(sure[departs], sure[departs], capacity=int(departs.sum()), fdr=fdr)
    decided[np.flatnonzero(departs)[~kept]] = False
    return np.where(decided, likeliest, len(BANDS))


def _band_table(draws: Draws, series: Floats, label: NDArray[np.int64]) -> xr.Dataset:
    instead = _outcome_ess(draws)
    columns: dict[str, NDArray[np.generic]] = {"band": np.array([*BANDS, UNDECIDED])[label]}
    counts = []
    for at, band in enumerate(BANDS):
        probability = series[at].mean(axis=(1, 2))
        columns[f"p_{band}"] = probability
        columns[f"p_{band}_mcse"] = monte_carlo.probability_mcse(
            probability, monte_carlo.ess(series[at], "bulk", instead=instead)
        )
        wrong = _count("wrong_labels", 1 - series[at][label == at], np.array([instead.min()]))
        counts.append((int((label == at).sum()), wrong["wrong_labels"], wrong["wrong_labels_mcse"]))
    trusts, wrongs, errors = (np.array(column) for column in zip(*counts, strict=True))
    shares = {"trusts": trusts, "wrong_labels": wrongs, "wrong_labels_mcse": errors}
    shares |= {"posterior_fdr": wrongs / np.maximum(trusts, 1), "posterior_fdr_mcse": errors / np.maximum(trusts, 1)}
    labelled = {name: ("label", values) for name, values in shares.items()}
    return _by_trust(draws, columns).assign(labelled).assign_coords(label=list(BANDS))


def _by_trust(draws: Draws, columns: dict[str, NDArray[np.generic]]) -> xr.Dataset:
    coords = {draws.trust_dim: draws.trusts.to_numpy()}
    return xr.Dataset({name: (draws.trust_dim, values) for name, values in columns.items()}, coords=coords)


def _outcome_ess(draws: Draws) -> Floats:
    return monte_carlo.ess_bulk_tail(draws.values, instead=np.full(draws.n, np.nan))


def _check_number(name: str, value: float) -> None:
    if not np.isfinite(value):
        raise UsageError(f"{name} must be a finite number, not {value}")


def _fdr(fdr: float) -> float:
    if not 0 <= fdr < 1:
        raise UsageError(f"fdr must lie between 0 and 1, and is {fdr}")
    return fdr
