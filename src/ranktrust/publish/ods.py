"""The same sheets as an OpenDocument spreadsheet (ISO/IEC 26300): plain XML in a zip, text always as text.

Written here: of the libraries that write the format, odfpy comes as a source archive only, which no locked set-up can
build from hashes alone, and odfdo takes half a minute for the tables of one publication (docs/publication.md).
"""

import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final
from xml.sax.saxutils import escape, quoteattr

import pandas as pd

from ranktrust.files import write_whole
from ranktrust.publish.sheets import (
    CONTENTS,
    CONTENTS_HEADS,
    CONTENTS_TITLE,
    NOTE_HEADS,
    NOTE_SHEET,
    NOTES,
    ONE_TABLE,
    Cover,
    Sheet,
    Value,
    cover_of,
    numbered,
    sheets_of,
    used_notes,
    width_of,
)

_MIME: Final = "application/vnd.oasis.opendocument.spreadsheet"
_OASIS: Final = "urn:oasis:names:tc:opendocument:xmlns:"
_SPACES: Final = {
    "office": f"{_OASIS}office:1.0", "table": f"{_OASIS}table:1.0", "text": f"{_OASIS}text:1.0",
    "style": f"{_OASIS}style:1.0", "fo": f"{_OASIS}xsl-fo-compatible:1.0", "meta": f"{_OASIS}meta:1.0",
    "dc": "http://purl.org/dc/elements/1.1/",
}  # fmt: skip
_HEAD: Final = '<?xml version="1.0" encoding="UTF-8"?>\n'
_WHEN: Final = (1980, 1, 1, 0, 0, 0)
_CHARACTER: Final = 0.19
"""Width of a character in centimetres."""
_COVER: Final = 85
"""Width of the cover's column in characters."""


def write_ods(
    tables: Mapping[str, pd.DataFrame], path: Path, *, title: str, facts: Sequence[str], contact: Sequence[str]
) -> Path:
    """Write the spreadsheet to `path`, whole or not at all: the cover and the sheets of the workbook."""
    cover, sheets = cover_of(title=title, facts=facts, contact=contact), sheets_of(tables)
    parts = {
        "META-INF/manifest.xml": _manifest(),
        "meta.xml": _meta(cover.title),
        "styles.xml": _document("document-styles", _DEFAULTS),
        "content.xml": _content(cover, _with_front(sheets)),
    }
    return write_whole(path, lambda part: _zipped(part, parts))


def _with_front(sheets: Sequence[Sheet]) -> list[Sheet]:
    """The sheets with contents and notes before them and the numbers of notes in their titles."""
    order = used_notes(sheets)
    listed = tuple((sheet.name, sheet.title) for sheet in sheets)
    notes = tuple((place, NOTES[mark]) for place, mark in enumerate(order, start=1))
    return [
        Sheet(CONTENTS, "contents_table", CONTENTS_TITLE, (ONE_TABLE,), CONTENTS_HEADS, listed),
        Sheet(NOTE_SHEET, "notes_table", NOTE_SHEET, (ONE_TABLE,), NOTE_HEADS, notes),
        *(replace(sheet, title=numbered(sheet, order)) for sheet in sheets),
    ]


def _zipped(path: Path, parts: Mapping[str, str]) -> None:
    """The parts as a zip whose first file is its type, unpacked, as the format asks."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr(zipfile.ZipInfo("mimetype", _WHEN), _MIME, zipfile.ZIP_STORED)
        for name, text in parts.items():
            book.writestr(zipfile.ZipInfo(name, _WHEN), text, zipfile.ZIP_DEFLATED)


def _document(kind: str, body: str) -> str:
    spaces = " ".join(f'xmlns:{name}="{address}"' for name, address in _SPACES.items())
    return f'{_HEAD}<office:{kind} {spaces} office:version="1.3">{body}</office:{kind}>'


_DEFAULTS: Final = (
    '<office:styles><style:default-style style:family="table-cell"><style:text-properties fo:language="en" '
    'fo:country="GB" fo:font-size="12pt" fo:font-family="Arial"/></style:default-style><style:style '
    'style:name="Heading_20_1" style:display-name="Heading 1" style:family="table-cell"><style:text-properties '
    'fo:font-weight="bold" fo:font-size="16pt"/></style:style></office:styles>'
)
_STYLES: Final = (
    '<style:style style:name="head" style:family="table-cell"><style:table-cell-properties fo:wrap-option="wrap"/>'
    '<style:text-properties fo:font-weight="bold"/></style:style><style:style style:name="part" '
    'style:family="table-cell"><style:text-properties fo:font-weight="bold" fo:font-size="14pt"/></style:style>'
    '<style:style style:name="line" style:family="table-cell"><style:table-cell-properties fo:wrap-option="wrap"/>'
    "</style:style>"
)
_TITLE: Final = "Heading_20_1"


def _manifest() -> str:
    names = {"/": _MIME, "content.xml": "text/xml", "styles.xml": "text/xml", "meta.xml": "text/xml"}
    entries = "".join(
        f'<manifest:file-entry manifest:full-path="{name}" manifest:media-type="{kind}"/>'
        for name, kind in names.items()
    )
    space = f'xmlns:manifest="{_OASIS}manifest:1.0" manifest:version="1.3"'
    return f"{_HEAD}<manifest:manifest {space}>{entries}</manifest:manifest>"


def _meta(title: str) -> str:
    said = f"<dc:title>{escape(title)}</dc:title><dc:creator>ranktrust</dc:creator><dc:language>en-GB</dc:language>"
    return _document("document-meta", f"<office:meta>{said}</office:meta>")


def _content(cover: Cover, sheets: Sequence[Sheet]) -> str:
    widths = sorted({_COVER, *(width for sheet in sheets for width in _widths(sheet))})
    styles = "".join(
        f'<style:style style:name="w{width}" style:family="table-column"><style:table-column-properties '
        f'style:column-width="{width * _CHARACTER:.2f}cm"/></style:style>'
        for width in widths
    )
    tables = _grid("Cover", [_COVER], _cover_rows(cover))
    tables += "".join(_grid(sheet.name, _widths(sheet), _rows(sheet)) for sheet in sheets)
    ranges = "".join(_range(sheet) for sheet in sheets)
    return _document(
        "document-content",
        f"<office:automatic-styles>{_STYLES}{styles}</office:automatic-styles><office:body><office:spreadsheet>"
        f"{tables}<table:database-ranges>{ranges}</table:database-ranges></office:spreadsheet></office:body>",
    )


def _widths(sheet: Sheet) -> list[int]:
    return [width_of(sheet, column) for column in range(len(sheet.heads))]


def _grid(name: str, widths: Sequence[int], rows: Iterator[str]) -> str:
    columns = "".join(f'<table:table-column table:style-name="w{width}"/>' for width in widths)
    return f"<table:table table:name={quoteattr(name)}>{columns}{''.join(rows)}</table:table>"


def _cover_rows(cover: Cover) -> Iterator[str]:
    yield _row([cover.title], _TITLE)
    for heading, lines in cover.parts:
        yield _row([heading], "part")
        yield from (_row([line], "line") for line in lines)


def _rows(sheet: Sheet) -> Iterator[str]:
    yield _row([sheet.title], _TITLE)
    yield from (_row([line]) for line in sheet.lines)
    yield f"<table:table-header-rows>{_row(sheet.heads, 'head')}</table:table-header-rows>"
    yield from (_row(values, "line") for values in sheet.rows)


def _row(values: Sequence[Value], style: str = "") -> str:
    return f"<table:table-row>{''.join(_cell(value, style) for value in values)}</table:table-row>"


def _cell(value: Value, style: str) -> str:
    shown = f' table:style-name="{style}"' if style else ""
    if isinstance(value, str):
        paragraphs = "".join(f"<text:p>{escape(line)}</text:p>" for line in value.splitlines())
        return f'<table:table-cell office:value-type="string"{shown}>{paragraphs}</table:table-cell>'
    number = repr(value)
    typed = f'office:value-type="float" office:value="{number}"'
    return f"<table:table-cell {typed}><text:p>{number}</text:p></table:table-cell>"


def _range(sheet: Sheet) -> str:
    """The table marked as one, headings in its first row."""
    first = len(sheet.lines) + 2
    column, place = "", len(sheet.heads)
    while place:
        place, rest = divmod(place - 1, 26)
        column = chr(65 + rest) + column
    area = f"'{sheet.name}'.A{first}:'{sheet.name}'.{column}{first + len(sheet.rows)}"
    return (
        f'<table:database-range table:name="table_{sheet.table}" table:target-range-address={quoteattr(area)} '
        'table:contains-header="true" table:display-filter-buttons="false"/>'
    )
