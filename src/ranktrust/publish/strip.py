"""One row's picture as a small inline SVG: the law of a rank, or an interval against a standard.

The drawings stretch to their cell; they hold no text, so that nothing in them is distorted. Colours are classes of
the style sheet, which has them for light, dark and printed pages.
"""

from collections.abc import Sequence
from itertools import groupby, pairwise
from typing import Final

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray

from ranktrust.publish.html import markup
from ranktrust.vocabulary import quarter_of

SHADES: Final = (0.001, 0.01, 0.025, 0.05, 0.1, 0.25)
"""Lower bounds of the shades: a rank of probability below the first is left blank."""


def shade_of(pmf: Sequence[float] | NDArray[np.float64]) -> NDArray[np.int_]:
    """The shade of each rank, 0 (blank) to 6 (probability at least 0.25); the same steps in every table."""
    return np.searchsorted(np.asarray(SHADES), np.asarray(pmf, dtype=float), side="right")


def shade_labels() -> tuple[str, ...]:
    """What each shade from 1 to 6 stands for."""
    edges = [f"{100 * value:g}" for value in SHADES]
    between = [f"{low} to {high}%" for low, high in pairwise(edges)]
    return (*between, f"{edges[-1]}% or more")


def rank_text(lower: float, upper: float, n: int) -> str:
    """A rank interval in words: `12 to 40 of 118`."""
    return f"{int(lower)} to {int(upper)} of {n}"


def quarter_edges(n: int) -> tuple[float, ...]:
    """Where the top quarter ends, the middle, and where the bottom quarter begins, counted in places from the left.

    The quarters are as many places as a table's columns count; the middle halves what is between.
    """
    quarter = quarter_of(n)
    return float(quarter), n / 2, float(n - quarter)


def rank_strip(pmf: Sequence[float] | NDArray[np.float64], lower: float, upper: float, *, prob: float) -> Markup:
    """The law of one rank as a heat strip, its interval as a line under it, quarters as ticks.

    `pmf` is P(rank = 1..n); `lower` and `upper` the bounds of the rank interval, whose probability is `prob`.
    """
    n = len(pmf)
    places, body = 0, Markup("")
    for shade, run in groupby(shade_of(pmf)):
        length = len(list(run))
        if shade:
            body += markup('<path class="s{s}" d="M{x} 0h{w}v16h-{w}z"/>', s=shade, x=places, w=length)
        places += length
    ticks = "".join(f"M{edge:g} 0v16" for edge in quarter_edges(n))
    return markup(
        '<svg class="strip" role="img" aria-label="{label}" viewBox="0 0 {n} 24" preserveAspectRatio="none">'
        '<path class="bed" d="M0 0h{n}v16h-{n}z"/>{body}<path class="tick" d="{ticks}"/>'
        '<path class="span" d="M{x} 19h{w}v4h-{w}z"/></svg>',
        label=f"{round(100 * prob)}% rank interval {rank_text(lower, upper, n)}",
        n=n, body=body, ticks=ticks, x=int(lower) - 1, w=int(upper) - int(lower) + 1,
    )  # fmt: skip


def interval_strip(
    interval: tuple[float, float, float], zone: tuple[float, float, float], ends: tuple[float, float], label: str
) -> Markup:
    """Estimate and interval against a standard on the scale `ends`.

    `interval` is lower, estimate, upper; `zone` standard - delta, standard, standard + delta.
    """
    low, width = ends[0], ends[1] - ends[0]
    at = [round(200 * (value - low) / width, 2) for value in (*interval, *zone)]
    return markup(
        '<svg class="strip interval" role="img" aria-label="{label}" viewBox="0 0 200 24" preserveAspectRatio="none">'
        '<path class="bed" d="M0 0h200v24h-200z"/><path class="zone" d="M{z0} 0H{z2}V24H{z0}z"/>'
        '<path class="line" d="M{z1} 0v24"/><path class="span" d="M{a} 10.5H{b}v3H{a}z"/>'
        '<path class="mark" d="M{e} 5v14"/></svg>',
        label=label, a=at[0], e=at[1], b=at[2], z0=at[3], z1=at[4], z2=at[5],
    )  # fmt: skip
