"""P(above) of every pair, in the table's order."""

from functools import partial
from itertools import pairwise
from typing import Any, Final

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.image import AxesImage
from matplotlib.patches import PathPatch
from matplotlib.path import Path
from numpy.typing import NDArray

from ranktrust.figures.frame import (
    DECIDED,
    Ranking,
    RankRows,
    decided_pairs,
    is_narrow,
    percent,
    put_title,
    rank_rows,
    wrapped,
)
from ranktrust.figures.svg import INK, PAPER, Drawing, drawing

SHADES: Final = LinearSegmentedColormap.from_list("above", ["#fff4df", "#f2cd95", "#b8b6b2", "#4d81ac", "#082a4d"])
"""From pale amber (surely below) through grey (no telling) to dark blue (surely above); darkness grows all the way."""

_LABEL: Final = {"boxstyle": "round,pad=0.2", "facecolor": PAPER, "edgecolor": "none", "alpha": 0.9}
_NAMED = 40
_BLOCKS = 4


def pair_matrix(table: Ranking, ax: Axes, *, blocks: bool = True, title: bool = True) -> None:
    """Draw P(row above column) of every pair in the table's order; a line encloses the pairs that are not decided.

    Up to 40 trusts are all named; beyond that the ends of the order are, and with `blocks` the matrix is cut into
    quarters of the order, each with the share of its pairs that are decided (above 95 % one way). Prefer it to
    interval plots for the question "is A above B?". A reader may not conclude from decided pairs one by one that all
    of them hold together (`hasse` shows those that do), nor that undecided means equal.
    """
    rows = rank_rows(table)
    n = rows.n
    values = rows.above.to_numpy()
    image = ax.imshow(values, cmap=SHADES, vmin=0, vmax=1, extent=(0, n, n, 0), aspect="equal", interpolation="nearest")
    edges = boundary(np.abs(values - 0.5) <= DECIDED - 0.5)
    line = Path(np.array(edges, dtype=float).reshape(-1, 2), [Path.MOVETO, Path.LINETO] * len(edges))
    for colour, width in ((PAPER, 2.6), (INK, 1.1)):
        ax.add_patch(PathPatch(line, fill=False, edgecolor=colour, linewidth=width, capstyle="projecting"))
    if blocks and n > _NAMED:
        _draw_blocks(rows.above, ax)
    _dress(rows, ax)
    _draw_bar(ax, image)
    if title:
        put_title(ax, pair_matrix_title(table))


def _draw_bar(ax: Axes, image: AxesImage) -> None:
    """Explain the shades, beside the matrix or, on a narrow page, below it."""
    where = "bottom" if is_narrow(ax) else "right"
    figure = ax.get_figure(root=True)
    bar = figure.colorbar(image, ax=ax, location=where, shrink=0.75, aspect=26)  # type: ignore[union-attr]
    ends = ("0", "100") if where == "right" else ("", "")
    bar.set_ticks([0, 0.05, 0.5, 0.95, 1], labels=[ends[0], "5", "50", "95", ends[1]])
    bar.set_label("P(row above column), per cent; line at 5 and 95")
    line: Any = bar.ax.hlines if where == "right" else bar.ax.vlines
    line([0.05, 0.95], 0, 1, color=INK, linewidth=1.1)


def boundary(inside: NDArray[np.bool_]) -> list[list[tuple[int, int]]]:
    """Sides between cells inside and cells outside, each as two points (x, y); cell i, j begins at x = j, y = i."""
    across = [[(j, i + 1), (j + 1, i + 1)] for i, j in np.argwhere(inside[1:] != inside[:-1]).tolist()]
    down = [[(j + 1, i), (j + 1, i + 1)] for i, j in np.argwhere(inside[:, 1:] != inside[:, :-1]).tolist()]
    return across + down


def block_edges(n: int) -> list[int]:
    """Where the order is cut into four parts of as nearly one size as may be."""
    return [round(n * part / _BLOCKS) for part in range(_BLOCKS + 1)]


def block_shares(above: pd.DataFrame) -> NDArray[np.float64]:
    """Share of pairs decided within and between the parts of the order, part by part; the lower half is NaN."""
    values, edges = above.to_numpy(), block_edges(len(above))
    parts = list(pairwise(edges))
    shares = np.full((_BLOCKS, _BLOCKS), np.nan)
    for a, (top, bottom) in enumerate(parts):
        for b, (left, right) in list(enumerate(parts))[a:]:
            block = np.abs(values[top:bottom, left:right] - 0.5) > DECIDED - 0.5
            pairs = block[np.triu_indices(len(block), 1)] if a == b else block
            shares[a, b] = pairs.mean()
    return shares


def _draw_blocks(above: pd.DataFrame, ax: Axes) -> None:
    edges, shares = block_edges(len(above)), block_shares(above)
    for edge in edges[1:-1]:
        for line in (ax.axhline, ax.axvline):
            line(edge, color=PAPER, linewidth=1.6)
            line(edge, color=INK, linewidth=0.6, linestyle=(0, (4, 3)))
    for a in range(_BLOCKS):
        for b in range(a, _BLOCKS):
            middle = ((edges[b] + edges[b + 1]) / 2, (edges[a] + edges[a + 1]) / 2)
            ax.text(*middle, percent(shares[a, b]), ha="center", va="center", color=INK, fontweight="bold",
                    bbox=_LABEL)  # fmt: skip


def _dress(rows: RankRows, ax: Axes) -> None:
    n, names = rows.n, list(rows.rows.index)
    named = range(n) if n <= _NAMED else [0, n - 1]
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_ticks([i + 0.5 for i in named], [names[i] for i in named], fontsize=11 if n <= 15 or n > _NAMED else 7)
    if _NAMED >= n > 15:
        ax.tick_params(axis="x", rotation=90)
    ax.tick_params(length=0)
    ax.set_ylabel(f"row {rows.noun}, in the order of the table")
    lines = [f"column {rows.noun}, in the same order"]
    if ax.texts:
        lines.append("numbers: share of the pairs of a block that are decided")
    ax.set_xlabel(wrapped(ax, "\n".join(lines), share=0.7))


def pair_matrix_title(table: Ranking) -> str:
    """The share of pairs that are decided."""
    decided, pairs = decided_pairs(rank_rows(table).above)
    return f"{decided:,} of {pairs:,} pairs are decided at {DECIDED:.0%}"


def pair_matrix_alt(table: Ranking) -> str:
    """What the picture shows, in words with its numbers."""
    rows = rank_rows(table)
    decided, pairs = decided_pairs(rows.above)
    next_to = np.diagonal(rows.above.to_numpy(), offset=1)
    near = int((np.abs(next_to - 0.5) > DECIDED - 0.5).sum())
    words = (
        f"Probability that each of {rows.n} {rows.noun}s is above each other one. {decided:,} of {pairs:,} pairs "
        f"({percent(decided / pairs)}) have one above the other with probability above {DECIDED:.0%}; of the "
        f"{len(next_to)} pairs of neighbours in the order, {near}."
    )
    if rows.n <= _NAMED:
        return words
    shares = block_shares(rows.above)
    inside = ", ".join(percent(shares[i, i]) for i in range(_BLOCKS))
    return (
        f"{words} Within each quarter of the order, from the best, {inside} of pairs are decided; "
        f"between the first and the last quarter {percent(shares[0, _BLOCKS - 1])}."
    )


def pair_matrix_drawing(table: Ranking) -> Drawing:
    """The matrix for wide and narrow pages."""
    rows, fill = rank_rows(table), partial(pair_matrix, table)
    return drawing(f"pairs-{rows.name}", pair_matrix_alt(table), wide=fill, narrow=fill, sizes=((9.0, 8.0), (4.2, 5.2)))
