"""Pictures of the computation: convergence of every series, the chains of one of them, energy, and replicated data."""

from collections.abc import Iterable
from functools import partial

import numpy as np
import pandas as pd
import xarray as xr
from matplotlib.axes import Axes
from numpy.typing import NDArray

from ranktrust.figures.frame import put_title
from ranktrust.figures.svg import INK, LOWER_COLOUR, MIDDLE_COLOUR, RULE, SOFT, UPPER_COLOUR, Drawing, drawing
from ranktrust.gate import BFMI_AT_LEAST, ESS_PER_CHAIN, RHAT_BELOW, Finding
from ranktrust.vocabulary import CHAIN, DRAW, TRUST

Floats = NDArray[np.float64]
_SHADES = (UPPER_COLOUR, LOWER_COLOUR, MIDDLE_COLOUR, INK)
_LINES = ("-", "--", ":", "-.")
_SIZES = ((12.5, 4.2), (4.2, 3.6))
_BINS = 20


def convergence(findings: Iterable[Finding]) -> pd.DataFrame:
    """R-hat and bulk ESS of every series that has both, from the findings' tables."""
    tables = [finding.table for finding in findings if {"rhat", "ess_bulk"} <= set(finding.table.columns)]
    frames = [table[["rhat", "ess_bulk"]].dropna().assign(failed=table.get("failed", False)) for table in tables]
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=["rhat", "ess_bulk", "failed"])


def rhat_ess_dots(findings: Iterable[Finding], ax: Axes, *, chains: int) -> None:
    """Draw every series at its R-hat and bulk effective sample size, with the thresholds of the gate."""
    points = convergence(findings)
    for failed, marker, colour in ((False, "o", UPPER_COLOUR), (True, "x", LOWER_COLOUR)):
        part = points[points["failed"].astype(bool) == failed]
        if len(part):
            label = f"{'misses' if failed else 'meets'} the thresholds ({len(part):,})"
            ax.plot(part["ess_bulk"], part["rhat"], marker, color=colour, markersize=4, alpha=0.5, label=label)
    asked = ESS_PER_CHAIN * chains
    ax.axhline(RHAT_BELOW, color=SOFT, linestyle="--", linewidth=1.2, label=f"R-hat below {RHAT_BELOW} is asked")
    ax.axvline(asked, color=SOFT, linestyle=":", linewidth=1.6, label=f"an effective sample size above {asked}")
    put_title(ax, _rhat_ess_title(points))
    ax.set_xscale("log")
    ax.set_xlabel("bulk effective sample size (right of the line is good)")
    ax.set_ylabel("R-hat (below the line is good)")
    ax.legend(loc="center", fontsize=9.5)


def _rhat_ess_title(points: pd.DataFrame) -> str:
    failed = int(points["failed"].astype(bool).sum())
    if points.empty:
        return "No series could be drawn"
    if failed:
        return f"{failed:,} of {len(points):,} series miss what is asked"
    return f"All {len(points):,} series agree between chains and are long enough"


def rhat_ess_alt(findings: Iterable[Finding], *, chains: int) -> str:
    """What the picture shows, in words with its numbers."""
    points = convergence(findings)
    if points.empty:
        return "No series has an R-hat and an effective sample size to be drawn."
    return (
        f"{len(points):,} series: largest R-hat {points['rhat'].max():.4f} (below {RHAT_BELOW} is asked), smallest "
        f"bulk effective sample size {points['ess_bulk'].min():,.0f} (above {ESS_PER_CHAIN * chains} is asked)."
    )


def rhat_ess_drawing(findings: Iterable[Finding], *, chains: int) -> Drawing:
    """Convergence of every series for wide and narrow pages."""
    found = tuple(findings)
    fill = partial(rhat_ess_dots, found, chains=chains)
    return drawing("convergence", rhat_ess_alt(found, chains=chains), wide=fill, narrow=fill, sizes=_SIZES)


def chain_counts(series: xr.DataArray) -> NDArray[np.int_]:
    """How many of each chain's draws fall into each twentieth of all draws of `series` (chain by bin)."""
    ranks = series.transpose(CHAIN, DRAW).to_numpy().ravel().argsort(kind="stable").argsort(kind="stable")
    bins = (ranks * _BINS // ranks.size).reshape(series.sizes[CHAIN], -1)
    return np.stack([np.bincount(chain, minlength=_BINS) for chain in bins])


def rank_histogram(series: xr.DataArray, ax: Axes) -> None:
    """Draw how the draws of each chain are spread over the ordered draws of all chains: flat when chains agree."""
    counts = chain_counts(series)
    for chain, heights in enumerate(counts):
        ax.stairs(heights, np.linspace(0, 100, _BINS + 1), color=_SHADES[chain % 4], linestyle=_LINES[chain % 4],
                  linewidth=1.4, label=f"chain {chain + 1}")  # fmt: skip
    ax.axhline(counts.sum() / counts.size, color=SOFT, linewidth=1)
    ax.set_ylim(0, None)
    put_title(ax, f"{counts.min()} to {counts.max()} draws in each twentieth; {counts.sum() / counts.size:.0f} is even")
    ax.set_xlabel("where a draw stands among the draws of all chains, per cent")
    ax.set_ylabel("draws")
    ax.legend(loc="lower center", ncols=2, fontsize=9.5)


def rank_histogram_alt(series: xr.DataArray, words: str) -> str:
    """What the picture shows, in words with its numbers."""
    counts = chain_counts(series)
    expected = counts.sum() / counts.size
    return (
        f"Draws of {words} by chain: between {counts.min()} and {counts.max()} in each twentieth, "
        f"where {expected:.0f} is even."
    )


def rank_histogram_drawing(series: xr.DataArray, words: str) -> Drawing:
    """The chains of one series for wide and narrow pages; `words` name the series."""
    fill = partial(rank_histogram, series)
    return drawing("chains", rank_histogram_alt(series, words), wide=fill, narrow=fill, sizes=_SIZES)


def weakest_chains_drawing(fit: xr.DataTree, findings: Iterable[Finding], *, latent: str) -> Drawing | None:
    """The chains of the trust whose rank has the least effective sample size, at `latent`; None without it."""
    if latent not in fit["posterior"]:
        return None
    tables = [finding.table for finding in findings if finding.name == "ranks"]
    trusts = tables[0].index.get_level_values(-1) if tables else fit["posterior"][TRUST].to_index()
    trust = str(trusts[0])
    level = fit["posterior"].to_dataset()[latent].sel({TRUST: trust})
    return rank_histogram_drawing(level, f"the {latent} of {trust}")


def energy(statistics: xr.Dataset, ax: Axes) -> None:
    """Draw the energy of the draws and its steps, both centred: steps much narrower mean that tails are missed."""
    level, step = _energies(statistics)
    edges = _edges(np.r_[level, step])
    ax.stairs(np.histogram(level, edges, density=True)[0], edges, fill=True, color=RULE, label="energy")
    ax.stairs(
        np.histogram(step, edges, density=True)[0], edges, color=UPPER_COLOUR, linewidth=1.6, label="steps of energy"
    )
    put_title(ax, f"Steps of energy are {step.std() / level.std():.2f} times as wide as energy")
    ax.set_xlabel("energy, centred")
    ax.set_yticks([])
    ax.legend(loc="upper right", fontsize=9.5)


def _edges(values: Floats) -> Floats:
    low, high = np.quantile(values, [0.001, 0.999])
    return np.linspace(float(low), float(high), 41)


def _energies(statistics: xr.Dataset) -> tuple[Floats, Floats]:
    values = statistics["energy"].transpose(CHAIN, DRAW).to_numpy()
    return (values - values.mean()).ravel(), np.diff(values, axis=1).ravel()


def energy_alt(statistics: xr.Dataset) -> str:
    """What the picture shows, in words with its numbers."""
    level, step = _energies(statistics)
    return (
        f"Energy has a standard deviation of {level.std():.1f}, its steps of {step.std():.1f}; "
        f"E-BFMI of at least {BFMI_AT_LEAST} is asked."
    )


def energy_drawing(fit: xr.DataTree) -> Drawing | None:
    """Energy for wide and narrow pages; None where the sampler left none that is finite."""
    statistics = fit["sample_stats"].to_dataset() if "sample_stats" in fit.children else xr.Dataset()
    if "energy" not in statistics or not np.isfinite(statistics["energy"]).all():
        return None
    fill = partial(energy, statistics)
    return drawing("energy", energy_alt(statistics), wide=fill, narrow=fill, sizes=_SIZES)


def predictive_places(fit: xr.DataTree) -> Floats:
    """For each observation the share of its replicates that lie below it, ties counted half, in per cent."""
    observed, replicated = fit["observed_data"]["y"], fit["posterior_predictive"]["y"]
    below = (replicated < observed).mean((CHAIN, DRAW)) + 0.5 * (replicated == observed).mean((CHAIN, DRAW))
    return np.asarray(100 * below)


def predictive_check(fit: xr.DataTree, ax: Axes) -> None:
    """Draw where each observation falls among its replicates.

    The replicates come from each trust's own effect, which the observation itself has formed: places crowd in the
    middle even where the model is wrong. A reader may conclude something from crowding at the ends, nothing from its
    absence.
    """
    places = predictive_places(fit)
    ax.hist(places, bins=[5.0 * place for place in range(21)], color=UPPER_COLOUR, edgecolor=RULE)
    ax.axhline(
        len(places) / 20, color=SOFT, linestyle="--", linewidth=1.2, label="even, as for replicates from new effects"
    )
    put_title(ax, f"{_outer(places)} of {len(places)} observations lie in the outer 5%")
    ax.set_xlabel("share of an observation's replicates that lie below it, per cent")
    ax.set_ylabel("observations")
    ax.legend(loc="upper right", fontsize=9.5)


def _outer(places: Floats) -> int:
    return int(((places < 2.5) | (places > 97.5)).sum())


def predictive_alt(fit: xr.DataTree) -> str:
    """What the picture shows, in words with its numbers."""
    places = predictive_places(fit)
    return (
        f"{len(places)} observations among their replicates: {_outer(places)} lie in the outer 5 per cent. Replicates "
        "come from each unit's own effect, so that this check proves little."
    )


def predictive_drawing(fit: xr.DataTree) -> Drawing | None:
    """The plain predictive check for wide and narrow pages; None where the fit has no replicates of `y`."""
    groups = ("observed_data", "posterior_predictive")
    if not all(group in fit.children and "y" in fit[group] for group in groups):
        return None
    fill = partial(predictive_check, fit)
    return drawing("predictive", predictive_alt(fit), wide=fill, narrow=fill, sizes=_SIZES)
