"""The official table of the NHS Oversight Framework: scores, segments and ranks, and the values they came from."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ranktrust.intake.layouts.oversight import FIGURES
from ranktrust.intake.opening import open_book
from ranktrust.intake.period import Period
from ranktrust.intake.sheet import Sheet, find_column, find_header, is_mark, plain, read_number
from ranktrust.intake.tidy import Publication, Record, Table, raise_faults, sort_rows
from ranktrust.intake.widths import read_even_csv

if TYPE_CHECKING:
    from ranktrust.errors import Fault

DOMAINS: Final = (
    "access",
    "effectiveness_experience",
    "finance_productivity",
    "patient_safety",
    "people_workforce",
)
METRICS: Final = (
    *(f"domain_score_{name}" for name in DOMAINS),
    *(f"domain_segment_{name}" for name in DOMAINS),
    "cancer_28day_pct",
    "cancer_62day_pct",
    "cdiff_infection_rate",
    "ecoli_bacteraemia_rate",
    "mrsa_cases_count",
    "implied_productivity_pct",
    "inpatients_60day_los_pct",
    "planned_surplus_deficit_pct",
    "variance_to_financial_plan_pct",
    "staff_engagement_score",
    "staff_raising_concerns_score",
)
COLUMNS: Final = ("trust", "metric", "value")


def read_oversight(files: Sequence[Path], period: Period | None) -> Publication:
    """Return the league table (`oversight`) and its domain scores and metric values (`oversight_metrics`).

    The figures carry no date: `reporting_date` is the last day of the period that `sources.toml` declares. Raises
    `DataError` with every fault.
    """
    (path,) = files
    league = FIGURES.read(open_book(path)).tables["oversight_league"]
    when = period[1] if period else None
    rows = sort_rows(((row[0], when, *row[2:]) for row in league.rows), 1)
    notes = (*league.notes, *_counts(rows))
    return Publication(
        {
            "oversight": replace(league, rows=rows, notes=notes, files=(path,)),
            "oversight_metrics": Table(COLUMNS, _read_metrics(read_even_csv(path)), METRIC_NOTES, (path,)),
        }
    )


METRIC_NOTES: Final = (
    "Domain scores and segments as published; metric values as published, for the metrics that the figures carry. "
    "Scores of single metrics are not among them, nor are the values of the other metrics.",
    "A trust without a row for a metric has no value: it does not apply, or was not published.",
)


def _counts(rows: Sequence[Record]) -> tuple[str, ...]:
    """How many trusts of each type the figures hold, and the highest rank among them."""
    said = []
    for kind in sorted({str(row[2]) for row in rows}):
        ranks = [int(float(str(row[9]))) for row in rows if row[2] == kind]
        said.append(f"{kind}: {len(ranks)} here, the last of them ranked {max(ranks)}")
    return (f"The figures do not hold every trust that was ranked. {'; '.join(said)}.",)


def _read_metrics(sheet: Sheet) -> tuple[Record, ...]:
    header = find_header(sheet, ["org_code", *METRICS])
    code = find_column(sheet, header, "org_code")
    faults: list[Fault] = []
    rows: list[Record] = []
    for name in METRICS:
        column = find_column(sheet, header, name)
        for row in range(header + 1, len(sheet.rows)):
            cell = sheet.at(row, column)
            if is_mark(cell):
                continue
            try:
                rows.append((plain(sheet.at(row, code)), name, read_number(cell)))
            except ValueError as error:
                faults.append(sheet.fault(str(error), "Correct the file", row=row, column=column))
    raise_faults(faults)
    return sort_rows(rows, 2)
