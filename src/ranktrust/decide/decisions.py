"""One indicator's draws to all that this room says of it, as one frozen value."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal

import numpy as np
import pandas as pd
import xarray as xr

from ranktrust.decide.excess import Excess, excess_events, volumes_of
from ranktrust.decide.pairs import pair_rows
from ranktrust.decide.regions import beside_rows, group_rows, within_rows
from ranktrust.decide.steps import rank_steps
from ranktrust.decide.support import Goal, budgets, headline_budget, support_lists
from ranktrust.panel import Indicator, Panel, to_natural
from ranktrust.ranks import probability_beyond
from ranktrust.vocabulary import ICB, REGION, TRUST
from ranktrust.words import natural_text

type Frames = dict[str, pd.DataFrame]


@dataclass(frozen=True, eq=False)
class Decisions:
    """What is said of one indicator: `facts`, which survive a JSON file, and `frames` by name.

    `trusts` (by trust: region, icb, subtype, p_better than the benchmark, excess events), `pairs`, `steps`, `lists` and
    `totals` of support, `regions`, `boards` and `within` with their laws (`_pmf`), `beside` (each trust and the mean of
    its region). What may not be said of an indicator (an order its publisher cautions against) has an empty frame.
    """

    facts: Mapping[str, Any]
    frames: Mapping[str, pd.DataFrame]


def decide(
    level: xr.DataArray, panel: Panel, *, ranked: bool, prob: float, hidden: frozenset[str] = frozenset()
) -> Decisions:
    """Everything of one indicator.

    `level` is the level shown, (chain, draw, trust) on the link scale; `ranked` whether order may be stated; `hidden`
    are the trusts whose count is not published, of which no number of events is given.
    """
    indicator = panel.only
    natural = xr.apply_ufunc(lambda values: to_natural(indicator.kind, values), level)
    goals = _goals(indicator, ranked=ranked)
    excess = _excess(natural, panel, ranked=ranked, hidden=hidden)
    lists, totals = pd.DataFrame(), pd.DataFrame()
    ks = budgets(len(panel.trusts)) if ranked else (len(panel.trusts),)
    if goals:
        lists, totals = support_lists(natural, goals, best=indicator.best, ks=ks, prob=prob, excess=excess, fill=ranked)
    frames = {
        "trusts": _trusts(natural, panel, excess, ranked=ranked, prob=prob),
        "lists": lists,
        "totals": totals,
        **_ordered(level, natural, panel, ranked=ranked, prob=prob),
    }
    facts = {
        "indicator": indicator.name,
        "ranked": ranked,
        "prob": prob,
        "n": len(panel.trusts),
        "goals": [{"name": goal.name, "words": goal.words, "threshold": goal.threshold} for goal in goals],
        "budgets": list(ks),
        "headline_budget": headline_budget(len(panel.trusts)),
        "reference": None if excess is None else excess.reference,
        "reference_name": None if excess is None else excess.name,
    }
    return Decisions(MappingProxyType(facts), MappingProxyType(frames))


def _goals(indicator: Indicator, *, ranked: bool) -> tuple[Goal, ...]:
    """What lists are made for: the last by rank and the benchmark where order may be stated, the standard always."""
    side = "below" if indicator.best == "highest" else "above"
    sign = -1 if indicator.best == "highest" else 1
    goals: tuple[Goal, ...] = (Goal("rank", "the last k by rank"),) if ranked else ()
    if indicator.standard is not None:
        edge = indicator.standard.value + sign * indicator.standard.delta
        words = f"those {side} {natural_text(indicator.kind, edge)} ({indicator.standard.name})"
        goals += (Goal("standard", words, edge),)
    known = {goal.threshold for goal in goals}
    if ranked and indicator.benchmark is not None and indicator.benchmark.value not in known:
        words = f"those {side} {natural_text(indicator.kind, indicator.benchmark.value)} (benchmark)"
        goals += (Goal("benchmark", words, indicator.benchmark.value),)
    return goals


def _reference(indicator: Indicator) -> tuple[str, float] | None:
    """What excess is counted from: 1 of a ratio's own definition, else the benchmark."""
    if indicator.kind == "ratio" and indicator.standard is not None:
        return indicator.standard.name, indicator.standard.value
    return None if indicator.benchmark is None else (indicator.benchmark.basis, indicator.benchmark.value)


def _excess(natural: xr.DataArray, panel: Panel, *, ranked: bool, hidden: frozenset[str]) -> Excess | None:
    """None of an estimate, which counts no events, and where there is no value that one may compare with."""
    indicator, volumes = panel.only, volumes_of(panel)
    reference = _reference(indicator)
    allowed = ranked or (indicator.kind == "ratio" and indicator.standard is not None)
    if indicator.kind == "estimate" or reference is None or volumes is None or not allowed:
        return None
    shown = volumes[[trust not in hidden for trust in volumes.index]]
    return excess_events(natural, shown, reference=reference[1], best=indicator.best, name=reference[0])


def _trusts(natural: xr.DataArray, panel: Panel, excess: Excess | None, *, ranked: bool, prob: float) -> pd.DataFrame:
    indicator = panel.only
    rows = panel.trusts[["name", REGION, ICB, "subtype"]].rename(columns={"name": "trust_name"})
    if ranked and indicator.benchmark is not None:
        side: Literal["above", "below"] = "above" if indicator.best == "highest" else "below"
        beyond = probability_beyond(natural, indicator.benchmark.value, direction=side)
        rows = rows.assign(
            **{f"p_better{tail}": beyond[f"p_beyond{tail}"].to_series() for tail in ("", "_mcse", "_ess")}
        )
    else:
        rows = rows.assign(p_better=np.nan, p_better_mcse=np.nan, p_better_ess=np.nan)
    summary = (
        excess.summary(prob) if excess is not None else pd.DataFrame(columns=["excess", "excess_lower", "excess_upper"])
    )
    return rows.join(summary).rename_axis(TRUST)


def _ordered(level: xr.DataArray, natural: xr.DataArray, panel: Panel, *, ranked: bool, prob: float) -> Frames:
    """What states an order, empty where none may be stated."""
    names = ("pairs", "steps", "regions", "regions_pmf", "boards", "boards_pmf", "within", "within_pmf", "beside")
    found = dict.fromkeys(names, pd.DataFrame())
    if not ranked:
        return found
    best, volumes = panel.only.best, volumes_of(panel)
    found |= {"pairs": pair_rows(level, best=best), "steps": rank_steps(level, best=best)}
    found["within"], found["within_pmf"] = within_rows(natural, panel.trusts[REGION], best=best, prob=prob)
    if volumes is not None:
        found["beside"] = beside_rows(natural, panel.trusts[REGION], volumes, best=best)
        for name, column in (("regions", REGION), ("boards", ICB)):
            found[name], found[f"{name}_pmf"] = group_rows(natural, panel.trusts[column], volumes, best=best, prob=prob)
    return found
