"""Every finding over everything that a fit reports."""

from collections.abc import Mapping
from typing import Final

import numpy as np
import pandas as pd
import xarray as xr

from ranktrust.gate.findings import Finding, failed
from ranktrust.gate.sampler import sampler_findings
from ranktrust.gate.series import indicator_finding, series_finding, table_of
from ranktrust.ranks import rank_series, top_series
from ranktrust.vocabulary import CHAIN, Best, Latent, quarter_of

LATENT: Final = ("total", "outcome", "performance")
_OPPOSITE: Final[dict[Best, Best]] = {"highest": "lowest", "lowest": "highest"}


def diagnose(fit: xr.DataTree, *, best: Best, latent: Latent = "outcome", top: int, bottom: int) -> tuple[Finding, ...]:
    """Every finding of the computation gate for a one-indicator fit.

    `fit` needs the groups posterior, log_prior (it names the free parameters) and sample_stats; ranks are those of
    `latent` in the direction `best`, indicator series those of rank <= top and of rank > n - bottom.
    A group, variable or statistic that is absent is a failed finding, never an exception.
    """
    posterior = _group(fit, "posterior")
    absent = [name for name in LATENT if name not in posterior]
    if absent:
        return (failed("draws", f"The fit has no {', '.join(absent)}.", "Fit again with a model that keeps them."),)
    finite = _finite(posterior)
    if finite.verdict == "failed":
        return (finite, *sampler_findings(_group(fit, "sample_stats")))
    levels = {name: table_of(posterior[name], name) for name in LATENT}
    ranks = table_of(rank_series(posterior[latent], best=best), "rank")
    level = posterior[latent]
    return (
        finite,
        _parameters(fit, posterior),
        series_finding("levels of trusts", pd.concat(levels.values()), _chains(level), constant_passes=None),
        series_finding("ranks", ranks, _chains(level), constant_passes=levels[latent]),
        indicator_finding("P(top)", top_series(level, top, best=best), ranks),
        indicator_finding("P(bottom)", top_series(level, bottom, best=_OPPOSITE[best]), ranks),
        *sampler_findings(_group(fit, "sample_stats")),
    )


def diagnose_reported(
    fit: xr.DataTree, levels: Mapping[str, Mapping[str, xr.DataArray]], order: Mapping[str, xr.DataArray],
    *, best: Best, events: Mapping[str, tuple[xr.DataArray, str]],
) -> tuple[Finding, ...]:  # fmt: skip
    """Every finding over what is reported of a fit, where that is not one level a trust.

    `levels` are draws of any shape, by finding and name; `order` draws by trust that are ranked in the direction
    `best`, judged with their P(top quarter) and P(bottom quarter); `events` 0/1 series by trust, each with the name of
    the order whose ranks say whether one that never changes may pass.
    """
    finite = _finite(_group(fit, "posterior"))
    if finite.verdict == "failed" or not any(levels.values()):
        nothing = failed("draws", "Nothing that is reported was handed to the gate.", "Name what is reported.")
        return (finite if finite.verdict == "failed" else nothing, *sampler_findings(_group(fit, "sample_stats")))
    found = [finite]
    for name, series in levels.items():
        tables = [table_of(values, label) for label, values in series.items() if values.size]
        found.append(series_finding(name, pd.concat(tables), fit["posterior"].sizes[CHAIN], constant_passes=None))
    ranks = {name: table_of(rank_series(values, best=best), "rank") for name, values in order.items()}
    for name, values in order.items():
        level, quarter = table_of(values, name), quarter_of(len(ranks[name]))
        found.append(series_finding(f"ranks, {name}", ranks[name], _chains(values), constant_passes=level))
        for end, way in (("top", best), ("bottom", _OPPOSITE[best])):
            found.append(indicator_finding(f"P({end}), {name}", top_series(values, quarter, best=way), ranks[name]))
    found += [indicator_finding(name, series, ranks[of]) for name, (series, of) in events.items()]
    return (*found, *sampler_findings(_group(fit, "sample_stats")))


def _group(fit: xr.DataTree, name: str) -> xr.Dataset:
    return fit[name].to_dataset() if name in fit.children else xr.Dataset()


def _chains(values: xr.DataArray) -> int:
    return int(values.sizes[CHAIN])


def _finite(posterior: xr.Dataset) -> Finding:
    counts = {str(name): int((~np.isfinite(values)).sum()) for name, values in posterior.data_vars.items()}
    table = pd.DataFrame({"variable": list(counts), "not_finite": list(counts.values())}).set_index("variable")
    bad = table[table["not_finite"] > 0]
    if len(bad):
        where = ", ".join(f"{name} ({count})" for name, count in bad["not_finite"].items())
        return Finding(
            "finite draws",
            "failed",
            f"Draws that are not finite: {where}.",
            "Find the term of the model that overflows or is undefined, and change its prior or parametrisation.",
            table,
        )
    return Finding("finite draws", "passed", "Every draw is finite.", "", table)


def _parameters(fit: xr.DataTree, posterior: xr.Dataset) -> Finding:
    names = [str(name) for name in _group(fit, "log_prior").data_vars]
    free = [name for name in names if name not in LATENT]
    lost = [name for name in free if name not in posterior]
    sizeable = [name for name in free if name in posterior and posterior[name].size]
    if names and not free:
        return Finding("parameters", "passed", "The levels of trusts are the only parameters.", "", pd.DataFrame())
    if lost or not sizeable:
        return failed(
            "parameters",
            f"The fit does not hold its parameters ({', '.join(lost) or 'no log_prior'}).",
            "Fit again; the file may be damaged or made by another program.",
        )
    table = pd.concat([table_of(posterior[name], name) for name in sizeable])
    return series_finding("parameters", table, _chains(posterior[sizeable[0]]), constant_passes=None)
