"""The law of the rank of one trust or a few: place by place, and added up from the best place."""

from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any, Final

import numpy as np
from matplotlib.axes import Axes

from ranktrust.figures.frame import (
    DECIDED,
    Ranking,
    RankRows,
    decided_pairs,
    faint_grid,
    is_narrow,
    known,
    put_legend,
    put_places,
    put_title,
    rank_rows,
    short,
)
from ranktrust.figures.svg import INK, LOWER_COLOUR, MIDDLE_COLOUR, SOFT, UPPER_COLOUR, Drawing, drawing
from ranktrust.words import probability_text

MOST: Final = 4
_COLOURS: Final = (UPPER_COLOUR, LOWER_COLOUR, INK, MIDDLE_COLOUR)
_LINES: Final = ("-", (0, (5, 1.5)), (0, (1, 1.2)), (0, (6, 1.5, 1, 1.5)))
_SIZES: Final = ((12.5, 4.2), (4.2, 4.0))


def rankogram(table: Ranking, ax: Axes, *, trusts: Iterable[str], title: bool = True) -> None:
    """Draw P(rank = k) of one to four trusts, with the rank interval of each as a bar below.

    Prefer it to show the shape of what is known of a trust; for all trusts at once use `rank_heat`, and for questions
    such as "is it in the top ten?" `rank_curves`. A reader may not conclude that the highest place is the trust's
    rank, nor from overlapping shapes that two trusts cannot be told apart: the title states that from pairs.
    """
    rows, wanted = _wanted(table, trusts)
    peak = float(rows.pmf.loc[wanted].to_numpy().max())
    for i, trust in enumerate(wanted):
        _draw_law(rows, ax, trust, i, drop=-0.08 * peak * (i + 1))
    ax.set_ylim(-0.08 * peak * (len(wanted) + 1), 1.08 * peak)
    ax.set_yticks([tick for tick in ax.get_yticks() if 0 <= tick <= 1.08 * peak])
    ax.axhline(0, color=SOFT, linewidth=0.8)
    ax.set_ylabel("probability of each rank, per cent")
    ax.yaxis.set_major_formatter(lambda value, _: f"{100 * value:g}")
    _dress(rows, ax, rankogram_title(table, trusts=wanted) if title else None)


def _draw_law(rows: RankRows, ax: Axes, trust: str, i: int, *, drop: float) -> None:
    """Draw one law as an outline, the first one filled, and its interval at the height `drop`."""
    style: dict[str, Any] = {"color": _COLOURS[i], "linewidth": 1.8, "linestyle": _LINES[i]}
    edges = np.arange(rows.n + 1) + 0.5
    heights = rows.pmf.loc[trust].to_numpy()
    if i == 0:
        ax.stairs(heights, edges, fill=True, color=_COLOURS[0], alpha=0.16)
    ax.stairs(heights, edges, label=_label(rows, trust), **style)
    _draw_interval(rows, ax, trust, i, drop)


def _draw_interval(rows: RankRows, ax: Axes, trust: str, i: int, drop: float) -> None:
    """Draw the rank interval at height `drop`, with the trust's name at the end that has more room."""
    lower, upper = rows.bounds(trust)
    ax.hlines(drop, lower - 0.5, upper + 0.5, color=_COLOURS[i], linewidth=3.2)
    right = rows.n - upper > lower - 1
    ax.annotate(trust, (upper + 0.5 if right else lower - 0.5, drop), (4 if right else -4, 0), color=_COLOURS[i],
                textcoords="offset points", ha="left" if right else "right", va="center", fontsize=9)  # fmt: skip


def _label(rows: RankRows, trust: str) -> str:
    return f"{trust}: {round(100 * rows.prob)}% interval {rows.interval(trust)} of {rows.n}"


def rankogram_title(table: Ranking, *, trusts: Iterable[str]) -> str:
    """The interval of one trust; of several, how many of their pairs are decided."""
    rows, wanted = _wanted(table, trusts)
    if len(wanted) > 1:
        return _pairs_title(rows, wanted)
    words = f"between {rows.interval(wanted[0]).replace(' to ', ' and ')} of {rows.n}"
    return short(f"{wanted[0]} ranks {words} ({round(100 * rows.prob)}% interval)", f"Its rank lies {words}")


def _pairs_title(rows: RankRows, wanted: Sequence[str]) -> str:
    decided, pairs = decided_pairs(rows.above.loc[list(wanted)][list(wanted)])
    if pairs == 1:
        return f"The order of these two is {'' if decided else 'not '}decided at {DECIDED:.0%}"
    return f"{decided} of {pairs} pairs here are decided at {DECIDED:.0%}"


def rankogram_alt(table: Ranking, *, trusts: Iterable[str]) -> str:
    """What the picture shows, in words with its numbers."""
    rows, wanted = _wanted(table, trusts)
    return f"Probability of each rank among {rows.n} {rows.noun}s. {_intervals(rows, wanted)}{_pairs(rows, wanted)}"


def _intervals(rows: RankRows, wanted: Sequence[str]) -> str:
    prob = round(100 * rows.prob)
    return " ".join(f"{trust} has the {prob}% rank interval {rows.interval(trust)}." for trust in wanted)


def _pairs(rows: RankRows, wanted: Sequence[str]) -> str:
    if len(wanted) == 1:
        return ""
    decided, pairs = decided_pairs(rows.above.loc[list(wanted)][list(wanted)])
    if pairs == 1:
        return (
            f" Their order is {'' if decided else 'not '}decided: P(above) is {'over' if decided else 'at most'} 95%."
        )
    return f" Of their {pairs} pairs, {decided} are decided with probability above {DECIDED:.0%}."


def rank_curves(table: Ranking, ax: Axes, *, trusts: Iterable[str], title: bool = True) -> None:
    """Draw P(rank <= k) of one to four trusts, against a trust of which nothing is known (straight dotted line).

    Prefer it where a reader asks for a top or bottom k of their own: the height at k is the answer. The interval of
    each is its bar below. A reader may not conclude that the higher curve of two is surely the better trust.
    """
    rows, wanted = _wanted(table, trusts)
    for i, trust in enumerate(wanted):
        _draw_curve(rows, ax, trust, i)
    ax.plot([0, rows.n], [0, 1], color=SOFT, linestyle=":", linewidth=1.3, label="if nothing were known")
    ax.axhline(0, color=SOFT, linewidth=0.8)
    faint_grid(ax)
    ax.set_ylim(-0.08 * (len(wanted) + 1), 1.02)
    ax.set_yticks([0, 0.25, 0.5, 0.75, 1], ["0", "25", "50", "75", "100"])
    ax.set_ylabel("probability of this rank or better, per cent")
    _dress(rows, ax, rank_curves_title(table, trusts=wanted) if title else None)


def _draw_curve(rows: RankRows, ax: Axes, trust: str, i: int) -> None:
    style: dict[str, Any] = {"color": _COLOURS[i], "linewidth": 1.8, "linestyle": _LINES[i]}
    reached = np.cumsum(rows.pmf.loc[trust].to_numpy())
    edges = np.arange(rows.n + 1) + 0.5
    ax.step(edges, np.r_[reached, reached[-1]], where="post", label=_label(rows, trust), **style)
    _draw_interval(rows, ax, trust, i, -0.08 * (i + 1))


def rank_curves_title(table: Ranking, *, trusts: Iterable[str]) -> str:
    """The probability of the top quarter of one trust; of several, how many of their pairs are decided."""
    rows, wanted = _wanted(table, trusts)
    if len(wanted) > 1:
        return _pairs_title(rows, wanted)
    words = f"the top {rows.top} with probability {top_text(rows, wanted[0])}"
    return short(f"{wanted[0]} is in {words}", f"In {words}")


def top_text(rows: RankRows, trust: str, end: str = "top") -> str:
    """P(top k), or P(bottom k), as words."""
    return probability_text(*(rows.number(trust, name) for name in (f"p_{end}", f"p_{end}_mcse", "ess_rank")))


def rank_curves_alt(table: Ranking, *, trusts: Iterable[str]) -> str:
    """What the picture shows, in words with its numbers."""
    rows, wanted = _wanted(table, trusts)
    tops = "; ".join(
        f"{trust}: {top_text(rows, trust)} for the top {rows.top}, {top_text(rows, trust, 'bottom')} for the bottom "
        f"{rows.bottom}" for trust in wanted
    )  # fmt: skip
    return (
        f"Probability of each rank or better among {rows.n} {rows.noun}s. {tops}. "
        f"{_intervals(rows, wanted)}{_pairs(rows, wanted)}"
    )


def _wanted(table: Ranking, trusts: Iterable[str]) -> tuple[RankRows, list[str]]:
    rows = rank_rows(table)
    return rows, known(rows, trusts, MOST)


def _dress(rows: RankRows, ax: Axes, title: str | None) -> None:
    put_places(ax, rows)
    lines = put_legend(ax, 1 if is_narrow(ax) else 3)
    if title:
        put_title(ax, title, legend_rows=lines)


def rankogram_drawing(table: Ranking, *, trusts: Iterable[str]) -> Drawing:
    """The rankogram for wide and narrow pages."""
    rows, wanted = _wanted(table, trusts)
    fill = partial(rankogram, table, trusts=wanted)
    return drawing(f"rankogram-{rows.name}", rankogram_alt(table, trusts=wanted), wide=fill, narrow=fill, sizes=_SIZES)


def rank_curves_drawing(table: Ranking, *, trusts: Iterable[str]) -> Drawing:
    """The cumulative rank curves for wide and narrow pages."""
    rows, wanted = _wanted(table, trusts)
    fill, alt = partial(rank_curves, table, trusts=wanted), rank_curves_alt(table, trusts=wanted)
    return drawing(f"rank-curves-{rows.name}", alt, wide=fill, narrow=fill, sizes=_SIZES)
