"""A calibration over periods whose posterior is exact up to a fine grid, and the mistakes that it can be told to make.

mu ~ Normal(6, 0.5), s ~ HalfNormal(0.25), level_i ~ Normal(mu, s), and in each period
estimate_it ~ Normal(level_i, sqrt(standard_error_it^2 + 0.2^2)), 0.2 being the noise of a period.
Given s everything is normal: s is drawn from its posterior on 400 midpoints, then mu, then the levels.
"""

from dataclasses import dataclass
from functools import partial

import conjugate
import numpy as np
import xarray as xr
from panels import make_panel
from scipy.stats import halfnorm

from ranktrust.evidence import Claims, Design, simulate_one, some_pairs

MEAN, SPREAD, SCALE, NOISE = 6.0, 0.5, 0.25, 0.2
CHAINS, DRAWS = 4, 250
PERIODS = 3
GRID = (np.arange(400) + 0.5) / 400 * 6 * SCALE


@dataclass(frozen=True)
class Statement:
    """What the refit believes; the defaults are the truth."""

    squared: bool = False
    noise: float = NOISE
    scale: float = SCALE
    sign: int = 1
    shared: bool = False


def panel(trusts):
    return make_panel("estimate", trusts=trusts, periods=PERIODS)


def truths_of(made, count, seed=2):
    """Truths and figures by draw, as `ranktrust.fit.simulate` gives them; figures in the order of the panel's rows."""
    rng = np.random.default_rng(seed)
    names = list(made.trusts.index)
    mu, s = rng.normal(MEAN, SPREAD, count), SCALE * np.abs(rng.normal(size=count))
    level = rng.normal(mu[:, None], s[:, None], (count, len(names)))
    spread = np.hypot(made["standard_error"], NOISE)
    figures = rng.normal(level[:, made["trust_idx"]], spread)
    levels = dict.fromkeys(("total", "outcome", "performance"), (("draw", "trust"), level))
    truth = xr.Dataset({"mu": ("draw", mu), "s": ("draw", s), **levels}, coords={"trust": names})
    truth.attrs["free"] = ["mu", "s", "total"]
    return truth, xr.Dataset({"y": (("draw", "observation"), figures)})


def by_trust(made, believed):
    """The mean of each trust's figures, weighted by their precision, and its variance."""
    variance = made["standard_error"] ** 2 + believed.noise**2
    weight = 1 / (variance**2 if believed.squared else variance)
    total = np.bincount(made["trust_idx"], weight)
    return np.bincount(made["trust_idx"], weight * made["estimate"]) / total, 1 / total


def refit(made, seed, attempt, *, believed=Statement()):
    rng = np.random.default_rng(seed)
    mean, variance = by_trust(made, believed)
    s = spreads(mean, variance, believed.scale, rng)
    precision, centre = of_mu(mean, variance, s)
    mu = rng.normal(centre, precision**-0.5)
    keep = s[..., None] ** 2 / (s[..., None] ** 2 + variance)
    away = keep * (mean - mu[..., None]) + np.sqrt(keep * variance) * rng.normal(size=keep.shape)
    if believed.shared:
        away = np.broadcast_to(away[..., :1], away.shape)
    level = mu[..., None] + believed.sign * away
    tree = conjugate.as_tree(made, mu, dict.fromkeys(("total", "outcome", "performance"), level), rng)
    posterior = tree["posterior"].to_dataset().assign(s=(("chain", "draw"), s))
    return xr.DataTree.from_dict({"posterior": posterior, "sample_stats": tree["sample_stats"]})


def spreads(mean, variance, scale, rng):
    """Draws of s, mu and the levels integrated out."""
    precision, centre = of_mu(mean, variance, GRID)
    each = GRID[:, None] ** 2 + variance
    fit = (mean**2 / each).sum(axis=1) + (MEAN / SPREAD) ** 2 - precision * centre**2
    log = halfnorm.logpdf(GRID, scale=scale) - 0.5 * (np.log(each).sum(axis=1) + np.log(precision) + fit)
    law = np.exp(log - log.max())
    found = rng.choice(GRID, (CHAINS, DRAWS), p=law / law.sum())
    return found + rng.uniform(-0.5, 0.5, found.shape) * (GRID[1] - GRID[0])


def of_mu(mean, variance, s):
    """Precision and mean of mu given s, for each s."""
    weight = 1 / (np.asarray(s)[..., None] ** 2 + variance)
    precision = 1 / SPREAD**2 + weight.sum(axis=-1)
    return precision, (MEAN / SPREAD**2 + (weight * mean).sum(axis=-1)) / precision


def records(count, believed=Statement(), *, trusts=8, top=1):
    made = panel(trusts)
    truth, data = truths_of(made, count)
    claims = Claims("outcome", {"made": "highest"}, top, 1, some_pairs(trusts, 20, np.random.SeedSequence(1)))
    design = Design(made, truth, data, partial(refit, believed=believed), claims, entropy=11)
    return [simulate_one(design, index) for index in range(count)]
