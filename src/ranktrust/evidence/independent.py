"""The same figures by methods that share nothing with the model: no pooling, empirical Bayes, funnels, rank sets.

On the link scale, with value y_i and sampling variance v_i (`agreement.on_link_scale`):

    no pooling        y_i, interval y_i -/+ z sqrt(v_i)
    empirical Bayes   m + (1 - B_i) (y_i - m), variance (1 - B_i) v_i, with B_i = v_i / (v_i + tau^2)
    funnel            limits about the target with a spread estimated without a tenth at each end (ranks.funnel)
    rank sets         simultaneous sets from y and v (ranks.frequentist)

m is the mean weighted by 1 / (v_i + tau^2) and tau^2 solves sum (y_i - m)^2 / (v_i + tau^2) = n - 1 (Paule and Mandel
1982). The model's own verdict beside the funnel's is whether the figure lies outside 95 % of what the other trusts
predict (`held_out`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.stats import norm

from ranktrust.evidence.agreement import on_link_scale
from ranktrust.panel import Panel, to_natural
from ranktrust.ranks import funnel_bands, rank_sets
from ranktrust.vocabulary import CHAIN, DRAW, KIND_COLUMNS, TRUST

if TYPE_CHECKING:
    from ranktrust.ranks.funnel import Form

type Floats = NDArray[np.float64]

PROB: Final = 0.95
COLUMNS: Final = (
    "alone", "alone_lower", "alone_upper", "empirical_bayes", "empirical_bayes_lower", "empirical_bayes_upper",
    "pooled", "pooled_lower", "pooled_upper", "funnel_band", "model_band", "official_band",
    "frequentist_lower", "frequentist_upper", "posterior_lower", "posterior_upper",
)  # fmt: skip
"""Estimates and intervals on the natural scale, bands by figure, simultaneous rank sets; empty what does not apply."""
TEXT: Final = ("funnel_band", "model_band", "official_band")
BANDS: Final = ("higher", "as expected", "lower")


@dataclass(frozen=True, eq=False)
class Independent:
    """`table` by trust with COLUMNS; `facts`: spreads of each method and what the model sets aside, on the link scale.

    `tau` is that of empirical Bayes; `funnel_tau` is on the scale of the funnel's transform, None without a funnel;
    `spread` the posterior mean of s, None of a statement without it; `share` the mean share that is set aside.
    """

    table: pd.DataFrame
    facts: Mapping[str, Any]


def independent(
    panel: Panel,
    posterior: xr.Dataset,
    league: pd.DataFrame,
    *,
    held_out: pd.DataFrame,
    official: pd.Series | None = None,
) -> Independent:
    """The comparison for one indicator of one period.

    `posterior` gives `total`, the level in the period's figures that the other methods estimate too; `league` has
    set_lower and set_upper where trusts are ranked; `held_out` p_below, empty where it is not known; `official` the
    published bands by trust.
    """
    figures = panel.observations.set_index(TRUST)
    value, variance = (pd.Series(part, figures.index) for part in on_link_scale(figures, panel.only.kind))
    bayes, eb_variance, tau = empirical_bayes(value, variance)
    columns = {
        **_interval(panel, "alone", value, variance**0.5),
        **_interval(panel, "empirical_bayes", bayes, eb_variance**0.5),
        **_posterior(panel, posterior),
        "model_band": _model_band(held_out),
    }
    facts: dict[str, Any] = {"tau": tau, "funnel_tau": None, "spread": None, "share": None}
    if panel.only.kind != "estimate":
        first, second = (figures[name] for name in KIND_COLUMNS[panel.only.kind])
        columns["funnel_band"], facts["funnel_tau"] = _funnel(first, second, panel.only.kind)
    if official is not None:
        columns["official_band"] = official
    if league["set_lower"].notna().all():
        columns |= _sets(panel, value, variance) | {f"posterior_{end}": league[f"set_{end}"] for end in _ENDS}
    if "s" in posterior:
        facts["spread"] = float(posterior["s"].mean())
    if "unattributed_share" in posterior:
        facts["share"] = float(posterior["unattributed_share"].mean())
    table = pd.DataFrame(columns, index=figures.index).reindex(columns=list(COLUMNS))
    texts = {name: table[name].astype(object).where(table[name].notna(), "") for name in TEXT}
    return Independent(table.assign(**texts), facts)


_ENDS: Final = ("lower", "upper")


def empirical_bayes(value: pd.Series, variance: pd.Series) -> tuple[pd.Series, pd.Series, float]:
    """Estimates drawn towards their mean, their variances, and tau."""

    def excess(tau_squared: float) -> float:
        weight = 1 / (variance + tau_squared)
        return float((weight * (value - (weight * value).sum() / weight.sum()) ** 2).sum() - (len(value) - 1))

    high = 10 * float(value.var()) + 1e-12
    tau_squared = float(brentq(excess, 0, high)) if excess(0.0) > 0 else 0.0
    weight = 1 / (variance + tau_squared)
    mean, keep = (weight * value).sum() / weight.sum(), tau_squared * weight
    return mean + keep * (value - mean), keep * variance, tau_squared**0.5


def _interval(panel: Panel, name: str, centre: pd.Series, error: pd.Series) -> dict[str, pd.Series]:
    half, kind = float(norm.ppf((1 + PROB) / 2)) * error, panel.only.kind
    ends = {name: centre, f"{name}_lower": centre - half, f"{name}_upper": centre + half}
    return {key: pd.Series(to_natural(kind, part.to_numpy()), part.index) for key, part in ends.items()}


def _posterior(panel: Panel, posterior: xr.Dataset) -> dict[str, pd.Series]:
    natural = xr.apply_ufunc(lambda values: to_natural(panel.only.kind, values), posterior["total"])
    tails = natural.quantile([(1 - PROB) / 2, (1 + PROB) / 2], dim=(CHAIN, DRAW))
    ends = {f"pooled_{end}": tails.isel(quantile=place, drop=True).to_series() for place, end in enumerate(_ENDS)}
    return {"pooled": natural.mean((CHAIN, DRAW)).to_series(), **ends}


def _model_band(held_out: pd.DataFrame) -> pd.Series:
    """Where each figure lies among what the others predict of it; empty where that is not known."""
    tail = (1 - PROB) / 2
    p_below = held_out["p_below"].astype(float)
    bands = np.select([p_below > 1 - tail, p_below < tail], [BANDS[0], BANDS[2]], BANDS[1])
    return pd.Series(bands, held_out.index, dtype=object)


def _funnel(first: pd.Series, second: pd.Series, kind: str) -> tuple[pd.Series, float]:
    form: Form = "arcsine" if kind == "proportion" else "square_root" if (first == 0).any() else "log"
    funnel = funnel_bands(first, second, form=form)
    return funnel.table["band"], funnel.tau_squared**0.5


def _sets(panel: Panel, value: pd.Series, variance: pd.Series) -> dict[str, pd.Series]:
    sets = rank_sets(value, best=panel.only.best, standard_error=variance**0.5, prob=PROB)
    return {f"frequentist_{end}": sets.table[f"rank_{end}"].to_series() for end in _ENDS}
