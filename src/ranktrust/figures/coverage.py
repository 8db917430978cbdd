"""Who has figures on what: trusts by indicators, every period, some, or none. Shapes differ, not only colours."""

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from math import ceil
from textwrap import wrap
from typing import Final

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PolyCollection

from ranktrust.figures.frame import put_title
from ranktrust.figures.svg import INK, LOWER_COLOUR, SOFT, UPPER_COLOUR, Drawing, Size, drawing
from ranktrust.ledger import Ledger

_PER_BLOCK: Final = 30
_STATES: Final = (("every period", 1.0), ("some periods, as far as filled", 0.5), ("no figure", 0.0))
_NAMED: Final = 12
_TITLE: Final = 24.0
"""Points above the picture for its title."""

Cell = tuple[float, float, float, float]
"""Left and top edge, side, and the share of the periods that have a figure."""


def coverage_alt(ledger: Ledger) -> str:
    """What the picture shows, in words, with every gap named while there are few."""
    table = ledger.coverage
    gaps = table[table["periods"] < table["of"]]
    titles = {source.indicator: source.title for source in ledger.sources}
    lead = (
        f"Figures of {table['trust'].nunique()} {ledger.noun}s on {len(titles)} indicators: "
        f"{len(table) - len(gaps):,} of {len(table):,} are complete."
    )
    if gaps.empty:
        return lead
    said = [f"{titles[str(name)]}: {_named(group)}" for name, group in gaps.groupby("indicator", sort=False)]
    return f"{lead} Incomplete are {'; '.join(said)}."


def _named(gaps: pd.DataFrame) -> str:
    """The trusts of one indicator's gaps, the first dozen of them by code."""
    shown = gaps.head(_NAMED)
    said = [
        f"{trust} ({periods} of {of} periods)" if periods else f"{trust} (none)"
        for trust, periods, of in zip(shown["trust"], shown["periods"], shown["of"], strict=True)
    ]
    rest = len(gaps) - len(shown)
    return ", ".join(said) + (f" and {rest} more" if rest else "")


def coverage_drawing(ledger: Ledger) -> Drawing:
    """The picture for wide pages, trusts from left to right, and for narrow ones, trusts from top to bottom."""
    shares = shares_of(ledger)
    titles = [source.title for source in ledger.sources]
    blocks, half = ceil(len(shares) / _PER_BLOCK), ceil(len(shares) / 2)
    wide = (900.0, 30.0 + blocks * (30.0 + 20.0 * len(titles)))
    narrow = (302.0, 72.0 + 14.0 * len(titles) + 13.0 * half)
    return drawing(
        "coverage",
        coverage_alt(ledger),
        wide=partial(_titled, ledger, partial(draw_wide, shares, titles, wide)),
        narrow=partial(_titled, ledger, partial(draw_narrow, shares, titles, narrow)),
        sizes=((wide[0] / 72, (wide[1] + _TITLE) / 72), (narrow[0] / 72, (narrow[1] + _TITLE) / 72)),
    )


def _titled(ledger: Ledger, fill: Callable[[Axes], None], ax: Axes) -> None:
    fill(ax)
    put_title(ax, coverage_title(ledger))


def coverage_title(ledger: Ledger) -> str:
    """How many cells of the picture have a figure for every period."""
    whole = int((ledger.coverage["periods"] == ledger.coverage["of"]).sum())
    return f"{whole:,} of {len(ledger.coverage):,} series of figures are complete"


def shares_of(ledger: Ledger) -> pd.DataFrame:
    """The share of the periods with a figure, trusts by indicators."""
    table = ledger.coverage.assign(share=ledger.coverage["periods"] / ledger.coverage["of"])
    names = [source.indicator for source in ledger.sources]
    return table.pivot_table(index="trust", columns="indicator", values="share")[names].fillna(0.0)


def draw_wide(shares: pd.DataFrame, titles: Sequence[str], size: Size, ax: Axes) -> None:
    """Blocks of thirty trusts below each other, an indicator a line. `size` is in points, and so are the axes."""
    _bare(ax, size)
    left, step, row = 232.0, (size[0] - 236.0) / _PER_BLOCK, 20.0
    cells: list[Cell] = []
    for block in range(ceil(len(shares) / _PER_BLOCK)):
        top = 12.0 + block * (30.0 + row * len(titles))
        part = shares.iloc[block * _PER_BLOCK : (block + 1) * _PER_BLOCK]
        for line, title in enumerate(titles):
            label = "\n".join(wrap(title, 48))
            ax.text(left - 8, top + 17 + row * line, label, ha="right", va="center", fontsize=8, linespacing=0.95)
        for place, (trust, values) in enumerate(part.iterrows()):
            x = left + step * place
            ax.text(x + 6.5, top, str(trust), ha="center", va="center", fontsize=8, color=SOFT)
            cells += [(x, top + 10.5 + row * line, 13.0, value) for line, value in enumerate(values)]
    _key(ax, [(left, size[1] - 14.0), (left + 110.0, size[1] - 14.0), (left + 310.0, size[1] - 14.0)], cells)
    _fill(ax, cells)


def draw_narrow(shares: pd.DataFrame, titles: Sequence[str], size: Size, ax: Axes) -> None:
    """Two blocks of trusts beside each other, an indicator a numbered column."""
    _bare(ax, size)
    half, width = ceil(len(shares) / 2), size[0] / 2
    step = min(16.0, (width - 40.0) / len(titles))
    side = min(11.0, step - 2.0)
    cells: list[Cell] = []
    _key(ax, [(2.0, 4.0), (84.0, 4.0), (244.0, 4.0)], cells, font=8.5)
    for line, title in enumerate(titles):
        ax.text(2, 27 + 14 * line, f"{line + 1}  {title}", va="center", fontsize=9)
    top = 36.0 + 14.0 * len(titles)
    for place, (trust, values) in enumerate(shares.iterrows()):
        block, line = divmod(place, half)
        x, y = width * block + 34.0, top + 10.0 + 13.0 * line
        ax.text(x - 5, y + side / 2, str(trust), ha="right", va="center", fontsize=9, color=INK)
        cells += [(x + step * column, y, side, value) for column, value in enumerate(values)]
        if line == 0:
            for column in range(len(titles)):
                ax.text(x + step * column + side / 2, top + 2, f"{column + 1}", ha="center", va="center", fontsize=9)
    _fill(ax, cells)


def _bare(ax: Axes, size: Size) -> None:
    ax.set_axis_off()
    ax.set_xlim(0, size[0])
    ax.set_ylim(size[1], 0)


def _key(ax: Axes, places: Iterable[tuple[float, float]], cells: list[Cell], *, font: float = 8.5) -> None:
    """What each form of a cell means, at these places; the cells are added to those to be drawn."""
    for (x, y), (words, share) in zip(places, _STATES, strict=True):
        cells.append((x, y, 10.0, share))
        ax.text(x + 14, y + 5, words, va="center", fontsize=font)


def _fill(ax: Axes, cells: Sequence[Cell]) -> None:
    """Full squares, squares filled from below to their share, and empty squares with a cross."""
    bodies = [_box(x, y + side * (1 - share), side, side * share) for x, y, side, share in cells if share > 0]
    frames = [_box(x, y, side, side) for x, y, side, share in cells if 0 < share < 1]
    lost = [(x, y, side) for x, y, side, share in cells if share == 0]
    crosses = [line for x, y, side in lost for line in _cross(x, y, side)]
    ax.add_collection(PolyCollection(bodies, facecolors=UPPER_COLOUR, edgecolors="none"))
    ax.add_collection(PolyCollection(frames, facecolors="none", edgecolors=UPPER_COLOUR, linewidths=1.0))
    ax.add_collection(
        PolyCollection(
            [_box(*cell, cell[2]) for cell in lost], facecolors="none", edgecolors=LOWER_COLOUR, linewidths=1.0
        )
    )
    ax.add_collection(LineCollection(crosses, colors=LOWER_COLOUR, linewidths=1.6))


def _box(x: float, y: float, width: float, height: float) -> list[tuple[float, float]]:
    return [(x, y), (x + width, y), (x + width, y + height), (x, y + height)]


def _cross(x: float, y: float, side: float) -> list[list[tuple[float, float]]]:
    return [[(x + 2, y + 2), (x + side - 2, y + side - 2)], [(x + 2, y + side - 2), (x + side - 2, y + 2)]]
