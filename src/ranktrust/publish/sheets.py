"""The sheets of a publication's spreadsheets, whatever their format: a cover, notes, and one table a sheet."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd

from ranktrust.publish.columns import COLUMNS, PARTS

EMPTY: Final = "[z]"
"""What stands in a cell to which a value does not apply; the notes explain it."""
LEFT_OUT: Final = ("pairs",)
"""Tables that are only in the CSV files: a sheet of tens of thousands of pairs helps nobody."""
_ILLEGAL: Final = dict.fromkeys((*range(9), 11, 12, *range(14, 32), 0xFFFE, 0xFFFF))

type Value = str | int | float


@dataclass(frozen=True)
class Sheet:
    """One sheet: its name, lines of text down its first column, and below an empty row a table, if it has one.

    `name` of the table is that of its file; texts are safe for XML, and nothing in them is a formula.
    """

    name: str
    lines: tuple[str, ...]
    table: str = ""
    heads: tuple[str, ...] = ()
    rows: tuple[tuple[Value, ...], ...] = ()


def sheets_of(tables: Mapping[str, pd.DataFrame], *, title: str, facts: Sequence[str]) -> list[Sheet]:
    """The cover, the notes and one sheet a table. `facts` are the sentences of the cover under the title."""
    shown = {name: frame for name, frame in tables.items() if name not in LEFT_OUT}
    listed = [f"{sheet_name(name)}: {PARTS[name]}" for name in shown]
    cover = Sheet("Cover", _texts([title, *facts, "Sheets of this workbook", *listed]))
    return [cover, Sheet("Notes", _texts(["Notes", *_notes(shown)])), *(_table(*item) for item in shown.items())]


def sheet_name(table: str) -> str:
    """The name of a table's sheet."""
    return table.replace("_", " ").capitalize()


def _texts(lines: Sequence[str]) -> tuple[str, ...]:
    return tuple(clean(line) for line in lines)


def clean(text: str) -> str:
    """The text without characters that XML does not allow."""
    return text.translate(_ILLEGAL)


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


def _table(name: str, frame: pd.DataFrame) -> Sheet:
    said = f"One table of {len(frame)} rows. The sheet Notes explains its columns and {EMPTY}."
    rows = tuple(tuple(value_of(value) for value in row) for row in frame.itertuples(index=False))
    heads = tuple(str(column) for column in frame.columns)
    return Sheet(sheet_name(name), _texts([sheet_name(name), PARTS[name], said]), name, heads, rows)


def value_of(value: Any) -> Value:
    """A cell's value: a text, a number, or the mark of what does not apply."""
    if isinstance(value, str):
        return clean(value) or EMPTY
    if value is None or pd.isna(value):
        return EMPTY
    if isinstance(value, bool):
        return "yes" if value else "no"
    return int(value) if float(value).is_integer() else float(value)


def width_of(sheet: Sheet, column: int, *, widest: int = 60) -> int:
    """How many characters wide a table's column is to be."""
    texts = [row[column] for row in sheet.rows if isinstance(row[column], str)]
    longest = max((len(str(text)) for text in texts), default=12)
    return min(max(len(sheet.heads[column]), longest, 10) + 2, widest)
