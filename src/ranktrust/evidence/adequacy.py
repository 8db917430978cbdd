"""Whether a refit's draws are good enough to be judged: the thresholds of the computation gate, asked of fewer series.

A run's gate looks at every series that a page prints. A calibration prints none and fits hundreds of times, so it asks
the same R-hat, ESS and sampler statistics of the parameters that trusts share, of the ranked level and of its ranks;
the other levels of a trust differ from the ranked one by what was asked already.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
import xarray as xr

from ranktrust.gate import ESS_PER_CHAIN, RHAT_BELOW, sampler_findings, series_diagnostics
from ranktrust.vocabulary import CHAIN, DRAW


@dataclass(frozen=True)
class Adequacy:
    """What failed, by name, and the smallest bulk ESS of each thing looked at."""

    failed: tuple[str, ...]
    ess: Mapping[str, float]

    def thinned(self, name: str, total: int, *, least: int = 20) -> int:
        """How many of `total` draws of a series are nearly independent; of one not looked at, as of the worst."""
        worst = min(self.ess.values(), default=0.0)
        return int(np.clip(self.ess.get(name, worst), min(least, total), total))


def adequacy(
    shared: Mapping[str, xr.DataArray], levels: Mapping[str, tuple[xr.DataArray, xr.DataArray]], statistics: xr.Dataset
) -> Adequacy:
    """The adequacy of a fit.

    `shared` are parameters by name; `levels` holds, for each ranking, the level and its rank series. A parameter or
    level that is constant fails; a rank that is constant passes where its level does (decision 16).
    """
    failed, ess = [], {}
    if not all(np.isfinite(values).all() for values in shared.values()):
        failed.append("finite draws")
    tables = _tables({name: values for name, values in shared.items() if values.size})
    for name, pair in levels.items():
        label = f" of {name}" if name else ""
        both = _tables({f"level{label}": pair[0], f"rank{label}": pair[1]})
        above, below = both.values()
        settled = below["constant"] & ~_misses(above, pair[0].sizes[CHAIN])
        tables |= {f"level{label}": above, f"rank{label}": below[~settled]}
    for name, table in tables.items():
        chains = statistics.sizes.get(CHAIN, 1)
        if _misses(table, chains).any():
            failed.append(name)
        least = table["ess_bulk"].min()
        if np.isfinite(least):
            ess[name] = float(least)
    failed += [finding.name for finding in sampler_findings(statistics) if finding.verdict == "failed"]
    return Adequacy(tuple(failed), ess)


def _misses(table: pd.DataFrame, chains: int) -> pd.Series:
    """Where a threshold is missed; NaN misses every threshold."""
    asked = ESS_PER_CHAIN * chains
    good = (table["rhat"] < RHAT_BELOW) & (table["ess_bulk"] > asked) & (table["ess_tail"] > asked)
    return ~good


def _tables(series: Mapping[str, xr.DataArray]) -> dict[str, pd.DataFrame]:
    """The diagnostics of every series, by name of what they belong to; all in one pass."""
    if not series:
        return {}
    rows = [_rows(values) for values in series.values()]
    table = series_diagnostics(np.concatenate(rows))
    ends = np.cumsum([len(each) for each in rows])
    return {
        name: table.iloc[end - len(each) : end].reset_index(drop=True)
        for name, each, end in zip(series, rows, ends, strict=True)
    }


def _rows(values: xr.DataArray) -> np.ndarray[tuple[int, int, int], np.dtype[np.float64]]:
    others = [dim for dim in values.dims if dim not in {CHAIN, DRAW}]
    array = values.astype(float).transpose(*others, CHAIN, DRAW).to_numpy()
    return array.reshape(-1, values.sizes[CHAIN], values.sizes[DRAW])
