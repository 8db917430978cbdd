"""What the figures themselves say of reliability: two parts of them correlated across trusts, beside the model's claim.

A trust's figure on the link scale is outcome + noise + sampling error. Two parts that share only the outcome correlate
by reliability = var(outcome) / var(figure). Odd against even periods share all that is slower than one period; two
windows that follow each other share only what lasts. Half a window is noisier than the whole: Spearman and Brown (1910)
give the reliability of the whole as 2 r / (1 + r).

What the statement claims for the same figures is (B - c) / (B + v): B the variance between trusts of `total` in a draw,
c = share s^2 what the scenario leaves unattributed, v the mean sampling variance of the trusts. A share set too low
claims more than the figures show. Trusts weigh 1 / (B + sampling variance of a part) in the correlation and in v, so
that a few small denominators, whose log odds are nearly all chance, do not rule either.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from ranktrust.panel import Panel, latest
from ranktrust.ranks import rankability
from ranktrust.vocabulary import KIND_COLUMNS, TRUST, Kind, Scenario

Method = Literal["odd_even", "adjacent"]
type Floats = NDArray[np.float64]

RESAMPLES: Final = 2000
FEWEST: Final = 10
"""Trusts below which no correlation across trusts is given."""
SCENARIO_OF: Final[Mapping[Method, Scenario]] = {"odd_even": "this_period", "adjacent": "long_run"}
"""Which scenario's share claims what the correlation measures."""
COLUMNS: Final = (
    "method", "scenario", "periods", "trusts", "correlation", "reliability", "lower", "upper",
    "claimed", "claimed_lower", "claimed_upper", "verdict",
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Parts:
    """Two parts of the figures on the link scale, by trust, with their mean sampling variance.

    `variance` is the sampling variance of the figures that the claim is about; `periods` are in each part; `halves` is
    true where the parts are halves of the window that the claim is about.
    """

    first: Floats
    second: Floats
    of_part: Floats
    variance: Floats
    periods: int
    halves: bool


def on_link_scale(figures: pd.DataFrame, kind: Kind) -> tuple[Floats, Floats]:
    """Values and sampling variances of summed figures: log odds, log ratio, or the estimate itself.

    Counts have one half added, so that none is infinite: log(y + 1/2) - log(n - y + 1/2) with variance
    1 / (y + 1/2) + 1 / (n - y + 1/2), and log((o + 1/2) / e) with variance 1 / (o + 1/2).
    """
    one, two = (figures[name].to_numpy(dtype=np.float64) for name in KIND_COLUMNS[kind])
    if kind == "estimate":
        return one, two**2
    if kind == "ratio":
        return np.log((one + 0.5) / two), 1 / (one + 0.5)
    return np.log(one + 0.5) - np.log(two - one + 0.5), 1 / (one + 0.5) + 1 / (two - one + 0.5)


def odd_even(panel: Panel, months: int) -> Parts | None:
    """Odd against even periods of the window; None where there are fewer than two periods, or figures do not add."""
    window = latest(panel.periods, months)
    if panel.only.kind == "estimate" or len(window) < 2:
        return None
    return _parts(panel, (window[0::2], window[1::2]), window, halves=True)


def adjacent(panel: Panel, months: int) -> Parts | None:
    """The window against as many periods before it; where these are not there, its second half against its first.

    None where there are fewer than two periods.
    """
    window, every = latest(panel.periods, months), panel.periods
    if panel.only.kind == "estimate":
        window = window[-1:]
    before = every[: len(every) - len(window)][-len(window) :]
    if len(before) == len(window):
        return _parts(panel, (before, window), window, halves=False)
    half = len(window) // 2
    if not half:
        return None
    latter = window[-half:]
    return _parts(panel, (window[-2 * half : -half], latter), latter, halves=False)


def _parts(
    panel: Panel, periods: tuple[tuple[str, ...], tuple[str, ...]], whole: tuple[str, ...], *, halves: bool
) -> Parts | None:
    """The parts of the trusts that have all periods of both, and of the whole; None with too few of them."""
    columns = list(KIND_COLUMNS[panel.only.kind])
    rows = panel.observations
    asked = {*periods[0], *periods[1], *whole}
    counted = rows[rows["period"].isin(asked)].groupby(TRUST)["period"].nunique()
    trusts = counted.index[counted == len(asked)]
    if len(trusts) < FEWEST:
        return None
    kept = rows[rows[TRUST].isin(trusts)]
    sums = [kept[kept["period"].isin(part)].groupby(TRUST)[columns].sum() for part in (*periods, whole)]
    (first, one), (second, two), (_, variance) = (on_link_scale(part, panel.only.kind) for part in sums)
    return Parts(first, second, (one + two) / 2, variance, len(periods[0]), halves)


def correlation_of(parts: Parts, weight: Floats, *, seed: int = 0) -> dict[str, float]:
    """Weighted correlation, reliability and its 95 % interval: percentiles of RESAMPLES bootstrap samples of trusts."""
    size = len(parts.first)
    picks = np.random.default_rng(seed).integers(size, size=(RESAMPLES, size))
    found = _correlations(parts.first[None], parts.second[None], weight[None])
    resampled = _correlations(parts.first[picks], parts.second[picks], weight[picks])
    lower, upper = np.quantile(_whole(resampled, halves=parts.halves), [0.025, 0.975])
    reliability = _whole(found, halves=parts.halves)
    numbers = {"correlation": found[0], "reliability": reliability[0], "lower": lower, "upper": upper}
    return {name: float(number) for name, number in numbers.items()}


def _correlations(first: Floats, second: Floats, weight: Floats) -> Floats:
    """Pearson's correlation along the last axis; nothing varies in a resample of one trust, which counts as 0."""
    share = weight / weight.sum(axis=-1, keepdims=True)
    one, two = (values - (share * values).sum(axis=-1, keepdims=True) for values in (first, second))
    scale = np.sqrt((share * one**2).sum(axis=-1) * (share * two**2).sum(axis=-1))
    return np.divide((share * one * two).sum(axis=-1), scale, out=np.zeros_like(scale), where=scale > 0)


def _whole(correlation: Floats, *, halves: bool) -> Floats:
    return 2 * correlation / (1 + correlation) if halves else correlation


def claimed(posterior: xr.Dataset, variance: float, share: float) -> tuple[float, float, float] | None:
    """The reliability that the statement claims for figures of this sampling variance: mean and 95 % bounds.

    (B - share s^2) / (B + variance) by draw. None where the statement has no s.
    """
    if "s" not in posterior:
        return None
    between = posterior["total"].var(TRUST)
    claim = ((between - share * posterior["s"] ** 2).clip(min=0) / (between + variance)).to_numpy()
    lower, upper = np.quantile(claim, [0.025, 0.975])
    return float(claim.mean()), float(lower), float(upper)


def verdict_of(found: Mapping[str, float], claim: tuple[float, float, float] | None) -> str:
    """Whether the figures bear the claim: `too_low` a share where it exceeds the interval, `too_high` below it.

    `agrees` in between, and `not_claimed` where the statement claims nothing.
    """
    if claim is None:
        return "not_claimed"
    if claim[0] > found["upper"]:
        return "too_low"
    return "too_high" if claim[0] < found["lower"] else "agrees"


def reliability_table(by_period: Panel, months: int, panel: Panel, posterior: xr.Dataset) -> pd.DataFrame:
    """One row for each way of splitting the figures that they allow, and one of the model's own rankability.

    Columns are COLUMNS. `by_period` holds the figures before they are summed to `panel`; `posterior` the draws of its
    fit. The row `rankability` has no correlation: it is claimed alone.
    """
    ways: dict[Method, Parts | None] = {
        "odd_even": odd_even(by_period, months),
        "adjacent": adjacent(by_period, months),
    }
    rows = [_row(method, parts, panel, posterior) for method, parts in ways.items() if parts is not None]
    rankable = model_rankability(posterior, panel)
    if rankable is not None:
        rows.append({"method": "rankability", "trusts": len(panel.trusts), **_claim(rankable), "verdict": ""})
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _row(method: Method, parts: Parts, panel: Panel, posterior: xr.Dataset) -> dict[str, object]:
    scenario, shares = SCENARIO_OF[method], panel.only.shares
    weight = 1 / (float(posterior["total"].var(TRUST).mean()) + parts.of_part)
    found = correlation_of(parts, weight)
    variance = float(np.average(parts.variance, weights=weight))
    known = scenario in shares and "unattributed_share" in posterior
    claim = claimed(posterior, variance, shares[scenario].mean) if known else None
    size = {"method": method, "scenario": scenario, "periods": parts.periods, "trusts": len(parts.first)}
    return {**size, **found, **_claim(claim), "verdict": verdict_of(found, claim)}


def _claim(claim: tuple[float, float, float] | None) -> dict[str, float]:
    return dict(zip(("claimed", "claimed_lower", "claimed_upper"), claim or (np.nan, np.nan, np.nan), strict=True))


def model_rankability(posterior: xr.Dataset, panel: Panel) -> tuple[float, float, float] | None:
    """Rankability of the period's figures by the model: mean and 95 % bounds; None where the statement has no s.

    tau^2 / (tau^2 + median s_i^2) with tau^2 the variance between trusts of `total` less what is unattributed, and
    s_i^2 sampling variance and unattributed variance together (`ranks.rankability`).
    """
    if "s" not in posterior or "unattributed_share" not in posterior:
        return None
    lost = posterior["unattributed_share"] * posterior["s"] ** 2
    tau = np.sqrt((posterior["total"].var(TRUST) - lost).clip(min=0).to_numpy().ravel())
    _, variance = on_link_scale(panel.observations, panel.only.kind)
    values = rankability(tau, np.sqrt(variance + float(lost.mean())))
    lower, upper = np.quantile(values, [0.025, 0.975])
    return float(values.mean()), float(lower), float(upper)
