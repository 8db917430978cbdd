"""The tidy layout: for any figures that no other layout reads (docs/intake.md)."""

import re
from datetime import date
from math import isnan
from typing import Final

from ranktrust.intake.layouts.layout import Layout
from ranktrust.intake.opening import CSV_SHEET, Book
from ranktrust.intake.reading import Ledger, Line, Reading, check_twice, column, locate, open_ledger, walk
from ranktrust.intake.sheet import heading, is_mark, plain, read_count, read_number
from ranktrust.intake.tidy import Record, Table, sort_rows
from ranktrust.vocabulary import FIGURE_KEYS, KIND_COLUMNS, Kind

NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,79}")
RESERVED: Final = frozenset({"left_out"})
NO_CODE: Final = "Write its code, or England or Total where the row is a total: it is then left out"


def read(book: Book) -> Reading:
    """Return the figures of every indicator in a tidy file, one kind a file."""
    ledger = open_ledger(book.sheet(CSV_SHEET), FIGURE_KEYS)
    kind = _kind(ledger)
    keys = [column(ledger, name) for name in FIGURE_KEYS]
    lines, _ = walk(ledger, keys[0], keys[1], remedy=NO_CODE)
    check_twice(ledger, lines, lambda line: tuple(plain(ledger.sheet.at(line.row, i)) for i in keys))
    rows = [row for line in lines for row in _row(ledger, line, kind, keys)]
    if not rows and not ledger.faults:
        ledger.fault("no figure stands below the headings", ledger.header)
    ledger.close()
    columns = (*FIGURE_KEYS, *KIND_COLUMNS[kind])
    names = sorted({str(row[1]) for row in rows})
    tables = {name: Table(columns, sort_rows(row for row in rows if row[1] == name)) for name in names}
    days = [day for row in rows for day in row[2:4] if isinstance(day, date)]
    period = (min(days), max(days)) if days else None
    return Reading("tidy", (CSV_SHEET,), period, tables, ledger.rows, tuple(ledger.left))


def _kind(ledger: Ledger) -> Kind:
    present = {heading(cell) for cell in ledger.sheet.rows[ledger.header]}
    return next(kind for kind, names in KIND_COLUMNS.items() if {heading(name) for name in names} <= present)


def _row(ledger: Ledger, line: Line, kind: Kind, keys: list[int]) -> list[Record]:
    sheet = ledger.sheet
    cells = [sheet.at(line.row, column(ledger, name)) for name in KIND_COLUMNS[kind]]
    indicator = plain(sheet.at(line.row, keys[1]))
    withheld = [plain(cell) or "blank" for cell in cells if is_mark(cell)]
    if withheld:
        reason = f"{withheld[0]!r}: not applicable, suppressed or not submitted"
        ledger.leave(line.row, line.code, reason, indicator)
        return []
    days = [_day(ledger, line, index) for index in keys[2:]]
    values = [_figure(ledger, line, kind, name) for name in KIND_COLUMNS[kind]]
    if None not in days and days[0] > days[1]:  # type: ignore[operator]
        ledger.fault("the period ends before it begins", line.row, keys[3])
    if kind == "proportion" and not any(isnan(v) for v in values) and values[0] > values[1]:
        ledger.fault(f"{values[0]:,.10g} of {values[1]:,.10g} is more than the whole", line.row)
    if not NAME.fullmatch(indicator):
        problem = f"{indicator[:60]!r} is not an indicator's name: letters, digits and _ only, a letter first"
        ledger.fault(problem, line.row, keys[1], "Give the indicator such a name")
    elif indicator.lower() in RESERVED:
        problem = f"{indicator!r} is the name of a table that import writes itself"
        ledger.fault(problem, line.row, keys[1], "Give the indicator another name")
    ledger.kept.add(line.row)
    return [(line.code, indicator, *days, *values)]


def _day(ledger: Ledger, line: Line, index: int) -> date | None:
    text = plain(ledger.sheet.at(line.row, index))
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        ledger.fault(f"{text!r} is not a day such as 2025-04-01", line.row, index)
        return None


def _figure(ledger: Ledger, line: Line, kind: Kind, name: str) -> float:
    index = column(ledger, name)
    if kind == "proportion" or name == "observed":
        return read_count(ledger.sheet, line.row, index, ledger.faults, step=0.5)
    try:
        value = read_number(ledger.sheet.at(line.row, index))
    except ValueError as error:
        ledger.fault(str(error), line.row, index)
        return float("nan")
    if name in {"expected", "standard_error"} and value <= 0:
        ledger.fault(f"{name} of {value:,.10g} is not positive", line.row, index)
    return value


def _fits(book: Book) -> bool:
    header = locate(book.sheet(CSV_SHEET), FIGURE_KEYS)
    if header is None:
        return False
    present = {heading(cell) for cell in book.sheet(CSV_SHEET).rows[header]}
    return any({heading(name) for name in names} <= present for names in KIND_COLUMNS.values())


LAYOUT: Final = Layout("tidy", "Tidy figures", CSV_SHEET, FIGURE_KEYS, read, fits=_fits)
