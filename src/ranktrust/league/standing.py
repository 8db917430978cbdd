"""What one league table says of one trust: its level, its places, and who can be told from it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ranktrust.league.table import INDISTINCT, LeagueTable


@dataclass(frozen=True)
class Standing:
    """One trust in one table.

    `estimate` and `performance` are mean, lower and upper bound on the natural scale; `ranks` the rank interval, None
    where the table states no order. `better` and `worse` are the trusts that are better or worse than this one with a
    probability of at least 0.95, `indistinct` the others, each in the table's order; `wrong` is how many of `better`
    and `worse` together are expected to be the other way round, a sum of 1 - P.
    """

    trust: str
    name: str
    region: str
    figure: str
    note: str
    estimate: tuple[float, float, float]
    performance: tuple[float, float, float]
    ranks: tuple[int, int] | None
    band: int | None
    indistinct: tuple[str, ...]
    better: tuple[str, ...]
    worse: tuple[str, ...]
    wrong: float


def standing_of(table: LeagueTable, trust: str) -> Standing | None:
    """Where `trust` stands in `table`; None where the table has no row for it or no numbers."""
    if trust not in table.rows.index or not table.has_numbers:
        return None
    row, ranked = table.rows.loc[trust].to_dict(), table.facts.ranked
    better, worse, wrong = _told_apart(table, trust) if ranked else ((), (), 0.0)
    return Standing(
        trust=trust,
        name=str(row["trust_name"]),
        region=str(row["region"]),
        figure=str(row["figure"]),
        note=str(row["note"]),
        estimate=_three(row, "estimate"),
        performance=_three(row, "performance"),
        ranks=(int(row["rank_lower"]), int(row["rank_upper"])) if ranked else None,
        band=int(row["band"]) if ranked else None,
        indistinct=table.indistinct_from(trust),
        better=better,
        worse=worse,
        wrong=wrong,
    )


def _three(row: Mapping[Any, Any], name: str) -> tuple[float, float, float]:
    return float(row[name]), float(row[f"{name}_lower"]), float(row[f"{name}_upper"])


def _told_apart(table: LeagueTable, trust: str) -> tuple[tuple[str, ...], tuple[str, ...], float]:
    """The trusts above and below `trust` with P >= 0.95, and how many of them are expected to be wrong."""
    above = {str(other): float(p) for other, p in table.p_above.loc[trust].to_dict().items() if other != trust}
    order = [str(other) for other in table.rows.index if other != trust]
    better = tuple(other for other in order if above[other] <= INDISTINCT)
    worse = tuple(other for other in order if above[other] >= 1 - INDISTINCT)
    return better, worse, sum(above[other] for other in better) + sum(1 - above[other] for other in worse)
