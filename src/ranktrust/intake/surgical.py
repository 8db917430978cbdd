"""Small tables taken over as they are: BUGS `Surgical`, child heart surgery, and the standards set for the NHS."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from ranktrust.errors import Fault
from ranktrust.intake.period import Period
from ranktrust.intake.sheet import Sheet, find_column, find_header, plain, read_count, read_number
from ranktrust.intake.tidy import PROPORTION, Publication, Record, Table, check_parts, raise_faults, sort_rows
from ranktrust.intake.widths import read_even_csv

INDICATOR: Final = "surgical"
CHILD_HEART: Final = "child_heart"
STATISTICS: Final = {
    "mean": "mean",
    "median": "median",
    "sd": "sd",
    "q2.5": "lower",
    "q97.5": "upper",
    "rank_q2.5": "rank_lower",
    "rank_median": "rank_median",
    "rank_q97.5": "rank_upper",
}
"""Published names of posterior statistics, and ours; intervals are 95 % and equal-tailed."""


def read_surgical(files: Sequence[Path], _period: Period | None) -> Publication:
    """Return the deaths and operations of twelve hospitals, and the published posterior table.

    The publication gives no dates, so the period of every row is empty. Raises `DataError` with every fault.
    """
    sheet = read_even_csv(files[0])
    header = find_header(sheet, ["hospital", "n_ops", "r_deaths"])
    faults: list[Fault] = []
    rows: list[Record] = []
    reference: list[Record] = []
    for row in range(header + 1, len(sheet.rows)):
        hospital = plain(sheet.at(row, find_column(sheet, header, "hospital")))
        deaths, operations = (
            read_count(sheet, row, find_column(sheet, header, name), faults) for name in ("r_deaths", "n_ops")
        )
        rows.append((hospital, INDICATOR, None, None, deaths, operations))
        reference.append((hospital, *_read_posterior(sheet, header, row, faults)))
    raise_faults(faults)
    raise_faults(check_parts(rows, sheet.file))
    undated = "Undated in the publication: period_start and period_end are empty, and mean one period without dates."
    columns = ("trust", *(f"{effect}_{name}" for effect in ("fixed", "re") for name in STATISTICS.values()))
    said = (
        "fixed: independent Beta(1, 1) priors; re: logit p ~ Normal(mu, sigma). lower, upper: 2.5 % and 97.5 % points.",
        "Posterior summaries by simulation, as printed in the examples manual: the last digit carries its error.",
    )
    tables = {
        INDICATOR: Table(
            PROPORTION, sort_rows(rows), (undated, "Hospitals are named A to L by their author."), tuple(files)
        ),
        "reference/bugs_surgical": Table(columns, sort_rows(reference, 1), said, tuple(files)),
    }
    return Publication(tables)


def _read_posterior(sheet: Sheet, header: int, row: int, faults: list[Fault]) -> list[float]:
    values: list[float] = []
    for effect in ("fixed", "re"):
        for name in STATISTICS:
            column = find_column(sheet, header, f"{effect}_{name}")
            try:
                values.append(read_number(sheet.at(row, column)))
            except ValueError as error:
                faults.append(sheet.fault(str(error), "Correct the file", row=row, column=column))
    return values


def read_child_heart(files: Sequence[Path], _period: Period | None) -> Publication:
    """Return the deaths and operations of the twelve hospitals of the Bristol inquiry; blanks of names become hyphens.

    The figures are of one span of years that no window of months fits, so the period of every row is empty. Raises
    `DataError` with every fault.
    """
    sheet = read_even_csv(files[0])
    header = find_header(sheet, ["Hospital", "Operations", "Deaths"])
    faults: list[Fault] = []
    rows: list[Record] = []
    for row in range(header + 1, len(sheet.rows)):
        hospital = plain(sheet.at(row, find_column(sheet, header, "Hospital"))).replace(" ", "-")
        deaths, operations = (
            read_count(sheet, row, find_column(sheet, header, name), faults) for name in ("Deaths", "Operations")
        )
        rows.append((hospital, CHILD_HEART, None, None, deaths, operations))
    raise_faults(faults)
    raise_faults(check_parts(rows, sheet.file))
    notes = (
        "Open heart surgery on children under one year in England, April 1991 to December 1995, by Hospital Episode "
        "Statistics; deaths within 30 days. Not adjusted for the mix of operations.",
        "period_start and period_end are empty: one span of nearly five years.",
    )
    return Publication({CHILD_HEART: Table(PROPORTION, sort_rows(rows), notes, tuple(files))})


def read_standards(files: Sequence[Path], _period: Period | None) -> Publication:
    """Return the standards set for indicators: value on the indicator's natural scale, with its source."""
    sheet = read_even_csv(files[0])
    names = ("indicator", "standard", "value", "source")
    header = find_header(sheet, names)
    columns = [find_column(sheet, header, name) for name in names]
    faults: list[Fault] = []
    rows: list[Record] = []
    for row in range(header + 1, len(sheet.rows)):
        indicator, standard, source = (plain(sheet.at(row, columns[i])) for i in (0, 1, 3))
        try:
            rows.append((indicator, standard, read_number(sheet.at(row, columns[2])), source))
        except ValueError as error:
            faults.append(sheet.fault(str(error), "Correct the file", row=row, column=columns[2]))
    raise_faults(faults)
    notes = ("Check each standard against its source before publishing a comparison with it.",)
    return Publication({"standards": Table(names, sort_rows(rows, 2), notes, tuple(files))})
