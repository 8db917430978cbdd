"""Friends and Family Test, inpatient: our figures by trust, and the public workbook (untried)."""

from typing import Final

from ranktrust.disclosure import RULES
from ranktrust.errors import DataError
from ranktrust.intake.layouts.layout import Layout, month_in
from ranktrust.intake.opening import CSV_SHEET, Book
from ranktrust.intake.period import Period
from ranktrust.intake.reading import (
    Ledger,
    Reading,
    check_twice,
    column,
    open_ledger,
    proportion,
    proportions,
    walk,
)
from ranktrust.intake.sheet import Sheet, plain
from ranktrust.intake.tidy import Table
from ranktrust.intake.totals import check_total

INDICATOR: Final = "fft_inpatient"
FIGURES: Final = ("org_code", "org_name", "positive_responses", "responses")
TRUSTS: Final = "Trusts"
PUBLIC: Final = ("Trust Code", "Trust Name", "Total Responses", "Very Good", "Good", "Very Poor")
NOTES: Final = ("Responses are self-selected: a patient chooses to answer, and trusts ask in different ways.",)
LATER: Final = "The period is not stated in the file: import asks for it."


def read_figures(book: Book) -> Reading:
    """Return positive responses of all responses, by trust, from the figures; they state no period."""
    ledger = open_ledger(book.sheet(CSV_SHEET), FIGURES)
    table = _table(ledger, ("org_code", "org_name"), ["positive_responses"], "responses", (None, None))
    ledger.close()
    return Reading("fft", (CSV_SHEET,), None, {INDICATOR: table}, ledger.rows, tuple(ledger.left), (LATER,))


def read_public(book: Book) -> Reading:
    """Return the same from the public workbook: very good and good together; `*` is suppressed."""
    sheet = book.sheet(TRUSTS)
    ledger = open_ledger(sheet, PUBLIC)
    period = _month_above(sheet, ledger.header)
    table = _table(ledger, ("Trust Code", "Trust Name"), ["Very Good", "Good"], "Total Responses", period)
    ledger.close()
    return Reading("fft", (TRUSTS,), period, {INDICATOR: table}, ledger.rows, tuple(ledger.left))


def _table(
    ledger: Ledger, keys: tuple[str, str], parts: list[str], whole: str, period: Period | tuple[None, None]
) -> Table:
    at = [column(ledger, name) for name in (*parts, whole)]
    lines, totals = walk(ledger, *(column(ledger, name) for name in keys))
    check_twice(ledger, lines)
    whole_rows = [total for total in totals if "including" in total.name.lower()]
    check_total(ledger, whole_rows, lines, at, hidden=RULES["fft"].hidden)
    rows = [row for line in lines for row in proportion(ledger, line, INDICATOR, period, part=at[:-1], whole=at[-1:])]
    return proportions(rows, NOTES)


def _month_above(sheet: Sheet, header: int) -> Period:
    for row in sheet.rows[:header]:
        for cell in row:
            try:
                return month_in(cell if not isinstance(cell, str) else plain(cell))
            except ValueError:
                continue
    raise DataError([sheet.fault("no cell above the headings is a month", "State the month above the table")])


FIGURES_LAYOUT: Final = Layout(INDICATOR[:3], "Friends and Family Test, figures", CSV_SHEET, FIGURES, read_figures)
PUBLIC_LAYOUT: Final = Layout(
    INDICATOR[:3], "Friends and Family Test, public workbook", TRUSTS, PUBLIC, read_public, untried=True
)
