"""Figures against their volume, inside the limits of a trust that does not differ."""

from functools import partial
from itertools import pairwise
from typing import Any, Final

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import NullLocator
from numpy.typing import NDArray

from ranktrust.errors import UsageError
from ranktrust.figures.frame import is_narrow, put_legend, put_title
from ranktrust.figures.svg import ABOVE_COLOUR, BELOW_COLOUR, MIDDLE_COLOUR, PAPER, SOFT, ZONE, Drawing, drawing
from ranktrust.ranks import Funnel, overdispersed_limits, poisson_limits
from ranktrust.ranks.funnel import POISSON, TRANSFORMS
from ranktrust.words import count_text

_LOOKS: Final = {
    "higher": (ABOVE_COLOUR, "^"),
    "lower": (BELOW_COLOUR, "v"),
    "as expected": (MIDDLE_COLOUR, "o"),
}
_COUNTS: Final = ("log", "square_root")
_STEPS = 200
_NAMED = 25


def funnel_plot(funnel: Funnel, volume: pd.Series, ax: Axes, *, poisson: bool = True, title: bool = True) -> None:
    """Draw figures against `volume`, the denominators of `funnel`, on a log axis, with the over-dispersed limits.

    `poisson` adds the exact limits of counting error alone, of forms "log" and "square_root". Prefer it where the
    publisher compares with a standard (the SHMI does): it has no ranks. A reader may not conclude that the point
    furthest outside is the worst, that points inside are equal, nor that a point outside shows poor or good care.
    Raises UsageError for form "ratio", whose error has no single volume.
    """
    checked = _checked(funnel, volume)
    _draw_limits(funnel, checked, ax, poisson=poisson and funnel.form in _COUNTS)
    for band, (colour, marker) in _LOOKS.items():
        members = funnel.table.index[funnel.table["band"] == band]
        face = PAPER if marker == "o" else colour
        ax.plot(checked[members], funnel.table.loc[members, "value"], marker, label=_label(band, len(members)),
                color=colour, markerfacecolor=face, markersize=4.5 if marker == "o" else 7,
                markeredgewidth=0.9)  # fmt: skip
    _name_outside(funnel, checked, ax)
    _dress(funnel, ax)
    lines = put_legend(ax, 1 if is_narrow(ax) else 3)
    if title:
        put_title(ax, funnel_plot_title(funnel), legend_rows=lines)


def _noun(funnel: Funnel) -> str:
    return "trust" if funnel.table.index.name is None else str(funnel.table.index.name)


def _checked(funnel: Funnel, volume: pd.Series) -> pd.Series:
    if funnel.form == "ratio":
        raise UsageError('form "ratio" has no one volume to draw against; use "log", "square_root" or "arcsine"')
    if set(volume.index) != set(funnel.table.index):
        raise UsageError("the volumes must be the denominators that the funnel was made from, with the same names")
    return volume.loc[funnel.table.index].astype(float)


def limits_at(funnel: Funnel, volume: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The over-dispersed limits at any volume: at the trusts' own they are those of the funnel's table."""
    error = TRANSFORMS[funnel.form].error(volume, volume)
    return overdispersed_limits(
        error, form=funnel.form, target=funnel.target, tau_squared=funnel.tau_squared, prob=funnel.prob
    )


def _draw_limits(funnel: Funnel, volume: pd.Series, ax: Axes, *, poisson: bool) -> None:
    grid = np.geomspace(volume.min() / 1.15, volume.max() * 1.15, _STEPS)
    lower, upper = limits_at(funnel, grid)
    ax.fill_between(grid, lower, upper, color=ZONE, linewidth=0, zorder=0)
    for i, limit in enumerate((lower, upper)):
        label = f"{100 * funnel.prob:g}% limits with over-dispersion" if i == 0 else None
        ax.plot(grid, limit, color=SOFT, linewidth=1.5, label=label, zorder=1)
    if poisson:
        for i, limit in enumerate(poisson_limits(grid)):
            label = f"{100 * POISSON:g}% limits, counting error alone" if i == 0 else None
            ax.plot(grid, funnel.target * limit, color=SOFT, linewidth=1.2, linestyle=":", label=label, zorder=1)
    ax.axhline(funnel.target, color=SOFT, linewidth=1.1, linestyle="--", label=f"target {funnel.target:.3g}", zorder=1)
    ax.set_xlim(grid[0], grid[-1])


def _label(band: str, count: int) -> str:
    return f"{band} than expected ({count})" if band != "as expected" else f"{band} ({count})"


def _name_outside(funnel: Funnel, volume: pd.Series, ax: Axes) -> None:
    """Name the trusts outside, while they are few enough to be read."""
    outside = funnel.table[funnel.table["band"] != "as expected"]
    if len(outside) > _NAMED or is_narrow(ax):
        return
    crowded = _crowded(outside["value"], volume)
    for name, value, band in zip(outside.index, outside["value"], outside["band"], strict=True):
        side = 1 if band == "higher" else -1
        ax.annotate(str(name), (volume[name], value), (0, 7 * side), textcoords="offset points", fontsize=8,
                    ha=crowded.get(name, "center"), va="bottom" if side > 0 else "top",
                    color=_LOOKS[band][0])  # fmt: skip


def _crowded(values: pd.Series, volume: pd.Series) -> dict[Any, str]:
    """Sides for the names of marks so near each other that centred names would overlap."""
    order = volume[values.index].sort_values().index
    sides: dict[Any, str] = {}
    for left, right in pairwise(order):
        if np.log(volume[right] / volume[left]) < 0.06 and abs(values[right] - values[left]) < 0.02:
            sides |= {left: "right", right: "left"}
    return sides


def _dress(funnel: Funnel, ax: Axes) -> None:
    ax.set_xscale("log")
    ax.margins(y=0.09)
    low, high = ax.get_xlim()
    ticks = [step * 10**power for power in range(9) for step in (1, 2, 5) if low <= step * 10**power <= high]
    ax.set_xticks(ticks, [f"{tick:,}" for tick in ticks])
    ax.xaxis.set_minor_locator(NullLocator())
    what = "expected count" if funnel.form in _COUNTS else "denominator"
    ax.set_xlabel(f"{what}, log scale; each mark is a {_noun(funnel)}")
    ax.set_ylabel("observed / expected" if funnel.form in _COUNTS else "share")


def funnel_plot_title(funnel: Funnel) -> str:
    """How many trusts lie outside the over-dispersed limits."""
    n, outside = len(funnel.table), int((funnel.table["band"] != "as expected").sum())
    verb = "lies" if outside == 1 else "lie"
    return f"{outside or 'None'} of {count_text(n, _noun(funnel))} {verb} outside the limits"


def funnel_plot_alt(funnel: Funnel, volume: pd.Series, *, poisson: bool = True) -> str:
    """What the picture shows, in words with its numbers."""
    checked, bands = _checked(funnel, volume), funnel.table["band"].value_counts()
    higher, lower = (int(bands.get(band, 0)) for band in ("higher", "lower"))
    words = (
        f"{count_text(len(funnel.table), _noun(funnel)).capitalize()} with volumes from {checked.min():,.0f} to "
        f"{checked.max():,.0f}, about the target {funnel.target:.3g}. Against {100 * funnel.prob:g}% limits with "
        f"over-dispersion (phi {funnel.phi:.2f}, tau squared {funnel.tau_squared:.4f}) {higher} are higher than "
        f"expected, {lower} lower and {len(funnel.table) - higher - lower} as expected."
    )
    if not poisson or funnel.form not in _COUNTS:
        return words
    limits = poisson_limits(checked.to_numpy())
    ratio = funnel.table["value"].to_numpy() / funnel.target
    outside = int(((ratio < limits[0]) | (ratio > limits[1])).sum())
    return f"{words} {outside} lie outside the narrower {100 * POISSON:g}% limits of counting error alone."


def funnel_plot_drawing(funnel: Funnel, volume: pd.Series, *, poisson: bool = True) -> Drawing:
    """The funnel for wide and narrow pages."""
    fill = partial(funnel_plot, funnel, volume, poisson=poisson)
    alt = funnel_plot_alt(funnel, volume, poisson=poisson)
    return drawing(f"funnel-{_noun(funnel)}", alt, wide=fill, narrow=fill, sizes=((12.5, 6.0), (4.2, 5.2)))
