"""Total rows held against the sums of their parts, column by column, and what the ledger says of the comparison."""

from collections.abc import Iterable, Sequence
from math import fsum, isclose
from typing import Final

from ranktrust.intake.reading import GROUP_WITHIN, Ledger, Line, spread
from ranktrust.intake.sheet import heading, is_number, plain, read_number
from ranktrust.words import count_text

SHARES: Final = ("%", "percent", "proportion", "rate", "average", "median")
"""Words in the headings of columns whose total is no sum."""


def check_total(  # noqa: PLR0913 - what is compared, and how closely
    ledger: Ledger,
    totals: Sequence[Line],
    lines: Sequence[Line],
    columns: Iterable[int],
    *,
    exact: bool = True,
    hidden: int = 0,
) -> None:
    """Note a fault for every column whose total row is not the sum over lines; the ledger says what was compared.

    Marks count as 0; where `hidden` is given, `*` may stand for as much. Columns that are not read are compared too,
    and one that differs is said and no fault.
    """
    read = list(dict.fromkeys(columns))
    for total in totals:
        for index in read:
            whole, parts = _whole_and_parts(ledger, total, lines, index)
            stars = sum(1 for line in lines if plain(ledger.sheet.at(line.row, index)) == "*") if hidden else 0
            near = not exact and isclose(whole, parts, rel_tol=1e-9)
            if not (near or parts <= whole <= parts + hidden * stars):
                head = plain(ledger.sheet.at(ledger.header, index))
                problem = f"the row {total.name!r} says {whole:,.10g} but its parts sum to {parts:,.10g} ({head})"
                remedy = "Rows are missing or doubled: fetch the whole file again"
                ledger.fault(problem, total.row, index, remedy)
        ledger.explain(total.row, _compared(ledger, total, lines, read))


def _whole_and_parts(ledger: Ledger, total: Line, lines: Sequence[Line], index: int) -> tuple[float, float]:
    return sum_of(ledger, [total], index), sum_of(ledger, lines, index)


def sum_of(ledger: Ledger, lines: Iterable[Line], index: int) -> float:
    """Return the sum of a column over lines, marks as 0."""
    cells = (ledger.sheet.at(line.row, index) for line in lines)
    return fsum(read_number(cell) for cell in cells if is_number(cell))


def _compared(ledger: Ledger, total: Line, lines: Sequence[Line], read: Sequence[int]) -> str:
    """Say in how many columns a total row is the sum of its parts, and in which of those not read it is not."""
    same, other = 0, []
    for index in _summed_columns(ledger, total, read):
        whole, parts = _whole_and_parts(ledger, total, lines, index)
        if isclose(whole, parts, rel_tol=1e-9):
            same += 1
        else:
            other.append(repr(plain(ledger.sheet.at(ledger.header, index))[:60]))
    more = f" and in {count_text(same, 'other')}" if same else ""
    unlike = f"; not their sum in {', '.join(other)}, which nothing is read from" if other else ""
    which = "column that is read" if len(read) == 1 else "columns that are read"
    return f"compared with the sum of its parts in {len(read)} {which}{more}{unlike}"


def _summed_columns(ledger: Ledger, total: Line, read: Sequence[int]) -> list[int]:
    """Return the columns not read in which the total row has a number, and whose headings speak of no share."""
    sheet = ledger.sheet
    above = [spread(sheet.rows[row]) for row in range(max(ledger.header - GROUP_WITHIN, 0), ledger.header + 1)]
    found = []
    for index in range(len(sheet.rows[total.row])):
        heads = " ".join(names[index] for names in above)
        own = heading(sheet.at(ledger.header, index))
        if index not in read and own and is_number(sheet.at(total.row, index)) and not any(w in heads for w in SHARES):
            found.append(index)
    return found
