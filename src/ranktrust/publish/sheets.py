"""The sheets of a publication's spreadsheets, whatever their format: a cover, then one table a sheet.

They keep to the Analysis Function's guidance on releasing statistics in spreadsheets: a title in the first cell, the
table below it, notes by number on a sheet of their own, shorthand explained above the table that uses it.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd

from ranktrust.publish.columns import COLUMNS, PARTS

EMPTY: Final = "[z]"
"""What stands in a cell to which a value does not apply; each sheet that uses it explains it."""
LEFT_OUT: Final = ("pairs",)
"""Tables that are only in the CSV files: a sheet of tens of thousands of pairs helps nobody."""
NOTES: Final[dict[str, str]] = {
    "quality": "These figures do not measure the quality of care.",
    "rank": "Quote a rank only with both bounds of its interval, the set it is among and the period.",
    "chance": "Probabilities run from 0 to 1. Each column that ends in mcse is the Monte Carlo error of the one before "
    "it. A probability of exactly 0 or 1 means that no draw showed otherwise, not that nothing else can be.",
}
"""Notes by mark, in the order of their numbers."""
HEADINGS: Final = ("Introductory information", "About these data", "Contact")
"""The parts of a cover, worded as gptables words them."""
CONTENTS: Final = "Contents"
CONTENTS_TITLE: Final = "Table of contents"
CONTENTS_HEADS: Final = ("Sheet name", "Table description")
NOTE_SHEET: Final = "Notes"
NOTE_HEADS: Final = ("Note number", "Note text")
ONE_TABLE: Final = "This worksheet contains one table."
WIDEST: Final = 60
"""The widest column in characters; a longer text is wrapped."""
_LEGEND: Final = f"{EMPTY} means that a value does not apply, as a rank where the publisher cautions against ranking."
_ILLEGAL: Final = dict.fromkeys((*range(9), 11, 12, *range(14, 32), 0xFFFE, 0xFFFF))
_LINK: Final = re.compile(r"\](?=\()")

type Value = str | int | float


@dataclass(frozen=True)
class Cover:
    """The first sheet: its title and, under a heading each, lines of text down the first column."""

    title: str
    intro: tuple[str, ...]
    about: tuple[str, ...]
    contact: tuple[str, ...]

    @property
    def parts(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """Each heading with its lines."""
        return tuple(zip(HEADINGS, (self.intro, self.about, self.contact), strict=True))


@dataclass(frozen=True)
class Sheet:
    """One sheet and its one table: title, what is said above it, headings and rows. Nothing in a text is a formula.

    `table` is the name under which the table is marked; `notes` are the marks of the notes its title points to.
    """

    name: str
    table: str
    title: str
    lines: tuple[str, ...]
    heads: tuple[str, ...]
    rows: tuple[tuple[Value, ...], ...]
    notes: tuple[str, ...] = ()


def cover_of(*, title: str, facts: Sequence[str], contact: Sequence[str]) -> Cover:
    """The cover. `facts` are what the study asks and how it was made."""
    about = (
        "The sheet Contents lists the tables and leads to them. Columns says what each column means, and Notes holds "
        "the notes that titles point to by number.",
        "The same tables as CSV and JSON, with all pairs of trusts, are in the same folder as this file.",
    )
    return Cover(clean(title), _texts(facts), about, _texts(contact))


def sheets_of(tables: Mapping[str, pd.DataFrame]) -> list[Sheet]:
    """One sheet for what the columns mean, then one a table."""
    shown = {name: frame for name, frame in tables.items() if name not in LEFT_OUT}
    return [_columns(shown.values()), *(_table(*item) for item in shown.items())]


def used_notes(sheets: Iterable[Sheet]) -> list[str]:
    """The marks of the notes that titles point to, by first mention: the place is the number."""
    return list(dict.fromkeys(mark for sheet in sheets for mark in sheet.notes))


def numbered(sheet: Sheet, order: Sequence[str]) -> str:
    """The sheet's title with the numbers of its notes behind it."""
    return sheet.title + "".join(f"[note {order.index(mark) + 1}]" for mark in sheet.notes)


def sheet_name(table: str) -> str:
    """The name of a table's sheet."""
    return table.replace("_", " ").capitalize()


def _texts(lines: Sequence[str]) -> tuple[str, ...]:
    return tuple(clean(line) for line in lines)


def clean(text: str) -> str:
    """The text without characters that XML does not allow, and with no mark that gptables takes for a link."""
    return _LINK.sub("] ", text.translate(_ILLEGAL))


def _columns(frames: Iterable[pd.DataFrame]) -> Sheet:
    """What each column means, each once."""
    names = dict.fromkeys(str(column) for frame in frames for column in frame.columns)
    rows = tuple((name, COLUMNS[name]) for name in names)
    return Sheet("Columns", "columns", "What each column means", (ONE_TABLE,), ("Column", "Meaning"), rows)


def _table(name: str, frame: pd.DataFrame) -> Sheet:
    rows = tuple(tuple(value_of(value) for value in row) for row in frame.itertuples(index=False))
    heads = tuple(str(column) for column in frame.columns)
    marked = any(value == EMPTY for row in rows for value in row)
    lines = (f"{ONE_TABLE} Its numbered notes are on the sheet {NOTE_SHEET}.", *([_LEGEND] if marked else ()))
    return Sheet(sheet_name(name), name, PARTS[name].rstrip("."), lines, heads, rows, _notes_of(heads))


def _notes_of(heads: Sequence[str]) -> tuple[str, ...]:
    """The notes that a table of these columns needs."""
    needed = {
        "quality": True,
        "rank": "rank_lower" in heads,
        "chance": any(head.endswith("mcse") for head in heads),
    }
    return tuple(mark for mark in NOTES if needed[mark])


def value_of(value: Any) -> Value:
    """A cell's value: a text, a number, or the mark of what does not apply.

    A text without a Latin letter or a digit says that it is one: gptables refuses signs that stand alone.
    """
    if isinstance(value, str):
        text = clean(value).strip()
        return text if re.search(r"[A-Za-z0-9]", text) else f"text: {text}" if text else EMPTY
    if value is None or pd.isna(value):
        return EMPTY
    if isinstance(value, bool):
        return "yes" if value else "no"
    return int(value) if float(value).is_integer() else float(value)


def width_of(sheet: Sheet, column: int) -> int:
    """How many characters wide a table's column is to be."""
    texts = [row[column] for row in sheet.rows if isinstance(row[column], str)]
    longest = max((len(str(text)) for text in texts), default=12)
    return min(max(len(sheet.heads[column]), longest, 10) + 2, WIDEST)
