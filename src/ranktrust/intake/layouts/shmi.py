"""SHMI by trust: the releases of 2011 to 2014, the figures of 2025, and the current file as its columns suggest."""

from collections.abc import Mapping, Sequence
from math import inf
from typing import Final

import pandas as pd

from ranktrust.intake.layouts.layout import Layout
from ranktrust.intake.opening import CSV_SHEET, Book
from ranktrust.intake.period import Period, find_year
from ranktrust.intake.reading import Ledger, Line, Reading, check_twice, column, has_column, open_ledger, walk
from ranktrust.intake.sheet import Cell, cell_text, is_mark, is_number, plain, read_count, read_number
from ranktrust.intake.shmi import BANDS, COLUMNS, ROUNDED_TO
from ranktrust.intake.tidy import Record, Table, sort_rows

INDICATOR: Final = "shmi"
OLD: Final = {
    "code": "PROVIDER",
    "name": "PROVIDER NAME",
    "spells": "DENOMINATOR",
    "observed": "OBSERVED",
    "expected": "EXPECTED",
    "value": "VALUE",
    "band": "OD_BANDING",
}
FIGURES: Final = {
    "code": "org_code",
    "name": "org_name",
    "spells": "spells",
    "observed": "observed_deaths",
    "expected": "expected_deaths",
    "value": "shmi_value",
    "band": "shmi_banding_label",
}
CURRENT: Final = {
    "code": "Provider code",
    "name": "Provider name",
    "spells": "Number of spells|Number of provider spells|Provider spells|Spells",
    "observed": "Observed deaths|Observed|Number of observed deaths",
    "expected": "Expected deaths|Expected|Number of expected deaths",
    "value": "SHMI value",
    "band": "SHMI banding",
}
WINDOW: Final = "TIME_PERIOD"
"""The column in which the file of all releases since 2018 says whose twelve months a row is of, as JAN25_DEC25."""

DIGIT: Final = 0.000051
"""Half of the last digit of a published ratio, and a little."""

LIMITS: Final = ("OD_LL", "OD_UL")
OWN_LIMITS: Final = {"OD_BANDING": LIMITS, "SHMI_BANDING": LIMITS, "PO_BANDING": ("PO_LL", "PO_UL")}
"""A column of bands, and the limits of the same row that give them."""

FEWEST: Final = 20
"""Fewer trusts are no release: the limits are not reproduced."""

NUMBERED: Final = {"1": "higher", "2": "as expected", "3": "lower"}
NOTES: Final = (
    "Twelve months, published every quarter: adjacent releases share nine months and are not independent.",
    "official_band comes of the official over-dispersed limits; it is not a band of this project.",
)
ROUNDED: Final = "Observed and expected deaths and spells are rounded to the nearest 5 by the publisher."
LATER: Final = "The period is not stated in the file: import asks for it."


def read_old(book: Book) -> Reading:
    """Return observed, expected and official band of a release of 2011 to 2014: exact counts, expected to 4 digits."""
    return _read(book, OLD, rounded=False)


def read_rounded(book: Book) -> Reading:
    """Return the same of a file with rounded deaths: the figures of 2025."""
    return _read(book, FIGURES, rounded=True)


def read_current(book: Book) -> Reading:
    """Return the same of the current published file."""
    return _read(book, CURRENT, rounded=True)


def _read(book: Book, names: Mapping[str, str], *, rounded: bool) -> Reading:
    ledger = open_ledger(book.sheet(CSV_SHEET), _sure(names))
    at = {key: column(ledger, *name.split("|")) for key, name in names.items()}
    lines, _ = walk(ledger, at["code"], at["name"])
    periods = _periods(ledger, lines)
    check_twice(ledger, lines, lambda line: (line.code, periods.get(line.row)))
    rounded = rounded and _is_rounded(ledger, lines, at["expected"])
    rows = [
        (*row[:2], *periods.get(line.row, (None, None)), *row[2:])
        for line in lines
        for row in _row(ledger, line, at, rounded=rounded)
    ]
    if not rounded and len(set(periods.values())) < 2:
        _check_limits(ledger, lines, rows)
    for what, limits in OWN_LIMITS.items():
        _check_bands(ledger, lines, at["value"], [what, *limits])
    notes = (*NOTES, ROUNDED) if rounded else NOTES
    ledger.close()
    seen = sorted(set(periods.values()))
    period = (seen[0][0], max(end for _, end in seen)) if seen else None
    table = Table(COLUMNS, sort_rows(rows), notes)
    later = () if period else (LATER,)
    return Reading(INDICATOR, (CSV_SHEET,), period, {INDICATOR: table}, ledger.rows, tuple(ledger.left), later)


def _periods(ledger: Ledger, lines: Sequence[Line]) -> dict[int, Period]:
    """Return each row's twelve months, from its column of them or from a title above; none where neither says."""
    if not has_column(ledger, WINDOW):
        above = _year_above(ledger)
        return {line.row: above for line in lines} if above else {}
    index, found = column(ledger, WINDOW), dict[int, Period]()
    for line in lines:
        cell = ledger.sheet.at(line.row, index)
        if year := find_year(plain(cell).replace("_", "-")):
            found[line.row] = year
        else:
            ledger.fault(f"{cell_text(cell)} does not name twelve months, as JAN25_DEC25 does", line.row, index)
    return found


def _is_rounded(ledger: Ledger, lines: Sequence[Line], expected: int) -> bool:
    """Say whether expected deaths are rounded to 5: most of them are multiples of it, as exact ones never are."""
    cells = [ledger.sheet.at(line.row, expected) for line in lines]
    numbers = [read_number(cell) for cell in cells if is_number(cell)]
    return 2 * sum(number % ROUNDED_TO == 0 for number in numbers) >= len(numbers)


def _year_above(ledger: Ledger) -> Period | None:
    """Return the twelve months that a title above the headings names; None if none does, or several do."""
    cells = (plain(cell) for row in ledger.sheet.rows[: ledger.header] for cell in row)
    found = {year for cell in cells if (year := find_year(cell))}
    return found.pop() if len(found) == 1 else None


def _check_limits(ledger: Ledger, lines: Sequence[Line], rows: Sequence[Record]) -> None:
    """Note a fault where the published over-dispersed limits, which rest on all trusts, are not those of these rows."""
    if ledger.faults or len(rows) < FEWEST or not all(has_column(ledger, name) for name in LIMITS):
        return
    from ranktrust.ranks.funnel import funnel_bands  # noqa: PLC0415 - loads scipy: only for files that state limits

    counts = pd.DataFrame({str(row[0]): row[4:6] for row in rows}, index=["observed", "expected"]).T.astype(float)
    if not (counts > 0).all(axis=None):
        return
    ours = funnel_bands(counts["observed"], counts["expected"], form="log").table[["lower", "upper"]]
    at = [column(ledger, name) for name in LIMITS]
    apart = [
        abs(_limit(ledger.sheet.at(line.row, index)) - float(str(ours.loc[line.code].iloc[place])))
        for line in lines
        if line.code in ours.index
        for place, index in enumerate(at)
    ]
    if max(apart) > DIGIT:
        problem = f"the published limits differ by up to {max(apart):.4f} from those that these {len(rows)} trusts give"
        ledger.fault(problem, ledger.header, at[0], "Rows are missing, added or changed: fetch the whole file again")


def _check_bands(ledger: Ledger, lines: Sequence[Line], value: int, names: Sequence[str]) -> None:
    """Note a fault for every band that is not where the row's own ratio lies among the row's own limits."""
    if not all(has_column(ledger, name) for name in names):
        return
    band, *limits = (column(ledger, name) for name in names)
    for line in lines:
        cells = [ledger.sheet.at(line.row, index) for index in (value, *limits)]
        said = NUMBERED.get(plain(ledger.sheet.at(line.row, band)).removesuffix(".0"))
        if said and all(map(is_number, cells)) and said not in _bands_at(*map(read_number, cells)):
            ratio, low, high = (f"{read_number(cell):.4f}" for cell in cells)
            (own, *_) = sorted(_bands_at(*map(read_number, cells)))
            problem = f"band {said!r}, but the ratio {ratio} with limits {low} and {high} is {own!r} ({line.code})"
            ledger.fault(problem, line.row, band)


def _bands_at(ratio: float, low: float, high: float) -> set[str]:
    """Return the band of a ratio among limits; two where the digits published do not tell on which side it lies."""
    apart = 2 * DIGIT
    bands = {"higher"} if ratio > high - apart else set()
    bands |= {"lower"} if ratio < low + apart else set()
    return bands | ({"as expected"} if low - apart <= ratio <= high + apart else set())


def _limit(cell: Cell) -> float:
    """Return a published limit; infinity, which no limit is near, for what is none."""
    try:
        return read_number(cell)
    except ValueError:
        return inf


def _sure(names: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(name for name in names.values() if "|" not in name)


def _row(ledger: Ledger, line: Line, at: Mapping[str, int], *, rounded: bool) -> list[Record]:
    sheet = ledger.sheet
    if any(is_mark(sheet.at(line.row, at[key])) for key in ("observed", "expected")):
        ledger.leave(line.row, line.code, "no observed or expected deaths: suppressed or not applicable", INDICATOR)
        return []
    step = ROUNDED_TO if rounded else 1
    observed, spells = (
        read_count(sheet, line.row, at[key], ledger.faults, step=step) for key in ("observed", "spells")
    )
    expected = _expected(ledger, line, at["expected"])
    _check_value(ledger, line, at["value"], (observed, expected), rounded=rounded)
    ledger.kept.add(line.row)
    return [(line.code, INDICATOR, observed, expected, spells, _band(ledger, line, at["band"]))]


def _expected(ledger: Ledger, line: Line, index: int) -> float:
    cell = ledger.sheet.at(line.row, index)
    try:
        value = read_number(cell)
    except ValueError:
        value = 0.0
    if value > 0:
        return value
    ledger.fault(f"{cell_text(cell)} is not a positive number of expected deaths", line.row, index)
    return float("nan")


def _check_value(ledger: Ledger, line: Line, index: int, counts: tuple[float, float], *, rounded: bool) -> None:
    """Note a fault for a ratio (4 digits) that observed and expected, as far as they were rounded, cannot give."""
    observed, expected = counts
    of_observed, of_expected = (ROUNDED_TO / 2, ROUNDED_TO / 2) if rounded else (0.0, 0.00005)
    cell = ledger.sheet.at(line.row, index)
    try:
        value = read_number(cell)
    except ValueError as error:
        ledger.fault(f"the ratio: {error}", line.row, index)
        return
    low = (observed - of_observed) / (expected + of_expected) - DIGIT
    high = (observed + of_observed) / max(expected - of_expected, DIGIT) + DIGIT
    if value < low or value > high:
        ledger.fault(
            f"{cell_text(cell)} is not the ratio of {observed:,.10g} observed to {expected:,.10g} expected",
            line.row,
            index,
        )


def _band(ledger: Ledger, line: Line, index: int) -> str:
    cell = ledger.sheet.at(line.row, index)
    text = plain(cell).removesuffix(".0")
    if is_mark(cell) and text:
        ledger.leave(line.row, line.code, f"{text!r}: no band is published; the counts are kept", "official_band")
    if is_mark(cell):
        return ""
    band = NUMBERED.get(text) or BANDS.get(text, "")
    if not band:
        known = ", ".join((*NUMBERED, *BANDS))
        ledger.fault(f"{cell_text(cell)} is not a band; there are: {known}", line.row, index)
    return band


_TITLE: Final = "Summary Hospital-level Mortality Indicator"
OLD_LAYOUT: Final = Layout("shmi", f"{_TITLE}, release of 2011 to 2014", CSV_SHEET, _sure(OLD), read_old)
FIGURES_LAYOUT: Final = Layout("shmi", f"{_TITLE}, figures by trust", CSV_SHEET, _sure(FIGURES), read_rounded)
CURRENT_LAYOUT: Final = Layout(
    "shmi", f"{_TITLE}, current file by trust", CSV_SHEET, _sure(CURRENT), read_current, untried=True
)
