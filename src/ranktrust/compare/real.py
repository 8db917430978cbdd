"""How much of a change is real: stated only from one joint fit over periods that do not overlap (decision 15)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import xarray as xr

from ranktrust.league import LeagueTable, Trajectory, expected_wrong, moved
from ranktrust.panel import UNDATED, period_dates, period_text, to_natural
from ranktrust.ranks import rank_stability
from ranktrust.store import read_tree
from ranktrust.vocabulary import PERIOD, TRUST, Kind


@dataclass(frozen=True)
class Changed:
    """One trust whose level is better or worse than before with a probability of at least 97.5 %."""

    trust: str
    name: str
    way: str
    p_improved: float
    mcse: float
    ess: float


@dataclass(frozen=True)
class Real:
    """What one joint fit says of the change between the periods of two tables, or why nothing can be said.

    `why_not` is empty where it can. Then `better` and `worse` trusts of `n` changed with a probability of at least
    97.5 % (`changed` names them), and `wrong` of these statements are expected to be wrong; `before` and `after` are
    the periods in words.
    """

    why_not: str
    n: int = 0
    better: int = 0
    worse: int = 0
    wrong: float = 0.0
    before: str = ""
    after: str = ""
    changed: tuple[Changed, ...] = ()


def real_change(one: LeagueTable, two: LeagueTable, found: Trajectory | None, run: Path) -> Real:
    """P(improved) of each trust between the periods of two tables, from the joint fit `found` of the run folder `run`.

    A level over several periods is the mean of natural values, as on the page of change. Nothing is said without such
    a fit, where the periods overlap or are not all in it, or where it failed its gate. Raises RunError where the draws
    of the fit are gone or damaged.
    """
    why_not = _why_not(one, two, found)
    if why_not or found is None:
        return Real(why_not)
    before, after = (_inside(months_of(table.facts.period), found) for table in (one, two))
    draws = read_tree(run / "fits" / f"{found.facts.indicator}_trajectory.nc")["posterior"].to_dataset()["outcome"]
    facts, whole = found.latest.facts, draws.sel({TRUST: _reported(found, [*before, *after])})
    levels = [_mean(whole, labels, facts.kind) for labels in (before, after)]
    table = rank_stability(levels[0], levels[1], best=facts.best, places=0).table
    rows = table[["p_improved", "p_improved_mcse", "p_improved_ess"]].to_dataframe()
    return _stated(rows, found, one.facts.period, two.facts.period)


def _stated(rows: pd.DataFrame, found: Trajectory, before: str, after: str) -> Real:
    ways = moved(rows["p_improved"])
    names = found.frame("paths").drop_duplicates("trust").set_index("trust")["trust_name"]
    changed = tuple(
        Changed(str(trust), str(names[trust]), str(ways[trust]), *(float(value) for value in rows.loc[trust]))
        for trust in rows.index[ways != "open"]
    )
    return Real(
        why_not="",
        n=len(rows),
        better=int((ways == "better").sum()),
        worse=int((ways == "worse").sum()),
        wrong=expected_wrong(rows["p_improved"]),
        before=before,
        after=after,
        changed=changed,
    )


def _why_not(one: LeagueTable, two: LeagueTable, found: Trajectory | None) -> str:
    """Why nothing can be said of real change; empty where it can."""
    spans = [months_of(table.facts.period) for table in (one, two)]
    before, after = (table.facts.period for table in (one, two))
    if not spans[0] or not spans[1]:
        return "a period is undated"
    if spans[0] == spans[1]:
        return f"both tables are about the same period, {before}, so that a difference between them is none in time"
    if set(spans[0]) & set(spans[1]):
        return f"the periods {before} and {after} overlap, so that the same figures stand in both"
    if found is None:
        return "no run fits both periods of this indicator together; follow it in the study with [[trajectory]]"
    if any(not _inside(span, found) for span in spans):
        return f"the joint fit covers {found.facts.span_text}, which does not hold both periods whole"
    return "" if found.facts.gate_passed else "the joint fit failed its gate"


def months_of(period: str) -> tuple[int, ...]:
    """The months of a period in words, counted from the year 0; none where it has no date.

    Raises ValueError for words that `panel.period_text` does not write.
    """
    if period == period_text(UNDATED):
        return ()
    first, _, last = period.partition(" to ")
    end = _month(last or first)
    start = end if not last else _month(first if first[-4:].isdigit() else f"{first} {last[-4:]}")
    return tuple(range(start, end + 1))


def _month(words: str) -> int:
    day = datetime.strptime(words, "%B %Y").replace(tzinfo=UTC)
    return 12 * day.year + day.month


def _inside(months: Sequence[int], found: Trajectory) -> list[str]:
    """The labels of the joint fit's periods that together are exactly these months; none where they are not in it."""
    labels = {label: _months_of_label(label) for label in found.facts.periods}
    inside = [label for label, own in labels.items() if set(own) <= set(months)]
    held = {month for label in inside for month in labels[label]}
    return inside if held == set(months) else []


def _months_of_label(label: str) -> tuple[int, ...]:
    start, end = period_dates(label)
    return tuple(range(12 * start.year + start.month, 12 * end.year + end.month + 1))


def _reported(found: Trajectory, labels: Sequence[str]) -> list[str]:
    """The trusts with a figure in each of these periods: a gap is not filled."""
    paths = found.frame("paths")
    there = paths[paths["period"].isin(labels) & paths["outcome"].notna()].groupby("trust", sort=False).size()
    return [str(trust) for trust in there.index[there == len(labels)]]


def _mean(outcome: xr.DataArray, labels: Sequence[str], kind: Kind) -> xr.DataArray:
    """The mean of natural values over the periods, by draw and trust."""
    chosen = outcome.sel({PERIOD: list(labels)}).astype(float)
    natural: xr.DataArray = xr.apply_ufunc(lambda values: to_natural(kind, values), chosen)
    return natural.mean(PERIOD)
