"""The law of trusts' levels given what they share: total_i ~ Normal(m_i, s) or StudentT(nu, m_i, s), draw by draw.

It is read from the posterior by the names of the models that ship (mu, beta, omega, omega_icb, the effects of groups, s
and nu) and believed only where it gives back the density that the statement itself gave its levels.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import xarray as xr
from numpy.typing import NDArray
from scipy import stats

from ranktrust.panel import Panel
from ranktrust.vocabulary import CHAIN, DRAW, TRUST

type Floats = NDArray[np.float64]

DRAWS: Final = 4000
"""Draws that the checks use, spread evenly over all chains."""
_KNOWN: Final = {"mu", "beta", "s", "omega", "omega_icb", "region_effect", "icb_effect", "nu", "nu_above_2"}
_OTHERS: Final = {"total", "z", "t", "share_of_upper"}
"""Parameters that do not bear on the law of total given the rest."""


@dataclass(frozen=True, eq=False)
class Law:
    """Centre (draw by trust), scale and degrees of freedom (draw by 1; None under the normal law)."""

    centre: Floats
    scale: Floats
    nu: Floats | None

    def log_density(self, level: Floats) -> Floats:
        """Log density of levels, draw by trust."""
        z = (level - self.centre) / self.scale
        if self.nu is None:
            return np.asarray(-0.5 * z**2 - np.log(self.scale) - 0.5 * np.log(2 * np.pi))
        return np.asarray(stats.t.logpdf(z, self.nu)) - np.log(self.scale)

    def below(self, limit: Floats) -> Floats:
        """P(level < limit), draw by trust."""
        z = (limit - self.centre) / self.scale
        return np.asarray(stats.norm.cdf(z) if self.nu is None else stats.t.cdf(z, self.nu))

    def redraw(self, rng: np.random.Generator) -> Floats:
        """Levels of new trusts in the place of these."""
        if self.nu is None:
            return rng.normal(self.centre, self.scale)
        return self.centre + self.scale * rng.standard_t(np.broadcast_to(self.nu, self.centre.shape))


def law_of(posterior: xr.Dataset, panel: Panel) -> Law | None:
    """The law under some of the draws of a posterior, DRAWS at most; None where its names do not make one."""
    if not {"mu", "s", "total"} <= set(posterior) or posterior["mu"].ndim != 2 or posterior["s"].ndim != 2:
        return None
    rows = some_draws(posterior[[name for name in sorted(_KNOWN & set(posterior)) if posterior[name].size]])
    centre = rows["mu"].to_numpy()[:, None] + np.zeros(len(panel.trusts))
    if "beta" in rows:
        centre = centre + rows["beta"].transpose(DRAW, ...).to_numpy() @ panel["context"].T
    for scale, group in (("omega", "region"), ("omega_icb", "icb")):
        if scale in rows and f"{group}_effect" in rows:
            effect = rows[f"{group}_effect"].transpose(DRAW, ...).to_numpy()[:, panel[f"{group}_idx"]]
            centre = centre + rows[scale].to_numpy()[:, None] * effect
    nu = rows["nu"].to_numpy()[:, None] if "nu" in rows else None
    return Law(centre, rows["s"].to_numpy()[:, None], nu)


def some_draws(posterior: xr.Dataset) -> xr.Dataset:
    """Draws of all chains as one, every k-th, so that at most DRAWS are left."""
    rows = posterior.stack({"sample": (CHAIN, DRAW)}).reset_index("sample", drop=True)
    step = -(-rows.sizes["sample"] // DRAWS)
    return rows.isel(sample=slice(None, None, step)).drop_vars([CHAIN, DRAW], errors="ignore").rename(sample=DRAW)


def gives_back(fit: xr.DataTree, law: Law) -> bool:
    """Whether the law is the statement's: the same log density of `total` in every draw, up to rounding.

    The group log_prior holds what the statement gave; a parameter there that is not known bears on an unknown law.
    """
    if "log_prior" not in fit.children or "total" not in fit["log_prior"]:
        return False
    prior = fit["log_prior"].to_dataset()
    if not names_known(fit):
        return False
    given = some_draws(prior[["total"]])["total"].transpose(DRAW, TRUST).to_numpy()
    levels = some_draws(fit["posterior"].to_dataset()[["total"]])["total"].transpose(DRAW, TRUST).to_numpy()
    return given.shape == levels.shape and bool(np.allclose(law.log_density(levels), given, rtol=1e-6, atol=1e-6))


def names_known(fit: xr.DataTree) -> bool:
    """Whether every parameter that log_prior names is one of a law that is known here."""
    names = {str(name) for name in fit["log_prior"].data_vars} if "log_prior" in fit.children else {""}
    return names <= _KNOWN | _OTHERS
