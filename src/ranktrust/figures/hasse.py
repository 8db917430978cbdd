"""The order that is certain: who is surely above whom, all at once."""

from functools import partial
from typing import Final

import pandas as pd
from matplotlib.axes import Axes

from ranktrust.figures.frame import put_title, wrapped
from ranktrust.figures.layered import apart, layers, names_of, noun_of, paths, positions
from ranktrust.figures.svg import INK, PAPER, SOFT, UPPER_COLOUR, Drawing, Size, drawing
from ranktrust.ranks import PartialOrder
from ranktrust.words import count_text

MOST: Final = 30
MOST_LINES: Final = 60
"""Beyond so many trusts or lines no line could be followed, and layers are drawn as counts."""


def is_drawn(order: PartialOrder) -> bool:
    """Whether trusts and lines are few enough to be drawn and followed."""
    return len(names_of(order)) <= MOST and len(order.edges) <= MOST_LINES


def _pairs(order: PartialOrder) -> tuple[int, int]:
    n = len(names_of(order))
    return int(order.table["above"].sum()), n * (n - 1) // 2


def hasse(order: PartialOrder, ax: Axes, *, sideways: bool = False, title: bool = True) -> None:
    """Draw the certain partial order: a path downwards from A to B means that A is surely above B.

    All of it holds at once with the probability of `order`. Trusts stand in layers by the longest chain above them,
    each with the places that the order leaves it; those without a certain pair in a row of their own, dashed.
    `sideways` puts layers from left to right, for a narrow page. Of more than 30 trusts or 60 lines only the layers are
    drawn, as counts, and the picture says so. Prefer it where a reader may count pairs that all hold together; for one
    pair asked in advance `pair_matrix` is sharper. A reader may not conclude that a layer is a grade: a trust need not
    be surely below those of the layer above it unless a path leads there, and trusts of one layer are not known to be
    equal.
    """
    if is_drawn(order):
        _draw_order(order, ax, sideways=sideways)
    else:
        _draw_counts(order, ax)
    if title:
        put_title(ax, hasse_title(order))


def _draw_order(order: PartialOrder, ax: Axes, *, sideways: bool) -> None:
    at = positions(order)
    if sideways:
        at = at.rename(columns={"x": "y", "y": "x"})
    where = {str(name): (float(x), float(y)) for name, x, y in zip(at.index, at["x"], at["y"], strict=True)}
    for line in paths(order).values():
        ax.plot(*zip(*(where[name] for name in line), strict=True), color=SOFT, linewidth=1.1, zorder=1)
    _draw_boxes(order, ax, where)
    _dress(order, ax, at, sideways=sideways)


def _draw_boxes(order: PartialOrder, ax: Axes, where: dict[str, tuple[float, float]]) -> None:
    """Write each trust with its places, those apart in dashed boxes."""
    box = {"boxstyle": "round,pad=0.35", "facecolor": PAPER, "edgecolor": UPPER_COLOUR, "linewidth": 1.3}
    alone, places = apart(order), place_range(order)
    for name in names_of(order):
        x, y = where[name]
        looks = box | {"linestyle": "--", "edgecolor": SOFT} if name in alone else box
        ax.text(x, y, f"{name}\n{places[name]}", ha="center", va="center", color=INK, fontsize=10, bbox=looks)


def _dress(order: PartialOrder, ax: Axes, at: pd.DataFrame, *, sideways: bool) -> None:
    margins = (0.6, 0.6) if sideways else (0.7, 0.5)
    ax.set_xlim(at["x"].min() - margins[0], at["x"].max() + margins[0])
    ax.set_ylim(at["y"].max() + margins[1], at["y"].min() - margins[1])
    (ax.set_yticks if sideways else ax.set_xticks)([])
    _tick_layers(ax, int(layers(order).max()), apart=bool(apart(order)), sideways=sideways)
    ax.spines[["left", "bottom"]].set_visible(False)
    way = "right" if sideways else "down"
    words = (
        f"a path {way} from one to another: surely above it; no path: their order is not certain\n"
        f"numbers: places left to each {noun_of(order)}, of {len(names_of(order))}"
    )
    ax.set_xlabel(wrapped(ax, words))


def place_range(order: PartialOrder) -> dict[str, str]:
    """The places that the order leaves to each trust, such as `3 to 12`."""
    lower, upper = (order.table[f"place_{end}"].to_numpy() for end in ("lower", "upper"))
    return {name: f"{low} to {high}" for name, low, high in zip(names_of(order), lower, upper, strict=True)}


def _tick_layers(ax: Axes, deepest: int, *, apart: bool, sideways: bool = False) -> None:
    """Name the layers, and the row of those apart."""
    words = [f"layer {layer}" for layer in range(1, deepest + 1)] + ["no certain\npair"] * apart
    axis = ax.xaxis if sideways else ax.yaxis
    axis.set_ticks(range(1, len(words) + 1), words)
    axis.set_tick_params(length=0)
    if sideways:
        ax.xaxis.tick_top()


def _draw_counts(order: PartialOrder, ax: Axes) -> None:
    found, alone = layers(order), apart(order)
    counts = found.drop(alone).value_counts().sort_index()
    deepest = int(found.max())
    if alone:
        counts[deepest + 1] = len(alone)
        ax.barh(deepest + 1, len(alone), color=PAPER, edgecolor=SOFT, linestyle="--", height=0.72, zorder=2)
    joined = counts.drop(deepest + 1, errors="ignore")
    ax.barh(joined.index, joined, color=UPPER_COLOUR, height=0.72)
    for layer, count in zip(counts.index.to_list(), counts.to_list(), strict=True):
        ax.text(count, layer, f" {count}", ha="left", va="center", color=INK)
    ax.set_ylim(counts.index.max() + 0.6, 0.4)
    _tick_layers(ax, deepest, apart=bool(alone))
    ax.set_xlim(0, 1.1 * counts.max())
    words = (
        f"{noun_of(order)}s in each layer. {len(found)} are too many to draw their {len(order.edges):,} lines: "
        "who is above whom is in the table of pairs"
    )
    ax.set_xlabel(wrapped(ax, words))


def hasse_title(order: PartialOrder) -> str:
    """How many pairs are certain, all of them together."""
    certain, pairs = _pairs(order)
    return f"{certain:,} of {pairs:,} pairs are certain, all at once"


def hasse_alt(order: PartialOrder) -> str:
    """What the picture shows, in words with its numbers."""
    names, found = names_of(order), layers(order)
    certain, pairs = _pairs(order)
    alone = len(apart(order))
    depth = count_text(int(found.max()), "layer")
    words = (
        f"Order of {len(names)} {noun_of(order)}s that is certain, all of it at once with probability "
        f"{order.prob:.0%}: {certain:,} of {pairs:,} pairs, in {depth} by the longest chain above. "
        f"{_alone_words(alone, noun_of(order))}"
    )
    if not is_drawn(order):
        sizes = found.drop(apart(order)).value_counts().sort_index()
        each = ", ".join(f"layer {layer}: {size}" for layer, size in sizes.items())
        return f"{words} Drawn as counts, as lines between so many could not be followed: {each}."
    below = [f"{a} above {b}" for a, b in order.edges[["trust", "other"]].astype(str).to_numpy()]
    return f"{words} Drawn: {'; '.join(below) or 'no line'}."


def _alone_words(alone: int, noun: str) -> str:
    if not alone:
        return f"Every {noun} has a certain order with some other."
    return f"{count_text(alone, noun)} {'has' if alone == 1 else 'have'} a certain order with no other."


def hasse_drawing(order: PartialOrder) -> Drawing:
    """The diagram for wide and narrow pages."""
    name, alt = f"hasse-{noun_of(order)}", hasse_alt(order)
    return drawing(
        name, alt, wide=partial(hasse, order), narrow=partial(hasse, order, sideways=True), sizes=_sizes(order)
    )


def _sizes(order: PartialOrder) -> tuple[Size, Size]:
    """Inches for both forms, by the number of layers and the most trusts of one."""
    depth = int(layers(order).max()) + bool(apart(order))
    if not is_drawn(order):
        return (9.0, 0.3 * depth + 1.5), (4.2, 0.3 * depth + 2.0)
    x = positions(order)["x"]
    most = float(x.max() - x.min()) + 1
    return (max(9.0, 0.9 * most + 1), 1.0 * depth + 1.5), (max(4.2, 1.1 * depth), 0.6 * most + 1.9)
