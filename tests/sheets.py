"""Small sheets laid out as publishers lay theirs out, for tests of the readers; no published file is copied."""

import csv
from datetime import datetime
from pathlib import Path

import openpyxl

from ranktrust.intake.ae import ATTENDANCES, OVER, WITHIN
from ranktrust.intake.cancelled import CANCELLED, EXCLUDING, INCLUDING, UNTREATED
from ranktrust.intake.cancer import ALL_CANCERS, ALL_MODALITIES
from ranktrust.intake.cancer import HEADINGS as CANCER_HEADINGS
from ranktrust.intake.cancer import SHEET as CANCER
from ranktrust.intake.layouts.ae import TYPES
from ranktrust.intake.layouts.rtt import HEADINGS as RTT_HEADINGS
from ranktrust.intake.staff_survey import GROUPS as ACUTE
from ranktrust.intake.staff_survey import ITEMS, JOB, ORGANISATION, THEMES, WORDS

BOOKED = [f"Booked Appointments {kind}" for kind in ("Type 1", "Type 2", "Other Department")]
AE_CSV = [
    "Period",
    "Org Code",
    "Org name",
    *(f"A&E attendances {kind}" for kind in ("Type 1", "Type 2", "Other A&E Department", *BOOKED)),
    *(f"Attendances over 4hrs {kind}" for kind in ("Type 1", "Type 2", "Other Department", *BOOKED)),
]
GROUPS = (ATTENDANCES, WITHIN, OVER)


def ae_rows(trusts=(("RA1", "First", 100, 60), ("RA2", "Second", 50, 50)), month="April 26", total=None):
    """The provider sheet of an A&E workbook; a trust is code, name, attendances and those within 4 hours."""
    figures = [[seen, 0, 0, early, 0, 0, seen - early, 0, 0] for _, _, seen, early in trusts]
    whole = total or [sum(column) for column in zip(*figures, strict=True)]
    groups = [cell for group in GROUPS for cell in (group, "", "")]
    return [
        ["", "Title:", "A&E Attendances"],
        ["", "Period:", month],
        ["", "Revised:", "-"],
        [],
        ["", "", "", "", *groups],
        ["", "Code", "Region", "Name", *TYPES, *TYPES, *TYPES],
        ["", "-", "-", "England", *whole],
        [],
        *[["", code, "North", name, *row] for (code, name, _, _), row in zip(trusts, figures, strict=True)],
        ["", "", "", ""],
    ]


def write_xlsx(path: Path, sheets) -> Path:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(path)
    return path


def write_rows(path: Path, rows, encoding="utf-8") -> Path:
    with path.open("w", encoding=encoding, newline="") as lines:
        csv.writer(lines, lineterminator="\n").writerows(rows)
    return path


def ae_csv_rows(trusts=(("RA1", "First", 100, 40), ("RA2", "Second", 50, 0)), month="MSitAE-MAY-2025"):
    """The monthly CSV; a trust is code, name, type 1 attendances and those *over* 4 hours."""
    rows = [[month, code, name, seen, 0, 0, 0, 0, 0, late, 0, 0, 0, 0, 0] for code, name, seen, late in trusts]
    whole = [sum(row[i] for row in rows) for i in range(3, 15)]
    return [list(AE_CSV), *rows, ["TOTAL", "TOTAL", "TOTAL", *whole]]


SHMI_OLD = ("INDICATOR_CODE", "PROVIDER", "PROVIDER_NAME", "DENOMINATOR", "OBSERVED", "EXPECTED", "VALUE", "OD_BANDING")


def shmi_rows(trusts=(("RA1", 100, 80.0, 1), ("RA2", 90, 100.0, 2))):
    return [
        list(SHMI_OLD),
        *[["I", code, f"Trust {code}", 9000, o, e, round(o / e, 4), band] for code, o, e, band in trusts],
    ]


def rtt_rows(parts):
    """The full extract with its 105 weeks; a part is provider, commissioner, part type, function and counts by week."""
    weeks = [f"Gt {i:02} To {i + 1:02} Weeks SUM 1" for i in range(104)] + ["Gt 104 Weeks SUM 1"]
    keys = [name for name in RTT_HEADINGS if not name.startswith("Gt") and not name.startswith("Total")]
    rows = []
    for code, commissioner, kind, function, counts in parts:
        cells = [counts.get(week, "") for week in range(105)]
        total = sum(counts.values())
        rows.append(["RTT-April-2025", code, "Name", commissioner, kind, kind, function, *cells, total, "", total])
    return [[*keys, *weeks, "Total", "Patients with unknown clock start date", "Total All"], *rows]


def diagnostics_rows():
    """The DM01 sheet: ten wait in the first week, and two in the last."""
    weeks = [f"{i} <{i + 1} weeks" for i in range(13)] + ["13+ weeks"]
    figures = [12, 2, 2, 10, *[0] * 12, 2]
    head = [
        "Provider Code",
        "Provider Name",
        "Total Waiting List",
        "Number waiting 6+ Weeks",
        "Number waiting 13+ Weeks",
    ]
    return [
        ["Period:", "July 2025"],
        [*head, *weeks],
        ["", "Total", *[2 * x for x in figures]],
        [],
        *[[code, "Name", *figures] for code in ("RA1", "RA2")],
    ]


def beds_rows():
    sectors = ["Total ", "General & Acute", "Learning Disabilities", "Maternity", "Mental Illness"]
    figures = [10.5, 8.5, 0, 2, 0, "", 7.25, 6.25, 0, 1, 0]
    return [
        ["Period:", "April to June 2025"],
        [*[""] * 4, "Available", *[""] * 5, "Occupied"],
        ["Year", "Period End", "Org Code", "Org Name", *sectors, "", *sectors],
        ["2025-26", "June", "", "England", *[2 * x if x != "" else x for x in figures]],
        [],
        *[["2025-26", "June", code, "Name", *figures] for code in ("RA1", "RA2")],
    ]


def cancelled_rows():
    return [
        ["Period:", "Quarter 1, 2025-26 (April to June 2025)"],
        ["Organisation Code", "Organisation Name", CANCELLED, UNTREATED],
        ["-", EXCLUDING, 30, 5],
        ["-", INCLUDING, 30, 5],
        [],
        ["RA1", "A", 20, 3],
        ["RA2", "B", 10, 2],
    ]


def cancer_rows():
    rows = [list(CANCER_HEADINGS)]
    when = datetime(2025, 4, 1)
    for code in ("RA1", "RA2"):
        rows.append([when, "28-day FDS", code, "Route", "", "Suspected lung", 3, 2, 1])
        for modality, cancer in (("Surgery", ALL_CANCERS), (ALL_MODALITIES, "Lung")):
            rows.append([when, "31-day Combined", code, "Route", modality, cancer, 4, 4, 0])
        for modality, cancer in (("Surgery", ALL_CANCERS), (ALL_MODALITIES, "Lung")):
            rows.append([when, "62-day Combined", code, "Route", modality, cancer, 3.5, 2, 1.5])
    return rows


WORKBOOKS = {
    "Provider Level Data": ae_rows,
    "Provider": cancelled_rows,
    "NHS Trust by Sector": beds_rows,
    CANCER: cancer_rows,
}


def survey_sheets(codes=("RA1", "RA2")):
    """The three sheets of the Staff Survey that are read; a fifth of the answers fall to each option of every item."""
    keys = ["ODS code", "Organisation name", "Benchmarking group"]
    rows = [[code, f"Trust {code}", ACUTE[0]] for code in codes]

    def sheet(name):
        items = [item for item, (part, _) in ITEMS.items() if part == name]
        asked = [["", "", "", *(cell for i in items for cell in (f"{i} - {WORDS[i]}.", *[""] * 4))]]
        options = [*keys, *(option for i in items for option in ITEMS[i][1])]
        return [["NHS Staff Survey 2024"], *asked, options, *([*row, *[20] * 5 * len(items)] for row in rows)]

    themes = [[*keys, "Staff Engagement - score", "Base (number of responses)"], *([*row, 5, 400] for row in rows)]
    return {JOB: sheet(JOB), ORGANISATION: sheet(ORGANISATION), THEMES: [["NHS Staff Survey 2024"], *themes]}
