"""A&E attendances and emergency admissions: monthly workbook by provider (2019 on) and monthly CSV."""

from typing import Final

from ranktrust.intake.ae import ATTENDANCES, OVER, PROVIDERS, TYPE_1, WITHIN
from ranktrust.intake.layouts.layout import Layout, check_published, stated_month, stated_revision
from ranktrust.intake.opening import CSV_SHEET, Book
from ranktrust.intake.period import Period
from ranktrust.intake.reading import (
    Ledger,
    Line,
    Reading,
    check_twice,
    column,
    has_column,
    locate,
    open_ledger,
    proportion,
    proportions,
    sum_cells,
    walk,
)
from ranktrust.intake.sheet import heading, is_mark, plain
from ranktrust.intake.tidy import Table
from ranktrust.intake.totals import check_total

TYPE_2: Final = "Type 2 Departments - Single Specialty"
TYPE_3: Final = "Type 3 Departments - Other A&E/Minor Injury Unit"
TYPES: Final = (TYPE_1, TYPE_2, TYPE_3)
WORKBOOK_HEADINGS: Final = ("Code", "Region", "Name", *TYPES)
SEEN, LATE = "A&E attendances", "Attendances over 4hrs"
DEPARTMENTS: Final = (("Type 1",), ("Type 2",), ("Other A&E Department", "Other Department"))
CSV_HEADINGS: Final = ("Period", "Org Code", "Org name", f"{SEEN} Type 1", f"{LATE} Type 1")
CLOSED: Final = "14 trusts that tried other standards until mid 2023 show '-' here; England counts their attendances."
OTHERS: Final = (
    "Non-Booked Data",
    "Booked Appointments Data",
    "Acute Trust Footprint Data",
    "Acute Trust Mapping",
    "System Level Data",
    "STP Level Data",
)
"""Sheets of the workbook that hold other figures under the same headings."""

NOTES: Final = {
    "ae_4h": ("Type 1 departments (major A&E), booked appointments included.", CLOSED),
    "ae_4h_all": ("All types of department, booked appointments included.", CLOSED),
}


def read_workbook(book: Book) -> Reading:
    """Return attendances within 4 hours of all attendances, for type 1 and for all types, by provider."""
    sheet = book.sheet(PROVIDERS)
    period = stated_month(sheet)
    check_published(sheet, period)
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
        revised=stated_revision(sheet),
    )


def _check_sums(ledger: Ledger, line: Line, groups: list[list[int]]) -> None:
    for seen, early, late in zip(*groups, strict=True):
        cells = [ledger.sheet.at(line.row, index) for index in (seen, early, late)]
        if any(is_mark(cell) for cell in cells):
            continue
        all_, within, over = (sum_cells(ledger, line, [index]) for index in (seen, early, late))
        if abs(within + over - all_) > 0:
            sums = f"{within:,.10g} within and {over:,.10g} over 4 hours"
            ledger.fault(f"{sums} do not make {all_:,.10g} attendances ({line.code})", line.row, early)


def _one_total(ledger: Ledger, totals: list[Line]) -> None:
    if len(totals) != 1:
        ledger.fault(f"{len(totals)} total rows; one is needed: the file is cut short or doubled", ledger.header)


def read_csv(book: Book) -> Reading:
    """Return the same from the monthly CSV, whose counts are over 4 hours and without booked appointments."""
    sheet = book.sheet(CSV_SHEET)
    ledger = open_ledger(sheet, CSV_HEADINGS[:3])
    when = column(ledger, "Period")
    lines, totals = walk(ledger, column(ledger, "Org Code"), column(ledger, "Org name"))
    period = stated_month(sheet, [plain(sheet.at(line.row, when)) for line in lines])
    by_type = [_columns(ledger, what) for what in (SEEN, LATE)]
    seen, late = ([index for columns in each for index in columns] for each in by_type)
    _one_total(ledger, totals)
    check_twice(ledger, lines)
    check_total(ledger, totals, lines, [*seen, *late])
    parts = {"ae_4h": (by_type[1][0], by_type[0][0]), "ae_4h_all": (late, seen)}
    tables = _tables(ledger, lines, period, parts, reverse=True)
    ledger.close()
    return Reading("ae", (CSV_SHEET,), period, tables, ledger.rows, tuple(ledger.left))


def _columns(ledger: Ledger, what: str) -> list[list[int]]:
    """Return the columns of a count by type of department, each with that of booked appointments where it is kept.

    Notes a fault for a column that speaks of the count and would not be added.
    """
    found: list[list[int]] = []
    for names in DEPARTMENTS:
        booked = [f"{what} Booked Appointments {name}" for name in names]
        found.append([_either(ledger, [f"{what} {name}" for name in names])])
        if any(has_column(ledger, f"{start}{name}") for name in booked for start in ("", "Number of ")):
            found[-1].append(_either(ledger, booked))
    for index, cell in enumerate(ledger.sheet.rows[ledger.header]):
        said = heading(cell).removeprefix("number of ")
        if said.startswith(f"{heading(what)} ") and index not in {i for columns in found for i in columns}:
            ledger.fault(f"the column {plain(cell)!r} is not known: would it be added?", ledger.header, index)
    return found


def _either(ledger: Ledger, names: list[str]) -> int:
    return column(ledger, *names, *(f"Number of {name}" for name in names))


def _fits_csv(book: Book) -> bool:
    sheet = book.sheet(CSV_SHEET)
    older = (*CSV_HEADINGS[:3], *(f"Number of {name}" for name in CSV_HEADINGS[3:]))
    return any(locate(sheet, names) is not None for names in (CSV_HEADINGS, older))


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
    "ae", "A&E attendances, monthly workbook by provider", PROVIDERS, WORKBOOK_HEADINGS, read_workbook, never=OTHERS
)
CSV: Final = Layout("ae", "A&E attendances, monthly CSV by provider", CSV_SHEET, CSV_HEADINGS, read_csv, fits=_fits_csv)
