"""Open a file that may be anything: what it is by its bytes, caps before parsing, and its sheets on demand.

A name's ending is never believed. Bombs, half-copied files, web pages saved as spreadsheets, passwords, NUL bytes and
mixed encodings are refused here, before a reader sees a cell.
"""

import csv
import lzma
import struct
import warnings
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import islice
from pathlib import Path
from typing import BinaryIO, Final, Literal
from xml.etree.ElementTree import ParseError

import openpyxl
import xlrd
from defusedxml import DefusedXmlException
from xlrd.compdoc import CompDocError

from ranktrust.errors import DataError, UsageError
from ranktrust.intake.packs import FETCH, MEGABYTE, check_pack, refuse
from ranktrust.intake.sheet import CUT_AT, Row, Sheet, xls_row
from ranktrust.intake.stamp import WAIT, Stamp, check_unchanged, stamp_of

Kind = Literal["xls", "xlsx", "csv"]
OLE: Final = bytes.fromhex("d0cf11e0a1b11ae1")
LARGEST: Final[dict[Kind, int]] = {"xls": 64 * MEGABYTE, "xlsx": 64 * MEGABYTE, "csv": 256 * MEGABYTE}
CELLS: Final = 6_000_000
CSV_SHEET: Final = "csv"
BROKEN: Final = (
    OSError,
    ValueError,
    LookupError,
    EOFError,
    TypeError,
    AttributeError,
    AssertionError,
    ArithmeticError,
    RuntimeError,
    MemoryError,
    struct.error,
    zlib.error,
    lzma.LZMAError,
    csv.Error,
    zipfile.BadZipFile,
    ParseError,
    DefusedXmlException,
    xlrd.XLRDError,
    CompDocError,
)
"""What the workbook parsers raise on bytes that no spreadsheet program wrote."""


@dataclass(frozen=True)
class Book:
    """An opened file: its kind by content, the names of its sheets, and each sheet when asked for.

    A file of comma-separated values has the one sheet `csv`; `encoding` is what its bytes are. `found` says which
    sheet stands for one that a layout asks for by another name; one that stands for `csv` has its days as texts.
    """

    path: Path
    kind: Kind
    names: tuple[str, ...]
    encoding: str = ""
    found: Mapping[str, str] = field(default_factory=dict)
    stamp: Stamp | None = None
    cache: dict[str, Sheet] = field(default_factory=dict, compare=False, repr=False)

    def sheet(self, name: str) -> Sheet:
        """Return a sheet, read once. Raises `DataError` if it cannot be read or was cut short."""
        named = self.found.get(name, name)
        if named not in self.cache:
            sheet = _read_sheet(self, named)
            self.cache[named] = _days_as_text(sheet) if name == CSV_SHEET and self.kind != "csv" else sheet
        return self.cache[named]

    def has(self, name: str) -> bool:
        """Say whether there is a sheet of this name, or one that stands for it."""
        return name in self.found or name in self.names

    def head(self, name: str, rows: int) -> tuple[Row, ...]:
        """Return the first rows of a sheet, which is not kept."""
        return self.cache[name].rows[:rows] if name in self.cache else tuple(islice(_rows(self, name), rows))

    def lines(self) -> Iterator[Row]:
        """Yield the rows of a file of comma-separated values, never all at once."""
        with self.path.open(encoding=self.encoding, newline="") as lines:
            yield from (tuple(row) for row in csv.reader(lines, strict=True))


def open_book(path: Path) -> Book:
    """Return a file opened, after every check that needs no layout.

    Raises `UsageError` for a path that is no file, and `DataError` for what cannot be read.
    """
    if not path.is_file():
        raise UsageError(f"no file {path}")
    try:
        return _open(path)
    except OSError as error:
        raise refuse(path, f"it cannot be opened: {error.strerror or error}", "Make it readable") from error


def _open(path: Path) -> Book:
    size = path.stat().st_size
    kind = _kind(path, size)
    if size > LARGEST[kind]:
        problem = f"it has {size:,} bytes, more than the {LARGEST[kind]:,} that a published file of its kind needs"
        raise refuse(path, problem, FETCH)
    stamp = stamp_of(path)
    names, encoding = {"xls": _open_xls, "xlsx": _open_xlsx, "csv": _open_csv}[kind](path)
    check_unchanged(path, stamp)
    return Book(path, kind, names, encoding, stamp=stamp)


def _kind(path: Path, size: int) -> Kind:
    with path.open("rb") as file:
        head = file.read(4096)
    if not size:
        raise refuse(path, "it is empty", WAIT)
    if head.startswith(OLE):
        return "xls"
    if head.startswith(b"PK"):
        return "xlsx"
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith((b"<!doctype", b"<html", b"<table", b"<?xml", b"<head", b"<body", b"<div", b"<script")):
        problem = "it is a web page (HTML or XML), whatever its name says"
        raise refuse(path, problem, "Download the workbook itself, or open this one and save it as .xlsx")
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise refuse(path, "it is text in UTF-16", "Save it as CSV in UTF-8")
    if head.startswith(b"%PDF"):
        raise refuse(path, "it is a PDF document", "Take the workbook or the CSV of the same publication")
    return "csv"


def _open_xls(path: Path) -> tuple[tuple[str, ...], str]:
    content = path.read_bytes()
    if "EncryptedPackage".encode("utf-16-le") in content:
        raise refuse(path, "it is protected by a password", "Save it without a password")
    try:
        with xlrd.open_workbook(file_contents=content, on_demand=True, logfile=_Quiet()) as book:
            return tuple(book.sheet_names()), ""
    except BROKEN as error:
        raise _broken(path, error) from error


class _Quiet:
    """Takes what xlrd prints about damaged files: the fault that we raise says it."""

    def write(self, text: str) -> int:
        return len(text)


def _broken(path: Path, error: Exception, place: str = "the whole file") -> DataError:
    said = str(error) or type(error).__name__
    if "encrypted" in said.lower():
        return refuse(path, "it is protected by a password", "Save it without a password")
    return refuse(path, f"cannot be read ({said[:200]}): damaged, cut short or still being copied", WAIT, place)


def _open_xlsx(path: Path) -> tuple[tuple[str, ...], str]:
    try:
        with zipfile.ZipFile(path) as pack:
            check_pack(path, pack)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with path.open("rb") as file:  # a path would be judged by its ending, and this is a workbook by its content
                book = openpyxl.load_workbook(file, read_only=True, data_only=True)
                names = tuple(sheet.title for sheet in book.worksheets)
                book.close()
    except (DefusedXmlException, ParseError) as error:
        problem = f"its XML is hostile or damaged ({type(error).__name__})"
        raise refuse(path, problem, FETCH) from error
    except BROKEN as error:
        raise _broken(path, error) from error
    return names, ""


def _open_csv(path: Path) -> tuple[tuple[str, ...], str]:
    nul, plain_utf8, latin, utf8 = 0, True, 0, 0
    with path.open("rb") as file:
        for number, line in enumerate(_chunks(file), 1):
            nul = nul or (number if b"\x00" in line else 0)
            if line.isascii():
                continue
            try:
                line.decode("utf-8")
                utf8 = utf8 or number
            except UnicodeDecodeError:
                plain_utf8, latin = False, latin or number
    if nul:
        raise refuse(path, "it holds NUL bytes, which no text has", FETCH, f"row {nul}")
    if latin and utf8:
        problem = f"row {latin} is not UTF-8 and row {utf8} is: two encodings in one file"
        raise refuse(path, problem, "Save it in one encoding", f"row {latin}")
    return (CSV_SHEET,), "utf-8-sig" if plain_utf8 else "cp1252"


def _chunks(file: BinaryIO) -> Iterator[bytes]:
    while line := file.readline(MEGABYTE):
        yield line


def _read_sheet(book: Book, name: str) -> Sheet:
    place = f"sheet {name!r}"
    if name not in book.names:
        problem = f"no such sheet; there are: {', '.join(map(repr, book.names))}"
        raise refuse(book.path, problem, "Take the workbook by provider", place)
    rows: list[Row] = []
    cells = 0
    for row in _rows(book, name):
        rows.append(row)
        cells += len(row) + 1
        if cells > CELLS:
            problem = f"it has more than {CELLS:,} cells"
            raise refuse(book.path, problem, "Give the extract of one publication and period", place)
    sheet = Sheet(book.path.name, name, tuple(rows), even=book.kind == "csv")
    if len(rows) in CUT_AT:
        problem = f"it has exactly {len(rows):,} rows, where a spreadsheet program cuts a file short: it is truncated"
        raise DataError([sheet.fault(problem, "Fetch the whole file")])
    return sheet


def _days_as_text(sheet: Sheet) -> Sheet:
    rows = tuple(tuple(f"{cell:%Y-%m-%d}" if isinstance(cell, date) else cell for cell in row) for row in sheet.rows)
    return replace(sheet, rows=rows)


def _rows(book: Book, name: str) -> Iterator[Row]:
    try:
        yield from {"xls": _xls_rows, "xlsx": _xlsx_rows, "csv": _csv_rows}[book.kind](book, name)
    except BROKEN as error:
        raise _broken(book.path, error, f"sheet {name!r}") from error


def _xls_rows(book: Book, name: str) -> Iterator[Row]:
    with xlrd.open_workbook(str(book.path), on_demand=True, ragged_rows=True, logfile=_Quiet()) as opened:
        sheet = opened.sheet_by_name(name)
        for row in range(sheet.nrows):
            yield xls_row(opened, sheet, row)


def _xlsx_rows(book: Book, name: str) -> Iterator[Row]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with book.path.open("rb") as file:
            opened = openpyxl.load_workbook(file, read_only=True, data_only=True)
            try:
                sheet = opened[name]
                sheet.reset_dimensions()
                yield from (tuple(row) for row in sheet.iter_rows(values_only=True))
            finally:
                opened.close()


def _csv_rows(book: Book, _name: str) -> Iterator[Row]:
    return book.lines()
