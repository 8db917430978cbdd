"""The published tables as one accessible workbook: a cover, notes, one table a sheet, text always as text."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import pandas as pd
from openpyxl import Workbook
from openpyxl.cell import Cell
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.table import Table
from openpyxl.worksheet.worksheet import Worksheet

from ranktrust.files import write_whole
from ranktrust.publish.columns import COLUMNS, PARTS

EMPTY: Final = "[z]"
"""What stands in a cell to which a value does not apply; the notes explain it."""
LEFT_OUT: Final = ("pairs",)
"""Tables that are only in the CSV files: a sheet of tens of thousands of pairs helps nobody."""
_HEAD: Final = 5
_WIDEST: Final = 60
_ILLEGAL: Final = dict.fromkeys((*range(9), 11, 12, *range(14, 32)))


def write_workbook(tables: Mapping[str, pd.DataFrame], path: Path, *, title: str, facts: Sequence[str]) -> Path:
    """Write the workbook to `path`, whole or not at all. `facts` are the sentences of the cover under the title.

    Every text is written as a text, whatever it begins with, so that no cell is a formula.
    """
    book = Workbook()
    shown = {name: frame for name, frame in tables.items() if name not in LEFT_OUT}
    cover: Worksheet = book.active
    cover.title = "Cover"
    _lines(cover, [title, *facts, "Sheets of this workbook", *(f"{_sheet(name)}: {PARTS[name]}" for name in shown)])
    _lines(book.create_sheet("Notes"), ["Notes", *_notes(shown)])
    for name, frame in shown.items():
        _table(book.create_sheet(_sheet(name)), name, frame)
    book.properties.title = title
    book.properties.creator = "ranktrust"
    book.properties.language = "en-GB"
    return write_whole(path, book.save)


def _sheet(name: str) -> str:
    return name.replace("_", " ").capitalize()


def _notes(shown: Mapping[str, pd.DataFrame]) -> list[str]:
    """What is said once for all sheets, then what each column means."""
    names = list(dict.fromkeys(str(column) for frame in shown.values() for column in frame.columns))
    return [
        f"{EMPTY} means that a value does not apply, such as a rank where the publisher cautions against ranking.",
        "Probabilities run from 0 to 1. Each column that ends in mcse is the Monte Carlo error of the one before it; a "
        "probability of exactly 0 or 1 means that no draw showed otherwise, not that nothing else can be.",
        "Quote a rank only with both bounds of its interval, the set it is among and the period.",
        "These figures do not measure the quality of care.",
        *(f"{name}: {COLUMNS[name]}" for name in names),
    ]


def _lines(sheet: Worksheet, lines: Sequence[str]) -> None:
    """One sentence a cell down the first column; the first is the sheet's title."""
    for row, line in enumerate(lines, start=1):
        cell = _text(sheet, row, 1, line)
        cell.alignment = Alignment(wrap_text=True, vertical="top")
    sheet["A1"].font = Font(bold=True, size=15)
    sheet.column_dimensions["A"].width = 110


def _table(sheet: Worksheet, name: str, frame: pd.DataFrame) -> None:
    """A title, two sentences, an empty row, and one table marked as such from row 5 on."""
    _text(sheet, 1, 1, _sheet(name)).font = Font(bold=True, size=15)
    _text(sheet, 2, 1, PARTS[name])
    _text(sheet, 3, 1, f"One table of {len(frame)} rows. The sheet Notes explains its columns and {EMPTY}.")
    for column, head in enumerate(frame.columns, start=1):
        _text(sheet, _HEAD, column, str(head)).font = Font(bold=True)
        sheet.column_dimensions[get_column_letter(column)].width = _width(str(head), frame[head])
    for row, values in enumerate(frame.itertuples(index=False), start=_HEAD + 1):
        for column, value in enumerate(values, start=1):
            _value(sheet, row, column, value)
    last = get_column_letter(len(frame.columns))
    sheet.add_table(Table(displayName=f"table_{name}", ref=f"A{_HEAD}:{last}{_HEAD + len(frame)}"))
    sheet.freeze_panes = f"B{_HEAD + 1}"


def _width(head: str, column: pd.Series) -> float:
    longest = int(column.astype(str).str.len().max()) if column.dtype == object else 12
    return float(min(max(len(head), longest, 10) + 2, _WIDEST))


def _text(sheet: Worksheet, row: int, column: int, text: str) -> Cell:
    cell: Cell = sheet.cell(row, column)
    cell.value = text.translate(_ILLEGAL)
    cell.data_type = "s"
    return cell


def _value(sheet: Worksheet, row: int, column: int, value: Any) -> None:
    if isinstance(value, str) and value:
        _text(sheet, row, column, value)
    elif isinstance(value, str) or value is None or pd.isna(value):
        _text(sheet, row, column, EMPTY)
    elif isinstance(value, bool):
        _text(sheet, row, column, "yes" if value else "no")
    else:
        sheet.cell(row, column).value = int(value) if float(value).is_integer() else float(value)
