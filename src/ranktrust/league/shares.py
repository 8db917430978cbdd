"""What a trajectory says of a cross-section: which share of a window's variance between trusts is not theirs to keep.

With s, b = 1 - unattributed_share, moving and persistence of the statement, the mean of a trust's distance from the
national path over w periods has three independent parts, whose variances are

    lasting  s^2 b (1 - moving)
    moving   s^2 b moving * mean over the w x w pairs of persistence^|time_t - time_u|
    noise    s^2 (1 - b) / w

A cross-section of the summed window sees only their sum. `this_period` leaves the noise unattributed, `long_run` the
moving part as well (docs/statistics.md, decision 2).
"""

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from ranktrust.panel import Share
from ranktrust.vocabulary import CHAIN, DRAW, Scenario

PROB: Final = 0.95
AGREE, DISAGREE, UNDECLARED = "overlap", "disagree", "not declared"
SHARE_COLUMNS: Final = (
    "scenario", "implied", "implied_lower", "implied_upper", "declared", "declared_lower", "declared_upper",
    "guess", "source", "verdict",
)  # fmt: skip


def window_variances(posterior: Mapping[str, Any], times: ArrayLike) -> xr.Dataset:
    """Variances `lasting`, `moving` and `noise` of the mean over periods at `times`, in each draw.

    `posterior` has s, unattributed_share, moving and persistence as arrays of one shape; times are in the units of
    the panel's `period_time`.
    """
    at = np.asarray(times, dtype=np.float64)
    lags, counts = np.unique(np.abs(at[:, None] - at[None, :]), return_counts=True)
    s, share = posterior["s"], posterior["unattributed_share"]
    moving, persistence = posterior["moving"], posterior["persistence"]
    kept = sum(count * persistence**lag for lag, count in zip(lags, counts, strict=True)) / len(at) ** 2
    return xr.Dataset(
        {
            "lasting": s**2 * (1 - share) * (1 - moving),
            "moving": s**2 * (1 - share) * moving * kept,
            "noise": s**2 * share / len(at),
        }
    )


def implied_shares(posterior: Mapping[str, Any], times: ArrayLike) -> dict[Scenario, xr.DataArray]:
    """The share of the window's variance that is not theirs to keep, in each draw, by scenario."""
    parts = window_variances(posterior, times)
    whole = parts["lasting"] + parts["moving"] + parts["noise"]
    return {"this_period": parts["noise"] / whole, "long_run": (parts["noise"] + parts["moving"]) / whole}


def shares_table(implied: Mapping[Scenario, xr.DataArray], declared: Mapping[Scenario, Share]) -> pd.DataFrame:
    """Implied beside declared shares with 95 % intervals, SHARE_COLUMNS; they `disagree` where intervals are apart."""
    rows = [_row(scenario, draws, declared.get(scenario)) for scenario, draws in implied.items()]
    return pd.DataFrame(rows, columns=list(SHARE_COLUMNS))


def _row(scenario: Scenario, draws: xr.DataArray, share: Share | None) -> dict[str, Any]:
    lower, upper = _interval(draws.to_numpy())
    row = {"scenario": scenario, "implied": float(draws.mean()), "implied_lower": lower, "implied_upper": upper}
    if share is None:
        nothing = dict.fromkeys(("declared", "declared_lower", "declared_upper"), np.nan)
        return {**row, **nothing, "guess": False, "source": "", "verdict": UNDECLARED}
    ends = share.upper * stats.beta(share.alpha, share.beta).ppf([(1 - PROB) / 2, (1 + PROB) / 2])
    apart = lower > ends[1] or upper < ends[0]
    said = {"declared": share.mean, "declared_lower": float(ends[0]), "declared_upper": float(ends[1])}
    verdict = DISAGREE if apart else AGREE
    return {**row, **said, "guess": share.guess, "source": share.source, "verdict": verdict}


def _interval(draws: NDArray[np.float64]) -> tuple[float, float]:
    lower, upper = np.quantile(draws, [(1 - PROB) / 2, (1 + PROB) / 2])
    return float(lower), float(upper)


def share_of(draws: xr.DataArray, source: str) -> Share:
    """The Beta share with the mean and variance of the draws, for a table that states what it set aside."""
    mean, variance = float(draws.mean((CHAIN, DRAW))), float(draws.var((CHAIN, DRAW)))
    size = mean * (1 - mean) / variance - 1 if variance > 0 else 1e9
    return Share(mean * size, (1 - mean) * size, 1.0, source)
