"""A fit over many periods to a Trajectory: every number of it is computed here or in what it calls, once."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr
from scipy import stats

from ranktrust.gate import Finding, diagnose_reported, gate_passed
from ranktrust.league.build import score
from ranktrust.league.change import (
    ALONE,
    ONE_MONTH,
    TRAJECTORY,
    alone,
    change_table,
    counting_error,
    improved,
    national_table,
    paths_table,
    width_table,
)
from ranktrust.league.quantities import PARAMETERS, Quantities, natural
from ranktrust.league.shares import implied_shares, share_of, shares_table
from ranktrust.league.table import LeagueTable, Question
from ranktrust.league.trajectory import Trajectory, TrajectoryFacts
from ranktrust.panel import Panel, SpanPanels, latest
from ranktrust.ranks import rank_stability
from ranktrust.vocabulary import CHAIN, DRAW, TRUST

BINS = 60
_SHOWN = ("moving", "persistence", "unattributed_share")


@dataclass(frozen=True, eq=False)
class Following:
    """What a trajectory is scored with, besides its draws.

    `one_month` are draws of the latest period alone with no unattributed share, on the link scale by trust, None where
    there are none; `cross_section` is how many months the cross-section of the indicator sums; `rng` draws the
    posteriors of trusts taken alone.
    """

    question: Question
    window: int
    change: int
    cross_section: int
    rng: np.random.Generator
    one_month: xr.DataArray | None = None


def diagnose_trajectory(
    fit: xr.DataTree, drawn: Quantities, panels: SpanPanels, question: Question
) -> tuple[Finding, ...]:
    """The gate over everything that a trajectory reports.

    Judged are parameters and what they imply, the national path, every trust's path, the levels of the latest period
    and of the window, both changes, their ranks and P(improved), and the sampler's statistics. The
    auxiliary normals z are judged through the paths, which they only enter by.
    """
    best, level = panels.every.only.best, question.latent
    levels = {
        "parameters": dict(drawn.parameters),
        "implied shares": dict(_implied(drawn, panels.every, panels.spans.window)),
        "national path": {"national": drawn.national},
        "paths of trusts": {"outcome": drawn.paths},
        "levels of the latest period": {name: drawn.latest[name] for name in ("total", "outcome", "performance")},
        "means over the window": {name: drawn.window[name] for name in ("total", "outcome", "performance")},
        "changes": {"absolute": drawn.absolute, "relative": drawn.relative, "national": drawn.national_change},
    }
    order = {"latest": drawn.latest[level], "window": drawn.window[level], "change": drawn.relative}
    carried = drawn.before + drawn.national_change
    events = {
        "P(improved), absolute": (improved(drawn.before, drawn.now, best), "change"),
        "P(improved), relative": (improved(carried, drawn.now, best), "change"),
    }
    return diagnose_reported(fit, levels, order, best=best, events=events)


def score_trajectory(
    fit: xr.DataTree, drawn: Quantities, panels: SpanPanels, findings: Sequence[Finding], asked: Following
) -> Trajectory:
    """The trajectory of a fit: two league tables, change, paths, and what it informs.

    A trust without a figure in the latest period, or with figures in less than three quarters of the window, is not
    ranked there, and is named; without a figure in both periods it has no change statement.
    """
    every, question = panels.every, asked.question
    shares = _implied(drawn, every, panels.spans.window)
    now = _league(fit, drawn.latest, _with_share(panels.latest, drawn.parameters["unattributed_share"], every),
                  findings, question)  # fmt: skip
    window = _league(fit, drawn.window, _with_share(panels.window, shares["this_period"], every), findings, question)
    frames = {
        "change": change_table(drawn, every, prob=question.prob, ranked=now.facts.ranked),
        "paths": paths_table(drawn, every, question.prob),
        "national": national_table(drawn, every.only.kind, question.prob),
        "parameters": _parameters(drawn, _priors(fit)),
        "densities": _densities(drawn, _priors(fit)),
        "shares": shares_table(_implied(drawn, every, _summed(every, asked)), every.only.shares),
        "widths": _width_rows(drawn, panels.latest, asked) if now.facts.ranked else pd.DataFrame({"method": []}),
    }
    facts = {
        **_asked(fit, drawn, panels, asked),
        **_found(drawn, panels, question.prob),
        "gate_passed": gate_passed(findings),
        "findings": now.facts.findings,
    }
    return Trajectory.of(TrajectoryFacts.of(facts), now, window, frames=frames)


def _league(
    fit: xr.DataTree, levels: xr.Dataset, panel: Panel, findings: Sequence[Finding], question: Question
) -> LeagueTable:
    """An ordinary league table of the levels of one period."""
    tree = xr.DataTree.from_dict({"posterior": levels})
    tree.attrs = dict(fit.attrs)
    return score(tree, panel, findings, question)


def _with_share(panel: Panel, share: xr.DataArray, every: Panel) -> Panel:
    """The panel with the share that this fit found in place of the declared one: what its table sets aside."""
    source = f"found by this fit in {len(every.periods)} periods"
    indicator = replace(panel.only, shares={"this_period": share_of(share, source)})
    return panel.derive(indicators={indicator.name: indicator})


def _summed(panel: Panel, asked: Following) -> tuple[str, ...]:
    """The periods of the cross-section: its months, or the last period of an estimate, which does not add."""
    chosen = latest(panel.periods, asked.cross_section)
    return chosen[-1:] if panel.only.kind == "estimate" else chosen


def _implied(drawn: Quantities, panel: Panel, periods: Sequence[str]) -> Any:
    places = [panel.periods.index(label) for label in periods]
    return implied_shares(drawn.parameters, panel["period_time"][places])


def _priors(fit: xr.DataTree) -> dict[str, Any]:
    return dict(json.loads(fit.attrs.get("priors", "{}")))


def _prior_of(name: str, priors: Mapping[str, Any]) -> Any:
    """The prior of a parameter: half-normal of s, Gamma of step, Beta of a share; None where numbers are otherwise."""
    numbers = priors.get(name)
    if name == "s" and isinstance(numbers, float | int):
        return stats.halfnorm(scale=numbers)
    if not isinstance(numbers, list | tuple) or len(numbers) not in {2, 3}:
        return None
    if name == "step":
        return stats.gamma(numbers[0], scale=1 / numbers[1])
    return stats.beta(numbers[0], numbers[1], scale=numbers[2] if len(numbers) == 3 else 1.0)


def _parameters(drawn: Quantities, priors: Mapping[str, Any]) -> pd.DataFrame:
    """Posterior mean and 95 % interval of each parameter, beside its prior's median and interval where known."""
    rows = []
    for name in (each for each in (*PARAMETERS, "step") if each in drawn.parameters):
        draws, prior = drawn.parameters[name].to_numpy(), _prior_of(name, priors)
        bounds = np.quantile(draws, [0.025, 0.975])
        known = [np.nan] * 3 if prior is None else list(prior.ppf([0.5, 0.025, 0.975]))
        rows.append((name, draws.mean(), *bounds, *known))
    columns = ["parameter", "mean", "lower", "upper", "prior_median", "prior_lower", "prior_upper"]
    return pd.DataFrame(rows, columns=columns)


def _densities(drawn: Quantities, priors: Mapping[str, Any]) -> pd.DataFrame:
    """Prior and posterior density of the three shares in bins of [0, 1]; the prior is empty where it is no Beta."""
    edges, parts = np.linspace(0, 1, BINS + 1), []
    for name in _SHOWN:
        counts, _ = np.histogram(drawn.parameters[name].to_numpy(), edges, density=True)
        prior = _prior_of(name, priors)
        before = np.full(BINS, np.nan) if prior is None else np.diff(prior.cdf(edges)) * BINS
        parts.append(pd.DataFrame({"parameter": name, "left": edges[:-1], "right": edges[1:], "prior": before,
                                   "posterior": counts}))  # fmt: skip
    return pd.concat(parts, ignore_index=True)


def _width_rows(drawn: Quantities, panel: Panel, asked: Following) -> pd.DataFrame:
    methods = {TRAJECTORY: drawn.latest[asked.question.latent]}
    if asked.one_month is not None:
        methods[ONE_MONTH] = asked.one_month
    methods[ALONE] = alone(panel, asked.rng)
    return width_table(methods, best=panel.only.best, prob=asked.question.prob)


def _asked(fit: xr.DataTree, drawn: Quantities, panels: SpanPanels, asked: Following) -> dict[str, Any]:
    every, spans = panels.every, panels.spans
    names = every.trusts["name"]
    left = [trust for trust in names.index if trust not in set(drawn.now[TRUST].to_numpy())]
    gaps = every.missing.query("trust in @names.index").groupby(TRUST).size()
    said = [f"{names[str(trust)]} ({trust}): {count} of {len(every.periods)}" for trust, count in gaps.items()]
    return {
        "indicator": every.only.name,
        "model": fit.attrs["model"],
        "statement": asked.question.statement,
        "priors": _priors(fit),
        "draws": drawn.now.sizes[CHAIN] * drawn.now.sizes[DRAW],
        "prob": asked.question.prob,
        "periods": every.periods,
        "latest": spans.latest,
        "before": spans.before,
        "window": spans.window,
        "change_months": asked.change,
        "window_months": asked.window,
        "cross_section": _summed(every, asked),
        "n": len(every.trusts),
        "absent": tuple(said),
        "no_change": tuple(f"{names[trust]} ({trust})" for trust in left),
    }


def _found(drawn: Quantities, panels: SpanPanels, prob: float) -> dict[str, Any]:
    kind, best = panels.every.only.kind, panels.every.only.best
    path = natural(kind, drawn.national)
    before, now = (path.sel(period=label, drop=True) for label in (panels.spans.before, panels.spans.latest))
    change = rank_stability(_pair(before), _pair(now), best=best, places=0).table.isel({TRUST: 0})
    noise = drawn.parameters["s"] * drawn.parameters["unattributed_share"] ** 0.5
    return {
        "national_change": _bounds(now - before, prob),
        "p_national": tuple(float(change[f"p_improved{tail}"]) for tail in ("", "_mcse", "_ess")),
        "noise_sd": _bounds(noise, prob),
        "spread": _bounds(drawn.parameters["s"], prob),
        "counting_error": counting_error(panels.latest),
    }


def _pair(draws: xr.DataArray) -> xr.DataArray:
    """One series twice, as ranks need two trusts."""
    return xr.concat([draws, draws], dim=pd.Index(["path", "again"], name=TRUST))


def _bounds(draws: xr.DataArray, prob: float) -> tuple[float, float, float]:
    lower, upper = draws.quantile([(1 - prob) / 2, (1 + prob) / 2]).to_numpy()
    return float(draws.mean()), float(lower), float(upper)
