"""One published sheet as a grid of cells, and the questions asked of it: where is the header, what does a cell say.

Nothing here guesses: a sheet that is laid out otherwise than expected is refused with its place.
"""

import csv
import re
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from math import isfinite
from pathlib import Path
from typing import Any, Final

import openpyxl
import xlrd
from openpyxl.utils import get_column_letter

from ranktrust.errors import DataError, Fault
from ranktrust.intake.marks import MARKS

Cell = str | int | float | bool | date | None
Row = tuple[Cell, ...]

CUT_AT: Final = frozenset({65_535, 65_536, 1_048_575, 1_048_576})
"""Row counts at which spreadsheet programs cut a file short."""

NOTE_MARK: Final = re.compile(
    r"\s*[\[(]\s*(note|see note|footnote)s?\s*[\d, ]*[\])]|[\u00b9\u00b2\u00b3\u2070-\u2079\u2020]+$"
)
"""A reference to a note: `[note 1]`, or a raised figure at the end."""

HYPHEN: Final = re.compile(r"(?<=[a-z])-(?=[a-z])")
SAME: Final = (("&", " and "), ("\u2013", "-"), ("\u2014", "-"), (" < ", " less than "), (" > ", " greater than "))
NUMBER: Final = re.compile(r"-?(\d+|\d{1,3}(,\d{3})+)(\.\d+)?([eE][+-]?\d+)?")
TOTALS: Final = re.compile(
    r"(all )?england( total| \(.*)?|(grand |england |national )?totals?|total,? england|all (providers|trusts)|national"
    r"|england,? (including|excluding) .*|selection \(excluding suppressed data\)"
)
"""Names of rows that are sums over providers, in small letters."""

STEPS: Final[dict[float, str]] = {1: "a whole number", 0.5: "a whole number or a half"}
CORRECT: Final = "Correct the file, or fetch it again as published"
COUNT: Final = f"{CORRECT}; a figure that is withheld is '-', '*' or an empty cell"
LABEL_WITHIN: Final = 40
"""No title, period or date of revision stands below this row."""


@dataclass(frozen=True)
class Sheet:
    """A grid of cells as published: `rows` from the first row down, each a tuple from column A.

    Where it is `even`, a row of figures has a cell for every heading, as in comma-separated values.
    """

    file: str
    name: str
    rows: tuple[Row, ...]
    even: bool = False

    def at(self, row: int, column: int) -> Cell:
        """Return the cell at these indices (both from 0), None beyond the end of a short row."""
        cells = self.rows[row]
        return cells[column] if column < len(cells) else None

    def place(self, row: int | None = None, column: int | None = None) -> str:
        """Name a place the way a spreadsheet program shows it: `sheet 'Provider', row 17, column E`."""
        parts = [f"sheet {self.name!r}"]
        parts += [] if row is None else [f"row {row + 1}"]
        parts += [] if column is None else [f"column {get_column_letter(column + 1)}"]
        return ", ".join(parts)

    def fault(self, problem: str, remedy: str, *, row: int | None = None, column: int | None = None) -> Fault:
        """Return a fault at a place in this sheet."""
        return Fault(self.file, self.place(row, column), problem, remedy)


def plain(cell: Cell) -> str:
    """Return the text of a cell without non-breaking, doubled or trailing blanks; an empty cell is ``""``.

    A day is `2025-04-01`, however a workbook stores it.
    """
    return "" if cell is None else " ".join(str(cell).removesuffix(" 00:00:00").split())


def cell_text(cell: Cell) -> str:
    """Return a cell as a message shows it: nothing, a day and a number in words of their own, a text in quotes."""
    text = plain(cell)
    if not text:
        return "an empty cell"
    if isinstance(cell, date):
        return f"the day {cell:%Y-%m-%d}"
    return f"{cell:.10g}" if isinstance(cell, int | float) and not isinstance(cell, bool) else repr(text[:60])


def heading(cell: Cell) -> str:
    """Return a heading as it is compared: small letters, one blank for blanks and underscores, no mark of a note.

    `&` and `and`, hyphens and blanks between words, and `>` and `greater than` are the same; a trailing `:` or
    `[note 1]` is dropped.
    """
    return _heading(plain(cell))


@lru_cache(maxsize=50_000)
def _heading(said: str) -> str:
    text = HYPHEN.sub(" ", said.lower().replace("_", " "))
    for form, meant in SAME:
        text = text.replace(form, meant)
    return " ".join(NOTE_MARK.sub("", text).split()).rstrip(":* ")


def read_xls(path: Path, name: str) -> Sheet:
    """Read one sheet of an `.xls` workbook. Raises `DataError` if the file or the sheet cannot be read."""

    def rows() -> list[Row]:
        with xlrd.open_workbook(str(path), on_demand=True) as book:
            sheet = book.sheet_by_name(name)
            return [xls_row(book, sheet, i) for i in range(sheet.nrows)]

    return _read(path, name, rows)


def xls_row(book: xlrd.Book, sheet: Any, row: int) -> Row:
    """Return a row of an `.xls` sheet: days as days, errors as texts such as `#N/A`; xlrd gives numbers for both."""
    return tuple(
        _xls_cell(value, kind, book.datemode)
        for value, kind in zip(sheet.row_values(row), sheet.row_types(row), strict=True)
    )


def _xls_cell(value: Any, kind: int, datemode: int) -> Cell:
    if kind == xlrd.XL_CELL_ERROR:
        return str(xlrd.error_text_from_code.get(value, "#N/A"))
    if kind == xlrd.XL_CELL_BOOLEAN:
        return bool(value)
    if kind == xlrd.XL_CELL_DATE and value >= 61:
        return xlrd.xldate_as_datetime(value, datemode)  # type: ignore[no-any-return]
    return value  # type: ignore[no-any-return]


def read_xlsx(path: Path, name: str) -> Sheet:
    """Read one sheet of an `.xlsx` workbook; its stored dimension is not believed, for one in use is wrong.

    Raises `DataError` if the file or the sheet cannot be read.
    """

    def rows() -> list[Row]:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)
            book = openpyxl.load_workbook(path, read_only=True, data_only=True)
            try:
                sheet = book[name]
                sheet.reset_dimensions()
                return [tuple(row) for row in sheet.iter_rows(values_only=True)]
            finally:
                book.close()

    return _read(path, name, rows)


def read_csv(path: Path) -> Sheet:
    """Read a comma-separated UTF-8 file as a sheet of texts. Raises `DataError` if it cannot be read."""

    def rows() -> list[Row]:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            return [tuple(row) for row in csv.reader(lines)]

    return replace(_read(path, "csv", rows), even=True)


def _read(path: Path, name: str, rows: Callable[[], list[Row]]) -> Sheet:
    try:
        sheet = Sheet(path.name, name, tuple(rows()))
    except (OSError, KeyError, ValueError, EOFError, csv.Error, xlrd.XLRDError) as error:
        remedy = "Fetch the file again as published"
        raise DataError([Fault(path.name, f"sheet {name!r}", f"cannot be read: {error}", remedy)]) from error
    if len(sheet.rows) in CUT_AT:
        problem = f"it has exactly {len(sheet.rows)} rows, where a spreadsheet program cuts a file short"
        raise DataError([sheet.fault(problem, "Fetch the whole file")])
    return sheet


def find_header(sheet: Sheet, names: Sequence[str]) -> int:
    """Return the index of the one row that holds all `names` (compared as `heading` says).

    Raises `DataError` if there is no such row, or more than one.
    """
    wanted = {heading(name) for name in names}
    found = [i for i, row in enumerate(sheet.rows) if wanted <= {heading(cell) for cell in row}]
    if len(found) == 1:
        return found[0]
    problem = f"{len(found)} rows hold the headings {', '.join(map(repr, names))}; one is needed"
    raise DataError([sheet.fault(problem, "The layout is another one: give the file as published")])


def find_column(sheet: Sheet, header: int, name: str, *, group: str = "", group_row: int | None = None) -> int:
    """Return the index of the one column headed `name` in row `header`.

    Where names repeat, `group` is the merged heading above it (in `group_row`): such a heading stands in its first
    column only and holds until the next. Raises `DataError` if no column, or more than one, fits.
    """
    groups = _spread(sheet.rows[group_row]) if group_row is not None else []
    found = [
        i
        for i, cell in enumerate(sheet.rows[header])
        if heading(cell) == heading(name) and (not group or (i < len(groups) and groups[i] == heading(group)))
    ]
    if len(found) == 1:
        return found[0]
    under = f" under {group!r}" if group else ""
    problem = f"{len(found)} columns are headed {name!r}{under}; one is needed"
    raise DataError([sheet.fault(problem, "The layout is another one: give the file as published", row=header)])


def _spread(row: Row) -> list[str]:
    out: list[str] = []
    for cell in row:
        out.append(heading(cell) or (out[-1] if out else ""))
    return out


def find_label(sheet: Sheet, label: str) -> str:
    """Return the text beside the cell near the top that says `label` (as `Period:`), or after it in the same cell.

    Raises `DataError` if there is no such cell, or if several have different texts beside them.
    """
    found = {
        text
        for i, row in enumerate(sheet.rows[:LABEL_WITHIN])
        for j in range(len(row))
        if (text := _beside(sheet, i, j, label)) is not None
    }
    if len(found) == 1:
        return found.pop()
    said = f": {', '.join(map(repr, sorted(found)[:4]))}" if found else ""
    problem = f"{len(found)} texts stand beside {label!r}; one is needed{said}"
    raise DataError([sheet.fault(problem, f"State it once, beside {label!r} above the table")])


def _beside(sheet: Sheet, row: int, column: int, label: str) -> str | None:
    text = plain(sheet.at(row, column))
    if heading(text) == heading(label):
        return plain(sheet.at(row, column + 1)) or plain(sheet.at(row, column + 2))
    start = text[: len(label)].lower() == label.lower()
    return text[len(label) :].strip() if start else None


def is_mark(cell: Cell) -> bool:
    """Say whether a cell holds a mark of absence instead of a figure."""
    return plain(cell).lower() in MARKS


def is_total(text: Cell) -> bool:
    """Say whether a name or code marks a total over providers (`England`, `TOTAL`, `England (Including ...)`)."""
    return TOTALS.fullmatch(plain(text).lower()) is not None


def read_number(cell: Cell) -> float:
    """Return a cell's number; texts may carry thousands separators. Raises `ValueError` for anything else."""
    if isinstance(cell, int | float) and not isinstance(cell, bool) and isfinite(cell):
        return float(cell)
    if isinstance(cell, str) and NUMBER.fullmatch(plain(cell)):
        return float(plain(cell).replace(",", ""))
    raise ValueError(f"{cell_text(cell)} is not a number")


def is_number(cell: Cell) -> bool:
    """Say whether a cell holds a number."""
    try:
        read_number(cell)
    except ValueError:
        return False
    return True


def read_count(sheet: Sheet, row: int, column: int, faults: list[Fault], *, step: float = 1) -> float:
    """Return a count, a multiple of `step` (0.5 where pathways are shared) from 0 up.

    Anything else is added to `faults` with its place, and NaN is returned.
    """
    cell = sheet.at(row, column)
    try:
        value = read_number(cell)
    except ValueError:
        value = -1.0
    if value >= 0 and (value / step).is_integer():
        return value
    problem = f"{cell_text(cell)} is not a count, which is {STEPS.get(step, f'a multiple of {step:g}')} from 0 up"
    faults.append(sheet.fault(problem, COUNT, row=row, column=column))
    return float("nan")
