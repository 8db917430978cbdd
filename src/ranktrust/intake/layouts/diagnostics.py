"""Diagnostics waiting times (DM01), monthly workbook by provider: waiting 6 weeks or more."""

import re
from typing import Final

from ranktrust.intake.layouts.layout import Layout, check_published, stated_month, stated_revision
from ranktrust.intake.opening import Book
from ranktrust.intake.reading import (
    Ledger,
    Line,
    Reading,
    check_twice,
    column,
    open_ledger,
    proportion,
    proportions,
    sum_cells,
    walk,
)
from ranktrust.intake.sheet import heading, plain
from ranktrust.intake.totals import check_total

SHEET: Final = "Provider"
WAITING, SIX, THIRTEEN = "Total Waiting List", "Number waiting 6+ Weeks", "Number waiting 13+ Weeks"
HEADINGS: Final = ("Provider Code", "Provider Name", WAITING, SIX, THIRTEEN)
BAND: Final = re.compile(r"(\d* ?(?:<|less than) ?\d+|13 ?\+) weeks?")
NOTES: Final = (
    "numerator: patients waiting 6 weeks or more for a test at the month's end; denominator: all waiting. Low is good.",
    "All 15 tests together. Two thirds of the providers are independent.",
)


def read(book: Book) -> Reading:
    """Return those who wait 6 weeks or more, and 13 or more, of all who wait, by provider."""
    sheet = book.sheet(SHEET)
    period = stated_month(sheet)
    check_published(sheet, period)
    ledger = open_ledger(sheet, HEADINGS)
    waiting, six, thirteen = (column(ledger, name) for name in (WAITING, SIX, THIRTEEN))
    bands = [i for i, cell in enumerate(sheet.rows[ledger.header]) if BAND.fullmatch(heading(cell))]
    if len(bands) != 14:
        ledger.fault(f"{len(bands)} columns of weeks waited; 14 are needed", ledger.header)
    lines, totals = walk(ledger, column(ledger, "Provider Code"), column(ledger, "Provider Name"))
    if len(totals) != 1:
        ledger.fault(f"{len(totals)} total rows; one is needed", ledger.header)
    check_twice(ledger, lines)
    check_total(ledger, totals, lines, [waiting, six, thirteen, *bands])
    for line in lines:
        _check_bands(ledger, line, waiting, bands)
    parts = {"dm01_6w": six, "dm01_13w": thirteen}
    tables = {
        name: proportions(
            [r for line in lines for r in proportion(ledger, line, name, period, part=[part], whole=[waiting])], NOTES
        )
        for name, part in parts.items()
    }
    ledger.close()
    left, revised = tuple(ledger.left), stated_revision(sheet)
    return Reading("diagnostics", (SHEET,), period, tables, ledger.rows, left, _absent(book), revised)


def _check_bands(ledger: Ledger, line: Line, waiting: int, bands: list[int]) -> None:
    all_, parts = sum_cells(ledger, line, [waiting]), sum_cells(ledger, line, bands)
    if abs(all_ - parts) > 0:
        ledger.fault(f"{all_:,.10g} waiting, but {parts:,.10g} over the weeks ({line.code})", line.row, waiting)


def _absent(book: Book) -> tuple[str, ...]:
    if "Notes" not in book.names:
        return ()
    texts = [" ".join(filter(None, map(plain, row))) for row in book.sheet("Notes").rows]
    said = [text for text in texts if text and text not in {"Notes", "Code Name"}]
    return ("The publisher's notes: " + " ".join(said),) if said else ()


LAYOUT: Final = Layout(
    "diagnostics",
    "Diagnostics waiting times (DM01), by provider",
    SHEET,
    HEADINGS,
    read,
    never=("Provider by Test",),
)
