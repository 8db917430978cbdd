"""Cancer waiting times, provider extracts: 28-day, 31-day and 62-day standards, a total never with its parts."""

from collections.abc import Callable
from datetime import date
from typing import Final

from ranktrust.intake.cancer import (
    ALL_CANCERS,
    ALL_MODALITIES,
    HEADINGS,
    NO_CONTROL,
    SHEET,
    STANDARDS,
    Part,
    check_margins,
    read_part,
    standard_of,
    sum_parts,
)
from ranktrust.intake.layouts.layout import Layout
from ranktrust.intake.opening import Book
from ranktrust.intake.period import month_of
from ranktrust.intake.reading import (
    Ledger,
    Reading,
    check_above,
    column,
    has_column,
    open_ledger,
    proportions,
    skip_words,
)
from ranktrust.intake.sheet import is_total, plain
from ranktrust.intake.tidy import Record

INDICATORS: Final = {(standard): (name or "cancer_31d") for name, standard in STANDARDS.items()}
OTHER_MARGIN: Final = "a total over the other margin (ALL MODALITIES): its pathways are counted under ALL CANCERS"
NOTES: Final = {
    "cancer_28d": ("Summed over routes and suspected cancer types.", NO_CONTROL),
    "cancer_31d": (
        "Rows ALL CANCERS, summed over routes; they agree with the rows ALL MODALITIES.",
        "Half counts are kept.",
    ),
    "cancer_62d": (
        "Rows ALL CANCERS, summed over routes; they agree with the rows ALL MODALITIES.",
        "Half counts are kept: a pathway shared by two providers counts one half at each.",
    ),
}


def read(book: Book) -> Reading:
    """Return pathways within each standard of all pathways, by provider and month."""
    ledger = open_ledger(book.sheet(SHEET), HEADINGS)
    columns = [column(ledger, name) for name in HEADINGS]
    check_above(ledger, columns[2], max(columns[:6]))
    parts: list[tuple[int, Part]] = []
    for row in range(ledger.header + 1, len(ledger.sheet.rows)):
        if skip_words(ledger, row):
            continue
        if is_total(ledger.sheet.at(row, columns[2])):
            ledger.leave(row, "", "total row: its parts are read")
        elif standard_of(said := plain(ledger.sheet.at(row, columns[1]))) not in INDICATORS and said:
            ledger.leave(row, plain(ledger.sheet.at(row, columns[2])), f"standard {said!r} is not one that is read")
        else:
            parts.append((row, read_part(ledger.sheet, row, columns, ledger.faults)))
    _check_twice(ledger, parts)
    if not ledger.faults:
        _check_margins(ledger, [part for _, part in parts])
        _check_months(ledger, parts)
        _check_whole(ledger, [part for _, part in parts])
    if not parts:
        ledger.fault(f"no row is of a standard that is read: {', '.join(INDICATORS)}", ledger.header)
    taken = [part for row, part in parts if _take(ledger, row, part)]
    tables = {name: _records(name, taken) for name in NOTES}
    ledger.close()
    months = sorted({part.start for _, part in parts}) or [date.min]
    period = (months[0], month_of(months[-1].year, months[-1].month)[1])
    notes = (f"cancer_28d: {NO_CONTROL}",) if tables["cancer_28d"] else ()
    kept = {name: proportions(rows, NOTES[name]) for name, rows in tables.items() if rows}
    return Reading("cancer", (SHEET,), period, kept, ledger.rows, tuple(ledger.left), notes)


def _check_twice(ledger: Ledger, parts: list[tuple[int, Part]]) -> None:
    seen: dict[tuple[object, ...], int] = {}
    for row, part in parts:
        key = (part.start, part.standard, part.trust, part.route, part.modality, part.cancer)
        first = seen.setdefault(key, row)
        if first != row:
            same = ledger.sheet.rows[first] == ledger.sheet.rows[row]
            what = "the same figures: the file is doubled" if same else "other figures: they contradict each other"
            ledger.fault(f"{part.trust} stands here and in row {first + 1}, with {what}", row)


def _check_margins(ledger: Ledger, parts: list[Part]) -> None:
    """Hold one margin against the other, where the 31-day rows have both; rows of neither are details."""
    rows = [part for part in parts if part.cancer == ALL_CANCERS or part.modality == ALL_MODALITIES]
    standards = [STANDARDS["cancer_62d"]]
    if any(part.standard == STANDARDS[""] and part.modality == ALL_MODALITIES for part in rows):
        standards.append(STANDARDS[""])
    ledger.faults += check_margins(rows, standards, ledger.sheet.file)


def _check_months(ledger: Ledger, parts: list[tuple[int, Part]]) -> None:
    """Note a fault for every row whose YEAR or MONTH, where there are such columns, is not that of its PERIOD."""
    for name, forms in MONTH_COLUMNS.items():
        if not has_column(ledger, name):
            continue
        index = column(ledger, name)
        for row, part in parts:
            said = plain(ledger.sheet.at(row, index)).lower()
            if said and said not in forms(part.start):
                ledger.fault(f"{name} is {said!r} in a row of {part.start:%B %Y} ({part.trust})", row, index)


def _months(start: date) -> set[str]:
    return {f"{start:%b}".lower(), f"{start:%B}".lower()}


def _years(start: date) -> set[str]:
    first = start.year - (start.month < 4)
    return {f"{first}{mark}{end}" for mark in "/-" for end in (first + 1, f"{(first + 1) % 100:02}")} | {
        f"{start.year}"
    }


MONTH_COLUMNS: Final[dict[str, Callable[[date], set[str]]]] = {"MONTH": _months, "YEAR": _years}


def _check_whole(ledger: Ledger, parts: list[Part]) -> None:
    """Note a fault for every month without a standard that another month has, and for a standard that none has."""
    months = sorted({part.start for part in parts})
    seen = {(part.standard, part.start) for part in parts}
    left = " ".join(each.reason for each in ledger.left)
    for standard in INDICATORS:
        absent = [month for month in months if (standard, month) not in seen]
        if absent and (len(absent) < len(months) or f"'{standard.split()[0]}" not in left):
            said = ", ".join(f"{month:%B %Y}" for month in absent)
            ledger.fault(f"no row of {standard} in {said}: the extract is cut short", ledger.header)


def _take(ledger: Ledger, row: int, part: Part) -> bool:
    name = INDICATORS.get(part.standard, "")
    if name != "cancer_28d" and part.cancer != ALL_CANCERS:
        said = OTHER_MARGIN if part.modality == ALL_MODALITIES else "part of neither margin"
        ledger.leave(row, part.trust, f"{part.standard}: {said}")
        return False
    if name == "cancer_28d" and ("ALL " in part.cancer or part.modality.startswith("ALL ")):
        ledger.fault("a 28-day row is a total and would be counted with its parts", row)
    ledger.kept.add(row)
    return True


def _records(name: str, parts: list[Part]) -> list[Record]:
    sums = sum_parts(part for part in parts if INDICATORS.get(part.standard) == name)
    return [
        (trust, name, *month_of(start.year, start.month), within, treated)
        for (trust, start), (within, treated) in sums.items()
        if treated
    ]


LAYOUT: Final = Layout("cancer", "Cancer waiting times, provider extract", SHEET, HEADINGS, read)
