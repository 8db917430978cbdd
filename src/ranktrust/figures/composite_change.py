"""How the score of each trust has changed: one interval a trust."""

from functools import partial
from typing import Any, Final

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from ranktrust.composite import ScoreTables
from ranktrust.figures.svg import INK, LOWER_COLOUR, MIDDLE_COLOUR, PAPER, RULE, SOFT, UPPER_COLOUR, Drawing, drawing
from ranktrust.league import moved
from ranktrust.panel import period_text

_LOOKS: Final = {
    "better": (UPPER_COLOUR, "^", "very probably rose"),
    "worse": (LOWER_COLOUR, "v", "very probably fell"),
    "open": (MIDDLE_COLOUR, "o", "cannot be told"),
}


def score_change(change: ScoreTables, ax: Axes, *, upright: bool) -> None:
    """Draw each trust's change of score with its interval, by size, with no change and the mean change as lines.

    Shape tells what P(score rose) says without colour. A reader may not conclude that neighbours differ.
    """
    rows, facts = _ordered(change), change.facts
    groups, at = moved(rows["p_improved"]).to_numpy(), np.arange(len(rows))
    lines: Any = ax.hlines if upright else ax.vlines
    for group, (colour, marker, words) in _LOOKS.items():
        some = np.flatnonzero(groups == group)
        part = rows.iloc[some][["change_lower", "change", "change_upper"]].to_numpy()
        lines(at[some], part[:, 0], part[:, 2], color=colour, linewidth=1.3, alpha=0.75)
        place = (part[:, 1], at[some]) if upright else (at[some], part[:, 1])
        face = PAPER if marker == "o" else colour
        ax.plot(*place, marker, color=colour, markersize=4.5, markerfacecolor=face, label=f"{words} ({len(some)})")
    line = ax.axvline if upright else ax.axhline
    line(0, color=INK, linewidth=1.1, label="no change")
    line(rows["change"].mean(), color=SOFT, linewidth=1.4, linestyle="--", label="mean change")
    values, others = (ax.set_xlabel, ax.set_ylabel) if upright else (ax.set_ylabel, ax.set_xlabel)
    between = "\n" if upright else " "
    values(f"change of score since {period_text(facts['before'])},{between}{100 * facts['prob']:.0f}% interval")
    others(f"each bar is a {facts['noun']}, in the order of its change")
    (ax.set_yticks if upright else ax.set_xticks)([])
    if upright:
        ax.invert_yaxis()
    ax.grid(visible=True, axis="x" if upright else "y", color=RULE, linewidth=0.8)
    ax.set_axisbelow(True)
    ax.margins(*((0.03, 0.01) if upright else (0.01, 0.05)))
    ax.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=1 if upright else 5, fontsize=9.5, handletextpad=0.4)


def _ordered(change: ScoreTables) -> pd.DataFrame:
    return change.frames["rows"].sort_values("change", ascending=False, kind="stable")


def score_change_alt(change: ScoreTables) -> str:
    """What the picture shows, in words with its numbers."""
    rows, facts = _ordered(change), change.facts
    found = moved(rows["p_improved"]).value_counts()
    counted = ", ".join(f"{int(found.get(name, 0))} {words}" for name, (*_, words) in _LOOKS.items())
    ends = [
        f"{row['trust_name']} ({row['change']:+.2f}, {row['change_lower']:+.2f} to {row['change_upper']:+.2f})"
        for row in rows.iloc[[0, -1]].to_dict("records")
    ]
    return (
        f"Change of the score of {len(rows)} {facts['noun']}s between {period_text(facts['before'])} and "
        f"{period_text(facts['latest'])}: {counted}. From {ends[0]} to {ends[1]}; the mean changed by "
        f"{rows['change'].mean():+.2f}."
    ).replace("-", "\u2212")


def score_change_drawing(change: ScoreTables | None) -> Drawing | None:
    """The changes for wide and narrow pages; None where nothing is followed over time."""
    if change is None or change.frames["rows"].empty:
        return None
    wide, narrow = partial(score_change, change, upright=False), partial(score_change, change, upright=True)
    sizes = ((12.5, 5.2), (4.2, 0.068 * len(change.frames["rows"]) + 2.4))
    return drawing("score-change", score_change_alt(change), wide=wide, narrow=narrow, sizes=sizes)
