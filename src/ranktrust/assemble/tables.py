"""Tables of data/ as text, and their figures as numbers with every fault named."""

import csv
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd

from ranktrust.assets import find_asset
from ranktrust.errors import DataError, Fault
from ranktrust.files import sha256_of
from ranktrust.panel import UNDATED, Indicator, period_label
from ranktrust.study import Study
from ranktrust.vocabulary import FIGURE_KEYS, KIND_COLUMNS

SAVE = "Save it as CSV in UTF-8, with commas between cells and quotes about texts that hold a comma"
KEYS = ("trust", "indicator", "period")


@dataclass(frozen=True)
class Table:
    """A table of data/: its rows as text, its path, and its digest."""

    path: Path
    rows: pd.DataFrame
    sha256: str


def read_table(name: str, study: Study) -> Table:
    """The table `name`.csv of data/, the study's own first.

    Raises UsageError when there is none, and DataError with every row that has more or fewer cells than headings.
    """
    path = find_asset("data", f"{name}.csv", beside=study.folder)
    return Table(path, _read_rows(path), sha256_of(path))


def _read_rows(path: Path) -> pd.DataFrame:
    """The rows of a CSV file as text, blank lines passed over."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            lines = csv.reader(file, strict=True)
            read = [(lines.line_num, row) for row in lines if row]
    except (ValueError, csv.Error) as error:
        raise DataError([Fault(path.name, "the whole file", f"cannot be read: {error}", SAVE)]) from error
    if not read:
        raise DataError([Fault(path.name, "the whole file", "it is empty", "Give a row of headings, then the figures")])
    (_, names), *rows = read
    faults = [_uneven(path.name, line, row, names) for line, row in rows if len(row) != len(names)]
    twice = sorted({name for name in names if names.count(name) > 1})
    faults += [Fault(path.name, "header", f"the column {name!r} stands twice", "Keep one of them") for name in twice]
    if faults:
        raise DataError(faults)
    return pd.DataFrame([row for _, row in rows], columns=names, dtype=str)


def _uneven(file: str, line: int, row: list[str], names: list[str]) -> Fault:
    short = len(row) < len(names)
    why = "it is cut short, or a comma is missing" if short else "a comma stands in a text without quotes"
    remedy = "Give the row a cell for every heading, and put quotes about a text with a comma"
    return Fault(file, f"line {line}", f"has {len(row)} cells for {len(names)} headings: {why}", remedy)


def read_numbers(table: Table, indicator: Indicator) -> pd.DataFrame:
    """Keys, period label and figures as numbers; what is no number or date, or overlaps, is a fault with its place.

    Raises DataError that lists every fault of the table.
    """
    columns = list(KIND_COLUMNS[indicator.kind])
    absent = [name for name in (*FIGURE_KEYS, *columns) if name not in table.rows.columns]
    if absent:
        raise DataError(
            [
                Fault(table.path.name, "header", f"has no column {name}", "Name the columns as in data/README.md")
                for name in absent
            ]
        )
    numbers = table.rows[columns].apply(lambda column: pd.to_numeric(column, errors="coerce")).astype(float)
    remedy = "Correct it or take the row out"
    bad = [no_number(table, row, columns[column], remedy) for row, column in np.argwhere(numbers.isna().to_numpy())]
    for name in ("period_start", "period_end"):
        dated = pd.to_datetime(table.rows[name], format="%Y-%m-%d", errors="coerce").notna()
        odd = ~dated & ((table.rows["period_start"] != "") | (table.rows["period_end"] != ""))
        bad += [no_number(table, row, name, remedy, "a date") for row in np.flatnonzero(odd).tolist()]
    if bad:
        raise DataError(bad)
    if "base" in table.rows:
        numbers["base"] = pd.to_numeric(table.rows["base"], errors="coerce").astype(float)
    rows = table.rows[list(FIGURE_KEYS)].join(numbers)
    pairs = zip(rows["period_start"], rows["period_end"], strict=True)
    rows = rows.assign(period=[period_label(*pair) for pair in pairs])
    faults = _faults_of_periods(set(rows["period"]), table.path.name)
    if faults:
        raise DataError(faults)
    return rows


def _faults_of_periods(labels: set[str], file: str) -> list[Fault]:
    """Periods that end before they begin, overlap, or are mixed with undated rows: their figures cannot be added."""
    remedy = "Keep figures of periods that follow each other, and leave the others out"
    periods = sorted(label.split("/") for label in labels if label != UNDATED)
    faults = [
        Fault(file, f"period {start}/{end}", "ends before it begins", "Correct the dates")
        for start, end in periods
        if end < start
    ]
    faults += [
        Fault(file, f"period {'/'.join(later)}", f"overlaps {'/'.join(earlier)}", remedy)
        for earlier, later in pairwise(periods)
        if later[0] <= earlier[1]
    ]
    if periods and UNDATED in labels:
        place = "columns period_start and period_end"
        faults.append(Fault(file, place, "are empty in some rows", "Date all rows"))
    return faults


def no_number(table: Table, row: int, column: str, remedy: str, what: str = "a number") -> Fault:
    """The fault of a cell that is not what its column needs, with its line in the file."""
    cell = table.rows[column].iloc[row]
    return Fault(table.path.name, f"line {row + 2}, column {column}", f"{cell!r} is not {what}", remedy)
