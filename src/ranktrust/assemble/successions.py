"""Figures under the codes that are current at a study's date."""

from collections.abc import Iterable, Sequence
from datetime import date

import numpy as np
import pandas as pd

from ranktrust.assemble.tables import KEYS, no_number, read_table
from ranktrust.errors import DataError, Fault
from ranktrust.intake.organisations import Succession
from ranktrust.intake.trusts import follow
from ranktrust.panel import Indicator
from ranktrust.study import Study
from ranktrust.vocabulary import KIND_COLUMNS


def successions_of(study: Study) -> list[Succession]:
    """Every succession that the data know, also those after the study's date; a code that follows itself is none.

    Raises DataError that names every date that is none.
    """
    table = read_table("successions", study)
    dates = pd.to_datetime(table.rows["date"], format="%Y-%m-%d", errors="coerce")
    bad = dates.index[dates.isna()]
    if len(bad):
        raise DataError([no_number(table, row, "date", "Write it as 2026-06-30", "a date") for row in bad])
    rows = table.rows.assign(date=dates).query("old_trust != new_trust").sort_values("date")
    return [
        Succession(str(row["old_trust"]), str(row["new_trust"]), row["date"].date(), str(row.get("note", "")))
        for _, row in rows.iterrows()
    ]


def closed_by(successions: Sequence[Succession], on: date) -> list[str]:
    """The codes that others had succeeded on a date."""
    return sorted({each.old for each in successions if each.when <= on})


def current_codes(rows: pd.DataFrame, indicator: Indicator, study: Study) -> pd.DataFrame:
    """Rows under the codes current at the study's date; counts of merged trusts are added up.

    Chains of successions are followed as `intake.trusts.follow` does; a trust that was split is refused unless the
    study's `successors` choose. Counts add; estimates are averaged by their base. Only rows that a succession joins
    are pooled: a row that stands twice in the file stays twice, for `check_panel` to refuse.
    """
    keys = list(KEYS)
    trust = rows["trust"].map(homes(rows["trust"], study))
    renamed = rows.assign(trust=trust, occurrence=rows.groupby(keys).cumcount())
    joined = renamed.duplicated([*keys, "occurrence"], keep=False)
    if not joined.any():
        return renamed
    if indicator.kind == "estimate":
        pooled = _pooled_estimates(renamed[joined], f"{indicator.name}.csv")
    else:
        pooled = renamed[joined].groupby([*keys, "occurrence"])[list(KIND_COLUMNS[indicator.kind])].sum().reset_index()
    return pd.concat([renamed[~joined], pooled], ignore_index=True)


def homes(codes: Iterable[str], study: Study) -> dict[str, str]:
    """The code at the study's date of each published code. Raises DataError with every split that needs a choice."""
    successions = successions_of(study)
    found: dict[str, str] = {}
    faults: list[Fault] = []
    for code in sorted(set(codes)):
        try:
            found[code] = follow(code, successions, study.date, study.trusts.successors)[0]
        except DataError as error:
            faults.extend(error.faults)
    if faults:
        raise DataError(faults)
    return found


def _pooled_estimates(rows: pd.DataFrame, file: str) -> pd.DataFrame:
    """Estimates of merged trusts as their mean weighted by base, with its standard error."""
    keys = [*KEYS, "occurrence"]
    if "base" not in rows or not (rows["base"] > 0).all():
        raise DataError(
            [
                Fault(
                    file,
                    f"trust {row.trust}, period {row.period}",
                    "has estimates from two merged trusts and no base above zero",
                    "Add the column base (number of responses), or give the merged trust's own estimate",
                )
                for row in rows[rows.duplicated(keys)].itertuples()
            ]
        )
    weighted = rows.assign(
        estimate=rows["base"] * rows["estimate"], square=(rows["base"] * rows["standard_error"]) ** 2
    )
    sums = weighted.groupby(keys, sort=False)[["estimate", "square", "base"]].sum()
    sums["standard_error"] = np.sqrt(sums["square"]) / sums["base"]
    sums["estimate"] /= sums["base"]
    return sums.reset_index().drop(columns="square")
