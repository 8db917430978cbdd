"""What moves a composite: each indicator's pull on each trust's rank, as a heat strip."""

from functools import partial

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from ranktrust.composite import ScoreTables
from ranktrust.figures.frame import put_title, short
from ranktrust.figures.svg import LOWER_COLOUR, SOFT, UPPER_COLOUR, Drawing, drawing

_FULL = 25.0
"""Places at which a colour is full."""


def pulls(tables: ScoreTables) -> pd.DataFrame:
    """Places that each indicator lifts each trust (negative: pushes down), trusts in the table's order by indicators.

    NaN where the trust has no figure.
    """
    table = tables.frames["influence"].reset_index()
    wide = table.pivot_table(index="trust", columns="indicator", values="rank_change")
    rows, names = tables.frames["rows"], list(tables.frames["indicators"].index)
    wide = wide.loc[list(rows.index), names]
    lacking = rows["missing"].str.split()
    return wide.mask(pd.DataFrame({name: lacking.map(lambda had, one=name: one in had) for name in names}))


def influence_heat(tables: ScoreTables, ax: Axes, *, across: bool) -> None:
    """Draw one cell a trust and indicator; `across` has the trusts from left to right, best expected rank first.

    Blue lifts a trust, brown pushes it down; a cross marks a missing figure. A reader may not conclude that a pull is
    the indicator's doing: it depends on the weights.
    """
    values = pulls(tables)
    shown = values.T if across else values
    image = _coloured(shown.to_numpy())
    ax.imshow(image, aspect="auto", interpolation="nearest")
    for y, x in np.argwhere(np.isnan(shown.to_numpy())):
        ax.plot(x, y, marker="x", color=SOFT, markersize=5, linestyle="none")
    titles = [str(title) for title in tables.frames["indicators"]["title"].loc[list(values.columns)]]
    noun, n = tables.facts["noun"], len(values)
    if across:
        ax.set_yticks(range(len(titles)), titles)
        ax.set_xticks([0, n - 1], ["1", str(n)])
        ax.set_xlabel(f"{noun}s in the order of expected rank (blue: lifts, brown: pushes down, cross: no figure)")
    else:
        ax.set_xticks(range(len(titles)), [str(place) for place in range(1, len(titles) + 1)])
        ax.set_yticks([0, n - 1], ["1", str(n)])
        keys = "\n".join(f"{place}  {title}" for place, title in enumerate(titles, start=1))
        ax.set_xlabel(f"{keys}\n\nblue: lifts, brown: pushes down,\ncross: no figure", loc="left", fontsize=9)
        ax.set_ylabel(f"{noun}s in the order of expected rank")
    put_title(ax, influence_title(tables))


def influence_title(tables: ScoreTables) -> str:
    """Which indicator moves ranks most, and by how many places in the mean."""
    pull = tables.frames["indicators"]["mean_pull"]
    name = str(tables.frames["indicators"]["title"][str(pull.idxmax())]).partition(":")[0]
    moves = f"moves ranks most: {pull.max():.1f} places on average"
    return short(f"{name} {moves}", f"One indicator {moves}")


def _coloured(values: np.ndarray) -> np.ndarray:
    """Red, green, blue and opacity of each pull: hue by its sign, opacity by its size up to 25 places."""
    hue = {up: [int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5)] for up, colour in _HUES.items()}
    image = np.empty((*values.shape, 4))
    image[..., :3] = np.where((values > 0)[..., None], hue[True], hue[False])
    image[..., 3] = np.nan_to_num(np.clip(np.abs(values) / _FULL, 0, 1))
    return image


_HUES = {True: UPPER_COLOUR, False: LOWER_COLOUR}


def influence_alt(tables: ScoreTables) -> str:
    """What the picture shows, in words with its numbers."""
    values, titles = pulls(tables), tables.frames["indicators"]["title"]
    mean = values.abs().mean().sort_values(ascending=False)
    said = "; ".join(f"{titles[str(name)]} {size:.1f}" for name, size in mean.items())
    largest = values.abs().max()
    most = str(largest.idxmax())
    name = tables.frames["rows"]["trust_name"][str(values[most].abs().idxmax())]
    return (
        f"By how many places each indicator moves each {tables.facts['noun']}'s expected rank, in the mean: {said}. "
        f"Most of all: {titles[most]} moves {name} by {largest[most]:.0f} places. "
        f"Colours are full at {_FULL:.0f} places."
    )


def influence_drawing(tables: ScoreTables) -> Drawing:
    """The heat strip for wide pages, trusts across, and for narrow ones, trusts from top to bottom."""
    indicators = len(tables.frames["indicators"])
    wide, narrow = partial(influence_heat, tables, across=True), partial(influence_heat, tables, across=False)
    sizes = ((12.5, 1.2 + 0.42 * indicators), (4.2, 6.5 + 0.2 * indicators))
    return drawing("influence", influence_alt(tables), wide=wide, narrow=narrow, sizes=sizes)
