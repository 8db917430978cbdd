"""A composite over time, in two stages: trajectories of single indicators, then the weighted mean of their draws.

The second stage adds nothing to the first but weights, so every period is judged by the same constants. Trajectories
were fitted one by one: that two indicators of a trust move together beyond what their figures show is not modelled.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import numpy as np
import pandas as pd
import xarray as xr

from ranktrust.composite.score import composite_draws, standardise
from ranktrust.ranks import improvement_columns, interval_columns, summarise_ranks
from ranktrust.vocabulary import CHAIN, DRAW, INDICATOR, PERIOD, TRUST

RANKED: Final = ("expected_rank", "expected_rank_mcse", "rank_lower", "rank_upper", "ess_rank")
SCORES: Final = "score"


def common_periods(periods: Iterable[Sequence[str]]) -> tuple[str, ...]:
    """The labels that every sequence has, in the order of the first."""
    first, *rest = periods
    return tuple(label for label in first if all(label in other for other in rest))


def score_paths(
    levels: Mapping[str, xr.DataArray], constants: pd.DataFrame, weights: xr.DataArray, trusts: Sequence[str]
) -> xr.DataArray:
    """The score in every period that all trajectories have, (chain, draw, trust, period); larger is better.

    `levels` are draws of one level by indicator, (chain, draw, trust, period) on the link scale; `constants` and
    `weights` as in `standardise` and `composite_draws`. Longer fits are cut to the shortest.
    """
    periods = common_periods([[str(label) for label in draws[PERIOD].to_numpy()] for draws in levels.values()])
    length = min(draws.sizes[DRAW] for draws in levels.values())
    parts = [draws.sel({TRUST: list(trusts)}).isel({DRAW: slice(length)}) for draws in levels.values()]
    numbered = {CHAIN: np.arange(parts[0].sizes[CHAIN]), DRAW: np.arange(length)}
    scores = []
    for label in periods:
        at = [part.sel({PERIOD: label}, drop=True).assign_coords(numbered) for part in parts]
        joined = xr.concat(at, dim=pd.Index(list(levels), name=INDICATOR), join="exact").to_dataset(name="outcome")
        scores.append(composite_draws(standardise(joined, constants, level="outcome").z, weights))
    return xr.concat(scores, dim=pd.Index(periods, name=PERIOD), join="exact").transpose(CHAIN, DRAW, TRUST, PERIOD)


def change_of_score(scores: xr.DataArray, *, prob: float) -> pd.DataFrame:
    """Change between the first and the last period of `scores`, one row a trust; all of it is draw by draw.

    `before`, `now` and `change` with its interval; `p_improved` = P(score rose) and `p_gained` = P(it rose by more than
    the mean over the trusts), each with `_mcse` and `_ess`; RANKED are ranks of the last period.
    """
    before, now = (scores.isel({PERIOD: place}, drop=True) for place in (0, -1))
    carried = before + (now - before).mean(TRUST)
    ranks = summarise_ranks(now, best="highest", prob=prob).table
    columns = {
        "before": before.mean((CHAIN, DRAW)).to_series(),
        "now": now.mean((CHAIN, DRAW)).to_series(),
        **interval_columns("change", now - before, prob),
        **improvement_columns("p_improved", before, now, "highest"),
        **improvement_columns("p_gained", carried, now, "highest"),
        **{name: ranks[name].to_series() for name in RANKED},
    }
    return pd.DataFrame(columns).rename_axis(TRUST)


def paths_of_score(scores: xr.DataArray, *, prob: float) -> pd.DataFrame:
    """Mean and interval of the score by period: of each trust, and of the mean over them, whose trust is empty."""
    whole = pd.DataFrame(interval_columns(SCORES, scores.mean(TRUST), prob)).assign(**{TRUST: ""}).reset_index()
    each = pd.DataFrame(interval_columns(SCORES, scores, prob)).reset_index()
    return pd.concat([whole, each], ignore_index=True).set_index(TRUST)
