"""Picture of how each trust stands to the law of the others: conflict p values beside what chance alone would give."""

from functools import partial
from typing import Final

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter

from ranktrust.evidence import FDR, FitChecks
from ranktrust.figures.frame import put_title
from ranktrust.figures.svg import LOWER_COLOUR, RULE, SOFT, UPPER_COLOUR, Drawing, drawing

_SIZES: Final = ((12.5, 4.6), (4.2, 4.2))
_LEAST: Final = 1e-6
"""Smaller p values are drawn here: tails so far out are extrapolated by the law."""
_NAMED: Final = 5


def conflicts(trusts: pd.DataFrame, ax: Axes) -> None:
    """Draw the p values of `trusts` (columns p_value, conflict) in order against those due without any conflict.

    Both axes are logarithmic, the smallest at the left. Points near the diagonal are chance; those at or below the
    lower line stand for a false discovery rate of FDR.
    """
    table = _ordered(trusts)
    due, found = table["due"].to_numpy(), table["p_value"].clip(lower=_LEAST).to_numpy()
    ends = np.array([due[0], 1.0])
    ax.plot(ends, ends, color=SOFT, linewidth=1, label="as due by chance")
    ax.plot(ends, FDR * ends, color=SOFT, linestyle="--", linewidth=1.2,
            label=f"false discovery rate of {100 * FDR:.0f}%")  # fmt: skip
    apart = table["conflict"].to_numpy(bool)
    kinds = ((~apart, "o", UPPER_COLOUR, "no conflict"), (apart, "D", LOWER_COLOUR, "conflict"))
    for part, marker, colour, words in kinds:
        if part.any():
            ax.plot(due[part], found[part], marker, color=colour, markersize=4.5, markeredgecolor=RULE,
                    markeredgewidth=0.3, label=f"{words} ({int(part.sum())})")  # fmt: skip
    for place in np.flatnonzero(apart)[:_NAMED]:
        ax.annotate(str(table.index[place]), (due[place], found[place]), xytext=(0, -14), textcoords="offset points",
                    ha="center", fontsize=9.5)  # fmt: skip
    _scales(ax, min(FDR * due[0], found[0]) / 3)
    put_title(ax, f"{int(apart.sum()) or 'None'} of {len(table)} figures conflict with the others")


def _scales(ax: Axes, least: float) -> None:
    for axis, scale in ((ax.xaxis, ax.set_xscale), (ax.yaxis, ax.set_yscale)):
        scale("log")
        axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    ax.set_ylim(least, 1.5)
    ax.set_xlabel("p value due at this place without conflict")
    ax.set_ylabel("conflict p value")
    ax.legend(loc="upper left", fontsize=9.5)


def _ordered(trusts: pd.DataFrame) -> pd.DataFrame:
    table = trusts.sort_values("p_value")
    return table.assign(due=np.arange(1, len(table) + 1) / len(table))


def conflicts_alt(trusts: pd.DataFrame) -> str:
    """What the picture shows, in words with its numbers."""
    table = _ordered(trusts)
    named = [str(trust) for trust in table.index[table["conflict"].to_numpy(bool)]]
    below = int((table["p_value"] < 0.05).sum())
    said = (
        f"Each of {len(table)} p values says how far a figure lies from what the others lead to expect. {below} are "
        f"below 0.05, where {0.05 * len(table):.0f} are due by chance; the smallest is {table['p_value'].iloc[0]:.2g}."
    )
    held = f"At a false discovery rate of {100 * FDR:.0f}%"
    return f"{said} {held} in conflict: {', '.join(named)}." if named else f"{said} {held} none is in conflict."


def conflicts_drawing(checks: FitChecks | None) -> Drawing | None:
    """Conflicts with the law of the others for wide and narrow pages; None where trusts could not be left out."""
    if checks is None or checks.trusts.empty:
        return None
    fill = partial(conflicts, checks.trusts)
    return drawing("conflicts", conflicts_alt(checks.trusts), wide=fill, narrow=fill, sizes=_SIZES)
