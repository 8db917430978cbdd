"""What every table of a panel must satisfy; pandera finds all faults before one is reported."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import pandera.pandas as pa
from pandera.errors import SchemaErrors

from ranktrust.errors import Fault
from ranktrust.vocabulary import ICB, KIND_COLUMNS, REGION, Kind

_REMEDY = {
    "keys are unique": "Keep one row for each trust, indicator and period",
    "numerator is at most the denominator": "Check the two columns against the published file",
}
_DEFAULT_REMEDY = "Correct the value, or leave the row out and list it as missing with its reason"

_COUNT = pa.Column(float, [pa.Check.ge(0, error="is negative"), pa.Check(np.isfinite, error="is not finite")])
_POSITIVE = pa.Column(float, [pa.Check.gt(0, error="is not above zero"), pa.Check(np.isfinite, error="is not finite")])
_ANY = pa.Column(float, pa.Check(np.isfinite, error="is not finite"))
_COLUMNS = {
    "observed": _COUNT,
    "expected": _POSITIVE,
    "numerator": _COUNT,
    "denominator": _POSITIVE,
    "estimate": _ANY,
    "standard_error": _POSITIVE,
}


def _part_of_whole(rows: pd.DataFrame) -> pd.Series:
    """True where it holds or cannot be asked: an empty or infinite figure is a fault of its own."""
    possible = (rows["numerator"] - rows["denominator"]).abs() < np.inf
    return ~possible | (rows["numerator"] <= rows["denominator"])


def observation_schema(kind: Kind) -> pa.DataFrameSchema:
    """The schema of one indicator's observations: unique keys and possible figures."""
    checks = [
        pa.Check(lambda rows: ~rows.duplicated(["trust", "indicator", "period"], keep=False), error="keys are unique")
    ]
    if kind == "proportion":
        checks.append(pa.Check(_part_of_whole, error="numerator is at most the denominator"))
    columns = {name: _COLUMNS[name] for name in KIND_COLUMNS[kind]}
    keys = {name: pa.Column(str) for name in ("trust", "indicator", "period")}
    return pa.DataFrameSchema({**keys, **columns}, checks=checks, strict=False)


def faults_in(rows: pd.DataFrame, kind: Kind, *, file: str) -> list[Fault]:
    """All faults in one indicator's observations; empty when there are none.

    `rows` has the columns trust, indicator, period and those of its kind; `file` is the table they came from.
    """
    rows = rows.reset_index(drop=True)
    try:
        observation_schema(kind).validate(rows, lazy=True)
    except SchemaErrors as error:
        return _as_faults(error.failure_cases, rows, file)
    return []


def _as_faults(cases: pd.DataFrame, rows: pd.DataFrame, file: str) -> list[Fault]:
    return list(dict.fromkeys(_as_fault(case, rows, file) for _, case in cases.iterrows()))


def _as_fault(case: "pd.Series[Any]", rows: pd.DataFrame, file: str) -> Fault:
    """One of pandera's failure cases: check, column, failure_case and the index of the row."""
    check, column, value = str(case["check"]), str(case["column"]), case["failure_case"]
    if pd.isna(case["index"]):
        return Fault(file, "the table", f"column {value} breaks the rule '{check}'", _DEFAULT_REMEDY)
    row = rows.iloc[int(case["index"])]
    place = f"trust {row['trust']}, period {row['period']}"
    return Fault(file, place, _problem(check, column, value, row), _REMEDY.get(check, _DEFAULT_REMEDY))


def _problem(check: str, column: str, value: object, row: "pd.Series[Any]") -> str:
    if check == "keys are unique":
        return "the same trust, indicator and period occurs more than once"
    if check == "numerator is at most the denominator":
        return f"numerator {row['numerator']:g} is above denominator {row['denominator']:g}"
    return f"{column} is empty" if check == "not_nullable" else f"{column} = {value} {check}"


def faults_of_groups(trusts: pd.DataFrame, nested: Sequence[str]) -> list[Fault]:
    """Trusts without a group that is nested above them, and integrated care boards that lie in two regions."""
    found = [
        Fault("trusts", f"trust {code}", f"has no {group}, which is nested above trusts", "Add it, or nest without it")
        for group in nested
        for code in trusts.index[trusts[group] == ""]
    ]
    if {REGION, ICB} <= set(nested):
        regions = trusts[trusts[ICB] != ""].groupby(ICB)[REGION].nunique()
        found += [
            Fault("trusts", f"icb {icb}", "lies in more than one region", "Correct a row, or nest one of the two")
            for icb in regions.index[regions > 1]
        ]
    return found
