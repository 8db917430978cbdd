"""Small sheets laid out as publishers lay theirs out, for tests of the readers; no published file is copied."""

import csv
from pathlib import Path

import openpyxl

from ranktrust.intake.ae import ATTENDANCES, OVER, WITHIN
from ranktrust.intake.layouts.ae import TYPES
from ranktrust.intake.layouts.rtt import HEADINGS as RTT_HEADINGS

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
