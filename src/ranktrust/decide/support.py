"""Whom to support under a budget of k trusts, and how often such a list is expected to be wrong.

Two goals are kept apart: the k last by rank, and the trusts beyond a value on its bad side. Lists and their error
rates are those of ranks.selection; filling the whole budget is a choice, so the number that may be named with few wrong
stands beside it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal

import pandas as pd
import xarray as xr

from ranktrust.decide.excess import Excess
from ranktrust.ranks import Selection, select_beyond, select_end
from ranktrust.vocabulary import TRUST, Best, quarter_of

CAUTIOUS: Final = 0.05
"""The expected share of wrong ones that a list of few errors may have."""
_WHOLE_BUDGET = 1 - 1e-9
_SHARES = (0.05, 0.1, 0.15, 0.2)


@dataclass(frozen=True)
class Goal:
    """What a list is to catch: `rank`, the k last, or what is beyond `threshold` on the bad side; `words` name it."""

    name: str
    words: str
    threshold: float | None = None


def budgets(n: int) -> tuple[int, ...]:
    """The budgets that are compared: 5, 10, 15 and 20 % of the trusts, and the quarter."""
    quarter = quarter_of(n)
    return tuple(sorted({max(1, round(n * share)) for share in _SHARES} | {quarter}))


def headline_budget(n: int) -> int:
    """The budget that is shown in full: a tenth of the trusts."""
    return max(1, round(n / 10))


def support_lists(  # noqa: PLR0913 - keyword-only but for the draws and the goals
    natural: xr.DataArray,
    goals: Iterable[Goal],
    *,
    best: Best,
    ks: Iterable[int],
    prob: float,
    excess: Excess | None = None,
    fill: bool = True,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The lists and their totals, both with a column `goal` and `k`.

    Lists have one row a trust named, the most probable first: place, trust, p_belongs with `_mcse` and `_ess`.
    Totals have `false_inclusions` (expected number named that do not belong) and `omissions` (expected number that
    belong and are not named), each with `_mcse`; `cautious`, how many may be named with an expected share of wrong ones
    of at most CAUTIOUS; and the sum of the excess events of those named with its interval, where `excess` is given.
    With `fill` False only those cautious ones are named, for an indicator by which trusts may not be ordered.
    """
    wanted, lists, totals = list(ks), [], []
    for goal in goals:
        for k in wanted:
            cautious = _select(natural, goal, k, best, CAUTIOUS)
            filled = _select(natural, goal, k, best, _WHOLE_BUDGET) if fill else cautious
            named = _named(filled).assign(goal=goal.name, k=k)
            lists.append(named)
            totals.append(_total(filled, cautious, goal, k) | _excess_of(excess, list(named[TRUST]), prob))
    return pd.concat(lists, ignore_index=True), pd.DataFrame(totals)


def _select(natural: xr.DataArray, goal: Goal, k: int, best: Best, fdr: float) -> Selection:
    if goal.threshold is None:
        return select_end(natural, k, best=best, end="bottom", capacity=k, fdr=fdr)
    bad_side: Literal["above", "below"] = "below" if best == "highest" else "above"
    return select_beyond(natural, goal.threshold, direction=bad_side, capacity=k, fdr=fdr)


def _named(selection: Selection) -> pd.DataFrame:
    columns = ["p_belongs", "p_belongs_mcse", "p_belongs_ess", "selected"]
    rows = selection.table[columns].to_dataframe().rename_axis(TRUST).reset_index()
    rows = rows[rows["selected"]].sort_values("p_belongs", ascending=False, kind="stable").reset_index(drop=True)
    return rows.assign(place=rows.index + 1).drop(columns="selected")


def _total(filled: Selection, cautious: Selection, goal: Goal, k: int) -> dict[str, object]:
    table = filled.table
    return {
        "goal": goal.name,
        "k": k,
        "named": len(filled.named),
        "false_inclusions": float(table["false_discoveries"]),
        "false_inclusions_mcse": float(table["false_discoveries_mcse"]),
        "omissions": float(table["omissions"]),
        "omissions_mcse": float(table["omissions_mcse"]),
        "cautious": len(cautious.named),
    }


def _excess_of(excess: Excess | None, named: list[str], prob: float) -> dict[str, float]:
    if excess is None:
        return {}
    mean, lower, upper = excess.total(named, prob)
    return {"excess": mean, "excess_lower": lower, "excess_upper": upper}
