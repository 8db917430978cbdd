"""Fits of single indicators as one joint dataset, in the form that a profile of several indicators has by itself."""

from collections.abc import Mapping
from typing import get_args

import numpy as np
import pandas as pd
import xarray as xr

from ranktrust.errors import UsageError
from ranktrust.panel import to_natural
from ranktrust.vocabulary import CHAIN, DRAW, INDICATOR, TRUST, Kind, Latent


def join_fits(posteriors: Mapping[str, xr.Dataset]) -> xr.Dataset:
    """Total, outcome and performance of every indicator, (chain, draw, trust, indicator), on the link scale.

    Trusts are those of any fit, NaN where an indicator has no figure. Fits were independent, so draws may be paired in
    any order and are paired as they stand; the correlation of two indicators within a trust beyond what their figures
    share is then not modelled. A profile gives the same dimensions with that correlation, and needs no joining.
    Longer fits are cut to the shortest. Raises UsageError where fits differ in chains.
    """
    chains = {name: posterior.sizes[CHAIN] for name, posterior in posteriors.items()}
    if len(set(chains.values())) != 1:
        raise UsageError(f"fits to be joined have different numbers of chains: {chains}")
    length = min(posterior.sizes[DRAW] for posterior in posteriors.values())
    trusts = list(dict.fromkeys(code for posterior in posteriors.values() for code in posterior[TRUST].to_numpy()))
    parts = [_levels(posterior, length).reindex({TRUST: trusts}) for posterior in posteriors.values()]
    joined = xr.concat(parts, dim=pd.Index(list(posteriors), name=INDICATOR), join="exact")
    return joined.transpose(CHAIN, DRAW, TRUST, INDICATOR)


def _levels(posterior: xr.Dataset, length: int) -> xr.Dataset:
    levels = posterior[list(get_args(Latent))].isel({DRAW: slice(length)})
    return levels.assign_coords({CHAIN: np.arange(levels.sizes[CHAIN]), DRAW: np.arange(length)})


def natural_levels(joined: xr.Dataset, kinds: Mapping[str, Kind]) -> xr.Dataset:
    """The same draws on each indicator's natural scale: shares between 0 and 1, ratios, or the score itself."""
    natural = joined.copy(deep=True)
    for name in joined[INDICATOR].to_numpy():
        for level in natural.data_vars:
            link = joined[level].sel({INDICATOR: name})
            natural[level].loc[{INDICATOR: name}] = to_natural(kinds[str(name)], link.to_numpy())
    return natural


def to_link(kind: Kind, value: float) -> float:
    """A natural value on the link scale: log of a ratio, logit of a proportion, an estimate itself."""
    match kind:
        case "ratio":
            return float(np.log(value))
        case "proportion":
            return float(np.log(value / (1 - value)))
        case "estimate":
            return float(value)
