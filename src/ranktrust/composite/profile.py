"""What several indicators fitted together say: what goes with what, what was missing, what a factor carries."""

from collections.abc import Mapping
from itertools import combinations

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from ranktrust.composite.absent import has_figure, is_silent, may_impute
from ranktrust.panel import Indicator, to_natural
from ranktrust.ranks.monte_carlo import ess, ess_bulk_tail, probability_mcse, series_mcse
from ranktrust.vocabulary import CHAIN, DRAW, INDICATOR, TRUST

OTHER = f"other_{INDICATOR}"
CLEAR = 0.975
"""The probability from which a direction is stated, as with standards (docs/statistics.md, decision 11)."""


def sign_of(indicator: Indicator) -> float:
    """1 where the highest value is the good one, -1 where the lowest is."""
    return 1.0 if indicator.best == "highest" else -1.0


def correlation_rows(
    correlation: xr.DataArray, indicators: Mapping[str, Indicator], absent: xr.DataArray, *, prob: float
) -> pd.DataFrame:
    """One row a pair: correlation of outcomes across trusts, turned so that positive is better with better.

    `correlation` is (chain, draw, indicator, other_indicator), each in its indicator's own direction. Columns: other,
    mean with `mcse`, `lower` and `upper` of the equal-tailed interval, `p_positive` with its error and ESS, the number
    of trusts with `both` figures, and `prior_only` where there is none: then nothing but the prior speaks.
    """
    there, rows = has_figure(absent), []
    for one, other in combinations(map(str, correlation[INDICATOR].to_numpy()), 2):
        draws = correlation.sel({INDICATOR: one, OTHER: other}).transpose(CHAIN, DRAW).to_numpy()
        turned = draws * sign_of(indicators[one]) * sign_of(indicators[other])
        both = int((there.sel({INDICATOR: one}, drop=True) & there.sel({INDICATOR: other}, drop=True)).sum())
        pair: dict[str, object] = {INDICATOR: one, "other": other}
        rows.append(pair | _summary(turned, "correlation", prob) | {"both": both, "prior_only": both == 0})
    return pd.DataFrame(rows).set_index(INDICATOR)


def _summary(draws: NDArray[np.float64], name: str, prob: float) -> dict[str, object]:
    """Mean, interval and P(> 0) of one (chain, draw) series, with their Monte Carlo errors."""
    positive = (draws > 0).astype(float)[None]
    own = ess_bulk_tail(draws[None], instead=np.array([np.nan]))
    size = ess(positive, "bulk", instead=own)
    p = positive.mean(axis=(1, 2))
    lower, upper = np.quantile(draws, [(1 - prob) / 2, (1 + prob) / 2])
    return {
        name: float(draws.mean()),
        "mcse": series_mcse(draws),
        "lower": float(lower),
        "upper": float(upper),
        "p_positive": float(p[0]),
        "p_positive_mcse": float(probability_mcse(p, size)[0]),
        "p_positive_ess": float(size[0]),
    }


def clear_pairs(rows: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The pairs of `correlation_rows` that are positive, and those that are negative, with a probability over 0.975.

    By more than two Monte Carlo errors, so that chance in the computation makes no pair clear; the strongest first.
    """
    known = rows[~rows["prior_only"]].reset_index().sort_values("correlation", ascending=False, kind="stable")
    low, high = (known["p_positive"] + turn * 2 * known["p_positive_mcse"] for turn in (-1, 1))
    return known[low > CLEAR], known[high < 1 - CLEAR][::-1]


def loading_rows(loading: xr.DataArray, indicators: Mapping[str, Indicator], *, prob: float) -> pd.DataFrame:
    """One row an indicator: its loading on the factor, turned so that more of the factor is better on the first."""
    names = [str(name) for name in loading[INDICATOR].to_numpy()]
    first = sign_of(indicators[names[0]])
    rows = []
    for name in names:
        draws = loading.sel({INDICATOR: name}).transpose(CHAIN, DRAW).to_numpy()
        turned = draws * first * sign_of(indicators[name])
        label: dict[str, object] = {INDICATOR: name, "title": indicators[name].title}
        rows.append(label | _summary(turned, "loading", prob))
    return pd.DataFrame(rows).set_index(INDICATOR)


def missing_rows(
    draws: xr.DataArray, indicators: Mapping[str, Indicator], absent: xr.DataArray, *, prob: float
) -> pd.DataFrame:
    """One row a trust and indicator without a figure: reason, imputed level with its interval, whether it is flagged.

    `draws` are of one level on the link scale, (chain, draw, trust, indicator); levels are on the natural scale, mean
    and equal-tailed interval. What is not applicable is never imputed: its level is NaN. Flagged are figures that
    should be there.
    """
    imputed, silent, rows = may_impute(absent), is_silent(absent), []
    for place, name in np.argwhere(~has_figure(absent).to_numpy()):
        cell = {TRUST: int(place), INDICATOR: int(name)}
        at = absent.isel(cell)
        indicator = indicators[str(at[INDICATOR].item())]
        series = draws.sel({TRUST: at[TRUST].item(), INDICATOR: indicator.name}).to_numpy()
        level = _level(to_natural(indicator.kind, series), prob) if imputed.isel(cell) else (np.nan,) * 3
        values = dict(zip(("level", "lower", "upper"), level, strict=True))
        label = {TRUST: str(at[TRUST].item()), INDICATOR: indicator.name, "reason": str(at.item())}
        rows.append(label | values | {"flagged": bool(silent.isel(cell))})
    columns = [TRUST, INDICATOR, "reason", "level", "lower", "upper", "flagged"]
    return pd.DataFrame(rows, columns=columns).set_index(TRUST)


def _level(natural: NDArray[np.float64], prob: float) -> tuple[float, float, float]:
    lower, upper = np.quantile(natural, [(1 - prob) / 2, (1 + prob) / 2])
    return float(natural.mean()), float(lower), float(upper)
