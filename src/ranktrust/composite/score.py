"""Composite scores: oriented, standardised by constants, weighted. One unit is one sd between trusts."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
import xarray as xr

from ranktrust.composite.absent import NOT_APPLICABLE, has_figure
from ranktrust.composite.join import to_link
from ranktrust.errors import StudyError
from ranktrust.panel import Indicator
from ranktrust.study import Composite, Constant
from ranktrust.vocabulary import CHAIN, DRAW, INDICATOR, TRUST, Latent


def faults_of_composite(composite: Composite, indicators: Mapping[str, Indicator]) -> list[str]:
    """What stops a composite before anything is fitted: no benchmark and no centre, a caution and no reason."""
    found = []
    under = [name for name in composite.indicators if not indicators[name].ranked_by_default]
    if under and composite.despite_caution is None:
        found.append(
            f"the publishers of {', '.join(under)} caution against ranking trusts: give `despite_caution`, the reason "
            "to add them up nevertheless, or leave them out"
        )
    for name in composite.indicators:
        own = composite.constants.get(name)
        if indicators[name].benchmark is None and (own is None or own.centre is None):
            found.append(f"{name} has no benchmark: give [composite.constants.{name}] a centre on the link scale")
    return found


@dataclass(frozen=True, eq=False)
class Standardised:
    """Draws of (x - c_j) / s_j, oriented so that larger is better.

    `z` is (chain, draw, trust, indicator), NaN where a trust has no figure; `constants`, by indicator, hold centre,
    scale, best, and where centre and scale come from.
    """

    z: xr.DataArray
    constants: pd.DataFrame


def constants_of(joined: xr.Dataset, indicators: Mapping[str, Indicator], composite: Composite) -> pd.DataFrame:
    """c_j and s_j of each indicator on the link scale, by indicator: centre, scale, best, centre_from, scale_from.

    c_j is the benchmark of the study's window, s_j the posterior median of the finite-population sd of `outcome`
    (divisor n - 1), unless the study gives its own. They are the same for every draw, level and variant: standardising
    each draw would blow up an indicator without spread. Raises StudyError with all of `faults_of_composite`.
    """
    faults = faults_of_composite(composite, indicators)
    if faults:
        raise StudyError("\n".join(["the composite cannot be computed:", *(f"  {fault}" for fault in faults)]))
    rows = {name: _constant(joined, indicators[name], composite.constants.get(name)) for name in composite.indicators}
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis(INDICATOR)


def _constant(joined: xr.Dataset, indicator: Indicator, own: Constant | None) -> dict[str, float | str]:
    centre, scale = (own.centre, own.scale) if own else (None, None)
    spread = joined["outcome"].sel({INDICATOR: indicator.name}).std(TRUST, ddof=1).median().item()
    benchmark = to_link(indicator.kind, indicator.benchmark.value) if indicator.benchmark else np.nan
    return {
        "centre": benchmark if centre is None else centre,
        "scale": spread if scale is None else scale,
        "best": indicator.best,
        "centre_from": "benchmark" if centre is None else "study",
        "scale_from": "posterior median of the sd between trusts" if scale is None else "study",
    }


def standardise(joined: xr.Dataset, constants: pd.DataFrame, *, level: Latent) -> Standardised:
    """The draws of a level, standardised with these constants and turned so that larger is better."""
    names = list(constants.index)
    sign = np.where(constants["best"] == "highest", 1.0, -1.0)
    number = {
        name: xr.DataArray(values, dims=INDICATOR, coords={INDICATOR: names})
        for name, values in (("centre", constants["centre"]), ("turn", sign / constants["scale"]))
    }
    z = (joined[level].sel({INDICATOR: names}) - number["centre"]) * number["turn"]
    return Standardised(z.transpose(CHAIN, DRAW, TRUST, INDICATOR), constants)


def missing_weight(absent: xr.DataArray, weights: xr.DataArray) -> pd.Series:
    """The share of the weight, in the mean over draws, of the indicators without a figure, by trust.

    `absent` comes from `absences`. A figure that is imputed is still a figure that is not there.
    """
    mean = weights.mean([dim for dim in (CHAIN, DRAW) if dim in weights.dims])
    lacking = mean.where(~has_figure(absent), 0.0).sum(INDICATOR)
    return pd.Series(lacking.to_numpy(), index=pd.Index(absent[TRUST].to_numpy(), name=TRUST), name="missing_weight")


def has_level(draws: xr.DataArray) -> xr.DataArray:
    """Whether there is a level, measured or imputed, from the first draw: without one every draw is NaN."""
    first = draws.isel({CHAIN: 0, DRAW: 0}, drop=True)
    return first.copy(data=np.isfinite(first.to_numpy()))


def ranked_trusts(absent: xr.DataArray, weights: xr.DataArray, composite: Composite) -> list[str]:
    """The trusts that get a rank: weight missing within the limit, or none where missing figures are refused.

    A trust to which an indicator does not apply has another set of indicators, and no rank among those with all.
    """
    limit = 0.0 if composite.missing == "refuse" else composite.missing_limit
    missing = missing_weight(absent, weights)
    applies = ~(absent.sel({INDICATOR: weights[INDICATOR]}) == NOT_APPLICABLE).any(INDICATOR).to_numpy()
    return [str(trust) for trust in missing.index[(missing <= limit + 1e-12) & applies]]


def composite_draws(z: xr.DataArray, weights: xr.DataArray) -> xr.DataArray:
    """Weighted mean of the standardised draws, (chain, draw, trust), the weights of a trust's levels rescaled to 1.

    Larger is better; 0 is a trust at the benchmark on every indicator, 1 one sd between trusts better on all. NaN where
    a trust has none of the indicators weighted.
    """
    part = z.sel({INDICATOR: weights[INDICATOR]})
    total = (weights * has_level(part)).sum(INDICATOR)
    score = (part.fillna(0.0) * weights).sum(INDICATOR) / total.where(total > 0)
    return score.transpose(CHAIN, DRAW, TRUST)
