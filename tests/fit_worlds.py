"""Fits whose shared parameters are known: figures of trusts by the statement, or by one that differs in one thing."""

import numpy as np
import xarray as xr
from panels import make_panel
from scipy import stats

from ranktrust.vocabulary import KIND_COLUMNS

CHAINS, DRAWS = 4, 250
MU = {"ratio": 0.0, "proportion": 0.5, "estimate": 6.0}
S = {"ratio": 0.15, "proportion": 0.4, "estimate": 0.2}


def figures(kind, trusts, rng, *, spread=None, level=None, nu=None):
    """Sizes, levels and figures of trusts; `spread` and `level` may depend on the sizes."""
    size = np.exp(rng.uniform(np.log(200), np.log(5000), trusts)).round()
    spread = S[kind] if spread is None else spread(size)
    centre = MU[kind] + (0 if level is None else level(size))
    effect = rng.normal(size=trusts) if nu is None else rng.standard_t(nu, trusts)
    total = centre + spread * effect
    if kind == "ratio":
        return total, rng.poisson(size * np.exp(total)), size
    if kind == "proportion":
        return total, rng.binomial(size.astype(int), 1 / (1 + np.exp(-total))), size
    return total, rng.normal(total, size**-0.5), size**-0.5


def world(kind, *, trusts=80, seed=1, change=None, scale=1.0, **options):
    """A panel by the law (see `figures`) and a fit whose draws of mu and s are the truth with a little noise.

    `change` edits the first column of the figures; `scale` multiplies what the fit says of s.
    """
    rng = np.random.default_rng(seed)
    total, one, two = figures(kind, trusts, rng, **options)
    one = one.astype(float)
    if change is not None:
        change(one, two)
    panel = make_panel(kind, trusts=trusts)
    columns = dict(zip(KIND_COLUMNS[kind], (one, two), strict=True))
    panel = panel.derive(observations=panel.observations.assign(**columns))
    return fit_of(panel, total, MU[kind], scale * S[kind], rng), panel


def fit_of(panel, total, mu, s, rng, *, nu=None):
    """Draws of mu and s about these values, of total about the truth, and the log prior of total given them."""
    dims, shape = ("chain", "draw"), (CHAINS, DRAWS)
    mu = mu + 0.01 * s * rng.normal(size=shape)
    s = s * np.exp(0.01 * rng.normal(size=shape))
    levels = total + 0.01 * rng.normal(size=(*shape, len(total)))
    law = stats.norm(mu[..., None], s[..., None]) if nu is None else stats.t(nu, mu[..., None], s[..., None])
    by_trust = dict.fromkeys(("total", "outcome", "performance"), ((*dims, "trust"), levels))
    posterior = {"mu": (dims, mu), "s": (dims, s)} | by_trust
    if nu is not None:
        posterior["nu"] = (dims, np.full(shape, float(nu)))
    names = list(panel.trusts.index)
    prior = {"mu": (dims, mu), "s": (dims, s), "total": ((*dims, "trust"), law.logpdf(levels))}
    groups = {"posterior": posterior, "log_prior": prior}
    return xr.DataTree.from_dict({name: xr.Dataset(part, {"trust": names}) for name, part in groups.items()})
