"""Ranks in two periods, joined; only movements that are certain stand out."""

from dataclasses import dataclass
from functools import partial
from typing import Final

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from numpy.typing import NDArray

from ranktrust.errors import UsageError
from ranktrust.figures.frame import RankRows, is_narrow, place_ticks, place_words, put_legend, put_title, rank_rows
from ranktrust.figures.svg import LOWER_COLOUR, MIDDLE_COLOUR, PAPER, SOFT, UPPER_COLOUR, Drawing, drawing
from ranktrust.ranks import RankSummary, Stability
from ranktrust.words import count_text

CERTAIN: Final = 0.975
STILL, UP, DOWN = "not certain", "up", "down"
_LOOKS: Final = {UP: (UPPER_COLOUR, "^", "-"), DOWN: (LOWER_COLOUR, "v", (0, (5, 1.5)))}
_EDGE = 0.14
_DODGE = 0.05


def movements(stability: Stability) -> pd.Series:
    """`up` or `down` where P(rank better than before) is at least 0.975 or at most 0.025, else `not certain`."""
    p = stability.table["p_rank_improved"].to_pandas()
    p.index = p.index.astype(str)
    return pd.Series(np.select([p >= CERTAIN, p <= 1 - CERTAIN], [UP, DOWN], STILL), index=p.index)


@dataclass(frozen=True)
class TwoPeriods:
    """Ranks before and now and how stable they are, from the same joint draws of one fit; `names` of the periods."""

    before: RankSummary
    now: RankSummary
    stability: Stability
    names: tuple[str, str] = ("before", "now")


def slope_chart(periods: TwoPeriods, ax: Axes, *, title: bool = True) -> None:
    """Draw the rank interval of every trust in two periods and join them; trusts that surely moved stand out.

    Moves are emphasised where P(rank better, or worse) is at least 0.975; the others are pale, without a mark. Prefer
    it to two tables side by side, whose changes are mostly noise. A reader may not conclude that a pale trust stood
    still, nor that a trust that lost rank got worse: others may have gained.
    """
    old, new, moved = _checked(periods)
    _draw_pale(old, new, ax, moved.index[moved == STILL])
    for way in (UP, DOWN):
        _draw_certain(old, new, ax, moved.index[moved == way], way)
    _dress(new, ax, periods.names)
    lines = put_legend(ax, 1 if is_narrow(ax) else 3)
    if title:
        put_title(ax, slope_chart_title(periods), legend_rows=lines)


def _checked(periods: TwoPeriods) -> tuple[RankRows, RankRows, pd.Series]:
    old, new, moved = rank_rows(periods.before), rank_rows(periods.now), movements(periods.stability)
    if not set(old.rows.index) == set(new.rows.index) == set(moved.index):
        raise UsageError("both periods and their stability must be of the same trusts, from the same joint draws")
    return old, new, moved.loc[new.rows.index]


def _ends(rows: RankRows, trusts: pd.Index) -> NDArray[np.float64]:
    """Lower bound, expected rank and upper bound, one column each."""
    return rows.rows.loc[trusts, ["rank_lower", "expected_rank", "rank_upper"]].to_numpy()


def _draw_pale(old: RankRows, new: RankRows, ax: Axes, trusts: pd.Index) -> None:
    """Draw a pale line a trust, and its two intervals side by side outside the lines."""
    if not len(trusts):
        return
    left, right = _ends(old, trusts), _ends(new, trusts)
    gap, width = (0.17, 0.3) if is_narrow(ax) else (0.07, 0.7)
    lines = [[(0, a), (1, b)] for a, b in zip(left[:, 1], right[:, 1], strict=True)]
    label = f"change not certain ({len(trusts)})"
    ax.add_collection(LineCollection(lines, colors=MIDDLE_COLOUR, linewidths=width, alpha=0.35, label=label))
    for x, ends in ((-_offsets(left, gap), left), (1 + _offsets(right, gap), right)):
        ax.vlines(x, ends[:, 0] - 0.5, ends[:, 2] + 0.5, color=MIDDLE_COLOUR, linewidth=width, alpha=0.4)


def _offsets(ends: NDArray[np.float64], gap: float) -> NDArray[np.float64]:
    """Distance of each interval from its end of the lines, by order, so that none hides another."""
    order = np.argsort(np.argsort(ends[:, 1]))
    return gap + _DODGE + _EDGE * (order + 0.5) / len(ends)


def _draw_certain(old: RankRows, new: RankRows, ax: Axes, trusts: pd.Index, way: str) -> None:
    colour, marker, dash = _LOOKS[way]
    place = "better" if way == UP else "worse"
    left, right = _ends(old, trusts), _ends(new, trusts)
    steps = _dodge(len(trusts), way)
    for i, (trust, a, b) in enumerate(zip(trusts, left, right, strict=True)):
        label = f"very probably {place} placed ({len(trusts)})" if i == 0 else None
        x = (-steps[i], 1 + steps[i])
        ax.plot(x, [a[1], b[1]], color=colour, linestyle=dash, linewidth=1.9, label=label, zorder=3)
        ax.vlines(x, [a[0] - 0.5, b[0] - 0.5], [a[2] + 0.5, b[2] + 0.5], color=colour, linewidth=1.6, zorder=3)
        ax.plot(x, [a[1], b[1]], marker, color=colour, markeredgecolor=PAPER, markersize=8, zorder=4)
        ax.annotate(str(trust), (1 + _DODGE, b[1]), (5, 0), textcoords="offset points", va="center", color=colour,
                    fontsize=8.5, fontweight="bold", zorder=5,
                    bbox={"facecolor": PAPER, "edgecolor": "none", "pad": 0.8})  # fmt: skip


def _dodge(count: int, way: str) -> NDArray[np.float64]:
    """Distance of each bar that stands out from its end: those up and down alternate, so that none hides another."""
    steps: NDArray[np.float64] = _DODGE * (np.arange(count) + (0.3 if way == UP else 0.8)) / max(count, 1)
    return steps


def _dress(new: RankRows, ax: Axes, periods: tuple[str, str]) -> None:
    edge = _EDGE + _DODGE + (0.18 if is_narrow(ax) else 0.08)
    ax.set_xlim(-edge, 1 + edge)
    ax.spines["left"].set_visible(False)
    ax.set_ylim(new.n + 1, 0)
    ax.set_xticks([0, 1], periods)
    ax.set_yticks(place_ticks(new))
    ax.set_ylabel(place_words(new))
    ax.tick_params(length=0)
    for x in (0, 1):
        ax.axvline(x, color=SOFT, linewidth=0.8, zorder=0.5)
    ax.set_xlabel(f"bars: {round(100 * new.prob)}% rank intervals, one a {new.noun}\ngrey: in the order of each period")


def slope_chart_title(periods: TwoPeriods) -> str:
    """How many trusts surely changed rank."""
    moved = movements(periods.stability)
    certain = int((moved != STILL).sum())
    return f"{certain or 'None'} of {count_text(len(moved), periods.now.trust_dim)} very probably changed rank"


def slope_chart_alt(periods: TwoPeriods) -> str:
    """What the picture shows, in words with its numbers."""
    old, new, moved = _checked(periods)
    lists = "; ".join(_moves(old, new, moved.index[moved == way], way) for way in (UP, DOWN))
    first, second = periods.names
    return (
        f"Ranks of {new.n} {new.noun}s, {first} and {second}, with {round(100 * new.prob)}% intervals. "
        f"{lists}; of {int((moved == STILL).sum())} the change is not certain (P below {100 * CERTAIN:g}% either way)."
    )


def _moves(old: RankRows, new: RankRows, trusts: pd.Index, way: str) -> str:
    words = f"{len(trusts) or 'None'} very probably {'better' if way == UP else 'worse'} placed"
    each = ", ".join(f"{trust} ({old.interval(trust)}, then {new.interval(trust)})" for trust in trusts)
    return f"{words}: {each}" if each else words


def slope_chart_drawing(periods: TwoPeriods) -> Drawing:
    """The slope chart for wide and narrow pages."""
    fill, name = partial(slope_chart, periods), f"slope-{periods.now.trust_dim}"
    return drawing(name, slope_chart_alt(periods), wide=fill, narrow=fill, sizes=((9.5, 8.0), (4.2, 6.5)))
