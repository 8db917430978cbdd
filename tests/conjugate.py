"""A calibration whose posterior is known in closed form: normal trusts around an unknown mean, both spreads known.

mu ~ Normal(6, 0.5), total_i ~ Normal(mu, 0.25), estimate_i ~ Normal(total_i, standard_error_i), and
outcome_i = mu + b (total_i - mu) + 0.25 sqrt(b (1 - b)) z_i with b = 1 - share. `refit` can be told to be wrong.
"""

import os
from functools import partial

import numpy as np
import xarray as xr
from panels import make_panel

from ranktrust.evidence import Claims, Design, simulate_one, some_pairs

MEAN, SPREAD, TAU = 6.0, 0.5, 0.25
CHAINS, DRAWS = 4, 250
TRUSTS = 8


def panel():
    return make_panel("estimate", trusts=TRUSTS)


def truths_of(panel, *, count, share=0.0, seed=1):
    """Truths and figures by draw, as `ranktrust.fit.simulate` gives them."""
    rng = np.random.default_rng(seed)
    names = list(panel.trusts.index)
    mu = rng.normal(MEAN, SPREAD, count)
    total = rng.normal(mu[:, None], TAU, (count, TRUSTS))
    outcome = outcomes(mu, total, share, rng)
    figures = rng.normal(total, panel["standard_error"])
    by_trust = {"total": total, "outcome": outcome, "performance": outcome}
    truth = xr.Dataset(
        {"mu": ("draw", mu)} | {name: (("draw", "trust"), values) for name, values in by_trust.items()},
        coords={"trust": names},
    )
    truth.attrs["free"] = ["mu", "total"]
    return truth, xr.Dataset({"y": (("draw", "observation"), figures)})


def outcomes(mu, total, share, rng):
    b = 1 - share
    return mu[..., None] + b * (total - mu[..., None]) + TAU * np.sqrt(b * (1 - b)) * rng.normal(size=total.shape)


def refit(panel, seed, attempt, *, narrow=1.0, shift=0.0, share=0.0, ignore=False):
    """Independent draws from the exact posterior, or from one that is too narrow, shifted, or blind to the data."""
    rng = np.random.default_rng(seed)
    shape = (CHAINS, DRAWS)
    if ignore:
        mu = rng.normal(MEAN, SPREAD, shape)
        total = rng.normal(mu[..., None], TAU, (*shape, TRUSTS))
    else:
        mu, total = exact_draws(panel, shape, rng)
    centre = total.mean(axis=(0, 1))
    total = centre + narrow * (total - centre) + shift
    outcome = outcomes(mu, total, share, rng)
    return as_tree(panel, mu, {"total": total, "outcome": outcome, "performance": outcome}, rng)


def exact_draws(panel, shape, rng):
    figures, error = panel["estimate"], panel["standard_error"]
    weight = 1 / (TAU**2 + error**2)
    precision = 1 / SPREAD**2 + weight.sum()
    mu = rng.normal((MEAN / SPREAD**2 + (weight * figures).sum()) / precision, precision**-0.5, shape)
    keep = TAU**2 / (TAU**2 + error**2)
    return mu, rng.normal(mu[..., None] + keep * (figures - mu[..., None]), np.sqrt(keep) * error)


def as_tree(panel, mu, levels, rng, *, diverging=False):
    dims = ("chain", "draw")
    posterior = {"mu": (dims, mu)} | {name: ((*dims, "trust"), values) for name, values in levels.items()}
    statistics = {
        "diverging": (dims, np.full(mu.shape, diverging)),
        "reached_max_treedepth": (dims, np.zeros(mu.shape, dtype=bool)),
        "energy": (dims, rng.normal(size=mu.shape)),
    }
    coords = {"trust": list(panel.trusts.index)}
    return xr.DataTree.from_dict({"posterior": xr.Dataset(posterior, coords), "sample_stats": xr.Dataset(statistics)})


def claims():
    return Claims("outcome", {"made": "highest"}, 2, 2, some_pairs(TRUSTS, 20, np.random.SeedSequence(1)))


def design(*, count=60, truth_share=0.0, fitted=refit, beside=False, **wrong):
    made = panel()
    truth, data = truths_of(made, count=count, share=truth_share)
    return Design(made, truth, data, partial(fitted, **wrong) if wrong else fitted, claims(), entropy=7, beside=beside)


def records(count=60, **options):
    made = design(count=count, **options)
    return [simulate_one(made, index) for index in range(count)]


def one(index):
    """The record of a simulation, in any process."""
    return simulate_one(design(count=8), index)


def one_that_dies(index):
    """The end of the process, as when it is killed, at simulation 1."""
    if index == 1:
        os._exit(9)
    return one(index)
