"""A layout: the sheet and headings by which a publication is recognised, and the reader that takes it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from ranktrust.errors import DataError
from ranktrust.intake.opening import Book
from ranktrust.intake.period import Period, month_of, read_month
from ranktrust.intake.reading import Reading, locate
from ranktrust.intake.sheet import Cell, Sheet, find_label, is_mark, plain


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
            raise ValueError(f"{cell!r} is not the first of a month")
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
        raise DataError(
            [sheet.fault(f"period: {error}", "Correct the period, or teach the reader this form")]
        ) from error


def stated_revision(sheet: Sheet) -> str:
    """Return what stands beside `Revised:`, empty where nothing does or a mark."""
    try:
        text = find_label(sheet, "Revised:")
    except DataError:
        return ""
    return "" if is_mark(text) else text
