"""The bands of a league table: a report card of its trusts, with what that division gets wrong (decision 11)."""

import math
from collections.abc import Mapping
from typing import Any, Final

import pandas as pd
import xarray as xr

from ranktrust.league.table import LeagueTable
from ranktrust.ranks import Content, Grades, SimultaneousSets

NO_BANDS: Final[Mapping[str, Any]] = {
    "band_sizes": (),
    **dict.fromkeys(
        ("pairs_split", "misordered", "misordered_mcse", "misordered_split", "misordered_split_mcse", "p_bands_right",
         "p_bands_right_mcse")
    ),
}  # fmt: skip
"""The facts of a table without bands."""
_FACTS: Final = {
    "misordered": "discordance",
    "misordered_split": "discordance_separated",
    "p_bands_right": "p_all_correct",
}
TONES: Final = 9
"""Steps of the ordered palette that bands are drawn in."""


def bands(grades: Grades) -> pd.Series:
    """The band of each trust: 1 holds the best values, the highest number the others' far end."""
    return grades.table["grade"].to_series()


def band_facts(grades: Grades) -> dict[str, Any]:
    """The facts of a report card, under the names that Facts has for them; None for what no draw defines."""
    found = {"pairs_split": "separated", **_FACTS, **{f"{one}_mcse": f"{two}_mcse" for one, two in _FACTS.items()}}
    return {
        "band_sizes": tuple(grades.table["trusts"].to_numpy().tolist()),
        **{name: finite(grades.table[of].item()) for name, of in found.items()},
    }


def set_facts(sets: SimultaneousSets) -> dict[str, Any]:
    """By how many places the simultaneous sets were widened, and in what share of draws they held."""
    content = sets.content
    held = {name: finite(getattr(content, name)) for name in ("calibration", "held_out", "held_out_mcse", "final")}
    return {"widened": sets.widened, **held}


def sets_of(table: LeagueTable) -> SimultaneousSets:
    """The simultaneous sets that a ranked table holds. Raises ValueError for one that is not ranked."""
    facts = table.facts
    if facts.sets is None:
        raise ValueError(f"{facts.indicator} is not ranked, so it has no sets of ranks")
    held = [number(facts.sets[name]) for name in ("calibration", "held_out", "held_out_mcse", "final")]
    bounds = table.rows[["set_lower", "set_upper"]].astype(int)
    return SimultaneousSets(xr.Dataset.from_dataframe(bounds), facts.prob, int(facts.sets["widened"]), Content(*held))


def band_tone(band: int, count: int) -> int:
    """The step of the palette, 0 to TONES - 1, of band `band` of `count`: ends at the ends, one alone in the middle.

    With more bands than steps neighbours may share one; then their numbers tell them apart.
    """
    return TONES // 2 if count == 1 else round((TONES - 1) * (band - 1) / (count - 1))


def finite(value: float) -> float | None:
    """The number, None where it is not finite, so that it can be kept as JSON."""
    return float(value) if math.isfinite(value) else None


def number(value: float | None) -> float:
    """The number, NaN where there is none."""
    return math.nan if value is None else value
