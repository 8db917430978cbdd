"""Draws from a wide CSV: a column a trust, a row a draw.

A column `.chain` labels chains; without it all rows are one chain. A column `.draw` (or `.iteration`, for files from
R in which `.draw` runs on over the chains) orders the rows of a chain; without it they lie in order. Other names that
begin with a dot are refused, so that no sampler's column is ranked as a trust.
"""

import csv
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from ranktrust.errors import DataError, Fault, UsageError
from ranktrust.ranks.draws import LEAST_DRAWS, listed
from ranktrust.vocabulary import CHAIN, DRAW, TRUST

CHAIN_COLUMN = ".chain"
ORDER_COLUMNS = (".draw", ".iteration")
NUMBER = re.compile(r"\s*[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?\s*")


@dataclass(frozen=True)
class _Sheet:
    """The cells of a file as text; `lines` are the row numbers that a spreadsheet shows."""

    file: str
    header: list[str]
    rows: list[list[str]]
    lines: list[int]

    def column(self, name: str) -> list[str]:
        at = self.header.index(name)
        return [row[at] for row in self.rows]

    def fault(self, place: str, problem: str, remedy: str) -> Fault:
        return Fault(self.file, place, problem, remedy)


def read_wide(path: Path) -> xr.DataArray:
    """Draws of `path` with dimensions (chain, draw, trust), trusts in the order of their columns.

    Raises DataError with every fault of the file at once, UsageError when it cannot be opened.
    """
    sheet = _sheet(path)
    _raise(_header_faults(sheet) + _shape_faults(sheet))
    trusts = [name for name in sheet.header if not name.startswith(".")]
    _raise(_cell_faults(sheet, trusts) + _chain_faults(sheet))
    values = np.array([sheet.column(name) for name in trusts], dtype=np.float64)
    order = _row_order(sheet)
    chains = len(set(_labels(sheet)))
    by_chain = values[:, order].reshape(len(trusts), chains, -1)
    return xr.DataArray(np.moveaxis(by_chain, 0, -1), dims=(CHAIN, DRAW, TRUST), coords={TRUST: trusts})


def _sheet(path: Path) -> _Sheet:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            numbered = [(line, row) for line, row in enumerate(csv.reader(file, strict=True), start=1) if row]
    except (UnicodeDecodeError, csv.Error) as error:
        remedy = "Save it as CSV in UTF-8, separated by commas"
        raise DataError([Fault(path.name, "the file", f"not readable as CSV ({error})", remedy)]) from error
    except OSError as error:
        raise UsageError(f"{path} cannot be opened: {error.strerror}") from error
    if not numbered:
        raise DataError([Fault(path.name, "the file", "empty", "Give it a header and a row a draw")])
    lines, rows = [line for line, _ in numbered], [row for _, row in numbered]
    if len(rows[0]) == 1 and ";" in rows[0][0]:
        remedy = "Save it separated by commas, with decimal points"
        raise DataError([Fault(path.name, "row 1", "the columns are separated by semicolons", remedy)])
    return _Sheet(path.name, rows[0], rows[1:], lines[1:])


def _raise(faults: list[Fault]) -> None:
    if faults:
        raise DataError(faults)


def _header_faults(sheet: _Sheet) -> list[Fault]:
    blank = [at for at, name in enumerate(sheet.header, start=1) if not name.strip()]
    dotted = [name for name in sheet.header if name.startswith(".") and name not in {CHAIN_COLUMN, *ORDER_COLUMNS}]
    twice = [name for name, count in Counter(sheet.header).items() if count > 1 and name.strip()]
    faults = [sheet.fault(f"row 1, column {at}", "no name", "Name the trust, or delete the column") for at in blank]
    faults += [sheet.fault(f"row 1, column {name}", "not a trust", "Delete the column") for name in dotted]
    numbers = [name for name in sheet.header if name.strip().lower() in {"chain", "draw", "iteration"}]
    remedy = "Call it .chain or .draw, with a dot, or delete the column"
    faults += [sheet.fault(f"row 1, column {name}", "numbers the rows; it is no trust", remedy) for name in numbers]
    faults += [sheet.fault(f"row 1, column {name}", "named twice", "Keep one column a trust") for name in twice]
    trusts = len({name for name in sheet.header if not name.startswith(".")})
    if trusts < 2:
        faults.append(sheet.fault("row 1", f"{trusts} trust columns", "Ranking needs at least two trusts"))
    return faults


def _shape_faults(sheet: _Sheet) -> list[Fault]:
    width = len(sheet.header)
    ragged = [
        sheet.fault(f"row {line}", f"{len(row)} cells under {width} names", "Give each row one cell a column")
        for line, row in zip(sheet.lines, sheet.rows, strict=True)
        if len(row) != width
    ]
    if len(sheet.rows) < LEAST_DRAWS:
        remedy = f"Give at least {LEAST_DRAWS} draws a chain"
        ragged.append(sheet.fault("the file", f"{len(sheet.rows)} draws", remedy))
    return ragged


def _cell_faults(sheet: _Sheet, trusts: list[str]) -> list[Fault]:
    order = [name for name in sheet.header if name in ORDER_COLUMNS]
    faults = [fault for name in [*trusts, *order] for fault in _column_faults(sheet, name)]
    if CHAIN_COLUMN in sheet.header:
        blank = [n for n, cell in zip(sheet.lines, sheet.column(CHAIN_COLUMN), strict=True) if not cell.strip()]
        faults += _at(sheet, blank, CHAIN_COLUMN, "blank", "Say which chain the draw is of")
    return faults


def _column_faults(sheet: _Sheet, name: str) -> list[Fault]:
    blank, wrong, infinite = [], [], []
    for line, cell in zip(sheet.lines, sheet.column(name), strict=True):
        if not cell.strip():
            blank.append(line)
        elif not NUMBER.fullmatch(cell):
            wrong.append(line)
        elif not np.isfinite(float(cell)):
            infinite.append(line)
    return [
        *_at(sheet, blank, name, "blank", "Every draw needs a figure for every trust"),
        *_at(sheet, wrong, name, "not a number", "Write it as digits with a decimal point"),
        *_at(sheet, infinite, name, "too large a number", "Rescale the draws"),
    ]


def _at(sheet: _Sheet, lines: list[int], name: str, problem: str, remedy: str) -> list[Fault]:
    """One fault for all rows of a column that share it, or none."""
    if not lines:
        return []
    word = "row" if len(lines) == 1 else "rows"
    return [sheet.fault(f"{word} {listed(lines)}, column {name}", problem, remedy)]


def _chain_faults(sheet: _Sheet) -> list[Fault]:
    lengths = Counter(_labels(sheet))
    shown = listed(f"{label}: {count}" for label, count in lengths.items())
    faults = []
    if len(set(lengths.values())) > 1:
        faults.append(sheet.fault(CHAIN_COLUMN, f"chains of unequal length ({shown})", "Give all the same number"))
    if sheet.rows and min(lengths.values()) < LEAST_DRAWS:
        remedy = f"Give at least {LEAST_DRAWS} draws a chain"
        faults.append(sheet.fault(CHAIN_COLUMN, f"too few draws in a chain ({shown})", remedy))
    name = _order_column(sheet)
    if name and len(set(zip(_labels(sheet), sheet.column(name), strict=True))) < len(sheet.rows):
        faults.append(sheet.fault(f"column {name}", "a draw comes twice in a chain", "Number the draws of a chain"))
    return faults


def _labels(sheet: _Sheet) -> list[str]:
    if CHAIN_COLUMN not in sheet.header:
        return [""] * len(sheet.rows)
    return [cell.strip() for cell in sheet.column(CHAIN_COLUMN)]


def _order_column(sheet: _Sheet) -> str | None:
    return next((name for name in ORDER_COLUMNS if name in sheet.header), None)


def _row_order(sheet: _Sheet) -> NDArray[np.intp]:
    """Rows chain by chain, chains as they first appear, each by its order column."""
    name = _order_column(sheet)
    within = [float(cell) for cell in sheet.column(name)] if name else range(len(sheet.rows))
    chain, _ = pd.factorize(np.array(_labels(sheet)))
    return np.lexsort((np.array(within), chain))
