"""Every trust's rank interval, with the wider one that holds for all trusts at once."""

from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Patch

from ranktrust.errors import UsageError
from ranktrust.figures.frame import Ranking, RankRows, is_narrow, place_ticks, place_words, put_title, rank_rows, short
from ranktrust.figures.svg import INK, PAPER, RULE, SET_COLOUR, UPPER_COLOUR, Drawing, drawing
from ranktrust.league import LeagueTable, sets_of, source_sentence
from ranktrust.ranks import SimultaneousSets

_NAMED = 40


def rank_intervals(
    table: Ranking, ax: Axes, *, sets: SimultaneousSets | None = None, upright: bool = False, title: bool = True
) -> None:
    """Draw the rank interval of every trust about its expected rank; with `sets` those that hold all at once, paler.

    Prefer it, with `sets`, where a reader looks up more than one trust: of 100 separate 95 % intervals some five miss,
    while the pale bars all hold together. `upright` puts trusts under each other, for a narrow page. A reader may not
    conclude that trusts with overlapping bars cannot be told apart (`pair_matrix` answers that), nor read the mark in
    the middle as the trust's rank.
    """
    rows = rank_rows(table)
    at = np.arange(rows.n)
    bars: Any = ax.hlines if upright else ax.vlines
    thick = _thickness(ax, rows.n, upright=upright)
    if sets is not None:
        bounds = bounds_of(rows, sets)
        bars(at, bounds["set_lower"] - 0.5, bounds["set_upper"] + 0.5, color=SET_COLOUR, linewidth=thick, label="sets")
    lower, middle, upper = rows.rows[["rank_lower", "expected_rank", "rank_upper"]].to_numpy().T
    bars(at, lower - 0.5, upper + 0.5, color=UPPER_COLOUR, linewidth=thick, label="intervals")
    size = min(4.5, 0.9 * thick)
    place = (middle, at) if upright else (at, middle)
    ax.plot(*place, "o", color=INK, markerfacecolor=PAPER, markersize=size, markeredgewidth=min(0.8, 0.25 * size))
    _dress(rows, ax, upright=upright)
    lines = _legend(rows, ax, sets)
    if title:
        put_title(ax, rank_intervals_title(table), legend_rows=lines)


def _thickness(ax: Axes, n: int, *, upright: bool) -> float:
    """Points that leave a third of each bar's room empty."""
    width, height = ax.get_figure(root=True).get_size_inches()  # type: ignore[union-attr]
    return float(min(6.0, 0.62 * 72 * 0.85 * (height if upright else width) / n))


def bounds_of(rows: RankRows, sets: SimultaneousSets) -> pd.DataFrame:
    """The simultaneous bounds in the rows' order; UsageError where they are of other trusts."""
    bounds = sets.table[["set_lower", "set_upper"]].to_dataframe()
    bounds.index = bounds.index.astype(str)
    if set(bounds.index) != set(rows.rows.index):
        raise UsageError("the simultaneous sets are of other trusts than the table; make both from the same draws")
    return bounds.loc[rows.rows.index]


def _dress(rows: RankRows, ax: Axes, *, upright: bool) -> None:
    """Name the trusts where there is room for names, else say what the order is."""
    n = rows.n
    values, others = (ax.xaxis, ax.yaxis) if upright else (ax.yaxis, ax.xaxis)
    values.set_ticks(place_ticks(rows))
    values.set_label_text(place_words(rows))
    values.grid(visible=True, color=RULE, linewidth=0.8)
    ax.set_axisbelow(True)
    named = n <= _NAMED
    others.set_ticks(np.arange(n) if named else [], rows.rows.index if named else [])
    others.set_label_text("" if named else f"each bar is a {rows.noun}, in the order of the table")
    (ax.set_ylim if upright else ax.set_xlim)(-1, n)
    (ax.set_xlim if upright else ax.set_ylim)(0, n + 1)
    ax.invert_yaxis()


def _legend(rows: RankRows, ax: Axes, sets: SimultaneousSets | None) -> int:
    """Put the legend above; returns its rows."""
    mark = ax.get_lines()[0]
    entries: list[tuple[Any, str]] = [(Patch(color=UPPER_COLOUR), f"{rows.prob:.0%} interval of each by itself")]
    if sets is not None:
        entries.append((Patch(color=SET_COLOUR), f"{sets.prob:.0%} sets, true of all {rows.n} at once"))
    entries.append((mark, "expected rank"))
    ax.legend(*zip(*entries, strict=True), loc="lower left", bbox_to_anchor=(0, 1), ncols=1 if is_narrow(ax) else 3,
              fontsize=9.5, borderpad=0.2, borderaxespad=0.2, handlelength=1.6)  # fmt: skip
    return len(entries) if is_narrow(ax) else 1


def _widths(rows: RankRows) -> pd.Series:
    return rows.rows["rank_upper"] - rows.rows["rank_lower"] + 1


def rank_intervals_title(table: Ranking) -> str:
    """How wide the intervals of half of the trusts are."""
    rows = rank_rows(table)
    width = int(_widths(rows).quantile(0.5, interpolation="higher"))
    return short(
        f"Half of {rows.n} ranks are known only within {width} places", f"A typical rank interval spans {width} places"
    )


def rank_intervals_alt(table: Ranking, *, sets: SimultaneousSets | None = None) -> str:
    """What the picture shows, in words with its numbers."""
    rows = rank_rows(table)
    width = _widths(rows)
    words = (
        f"Rank intervals ({rows.prob:.0%}) of {rows.n} {rows.noun}s about their expected ranks: {int(width.min())} to "
        f"{int(width.max())} places wide, half of them at most {int(width.quantile(0.5, interpolation='higher'))}."
    )
    if sets is None:
        return words
    bounds = bounds_of(rows, sets)
    together = bounds["set_upper"] - bounds["set_lower"] + 1
    return (
        f"{words} Sets that hold all {rows.n} ranks at once with probability {sets.prob:.0%} are "
        f"{int(together.min())} to {int(together.max())} places wide, half of them at most "
        f"{int(together.quantile(0.5, interpolation='higher'))}. Tuned on half of the draws they held in "
        f"{100 * sets.content.held_out:.1f}% of the other half, and were widened by {sets.widened} on either side."
    )


def rank_intervals_drawing(table: Ranking, *, sets: SimultaneousSets | None = None) -> Drawing:
    """The rank intervals for wide and narrow pages; a league table brings its own simultaneous sets."""
    rows = rank_rows(table)
    sets = sets_of(table) if sets is None and isinstance(table, LeagueTable) else sets
    return drawing(
        f"rank-intervals-{rows.name}",
        rank_intervals_alt(table, sets=sets),
        wide=partial(rank_intervals, table, sets=sets),
        narrow=partial(rank_intervals, table, sets=sets, upright=True),
        sizes=((12.5, 5.6), (4.2, (0.065 if rows.n > _NAMED else 0.2) * rows.n + 2.2)),
        source=source_sentence(table.facts) if isinstance(table, LeagueTable) else "",
    )
