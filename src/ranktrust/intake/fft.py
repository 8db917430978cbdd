"""Friends and Family Test, inpatient and day case (NHS England)."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ranktrust.intake.period import Period
from ranktrust.intake.sheet import find_column, find_header, plain, read_count
from ranktrust.intake.tidy import PROPORTION, Publication, Record, Table, check_parts, raise_faults, sort_rows
from ranktrust.intake.widths import read_even_csv

if TYPE_CHECKING:
    from ranktrust.errors import Fault

INDICATOR: Final = "fft_inpatient"
HEADINGS: Final = ("org_code", "positive_responses", "responses")


def read_fft(files: Sequence[Path], period: Period) -> Publication:
    """Return positive responses (very good, good) of all responses, by trust. Raises `DataError` with every fault."""
    sheet = read_even_csv(files[0])
    header = find_header(sheet, HEADINGS)
    code, positive, responses = (find_column(sheet, header, name) for name in HEADINGS)
    faults: list[Fault] = []
    rows: list[Record] = []
    for row in range(header + 1, len(sheet.rows)):
        counts = [read_count(sheet, row, column, faults) for column in (positive, responses)]
        rows.append((plain(sheet.at(row, code)), INDICATOR, *period, *counts))
    raise_faults(faults)
    raise_faults(check_parts(rows, sheet.file))
    notes = (
        "Responses are self-selected: a patient chooses to answer, and trusts ask in different ways.",
        "The figures taken cover acute trusts only; the benchmark pools over them, and is not the figure for England.",
    )
    part, whole = (sum(float(str(row[i])) for row in rows) for i in (4, 5))
    benchmark: Record = (INDICATOR, *period, part, whole, part / whole, "pooled over all trusts in the file")
    return Publication({INDICATOR: Table(PROPORTION, sort_rows(rows), notes, tuple(files))}, (benchmark,))
