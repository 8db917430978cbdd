"""Figures under the codes that are current at a study's date."""

import numpy as np
import pandas as pd

from ranktrust.assemble.tables import KEYS, read_table
from ranktrust.errors import DataError, Fault
from ranktrust.panel import Indicator
from ranktrust.study import Study
from ranktrust.vocabulary import KIND_COLUMNS


def successions_of(study: Study) -> pd.DataFrame:
    """The successions up to the study's date, in order of date."""
    rows = read_table("successions", study).rows
    return rows[pd.to_datetime(rows["date"]) <= pd.Timestamp(study.date)].sort_values("date")


def current_codes(rows: pd.DataFrame, indicator: Indicator, study: Study) -> pd.DataFrame:
    """Rows under the codes current at the study's date; counts of merged trusts are added up.

    Chains of successions are followed in order of date. Counts add; estimates are averaged by their base. Only rows
    that a succession joins are pooled: a row that stands twice in the file stays twice, for `check_panel` to refuse.
    """
    trust = rows["trust"]
    for change in successions_of(study).itertuples(index=False):
        trust = trust.where(trust != change.old_trust, change.new_trust)
    keys = list(KEYS)
    renamed = rows.assign(trust=trust, occurrence=rows.groupby(keys).cumcount())
    joined = renamed.duplicated([*keys, "occurrence"], keep=False)
    if not joined.any():
        return renamed
    if indicator.kind == "estimate":
        pooled = _pooled_estimates(renamed[joined], f"{indicator.name}.csv")
    else:
        pooled = renamed[joined].groupby([*keys, "occurrence"])[list(KIND_COLUMNS[indicator.kind])].sum().reset_index()
    return pd.concat([renamed[~joined], pooled], ignore_index=True)


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
