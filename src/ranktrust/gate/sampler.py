"""The sampler's own statistics: divergences, saturated trees, energy."""

from typing import Final

import numpy as np
import pandas as pd
import xarray as xr
from arviz_stats.base.array import array_stats

from ranktrust.gate.findings import Finding, failed
from ranktrust.vocabulary import CHAIN, DRAW

BFMI_AT_LEAST: Final = 0.3


def sampler_findings(statistics: xr.Dataset) -> tuple[Finding, ...]:
    """The findings from the sampler's statistics alone: divergences, saturated trees, energy."""
    return (
        _none_of(statistics, "diverging", "divergences", "Raise target_accept, or change the parametrisation."),
        _none_of(statistics, "reached_max_treedepth", "tree depth", "Raise the largest depth, or reparametrise."),
        _energy(statistics),
    )


def _by_draw(values: xr.DataArray) -> bool:
    return set(values.dims) == {CHAIN, DRAW} and values.size > 0


def _none_of(statistics: xr.Dataset, statistic: str, name: str, remedy: str) -> Finding:
    if statistic not in statistics:
        return failed(name, f"The sampler left no statistic called {statistic}.", "Use a sampler that reports it.")
    values = statistics[statistic]
    if not _by_draw(values):
        return failed(name, f"The statistic {statistic} has no draws.", "Fit again; the file may be damaged.")
    if values.dtype.kind == "f" and not np.isfinite(values).all():
        return failed(name, f"The statistic {statistic} is not finite.", "Fit again; the file may be damaged.")
    by_chain = values.astype(bool).sum(DRAW)
    table = by_chain.to_series().rename("draws").to_frame()
    count = int(by_chain.sum())
    sentence = f"{count} of {values.size:,} draws with {statistic}."
    return Finding(name, "failed" if count else "passed", sentence, remedy if count else "", table)


def _energy(statistics: xr.Dataset) -> Finding:
    if "energy" not in statistics:
        return failed("energy", "The sampler left no statistic called energy.", "Use a sampler that reports it.")
    if not _by_draw(statistics["energy"]):
        return failed("energy", "The statistic energy has no draws.", "Fit again; the file may be damaged.")
    with np.errstate(all="ignore"):
        energy = statistics["energy"].transpose(CHAIN, DRAW).to_numpy()
        values = np.atleast_1d(array_stats.bfmi(energy))  # type: ignore[no-untyped-call]
    table = pd.DataFrame({"ebfmi": values}, index=pd.Index(range(len(values)), name=CHAIN))
    good = bool(np.all(values >= BFMI_AT_LEAST))
    sentence = f"Smallest E-BFMI over chains: {np.min(values):.2f} (at least {BFMI_AT_LEAST} is asked)."
    remedy = "" if good else "The tails of a scale parameter are explored badly: change its parametrisation."
    return Finding("energy", "passed" if good else "failed", sentence, remedy, table)
