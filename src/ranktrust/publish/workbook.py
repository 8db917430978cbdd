"""The published tables as one accessible workbook: a cover, notes, one table a sheet, text always as text."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import pandas as pd
from openpyxl import Workbook
from openpyxl.cell import Cell
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.table import Table
from openpyxl.worksheet.worksheet import Worksheet

from ranktrust.files import write_whole
from ranktrust.publish.sheets import Sheet, Value, sheets_of, width_of

_HEAD: Final = 5


def write_workbook(tables: Mapping[str, pd.DataFrame], path: Path, *, title: str, facts: Sequence[str]) -> Path:
    """Write the workbook to `path`, whole or not at all. `facts` are the sentences of the cover under the title.

    Every text is written as a text, whatever it begins with, so that no cell is a formula.
    """
    book = Workbook()
    first: Worksheet = book.active
    for place, sheet in enumerate(sheets_of(tables, title=title, facts=facts)):
        page = first if place == 0 else book.create_sheet()
        page.title = sheet.name
        (_table if sheet.table else _lines)(page, sheet)
    book.properties.title = title
    book.properties.creator = "ranktrust"
    book.properties.language = "en-GB"
    return write_whole(path, book.save)


def _lines(page: Worksheet, sheet: Sheet) -> None:
    """One sentence a cell down the first column; the first is the sheet's title."""
    for row, line in enumerate(sheet.lines, start=1):
        _cell(page, row, 1, line).alignment = Alignment(wrap_text=True, vertical="top")
    page["A1"].font = Font(bold=True, size=15)
    page.column_dimensions["A"].width = 110


def _table(page: Worksheet, sheet: Sheet) -> None:
    """A title, two sentences, an empty row, and one table marked as such from row 5 on."""
    for row, line in enumerate(sheet.lines, start=1):
        _cell(page, row, 1, line)
    page["A1"].font = Font(bold=True, size=15)
    for column, head in enumerate(sheet.heads, start=1):
        _cell(page, _HEAD, column, head).font = Font(bold=True)
        page.column_dimensions[get_column_letter(column)].width = float(width_of(sheet, column - 1))
    for row, values in enumerate(sheet.rows, start=_HEAD + 1):
        for column, value in enumerate(values, start=1):
            _cell(page, row, column, value)
    last = get_column_letter(len(sheet.heads))
    page.add_table(Table(displayName=f"table_{sheet.table}", ref=f"A{_HEAD}:{last}{_HEAD + len(sheet.rows)}"))
    page.freeze_panes = f"B{_HEAD + 1}"


def _cell(page: Worksheet, row: int, column: int, value: Value) -> Cell:
    cell: Cell = page.cell(row, column)
    cell.value = value
    if isinstance(value, str):
        cell.data_type = "s"
    return cell
