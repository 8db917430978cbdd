"""Expected excess events: how many of a trust's events are beyond what the reference value would give, draw by draw."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import xarray as xr

from ranktrust.panel import BASE, Panel
from ranktrust.vocabulary import CHAIN, DRAW, TRUST, Best, Kind

_VOLUME = {"proportion": "denominator", "ratio": "expected"}


@dataclass(frozen=True, eq=False)
class Excess:
    """Draws of excess events, (chain, draw, trust): positive where there is more of the bad than at the reference.

    Of a proportion whose good end is high they are events that did not happen and would have at the reference.
    """

    draws: xr.DataArray
    reference: float
    name: str = ""

    def summary(self, prob: float) -> pd.DataFrame:
        """Mean and equal-tailed interval by trust: excess, excess_lower, excess_upper."""
        index = pd.Index([str(name) for name in self.draws[TRUST].to_numpy()], name=TRUST)
        mean, lower, upper = _described(self.draws, prob)
        return pd.DataFrame({"excess": mean, "excess_lower": lower, "excess_upper": upper}, index=index)

    def total(self, trusts: list[str], prob: float) -> tuple[float, float, float]:
        """Mean, lower and upper bound of the sum over `trusts`: their draws are added, not their bounds."""
        known = [trust for trust in trusts if trust in set(self.draws[TRUST].to_numpy())]
        mean, lower, upper = _described(self.draws.sel({TRUST: known}).sum(TRUST), prob)
        return float(mean), float(lower), float(upper)


def _described(draws: xr.DataArray, prob: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    tails = draws.quantile([(1 - prob) / 2, (1 + prob) / 2], dim=(CHAIN, DRAW)).to_numpy()
    return draws.mean((CHAIN, DRAW)).to_numpy(), tails[0], tails[1]


def volumes_of(panel: Panel) -> pd.Series | None:
    """What each trust's figure rests on: denominator, expected number or responses; None where it is not known."""
    kind: Kind = panel.only.kind
    rows = panel.observations.set_index(TRUST)
    column = _VOLUME.get(kind, BASE)
    return rows[column].astype(float) if column in rows else None


def excess_events(natural: xr.DataArray, volumes: pd.Series, *, reference: float, best: Best, name: str = "") -> Excess:
    """Volume times the distance from `reference` on the bad side, in each draw; negative on the good side.

    `natural` is (chain, draw, trust) on the natural scale of a proportion or a ratio; `volumes` by trust, and a trust
    outside it has no row; `name` says what the reference is.
    """
    known = natural.sel({TRUST: [name for name in natural[TRUST].to_numpy() if name in volumes.index]})
    weights = xr.DataArray(
        volumes.loc[list(known[TRUST].to_numpy())].to_numpy(), dims=TRUST, coords={TRUST: known[TRUST]}
    )
    sign = -1.0 if best == "highest" else 1.0
    return Excess(sign * weights * (known - reference), reference, name)
