"""One bar a trust: intervals with a mark each, along the page or, where it is narrow, down it."""

from typing import Any, Final

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from numpy.typing import ArrayLike, NDArray

from ranktrust.figures.frame import put_legend, put_title
from ranktrust.figures.svg import INK, LOWER_COLOUR, MIDDLE_COLOUR, PAPER, RULE, SOFT, TONE_COLOURS, UPPER_COLOUR
from ranktrust.league import moved

type Look = tuple[str, str, str]
"""Colour, mark and name of a group; marks tell groups apart without colour."""

MOVES: Final = {
    "better": (UPPER_COLOUR, "^"),
    "worse": (LOWER_COLOUR, "v"),
    "open": (MIDDLE_COLOUR, "o"),
}


def draw_bars(ax: Axes, at: ArrayLike, ends: NDArray[np.float64], look: Look, *, upright: bool) -> None:
    """Draw the bars of one group at the places `at`; `ends` is (bar, 3): lower, middle, upper.

    A step of the ordered palette has an outline, as its ends are too near the paper, light or dark.
    """
    colour, marker, label = look
    lines: Any = ax.hlines if upright else ax.vlines
    outlined = colour in TONE_COLOURS
    if outlined:
        lines(at, ends[:, 0], ends[:, 2], color=SOFT, linewidth=2.3)
    lines(at, ends[:, 0], ends[:, 2], color=colour, linewidth=1.3, alpha=1 if outlined else 0.75)
    place = (ends[:, 1], at) if upright else (at, ends[:, 1])
    face, edge = PAPER if marker == "o" else colour, SOFT if outlined else colour
    ax.plot(*place, marker, color=colour, markersize=4.25, markerfacecolor=face, markeredgecolor=edge,
            markeredgewidth=0.8 if outlined else 1.0, label=label)  # fmt: skip


def draw_moves(ax: Axes, rows: pd.DataFrame, words: dict[str, str], mean: tuple[float, str], *, upright: bool) -> None:
    """Draw changes as bars, grouped by what their probability says, over lines at no change and at `mean`.

    `rows` has the columns lower, change, upper and p, in the order drawn; `words` name the groups of MOVES.
    """
    groups = moved(rows["p"]).to_numpy()
    for group, (colour, marker) in MOVES.items():
        at = np.flatnonzero(groups == group)
        ends = rows.iloc[at][["lower", "change", "upper"]].to_numpy()
        draw_bars(ax, at, ends, (colour, marker, f"{words[group]} ({len(at)})"), upright=upright)
    line = ax.axvline if upright else ax.axhline
    line(0, color=INK, linewidth=1.1, label="no change")
    line(mean[0], color=SOFT, linewidth=1.4, linestyle="--", label=mean[1])
    ax.grid(visible=True, axis="x" if upright else "y", color=RULE, linewidth=0.8)
    ax.set_axisbelow(True)


def dress_bars(ax: Axes, *, title: str, values: str, bars: str, upright: bool) -> None:
    """Name the axes, leave places unnumbered, begin at the left or top, and put title and legend above."""
    across, along = (ax.set_xlabel, ax.set_ylabel) if upright else (ax.set_ylabel, ax.set_xlabel)
    across(values)
    along(bars)
    ax.margins(*((0.03, 0.01) if upright else (0.01, 0.05)))
    if upright:
        ax.set_yticks([])
        ax.invert_yaxis()
    else:
        ax.set_xticks([])
    put_title(ax, title, legend_rows=put_legend(ax, 1 if upright else 5))
