"""The rank of one trust as a few dots, each equally likely to be it."""

from dataclasses import dataclass
from functools import partial

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import EllipseCollection
from numpy.typing import NDArray

from ranktrust.errors import UsageError
from ranktrust.figures.frame import (
    Ranking,
    RankRows,
    is_narrow,
    known,
    put_places,
    put_title,
    rank_rows,
    short,
    wrapped,
)
from ranktrust.figures.svg import LOWER_COLOUR, MIDDLE_COLOUR, PAPER, SOFT, UPPER_COLOUR, Drawing, drawing
from ranktrust.ranks import posterior

COUNTS = (20, 50)
_FLAT = 0.24
_UPPER, _MIDDLE, _LOWER = range(3)


@dataclass(frozen=True)
class Dots:
    """Where the dots are drawn: `x` in places, `level` 0 and up within a stack, `part` of the order, and their size."""

    places: NDArray[np.int64]
    x: NDArray[np.float64]
    level: NDArray[np.int64]
    part: NDArray[np.int64]
    size: float


def dot_places(table: Ranking, *, trust: str, count: int = 20) -> NDArray[np.int64]:
    """The places of the dots: quantiles 1/2, 3/2, ... of `count` of the trust's rank law.

    Raises UsageError unless `count` is 20 or 50.
    """
    if count not in COUNTS:
        raise UsageError(f"a quantile dotplot has 20 or 50 dots, not {count}")
    rows = rank_rows(table)
    law = np.cumsum(rows.pmf.loc[known(rows, [trust], 1)[0]].to_numpy())
    wanted = (np.arange(count) + 0.5) / count
    places: NDArray[np.int64] = 1 + np.searchsorted(law, wanted - posterior.SLACK)
    return np.minimum(places, rows.n)


def quantile_dots(table: Ranking, ax: Axes, *, trust: str, count: int = 20, title: bool = True) -> None:
    """Draw the rank law of one trust as 20 or 50 dots, each a 1 in 20 (or 50) chance, with its rank interval below.

    Prefer it for readers who count rather than read probabilities (Kay et al. 2016, CHI 5092-5103): a chance is the
    number of dots in a region. Dots of the top quarter are full, of the bottom quarter crossed, others open; no dot
    is moved across the edge of a quarter. A reader may not conclude that a place without a dot is impossible: 20 dots
    show no chance below 1 in 20.
    """
    rows = rank_rows(table)
    places = dot_places(table, trust=trust, count=count)
    dots = stacked(rows, places, flat=1.6 * _FLAT if is_narrow(ax) else _FLAT)
    colours = np.array([UPPER_COLOUR, MIDDLE_COLOUR, LOWER_COLOUR])[dots.part]
    faces = [colour if part != _MIDDLE else PAPER for colour, part in zip(colours, dots.part, strict=True)]
    at = np.column_stack([dots.x, (dots.level + 0.5) * dots.size])
    size = np.full(count, 0.92 * dots.size)
    ax.add_collection(EllipseCollection(size, size, np.zeros(count), units="xy", offsets=at, facecolors=faces,
                                        edgecolors=colours, linewidths=1.4, offset_transform=ax.transData))  # fmt: skip
    low = at[dots.part == _LOWER]
    ax.plot(low[:, 0], low[:, 1], "x", color=PAPER, markersize=6, markeredgewidth=1.4)
    _dress(rows, ax, trust, dots)
    if title:
        put_title(ax, quantile_dots_title(table, trust=trust, count=count))


def parts_of(rows: RankRows, places: NDArray[np.int64]) -> NDArray[np.int64]:
    """0 for a place of the top quarter, 2 of the bottom quarter, 1 between."""
    parts: NDArray[np.int64] = np.where(places <= rows.top, _UPPER, np.where(places > rows.n - rows.bottom, _LOWER, 1))
    return parts


def stacked(rows: RankRows, places: NDArray[np.int64], *, flat: float) -> Dots:
    """Stack the dots by the widest bins of places whose tallest stack stays within `flat` of the width.

    Bins begin anew at the edge of a quarter, so that dots are counted in the quarter where they are drawn.
    """
    part = parts_of(rows, places)
    room = flat * rows.n
    for width in range(max(1, rows.n // 20), 0, -1):
        x, level = _binned(rows, places, part, width)
        if (level.max() + 1) * width <= room or width == 1:
            break
    return Dots(places, x, level, part, min(float(width), room / (level.max() + 1)))


def _binned(
    rows: RankRows, places: NDArray[np.int64], part: NDArray[np.int64], width: int
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Middle of each dot's bin, and its level in the stack there."""
    starts = np.array([1, rows.top + 1, rows.n - rows.bottom + 1, rows.n + 1])
    spans = np.diff(starts)
    bins = np.maximum(1, np.round(spans / width)).astype(int)
    inside = (places - starts[part]) * bins[part] // np.maximum(spans[part], 1)
    x = starts[part] - 0.5 + (inside + 0.5) * spans[part] / bins[part]
    level = np.array([np.sum(x[:i] == x[i]) for i in range(len(x))])
    return x, level


def _dress(rows: RankRows, ax: Axes, trust: str, dots: Dots) -> None:
    put_places(ax, rows)
    lower, upper = rows.bounds(trust)
    ax.hlines(-0.55 * dots.size, lower - 0.5, upper + 0.5, color=SOFT, linewidth=3)
    ax.axhline(0, color=SOFT, linewidth=0.8)
    ax.set_ylim(-dots.size, (dots.level.max() + 1.1) * dots.size)
    ax.set_aspect("equal")
    ax.set_yticks([])
    ax.spines["left"].set_visible(False)
    interval = f"bar: {round(100 * rows.prob)}% rank interval, {rows.interval(trust)}"
    ax.set_xlabel(wrapped(ax, f"{ax.get_xlabel()}\neach dot: 1 chance in {len(dots.places)}; {interval}"))


def dot_counts(table: Ranking, *, trust: str, count: int = 20) -> tuple[int, int, int]:
    """How many dots are in the top quarter, between, and in the bottom quarter."""
    parts = parts_of(rank_rows(table), dot_places(table, trust=trust, count=count))
    upper, middle, lower = (int((parts == part).sum()) for part in range(3))
    return upper, middle, lower


def quantile_dots_title(table: Ranking, *, trust: str, count: int = 20) -> str:
    """How many dots are in the quarter that has more of them."""
    upper, _, lower = dot_counts(table, trust=trust, count=count)
    end, dots = ("bottom", lower) if lower > upper else ("top", upper)
    words = f"{dots or 'None'} of {count} dots {'is' if dots <= 1 else 'are'} in the {end} quarter"
    return short(f"{trust}: {words}", words)


def quantile_dots_alt(table: Ranking, *, trust: str, count: int = 20) -> str:
    """What the picture shows, in words with its numbers."""
    rows = rank_rows(table)
    upper, middle, lower = dot_counts(table, trust=trust, count=count)
    places = dot_places(table, trust=trust, count=count)
    return (
        f"The rank of {trust} among {rows.n} {rows.noun}s as {count} equally likely dots, from place {places.min()} to "
        f"{places.max()}: {upper} of {count} dots are in the top quarter (places 1 to {rows.top}), {lower} in the "
        f"bottom quarter (places {rows.n - rows.bottom + 1} to {rows.n}), {middle} between. "
        f"{round(100 * rows.prob)}% rank interval {rows.interval(trust)}."
    )


def quantile_dots_drawing(table: Ranking, *, trust: str, count: int = 20) -> Drawing:
    """The dots for wide and narrow pages."""
    rows = rank_rows(table)
    fill, alt = (partial(quantile_dots, table, trust=trust, count=count),
                 quantile_dots_alt(table, trust=trust, count=count))  # fmt: skip
    return drawing(f"dots-{rows.name}", alt, wide=fill, narrow=fill, sizes=((12.5, 3.9), (4.2, 3.9)))
