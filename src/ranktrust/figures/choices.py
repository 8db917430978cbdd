"""What other choices make of the table: how many trusts stand where under each, and how far adjustment moves some."""

from functools import partial
from typing import Final

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from ranktrust.evidence import Sensitivity
from ranktrust.evidence.sentences import headline
from ranktrust.figures.frame import is_narrow, put_legend, put_title, wrapped
from ranktrust.figures.svg import (
    ABOVE_COLOUR,
    BELOW_COLOUR,
    INK,
    LOWER_COLOUR,
    PAPER,
    SOFT,
    UPPER_COLOUR,
    ZONE,
    Drawing,
    drawing,
)
from ranktrust.league import LeagueTable
from ranktrust.words import short_name

MOST: Final = 10
_STANDARD: Final = {"above": ABOVE_COLOUR, "below": BELOW_COLOUR}
_LEAST_WRITTEN: Final = 0.035
"""A part of a bar below this share of its length is too short for its number."""


def choice_bars(found: Sensitivity, ax: Axes) -> None:
    """Draw one bar a choice, cut into the numbers of trusts in each band, the published one first.

    Prefer it to a table of numbers, as the pale part, what stays open, is seen to grow and shrink. A reader may not
    conclude that the same trusts stand in parts of equal length: the table of the page says which change.
    """
    views = found.fitted
    for line, view in enumerate(views):
        start = 0
        for band in found.bands:
            count = int((view.band == band).sum())
            colour = _colour(found, band)
            label = band if line == 0 else None
            ax.barh(line, count, left=start, height=0.62, color=colour, linewidth=0, label=label)
            if count >= _LEAST_WRITTEN * found.n * (2 if is_narrow(ax) else 1):
                inside = INK if colour == ZONE else PAPER
                ax.text(start + count / 2, line, f"{count}", ha="center", va="center", color=inside, fontsize=10)
            start += count
    _label(found, ax)
    put_title(ax, choice_bars_title(found), legend_rows=put_legend(ax, 1 if is_narrow(ax) else 3))


def choice_bars_title(found: Sensitivity) -> str:
    """How many are in neither the first nor the last band, over all choices."""
    counts = [int((~view.band.isin([found.bands[0], found.bands[-1]])).sum()) for view in found.fitted]
    if min(counts) == max(counts):
        return f"{counts[0]} of {found.n} stay open whatever the choice"
    return f"{min(counts)} to {max(counts)} of {found.n} stay open, by choice"


def _colour(found: Sensitivity, band: str) -> str:
    if not found.ranked:
        return _STANDARD.get(band, ZONE)
    return {found.bands[0]: UPPER_COLOUR, found.bands[-1]: LOWER_COLOUR}.get(band, ZONE)


def _label(found: Sensitivity, ax: Axes) -> None:
    """Name each choice: beside its bar on a wide page, above it on a narrow one."""
    labels = [view.choice.label for view in found.fitted]
    ax.set_xlim(0, found.n)
    ax.set_ylim(len(labels) - 0.4, -0.75)
    ax.set_xticks([])
    for side in ("left", "bottom"):
        ax.spines[side].set_visible(False)
    ax.tick_params(length=0)
    if is_narrow(ax):
        ax.set_yticks([])
        for line, label in enumerate(labels):
            ax.text(0, line - 0.36, label, ha="left", va="bottom", fontsize=10, color=INK)
        return
    ax.set_yticks(range(len(labels)), labels, color=INK)


def choice_bars_alt(found: Sensitivity) -> str:
    """What the picture shows, in words with its numbers."""
    parts = [
        f"{view.choice.label}: " + ", ".join(f"{int((view.band == band).sum())} {band}" for band in found.bands)
        for view in found.fitted
    ]
    return f"Numbers of {found.noun}s in each band under each choice. {'; '.join(parts)}. {headline(found)}."


def choice_bars_drawing(found: Sensitivity) -> Drawing:
    """The bars for wide and narrow pages."""
    fill, lines = partial(choice_bars, found), len(found.fitted)
    sizes = ((12.5, 0.42 * lines + 0.8), (4.2, 0.62 * lines + 1.2))
    return drawing(f"choices-{found.indicator}", choice_bars_alt(found), wide=fill, narrow=fill, sizes=sizes)


def moved_most(found: Sensitivity) -> pd.DataFrame:
    """The rows of the adjustment that move most, at most ten: by P(moves), by value where trusts are not ranked."""
    frame = found.adjustment
    change = frame["p_moved"] if found.ranked else (frame["estimate_adjusted"] - frame["estimate_unadjusted"]).abs()
    return frame.loc[change.sort_values(ascending=False, kind="stable").index[:MOST]]


def adjustment_pairs(table: LeagueTable, found: Sensitivity, ax: Axes) -> None:
    """Draw the intervals of the trusts that adjustment moves most, unadjusted above adjusted.

    Rank intervals where trusts are ranked, otherwise intervals of values. A reader may not conclude that the adjusted
    one is the truer: which is meant depends on what a trust can be held to.
    """
    frame, names = moved_most(found), table.rows["trust_name"].to_dict()
    stem, middle = ("rank", "expected_rank") if found.ranked else ("estimate", "estimate")
    scale = 100 if table.facts.kind == "proportion" and not found.ranked else 1
    for line, (trust, row) in enumerate(frame.iterrows()):
        words = f"{short_name(names[trust])} ({trust})"
        ax.text(0, line - 0.3, words, transform=ax.get_yaxis_transform(), va="center", fontsize=9.5, color=INK)
        for level, shift, colour, marker in (
            ("unadjusted", 0.0, SOFT, "o"),
            ("adjusted", 0.26, UPPER_COLOUR, "D"),
        ):
            columns = [f"{name}_{level}" for name in (f"{stem}_lower", middle, f"{stem}_upper")]
            ends = scale * row[columns].to_numpy(dtype=float)
            ax.hlines(line + shift, ends[0], ends[2], color=colour, linewidth=2.4)
            label = level if line == 0 else None
            ax.plot(ends[1], line + shift, marker, color=colour, markerfacecolor=PAPER, markersize=5, label=label)
    _dress_pairs(table, found, ax, len(frame))


def _dress_pairs(table: LeagueTable, found: Sensitivity, ax: Axes, lines: int) -> None:
    facts = table.facts
    percent = round(100 * facts.prob)
    if found.ranked:
        ax.set_xlim(0.5, found.n + 0.5)
        ax.set_xticks(sorted({1, *(int(place) for place in np.linspace(0, found.n, 5)[1:])}))
    unit = "per cent" if facts.kind == "proportion" else "value"
    shown = f"rank among {found.n} {found.noun}s (1 is the {facts.best} value)" if found.ranked else unit
    ax.set_xlabel(wrapped(ax, f"{shown}; bars are {percent}% intervals"))
    ax.set_ylim(lines - 0.4, -0.65)
    ax.set_yticks([])
    ax.spines["left"].set_visible(False)
    words = f"Adjustment moves {moved_most(found).index[0]} most of {found.n} {found.noun}s"
    put_title(ax, words, legend_rows=put_legend(ax, 2))


def adjustment_pairs_alt(table: LeagueTable, found: Sensitivity) -> str:
    """What the picture shows, in words with its numbers."""
    names, parts = table.rows["trust_name"].to_dict(), []
    for trust, row in moved_most(found).iterrows():
        if found.ranked:
            ends = [
                f"{row[f'rank_lower_{level}']:.0f} to {row[f'rank_upper_{level}']:.0f}"
                for level in ("unadjusted", "adjusted")
            ]
        else:
            ends = [f"{row[f'estimate_{level}']:.3g}" for level in ("unadjusted", "adjusted")]
        parts.append(f"{names[trust]} {ends[0]}, then {ends[1]}")
    what = "Rank intervals" if found.ranked else "Values"
    return f"{what} of the {found.noun}s that adjustment moves most, unadjusted and adjusted: {'; '.join(parts)}."


def adjustment_pairs_drawing(table: LeagueTable, found: Sensitivity) -> Drawing | None:
    """The pairs for wide and narrow pages; None where nothing was adjusted for."""
    if found.adjustment.empty:
        return None
    fill, lines = partial(adjustment_pairs, table, found), min(MOST, len(found.adjustment))
    sizes = ((12.5, 0.5 * lines + 1.5), (4.2, 0.5 * lines + 1.8))
    return drawing(
        f"adjustment-{found.indicator}", adjustment_pairs_alt(table, found), wide=fill, narrow=fill, sizes=sizes
    )
