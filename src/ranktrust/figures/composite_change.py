"""How the score of each trust has changed: one interval a trust."""

from functools import partial
from typing import Final

import pandas as pd
from matplotlib.axes import Axes

from ranktrust.composite import ScoreTables
from ranktrust.figures.bars import draw_moves, dress_bars
from ranktrust.figures.svg import Drawing, drawing
from ranktrust.league import moved
from ranktrust.panel import period_text

_WORDS: Final = {"better": "very probably rose", "worse": "very probably fell", "open": "cannot be told"}


def score_change(change: ScoreTables, ax: Axes, *, upright: bool) -> None:
    """Draw each trust's change of score with its interval, by size, with no change and the mean change as lines.

    Shape tells what P(score rose) says without colour. A reader may not conclude that neighbours differ.
    """
    rows, facts = _ordered(change), change.facts
    drawn = rows.rename(columns={"change_lower": "lower", "change_upper": "upper", "p_improved": "p"})
    draw_moves(ax, drawn, _WORDS, (rows["change"].mean(), "mean change"), upright=upright)
    between = "\n" if upright else " "
    values = f"change of score since {period_text(facts['before'])},{between}{100 * facts['prob']:.0f}% interval"
    bars = f"each bar is a {facts['noun']}, in the order of its change"
    dress_bars(ax, title=score_change_title(change), values=values, bars=bars, upright=upright)


def score_change_title(change: ScoreTables) -> str:
    """How many scores rose, how many fell, and of how many it cannot be told."""
    rows = change.frames["rows"]
    found = moved(rows["p_improved"]).value_counts()
    better, worse, still = (int(found.get(name, 0)) for name in _WORDS)
    return f"{better} of {len(rows)} scores rose, {worse} fell, {still} cannot be told"


def _ordered(change: ScoreTables) -> pd.DataFrame:
    return change.frames["rows"].sort_values("change", ascending=False, kind="stable")


def score_change_alt(change: ScoreTables) -> str:
    """What the picture shows, in words with its numbers."""
    rows, facts = _ordered(change), change.facts
    found = moved(rows["p_improved"]).value_counts()
    counted = ", ".join(f"{int(found.get(name, 0))} {words}" for name, words in _WORDS.items())
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
