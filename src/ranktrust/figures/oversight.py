"""P(segment) of every trust as a stacked bar, trusts in the order of their official rank."""

from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from ranktrust.composite import SEGMENTS, ScoreTables
from ranktrust.figures.frame import put_legend, put_title
from ranktrust.figures.svg import INK, PAPER, SEGMENT_COLOURS, SOFT, Drawing, drawing

_COLOURS = dict(zip(SEGMENTS, SEGMENT_COLOURS, strict=True))
_NAMED = 0.95
"""A trust whose published segment is less probable than this is named."""


def segment_rows(tables: ScoreTables, which: str) -> pd.DataFrame:
    """P(segment 1..4), columns 1 to 4, of the trusts modelled; `which` is `with` or `without` the override."""
    rows = tables.frames["rows"]
    rows = rows[rows["modelled"]]
    if which == "without":
        rows = rows.sort_values("expected_rank_without", kind="stable")
    return pd.DataFrame({segment: rows[f"p_segment_{segment}_{which}"] for segment in SEGMENTS})


def segment_bars(tables: ScoreTables, ax: Axes, *, which: str, across: bool) -> None:
    """Draw a bar a trust, from segment 1 to segment 4; `across` has the trusts from left to right.

    Trusts whose published segment has a probability under 0.95 are named. A reader may not conclude that the other
    segments are certain: most metrics are held fixed.
    """
    shares = segment_rows(tables, which)
    places, start = np.arange(len(shares)), np.zeros(len(shares))
    for segment in SEGMENTS:
        size = shares[segment].to_numpy()
        bar: dict[str, Any] = {"color": _COLOURS[segment], "label": f"segment {segment}", "linewidth": 0.3}
        if across:
            ax.bar(places, size, bottom=start, width=1.0, edgecolor=PAPER, **bar)
        else:
            ax.barh(places, size, left=start, height=1.0, edgecolor=PAPER, **bar)
        start = start + size
    _label(tables, ax, shares, across=across)
    put_title(ax, segment_title(tables, which), legend_rows=put_legend(ax, 4 if across else 2))


def segment_title(tables: ScoreTables, which: str) -> str:
    """How many have no segment that is nearly certain."""
    shares = segment_rows(tables, which)
    words = f"{int((shares.max(axis=1) < _NAMED).sum())} of {len(shares)} have no segment above 95%"
    return words if which == "with" else f"{words} without override"


def _label(tables: ScoreTables, ax: Axes, shares: pd.DataFrame, *, across: bool) -> None:
    unsure = [place for place, trust in enumerate(shares.index) if shares.loc[trust].max() < _NAMED]
    names = [str(shares.index[place]) for place in unsure]
    words = f"{len(shares)} {tables.facts['noun']}s, best first; named: no segment above 95%"
    for spine in ax.spines.values():
        spine.set(visible=True, color=SOFT, linewidth=0.8)
    if across:
        ax.set_xlim(-0.5, len(shares) - 0.5)
        ax.set_xticks(unsure, names, rotation=90, fontsize=8)
        ax.set_yticks([0, 0.5, 1], ["0", "50%", "100%"])
        ax.set_xlabel(words)
    else:
        ax.set_ylim(len(shares) - 0.5, -0.5)
        ax.set_yticks(unsure, names, fontsize=8)
        ax.set_xticks([0, 0.5, 1], ["0", "50%", "100%"])
        ax.set_xlabel(words.replace("; ", ";\n"))
    ax.tick_params(length=2, labelcolor=INK)


def segment_alt(tables: ScoreTables, which: str) -> str:
    """What the picture shows, in words with its numbers."""
    shares = segment_rows(tables, which)
    expected = ", ".join(f"{shares[segment].sum():.1f} in segment {segment}" for segment in SEGMENTS)
    open_ones = int((shares.max(axis=1) < _NAMED).sum())
    return (
        f"Probability of each segment for {len(shares)} {tables.facts['noun']}s {which} the deficit override. Expected "
        f"are {expected}. For {open_ones} of them no segment reaches 95%; they are named by their codes."
    )


def segment_drawing(tables: ScoreTables, which: str = "with") -> Drawing:
    """The bars for wide pages, trusts across, and for narrow ones, trusts from top to bottom."""
    wide = partial(segment_bars, tables, which=which, across=True)
    narrow = partial(segment_bars, tables, which=which, across=False)
    return drawing(
        f"segments-{which}", segment_alt(tables, which), wide=wide, narrow=narrow, sizes=((12.5, 3.5), (4.2, 8.8))
    )
