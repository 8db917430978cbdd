"""What is known of the trusts beside their draws, from a CSV: estimates with their errors, or groups with volumes."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from ranktrust.errors import DataError, Fault, UsageError
from ranktrust.ranks.draws import listed
from ranktrust.vocabulary import TRUST


def read_companion(
    path: Path, trusts: Sequence[object], *, columns: Sequence[str], numbers: Sequence[str]
) -> pd.DataFrame:
    """The `columns` of the CSV at `path` for `trusts`, in their order and under their names; `numbers` are made float.

    The column `trust` names each of them once. A number that is not among `columns` may be absent, and then is NaN.
    Raises UsageError when the file cannot be opened, DataError with everything that is wrong with it at once.
    """
    table = _text(path)
    faults = _column_faults(path, table, [TRUST, *columns])
    if not faults:
        faults = _trust_faults(path, table, [str(trust) for trust in trusts])
        faults += [fault for name in numbers if name in table for fault in _number_faults(path, table, name)]
        faults += [fault for name in columns if name not in numbers for fault in _blank_faults(path, table, name)]
    if faults:
        raise DataError(faults)
    found = table.set_index(TRUST).reindex(columns=list(dict.fromkeys([*columns, *numbers])))
    found = found.loc[[str(trust) for trust in trusts]].astype(dict.fromkeys(numbers, float))
    return found.set_axis(pd.Index(list(trusts), name=TRUST))


def _text(path: Path) -> pd.DataFrame:
    try:
        return pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")
    except OSError as error:
        raise UsageError(f"{path} cannot be opened: {error.strerror}") from error
    except (UnicodeDecodeError, pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        remedy = "Save it as CSV in UTF-8, separated by commas, with a header"
        raise DataError([Fault(path.name, "the file", f"not readable as CSV ({error})", remedy)]) from error


def _column_faults(path: Path, table: pd.DataFrame, needed: Sequence[str]) -> list[Fault]:
    there = f"Its columns are {listed(table.columns)}"
    return [Fault(path.name, "row 1", f"no column {name}", there) for name in needed if name not in table]


def _trust_faults(path: Path, table: pd.DataFrame, trusts: list[str]) -> list[Fault]:
    names = table[TRUST]
    absent = [trust for trust in trusts if trust not in set(names)]
    unknown = sorted(set(names) - set(trusts))
    twice = sorted(set(names[names.duplicated()]))
    found = ((absent, "no row for", "Give every trust of the draws a row"),
             (unknown, "not among the draws:", "Delete the row, or name it as the draws do"),
             (twice, "more than one row for", "Keep one"))  # fmt: skip
    return [
        Fault(path.name, "column trust", f"{problem} {listed(bad)}", remedy) for bad, problem, remedy in found if bad
    ]


def _number_faults(path: Path, table: pd.DataFrame, name: str) -> list[Fault]:
    values = pd.to_numeric(table[name], errors="coerce")
    wrong = table.loc[~np.isfinite(values), TRUST]
    remedy = "Write it as digits with a decimal point"
    return [Fault(path.name, f"column {name}", f"not a number for {listed(wrong)}", remedy)] if len(wrong) else []


def _blank_faults(path: Path, table: pd.DataFrame, name: str) -> list[Fault]:
    blank = table.loc[table[name].str.strip() == "", TRUST]
    return [Fault(path.name, f"column {name}", f"blank for {listed(blank)}", "Fill it in")] if len(blank) else []
