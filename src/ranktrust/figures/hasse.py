"""The order that is certain: who is surely above whom, all at once."""

from functools import partial
from typing import Final

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from numpy.typing import NDArray

from ranktrust.figures.frame import put_title
from ranktrust.figures.svg import INK, PAPER, SOFT, UPPER_COLOUR, Drawing, drawing
from ranktrust.ranks import PartialOrder
from ranktrust.words import count_text

MOST: Final = 30
"""Beyond this many trusts, lines between them could not be followed, and layers are drawn as counts."""

_SWEEPS = 8


def layers(order: PartialOrder) -> pd.Series:
    """The layer of each trust: 1 + the length of the longest chain of trusts surely above it."""
    above = order.table["above"].to_numpy()
    layer = np.ones(len(above), dtype=np.int64)
    for i in np.argsort(above.sum(axis=0), kind="stable"):
        layer[i] = 1 + layer[above[:, i]].max(initial=0)
    return pd.Series(layer, index=_names(order))


def _names(order: PartialOrder) -> list[str]:
    return [str(name) for name in order.table[_noun(order)].to_numpy()]


def _noun(order: PartialOrder) -> str:
    return str(order.table["place_lower"].dims[0])


def _pairs(order: PartialOrder) -> tuple[int, int]:
    n = len(_names(order))
    return int(order.table["above"].sum()), n * (n - 1) // 2


def hasse(order: PartialOrder, ax: Axes, *, title: bool = True) -> None:
    """Draw the certain partial order: a path downwards from A to B means that A is surely above B.

    All of it holds at once with the probability of `order`. Trusts stand in layers by the longest chain above them.
    Of more than 30 trusts only the layers are drawn, as counts, and the picture says so. Prefer it where a reader may
    count pairs that all hold together; for one pair asked in advance `pair_matrix` is sharper. A reader may not
    conclude that a layer is a grade: a trust need not be surely below those of the layer above it unless a path
    leads there, and trusts of one layer are not known to be equal.
    """
    if len(_names(order)) <= MOST:
        _draw_order(order, ax)
    else:
        _draw_counts(order, ax)
    if title:
        put_title(ax, hasse_title(order))


def positions(order: PartialOrder) -> pd.DataFrame:
    """Where each trust is drawn: `x`, spread evenly over its layer, and `y`, its layer.

    Within a layer trusts are put near the middle of those they are joined to, sweeping down and up, so that few
    lines cross.
    """
    found = pd.DataFrame({"y": layers(order)}).assign(x=0.0)
    joined = _joined(order, found.index)
    for layer in sorted(found["y"].unique()):
        _spread(found, layer, np.arange(len(found), dtype=float))
    for sweep in range(_SWEEPS):
        for layer in sorted(found["y"].unique(), reverse=bool(sweep % 2)):
            _spread(found, layer, _middles(found, joined))
    return found[["x", "y"]]


def _joined(order: PartialOrder, names: pd.Index) -> NDArray[np.bool_]:
    joined = np.zeros((len(names), len(names)), dtype=np.bool_)
    a, b = (names.get_indexer(order.edges[column].astype(str)) for column in ("trust", "other"))
    joined[a, b] = joined[b, a] = True
    return joined


def _middles(found: pd.DataFrame, joined: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Mean x of those that each trust is joined to; its own where it stands alone."""
    count = joined.sum(axis=1)
    x = found["x"].to_numpy()
    middles: NDArray[np.float64] = np.where(count > 0, joined @ x / np.maximum(count, 1), x)
    return middles


def _spread(found: pd.DataFrame, layer: int, wish: NDArray[np.float64]) -> None:
    members = np.flatnonzero(found["y"] == layer)
    order = members[np.argsort(wish[members], kind="stable")]
    found.loc[found.index[order], "x"] = np.arange(len(order)) - (len(order) - 1) / 2


def _draw_order(order: PartialOrder, ax: Axes) -> None:
    at = positions(order)
    for upper, lower in order.edges[["trust", "other"]].astype(str).to_numpy():
        ax.plot(at.loc[[upper, lower], "x"], at.loc[[upper, lower], "y"], color=SOFT, linewidth=1.1, zorder=1)
    box = {"boxstyle": "round,pad=0.35", "facecolor": PAPER, "edgecolor": UPPER_COLOUR, "linewidth": 1.3}
    size = 11 if len(at) <= 15 else 9
    for name, (x, y) in at.iterrows():
        ax.text(x, y, str(name), ha="center", va="center", color=INK, fontsize=size, bbox=box)
    ax.set_xlim(at["x"].min() - 0.7, at["x"].max() + 0.7)
    ax.set_ylim(at["y"].max() + 0.5, 0.5)
    ax.set_xticks([])
    ax.set_yticks(range(1, at["y"].max() + 1))
    ax.spines[["left", "bottom"]].set_visible(False)
    ax.tick_params(length=0)
    ax.set_ylabel("layer: longest chain surely above, plus one")
    ax.set_xlabel("a path down from one to another: surely above it;\nno path: their order is not certain")


def _draw_counts(order: PartialOrder, ax: Axes) -> None:
    counts = layers(order).value_counts().sort_index()
    ax.barh(counts.index, counts, color=UPPER_COLOUR, height=0.72)
    for layer, count in counts.items():
        ax.text(count, layer, f" {count}", ha="left", va="center", color=INK)
    noun = _noun(order)
    ax.set_ylim(counts.index.max() + 0.6, 0.4)
    ax.set_yticks(counts.index)
    ax.tick_params(axis="y", length=0)
    ax.set_xlim(0, 1.1 * counts.max())
    ax.set_ylabel("layer: longest chain surely above, plus one")
    lines = f"{noun}s in each layer. {len(_names(order))} are too many to draw\ntheir {len(order.edges):,} lines: "
    ax.set_xlabel(f"{lines}who is above whom is in the table of pairs")


def hasse_title(order: PartialOrder) -> str:
    """How many pairs have an order that is certain."""
    certain, pairs = _pairs(order)
    return f"The order of {certain:,} of {pairs:,} pairs is certain together"


def hasse_alt(order: PartialOrder) -> str:
    """What the picture shows, in words with its numbers."""
    names, found = _names(order), layers(order)
    certain, pairs = _pairs(order)
    alone = int(((order.table["above"].sum(axis=0) + order.table["above"].to_numpy().sum(axis=1)) == 0).sum())
    words = (
        f"Order of {len(names)} {_noun(order)}s that is certain, all of it at once with probability {order.prob:.0%}: "
        f"{certain:,} of {pairs:,} pairs, in {count_text(int(found.max()), 'layer')} by the longest chain above. "
        f"{count_text(alone, _noun(order)).capitalize()} {'has' if alone <= 1 else 'have'} a certain order with none."
    )
    if len(names) > MOST:
        sizes = found.value_counts()
        return (
            f"{words} Drawn as counts, as lines between so many could not be followed: layers hold "
            f"{sizes.min()} to {sizes.max()} {_noun(order)}s."
        )
    below = [f"{a} above {b}" for a, b in order.edges[["trust", "other"]].astype(str).to_numpy()]
    return f"{words} Drawn: {'; '.join(below) or 'no line'}."


def hasse_drawing(order: PartialOrder) -> Drawing:
    """The diagram for wide and narrow pages."""
    fill, depth = partial(hasse, order), int(layers(order).max())
    few = len(_names(order)) <= MOST
    height = 0.9 * depth + 1.6 if few else 0.24 * depth + 1.8
    sizes = ((9.0, height), (4.2, height))
    return drawing(f"hasse-{_noun(order)}", hasse_alt(order), wide=fill, narrow=fill, sizes=sizes)
