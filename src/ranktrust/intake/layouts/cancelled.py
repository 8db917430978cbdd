"""Cancelled elective operations, quarterly workbook by provider: not treated within 28 days."""

from typing import Final

from ranktrust.errors import DataError
from ranktrust.intake.cancelled import CANCELLED, EXCLUDING, INCLUDING, UNTREATED
from ranktrust.intake.layouts.layout import Layout, stated_revision
from ranktrust.intake.opening import Book
from ranktrust.intake.period import read_quarter
from ranktrust.intake.reading import (
    Reading,
    check_total,
    check_twice,
    column,
    open_ledger,
    proportion,
    proportions,
    walk,
)
from ranktrust.intake.sheet import find_label

SHEET: Final = "Provider"
INDICATOR: Final = "cancelled_28d"
HEADINGS: Final = ("Organisation Code", "Organisation Name", CANCELLED, UNTREATED)
NOTES: Final = (
    "numerator: patients not treated within 28 days; denominator: last-minute cancellations for other than clinical "
    "reasons. Low is good.",
    f"The row {INCLUDING} is the sum of all providers; {EXCLUDING} is of NHS trusts alone.",
)


def read(book: Book) -> Reading:
    """Return patients not treated within 28 days of a last-minute cancellation, by provider."""
    sheet = book.sheet(SHEET)
    try:
        period = read_quarter(find_label(sheet, "Period:"))
    except ValueError as error:
        raise DataError([sheet.fault(f"period: {error}", "Correct the period")]) from error
    ledger = open_ledger(sheet, HEADINGS)
    part, whole = (column(ledger, name) for name in (UNTREATED, CANCELLED))
    lines, totals = walk(ledger, column(ledger, "Organisation Code"), column(ledger, "Organisation Name"))
    names = [total.name for total in totals]
    whole_rows = [total for total in totals if "excluding" not in total.name.lower()]
    if len(whole_rows) != 1 or len(set(names)) != len(names):
        said = ", ".join(map(repr, names)) or "none"
        ledger.fault(f"one row {INCLUDING!r} or 'England' is needed; there are: {said}", ledger.header)
    check_twice(ledger, lines)
    check_total(ledger, whole_rows, lines, [part, whole])
    rows = [row for line in lines for row in proportion(ledger, line, INDICATOR, period, part=[part], whole=[whole])]
    ledger.close()
    tables = {INDICATOR: proportions(rows, NOTES)}
    left, revised = tuple(ledger.left), stated_revision(sheet)
    return Reading("cancelled", (SHEET,), period, tables, ledger.rows, left, revised=revised)


LAYOUT: Final = Layout("cancelled", "Cancelled elective operations, by provider", SHEET, HEADINGS, read)
