"""Mixed predictive checks: figures replicated with new trust effects under what trusts share, beside those found.

A replicate from a trust's own effect resembles the figure that formed it. Here each draw gives every trust a new level
from the law given the shared parameters, and a figure from that level (Marshall and Spiegelhalter 2007). Checks look at
standardised distances z = (figure - m) / sqrt(s^2 + v) on the link scale, v the sampling variance of the figure, and at
what is summed over trusts. P values are those of replicates beyond what was found, ties by half (mid-p), twice the
smaller tail; they use the figures twice, so that they crowd towards one half: a small one is worth more than it says.
"""

from collections.abc import Callable, Mapping
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import rankdata

from ranktrust.evidence.agreement import on_link_scale
from ranktrust.evidence.kernels import Figures, replicate
from ranktrust.evidence.laws import Law
from ranktrust.vocabulary import KIND_COLUMNS

type Floats = NDArray[np.float64]

INTERVAL: Final = (0.005, 0.995)
COLUMNS: Final = ("check", "quantity", "found", "replicated", "lower", "upper", "p_value")


def mixed_checks(figures: Figures, law: Law, *, seed: int = 0) -> pd.DataFrame:
    """One row a quantity of each check, COLUMNS: what was found, the median and 99 % of replicates, the p value.

    Quantities that depend on the draw are found once a draw, and `found` is their mean.
    """
    rng = np.random.default_rng(seed)
    drawn = replicate(figures, law.redraw(rng), rng)
    found = np.broadcast_to(figures.first, drawn.shape)
    sides = [(values, _distances(figures, values, law)) for values in (found, drawn)]
    rows = []
    for check, quantities in _checks(figures).items():
        for quantity, measure in quantities.items():
            rows.append(_row(check, quantity, *(measure(*side) for side in sides)))
    return pd.DataFrame(rows, columns=list(COLUMNS))


type Measure = Callable[[Floats, Floats], Floats]


def _checks(figures: Figures) -> Mapping[str, Mapping[str, Measure]]:
    """What is measured of figures and their distances, both draw by trust, in each draw."""
    checks: dict[str, dict[str, Measure]] = {
        "dispersion": {
            "mean squared distance": lambda _, z: (z**2).mean(axis=1),
            "correlation of distance and size": lambda _, z: _with_size(figures, z),
        },
        "extreme trusts": {
            "largest distance above": lambda _, z: z.max(axis=1),
            "largest distance below": lambda _, z: -z.min(axis=1),
        },
        "national total": {"all trusts together": lambda y, _: _total(figures, y)},
    }
    if figures.kind != "estimate":
        checks["zero counts"] = {"trusts without an event": lambda y, _: (y == 0).sum(axis=1).astype(np.float64)}
    if figures.kind == "proportion":
        full: Measure = lambda y, _: (y == figures.second).sum(axis=1).astype(np.float64)  # noqa: E731 - one of a table
        checks["zero counts"]["trusts where all are events"] = full
    return checks


def _distances(figures: Figures, values: Floats, law: Law) -> Floats:
    columns = KIND_COLUMNS[figures.kind]
    second = np.broadcast_to(figures.second, values.shape)
    frame = pd.DataFrame({columns[0]: values.ravel(), columns[1]: second.ravel()})
    link, variance = (part.reshape(values.shape) for part in on_link_scale(frame, figures.kind))
    return np.asarray((link - law.centre) / np.sqrt(law.scale**2 + variance))


def _with_size(figures: Figures, z: Floats) -> Floats:
    """Spearman correlation of the absolute distance and the size of a trust: how precise its figure is."""
    size = rankdata(-figures.second if figures.kind == "estimate" else figures.second)
    ranks = rankdata(np.abs(z), axis=1)
    one, two = (values - values.mean(axis=-1, keepdims=True) for values in (ranks, size))
    scale = np.sqrt((one**2).sum(axis=1) * (two**2).sum())
    return np.divide((one * two).sum(axis=1), scale, out=np.zeros_like(scale), where=scale > 0)


def _total(figures: Figures, values: Floats) -> Floats:
    """The figure of all trusts together on the natural scale; of estimates their mean."""
    return values.mean(axis=1) if figures.kind == "estimate" else values.sum(axis=1) / figures.second.sum()


def _row(check: str, quantity: str, found: Floats, drawn: Floats) -> dict[str, object]:
    beyond = float((drawn > found).mean() + (drawn == found).mean() / 2)
    lower, upper = np.quantile(drawn, INTERVAL)
    return {
        "check": check, "quantity": quantity, "found": float(found.mean()), "replicated": float(np.median(drawn)),
        "lower": float(lower), "upper": float(upper), "p_value": min(1.0, 2 * min(beyond, 1 - beyond)),
    }  # fmt: skip
