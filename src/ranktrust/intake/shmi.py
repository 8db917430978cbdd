"""Summary Hospital-level Mortality Indicator, by trust (NHS England)."""

from collections.abc import Sequence
from math import isnan
from pathlib import Path
from typing import Final

from ranktrust.errors import Fault
from ranktrust.intake.period import Period
from ranktrust.intake.sheet import Sheet, find_column, find_header, is_mark, plain, read_count, read_number
from ranktrust.intake.tidy import Publication, Record, Table, raise_faults, sort_rows
from ranktrust.intake.widths import read_even_csv
from ranktrust.vocabulary import FIGURE_KEYS, KIND_COLUMNS

INDICATOR: Final = "shmi"
COLUMNS: Final = (*FIGURE_KEYS, *KIND_COLUMNS["ratio"], "spells", "official_band")
HEADINGS: Final = ("org_code", "shmi_value", "observed_deaths", "expected_deaths", "spells", "shmi_banding_label")
BANDS: Final = {
    "Higher than expected": "higher",
    "As expected": "as expected",
    "Lower than expected": "lower",
}
ROUNDED_TO: Final = 5
"""The publisher rounds spells, observed and expected deaths to the nearest 5."""


def read_shmi(files: Sequence[Path], period: Period) -> Publication:
    """Return observed and expected deaths (rounded to 5), spells and the official band, by trust.

    Raises `DataError` with every fault: an unknown band, a count that is no multiple of 5, a published ratio that the
    rounded deaths cannot give.
    """
    sheet = read_even_csv(files[0])
    header = find_header(sheet, HEADINGS)
    columns = [find_column(sheet, header, name) for name in HEADINGS]
    faults: list[Fault] = []
    rows = [_read_row(sheet, row, columns, period, faults) for row in range(header + 1, len(sheet.rows))]
    raise_faults(faults)
    notes = (
        "Observed and expected deaths and spells are rounded to the nearest 5 by the publisher: observed deaths are "
        "not exact counts. Every published ratio is one that the rounded deaths allow (checked at each rebuild).",
        f"official_band: {', '.join(BANDS.values())}; {sum(1 for row in rows if not row[-1])} trusts have none. "
        "The official over-dispersed limits put it; it is not a band of this project.",
        "Deaths in hospital or within 30 days of discharge; indirectly standardised. Its publisher says that it is "
        "no measure of quality by itself and that ranking trusts by it is not appropriate.",
    )
    table = Table(COLUMNS, sort_rows(rows), notes, tuple(files))
    benchmark: Record = (INDICATOR, *period, None, None, 1, "by construction: England's ratio is 1")
    return Publication({INDICATOR: table}, (benchmark,))


def _read_row(sheet: Sheet, row: int, columns: Sequence[int], period: Period, faults: list[Fault]) -> Record:
    observed, expected, spells = (read_count(sheet, row, column, faults, step=ROUNDED_TO) for column in columns[2:5])
    trust, label = (plain(sheet.at(row, columns[i])) for i in (0, 5))
    if label not in BANDS and not is_mark(label):
        problem = f"{label!r} is not a band; there are: {', '.join(BANDS)}"
        faults.append(sheet.fault(problem, "Correct the band, or leave it empty", row=row, column=columns[5]))
    if not isnan(observed + expected) and not _allows(sheet, row, columns[1], observed, expected):
        problem = f"{sheet.at(row, columns[1])!r} is not a ratio that {observed:g} of {expected:g} allow"
        faults.append(sheet.fault(problem, "Correct the file", row=row, column=columns[1]))
    return (trust, INDICATOR, *period, observed, expected, spells, BANDS.get(label, ""))


def _allows(sheet: Sheet, row: int, column: int, observed: float, expected: float) -> bool:
    half, digit = ROUNDED_TO / 2, 0.00005
    try:
        ratio = read_number(sheet.at(row, column))
    except ValueError:
        return False
    return (observed - half) / (expected + half) - digit <= ratio <= (observed + half) / (expected - half) + digit
