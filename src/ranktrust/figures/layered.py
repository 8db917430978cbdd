"""Where to put the trusts of a partial order, and the turns of the lines between them."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ranktrust.ranks import PartialOrder

_SWEEPS = 8
_TURN = 0.4

type Edge = tuple[str, str]


def noun_of(order: PartialOrder) -> str:
    """What is ordered: `trust`, or the name of another dimension."""
    return str(order.table["place_lower"].dims[0])


def names_of(order: PartialOrder) -> list[str]:
    """The trusts, in the order of their draws."""
    return [str(name) for name in order.table[noun_of(order)].to_numpy()]


def layers(order: PartialOrder) -> pd.Series:
    """The layer of each trust: 1 + the length of the longest chain of trusts surely above it."""
    above = order.table["above"].to_numpy()
    layer = np.ones(len(above), dtype=np.int64)
    for i in np.argsort(above.sum(axis=0), kind="stable"):
        layer[i] = 1 + layer[above[:, i]].max(initial=0)
    return pd.Series(layer, index=names_of(order))


def apart(order: PartialOrder) -> list[str]:
    """The trusts that are surely above none and surely below none."""
    above = order.table["above"].to_numpy()
    alone = ~(above.any(axis=0) | above.any(axis=1))
    return [name for name, is_alone in zip(names_of(order), alone, strict=True) if is_alone]


def paths(order: PartialOrder) -> dict[Edge, list[str]]:
    """The line of each edge: its upper trust, a turn in each layer between, and its lower trust.

    Turns have a place of their own in their layer, so that no line runs behind a trust that it does not join.
    """
    layer = layers(order)
    edges = [(str(upper), str(lower)) for upper, lower in order.edges[["trust", "other"]].to_numpy()]
    return {
        (upper, lower): [upper, *(f"{upper}>{lower}@{k}" for k in range(layer[upper] + 1, layer[lower])), lower]
        for upper, lower in edges
    }


def positions(order: PartialOrder) -> pd.DataFrame:
    """Where trusts and turns are drawn: `y`, the layer, those apart in a row below all; `x` within it; `turn`, which.

    Within a layer they are put near the middle of those they are joined to, sweeping down and up, so that few lines
    cross.
    """
    lines = paths(order)
    found = pd.DataFrame({"y": layers(order), "x": 0.0, "turn": False})
    found.loc[apart(order), "y"] = found["y"].max() + 1
    turns = {name: int(name.rpartition("@")[2]) for line in lines.values() for name in line[1:-1]}
    found = pd.concat([found, pd.DataFrame({"y": turns, "x": 0.0, "turn": True})]) if turns else found
    joined = _joined(found.index, list(lines.values()))
    for layer in sorted(found["y"].unique()):
        _spread(found, layer, np.arange(len(found), dtype=float))
    for sweep in range(_SWEEPS):
        for layer in sorted(found["y"].unique(), reverse=bool(sweep % 2)):
            _spread(found, layer, _middles(found, joined))
    return found


def _joined(nodes: pd.Index, lines: list[list[str]]) -> NDArray[np.bool_]:
    joined = np.zeros((len(nodes), len(nodes)), dtype=np.bool_)
    for line in lines:
        at = nodes.get_indexer(pd.Index(line))
        joined[at[:-1], at[1:]] = joined[at[1:], at[:-1]] = True
    return joined


def _middles(found: pd.DataFrame, joined: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Mean x of those that each one is joined to; its own where it stands alone."""
    count = joined.sum(axis=1)
    x = found["x"].to_numpy()
    middles: NDArray[np.float64] = np.where(count > 0, joined @ x / np.maximum(count, 1), x)
    return middles


def _spread(found: pd.DataFrame, layer: int, wish: NDArray[np.float64]) -> None:
    """Put a layer side by side by `wish`; a turn takes less room than a trust."""
    members = np.flatnonzero(found["y"] == layer)
    order = members[np.argsort(wish[members], kind="stable")]
    room = np.where(found["turn"].to_numpy(dtype=bool)[order], _TURN, 1.0)
    found.loc[found.index[order], "x"] = np.cumsum(room) - room / 2 - room.sum() / 2
