"""Beds open overnight (KH03), quarterly workbook: occupied of available, averages a day."""

import re
from collections.abc import Mapping
from math import isnan
from typing import Final

from ranktrust.errors import DataError
from ranktrust.intake.layouts.layout import Layout, check_published, stated, stated_revision
from ranktrust.intake.opening import Book
from ranktrust.intake.period import Period, find_quarter, read_quarter
from ranktrust.intake.reading import (
    Ledger,
    Line,
    Reading,
    check_twice,
    column,
    open_ledger,
    proportions,
    walk,
)
from ranktrust.intake.sheet import Sheet, cell_text, find_label, plain, read_number
from ranktrust.intake.tidy import Record, Table
from ranktrust.intake.totals import check_total

SHEET: Final = "NHS Trust by Sector"
HEADINGS: Final = ("Org Code", "Org Name", "General & Acute", "Mental Illness")
SECTORS: Final = {
    "beds_all": "Total",
    "beds_general_acute": "General & Acute",
    "beds_learning_disabilities": "Learning Disabilities",
    "beds_maternity": "Maternity",
    "beds_mental_illness": "Mental Illness",
}
DAY_ONLY: Final = re.compile(r"day[ -]?only", re.IGNORECASE)
NOTES: Final = (
    "numerator: beds occupied, denominator: beds available, both averages over the nights of the quarter: amounts for "
    "a denominator, no counts for a binomial model.",
)


def read(book: Book) -> Reading:
    """Return beds occupied and available, by trust and sector."""
    sheet = book.sheet(SHEET)
    period = _quarter(sheet)
    check_published(sheet, period)
    _check_overnight(sheet)
    ledger = open_ledger(sheet, HEADINGS)
    lines, totals = walk(ledger, column(ledger, "Org Code"), column(ledger, "Org Name"))
    if len(totals) != 1:
        ledger.fault(f"{len(totals)} England rows; one is needed", ledger.header)
    check_twice(ledger, lines)
    _check_dates(ledger, lines, period)
    found = {
        name: tuple(column(ledger, sector, group=group) for group in ("Occupied", "Available"))
        for name, sector in SECTORS.items()
    }
    check_total(ledger, totals, lines, [i for pair in found.values() for i in pair], exact=False)
    tables = {
        name: proportions([row for line in lines for row in _row(ledger, line, name, period, pair)], NOTES)
        for name, pair in found.items()
    }
    ledger.close()
    notes = (*_estimates(book), *_overfull(tables))
    return Reading("beds", (SHEET,), period, tables, ledger.rows, tuple(ledger.left), notes, stated_revision(sheet))


def _check_overnight(sheet: Sheet) -> None:
    """Raise `DataError` for a workbook whose title speaks of beds open by day only, which has the same layout."""
    try:
        title = find_label(sheet, "Title:").lower()
    except DataError:
        return
    if DAY_ONLY.search(title) and "overnight" not in title:
        raise DataError([sheet.fault("it is of beds open by day only", "Take the workbook of beds open overnight")])


def _overfull(tables: Mapping[str, Table]) -> tuple[str, ...]:
    """Name the trusts that report more beds occupied than available: published so, kept, and not to be trusted."""
    found = [
        f"{row[0]} ({name})"
        for name, table in tables.items()
        for row in table.rows
        if float(str(row[4])) > float(str(row[5]))
    ]
    return (f"More beds occupied than available, kept as published: {', '.join(found)}.",) if found else ()


def _row(ledger: Ledger, line: Line, name: str, period: Period, pair: tuple[int, ...]) -> list[Record]:
    occupied, available = (_amount(ledger, line, index) for index in pair)
    if isnan(occupied + available):
        return []
    ledger.kept.add(line.row)
    if not available:
        ledger.leave(line.row, line.code, "no beds of this sector", name)
        return []
    return [(line.code, name, *period, occupied, available)]


def _amount(ledger: Ledger, line: Line, index: int) -> float:
    cell = ledger.sheet.at(line.row, index)
    try:
        value = read_number(cell)
    except ValueError:
        value = -1.0
    if value >= 0:
        return value
    ledger.fault(f"{cell_text(cell)} is not a number of beds", line.row, index)
    return float("nan")


def _quarter(sheet: Sheet) -> Period:
    """Return the quarter beside `Period:`, or the one that the title names, as before 2013."""
    named = find_quarter(stated(sheet, "Title:"))
    text = stated(sheet, "Period:")
    if not text and named:
        return named
    try:
        return read_quarter(text or find_label(sheet, "Period:"))
    except ValueError as error:
        raise DataError([sheet.fault(f"period: {error}", "State it as April to June 2025 or Q1 2025-26")]) from error


def _check_dates(ledger: Ledger, lines: list[Line], period: Period) -> None:
    index = column(ledger, "Period End", "Period")
    known = {f"{period[1]:%B}".lower(), f"{period[1]:%b}".lower()}
    for line in lines:
        said = plain(ledger.sheet.at(line.row, index))
        if said.lower().split(" ")[0] not in known:
            ledger.fault(f"the row is of {said!r}, the sheet of the quarter to {period[1]:%B %Y}", line.row, index)


def _estimates(book: Book) -> tuple[str, ...]:
    if "Data Quality" not in book.names:
        return ()
    texts = [" ".join(filter(None, map(plain, row))) for row in book.sheet("Data Quality").rows]
    return ("The publisher's note on data quality: " + " ".join(filter(None, texts)),)


LAYOUT: Final = Layout("beds", "Beds open overnight (KH03), by trust", SHEET, HEADINGS, read)
