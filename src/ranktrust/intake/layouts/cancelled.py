"""Cancelled elective operations, quarterly workbook by provider: not treated within 28 days."""

from typing import Final

from ranktrust.errors import DataError
from ranktrust.intake.cancelled import CANCELLED, EXCLUDING, INCLUDING, UNTREATED
from ranktrust.intake.layouts.layout import Layout, check_published, stated_revision
from ranktrust.intake.opening import Book
from ranktrust.intake.period import read_quarter
from ranktrust.intake.reading import (
    Ledger,
    Line,
    Reading,
    check_twice,
    column,
    open_ledger,
    proportion,
    proportions,
    walk,
)
from ranktrust.intake.sheet import find_label
from ranktrust.intake.totals import check_total, sum_of
from ranktrust.intake.unknown import is_like_a_trust

SHEET: Final = "Provider"
INDICATOR: Final = "cancelled_28d"
HEADINGS: Final = ("Organisation Code", "Organisation Name", CANCELLED, UNTREATED)
NOTES: Final = (
    "numerator: patients not treated within 28 days; denominator: last-minute cancellations for other than clinical "
    "reasons. Low is good.",
    f"The row {INCLUDING} is of all providers; {EXCLUDING} is without independent ones.",
)


def read(book: Book) -> Reading:
    """Return patients not treated within 28 days of a last-minute cancellation, by provider."""
    sheet = book.sheet(SHEET)
    try:
        period = read_quarter(find_label(sheet, "Period:"))
    except ValueError as error:
        raise DataError([sheet.fault(f"period: {error}", "State it as April to June 2025 or Q1 2025-26")]) from error
    check_published(sheet, period)
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
    _check_without(ledger, [total for total in totals if total not in whole_rows], lines, [part, whole])
    rows = [row for line in lines for row in proportion(ledger, line, INDICATOR, period, part=[part], whole=[whole])]
    ledger.close()
    tables = {INDICATOR: proportions(rows, NOTES)}
    left, revised = tuple(ledger.left), stated_revision(sheet)
    return Reading("cancelled", (SHEET,), period, tables, ledger.rows, left, revised=revised)


def _check_without(ledger: Ledger, totals: list[Line], lines: list[Line], columns: list[int]) -> None:
    """Say whether the row without the independent sector is the sum of providers with the code of a trust.

    Which providers are independent is not stated, so that a difference is said and no fault, unless it is more than
    all providers together.
    """
    trusts = [line for line in lines if is_like_a_trust(line.code)]
    for total in totals:
        sums = [tuple(sum_of(ledger, those, i) for those in ([total], trusts, lines)) for i in columns]
        for (says, _, most), index in zip(sums, columns, strict=True):
            if says > most:
                ledger.fault(f"the row {total.name!r} says {says:,.10g}, all providers {most:,.10g}", total.row, index)
        verb = "the sum" if all(says == ours for says, ours, _ in sums) else "not the sum"
        ledger.explain(total.row, f"{verb} of the {len(trusts)} providers with the code of a trust, in 2 columns")


LAYOUT: Final = Layout("cancelled", "Cancelled elective operations, by provider", SHEET, HEADINGS, read)
