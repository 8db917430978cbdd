"""What goes with what: the correlation of every two indicators of a profile, as a heat picture with its numbers."""

import textwrap
from functools import partial

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from ranktrust.composite import ScoreTables, clear_pairs
from ranktrust.figures.frame import put_title
from ranktrust.figures.svg import INK, LOWER_COLOUR, PAPER, SOFT, UPPER_COLOUR, Drawing, drawing

_FULL = 0.8
"""Correlation at which a colour is full."""

_DARK = 0.55
"""Opacity from which text on a cell is light."""

_HATCH = "////"


def correlation_heat(tables: ScoreTables, ax: Axes, *, wide: bool) -> None:
    """Draw one cell a pair of indicators, below the diagonal: mean correlation, and its interval where `wide`.

    Blue cells are positive (better goes with better), brown ones negative and hatched, so that grey paper tells them
    apart; paler is weaker. An empty cell with a cross has no trust with both figures. A reader may not conclude that
    one indicator moves the other.
    """
    names = [str(name) for name in tables.facts["indicators"]]
    for row in tables.frames["correlations"].reset_index().to_dict("records"):
        place = sorted((names.index(row["indicator"]), names.index(row["other"])))
        _cell(ax, (place[0], place[1]), pd.Series(row), wide=wide)
    labels = [textwrap.fill(label, 17) if wide else label for label in _labels(tables)]
    n = len(names)
    ax.set_xlim(-0.5, n - 1.5)
    ax.set_ylim(n - 0.5, 0.5)
    ax.set_yticks(range(1, n), labels[1:] if wide else [str(place) for place in range(2, n + 1)])
    ax.set_xticks(range(n - 1), labels[:-1] if wide else [str(place) for place in range(1, n)])
    ax.tick_params(length=0, labelsize=9)
    for spine in ax.spines.values():
        spine.set_visible(False)
    ax.set_xlabel(_key(labels, tables, wide=wide), loc="left", fontsize=9)
    put_title(ax, correlation_title(tables))


def correlation_title(tables: ScoreTables) -> str:
    """How many pairs of indicators go with each other, and how many against."""
    rows = tables.frames["correlations"]
    up, down = clear_pairs(rows)
    return f"Of {len(rows)} pairs {len(up)} clearly go together, {len(down)} go against"


def _cell(ax: Axes, at: tuple[int, int], row: pd.Series, *, wide: bool) -> None:
    value = float(row["correlation"])
    depth = float(np.clip(abs(value) / _FULL, 0.04, 1))
    colour = UPPER_COLOUR if value > 0 else LOWER_COLOUR
    corner = (at[0] - 0.48, at[1] - 0.48)
    if row["prior_only"]:
        ax.add_patch(Rectangle(corner, 0.96, 0.96, facecolor="none", edgecolor=SOFT, linewidth=0.6))
        ax.text(*at, "×", ha="center", va="center", color=SOFT)  # noqa: RUF001 - a cross, as the key says
        return
    ax.add_patch(Rectangle(corner, 0.96, 0.96, facecolor=colour, alpha=depth, linewidth=0))
    if value < 0:
        lines = Rectangle(corner, 0.96, 0.96, facecolor="none", edgecolor=SOFT, hatch=_HATCH, linewidth=0, alpha=0.35)
        ax.add_patch(lines)
    text = _signed(value)
    if wide:
        text += f"\n{_signed(float(row['lower']))} to {_signed(float(row['upper']))}"
    ink = PAPER if depth > _DARK else INK
    ax.text(*at, text, ha="center", va="center", fontsize=9 if wide else 8, color=ink)


def _signed(value: float) -> str:
    return f"{value:+.2f}".replace("-", "\u2212")


def _labels(tables: ScoreTables) -> list[str]:
    """The titles up to their colons, whole where two begin alike."""
    titles = [str(tables.facts["titles"][name]) for name in tables.facts["indicators"]]
    heads = [title.partition(":")[0] for title in titles]
    return [title if heads.count(head) > 1 else head for title, head in zip(titles, heads, strict=True)]


def _key(labels: list[str], tables: ScoreTables, *, wide: bool) -> str:
    said = (
        f"blue: better goes with better; brown and hatched: better goes with worse; darker: stronger, full at "
        f"{_FULL:.1f}"
    )
    if tables.frames["correlations"]["prior_only"].any():
        said += "; cross: never observed together"
    if wide:
        return f"\n{said}"
    keys = [f"{place}  {label}" for place, label in enumerate(labels, start=1)]
    return "\n".join([*keys, "", textwrap.fill(said, 48)])


def correlation_alt(tables: ScoreTables) -> str:
    """What the picture shows, in words with its numbers."""
    rows, facts = tables.frames["correlations"].reset_index(), tables.facts
    titles, known = facts["titles"], rows[~rows["prior_only"]]
    strongest = known.reindex(known["correlation"].abs().sort_values(ascending=False).index).head(3)
    said = "; ".join(
        f"{titles[row['indicator']]} with {titles[row['other']]} {_signed(row['correlation'])} "
        f"({_signed(row['lower'])} to {_signed(row['upper'])})"
        for row in strongest.to_dict("records")
    )
    up, down = clear_pairs(rows.set_index("indicator"))
    return (
        f"Correlation of outcomes across {facts['noun']}s for {len(rows)} pairs of {len(facts['indicators'])} "
        f"indicators, turned so that positive means that better goes with better. {len(up)} are clearly "
        f"positive, {len(down)} clearly negative. Strongest, with {round(100 * facts['prob'])}% intervals: {said}."
    )


def correlation_drawing(tables: ScoreTables) -> Drawing:
    """The heat picture for wide pages, with intervals in its cells, and for narrow ones, with numbered indicators."""
    n = len(tables.facts["indicators"])
    wide, narrow = (partial(correlation_heat, tables, wide=form) for form in (True, False))
    sizes = ((12.5, 1.9 + 0.72 * n), (4.2, 2.6 + 0.62 * n))
    return drawing("correlations", correlation_alt(tables), wide=wide, narrow=narrow, sizes=sizes)
