"""Whether the computation of a fit may be trusted: findings that fail closed, and their verdict.

Thresholds: rank-normalised split R-hat below 1.01 and effective sample sizes above 100 a chain (Vehtari, Gelman,
Simpson, Carpenter and Buerkner 2021, Bayesian Analysis 16:667-718); no divergence; E-BFMI at least 0.3; no
saturated tree; everything finite. What cannot be computed fails. Decision 16 of docs/statistics.md says what is
asked of which series and how constant ones are judged.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import pandas as pd
import xarray as xr
from arviz_stats.base.array import array_stats
from numpy.typing import NDArray

from ranktrust.ranks import rank_series, top_series
from ranktrust.vocabulary import CHAIN, DRAW, TRUST, Best, Latent

Verdict = Literal["passed", "failed", "informational"]
Draws = NDArray[np.float64]

RHAT_BELOW: Final = 1.01
ESS_PER_CHAIN: Final = 100
BFMI_AT_LEAST: Final = 0.3
TAILS: Final = (0.05, 0.95)
LATENT: Final = ("total", "outcome", "performance")
_OPPOSITE: Final[dict[Best, Best]] = {"highest": "lowest", "lowest": "highest"}
_COLUMNS: Final = ("rhat", "ess_bulk", "ess_tail", "constant", "stuck")


@dataclass(frozen=True, eq=False)
class Finding:
    """One thing that was looked at: the verdict, a sentence with the numbers, what to do, and the table behind it."""

    name: str
    verdict: Verdict
    sentence: str
    remedy: str
    table: pd.DataFrame


def gate_passed(findings: Iterable[Finding]) -> bool:
    """True when there is at least one finding and none failed."""
    verdicts = [finding.verdict for finding in findings]
    return bool(verdicts) and "failed" not in verdicts


def diagnose(fit: xr.DataTree, *, best: Best, latent: Latent = "outcome", top: int, bottom: int) -> tuple[Finding, ...]:
    """Every finding of the computation gate for a one-indicator fit.

    `fit` needs the groups posterior, log_prior (it names the free parameters) and sample_stats; ranks are those of
    `latent` in the direction `best`, indicator series those of rank <= top and of rank > n - bottom.
    A group, variable or statistic that is absent is a failed finding, never an exception.
    """
    posterior = _group(fit, "posterior")
    absent = [name for name in LATENT if name not in posterior]
    if absent:
        return (_failed("draws", f"The fit has no {', '.join(absent)}.", "Fit again with a model that keeps them."),)
    finite = _finite(posterior)
    if finite.verdict == "failed":
        return (finite, *sampler_findings(_group(fit, "sample_stats")))
    levels = {name: _table_of(posterior[name], name) for name in LATENT}
    ranks = _table_of(rank_series(posterior[latent], best=best), "rank")
    level = posterior[latent]
    return (
        finite,
        _parameters(fit, posterior),
        _series_finding("levels of trusts", pd.concat(levels.values()), _chains(level), constant_passes=None),
        _series_finding("ranks", ranks, _chains(level), constant_passes=levels[latent]),
        _indicator_finding("P(top)", top_series(level, top, best=best), ranks),
        _indicator_finding("P(bottom)", top_series(level, bottom, best=_OPPOSITE[best]), ranks),
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
        nothing = _failed("draws", "Nothing that is reported was handed to the gate.", "Name what is reported.")
        return (finite if finite.verdict == "failed" else nothing, *sampler_findings(_group(fit, "sample_stats")))
    found = [finite]
    for name, series in levels.items():
        tables = [_table_of(values, label) for label, values in series.items() if values.size]
        found.append(_series_finding(name, pd.concat(tables), fit["posterior"].sizes[CHAIN], constant_passes=None))
    ranks = {name: _table_of(rank_series(values, best=best), "rank") for name, values in order.items()}
    for name, values in order.items():
        level, quarter = _table_of(values, name), max(1, (len(ranks[name]) + 1) // 4)
        found.append(_series_finding(f"ranks, {name}", ranks[name], _chains(values), constant_passes=level))
        for end, way in (("top", best), ("bottom", _OPPOSITE[best])):
            found.append(_indicator_finding(f"P({end}), {name}", top_series(values, quarter, best=way), ranks[name]))
    found += [_indicator_finding(name, series, ranks[of]) for name, (series, of) in events.items()]
    return (*found, *sampler_findings(_group(fit, "sample_stats")))


def _group(fit: xr.DataTree, name: str) -> xr.Dataset:
    return fit[name].to_dataset() if name in fit.children else xr.Dataset()


def _chains(values: xr.DataArray) -> int:
    return int(values.sizes[CHAIN])


def _failed(name: str, sentence: str, remedy: str) -> Finding:
    return Finding(name, "failed", sentence, remedy, pd.DataFrame())


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
    if moving.any():
        table.loc[moving, "ess_bulk"] = _ess(draws[moving], "bulk", None)
    if moving.any() and not indicators:
        rhat = array_stats.rhat(draws[moving], chain_axis=1, draw_axis=2)  # type: ignore[no-untyped-call]
        table.loc[moving, "rhat"] = rhat
        table.loc[moving, "ess_tail"] = _ess(draws[moving], "tail", TAILS)
    return table.assign(constant=constant, stuck=steady & ~constant)


def _ess(series: Draws, method: str, tails: tuple[float, float] | None) -> Draws:
    found = array_stats.ess(series, chain_axis=1, draw_axis=2, method=method, prob=tails)  # type: ignore[no-untyped-call]
    return np.asarray(found)


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


def _table_of(values: xr.DataArray, name: str) -> pd.DataFrame:
    array, labels = _as_series(values)
    index = pd.MultiIndex.from_product([[name], labels], names=["series", TRUST])
    return series_diagnostics(array).set_axis(index)


def _below(table: pd.DataFrame, chains: int) -> pd.Series:
    """Where a threshold is missed; NaN misses every threshold."""
    good = (table["rhat"] < RHAT_BELOW) & (table["ess_bulk"] > ESS_PER_CHAIN * chains)
    return ~(good & (table["ess_tail"] > ESS_PER_CHAIN * chains))


def _parameters(fit: xr.DataTree, posterior: xr.Dataset) -> Finding:
    names = [str(name) for name in _group(fit, "log_prior").data_vars]
    free = [name for name in names if name not in LATENT]
    lost = [name for name in free if name not in posterior]
    sizeable = [name for name in free if name in posterior and posterior[name].size]
    if names and not free:
        return Finding("parameters", "passed", "The levels of trusts are the only parameters.", "", pd.DataFrame())
    if lost or not sizeable:
        return _failed(
            "parameters",
            f"The fit does not hold its parameters ({', '.join(lost) or 'no log_prior'}).",
            "Fit again; the file may be damaged or made by another program.",
        )
    table = pd.concat([_table_of(posterior[name], name) for name in sizeable])
    return _series_finding("parameters", table, _chains(posterior[sizeable[0]]), constant_passes=None)


def _series_finding(name: str, table: pd.DataFrame, chains: int, *, constant_passes: pd.DataFrame | None) -> Finding:
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


def _indicator_finding(name: str, series: xr.DataArray, ranks: pd.DataFrame) -> Finding:
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
        return _failed(name, f"The sampler left no statistic called {statistic}.", "Use a sampler that reports it.")
    values = statistics[statistic]
    if not _by_draw(values):
        return _failed(name, f"The statistic {statistic} has no draws.", "Fit again; the file may be damaged.")
    if values.dtype.kind == "f" and not np.isfinite(values).all():
        return _failed(name, f"The statistic {statistic} is not finite.", "Fit again; the file may be damaged.")
    by_chain = values.astype(bool).sum(DRAW)
    table = by_chain.to_series().rename("draws").to_frame()
    count = int(by_chain.sum())
    sentence = f"{count} of {values.size:,} draws with {statistic}."
    return Finding(name, "failed" if count else "passed", sentence, remedy if count else "", table)


def _energy(statistics: xr.Dataset) -> Finding:
    if "energy" not in statistics:
        return _failed("energy", "The sampler left no statistic called energy.", "Use a sampler that reports it.")
    if not _by_draw(statistics["energy"]):
        return _failed("energy", "The statistic energy has no draws.", "Fit again; the file may be damaged.")
    with np.errstate(all="ignore"):
        energy = statistics["energy"].transpose(CHAIN, DRAW).to_numpy()
        values = np.atleast_1d(array_stats.bfmi(energy))  # type: ignore[no-untyped-call]
    table = pd.DataFrame({"ebfmi": values}, index=pd.Index(range(len(values)), name=CHAIN))
    good = bool(np.all(values >= BFMI_AT_LEAST))
    sentence = f"Smallest E-BFMI over chains: {np.min(values):.2f} (at least {BFMI_AT_LEAST} is asked)."
    remedy = "" if good else "The tails of a scale parameter are explored badly: change its parametrisation."
    return Finding("energy", "passed" if good else "failed", sentence, remedy, table)
