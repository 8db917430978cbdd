"""`Trajectory`: what one indicator over many periods says of its trusts, as a frozen value."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from types import MappingProxyType
from typing import Any, Final

import pandas as pd

from ranktrust.league.table import LeagueTable
from ranktrust.panel import period_text

CERTAIN: Final = 0.975
"""A change is called very probable from this probability on, in either direction."""
FRAMES: Final = ("change", "paths", "national", "parameters", "densities", "shares", "widths")


@dataclass(frozen=True)
class TrajectoryFacts:
    """What a reader must know besides the facts of both league tables. All of it survives a JSON file.

    `periods` are the labels of every period, `latest` and `before` those that change is between, `window` those of the
    mean, `cross_section` those of the cross-section that the shares are about. `n` trusts form the set whose path is
    `national`. `absent` names trusts with periods without a figure, `no_change` those without a change statement.
    `national_change` is the mean, lower and upper bound on the natural scale; `p_national` P(improved) of it, its Monte
    Carlo error and ESS. `noise_sd` (mean, lower, upper) is the sd of a period's noise on the link scale, `spread` that
    between trusts, `counting_error` the typical standard error that counting alone leaves in the latest period.
    """

    indicator: str
    model: str
    statement: str
    priors: Mapping[str, Any]
    draws: int
    prob: float
    periods: tuple[str, ...]
    latest: str
    before: str
    window: tuple[str, ...]
    change_months: int
    window_months: int
    cross_section: tuple[str, ...]
    n: int
    absent: tuple[str, ...]
    no_change: tuple[str, ...]
    national_change: tuple[float, float, float]
    p_national: tuple[float, float, float]
    noise_sd: tuple[float, float, float]
    spread: tuple[float, float, float]
    counting_error: float
    gate_passed: bool
    findings: tuple[Mapping[str, str], ...]

    @property
    def span_text(self) -> str:
        """The periods in words."""
        return period_text(f"{self.periods[0].split('/')[0]}/{self.periods[-1].split('/')[1]}")

    @property
    def window_text(self) -> str:
        """The window of the mean in words."""
        return period_text(f"{self.window[0].split('/')[0]}/{self.window[-1].split('/')[1]}")

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> "TrajectoryFacts":
        """The facts in a mapping such as a JSON object, lists made tuples. Raises TypeError for another set of keys."""
        known = {field.name for field in fields(cls)}
        if set(values) != known:
            raise TypeError(f"facts differ in {', '.join(sorted(known ^ set(values)))}")
        changed: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value for name, value in values.items()
        }
        return cls(**changed)


@dataclass(frozen=True, eq=False)
class Trajectory:
    """One indicator over its periods.

    `latest` and `window` are league tables of the latest period and of the mean over the window. `change` (by trust),
    `paths` and `national` (by period), `parameters`, `densities`, `shares` and `widths` are copies.
    """

    facts: TrajectoryFacts
    latest: LeagueTable
    window: LeagueTable
    _frames: Mapping[str, pd.DataFrame]

    @classmethod
    def of(
        cls, facts: TrajectoryFacts, latest: LeagueTable, window: LeagueTable, *, frames: Mapping[str, pd.DataFrame]
    ) -> "Trajectory":
        """A trajectory of these parts, copied. Raises ValueError where a frame is absent."""
        lacking = [name for name in FRAMES if name not in frames]
        if lacking:
            raise ValueError(f"a trajectory needs {', '.join(lacking)}")
        return cls(facts, latest, window, MappingProxyType({name: frames[name].copy() for name in FRAMES}))

    def frame(self, name: str) -> pd.DataFrame:
        """One of FRAMES."""
        return self._frames[name].copy(deep=False)

    @property
    def change(self) -> pd.DataFrame:
        """One row a trust that reported in both periods, CHANGE_COLUMNS."""
        return self.frame("change")


def moved(probabilities: pd.Series) -> pd.Series:
    """`better` where P(improved) is at least 0.975, `worse` where at most 0.025, else `open`."""
    words = pd.Series("open", index=probabilities.index)
    words[probabilities >= CERTAIN] = "better"
    words[probabilities <= 1 - CERTAIN] = "worse"
    return words


def expected_wrong(probabilities: pd.Series) -> float:
    """How many of the changes called very probable are expected to be in the other direction: a sum of 1 - P."""
    called = probabilities[moved(probabilities) != "open"]
    return float(called.where(called < 0.5, 1 - called).sum())
