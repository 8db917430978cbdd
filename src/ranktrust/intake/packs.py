"""Workbooks as the zip archives that they are: bombs, passwords and other formats are refused before a part is read."""

import zipfile
from pathlib import Path
from typing import Final

from defusedxml.ElementTree import iterparse

from ranktrust.errors import DataError, Fault

MEGABYTE: Final = 1_000_000
UNPACKED: Final = 100 * MEGABYTE
"""Most bytes that a workbook may unpack to; the largest published extract needs 25 million."""

MEMBERS: Final = 1_000
RATIO: Final = 200
"""Most that a large part of a workbook may shrink by; published sheets shrink by 5 to 17."""

OTHER: Final = {"xl/workbook.bin": "a binary workbook (.xlsb)", "content.xml": "an OpenDocument workbook (.ods)"}
"""A part by which a workbook of a format that is not read is known."""

FETCH: Final = "Fetch the file again as published"


def refuse(path: Path, problem: str, remedy: str, place: str = "the whole file") -> DataError:
    """Return the error that refuses a file for one reason."""
    return DataError([Fault(path.name, place, problem, remedy)])


def check_pack(path: Path, pack: zipfile.ZipFile) -> None:
    """Raise `DataError` for an archive that is hostile, protected or no workbook; nothing in it is unpacked whole."""
    members = pack.infolist()
    if len(members) > MEMBERS or sum(member.file_size for member in members) > UNPACKED:
        problem = f"it unpacks to {sum(m.file_size for m in members):,} bytes in {len(members)} parts: a zip bomb"
        raise refuse(path, problem, FETCH)
    for member in members:
        if member.file_size > MEGABYTE and member.file_size > RATIO * max(member.compress_size, 1):
            raise refuse(path, f"{member.filename} unpacks to {member.file_size:,} bytes: a zip bomb", FETCH)
        if member.flag_bits & 1:
            raise refuse(path, "it is protected by a password", "Save it without a password")
    _check_format(path, {member.filename for member in members})
    for member in members:
        if member.filename.endswith((".xml", ".rels")):
            with pack.open(member) as part:
                next(iter(iterparse(part, events=("start",), forbid_dtd=True)), None)


def _check_format(path: Path, parts: set[str]) -> None:
    for part, name in OTHER.items():
        if part in parts:
            raise refuse(path, f"it is {name}", "Open it in a spreadsheet program and save it as .xlsx")
    if "xl/workbook.xml" not in parts:
        raise refuse(path, "it is a zip archive, and not a workbook", "Unpack it, and give the files in it")
