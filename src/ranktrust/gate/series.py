"""Series of draws judged one by one: R-hat, effective sample sizes, and how constant ones are taken."""

from typing import Final

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from ranktrust.convergence import ess_bulk, rhat_and_ess
from ranktrust.gate.findings import Finding
from ranktrust.vocabulary import CHAIN, DRAW, TRUST

Draws = NDArray[np.float64]

RHAT_BELOW: Final = 1.01
ESS_PER_CHAIN: Final = 100
_COLUMNS: Final = ("rhat", "ess_bulk", "ess_tail", "constant", "stuck")


def series_diagnostics(draws: Draws, *, indicators: bool = False) -> pd.DataFrame:
    """R-hat, bulk and tail ESS of each series, and whether it is constant.

    `draws` has the shape (series, chain, draw). `constant` is true where all draws of a series are equal;
    `stuck` where each chain is constant but the chains differ. Both have NaN diagnostics. Of `indicators`, series
    of 0 and 1, only the bulk ESS is taken: R-hat and tails say nothing of them.
    """
    steady = np.ptp(draws, axis=2).max(axis=1) == 0
    constant = np.ptp(draws.reshape(len(draws), -1), axis=1) == 0
    moving = ~steady
    table = pd.DataFrame(np.nan, index=range(len(draws)), columns=list(_COLUMNS[:3]))
    if indicators:
        table.loc[moving, "ess_bulk"] = ess_bulk(draws[moving])
    else:
        table.loc[moving, ["rhat", "ess_bulk", "ess_tail"]] = np.stack(rhat_and_ess(draws[moving]), axis=1)
    return table.assign(constant=constant, stuck=steady & ~constant)


def _as_series(values: xr.DataArray) -> tuple[Draws, list[str]]:
    others = [dim for dim in values.dims if dim not in {CHAIN, DRAW}]
    stacked = values.astype(float).transpose(*others, CHAIN, DRAW)
    array = stacked.to_numpy().reshape(-1, values.sizes[CHAIN], values.sizes[DRAW])
    if not others:
        return array, [""]
    index = pd.MultiIndex.from_product([stacked[dim].to_numpy() for dim in others])
    if others[-1] == f"other_{others[0]}":
        free = ~_given(array, *(stacked.sizes[dim] for dim in others))
        array, index = array[free], index[free]
    return array, [", ".join(map(str, item)) if isinstance(item, tuple) else str(item) for item in index]


def _given(array: Draws, rows: int, columns: int) -> NDArray[np.bool_]:
    """Cells of a correlation matrix, or of its lower root, that are 0 or 1 by definition: on and above the diagonal."""
    row, column = np.divmod(np.arange(rows * columns), columns)
    first = array[:, :1, :1]
    constant = (array == first).all(axis=(1, 2)) & np.isin(first[:, 0, 0], (0.0, 1.0))
    on_diagonal: NDArray[np.bool_] = constant & (column >= row)
    return on_diagonal


def table_of(values: xr.DataArray, name: str) -> pd.DataFrame:
    """Diagnostics of every series of a variable, indexed by its name and the labels of its other dimensions."""
    array, labels = _as_series(values)
    index = pd.MultiIndex.from_product([[name], labels], names=["series", TRUST])
    return series_diagnostics(array).set_axis(index)


def _below(table: pd.DataFrame, chains: int) -> pd.Series:
    """Where a threshold is missed; NaN misses every threshold."""
    good = (table["rhat"] < RHAT_BELOW) & (table["ess_bulk"] > ESS_PER_CHAIN * chains)
    return ~(good & (table["ess_tail"] > ESS_PER_CHAIN * chains))


def series_finding(name: str, table: pd.DataFrame, chains: int, *, constant_passes: pd.DataFrame | None) -> Finding:
    """The finding over full series; a constant series passes only where `constant_passes` shows its level moving."""
    misses = _below(table, chains)
    if constant_passes is not None:
        settled = table["constant"].to_numpy() & ~_below(constant_passes, chains).to_numpy()
        misses &= ~settled
    worst = table.assign(failed=misses).sort_values(["failed", "ess_bulk"], ascending=[False, True])
    moving = table[~table["constant"]]
    numbers = (
        f"largest R-hat {moving['rhat'].max():.4f}, smallest ESS bulk {moving['ess_bulk'].min():,.0f}, "
        f"tail {moving['ess_tail'].min():,.0f}, over {len(table):,} series"
    )
    if misses.any():
        names = ", ".join(" ".join(filter(None, item)) for item in misses[misses].index[:5])
        return Finding(
            name,
            "failed",
            f"{int(misses.sum())} of {len(table)} {name} miss a threshold ({names}...): {numbers}."
            if misses.sum() > 5
            else f"{names} of the {name} miss a threshold: {numbers}.",
            "Draw longer; if that does not help, change the parametrisation, not the threshold.",
            worst,
        )
    return Finding(name, "passed", f"All {name} pass: {numbers}.", "", worst)


def indicator_finding(name: str, series: xr.DataArray, ranks: pd.DataFrame) -> Finding:
    """Bulk ESS of 0/1 series; one that never changes passes where its trust's rank series passes or is constant."""
    array, labels = _as_series(series)
    chains = array.shape[1]
    table = series_diagnostics(array, indicators=True).set_axis(pd.Index(labels, name=TRUST))
    table = table.drop(columns=["rhat", "ess_tail"])
    rank_fine = (~_below(ranks, chains) | ranks["constant"]).to_numpy()
    misses = ~(table["ess_bulk"] > ESS_PER_CHAIN * chains) & ~(table["constant"] & rank_fine)
    table = table.assign(failed=misses).sort_values(["failed", "ess_bulk"], ascending=[False, True])
    constant = int(table["constant"].sum())
    smallest = table.loc[~table["constant"], "ess_bulk"].min()
    numbers = (
        f"smallest ESS {smallest:,.0f}; {constant} of {len(table)} never change"
        if constant < len(table)
        else (f"all {len(table)} never change")
    )
    if misses.any():
        return Finding(
            name,
            "failed",
            f"{int(misses.sum())} of {len(table)} series of {name} fail: {numbers}.",
            "Draw longer; look for chains that disagree.",
            table,
        )
    return Finding(name, "passed", f"All series of {name} pass: {numbers}.", "", table)
