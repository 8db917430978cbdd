"""The published tables as one accessible Excel workbook, written by gptables: text always as text.

gptables lays sheets out as the Analysis Function's guidance asks. openpyxl then says what it cannot: the language, and
that a title is a heading.
"""

from collections.abc import Callable, Mapping, Sequence
from io import BytesIO
from pathlib import Path
from typing import Any, Final

import pandas as pd
from openpyxl import Workbook, load_workbook
from openpyxl.styles import Font, NamedStyle

from ranktrust.files import write_whole
from ranktrust.publish.sheets import (
    CONTENTS,
    NOTE_HEADS,
    NOTE_SHEET,
    NOTES,
    WIDEST,
    Cover,
    Sheet,
    cover_of,
    sheets_of,
    used_notes,
    width_of,
)

_TEXTS_ONLY: Final = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
_TITLE: Final = Font(name="Arial", size=16, bold=True)


def write_workbook(
    tables: Mapping[str, pd.DataFrame], path: Path, *, title: str, facts: Sequence[str], contact: Sequence[str]
) -> Path:
    """Write the workbook to `path`, whole or not at all. `facts` and `contact` are the sentences of the cover.

    Every text is written as a text, whatever it begins with, so that no cell is a formula, and the only links are those
    of the contents to the sheets.
    """
    cover, sheets = cover_of(title=title, facts=facts, contact=contact), sheets_of(tables)
    book = _finished(_written(cover, sheets), cover.title)
    return write_whole(path, book.save)


def _written(cover: Cover, sheets: Sequence[Sheet]) -> BytesIO:
    """The file as gptables writes it, which is loaded for that alone."""
    import gptables  # noqa: PLC0415 - a second, that no page needs to wait for

    file = BytesIO()
    shown = {sheet.name: _good_practice(gptables.GPTable, sheet) for sheet in sheets}
    front = gptables.Cover(cover.title, list(cover.intro), list(cover.about), list(cover.contact))
    marks = used_notes(sheets)
    notes = pd.DataFrame({NOTE_HEADS[0]: marks, NOTE_HEADS[1]: [NOTES[mark] for mark in marks]})
    book = gptables.produce_workbook(
        file, shown, cover=front, notes_table=notes, auto_width=False, workbook_options=_TEXTS_ONLY
    )
    for sheet in sheets:
        page = book.get_worksheet_by_name(sheet.name)
        for column in range(len(sheet.heads)):
            page.set_column(column, column, width_of(sheet, column))
    for name in (CONTENTS, NOTE_SHEET):
        book.get_worksheet_by_name(name).set_column(0, 0, 24)
        book.get_worksheet_by_name(name).set_column(1, 1, WIDEST)
    book.close()
    return file


def _good_practice(form: Callable[..., Any], sheet: Sheet) -> Any:
    """What `form`, gptables' own, makes of the sheet; `$$mark$$` becomes the number of the note."""
    frame = pd.DataFrame([list(row) for row in sheet.rows], columns=list(sheet.heads), dtype=object)
    marks = "".join(f"$${mark}$$" for mark in sheet.notes)
    first, *more = sheet.lines
    return form(frame, sheet.table, sheet.title + marks, instructions=first, legend=more, index_columns={})


def _finished(file: BytesIO, title: str) -> Workbook:
    """The workbook with its name and its language, each sheet's title marked as a heading."""
    book = load_workbook(file)
    book.properties.title = title
    book.properties.creator = "ranktrust"
    book.properties.language = "en-GB"
    book.add_named_style(NamedStyle("Heading 1", font=_TITLE, builtinId=16))
    for page in book.worksheets:
        page["A1"].style = "Heading 1"
    return book
