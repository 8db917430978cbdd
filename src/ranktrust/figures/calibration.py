"""Pictures of a calibration: where the truth stands among the draws, coverage against content, and reliability."""

from collections.abc import Hashable, Mapping
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from ranktrust.evidence import Curve
from ranktrust.figures.frame import is_narrow, put_legend, put_title
from ranktrust.figures.svg import INK, LOWER_COLOUR, MIDDLE_COLOUR, RULE, SOFT, UPPER_COLOUR, ZONE, Drawing, drawing
from ranktrust.words import count_text

_SHADES = (UPPER_COLOUR, LOWER_COLOUR, MIDDLE_COLOUR, INK, SOFT)
_LINES = ("-", "--", ":", "-.", (0, (1, 3)))
_MARKS = ("o", "s", "^", "D")
_SIZES = ((12.5, 4.4), (4.2, 4.0))
_SQUARE = ((8.0, 5.6), (4.2, 4.2))
_MOST = len(_LINES)


def places(curves: Mapping[str, Curve], ax: Axes) -> None:
    """Draw how far the distribution of the truth's place among its draws is from uniform, with the widest band.

    A line above zero on the left and below it on the right means that the truth lies too often at the ends: the draws
    are too narrow. The other way round they are too wide. At most five curves, those farthest from uniform.
    """
    shown = _farthest(curves)
    widest = max(shown.values(), key=lambda curve: float((curve.upper - curve.lower).max()))
    ax.fill_between(widest.at, widest.lower - widest.at, widest.upper - widest.at, color=ZONE, step=None,
                    label="band of the widest curve", linewidth=0)  # fmt: skip
    ax.axhline(0, color=SOFT, linewidth=1)
    for place, (name, curve) in enumerate(shown.items()):
        ax.plot(curve.at, curve.found - curve.expected, color=_SHADES[place], linestyle=_LINES[place], linewidth=1.7,
                label=f"{name or 'true rank'} (p {_p(curve.p)})")  # fmt: skip
    ax.set_xlim(0, 1)
    ax.set_xlabel("place of the truth among its draws")
    ax.set_ylabel("share of truths at or below it,\nless what is due")
    words = f"Outside its band: {_left(curves)} of {count_text(len(curves), 'curve')}"
    put_title(ax, words, legend_rows=_legend(ax, 3))


def _farthest(curves: Mapping[str, Curve]) -> dict[str, Curve]:
    return dict(sorted(curves.items(), key=lambda item: item[1].p)[:_MOST])


def _p(value: float) -> str:
    return f"{value:.2f}" if value >= 0.01 else f"{value:.4f}"


def _legend(ax: Axes, columns: int) -> int:
    """Put the legend above the picture; its rows."""
    return put_legend(ax, 1 if is_narrow(ax) else columns)


def _left(curves: Mapping[str, Curve]) -> int | str:
    """How many curves leave their band somewhere."""
    out = [bool(((curve.found < curve.lower) | (curve.found > curve.upper)).any()) for curve in curves.values()]
    return sum(out) or "none"


def places_alt(curves: Mapping[str, Curve], words: str) -> str:
    """What the picture shows, in words with its numbers."""
    worst_name, worst = min(curves.items(), key=lambda item: item[1].p)
    away = float(np.abs(worst.found - worst.expected).max())
    return (
        f"Places of the truth among its draws, {words}: {len(curves)} "
        f"{'curve' if len(curves) == 1 else 'curves'}, each should be flat at zero. The least likely is that of "
        f"{worst_name or 'the true rank'}: at most {away:.3f} away, p {_p(worst.p)}."
    )


def places_drawing(curves: Mapping[str, Curve], words: str, name: str) -> Drawing | None:
    """The places of the truth for wide and narrow pages; `words` say of what. None without a curve."""
    if not curves:
        return None
    fill = partial(places, curves)
    return drawing(name, places_alt(curves, words), wide=fill, narrow=fill, sizes=_SIZES)


def reliability(curves: Mapping[str, Curve], ax: Axes) -> None:
    """Draw how often statements came true against how probable they were said to be, on the diagonal if right.

    Points above it mean that statements were too timid, below it too bold; bars are the band around the diagonal that
    holds all points of one kind at once.
    """
    ax.plot([0, 1], [0, 1], color=SOFT, linewidth=1)
    for place, (name, curve) in enumerate(curves.items()):
        colour = _SHADES[place % len(_SHADES)]
        ax.vlines(curve.at, np.clip(curve.lower, 0, 1), np.clip(curve.upper, 0, 1), color=RULE,
                  linewidth=max(7 - 2 * place, 1))  # fmt: skip
        inside = "none" if place else colour
        ax.plot(curve.at, curve.found, _MARKS[place % 4], color=colour, markersize=6, linestyle=_LINES[place % 4],
                linewidth=0.9, markerfacecolor=inside, label=f"{name} (p {_p(curve.p)})")  # fmt: skip
    ax.set_xlim(0, 1)
    ax.set_ylim(0, 1)
    ax.set_xlabel("probability as stated")
    ax.set_ylabel("share that came true")
    kinds = count_text(len(curves), "kind of statement", "kinds of statement")
    put_title(ax, f"Outside its band: {_left(curves)} of {kinds}", legend_rows=_legend(ax, 3))


def reliability_alt(curves: Mapping[str, Curve]) -> str:
    """What the picture shows, in words with its numbers."""
    said = [
        f"{name} at most {np.abs(curve.found - curve.at).max():.3f}, p {_p(curve.p)}" for name, curve in curves.items()
    ]
    return f"Stated probabilities against how often they came true; distance from the diagonal: {'; '.join(said)}."


def reliability_drawing(curves: Mapping[str, Curve], name: str = "reliability") -> Drawing | None:
    """Reliability for wide and narrow pages, `name` told apart from others of a page; None without a curve."""
    if not curves:
        return None
    fill = partial(reliability, curves)
    return drawing(name, reliability_alt(curves), wide=fill, narrow=fill, sizes=_SQUARE)


def coverages(table: pd.DataFrame, ax: Axes) -> None:
    """Draw for each interval its claim, what it contains of the draws, and how often it held the truth.

    `table` is that of `evidence.coverage_table`. Bars are three standard errors over simulations to either side of
    the content: the truth's mark should lie on its bar, and no more than two errors below the claim.
    """
    rows = list(range(len(table)))[::-1]
    ax.hlines(rows, 100 * (table["content"] - 3 * table["error"]), 100 * (table["content"] + 3 * table["error"]),
              color=ZONE, linewidth=11, label="content, three errors to either side")  # fmt: skip
    ax.plot(100 * table["claimed"], rows, "|", color=SOFT, markersize=20, markeredgewidth=2, label="claimed")
    ax.plot(100 * table["content"], rows, "s", color=MIDDLE_COLOUR, markersize=7, markerfacecolor="none",
            label="content")  # fmt: skip
    ax.plot(100 * table["covered"], rows, "o", color=UPPER_COLOUR, markersize=6, label="held the truth")
    ax.set_yticks(rows, [_coverage_label(row) for row in table.to_dict("records")])
    ax.set_xlim(min(45.0, 100 * float(table["covered"].min()) - 3), 101)
    ax.set_ylim(-0.7, len(rows) - 0.3)
    ax.set_xlabel("per cent")
    held = int(((table["covered"] - table["content"]).abs() <= 3 * table["error"]).sum())
    words = f"{held or 'None'} of {count_text(len(table), 'promise')} held the truth as claimed"
    put_title(ax, words, legend_rows=_legend(ax, 4))


def _coverage_label(row: Mapping[Hashable, Any]) -> str:
    ranking = f"{row['ranking']}\n" if row["ranking"] else ""
    what = "sets for all" if row["what"] == "simultaneous set" else "intervals"
    return f"{ranking}{100 * row['claimed']:.0f}% {what}"


def coverages_alt(table: pd.DataFrame) -> str:
    """What the picture shows, in words with its numbers."""
    said = [
        f"{_coverage_label(row).replace(chr(10), ' ')} held the truth in {100 * row['covered']:.1f}% and contain "
        f"{100 * row['content']:.1f}% of the draws (error {100 * row['error']:.1f})"
        for row in table.to_dict("records")
    ]
    return f"Coverage against content: {'; '.join(said)}."


def coverages_drawing(table: pd.DataFrame) -> Drawing | None:
    """Coverage for wide and narrow pages; None without a row."""
    if table.empty:
        return None
    height = 1.7 + 0.55 * len(table)
    fill = partial(coverages, table)
    sizes = ((12.5, height), (4.2, height + 0.9))
    return drawing("coverage", coverages_alt(table), wide=fill, narrow=fill, sizes=sizes)
