"""Rows of comma-separated values with fewer or more cells than there are headings: cut short, or a comma in a text."""

from collections.abc import Container
from pathlib import Path

from ranktrust.errors import DataError, Fault
from ranktrust.intake.sheet import CORRECT, Row, Sheet, plain, read_csv


def read_even_csv(path: Path) -> Sheet:
    """Return a file of comma-separated values whose first row is its longest. Raises `DataError` if a row differs."""
    sheet = read_csv(path)
    faults = uneven_rows(sheet, 0) if sheet.rows else []
    if faults:
        raise DataError(faults)
    return sheet


def uneven_rows(sheet: Sheet, header: int, skipped: Container[int] = ()) -> list[Fault]:
    """Return a fault for every row below the header, but those in `skipped`, that does not fit its headings.

    Blank cells at a row's end are no cells too many. A sheet that need not be even has no such row, nor one without
    headings (`header` below 0).
    """
    if not sheet.even or header < 0:
        return []
    rows = ((row, sheet.rows[row]) for row in range(header + 1, len(sheet.rows)) if row not in skipped)
    faults = (_misfit(sheet, row, cells, sheet.rows[header]) for row, cells in rows)
    return [fault for fault in faults if fault]


def _misfit(sheet: Sheet, row: int, cells: Row, headings: Row) -> Fault | None:
    if len(cells) < _filled(headings):
        problem = f"it has {len(cells)} cells for {len(headings)} headings: it is cut short"
        return sheet.fault(problem, CORRECT, row=row)
    if _filled(cells) > len(headings):
        problem = f"it has {_filled(cells)} cells for {len(headings)} headings: a comma stands in a text without quotes"
        return sheet.fault(problem, f"Put the text in quotes. {CORRECT}", row=row)
    return None


def _filled(row: Row) -> int:
    """Return how many cells a row has up to its last that is not blank."""
    return max((place for place, cell in enumerate(row, 1) if plain(cell)), default=0)
