"""Referral to treatment, full extract CSV: incomplete pathways within 18 weeks, provider totals without the rollup.

The extract is too long for a sheet in memory and is read row by row. No intact file has been read with it yet.
"""

import re
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from ranktrust.errors import DataError, Fault
from ranktrust.intake.layouts.layout import Layout
from ranktrust.intake.opening import BROKEN, CSV_SHEET, Book
from ranktrust.intake.period import Period, read_month
from ranktrust.intake.reading import CODE, HEADER_WITHIN, TITLES, Left, Reading, proportions
from ranktrust.intake.sheet import CUT_AT, Row, heading, is_mark, plain, read_number

if TYPE_CHECKING:
    from ranktrust.intake.tidy import Record

INDICATOR: Final = "rtt_18w"
ROLLUP: Final = "C_999"
HEADINGS: Final = (
    "Period",
    "Provider Org Code",
    "Provider Org Name",
    "Commissioner Org Code",
    "RTT Part Type",
    "RTT Part Description",
    "Treatment Function Code",
    "Gt 00 To 01 Weeks SUM 1",
    "Gt 17 To 18 Weeks SUM 1",
    "Total",
    "Total All",
)
BAND: Final = re.compile(r"gt (\d{2,3})(?: to (\d{2,3}))? weeks sum 1")
FETCH: Final = "Fetch the whole extract again as published"
MOST_FAULTS: Final = 1_000
NOTES: Final = (
    "numerator: incomplete pathways of up to 18 weeks, denominator: all with a known clock start; summed over "
    "commissioners and treatment functions, without the rollup C_999.",
)


@dataclass
class Extract:
    """The account of an extract while it is read."""

    file: str
    at: dict[str, int]
    bands: list[tuple[int, int]]
    width: int
    header: int
    sums: defaultdict[str, list[float]] = field(default_factory=lambda: defaultdict(lambda: [0.0, 0.0]))
    rollup: defaultdict[str, float] = field(default_factory=lambda: defaultdict(float))
    periods: set[str] = field(default_factory=set)
    seen: dict[int, int] = field(default_factory=dict)
    left: list[Left] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)

    def fault(self, row: int, problem: str, remedy: str = FETCH) -> None:
        """Note a fault of a row; beyond a thousand, stop."""
        self.faults.append(Fault(self.file, f"sheet {CSV_SHEET!r}, row {row}", problem, remedy))
        if len(self.faults) >= MOST_FAULTS:
            raise DataError(self.faults)


def read(book: Book) -> Reading:
    """Return incomplete pathways within 18 weeks of all of known start, by provider."""
    extract: Extract | None = None
    number = 0
    try:
        for number, row in enumerate(book.lines(), 1):
            if extract is None:
                extract = _header(book, row, number) if number <= HEADER_WITHIN else None
            else:
                _take(extract, number, row)
    except BROKEN as error:
        raise DataError([Fault(book.path.name, f"row {number + 1}", f"cannot be read: {error}", FETCH)]) from error
    if extract is None:
        raise DataError([Fault(book.path.name, "the whole file", "no row holds the headings", FETCH)])
    if number in CUT_AT:
        extract.fault(number, f"it has exactly {number:,} rows, where a spreadsheet program cuts: it is truncated")
    period = _finish(extract)
    rows: list[Record] = [(code, INDICATOR, *period, *pair) for code, pair in extract.sums.items() if pair[1]]
    data = number - extract.header
    return Reading("rtt", (CSV_SHEET,), period, {INDICATOR: proportions(rows, NOTES)}, data, tuple(extract.left))


def _header(book: Book, row: Row, number: int) -> Extract | None:
    at = {heading(cell): index for index, cell in enumerate(row)}
    if not {heading(name) for name in HEADINGS} <= at.keys():
        if CODE.fullmatch(plain(row[1] if len(row) > 20 else "")):
            raise ValueError("figures stand above the headings, and would not be read")
        return None
    bands = [(int(match[1]), i) for i, cell in enumerate(row) if (match := BAND.fullmatch(heading(cell)))]
    return Extract(book.path.name, at, bands, len(row), number)


def _take(extract: Extract, number: int, row: Row) -> None:
    words = [plain(cell) for cell in row if plain(cell)]
    if not words or (len(words) == 1 and (" " in words[0] or words[0].upper() in TITLES)):
        _leave(extract, number, "", f"a note: {words[0][:200]!r}" if words else "blank row")
    elif len(row) != extract.width:
        extract.fault(number, f"it has {len(row)} cells of {extract.width}: cut short or still being copied")
    else:
        _count_row(extract, number, row)


def _count_row(extract: Extract, number: int, row: Row) -> None:
    code, kind, function = (
        plain(row[extract.at[heading(name)]])
        for name in ("Provider Org Code", "RTT Part Type", "Treatment Function Code")
    )
    extract.periods.add(plain(row[extract.at["period"]]))
    code = code.upper()
    if not CODE.fullmatch(code):
        return extract.fault(number, f"{code!r} is not a provider's code")
    if kind.replace(" ", "").lower() not in {"part_2", "part2"}:
        return _leave(extract, number, code, f"{kind}: not incomplete pathways")
    _check_twice(extract, number, row)
    within, total = _sums(extract, number, row)
    if function == ROLLUP:
        extract.rollup[code] += total
        return _leave(extract, number, code, f"rollup {ROLLUP}: a total, compared with its parts")
    extract.sums[code][0] += within
    extract.sums[code][1] += total
    return None


def _leave(extract: Extract, number: int, code: str, reason: str) -> None:
    extract.left.append(Left(CSV_SHEET, number, code, INDICATOR, reason))


def _check_twice(extract: Extract, number: int, row: Row) -> None:
    names = ("Period", "Provider Org Code", "Commissioner Org Code", "RTT Part Type", "Treatment Function Code")
    key = hash(tuple(plain(row[extract.at[heading(name)]]).upper() for name in names))
    first = extract.seen.setdefault(key, number)
    if first != number:
        extract.fault(number, f"the same provider, commissioner and function as in row {first}: the file is doubled")


def _sums(extract: Extract, number: int, row: Row) -> tuple[float, float]:
    within, bands = 0.0, 0.0
    for week, index in extract.bands:
        count = _count(extract, number, row[index])
        bands += count
        within += count if week < 18 else 0.0
    total = _count(extract, number, row[extract.at["total"]])
    if bands != total:
        extract.fault(number, f"Total says {total:,.10g} but the weeks sum to {bands:,.10g}")
    return within, total


def _count(extract: Extract, number: int, cell: object) -> float:
    text = str(cell)
    if text.isascii() and text.isdigit():
        return float(text)
    if not text or is_mark(text):
        return 0.0
    try:
        value = read_number(text)
    except ValueError:
        value = -1.0
    if value < 0 or value % 1:
        extract.fault(number, f"{text[:60]!r} is not a count, which is a whole number from 0 up")
        return 0.0
    return value


def _finish(extract: Extract) -> Period:
    for code, total in extract.rollup.items():
        parts = extract.sums[code][1] if code in extract.sums else 0.0
        if parts != total:
            problem = f"the rollup of {code} says {total:,.10g}, its functions {parts:,.10g}"
            extract.faults.append(Fault(extract.file, f"trust {code}", problem, FETCH))
    period = _period(extract)
    if extract.faults or period is None:
        raise DataError(extract.faults)
    return period


def _period(extract: Extract) -> Period | None:
    texts = sorted(extract.periods)
    problem = f"{len(texts)} periods stand in one file"
    if len(texts) == 1:
        try:
            return read_month(texts[0].removeprefix("RTT-"))
        except ValueError as error:
            problem = str(error)
    extract.faults.append(Fault(extract.file, "column Period", problem, "Give one file a month"))
    return None


def _fits(book: Book) -> bool:
    wanted = {heading(name) for name in HEADINGS}
    if book.kind != "csv":
        return False
    try:
        for number, row in enumerate(book.lines()):
            if wanted <= {heading(cell) for cell in row}:
                return True
            if number >= HEADER_WITHIN:
                break
    except BROKEN:
        return False
    return False


LAYOUT: Final = Layout(
    "rtt", "Referral to treatment, full extract", CSV_SHEET, HEADINGS, read, untried=True, fits=_fits
)
