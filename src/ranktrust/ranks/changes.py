"""Columns of a table of change, from draws of one posterior: numbers with intervals, probabilities with errors."""

import pandas as pd
import xarray as xr

from ranktrust.ranks.stability import rank_stability
from ranktrust.vocabulary import CHAIN, DRAW, Best


def interval_columns(name: str, draws: xr.DataArray, prob: float) -> dict[str, pd.Series]:
    """Posterior mean as `name`, and the equal-tailed interval of content `prob` as `name_lower` and `name_upper`.

    `draws` has chain, draw and any other dimensions, which become the index.
    """
    tails = draws.quantile([(1 - prob) / 2, (1 + prob) / 2], dim=(CHAIN, DRAW))
    ends = {end: tails.isel(quantile=place, drop=True).to_series() for place, end in enumerate(("lower", "upper"))}
    return {name: draws.mean((CHAIN, DRAW)).to_series(), **{f"{name}_{end}": values for end, values in ends.items()}}


def improvement_columns(name: str, before: xr.DataArray, now: xr.DataArray, best: Best) -> dict[str, pd.Series]:
    """P(better than before) of each trust as `name`, with `name_mcse` and `name_ess`; draws as in `rank_stability`."""
    moved = rank_stability(before, now, best=best, places=0).table
    return {f"{name}{tail}": moved[f"p_improved{tail}"].to_series() for tail in ("", "_mcse", "_ess")}
