"""The whole law of every rank: trusts by places."""

from functools import partial

import numpy as np
from matplotlib.axes import Axes

from ranktrust.figures.frame import Ranking, rank_rows
from ranktrust.figures.svg import SOFT, Drawing, drawing

_BLUE = (10 / 255, 62 / 255, 105 / 255)
_FULL = 0.25


def rank_heat(table: Ranking, ax: Axes) -> None:
    """Draw P(rank = k) of every trust, a row each in the table's order, places from left to right.

    Full darkness is a probability of 0.25 or more. A reader may not conclude that neighbours differ.
    """
    rows = rank_rows(table)
    pmf, n = rows.pmf.to_numpy(), rows.n
    image = np.empty((*pmf.shape, 4))
    image[..., :3] = _BLUE
    image[..., 3] = np.sqrt(np.clip(pmf / _FULL, 0, 1))
    ax.imshow(image, extent=(0.5, n + 0.5, n + 0.5, 0.5), aspect="auto", interpolation="nearest")
    for place in (n / 4, n / 2, 3 * n / 4):
        ax.axvline(place + 0.5, color=SOFT, linewidth=0.8, linestyle=(0, (2, 3)))
    ax.set_xticks(sorted({1, round(n / 4), round(n / 2), round(3 * n / 4), n}))
    ax.set_yticks([])
    ax.set_xlabel(f"place among {n} (rank 1 is the {rows.best} value)")
    ax.set_ylabel(f"each row is a {rows.noun}, in the order of the table")


def rank_heat_alt(table: Ranking) -> str:
    """What the picture shows, in words with its numbers."""
    rows = rank_rows(table)
    width = rows.rows["rank_upper"] - rows.rows["rank_lower"] + 1
    return (
        f"Probability of each place for each of {rows.n} {rows.noun}s. "
        f"{round(100 * rows.prob)}% rank intervals are {int(width.min())} to {int(width.max())} places wide, "
        f"half of them at most {int(width.median())}."
    )


def rank_heat_drawing(table: Ranking) -> Drawing:
    """The heat map of a ranked table for wide and narrow pages."""
    fill = partial(rank_heat, table)
    name = f"heat-{rank_rows(table).name}"
    return drawing(name, rank_heat_alt(table), wide=fill, narrow=fill, sizes=((12.5, 7.0), (4.2, 4.4)))
