"""The tidy layout: a table of figures, and its one way to be written."""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Final

from ranktrust.errors import DataError, Fault
from ranktrust.vocabulary import FIGURE_KEYS, KIND_COLUMNS

Value = str | int | float | date | None
Record = tuple[Value, ...]

PROPORTION: Final = (*FIGURE_KEYS, *KIND_COLUMNS["proportion"])
BENCHMARK: Final = ("indicator", "period_start", "period_end", "numerator", "denominator", "value", "basis")


@dataclass(frozen=True)
class Table:
    """Figures in the tidy layout, not yet written.

    `rows` are sorted by their leading columns; `notes` are the caveats that its passport will carry; `files` the
    published files that it was read from.
    """

    columns: tuple[str, ...]
    rows: tuple[Record, ...]
    notes: tuple[str, ...] = ()
    files: tuple[Path, ...] = ()


@dataclass(frozen=True)
class Publication:
    """What one publication yields: its tables by name, and the rows it adds to the table of benchmarks."""

    tables: dict[str, Table]
    benchmarks: tuple[Record, ...] = field(default=())


def sort_rows(rows: Iterable[Record], keys: int = 4) -> tuple[Record, ...]:
    """Return rows in the order of their first `keys` columns, as written."""
    return tuple(sorted(rows, key=lambda row: tuple(write_value(cell) for cell in row[:keys])))


def write_value(value: Value) -> str:
    """Return a value as text: whole numbers without a point, others in the shortest form that reads back the same."""
    if value is None:
        return ""
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    return str(value)


def write_csv(columns: Sequence[str], rows: Iterable[Record]) -> str:
    r"""Return the comma-separated text of a table, lines ending in ``\n``."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([write_value(cell) for cell in row] for row in rows)
    return text.getvalue()


def check_parts(rows: Iterable[Record], file: str) -> list[Fault]:
    """Return a fault for every proportion row whose numerator exceeds its denominator, or that stands twice."""
    faults: list[Fault] = []
    seen: set[Record] = set()
    for row in rows:
        place = f"trust {row[0]}, period {write_value(row[2])}"
        if float(str(row[4])) > float(str(row[5])):
            faults.append(Fault(file, place, f"{row[4]} of {row[5]} is more than the whole", "Correct the file"))
        if row[:4] in seen:
            faults.append(Fault(file, place, "the observation stands twice", "Remove one of the two"))
        seen.add(row[:4])
    return faults


def raise_faults(faults: Sequence[Fault]) -> None:
    """Raise `DataError` with all faults if there are any."""
    if faults:
        raise DataError(faults)
