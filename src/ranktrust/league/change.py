"""Change between two periods, trust by trust: with the national path and against it, its probability, and its rank."""

from typing import Any, Final

import numpy as np
import pandas as pd
import xarray as xr
from scipy import special

from ranktrust.league.quantities import Quantities, natural
from ranktrust.panel import Panel, kind_columns
from ranktrust.ranks import improvement_columns, interval_columns, rank_interval, summarise_ranks
from ranktrust.vocabulary import CHAIN, DRAW, PERIOD, TRUST, Best, Kind

CHANGE_COLUMNS: Final = (
    "trust_name", "region", "before", "now",
    "absolute", "absolute_lower", "absolute_upper", "p_absolute", "p_absolute_mcse", "p_absolute_ess",
    "relative", "relative_lower", "relative_upper", "p_relative", "p_relative_mcse", "p_relative_ess",
    "expected_rank", "expected_rank_mcse", "median_rank", "rank_lower", "rank_upper", "ess_rank",
)  # fmt: skip
"""Columns of the change table: natural units; `p_absolute` and `p_relative` are P(improved) in each sense."""

WIDTH_COLUMNS: Final = ("method", "trusts", "mean_width", "typical_width", "narrower", "wider")
TRAJECTORY, ALONE, ONE_MONTH = "trajectory", "alone", "one_month"
NAIVE_DRAWS: Final = 2500


def change_table(drawn: Quantities, panel: Panel, *, prob: float, ranked: bool) -> pd.DataFrame:
    """One row a trust that reported in both periods, by name; ranks of change are empty unless `ranked`.

    Absolute change is natural(now) - natural(before). Relative change is natural(now) less where the trust would stand
    had it moved with the national path on the link scale. Improved means towards the good end. On the link scale the
    two differ by the same number for every trust of a draw, so their ranks are one.
    """
    kind, best = panel.only.kind, panel.only.best
    carried = drawn.before + drawn.national_change
    before, now = natural(kind, drawn.before), natural(kind, drawn.now)
    columns: dict[str, Any] = {
        **interval_columns("absolute", now - before, prob),
        **improvement_columns("p_absolute", drawn.before, drawn.now, best),
        **interval_columns("relative", now - natural(kind, carried), prob),
        **improvement_columns("p_relative", carried, drawn.now, best),
        "before": before.mean((CHAIN, DRAW)).to_series(),
        "now": now.mean((CHAIN, DRAW)).to_series(),
    }
    if ranked:
        summary = summarise_ranks(drawn.relative, best=best, prob=prob)
        columns |= {name: summary.table[name].to_series() for name in CHANGE_COLUMNS[-6:]}
    trusts = panel.trusts.loc[list(drawn.now[TRUST].to_numpy())]
    columns |= {"trust_name": trusts["name"], "region": trusts["region"]}
    table = pd.DataFrame(columns).reindex(columns=list(CHANGE_COLUMNS)).sort_values("trust_name")
    return table.rename_axis(TRUST)


def improved(before: xr.DataArray, now: xr.DataArray, best: Best) -> xr.DataArray:
    """Whether a trust is nearer the good end than before, in each draw: 0 or 1."""
    better = now > before if best == "highest" else now < before
    return better.astype(float)


def alone(panel: Panel, rng: np.random.Generator, draws: int = NAIVE_DRAWS) -> xr.DataArray:
    """Draws of each trust's posterior from its own figures of one period, nothing else known, (chain, draw, trust).

    A proportion is Beta(y + 1/2, n - y + 1/2), a ratio Gamma(observed + 1/2) / expected (Jeffreys), an estimate
    Normal(estimate, standard_error); on the link scale.
    """
    one, two = (panel[name] for name in kind_columns(panel))
    size = (4, draws, len(one))
    match panel.only.kind:
        case "proportion":
            values = special.logit(rng.beta(one + 0.5, two - one + 0.5, size))
        case "ratio":
            values = np.log(rng.gamma(one + 0.5, size=size) / two)
        case "estimate":
            values = rng.normal(one, two, size)
    order = [panel.coords[TRUST][place] for place in panel["trust_idx"]]
    drawn = xr.DataArray(values, dims=(CHAIN, DRAW, TRUST), coords={TRUST: order})
    return drawn.sel({TRUST: panel.coords[TRUST]})


def counting_error(panel: Panel) -> float:
    """The typical (median) standard error of one period's figure on the link scale, from counting alone."""
    one, two = (panel[name] for name in kind_columns(panel))
    match panel.only.kind:
        case "proportion":
            variance = 1 / (one + 0.5) + 1 / (two - one + 0.5)
        case "ratio":
            variance = 1 / (one + 0.5)
        case "estimate":
            variance = two**2
    return float(np.sqrt(np.median(variance)))


def width_table(methods: dict[str, xr.DataArray], *, best: Best, prob: float) -> pd.DataFrame:
    """Widths in places of each method's rank intervals, WIDTH_COLUMNS; all must be of the same trusts.

    `narrower` and `wider` count the trusts whose interval is narrower or wider than the trajectory's.
    """
    widths = {name: _widths(draws, best, prob) for name, draws in methods.items()}
    own = widths[TRAJECTORY]
    rows = [
        (name, len(width), width.mean(), width.quantile(0.5, interpolation="higher"), (width < own).sum(),
         (width > own).sum())
        for name, width in widths.items()
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=list(WIDTH_COLUMNS))


def _widths(draws: xr.DataArray, best: Best, prob: float) -> pd.Series:
    bounds = rank_interval(draws, best=best, prob=prob)
    return pd.Series((bounds["rank_upper"] - bounds["rank_lower"] + 1).to_series())


def paths_table(drawn: Quantities, panel: Panel, prob: float) -> pd.DataFrame:
    """Every trust and period: natural outcome with its interval, empty where it has no figure: a gap is not filled."""
    table = pd.DataFrame(interval_columns("outcome", natural(panel.only.kind, drawn.paths), prob))
    there = pd.MultiIndex.from_frame(panel.observations[[TRUST, PERIOD]])
    table[~table.index.isin(there)] = np.nan
    names = panel.trusts[["name", "region"]].rename(columns={"name": "trust_name"})
    return table.reset_index().join(names, on=TRUST)


def national_table(drawn: Quantities, kind: Kind, prob: float) -> pd.DataFrame:
    """The national path by period on the natural scale, with its interval."""
    return pd.DataFrame(interval_columns("national", natural(kind, drawn.national), prob)).reset_index()
