"""NHS Staff Survey, organisational results: staff engagement with its derived standard error."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Final

from ranktrust.errors import DataError, Fault
from ranktrust.intake.layouts.layout import Layout
from ranktrust.intake.opening import Book
from ranktrust.intake.period import Period
from ranktrust.intake.reading import Left, Reading, check_twice, column, open_ledger, walk
from ranktrust.intake.sheet import Row, Sheet, plain
from ranktrust.intake.staff_survey import (
    HEAD,
    ITEMS,
    JOB,
    ORGANISATION,
    SPLIT,
    THEMES,
    WORDS,
    is_acute,
    questions,
    read_engagement,
)

HEADINGS: Final = ("ODS code", "Organisation name", "Benchmarking group", "Staff Engagement - score")


def read(book: Book) -> Reading:
    """Return the engagement score, standard error and base of acute organisations; the other groups are left out."""
    ledger = open_ledger(book.sheet(THEMES), HEADINGS)
    group = column(ledger, "Benchmarking group")
    lines, _ = walk(ledger, column(ledger, "ODS code"), column(ledger, "Organisation name"))
    check_twice(ledger, lines)
    period = _autumn(ledger.sheet)
    if ledger.faults:
        ledger.close()
    heads = {name: book.head(name, HEAD) for name in book.names}
    sheets = {name: book.sheet(_sheet_with(book, name, heads)) for name in (JOB, ORGANISATION)}
    publication = read_engagement({**sheets, THEMES: ledger.sheet}, period)
    table = publication.tables["staff_engagement"]
    kept = {str(row[0]) for row in table.rows}
    for line in lines:
        where = plain(ledger.sheet.at(line.row, group))
        if not is_acute(where):
            ledger.leave(line.row, line.code, f"benchmarking group {where!r} is not compared with acute trusts")
        elif SPLIT.get(line.code, line.code) not in kept:
            ledger.leave(line.row, line.code, "'-': suppressed, fewer than 10 responses", "staff_engagement")
        else:
            ledger.kept.add(line.row)
    ledger.close()
    left: tuple[Left, ...] = tuple(ledger.left)
    names = (*(sheet.name for sheet in sheets.values()), THEMES)
    return Reading("staff_survey", names, period, {"staff_engagement": table}, ledger.rows, left)


def _sheet_with(book: Book, name: str, heads: Mapping[str, tuple[Row, ...]]) -> str:
    """Return the sheet on which the items of a part of the questionnaire stand, whatever this year's numbers are."""
    wanted = [item for item, (part, _) in ITEMS.items() if part == name]
    found = [own for own, rows in heads.items() if all(len(questions(rows, item)) == 1 for item in wanted)]
    if len(found) == 1:
        return found[0]
    asked = "; ".join(WORDS[item] for item in wanted)
    problem = f"{len(found)} sheets hold all these questions, one is needed: {asked}"
    raise DataError([Fault(book.path.name, "the whole file", problem, "Give the workbook of all questions")])


def _autumn(sheet: Sheet) -> Period:
    texts = [plain(cell) for row in sheet.rows[:HEAD] for cell in row]
    years = {match[1] for text in texts if (match := re.match(r"NHS (?:National )?Staff Survey (\d{4})\b", text))}
    if len(years) != 1:
        raise DataError([sheet.fault("the title does not say which year's survey it is", "Give the file as published")])
    year = int(years.pop())
    return date(year, 9, 1), date(year, 11, 30)


LAYOUT: Final = Layout("staff_survey", "NHS Staff Survey, organisational results", THEMES, HEADINGS, read)
