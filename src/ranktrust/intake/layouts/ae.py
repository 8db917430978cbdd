"""A&E attendances and emergency admissions: monthly workbook by provider (2019 on) and monthly CSV."""

from typing import Final

from ranktrust.intake.ae import ATTENDANCES, OVER, PROVIDERS, TYPE_1, WITHIN
from ranktrust.intake.layouts.layout import Layout, stated_month
from ranktrust.intake.opening import CSV_SHEET, Book
from ranktrust.intake.period import Period
from ranktrust.intake.reading import (
    Ledger,
    Line,
    Reading,
    check_total,
    check_twice,
    column,
    open_ledger,
    proportion,
    proportions,
    sum_cells,
    walk,
)
from ranktrust.intake.sheet import find_label, is_mark, plain
from ranktrust.intake.tidy import Table

TYPE_2: Final = "Type 2 Departments - Single Specialty"
TYPE_3: Final = "Type 3 Departments - Other A&E/Minor Injury Unit"
TYPES: Final = (TYPE_1, TYPE_2, TYPE_3)
WORKBOOK_HEADINGS: Final = ("Code", "Region", "Name", *TYPES)
DEPARTMENTS: Final = ("Type 1", "Type 2", "Other A&E Department")
LATE_DEPARTMENTS: Final = ("Type 1", "Type 2", "Other Department")
BOOKED: Final = ("Booked Appointments Type 1", "Booked Appointments Type 2", "Booked Appointments Other Department")
SEEN, LATE = "A&E attendances", "Attendances over 4hrs"
CSV_HEADINGS: Final = (
    "Period",
    "Org Code",
    "Org name",
    *(f"{SEEN} {department}" for department in (*DEPARTMENTS, *BOOKED)),
    *(f"{LATE} {department}" for department in (*LATE_DEPARTMENTS, *BOOKED)),
)
CLOSED: Final = "14 trusts that tried other standards until mid 2023 show '-' here; England counts their attendances."
NOTES: Final = {
    "ae_4h": ("Type 1 departments (major A&E), booked appointments included.", CLOSED),
    "ae_4h_all": ("All types of department, booked appointments included.", CLOSED),
}


def read_workbook(book: Book) -> Reading:
    """Return attendances within 4 hours of all attendances, for type 1 and for all types, by provider."""
    sheet = book.sheet(PROVIDERS)
    period = stated_month(sheet)
    revised = find_label(sheet, "Revised:")
    ledger = open_ledger(sheet, WORKBOOK_HEADINGS)
    groups = [[column(ledger, name, group=group) for name in TYPES] for group in (ATTENDANCES, WITHIN, OVER)]
    lines, totals = walk(ledger, column(ledger, "Code"), column(ledger, "Name"))
    _one_total(ledger, totals)
    check_twice(ledger, lines)
    check_total(ledger, totals, lines, [index for group in groups for index in group])
    for line in lines:
        _check_sums(ledger, line, groups)
    seen, early, _ = groups
    tables = _tables(ledger, lines, period, {"ae_4h": (early[:1], seen[:1]), "ae_4h_all": (early, seen)})
    ledger.close()
    return Reading(
        "ae",
        (PROVIDERS,),
        period,
        tables,
        ledger.rows,
        tuple(ledger.left),
        revised="" if is_mark(revised) else revised,
    )


def _check_sums(ledger: Ledger, line: Line, groups: list[list[int]]) -> None:
    for seen, early, late in zip(*groups, strict=True):
        cells = [ledger.sheet.at(line.row, index) for index in (seen, early, late)]
        if any(is_mark(cell) for cell in cells):
            continue
        all_, within, over = (sum_cells(ledger, line, [index]) for index in (seen, early, late))
        if abs(within + over - all_) > 0:
            problem = f"{within:g} within and {over:g} over 4 hours do not make {all_:g} attendances ({line.code})"
            ledger.fault(problem, line.row, early)


def _one_total(ledger: Ledger, totals: list[Line]) -> None:
    if len(totals) != 1:
        ledger.fault(f"{len(totals)} total rows; one is needed: the file is cut short or doubled", ledger.header)


def read_csv(book: Book) -> Reading:
    """Return the same from the monthly CSV, whose counts are over 4 hours and without booked appointments."""
    sheet = book.sheet(CSV_SHEET)
    ledger = open_ledger(sheet, CSV_HEADINGS)
    when = column(ledger, "Period")
    lines, totals = walk(ledger, column(ledger, "Org Code"), column(ledger, "Org name"))
    period = stated_month(sheet, [plain(sheet.at(line.row, when)) for line in lines])
    seen = [column(ledger, f"{SEEN} {department}") for department in (*DEPARTMENTS, *BOOKED)]
    late = [column(ledger, f"{LATE} {department}") for department in (*LATE_DEPARTMENTS, *BOOKED)]
    _one_total(ledger, totals)
    check_twice(ledger, lines)
    check_total(ledger, totals, lines, [*seen, *late])
    parts = {"ae_4h": (late[::3], seen[::3]), "ae_4h_all": (late, seen)}
    tables = _tables(ledger, lines, period, parts, reverse=True)
    ledger.close()
    return Reading("ae", (CSV_SHEET,), period, tables, ledger.rows, tuple(ledger.left))


def _tables(
    ledger: Ledger,
    lines: list[Line],
    period: Period,
    parts: dict[str, tuple[list[int], list[int]]],
    *,
    reverse: bool = False,
) -> dict[str, Table]:
    return {
        name: proportions(
            [
                row
                for line in lines
                for row in proportion(ledger, line, name, period, part=part, whole=whole, reverse=reverse)
            ],
            NOTES[name],
        )
        for name, (part, whole) in parts.items()
    }


WORKBOOK: Final = Layout(
    "ae", "A&E attendances, monthly workbook by provider", PROVIDERS, WORKBOOK_HEADINGS, read_workbook
)
CSV: Final = Layout("ae", "A&E attendances, monthly CSV by provider", CSV_SHEET, CSV_HEADINGS, read_csv)
