"""What moves a composite: indicators and domains left out, and each indicator's pull on each trust's rank."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
import xarray as xr

from ranktrust.composite.absent import has_figure, is_silent
from ranktrust.composite.score import composite_draws, has_level
from ranktrust.composite.weights import domains_of, leave_out
from ranktrust.ranks import rank_series
from ranktrust.ranks.monte_carlo import ess, mean_mcse, series_mcse
from ranktrust.study import Composite
from ranktrust.vocabulary import CHAIN, DRAW, INDICATOR, TRUST

Kind = Literal["indicator", "domain", "caution"]


@dataclass(frozen=True)
class Variant:
    """The composite without some indicators: one, those of a domain, or those under a publisher's caution."""

    kind: Kind
    name: str
    left_out: tuple[str, ...]


def variants_of(composite: Composite, cautioned: Collection[str]) -> list[Variant]:
    """Every indicator, every domain of several, and the cautioned ones together; none that would leave nothing."""
    domains = domains_of(composite)
    members = {
        name: tuple(key for key, of in domains.items() if of == name) for name in dict.fromkeys(domains.values())
    }
    under = tuple(name for name in composite.indicators if name in cautioned)
    found = [Variant("indicator", name, (name,)) for name in composite.indicators]
    found += [Variant("domain", name, names) for name, names in members.items() if len(names) > 1]
    found += [Variant("caution", "indicators under a publisher's caution", under)] if under else []
    return [variant for variant in found if len(variant.left_out) < len(domains)]


def compare_scores(full: xr.DataArray, other: xr.DataArray) -> tuple[dict[str, float], pd.DataFrame]:
    """How ranks change from one score to another, both (chain, draw, trust), draw by draw.

    Gives n, POTH of `other`, the expected Spearman correlation of the two and its error, mean and largest absolute
    change of expected rank; and by trust `rank_change` (positive: lower in `other`) with its error. A trust without
    either score is left out of both.
    """
    both = (has_level(full) & has_level(other)).to_numpy()
    full, other = full.isel({TRUST: both}), other.isel({TRUST: both})
    ranks = [rank_series(draws, best="highest") for draws in (full, other)]
    change = rank_change(ranks[0], ranks[1])
    mean, error = spearman_with(ranks[0], ranks[1])
    size = change["rank_change"].abs()
    return {
        "n": float(full.sizes[TRUST]),
        "poth": _poth_of_series(ranks[1]),
        "spearman": mean,
        "spearman_mcse": error,
        "mean_change": float(size.mean()),
        "largest_change": float(size.max()),
    }, change


def without(z: xr.DataArray, weights: xr.DataArray, composite: Composite, variant: Variant) -> xr.DataArray:
    """Scores of the composite without a variant's indicators, with the same weight draws."""
    return composite_draws(z, leave_out(weights, domains_of(composite), variant.left_out))


def pessimistic(z: xr.DataArray, absent: xr.DataArray) -> xr.DataArray:
    """The standardised draws with each silent figure one sd below the mean of the trusts with one, draw by draw.

    A figure that is imputed is one sd below the imputed level where that is the lower. Silence must not pay: what a
    trust gains by it shows in the change from this. A figure missing by design, or not applicable, is no silence.
    """
    mean = z.where(has_figure(absent)).mean(TRUST)
    poor = xr.apply_ufunc(np.fmin, z, mean) - 1.0
    return z.where(~is_silent(absent), poor).transpose(*z.dims)


def _poth_of_series(ranks: xr.DataArray) -> float:
    """POTH, 1 - 12 sum Var(R_i) / (n (n + 1) (n - 1)), from a rank series; scores of composites have no ties."""
    n = ranks.sizes[TRUST]
    return 1 - 12 * float(ranks.var((CHAIN, DRAW)).sum()) / (n * (n + 1) * (n - 1))


def rank_change(one: xr.DataArray, other: xr.DataArray) -> pd.DataFrame:
    """Mean of `other` less `one`, two rank series, by trust: `rank_change` and its Monte Carlo error, draws paired."""
    series = (other - one).transpose(TRUST, CHAIN, DRAW).to_numpy()
    length = np.full(len(series), float(series[0].size))
    mean = series.mean(axis=(1, 2))
    error = mean_mcse(series, ess(series, "mean", instead=length))
    return pd.DataFrame({"rank_change": mean, "mcse": error}, index=pd.Index(one[TRUST].to_numpy(), name=TRUST))


def spearman_with(one: xr.DataArray, other: xr.DataArray) -> tuple[float, float]:
    """Mean over draws of the Spearman correlation of two rank series over trusts, and its Monte Carlo error."""
    deviations = [ranks - ranks.mean(TRUST) for ranks in (one, other)]
    product = (deviations[0] * deviations[1]).sum(TRUST)
    sizes = (deviations[0] ** 2).sum(TRUST) * (deviations[1] ** 2).sum(TRUST)
    series = (product / np.sqrt(sizes)).transpose(CHAIN, DRAW).to_numpy()
    error = series_mcse(series)
    return float(series.mean()), 0.0 if np.isnan(error) else error


def influence(z: xr.DataArray, weights: xr.DataArray) -> pd.DataFrame:
    """Each indicator's pull on each trust's rank: columns trust, indicator, `rank_change`, `mcse`.

    The expected rank with the indicator held at the trusts' mean, draw by draw and with all weights as they are, less
    the expected rank as it is. Positive: the indicator lifts the trust by so many places. A trust without a level
    moves only because others do.
    """
    full = rank_series(composite_draws(z, weights), best="highest")
    parts = []
    for name in weights[INDICATOR].to_numpy():
        held = z.copy()
        column = held.sel({INDICATOR: name})
        held.loc[{INDICATOR: name}] = column.mean(TRUST).where(has_level(column))
        change = rank_change(full, rank_series(composite_draws(held, weights), best="highest"))
        parts.append(change.reset_index().assign(indicator=str(name)))
    return pd.concat(parts, ignore_index=True)[[TRUST, INDICATOR, "rank_change", "mcse"]]


def agreement_with_indicators(z: xr.DataArray, weights: xr.DataArray) -> Mapping[str, tuple[float, float]]:
    """Expected Spearman correlation of the composite with each indicator by itself, among the trusts that have it."""
    score, found = composite_draws(z, weights), {}
    for name in weights[INDICATOR].to_numpy():
        column = z.sel({INDICATOR: name}, drop=True)
        there = has_level(column).to_numpy()
        pair = [rank_series(draws.isel({TRUST: there}), best="highest") for draws in (score, column)]
        found[str(name)] = spearman_with(pair[0], pair[1])
    return found
