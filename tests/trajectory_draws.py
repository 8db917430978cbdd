"""Hand-made draws of a small trajectory, and what is made of them without a fit."""

import json
from dataclasses import replace

import numpy as np
import xarray as xr
from league_tables import FACTS
from panels import made_indicator, make_trajectory

from ranktrust.league import Following, Question, diagnose_trajectory, quantities, score_trajectory
from ranktrust.panel import span_panels, spans_of

SEED = 20261122
CHAINS, DRAWS = 4, 250
TRUSTS, MONTHS = 8, 5
PRIORS = {
    "step": [2.0, 15.0],
    "s": 0.75,
    "moving": [1.5, 1.5],
    "persistence": [6.5, 2.0],
    "unattributed_share": [1.0, 4.0, 1.0],
}
QUESTION = Question("tiny", "A tiny study", "trust", "eight made-up trusts", "y ~ Binomial", "this_period")


def panel_of(best="highest", *, months=MONTHS, kind="proportion", **declared):
    """Eight trusts over consecutive months, with a gap of T01 in the last but one and a late start of T02."""
    panel = make_trajectory(kind, trusts=TRUSTS, periods=months)
    labels = {label: f"2025-{place:02d}-01/2025-{place:02d}-28" for place, label in enumerate(panel.periods, start=1)}
    panel = panel.derive(observations=panel.observations.assign(period=panel.observations["period"].map(labels)))
    given = {"best": best, "passport": FACTS["source"], **declared}
    return panel.derive(indicators={"made": replace(made_indicator(kind), **given)})


def fit_of(panel, paths, *, spread=0.05, step=0.0, seed=SEED):
    """Draws about `paths` (trust, period), and a national path that rises by `step` a period, by hand."""
    rng = np.random.default_rng(seed)
    n, months = len(panel.trusts), len(panel.periods)
    national = 0.4 + step * np.arange(months) + rng.normal(0, 0.01, (CHAINS, DRAWS, months))
    around = paths - paths.mean(axis=0) + rng.normal(0, spread, (CHAINS, DRAWS, n, months))
    around -= around.mean(axis=2, keepdims=True)
    outcome = national[:, :, None, :] + around
    coords = {"trust": panel.coords["trust"], "period": list(panel.periods), "covariate": ["x0"]}
    dims = ("chain", "draw", "trust", "period")
    scalars = {"step": 0.1, "s": 0.4, "moving": 0.3, "persistence": 0.85, "unattributed_share": 0.05}
    posterior = {name: (dims[:2], value * rng.uniform(0.9, 1.1, (CHAINS, DRAWS))) for name, value in scalars.items()}
    posterior |= dict.fromkeys(("outcome", "performance", "total"), (dims, outcome))
    posterior |= {"national": (("chain", "draw", "period"), national)}
    posterior |= {"beta": (("chain", "draw", "covariate"), rng.normal(0, 0.1, (CHAINS, DRAWS, 1)))}
    never = np.zeros((2, CHAINS, DRAWS), bool)
    statistics = {"diverging": (dims[:2], never[0]), "reached_max_treedepth": (dims[:2], never[1]),
                  "energy": (dims[:2], rng.normal(size=(CHAINS, DRAWS)))}  # fmt: skip
    tree = xr.DataTree.from_dict(
        {"posterior": xr.Dataset(posterior, coords=coords), "sample_stats": xr.Dataset(statistics)}
    )
    tree.attrs = {"model": "trajectory_proportion", "priors": json.dumps(PRIORS)}
    return tree


def levels(months=MONTHS, slope=0.0):
    """Paths of eight trusts from low to high, each moving by a slope of its own, from -slope to slope a period."""
    slopes = np.linspace(-slope, slope, TRUSTS)
    return np.linspace(-0.5, 0.5, TRUSTS)[:, None] + slopes[:, None] * np.arange(months)


def drawn_of(panel, fit, *, window=3, change=3):
    panels = span_panels(panel, spans_of(panel, window=window, change=change))
    return panels, quantities(fit, panels)


def trajectory_of(panel, fit, *, window=3, change=3, one_month=None):
    panels, drawn = drawn_of(panel, fit, window=window, change=change)
    findings = diagnose_trajectory(fit, drawn, panels, QUESTION)
    rng = np.random.default_rng(SEED)
    return score_trajectory(fit, drawn, panels, findings, Following(QUESTION, window, change, 3, rng, one_month))
