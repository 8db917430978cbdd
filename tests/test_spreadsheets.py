"""Spreadsheets and the Analysis Function's checklist: ours meet it, and one that breaks an item is caught by it."""

import importlib.util
import sys
import zipfile
from io import BytesIO
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.drawing.image import Image
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.worksheet.table import Table
from PIL import Image as Picture

from ranktrust.publish.ods import write_ods
from ranktrust.publish.workbook import write_workbook

TOOL = Path(__file__).resolve().parents[1] / "tools" / "check_sheets.py"
LISTS = pd.DataFrame({"trust": ["RAX", "RBX", "RCX"], "trust_name": ["A " * 60, "=B", "C*"], "k": [1, 2, 3],
                      "p_belongs": [1 / 3, np.nan, 1.0], "p_belongs_mcse": [0.01, np.nan, 0.0]})  # fmt: skip
TABLES = {"support_lists": LISTS, "league": LISTS.drop(columns="k").assign(rank_lower=1)}
GIVEN = {"title": "A study", "facts": ["What is asked?"], "contact": ["Ask us."]}


@pytest.fixture(scope="module")
def check():
    spec = importlib.util.spec_from_file_location("check_sheets", TOOL)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    folder = tmp_path_factory.mktemp("books")
    return write_workbook(TABLES, folder / "x.xlsx", **GIVEN), write_ods(TABLES, folder / "x.ods", **GIVEN)


def test_both_spreadsheets_meet_every_item(check, written):
    for path in written:
        assert check.faults_of(check.read_book(path)) == []


def test_both_spreadsheets_say_the_same(check, written):
    ours, theirs = map(check.read_book, written)
    for one, other in zip(ours.pages, theirs.pages, strict=True):
        texts = [[[cell.text for cell in row if cell.text] for row in page.rows] for page in (one, other)]
        assert texts[0] == texts[1]
        assert [(a.top, a.left, a.bottom, a.right) for a in one.areas] == [
            (a.top, a.left, a.bottom, a.right) for a in other.areas
        ]


# Each item broken in a workbook of its own


def lists(book: Workbook):
    return book["Support lists"]


def clear(book):
    for row in lists(book).iter_rows():
        for cell in row:
            cell.value = None


def blank_row(book):
    for cell in lists(book)[6]:
        cell.value = None


def second_table(book):
    page = lists(book)
    page["A12"], page["B12"], page["A13"], page["B13"] = "a", "b", "c", "d"
    page.add_table(Table(displayName="another", ref="A12:B13"))


def marked_again(book):
    lists(book).add_table(Table(displayName="within", ref="A5:B6"))


def picture(book):
    file = BytesIO()
    Picture.new("RGB", (4, 4)).save(file, "PNG")
    lists(book).add_image(Image(file))


def shifted(book):
    page = lists(book)
    page.insert_cols(1)
    (table,) = page.tables.values()
    table.ref = "B4:F7"
    for row in (1, 2, 3):
        page.cell(row, 1).value = page.cell(row, 2).value
        page.cell(row, 2).value = None


def put(place, value):
    return lambda book: lists(book).__setitem__(place, value)


BREAKS = {
    "Mark up tables": lambda book: lists(book).tables.clear(),
    "Give tables meaningful names": lambda book: setattr(lists(book).tables["support_lists"], "displayName", "Table1"),
    "Remove merged cells, split cells and nested tables": lambda book: lists(book).merge_cells("A1:C1"),
    "Remove blank rows and columns within tables": blank_row,
    "All tables should have one tagged header row": put("B4", "trust"),
    "Wrap text within cells": lambda book: setattr(lists(book)["B5"], "alignment", Alignment(wrap_text=False)),
    "Avoid adding filters and freeze panes": lambda book: setattr(lists(book), "freeze_panes", "B5"),
    "Only leave cells with no data empty in certain circumstances": put("B5", None),
    "Explain shorthand": put("B5", "[x]"),
    "Avoid hiding rows or columns": lambda book: setattr(lists(book).row_dimensions[6], "hidden", True),
    "Columns should be a sensible width": lambda book: setattr(lists(book).column_dimensions["B"], "width", 250),
    "Do not use symbols or superscript to signpost to notes": put("B4", "name*"),
    "Avoid putting note markers in specific cells": put("B5", "A [note 1]"),
    "Put note text in a notes table on a notes worksheet": put("A1", "Lists [note 9]"),
    "Links must be accessible": lambda book: setattr(lists(book)["B5"], "hyperlink", "https://example.org"),
    "All worksheets should have descriptive titles, properly tagged": lambda book: setattr(
        lists(book)["A1"], "style", "Normal"
    ),
    "Do not use headers and footers, text boxes or toolbars": lambda book: setattr(
        lists(book).oddFooter.left, "text", "Draft"
    ),
    "Do not use a background fill, or colour alone": lambda book: setattr(
        lists(book)["B5"], "fill", PatternFill("solid", fgColor="FF0000")
    ),
    "Give worksheets unique names or numbers": lambda book: setattr(lists(book), "title", "Sheet1"),
    "Remove blank worksheets": lambda book: book.create_sheet("Nothing here"),
    "Use cells in column A wisely": put("C1", "beside"),
    "Position tables against the left-hand edge": shifted,
    "Avoid putting content below a table": put("A9", "Source: us"),
    "Avoid worksheets with multiple tables": second_table,
    "Add document information": lambda book: setattr(book.properties, "language", None),
    "Ensure the cursor is in cell A1 of the first worksheet": lambda book: setattr(book, "active", 2),
    "Have a cover sheet with contact details, and a table of contents": lambda book: book.remove(book["Contents"]),
}
ALSO = {
    "Remove merged cells, split cells and nested tables": marked_again,
    "All tables should have one tagged header row": put("B4", None),
    "Do not use symbols or superscript to signpost to notes": lambda book: setattr(
        lists(book)["A1"], "font", Font(vertAlign="superscript")
    ),
    "Avoid hiding rows or columns": lambda book: setattr(lists(book), "sheet_state", "hidden"),
    "Remove macros": put("B5", "=1+1"),
    "Put note text in a notes table on a notes worksheet": lambda book: book["Notes"].__setitem__("A4", 7),
    "Explain shorthand": put("A3", "Nothing"),
    "Use cells in column A wisely": put("A2", "Some words"),
    "Have a cover sheet with contact details, and a table of contents": lambda book: book["Cover"].__setitem__(
        "A7", "Words"
    ),
    "Remove blank worksheets": clear,
}


def found_in(check, path, book):
    book.save(path)
    return {fault.partition(":")[0] for fault in check.faults_of(check.read_xlsx(path))}


@pytest.mark.parametrize(("item", "broken"), [*BREAKS.items(), *ALSO.items()])
def test_a_workbook_that_breaks_an_item_is_caught_by_it(check, written, tmp_path, item, broken):
    book = load_workbook(written[0])
    broken(book)
    assert item in found_in(check, tmp_path / "broken.xlsx", book)


def test_pictures_and_macros_are_caught(check, written, tmp_path):
    book = load_workbook(written[0])
    picture(book)
    assert found_in(check, tmp_path / "broken.xlsx", book) == {"Avoid images in spreadsheets"}
    with zipfile.ZipFile(written[0]) as whole, zipfile.ZipFile(tmp_path / "macro.xlsx", "w") as parts:
        for name in whole.namelist():
            parts.writestr(name, whole.read(name))
        parts.writestr("xl/vbaProject.bin", b"x")
    assert check.faults_of(check.read_xlsx(tmp_path / "macro.xlsx")) == ["Remove macros: the file has macros"]


def test_every_item_is_broken_once(check):
    assert {*BREAKS, *ALSO, "Avoid images in spreadsheets"} == set(check.CHECKS)


ODS_BREAKS = {
    "Mark up tables": ("'Support lists'.A", "'Nowhere'.A"),
    "Remove macros": ('office:value-type="string"', 'office:value-type="string" table:formula="of:=1"'),
    "Avoid adding filters and freeze panes": ('filter-buttons="false"', 'filter-buttons="true"'),
    "Avoid hiding rows or columns": ("<table:table-column ", '<table:table-column table:visibility="collapse" '),
    "Wrap text within cells": ('fo:wrap-option="wrap"', ""),
    "All worksheets should have descriptive titles, properly tagged": ("Heading_20_1", "part"),
    "Links must be accessible": ("<text:p>RAX</text:p>",
                                 '<text:p><text:a xlink:href="https://example.org">RAX</text:a></text:p>'),
    "Columns should be a sensible width": ("style:column-width=", "style:other="),
    "Remove merged cells, split cells and nested tables": ("<table:table-row>", "<table:table-row>"
                                                           "<table:covered-table-cell/>"),
    "All tables should have one tagged header row": ('contains-header="true"', 'contains-header="false"'),
    "Do not use a background fill, or colour alone": ('fo:wrap-option="wrap"', 'fo:wrap-option="wrap" '
                                                      'fo:background-color="#ff0000"'),
}  # fmt: skip


@pytest.mark.parametrize(("item", "change"), ODS_BREAKS.items())
def test_an_opendocument_file_that_breaks_an_item_is_caught_by_it(check, written, tmp_path, item, change):
    space = 'xmlns:xlink="http://www.w3.org/1999/xlink" office:version'
    with zipfile.ZipFile(written[1]) as whole, zipfile.ZipFile(tmp_path / "x.ods", "w") as parts:
        for name in whole.namelist():
            text = whole.read(name).decode()
            changed = text.replace(*change) if name == "content.xml" else text
            assert name != "content.xml" or changed != text
            parts.writestr(name, changed.replace("office:version", space, 1))
    assert item in {fault.partition(":")[0] for fault in check.faults_of(check.read_ods(tmp_path / "x.ods"))}
