"""What one file says: its figures, its rows left out with the reason, and its total row held against its parts.

`walk` sorts every row below the header into lines of organisations, total rows and rows left out, so that none is lost
without a word; readers take figures from lines and note each one that they cannot use.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from math import fsum, isnan
from typing import Final

from ranktrust.errors import DataError, Fault
from ranktrust.intake.marks import bare_code
from ranktrust.intake.period import Period
from ranktrust.intake.sheet import (
    CORRECT,
    Row,
    Sheet,
    heading,
    is_mark,
    is_number,
    is_total,
    plain,
    read_count,
)
from ranktrust.intake.tidy import PROPORTION, Record, Table, sort_rows
from ranktrust.intake.widths import uneven_rows

CODE: Final = re.compile(r"[A-Z0-9]{2,10}")
PIECE: Final = re.compile(r"[A-Z0-9]{1,10}")
FORMULA: Final = re.compile(r"[=+@\t\r]|-\s*[A-Za-z(\d]")
SCRIPT: Final = re.compile(r"<\s*/?\s*[a-z!]|javascript:", re.IGNORECASE)
WORDS: Final = ("blank row", "a note")
"""How the reasons begin for which a row without figures is left out."""

TITLES: Final = frozenset({"END", "FOOTNOTES", "KEY", "NOTE", "NOTES", "SOURCE"})
HEADER_WITHIN: Final = 40
"""No published header stands below this row."""

GROUP_WITHIN: Final = 3
"""Rows above the header in which merged headings may stand."""


@dataclass(frozen=True)
class Left:
    """One row (`row` as a spreadsheet program numbers it) left out, or out of one indicator, and why."""

    sheet: str
    row: int
    trust: str
    indicator: str
    reason: str


@dataclass(frozen=True)
class Reading:
    """What a reader found in one file. `period` is None where the file does not state it."""

    publication: str
    sheets: tuple[str, ...]
    period: Period | None
    tables: dict[str, Table]
    rows: int
    left: tuple[Left, ...] = ()
    notes: tuple[str, ...] = ()
    revised: str = ""


@dataclass(frozen=True)
class Line:
    """One organisation's row: its index, code and name."""

    row: int
    code: str
    name: str


@dataclass
class Ledger:
    """The account of one sheet while it is read: faults, rows left out and rows kept."""

    sheet: Sheet
    header: int
    faults: list[Fault] = field(default_factory=list)
    left: list[Left] = field(default_factory=list)
    kept: set[int] = field(default_factory=set)

    @property
    def rows(self) -> int:
        """Rows below the header."""
        return len(self.sheet.rows) - self.header - 1

    def leave(self, row: int, trust: str, reason: str, indicator: str = "") -> None:
        """Note a row left out, or left out of one indicator."""
        self.left.append(Left(self.sheet.name, row + 1, trust, indicator, reason))

    def fault(self, problem: str, row: int, column: int | None = None, remedy: str = CORRECT) -> None:
        """Note a fault at a cell or a row."""
        self.faults.append(self.sheet.fault(problem, remedy, row=row, column=column))

    def explain(self, row: int, more: str) -> None:
        """Add to the reason for which a row was left out."""
        for place, left in enumerate(self.left):
            if left.row == row + 1:
                self.left[place] = replace(left, reason=f"{left.reason}: {more}")

    def close(self) -> None:
        """Raise `DataError` with all faults; a row that is neither kept nor left out is one."""
        words = {left.row - 1 for left in self.left if left.reason.startswith(WORDS)}
        self.faults += uneven_rows(self.sheet, self.header, words)
        known = self.kept | {left.row - 1 for left in self.left}
        lost = set(range(self.header + 1, len(self.sheet.rows))) - known
        if not self.faults:
            self.faults += [self.sheet.fault("the row was not accounted for", "Report it", row=row) for row in lost]
        if self.faults:
            raise DataError(self.faults)


def locate(sheet: Sheet, headings: Sequence[str]) -> int | None:
    """Return the first row of the sheet's head that holds all headings (in any case), or None."""
    wanted = {heading(text) for text in headings}
    for index, row in enumerate(sheet.rows[:HEADER_WITHIN]):
        if wanted <= {heading(cell) for cell in row}:
            return index
    return None


def open_ledger(sheet: Sheet, headings: Sequence[str]) -> Ledger:
    """Return a sheet's ledger with its header found. Raises `DataError` if no row holds the headings."""
    header = locate(sheet, headings)
    if header is None:
        problem = f"no row of the first {HEADER_WITHIN} holds the headings {', '.join(map(repr, headings))}"
        raise DataError([sheet.fault(problem, "Give the sheet by provider, as published")])
    return Ledger(sheet, header)


def column(ledger: Ledger, *names: str, group: str = "") -> int:
    """Return the one column headed by one of `names` (in any case; the first that is there).

    Where names repeat, `group` is the merged heading above it, which holds until the next.
    """
    sheet = ledger.sheet
    above = _groups(ledger, group) if group else []
    for name in names:
        found = [
            i
            for i, cell in enumerate(sheet.rows[ledger.header])
            if heading(cell) == heading(name) and (not group or above[i : i + 1] == [heading(group)])
        ]
        if len(found) == 1:
            return found[0]
        if found:
            break
    under = f" under {group!r}" if group else ""
    problem = f"{len(found)} columns are headed {' or '.join(map(repr, names))}{under}; one is needed"
    raise DataError([sheet.fault(problem, "Correct the headings", row=ledger.header)])


def has_column(ledger: Ledger, name: str) -> bool:
    """Say whether a column is headed `name` (in any case)."""
    return heading(name) in {heading(cell) for cell in ledger.sheet.rows[ledger.header]}


def _groups(ledger: Ledger, group: str) -> list[str]:
    """Return the merged headings over every column: those of the nearest row above the header that holds `group`."""
    for row in range(ledger.header - 1, max(ledger.header - GROUP_WITHIN, 0) - 1, -1):
        above = spread(ledger.sheet.rows[row])
        if heading(group) in above:
            return above
    return []


def spread(row: Row) -> list[str]:
    """Return the merged heading over every column: each stands in its first column and holds until the next."""
    out: list[str] = []
    for cell in (*row, *("",) * 400):
        out.append(heading(cell) or (out[-1] if out else ""))
    return out


def walk(ledger: Ledger, code: int, name: int, *, remedy: str = CORRECT) -> tuple[list[Line], list[Line]]:
    """Return the lines of organisations and the total rows below the header; every other row is left out and noted.

    `remedy` is what to do about a row with figures but no code.
    """
    lines: list[Line] = []
    totals: list[Line] = []
    sheet = ledger.sheet
    check_above(ledger, code, max(code, name))
    for row in range(ledger.header + 1, len(sheet.rows)):
        cells = [plain(cell) for cell in sheet.rows[row]]
        key, label = bare_code(plain(sheet.at(row, code))), plain(sheet.at(row, name))
        if not any(cells):
            ledger.leave(row, "", "blank row")
        elif is_total(label) or (is_total(key) and key):
            ledger.leave(row, "", f"total row {label if is_total(label) else key!r}, not a trust")
            totals.append(Line(row, "", label or key))
        elif _is_note(key, cells, sheet.rows[row][max(code, name) + 1 :]) and not _is_piece(cells):
            ledger.leave(row, "", f"a note: {' '.join(filter(None, cells))[:200]!r}")
        elif problem := _name_problem(key, label):
            ledger.fault(problem, row, code, remedy)
        else:
            lines.append(Line(row, key.upper(), label))
    return lines, totals


def _is_note(key: str, cells: Sequence[str], figures: Row) -> bool:
    """Say whether a row is words below a table: no code, or one word like a code, and nothing where figures stand."""
    if not CODE.fullmatch(key.upper()):
        return not any(map(is_number, figures))
    return len([cell for cell in cells if cell]) == 1


def _is_piece(cells: Sequence[str]) -> bool:
    """Say whether a row is one word written like a code or a part of one: what is left of a row that was cut."""
    words = [cell for cell in cells if cell]
    return len(words) == 1 and PIECE.fullmatch(words[0]) is not None and words[0] not in TITLES


def skip_words(ledger: Ledger, row: int) -> bool:
    """Leave out a row that is blank or one cell of words, and say whether it was: the rows of a table are neither."""
    cells = [plain(cell) for cell in ledger.sheet.rows[row]]
    said = [cell for cell in cells if cell]
    if said and (len(said) > 1 or _is_piece(cells) or is_number(said[0])):
        return False
    ledger.leave(row, "", f"a note: {said[0][:200]!r}" if said else "blank row")
    return True


def check_above(ledger: Ledger, code: int, last: int) -> None:
    """Note a fault for every row above the header with a code, and a number beyond column `last`."""
    for row in range(ledger.header):
        key = plain(ledger.sheet.at(row, code)).upper()
        if CODE.fullmatch(key) and any(map(is_number, ledger.sheet.rows[row][last + 1 :])):
            ledger.fault(f"figures of {key} stand above the headings, and would not be read", row, code)


def _name_problem(key: str, label: str) -> str:
    if not CODE.fullmatch(key.upper()):
        return f"{key!r} is not an organisation's code ({label[:60]!r})"
    if FORMULA.match(label) or SCRIPT.search(label) or not label.isprintable():
        return f"{label[:60]!r} is not a name: a formula, a script or characters that do not print"
    return ""


def check_twice(ledger: Ledger, lines: Iterable[Line], key: Callable[[Line], object] = lambda line: line.code) -> None:
    """Note a fault for every line whose key stood before: the same row again, or one that contradicts it."""
    seen: dict[object, int] = {}
    for line in lines:
        first = seen.setdefault(key(line), line.row)
        if first != line.row:
            same = ledger.sheet.rows[first] == ledger.sheet.rows[line.row]
            what = "the same figures: the file is doubled" if same else "other figures: they contradict each other"
            ledger.fault(f"{line.code} stands here and in row {first + 1}, with {what}", line.row)


def sum_cells(ledger: Ledger, line: Line, columns: Sequence[int], *, step: float = 1) -> float:
    """Return the sum of counts in a line's columns; NaN, with a fault noted, if one is no count."""
    return fsum(read_count(ledger.sheet, line.row, index, ledger.faults, step=step) for index in columns)


def proportion(  # noqa: PLR0913 - the parts of one sum
    ledger: Ledger,
    line: Line,
    indicator: str,
    period: Period | tuple[None, None],
    *,
    part: Sequence[int],
    whole: Sequence[int],
    reverse: bool = False,
    step: float = 1,
) -> list[Record]:
    """Return the line's row of an indicator, numerator of denominator; or none, with the reason noted.

    `reverse` takes the part from the whole: the published count is of the others.
    """
    marks = [plain(ledger.sheet.at(line.row, i)) for i in (*part, *whole) if is_mark(ledger.sheet.at(line.row, i))]
    if marks:
        said = marks[0] or "blank"
        ledger.leave(line.row, line.code, f"{said!r}: not applicable, suppressed or not submitted", indicator)
        return []
    top = sum_cells(ledger, line, part, step=step)
    bottom = sum_cells(ledger, line, whole, step=step)
    if isnan(top + bottom):
        return []
    if top > bottom:
        ledger.fault(f"{top:,.10g} of {bottom:,.10g} is more than the whole ({line.code})", line.row, part[0])
        return []
    if not bottom:
        ledger.leave(line.row, line.code, "a denominator of 0", indicator)
        return []
    ledger.kept.add(line.row)
    return [(line.code, indicator, *period, bottom - top if reverse else top, bottom)]


def proportions(rows: Iterable[Record], notes: Sequence[str] = ()) -> Table:
    """Return rows as a table of proportions, sorted."""
    return Table(PROPORTION, sort_rows(rows), tuple(notes))
