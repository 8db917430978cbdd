"""Recognise a file by its content and read it, or say everything that is wrong with it."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from ranktrust.errors import DataError, Fault, UsageError
from ranktrust.intake.layouts import LAYOUTS
from ranktrust.intake.layouts.layout import Layout
from ranktrust.intake.opening import Book, open_book
from ranktrust.intake.packs import MEGABYTE
from ranktrust.intake.reading import HEADER_WITHIN, Reading
from ranktrust.intake.sheet import Sheet, heading, plain
from ranktrust.intake.stamp import check_unchanged
from ranktrust.intake.unknown import unknown_codes, unknown_note
from ranktrust.vocabulary import SCHEMA_VERSION

TIDY: Final = "bring it to the tidy layout (docs/howto/new-indicator.md)"
SAVE: Final = "Save it as CSV with commas between cells and points in numbers"
SEPARATORS: Final = {"semicolons (;)": b";", "tabs": b"\t", "bars (|)": b"|"}


@dataclass(frozen=True)
class Checked:
    """What became of one file: its layout and what was read, or every fault."""

    path: Path
    layout: Layout | None
    reading: Reading | None
    faults: tuple[Fault, ...] = ()
    sha256: str = ""


def check_file(path: Path) -> Checked:
    """Return what a file is and says, or all its faults. Raises `UsageError` if there is no such file."""
    layout, opened = None, None
    try:
        opened = open_book(path)
        layout, book = recognise(opened)
        reading = layout.read(book)
    except DataError as error:
        return Checked(path, layout, None, _changed(opened) or error.faults)
    if changed := _changed(opened):
        return Checked(path, layout, None, changed)
    sheets = tuple(book.found.get(name, name) for name in reading.sheets)
    digest = opened.stamp.sha256 if opened.stamp else ""
    return Checked(path, layout, replace(reading, sheets=sheets), sha256=digest)


def _changed(book: Book | None) -> tuple[Fault, ...]:
    """Return the fault of a file that is no longer what it was when it was opened."""
    try:
        if book and book.stamp:
            check_unchanged(book.path, book.stamp)
    except DataError as error:
        return error.faults
    return ()


def recognise(book: Book) -> tuple[Layout, Book]:
    """Return the layout that a file has, and the file with the sheet that the layout asks for.

    A sheet of the layout's name comes first; else any sheet with its headings. Raises `DataError` where several have
    them, and one that names the nearest layout if the file has none.
    """
    if book.kind == "csv":
        _check_separator(book)
    names = {layout.sheet for layout in LAYOUTS}
    named = replace(book, found={name: own for own in book.names for name in names if heading(own) == heading(name)})
    unread: list[Fault] = []
    for layout in LAYOUTS:
        try:
            if layout.recognises(named):
                return layout, named
        except DataError as error:
            unread += error.faults
    if unread:
        raise DataError(dict.fromkeys(unread))
    return _by_headings(named)


def _check_separator(book: Book) -> None:
    """Raise `DataError` for a file whose cells are separated by something other than commas."""
    with book.path.open("rb") as file:
        head = [file.readline(MEGABYTE) for _ in range(HEADER_WITHIN)]
    most = {name: max(line.count(mark) for line in head) for name, mark in SEPARATORS.items()}
    name = max(most, key=lambda each: most[each])
    if most[name] >= 2 > max(line.count(b",") for line in head):
        problem = f"its cells are separated by {name}, and not by commas"
        raise DataError([Fault(book.path.name, "the whole file", problem, SAVE)])


def _by_headings(book: Book) -> tuple[Layout, Book]:
    """Return the layout whose headings stand on a sheet of another name, and the file with that sheet."""
    heads = {name: Sheet(book.path.name, name, book.head(name, HEADER_WITHIN)) for name in book.names}
    for layout in LAYOUTS:
        never = {heading(name) for name in layout.never}
        views = [
            replace(book, found={**book.found, layout.sheet: name}, cache=dict(heads))
            for name in book.names
            if heading(name) not in never
        ]
        views = [view for view in views if layout.recognises(view)]
        if len(views) > 1:
            sheets = ", ".join(repr(view.found[layout.sheet]) for view in views)
            problem = f"the headings of {layout.title!r} stand on several sheets: {sheets}"
            fault = Fault(book.path.name, "the whole file", problem, f"Name the one by provider {layout.sheet!r}")
            raise DataError([fault])
        if views:
            return layout, replace(views[0], cache=dict(book.cache))
    raise DataError([_unknown(book)])


def _unknown(book: Book) -> Fault:
    best = max(LAYOUTS, key=lambda layout: _likeness(book, layout))
    problem = f"it is not one of the layouts that can be read; {_holds(book)}"
    if _likeness(book, best) < 0.3:
        return Fault(book.path.name, "the whole file", problem, f"See docs/intake.md, or {TIDY}")
    lacking = ", ".join(map(repr, sorted(set(best.headings) - _headings(book, best))))
    where = f"sheet {best.sheet!r}" + ("" if best.sheet in book.names else " is absent")
    like = f"It is most like {best.title!r}: {where}, lacking headings: {lacking or 'none'}"
    remedy = f"{like}. If it is another publication, {TIDY}"
    return Fault(book.path.name, "the whole file", problem, remedy)


def _holds(book: Book) -> str:
    """Say what a file holds, to one who asks why it was not recognised."""
    if book.kind != "csv":
        return f"its sheets are {', '.join(map(repr, book.names[:12]))}"
    first = next(iter(book.head(book.names[0], 1)), ())
    return f"its first row is {', '.join(repr(plain(cell)[:40]) for cell in first[:8]) or 'blank'}"


def _headings(book: Book, layout: Layout) -> set[str]:
    """Return the headings of a layout that stand near the top of its sheet, or of any sheet if it is absent."""
    names = [layout.sheet] if layout.sheet in book.names else book.names[:20]
    found = {heading(cell) for name in names for row in book.head(name, HEADER_WITHIN) for cell in row}
    return {text for text in layout.headings if heading(text) in found}


def _likeness(book: Book, layout: Layout) -> float:
    if not layout.headings:
        return 0.0
    return len(_headings(book, layout)) / len(layout.headings)


def describe(checked: Checked) -> dict[str, Any]:
    """Return what was found in a file, or its faults, as values for JSON."""
    found: dict[str, Any] = {"schema_version": SCHEMA_VERSION, "file": checked.path.name, "read": not checked.faults}
    if checked.layout:
        found |= {
            "publication": checked.layout.publication,
            "title": checked.layout.title,
            "untried": checked.layout.untried,
        }
    found["faults"] = [vars(fault) for fault in checked.faults]
    reading = checked.reading
    if reading is None:
        return found
    return found | {
        "period": [day.isoformat() for day in reading.period] if reading.period else None,
        "revised": reading.revised or None,
        "sheets": list(reading.sheets),
        "trusts": count_trusts(reading),
        "indicators": {name: len(table.rows) for name, table in reading.tables.items()},
        "rows": reading.rows,
        "kept": count_kept(reading),
        "left_out": [vars(left) for left in reading.left],
        "notes": list(reading.notes),
        "not_in_reference": unknown_codes(reading.tables),
    }


def count_kept(reading: Reading) -> int:
    """Return how many rows below the headings give a figure: all but those left out as a whole, or of every table."""
    out: dict[int, set[str]] = {}
    for left in reading.left:
        out.setdefault(left.row, set()).add(left.indicator)
    gone = [row for row, names in out.items() if "" in names or names >= reading.tables.keys()]
    return reading.rows - len(gone)


def count_trusts(reading: Reading) -> int:
    """Return how many organisations have a figure."""
    return len({row[0] for table in reading.tables.values() for row in table.rows})


def sentences(checked: Checked) -> list[str]:
    """Return the same as lines for people: what it is, what was kept, what was left out and why; or the faults."""
    head = f"{checked.path.name}:"
    if checked.reading is None:
        kind = f" {checked.layout.title};" if checked.layout else ""
        count = len(checked.faults)
        return [f"{head}{kind} {count} fault{'s' * (count != 1)}", *(f"  {fault}" for fault in checked.faults)]
    reading, layout = checked.reading, checked.layout
    assert layout is not None
    period = f"{reading.period[0]} to {reading.period[1]}" if reading.period else "not stated in the file"
    untried = ["  untried: no intact published file has been read with this layout yet"] if layout.untried else []
    return [
        f"{head} {layout.title}",
        *untried,
        f"  period: {period}" + (f"; revised {reading.revised}" if reading.revised else ""),
        f"  sheets: {', '.join(reading.sheets)}; rows below the header: {reading.rows}, kept: {count_kept(reading)}",
        f"  trusts: {count_trusts(reading)}",
        *(f"  {name}: {len(table.rows)} figures" for name, table in reading.tables.items()),
        *_left_lines(reading),
        *(f"  note: {note}" for note in (*reading.notes, *unknown_note(reading.tables))),
    ]


def _left_lines(reading: Reading) -> Iterable[str]:
    groups: Counter[tuple[str, str]] = Counter((left.indicator, left.reason) for left in reading.left)
    for (indicator, reason), count in groups.items():
        which = [left for left in reading.left if (left.indicator, left.reason) == (indicator, reason)][:6]
        rows = ", ".join(f"{left.row} {left.trust}".strip() for left in which) + (", ..." if count > 6 else "")
        yield f"  left out{f' of {indicator}' if indicator else ''}: {count} ({reason}): row{'s' * (count > 1)} {rows}"


def find_files(given: Iterable[Path]) -> list[Path]:
    """Return the files that paths name: a file itself, every file below a folder, every file that a wildcard fits.

    Hidden files, and what a spreadsheet program leaves beside an open workbook, are passed over in folders. Raises
    `UsageError` that names every path without a file.
    """
    found: list[Path] = []
    absent: list[str] = []
    for path in given:
        files = [path] if path.is_file() else sorted(_below(path))
        found += files
        absent += [] if files else [_absent(path)]
    if absent:
        raise UsageError("; ".join(absent))
    return list(dict.fromkeys(found))


def _below(path: Path) -> Iterator[Path]:
    if path.is_dir():
        below = (each for each in path.rglob("*") if each.is_file())
        yield from (each for each in below if not _is_hidden(each.relative_to(path)))
    elif any(letter in path.name for letter in "*?["):
        yield from (each for each in path.parent.glob(path.name) if each.is_file())


def _is_hidden(path: Path) -> bool:
    return any(part.startswith((".", "~$")) for part in path.parts)


def _absent(path: Path) -> str:
    if path.is_dir():
        return f"no file in the folder {path}"
    if any(letter in path.name for letter in "*?["):
        return f"no file fits {path}"
    return f"no file {path}"


def check_files(paths: Sequence[Path]) -> list[Checked]:
    """Return what became of every file, folders and wildcards opened, in the order given.

    Every path is looked for before any is read: raises `UsageError` that names all that are no file.
    """
    return [check_file(path) for path in find_files(paths)]
