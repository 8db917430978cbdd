"""What the figures of a trust say of its level by themselves, before anything is shared between trusts."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ranktrust.panel.panel import Panel
from ranktrust.vocabulary import KIND_COLUMNS, Kind


def levels_alone(panel: Panel) -> pd.DataFrame:
    """For each observation of the panel, in its order, the level that its figures alone give and their precision.

    `level` is on the link scale: log((observed + 1/2) / expected), the empirical logit
    log((numerator + 1/2) / (denominator - numerator + 1/2)), or the estimate. `precision` is one over its squared
    standard error: observed + 1/2, the harmonic form 1 / (1 / (numerator + 1/2) + 1 / (denominator - numerator + 1/2)),
    or 1 / standard_error^2. The halves (Haldane 1956, Anscombe 1956) keep both finite where a count is nought.
    """
    rows = panel.observations
    kinds = rows["indicator"].map({name: item.kind for name, item in panel.indicators.items()})
    alone = pd.DataFrame(0.0, index=rows.index, columns=["level", "precision"])
    for kind in set(kinds):
        of_kind = kinds == kind
        first, second = (rows.loc[of_kind, column].to_numpy(dtype=np.float64) for column in KIND_COLUMNS[kind])
        alone.loc[of_kind, "level"], alone.loc[of_kind, "precision"] = _alone(kind, first, second)
    return alone


def _alone(
    kind: Kind, first: NDArray[np.float64], second: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    match kind:
        case "ratio":
            return np.log((first + 0.5) / second), first + 0.5
        case "proportion":
            inside, outside = first + 0.5, second - first + 0.5
            return np.log(inside / outside), inside * outside / (inside + outside)
        case "estimate":
            return first, 1 / second**2
