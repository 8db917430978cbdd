"""Cancer waiting times, monthly combined CSV of late 2025 on (untried): providers and commissioners, broken down.

The rows of all cancers, all routes or stages and all modalities are read; those of parts are left out, never added.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from ranktrust.intake.layouts.layout import Layout, month_in
from ranktrust.intake.opening import CSV_SHEET, Book
from ranktrust.intake.period import Period
from ranktrust.intake.reading import (
    CODE,
    Ledger,
    Line,
    Reading,
    check_above,
    check_twice,
    column,
    has_column,
    open_ledger,
    proportions,
    skip_words,
)
from ranktrust.intake.sheet import heading, is_mark, is_total, plain, read_count
from ranktrust.intake.tidy import Record
from ranktrust.words import count_text

KEYS: Final = ("Cancer_Type", "Referral_Route_or_Stage", "Treatment_Modality")
HEADINGS: Final = ("Basis", "Org_Code", "Org_Name", "Standard_or_Item", *KEYS, "Total", "Within", "After")
STANDARDS: Final = {"fds": "cancer_28d", "31d": "cancer_31d", "62d": "cancer_62d"}
ALL: Final = (frozenset({"all cancers"}), frozenset({"all routes", "all stages"}), frozenset({"all modalities"}))
NATIONAL: Final = frozenset({"ENG", "ENGLAND", "NAT", "NATIONAL", "TOTAL"})
REMEDY: Final = "Rows are missing or doubled: fetch the whole file again"
LATER: Final = "The period is not stated in the file: import asks for it."
NOTES: Final = ("Rows of all cancers, all routes or stages and all modalities.", "Half counts are kept.")


@dataclass(frozen=True)
class Headline:
    """A provider's row of all cancers, routes and modalities: its standard, month (if stated), and counts."""

    line: Line
    indicator: str
    period: Period | tuple[None, None]
    within: float
    total: float


def read(book: Book) -> Reading:
    """Return pathways within each standard of all pathways, by provider."""
    ledger = open_ledger(book.sheet(CSV_SHEET), HEADINGS)
    at = {name: column(ledger, name) for name in HEADINGS}
    check_above(ledger, at["Org_Code"], at["Org_Code"])
    lines = [line for row in _rows(ledger) if (line := _line(ledger, row, at))]
    months = {line.row: _month(ledger, line) for line in lines}
    check_twice(ledger, lines, lambda line: (line.code, months[line.row], *_said(ledger, line, at)))
    heads = [head for line in lines if (head := _headline(ledger, line, at, months[line.row]))]
    trusts = [head for head in heads if not _is_national(head.line)]
    _check_heads(ledger, lines, at, heads)
    _check_national(ledger, heads, trusts, at["Total"])
    ledger.close()
    seen = sorted({head.period for head in trusts if head.period[0]})
    period = (seen[0][0], seen[-1][1]) if seen else None
    tables = {name: proportions(rows, NOTES) for name in STANDARDS.values() if (rows := _records(trusts, name))}
    notes = () if period else (LATER,)
    return Reading("cancer", (CSV_SHEET,), period, tables, ledger.rows, tuple(ledger.left), notes)


def _rows(ledger: Ledger) -> list[int]:
    return [row for row in range(ledger.header + 1, len(ledger.sheet.rows)) if not skip_words(ledger, row)]


def _line(ledger: Ledger, row: int, at: dict[str, int]) -> Line | None:
    """Return a provider's row of a standard that is read; any other is left out, or a fault."""
    basis, code, name, item = (plain(ledger.sheet.at(row, at[key])) for key in HEADINGS[:4])
    code = code.upper()
    if basis.lower() != "provider":
        ledger.leave(row, code, f"basis {basis!r}: not by provider")
    elif item.lower() not in STANDARDS:
        ledger.leave(row, code, f"item {item!r} is not a standard that is read")
    elif not CODE.fullmatch(code):
        ledger.fault(f"{code!r} is not an organisation's code ({name[:60]!r})", row, at["Org_Code"])
    else:
        return Line(row, code, name)
    return None


def _month(ledger: Ledger, line: Line) -> Period | tuple[None, None]:
    if not has_column(ledger, "Period"):
        return None, None
    index = column(ledger, "Period")
    try:
        return month_in(ledger.sheet.at(line.row, index))
    except ValueError as error:
        ledger.fault(f"period: {error}", line.row, index, "State it as April 2026, Apr-26 or 2026-04-01")
        return None, None


def _said(ledger: Ledger, line: Line, at: dict[str, int]) -> tuple[str, ...]:
    return tuple(heading(ledger.sheet.at(line.row, at[key])) for key in HEADINGS[3:7])


def _headline(ledger: Ledger, line: Line, at: dict[str, int], period: Period | tuple[None, None]) -> Headline | None:
    """Return the row if it is of all cancers, routes and modalities (which the 28-day standard has not); else None."""
    item, *parts = _said(ledger, line, at)
    indicator = STANDARDS[item]
    if not all(part in whole or (not part and i == 2) for i, (part, whole) in enumerate(zip(parts, ALL, strict=True))):
        ledger.leave(line.row, line.code, f"{item.upper()}: a part of the row of all cancers, routes and modalities")
        return None
    cells = [ledger.sheet.at(line.row, at[key]) for key in HEADINGS[7:]]
    if any(is_mark(cell) for cell in cells):
        ledger.leave(line.row, line.code, f"{item.upper()}: a mark: not applicable, suppressed or not submitted")
        return None
    step = 1 if item == "fds" else 0.5
    total, within, after = (read_count(ledger.sheet, line.row, at[k], ledger.faults, step=step) for k in HEADINGS[7:])
    if abs(within + after - total) > 0:
        ledger.fault(
            f"{within:,.10g} within and {after:,.10g} after do not make {total:,.10g} ({line.code})",
            line.row,
            at["Total"],
        )
    ledger.kept.add(line.row)
    return Headline(line, indicator, period, within, total)


def _is_national(line: Line) -> bool:
    return line.code in NATIONAL or is_total(line.name) or line.name.lower().startswith("england")


def _check_heads(ledger: Ledger, lines: Sequence[Line], at: dict[str, int], heads: Sequence[Headline]) -> None:
    """Note a fault for every provider and standard with rows of parts and none of all: its figures would be lost."""
    whole = {(head.line.code, head.indicator) for head in heads}
    marked = {(left.trust, left.reason[:3]) for left in ledger.left if ": a mark" in left.reason}
    lost: dict[tuple[str, str], int] = {}
    for line in lines:
        item = _said(ledger, line, at)[0]
        if (line.code, STANDARDS[item]) not in whole and (line.code, item.upper()) not in marked:
            lost.setdefault((line.code, STANDARDS[item]), line.row)
    for (code, indicator), row in lost.items():
        ledger.fault(f"{code} has no row of all cancers, routes and modalities of {indicator}", row)


def _check_national(ledger: Ledger, heads: Sequence[Headline], trusts: Sequence[Headline], index: int) -> None:
    """Leave the national rows out, each held against the sum of its providers."""
    for head in heads:
        if not _is_national(head.line):
            continue
        parts = [each for each in trusts if (each.indicator, each.period) == (head.indicator, head.period)]
        sums = sum(each.total for each in parts), sum(each.within for each in parts)
        if sums != (head.total, head.within):
            said = f"{head.within:,g} of {head.total:,g}, its providers {sums[1]:,g} of {sums[0]:,g}"
            ledger.fault(
                f"{head.line.name!r} says {said}",
                head.line.row,
                index,
                "Rows are missing or doubled: fetch the whole file again",
            )
        ledger.kept.discard(head.line.row)
        said = f"compared with the sum of {count_text(len(parts), 'provider')} in 2 columns"
        ledger.leave(head.line.row, "", f"total row {head.line.name!r}, not a trust: {said}")


def _records(heads: Sequence[Headline], name: str) -> list[Record]:
    return [
        (head.line.code, name, *head.period, head.within, head.total)
        for head in heads
        if head.indicator == name and head.total
    ]


LAYOUT: Final = Layout("cancer", "Cancer waiting times, monthly combined CSV", CSV_SHEET, HEADINGS, read, untried=True)
