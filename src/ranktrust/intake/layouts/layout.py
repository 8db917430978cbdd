"""A layout: the sheet and headings by which a publication is recognised, and the reader that takes it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from ranktrust.errors import DataError
from ranktrust.intake.opening import Book
from ranktrust.intake.period import Period, month_of, read_day, read_month
from ranktrust.intake.reading import Reading, locate
from ranktrust.intake.sheet import Cell, Sheet, cell_text, find_label, is_mark, plain

LATEST: Final = timedelta(days=200)
"""A first publication comes no longer after its period; those at hand come 8 to 52 days after."""


@dataclass(frozen=True)
class Layout:
    """One layout of a publication: `headings` that stand in one row near the top of `sheet`, and its reader.

    `untried` says that no intact published file has been read with it. `fits` replaces the test by headings. `never`
    are sheets of the publication with the same headings and other figures: none of them stands for `sheet`.
    """

    publication: str
    title: str
    sheet: str
    headings: tuple[str, ...]
    read: Callable[[Book], Reading]
    untried: bool = False
    fits: Callable[[Book], bool] | None = None
    never: tuple[str, ...] = ()

    def recognises(self, book: Book) -> bool:
        """Say whether a file is laid out like this."""
        if not book.has(self.sheet):
            return False
        if self.fits:
            return self.fits(book)
        return locate(book.sheet(self.sheet), self.headings) is not None


def month_in(cell: Cell) -> Period:
    """Return the month of a cell: a date on its first day, or a text such as `April 26`. Raises `ValueError`."""
    if isinstance(cell, date):
        if cell.day != 1:
            raise ValueError(f"{cell_text(cell)} is not the first of a month")
        return month_of(cell.year, cell.month)
    return read_month(" ".join(plain(cell).split()))


def stated_month(sheet: Sheet, texts: Sequence[str] | None = None) -> Period:
    """Return the one month that a sheet states beside `Period:`, or in its rows (`texts`).

    Raises `DataError` if it states none, several, or something else.
    """
    found = sorted(set(texts)) if texts is not None else [find_label(sheet, "Period:")]
    if len(found) != 1:
        problem = f"{len(found)} periods stand in one file: {', '.join(map(repr, found[:4]))}"
        raise DataError([sheet.fault(problem, "Give one file a month")])
    try:
        return month_in(found[0])
    except ValueError as error:
        raise DataError([sheet.fault(f"period: {error}", "State it as April 2026, Apr-26 or 2026-04-01")]) from error


def check_published(sheet: Sheet, period: Period) -> None:
    """Raise `DataError` where the sheet was published before its period had ended, or long after, by its own words.

    A sheet that states no day of publication cannot be held against it; one that was revised may be of any later day.
    """
    day = read_day(stated(sheet, "Published:"))
    late = day is not None and day > period[1] + LATEST and read_day(stated(sheet, "Revised:")) is None
    if day is None or (day > period[1] and not late):
        return
    what = f"more than {LATEST.days} days after its period" if late else "before its period had ended"
    problem = f"it says that it was published on {day.isoformat()}, {what}, {period[0]} to {period[1]}"
    raise DataError([sheet.fault(problem, "Correct the period or the day, or fetch the file again as published")])


def stated_revision(sheet: Sheet) -> str:
    """Return what stands beside `Revised:`, empty where nothing does or a mark."""
    return stated(sheet, "Revised:")


def stated(sheet: Sheet, label: str) -> str:
    """Return what stands beside a label, empty where there is no such label, nothing beside it, or a mark."""
    try:
        text = find_label(sheet, label)
    except DataError:
        return ""
    return "" if is_mark(text) else text
