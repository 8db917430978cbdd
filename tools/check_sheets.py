#!/usr/bin/env python3
"""Hold spreadsheets to what a program can check of the Analysis Function's list: python tools/check_sheets.py FILE...

The list is "Accessible spreadsheets: a checklist of the basics" of the UK Government Analysis Function, with the
guidance "Releasing statistics in spreadsheets" behind it. Reads Excel (.xlsx) and OpenDocument (.ods) files and exits 1
if any item is not met. What only a person can judge is not here: plain words, spelling, whether a name is meaningful.
"""

import argparse
import re
import sys
import zipfile
from collections import Counter
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from defusedxml import ElementTree
from openpyxl import load_workbook
from openpyxl.utils import range_boundaries

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from xml.etree.ElementTree import Element

NARROWEST, WIDEST = 5, 90
"""The bounds of a sensible column in characters."""
SYMBOLS = re.compile(r"[*\u2020\u2021\u00a7\u00b9\u00b2\u00b3\u2070-\u207f]")
NOTE = re.compile(r"\[note (\d+)\]")
SHORT = re.compile(r"^\[(?!note )[\w ]+\]$")


@dataclass
class Cell:
    """One cell as it was written."""

    text: str
    number: bool = False
    wrap: bool = False
    filled: bool = False
    raised: bool = False
    formula: bool = False
    link: "str | None" = None
    style: str = ""


@dataclass
class Area:
    """A range marked as a table, rows and columns counted from 1."""

    name: str
    top: int
    left: int
    bottom: int
    right: int
    headed: bool = True
    filtered: bool = False


@dataclass
class Page:
    """One sheet."""

    name: str
    rows: "list[list[Cell]]"
    areas: "list[Area]" = field(default_factory=list)
    widths: "list[float]" = field(default_factory=list)
    merged: int = 0
    hidden: bool = False
    frozen: bool = False
    furniture: bool = False
    pictures: bool = False

    def at(self, row: int, column: int) -> Cell:
        """The cell there, or an empty one."""
        line = self.rows[row - 1] if row <= len(self.rows) else []
        return line[column - 1] if column <= len(line) else Cell("")

    def heads(self, area: Area) -> "list[str]":
        """The texts of the area's first row."""
        return [self.at(area.top, column).text for column in range(area.left, area.right + 1)]

    def body(self, area: Area) -> "list[list[Cell]]":
        """The area's cells below its headings."""
        columns = range(area.left, area.right + 1)
        return [[self.at(row, column) for column in columns] for row in range(area.top + 1, area.bottom + 1)]

    @property
    def outside(self) -> "list[Cell]":
        """Cells with a text above every table, or of a sheet without one."""
        first = min((area.top for area in self.areas), default=len(self.rows) + 1)
        return [cell for row in self.rows[: first - 1] for cell in row if cell.text]


@dataclass
class Book:
    """One file."""

    pages: "list[Page]"
    title: str = ""
    language: str = ""
    macros: bool = False
    opens_at: str = "A1"

    @property
    def tables(self) -> "Iterator[tuple[Page, Area]]":
        """Each table with its sheet."""
        return ((page, area) for page in self.pages for area in page.areas)


# Excel


def read_xlsx(path: Path) -> Book:
    """An Excel file as it was written."""
    book = load_workbook(path, rich_text=True)
    with zipfile.ZipFile(path) as parts:
        macros = any("vbaProject" in name for name in parts.namelist())
    first = book.worksheets[0]
    opens_at = first.sheet_view.selection[0].activeCell if first.sheet_view.selection else "A1"
    at_first = book.active is first
    pages = [_page_of(sheet) for sheet in book.worksheets]
    return Book(pages, book.properties.title or "", book.properties.language or "", macros,
                (opens_at or "A1") if at_first else f"{book.active.title} {opens_at}")  # fmt: skip


def _page_of(sheet) -> Page:
    rows = [[_cell_of(cell) for cell in row] for row in sheet.iter_rows()]
    areas = [_area_of(table) for table in sheet.tables.values()]
    sizes = [*sheet.row_dimensions.values(), *sheet.column_dimensions.values()]
    widths = [width for one in sheet.column_dimensions.values() for width in [one.width] * (one.max - one.min + 1)]
    printed = (getattr(part, side).text for part in (sheet.oddHeader, sheet.oddFooter)
               for side in ("left", "center", "right"))  # fmt: skip
    return Page(
        sheet.title, rows, areas, widths, len(sheet.merged_cells.ranges),
        sheet.sheet_state != "visible" or any(one.hidden for one in sizes),
        sheet.freeze_panes is not None, any(printed), bool(sheet._images or sheet._charts),
    )  # fmt: skip


def _cell_of(cell) -> Cell:
    text = "" if cell.value is None else str(cell.value)
    link = None if cell.hyperlink is None else cell.hyperlink.target or f"#{cell.hyperlink.location}"
    raised = cell.font.vertAlign == "superscript" or any(
        getattr(getattr(part, "font", None), "vertAlign", None) == "superscript"
        for part in (cell.value if isinstance(cell.value, list) else [])
    )
    filled = cell.fill.fill_type not in (None, "none")
    number = cell.data_type == "n" and cell.value is not None
    return Cell(text, number, bool(cell.alignment.wrap_text), filled, raised, cell.data_type == "f", link, cell.style)


def _area_of(table) -> Area:
    left, top, right, bottom = range_boundaries(table.ref)
    return Area(table.displayName, top, left, bottom, right, table.headerRowCount == 1, table.autoFilter is not None)


# OpenDocument


_SPACES = {name: f"urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"
           for name in ("office", "table", "text", "style", "meta", "drawing")}  # fmt: skip
_SPACES |= {"fo": "urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0", "xlink": "http://www.w3.org/1999/xlink",
            "dc": "http://purl.org/dc/elements/1.1/"}  # fmt: skip


def _q(name: str) -> str:
    space, _, local = name.partition(":")
    return f"{{{_SPACES[space]}}}{local}"


def read_ods(path: Path) -> Book:
    """An OpenDocument spreadsheet as it was written; cells repeated in it are not what we write and are refused."""
    with zipfile.ZipFile(path) as parts:
        content, styles, meta = (
            ElementTree.fromstring(parts.read(f"{name}.xml")) for name in ("content", "styles", "meta")
        )
        macros = any(name.startswith(("Basic/", "Scripts/")) for name in parts.namelist())
    looks = {one.get(_q("style:name")): one for part in (styles, content) for one in part.iter(_q("style:style"))}
    areas = [_ods_area(one) for one in content.iter(_q("table:database-range"))]
    printed = any(len(one) for kind in ("header", "footer") for one in styles.iter(_q(f"style:{kind}")))
    pages = [_ods_page(one, looks, areas, printed) for one in content.iter(_q("table:table"))]
    settings = {name: (meta.findtext(f".//{_q(name)}") or "") for name in ("dc:title", "dc:language")}
    return Book(pages, settings["dc:title"], settings["dc:language"], macros)


def _ods_area(one: "Element") -> "tuple[str, Area]":
    found = re.fullmatch(r"'(.+)'\.([A-Z]+)(\d+):'.+'\.([A-Z]+)(\d+)", one.get(_q("table:target-range-address"), ""))
    if found is None:
        raise ValueError(f"no table at {one.get(_q('table:target-range-address'))}")
    sheet, left, top, right, bottom = found.groups()
    headed = one.get(_q("table:contains-header")) == "true"
    filtered = one.get(_q("table:display-filter-buttons")) == "true"
    return sheet, Area(one.get(_q("table:name"), ""), int(top), _column(left), int(bottom), _column(right), headed,
                       filtered)  # fmt: skip


def _column(letters: str) -> int:
    place = 0
    for letter in letters:
        place = place * 26 + ord(letter) - 64
    return place


def _ods_page(table: "Element", looks, areas, printed: bool) -> Page:
    name = table.get(_q("table:name"), "")
    rows = [[_ods_cell(cell, looks) for cell in row if cell.tag.endswith("table-cell")]
            for row in table.iter(_q("table:table-row"))]  # fmt: skip
    columns = list(table.iter(_q("table:table-column")))
    covered = sum(1 for _ in table.iter(_q("table:covered-table-cell")))
    parts = [table, *columns, *table.iter(_q("table:table-row"))]
    hidden = any(one.get(_q("table:visibility"), "visible") != "visible" for one in parts)
    pictures = any("drawing" in one.tag for one in table.iter())
    widths = [_ods_width(looks.get(one.get(_q("table:style-name")))) for one in columns]
    return Page(name, rows, [area for sheet, area in areas if sheet == name], widths, covered, hidden,
                furniture=printed, pictures=pictures)  # fmt: skip


def _ods_width(look: "Element | None") -> float:
    found = None if look is None else look.find(_q("style:table-column-properties"))
    return 0.0 if found is None else float(found.get(_q("style:column-width"), "0cm").removesuffix("cm")) / 0.19


def _ods_cell(cell: "Element", looks) -> Cell:
    if any(name.endswith("-repeated") for name in cell.attrib):
        raise ValueError("repeated cells are not read")
    name = cell.get(_q("table:style-name"), "")
    look = looks.get(name)
    wrap = look is not None and any(one.get(_q("fo:wrap-option")) == "wrap" for one in look)
    filled = look is not None and any(one.get(_q("fo:background-color")) for one in look)
    links = [one.get(_q("xlink:href")) for one in cell.iter(_q("text:a"))]
    raised = (
        any(one.get(_q("style:text-position"), "").startswith("super") for one in look) if look is not None else False
    )
    text = "\n".join("".join(one.itertext()) for one in cell.iter(_q("text:p")))
    formula = cell.get(_q("table:formula")) is not None
    number = cell.get(_q("office:value-type")) == "float"
    return Cell(text, number, wrap, filled, raised, formula, links[0] if links else None, name.replace("_20_", " "))


# The list


def marked_up(book: Book) -> "Iterator[str]":
    """Every sheet but the cover has its data in a range marked as a table."""
    for page in book.pages[1:]:
        if not page.areas:
            yield f"{page.name} has no table marked as one"


def named_tables(book: Book) -> "Iterator[str]":
    """Tables have names of their own, and not those that a program gives."""
    names = Counter(area.name for _, area in book.tables)
    for name, count in names.items():
        if count > 1 or re.fullmatch(r"(?i)table[ _]?\d*", name):
            yield f"the table name {name!r} says nothing or is used twice"


def unmerged(book: Book) -> "Iterator[str]":
    """No merged cells and no table within a table."""
    for page in book.pages:
        if page.merged:
            yield f"{page.name} has merged cells"
        spans = sorted((area.top, area.bottom) for area in page.areas)
        if any(upper[1] >= lower[0] for upper, lower in pairwise(spans)):
            yield f"{page.name} has a table within a table"


def no_blank_lines(book: Book) -> "Iterator[str]":
    """No blank row or column within a table."""
    for page, area in book.tables:
        body = page.body(area)
        if any(not any(cell.text for cell in row) for row in body):
            yield f"{page.name} has a blank row in its table"
        if any(not any(cell.text for cell in column) for column in zip(*body, strict=True)):
            yield f"{page.name} has a blank column in its table"


def one_header_row(book: Book) -> "Iterator[str]":
    """Each table has one header row, every heading a text of its own."""
    for page, area in book.tables:
        heads = page.heads(area)
        if not area.headed or not all(head.strip() for head in heads) or len(set(heads)) < len(heads):
            yield f"{page.name} has no header row with a text of its own over every column"


def wrapped(book: Book) -> "Iterator[str]":
    """Texts wider than their column are wrapped, headings and cells alike; of a number a program shows what fits."""
    for page, area in book.tables:
        cells = ((cell, page.widths[area.left - 1 + place]) for row in [_head_cells(page, area), *page.body(area)]
                 for place, cell in enumerate(row) if area.left - 1 + place < len(page.widths))  # fmt: skip
        wide = next(
            (cell.text for cell, width in cells if len(cell.text) > width and not cell.wrap and not cell.number), None
        )
        if wide is not None:
            yield f"{page.name} does not wrap {wide[:40]!r}"


def _head_cells(page: Page, area: Area) -> "list[Cell]":
    return [page.at(area.top, column) for column in range(area.left, area.right + 1)]


def no_filters_or_panes(book: Book) -> "Iterator[str]":
    """No filters and no frozen panes."""
    for page in book.pages:
        if page.frozen or any(area.filtered for area in page.areas):
            yield f"{page.name} has a filter or a frozen pane"


def no_empty_cells(book: Book) -> "Iterator[str]":
    """No cell of a table is empty."""
    for page, area in book.tables:
        if any(not cell.text.strip() for row in page.body(area) for cell in row):
            yield f"{page.name} has empty cells in its table"


def shorthand_explained(book: Book) -> "Iterator[str]":
    """Shorthand such as [z] is explained above the table that uses it."""
    for page, area in book.tables:
        used = {cell.text for row in page.body(area) for cell in row if SHORT.match(cell.text)}
        above = " ".join(cell.text for cell in page.outside)
        yield from (f"{page.name} does not explain {mark}" for mark in sorted(used) if mark not in above)


def nothing_hidden(book: Book) -> "Iterator[str]":
    """No sheet, row or column is hidden."""
    yield from (f"{page.name} is hidden or hides something" for page in book.pages if page.hidden)


def sensible_widths(book: Book) -> "Iterator[str]":
    """Every column of a table has a width of its own, neither too narrow nor too wide."""
    for page, area in book.tables:
        widths = page.widths[area.left - 1 : area.right]
        if len(widths) < area.right - area.left + 1 or not all(NARROWEST <= width <= WIDEST for width in widths):
            yield f"{page.name} has a column without a sensible width"


def notes_by_number(book: Book) -> "Iterator[str]":
    """Notes are pointed to by [note 1] and so on: no symbol, nothing raised."""
    for page in book.pages:
        heads = [cell for area in page.areas for cell in _head_cells(page, area)]
        for cell in [*page.outside, *heads]:
            if cell.raised or SYMBOLS.search(cell.text):
                yield f"{page.name} points to a note with a sign: {cell.text[:40]!r}"


def no_notes_in_cells(book: Book) -> "Iterator[str]":
    """No note stands in a cell of the table's body."""
    for page, area in book.tables:
        if any(NOTE.search(cell.text) for row in page.body(area) for cell in row):
            yield f"{page.name} has a note in a cell"


def notes_on_their_sheet(book: Book) -> "Iterator[str]":
    """Every note pointed to is in the table of the sheet Notes, and every one there is pointed to."""
    pointed = {int(number) for page in book.pages for row in page.rows for cell in row
               for number in NOTE.findall(cell.text)}  # fmt: skip
    listed = {int(row[0].text) for page, area in book.tables if page.name == "Notes" for row in page.body(area)
              if row[0].text.isdecimal()}  # fmt: skip
    if pointed != listed:
        yield f"notes {sorted(pointed)} are pointed to, and {sorted(listed)} are on the sheet Notes"


def links_say_where(book: Book) -> "Iterator[str]":
    """A link's text says where it leads: no bare address. Every link of ours stays inside."""
    for page in book.pages:
        for cell in (cell for row in page.rows for cell in row if cell.link is not None):
            if not cell.link.startswith("#") or re.match(r"(?i)(https?:|www\.|here$|click)", cell.text):
                yield f"{page.name} has the link {cell.text[:40]!r} to {cell.link[:40]}"


def titled(book: Book) -> "Iterator[str]":
    """The first cell of each sheet is its title, marked as a heading and unlike any other."""
    titles = Counter(NOTE.sub("", page.at(1, 1).text) for page in book.pages)
    for page in book.pages:
        first = page.at(1, 1)
        if not first.text.strip() or not first.style.startswith("Heading") or titles[NOTE.sub("", first.text)] > 1:
            yield f"{page.name} has no title of its own, marked as a heading, in its first cell"


def no_furniture(book: Book) -> "Iterator[str]":
    """No header, footer, text box or toolbar."""
    yield from (f"{page.name} has a header or a footer" for page in book.pages if page.furniture)


def no_fill(book: Book) -> "Iterator[str]":
    """No cell has a background: no colour carries a message."""
    for page in book.pages:
        if any(cell.filled for row in page.rows for cell in row):
            yield f"{page.name} has cells with a background"


def no_pictures(book: Book) -> "Iterator[str]":
    """No images."""
    yield from (f"{page.name} has a picture or a drawing" for page in book.pages if page.pictures)


def no_macros(book: Book) -> "Iterator[str]":
    """No macros, and no formula that a reader would have to trust."""
    if book.macros:
        yield "the file has macros"
    for page in book.pages:
        if any(cell.formula for row in page.rows for cell in row):
            yield f"{page.name} has a formula"


def named_sheets(book: Book) -> "Iterator[str]":
    """Sheets have names of their own, and not those that a program gives."""
    names = Counter(page.name.casefold() for page in book.pages)
    for page in book.pages:
        if names[page.name.casefold()] > 1 or re.fullmatch(r"(?i)sheet ?\d*", page.name):
            yield f"the sheet name {page.name!r} says nothing or is used twice"


def no_blank_sheets(book: Book) -> "Iterator[str]":
    """No sheet is blank."""
    yield from (f"{page.name} is blank" for page in book.pages if not any(c.text for row in page.rows for c in row))


def column_a(book: Book) -> "Iterator[str]":
    """What stands above a table stands in column A, without blank rows, and says how many tables there are."""
    for page in book.pages:
        first = min((area.top for area in page.areas), default=len(page.rows) + 1)
        above = page.rows[: first - 1]
        if any(cell.text for row in above for cell in row[1:]) or any(not row or not row[0].text for row in above):
            yield f"{page.name} has something outside column A, or a blank row, above its table"
        if page.areas and "one table" not in page.at(2, 1).text:
            yield f"{page.name} does not say in its second row that it has one table"


def at_the_left_edge(book: Book) -> "Iterator[str]":
    """Tables begin in column A."""
    yield from (f"{page.name} has a table that begins in column {area.left}" for page, area in book.tables
                if area.left != 1)  # fmt: skip


def nothing_below(book: Book) -> "Iterator[str]":
    """Nothing stands below or beside a table."""
    for page, area in book.tables:
        below = [cell for row in page.rows[area.bottom :] for cell in row]
        beside = [cell for row in page.rows[area.top - 1 : area.bottom] for cell in row[area.right :]]
        if any(cell.text for cell in [*below, *beside]):
            yield f"{page.name} has something below or beside its table"


def one_table_a_sheet(book: Book) -> "Iterator[str]":
    """One table a sheet."""
    yield from (f"{page.name} has {len(page.areas)} tables" for page in book.pages if len(page.areas) > 1)


def document_information(book: Book) -> "Iterator[str]":
    """The file says its title and its language."""
    if not book.title or not re.fullmatch(r"[a-z]{2}(-[A-Z]{2})?", book.language):
        yield "the file does not say its title and its language"


def opens_at_the_start(book: Book) -> "Iterator[str]":
    """The file opens with the first cell of the first sheet."""
    if book.opens_at != "A1":
        yield f"the file opens at {book.opens_at}"


def covered(book: Book) -> "Iterator[str]":
    """The first sheet is a cover without a table, with whom to ask, and the second lists every sheet of tables."""
    cover, *rest = book.pages
    texts = [cell.text for row in cover.rows for cell in row]
    if cover.areas or "Contact" not in texts or texts[-1:] == ["Contact"]:
        yield "the first sheet is no cover that says whom to ask"
    listed = {row[0].text for page in rest[:1] for area in page.areas for row in page.body(area)}
    missing = [page.name for page in rest if page.name not in {*listed, "Contents", "Notes"}]
    if missing:
        yield f"the contents do not list {', '.join(missing)}"


CHECKS: "dict[str, Callable[[Book], Iterator[str]]]" = {
    "Mark up tables": marked_up,
    "Give tables meaningful names": named_tables,
    "Remove merged cells, split cells and nested tables": unmerged,
    "Remove blank rows and columns within tables": no_blank_lines,
    "All tables should have one tagged header row": one_header_row,
    "Wrap text within cells": wrapped,
    "Avoid adding filters and freeze panes": no_filters_or_panes,
    "Only leave cells with no data empty in certain circumstances": no_empty_cells,
    "Explain shorthand": shorthand_explained,
    "Avoid hiding rows or columns": nothing_hidden,
    "Columns should be a sensible width": sensible_widths,
    "Do not use symbols or superscript to signpost to notes": notes_by_number,
    "Avoid putting note markers in specific cells": no_notes_in_cells,
    "Put note text in a notes table on a notes worksheet": notes_on_their_sheet,
    "Links must be accessible": links_say_where,
    "All worksheets should have descriptive titles, properly tagged": titled,
    "Do not use headers and footers, text boxes or toolbars": no_furniture,
    "Do not use a background fill, or colour alone": no_fill,
    "Avoid images in spreadsheets": no_pictures,
    "Remove macros": no_macros,
    "Give worksheets unique names or numbers": named_sheets,
    "Remove blank worksheets": no_blank_sheets,
    "Use cells in column A wisely": column_a,
    "Position tables against the left-hand edge": at_the_left_edge,
    "Avoid putting content below a table": nothing_below,
    "Avoid worksheets with multiple tables": one_table_a_sheet,
    "Add document information": document_information,
    "Ensure the cursor is in cell A1 of the first worksheet": opens_at_the_start,
    "Have a cover sheet with contact details, and a table of contents": covered,
}
"""Each item of the list, in its words, with what checks it. Explain shorthand and the cover are from the guidance."""


def faults_of(book: Book) -> "list[str]":
    """Each item that is not met, with why."""
    return [f"{item}: {fault}" for item, check in CHECKS.items() for fault in check(book)]


def read_book(path: Path) -> Book:
    """A spreadsheet file of either format."""
    return (read_ods if path.suffix == ".ods" else read_xlsx)(path)


def main() -> int:
    """Check each file, print what is not met and how much was checked."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("files", nargs="+", type=Path, help="spreadsheets, .xlsx or .ods")
    found = 0
    for path in parser.parse_args().files:
        book = read_book(path)
        faults = faults_of(book)
        found += len(faults)
        print("\n".join(f"{path.name}: {fault}" for fault in faults), end="\n" if faults else "")
        print(f"{path.name}: {len(CHECKS)} items, {len(book.pages)} sheets, {len(faults)} faults")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
