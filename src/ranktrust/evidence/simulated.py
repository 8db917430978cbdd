"""A simulated draw as a panel: the design of the real one, with other figures."""

from collections.abc import Iterator

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from ranktrust.panel import Panel, levels_alone
from ranktrust.vocabulary import KIND_COLUMNS, TRUST, Kind

REPLICATE = " (simulated)"
"""Ends the period of the second of two figures for one trust."""


def panel_of(panel: Panel, data: xr.Dataset, *, beside: bool = False) -> Panel:
    """The panel with the outcome figures of `data` in place of its own, or `beside` them as a second figure a trust.

    `data` holds one draw of the observed variables: `y` where the panel has one kind, otherwise `y_<kind>`, each
    with the rows of that kind in the panel's order. Denominators, expected counts, standard errors, gaps and context
    stay. Raises DataError where the simulated figures are impossible ones, KeyError for a variable of another name.
    """
    own = panel.observations
    simulated = own.copy()
    for rows, column, values in _figures(panel, data):
        simulated.loc[rows, column] = values
    if not beside:
        return panel.derive(observations=simulated)
    simulated["period"] = simulated["period"].astype(str) + REPLICATE
    return panel.derive(observations=pd.concat([own, simulated], ignore_index=True))


def _figures(panel: Panel, data: xr.Dataset) -> Iterator[tuple[pd.Series, str, NDArray[np.float64]]]:
    """For each observed variable the rows it fills, the column of the outcome, and its values."""
    kinds = panel.observations["indicator"].map({name: item.kind for name, item in panel.indicators.items()})
    present: list[Kind] = list(dict.fromkeys(kinds))
    names = {"y": present[0]} if len(present) == 1 else {}
    names |= {f"y_{kind}": kind for kind in present}
    for name, values in data.data_vars.items():
        if name not in names:
            raise KeyError(f"observed variable {name!r} is none of {', '.join(names)}")
        kind = names[str(name)]
        yield kinds == kind, KIND_COLUMNS[kind][0], values.to_numpy().astype(np.float64)


def crude_levels(panel: Panel) -> pd.Series:
    """The level of each trust by its figures alone, on the link scale, centred by indicator and averaged; by trust.

    log((observed + 1/2) / expected), the empirical logit, or the estimate: what a statement should learn from.
    """
    rows = panel.observations
    levels = levels_alone(panel)["level"]
    centred = levels - levels.groupby(rows["indicator"]).transform("mean")
    return centred.groupby(rows[TRUST]).mean().reindex(panel.trusts.index, fill_value=0.0)
