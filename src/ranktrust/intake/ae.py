"""A&E attendances and emergency admissions, monthly workbooks by provider (NHS England)."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ranktrust.errors import DataError, Fault
from ranktrust.intake.period import Period, months_between, read_month
from ranktrust.intake.sheet import (
    Sheet,
    find_column,
    find_header,
    find_label,
    is_mark,
    is_total,
    plain,
    read_count,
    read_xls,
)
from ranktrust.intake.tidy import PROPORTION, Publication, Record, Table, check_parts, raise_faults, sort_rows
from ranktrust.vocabulary import ENGLAND

INDICATOR: Final = "ae_4h"
PROVIDERS: Final = "Provider Level Data"
ATTENDANCES: Final = "A&E attendances"
WITHIN: Final = "A&E attendances less than 4 hours from arrival to admission, transfer or discharge"
OVER: Final = "A&E attendances greater than 4 hours from arrival to admission, transfer or discharge"
TYPE_1: Final = "Type 1 Departments - Major A&E"
RELAY: Final = "Correct the file, or fetch it again as published"


@dataclass(frozen=True)
class Month:
    """One month's workbook: providers' type 1 counts as (within 4 hours, attendances) and the England row's."""

    path: Path
    period: Period
    revised: str
    providers: dict[str, tuple[float, float]]
    england: tuple[float, float]


def read_ae(files: Sequence[Path], period: Period) -> Publication:
    """Return type 1 attendances within 4 hours of all type 1 attendances, by provider and month.

    `files` are the monthly workbooks; those whose own period text lies outside `period` are left alone. Codes are as
    published. Raises `DataError` with every fault: a layout that changed, a month absent or twice, a count that
    contradicts another, an England row that is not the sum of its providers.
    """
    months: list[Month] = []
    faults: list[Fault] = []
    for path in files:
        try:
            months += read_workbook(path, period)
        except DataError as error:
            faults += error.faults
    faults += check_months(months, period)
    raise_faults(faults)
    months.sort(key=lambda month: month.period)
    rows = [row for month in months for row in _rows(month)]
    raise_faults(check_parts(rows, "A&E workbooks"))
    paths = tuple(month.path for month in months)
    table = Table(PROPORTION, sort_rows(rows), _notes(months), paths)
    return Publication({INDICATOR: table}, tuple(_benchmark(month) for month in months))


def read_workbook(path: Path, period: Period) -> list[Month]:
    """Return the workbook's month if it lies inside `period`, or nothing. Raises `DataError` with all its faults."""
    sheet = read_xls(path, PROVIDERS)
    try:
        start, end = read_month(find_label(sheet, "Period:"))
    except ValueError as error:
        raise DataError([sheet.fault(str(error), "State it as April 2026, Apr-26 or 2026-04-01")]) from error
    if not (period[0] <= start and end <= period[1]):
        return []
    revised = find_label(sheet, "Revised:")
    faults: list[Fault] = []
    counts = _read_counts(sheet, faults)
    england = counts.pop(ENGLAND, (float("nan"), float("nan")))
    faults += [] if faults else _check_england(sheet, england, counts)
    raise_faults(faults)
    return [Month(path, (start, end), revised, counts, england)]


def _read_counts(sheet: Sheet, faults: list[Fault]) -> dict[str, tuple[float, float]]:
    header = find_header(sheet, ["Code", "Region", "Name"])
    code, name = (find_column(sheet, header, text) for text in ("Code", "Name"))
    seen, within, over = (
        find_column(sheet, header, TYPE_1, group=group, group_row=header - 1) for group in (ATTENDANCES, WITHIN, OVER)
    )
    counts: dict[str, tuple[float, float]] = {}
    for row in range(header + 1, len(sheet.rows)):
        key = ENGLAND if is_total(sheet.at(row, name)) else plain(sheet.at(row, code))
        if not key or is_mark(sheet.at(row, seen)):
            continue
        all_ = read_count(sheet, row, seen, faults)
        if not all_ > 0:
            continue
        early, late = (read_count(sheet, row, column, faults) for column in (within, over))
        if abs(early + late - all_) > 0:
            problem = f"{early:,.10g} within and {late:,.10g} over 4 hours do not make {all_:,.10g} attendances"
            faults.append(sheet.fault(problem, RELAY, row=row, column=within))
        if key in counts:
            faults.append(sheet.fault(f"{key} stands twice", RELAY, row=row, column=code))
        counts[key] = (early, all_)
    return counts


def _check_england(sheet: Sheet, england: tuple[float, float], counts: dict[str, tuple[float, float]]) -> list[Fault]:
    sums = tuple(sum(pair[i] for pair in counts.values()) for i in (0, 1))
    if sums == england:
        return []
    return [sheet.fault(f"the England row says {england} but its providers sum to {sums}", RELAY)]


def check_months(months: Sequence[Month], period: Period) -> list[Fault]:
    """Return a fault for every month of `period` that has no workbook, or more than one."""
    faults: list[Fault] = []
    for start in months_between(*period):
        found = [month.path.name for month in months if month.period[0] == start]
        if len(found) != 1:
            problem = f"{len(found)} workbooks hold this month ({', '.join(found) or 'none'})"
            faults.append(Fault("A&E workbooks", f"{start:%B %Y}", problem, "Keep exactly one, the newest revision"))
    return faults


def _rows(month: Month) -> list[Record]:
    return [(code, INDICATOR, *month.period, *pair) for code, pair in month.providers.items()]


def _benchmark(month: Month) -> Record:
    early, all_ = month.england
    return (INDICATOR, *month.period, early, all_, early / all_, "England row of the month's workbook, type 1")


def _notes(months: Sequence[Month]) -> tuple[str, ...]:
    revised = [f"{month.period[0]:%b %Y}" for month in months if not is_mark(month.revised)]
    first = [f"{month.period[0]:%b %Y}" for month in months if is_mark(month.revised)]
    spans = Counter(code for month in months for code in month.providers)
    short = [f"{code} ({count} of {len(months)})" for code, count in sorted(spans.items()) if count < len(months)]
    return (
        "Type 1 departments only (major A&E); providers without type 1 attendances in a month have no row.",
        "Codes as published: a provider keeps the code it had in that month.",
        f"Providers without a row in every month: {', '.join(short) or 'none'}.",
        "The England row equals the sum over providers in every month (checked at each rebuild).",
        f"Revised by the publisher since first publication: {', '.join(revised) or 'none'}.",
        f"As first published: {', '.join(first) or 'none'}.",
        "Changes of level at RJL, RTK and RWD inside these months are changes in returns, not in care.",
    )
