"""How far two tables of one indicator differ, in counts, and how much of that the computation alone explains."""

from collections.abc import Hashable
from dataclasses import dataclass
from itertools import combinations
from statistics import NormalDist
from typing import Final

import numpy as np
import pandas as pd

from ranktrust.league import LeagueTable, standard_classes

CLEAR: Final = 0.95
"""From this probability on a pair is told apart."""
_FALSE_ALARMS: Final = 0.05


@dataclass(frozen=True)
class Apart:
    """One trust whose rank intervals in the two tables have no place in common."""

    trust: str
    name: str
    before: tuple[int, int]
    after: tuple[int, int]


@dataclass(frozen=True)
class Moved:
    """What differs between two tables, over the `n` trusts that both have.

    `estimates_apart` intervals of the level do not overlap. Of tables that both state an order: `intervals` rank
    intervals differ in a bound, those `apart` do not overlap; `beyond_error` expected ranks differ by more than the
    Monte Carlo errors of both explain, at `limit` errors, which chance alone would pass for one trust of all in one of
    twenty such comparisons; `typical` and `largest` are the median and the maximum of their absolute differences.
    Bands count `bands` in each. Of the `pairs` of trusts, `separated` are divided by the bands of the first, of the
    second, of both, and of both the other way round; `told` counts likewise those told apart with 95 %. Of tables
    without an order, `crossed` is how many trusts stand otherwise to the standard. None is what cannot be compared.
    """

    n: int
    estimates_apart: int
    intervals: int | None = None
    apart: tuple[Apart, ...] = ()
    beyond_error: int | None = None
    limit: float | None = None
    typical: float | None = None
    largest: float | None = None
    bands: tuple[int, int] | None = None
    pairs: int | None = None
    separated: tuple[int, int, int, int] | None = None
    told: tuple[int, int, int, int] | None = None
    crossed: int | None = None

    @property
    def any(self) -> bool:
        """Whether anything counted here differs."""
        pairs = [counts for counts in (self.separated, self.told) if counts is not None]
        moved = any(counts[0] != counts[2] or counts[1] != counts[2] or counts[3] for counts in pairs)
        return bool(self.estimates_apart or self.intervals or self.crossed or self.largest or moved)


def moved_between(one: LeagueTable, two: LeagueTable) -> Moved:
    """What differs between two tables of one indicator."""
    before, after = one.rows, two.rows
    both = [str(trust) for trust in before.index if trust in after.index]
    before, after = before.loc[both], after.loc[both]
    apart = _disjoint(before, after, "estimate")
    if not one.facts.ranked or not two.facts.ranked:
        return Moved(len(both), int(apart.sum()), crossed=_crossed(one, two, both))
    far = (after["expected_rank"] - before["expected_rank"]).abs()
    error = np.sqrt(before["expected_rank_mcse"] ** 2 + after["expected_rank_mcse"] ** 2)
    limit = NormalDist().inv_cdf(1 - _FALSE_ALARMS / (2 * max(len(both), 1)))
    bands = [{str(trust): -float(band) for trust, band in table["band"].items()} for table in (before, after)]
    above = [table.p_above.loc[both, both] for table in (one, two)]
    return Moved(
        n=len(both),
        estimates_apart=int(apart.sum()),
        intervals=int((before[["rank_lower", "rank_upper"]] != after[["rank_lower", "rank_upper"]]).any(axis=1).sum()),
        apart=_apart(before, after),
        beyond_error=int((far > limit * error).sum()),
        limit=round(limit, 2),
        typical=round(float(far.median()), 2),
        largest=round(float(far.max()), 2),
        bands=(one.facts.bands, two.facts.bands),
        pairs=len(both) * (len(both) - 1) // 2,
        separated=_crossings([_order_of(band, both) for band in bands]),
        told=_crossings([_told(matrix) for matrix in above]),
    )


def _disjoint(before: pd.DataFrame, after: pd.DataFrame, name: str) -> pd.Series:
    lower, upper = f"{name}_lower", f"{name}_upper"
    return (before[lower] > after[upper]) | (after[lower] > before[upper])


def _apart(before: pd.DataFrame, after: pd.DataFrame) -> tuple[Apart, ...]:
    found = _disjoint(before, after, "rank")
    names, ends = after["trust_name"].astype(str).to_dict(), (_ends(before), _ends(after))
    return tuple(Apart(str(trust), names[trust], ends[0][trust], ends[1][trust]) for trust in before.index[found])


def _ends(rows: pd.DataFrame) -> dict[Hashable, tuple[int, int]]:
    bounds = rows[["rank_lower", "rank_upper"]].astype(int)
    return dict(zip(bounds.index, bounds.itertuples(index=False, name=None), strict=True))


def _crossed(one: LeagueTable, two: LeagueTable, both: list[str]) -> int | None:
    """How many trusts are said to stand otherwise to the standard; None where one has no standard or no numbers."""
    if any(table.facts.standard is None or not table.has_numbers for table in (one, two)):
        return None
    return int((standard_classes(one)[both] != standard_classes(two)[both]).sum())


def _order_of(places: dict[str, float], trusts: list[str]) -> list[int]:
    """Of each pair, 1 where the first is placed above the second, -1 below, 0 with it."""
    return [int(np.sign(places[first] - places[second])) for first, second in combinations(trusts, 2)]


def _told(above: pd.DataFrame) -> list[int]:
    """Of each pair, 1 where the first is better with 95 %, -1 where the second is, 0 where neither."""
    matrix = above.to_numpy()
    values = matrix[np.triu_indices(len(matrix), k=1)]
    return [int(value) for value in (values >= CLEAR).astype(int) - (values <= 1 - CLEAR).astype(int)]


def _crossings(sides: list[list[int]]) -> tuple[int, int, int, int]:
    """How many pairs are placed in the first, in the second, in both alike, and in both the other way round."""
    one, two = np.asarray(sides[0]), np.asarray(sides[1])
    same, opposite = (one != 0) & (one == two), (one != 0) & (one == -two)
    return int((one != 0).sum()), int((two != 0).sum()), int(same.sum()), int(opposite.sum())
