"""Import published files: tidy figures and passports, period by period, the same bytes from the same files."""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Final

from ranktrust.errors import DataError, Fault, UsageError
from ranktrust.files import write_text
from ranktrust.intake.imported import Part, Stored, files_used, read_stored, write_stored
from ranktrust.intake.period import Period, read_day
from ranktrust.intake.reading import Left, Reading
from ranktrust.intake.recognise import Checked, check_files
from ranktrust.intake.tidy import Table, raise_faults, write_csv, write_value
from ranktrust.vocabulary import FIGURE_KEYS
from ranktrust.words import count_text

LEDGER: Final = "left_out.csv"
LEDGER_COLUMNS: Final = ("publication", "file", "sheet", "row", "trust", "indicator", "reason")
Rows = tuple[tuple[str, ...], ...]


def import_files(paths: Sequence[Path], out: Path, periods: Sequence[str] = ()) -> list[str]:
    """Write the figures of published files as tables with passports below `out`; return what was done, in sentences.

    `periods` are `FIRST:LAST` or `FILE=FIRST:LAST`, for files that do not state theirs. A period that is already
    there is replaced by a newer revision. Nothing is written if any file has a fault. Raises `DataError` with the
    faults of all files, and `UsageError` for a period that cannot be read.
    """
    given = dict(_read_period(text) for text in periods)
    checked = check_files(paths)
    raise_faults([fault for each in checked for fault in each.faults])
    said: list[str] = []
    unique = _without_copies(checked, said)
    _check_given(given, checked)
    dated = [_date(each, given) for each in unique]
    raise_faults([each for each in dated if isinstance(each, Fault)])
    readings = [each for each in dated if isinstance(each, Checked)]
    stored = _add_all(readings, out, said)
    said += [line for name in sorted(stored) for line in write_stored(out, stored[name])]
    _write_ledger(out, readings, stored)
    return said


def _add_all(readings: Sequence[Checked], out: Path, said: list[str]) -> dict[str, Stored]:
    stored: dict[str, Stored] = {}
    faults: list[Fault] = []
    fresh: set[str] = set()
    for each in sorted(readings, key=lambda item: item.path.name):
        for name, table in _tables(each).items():
            try:
                old = stored.get(name) or read_stored(out, name)
                faults += _check_fresh(old, each, name, table, fresh)
                stored[name] = _add(old, each, name, table, said)
            except DataError as error:
                faults += error.faults
        fresh.add(each.path.name)
    raise_faults(faults)
    return stored


def _check_fresh(old: Stored | None, each: Checked, name: str, table: Table, fresh: set[str]) -> list[Fault]:
    """Return a fault for every period that another file given now has with other figures, neither being newer."""
    found: list[Fault] = []
    for key, rows in _by_period(table).items():
        part = old.parts.get(key) if old else None
        if part is None or part.file not in fresh or set(part.rows) == set(rows):
            continue
        if _revised(part.revised) == _revised(_reading(each).revised):
            problem = f"{part.file} has other figures of {name}, {_period_text(key)}, and neither is dated as newer"
            found.append(Fault(each.path.name, name, problem, "Keep one of the two"))
    return found


def _read_period(text: str) -> tuple[str, Period]:
    name, _, days = text.rpartition("=")
    try:
        first, last = (date.fromisoformat(day) for day in days.split(":"))
    except ValueError as error:
        problem = f"--period takes FIRST:LAST or FILE=FIRST:LAST (2025-01-01:2025-12-31), not {text!r}"
        raise UsageError(problem) from error
    if first > last:
        raise UsageError(f"--period {text!r} ends before it begins")
    return name, (first, last)


def _check_given(given: Mapping[str, Period], checked: Sequence[Checked]) -> None:
    """Raise `UsageError` for a period given for a file that is not there, or for all where each states its own."""
    names = sorted({each.path.name for each in checked})
    strange = [name for name in given if name and name not in names]
    if strange:
        said = f"--period names {', '.join(strange)}, and no such file was given; there are: {', '.join(names)}"
        raise UsageError(said)
    if "" in given and not any(_lacks_period(each) for each in checked):
        raise UsageError("--period FIRST:LAST is for files that do not state theirs; every file given states its own")


def _lacks_period(each: Checked) -> bool:
    return _reading(each).period is None and any(_is_figures(table) for table in _tables(each).values())


def _without_copies(checked: Sequence[Checked], said: list[str]) -> list[Checked]:
    seen: dict[str, Checked] = {}
    for each in sorted(checked, key=lambda item: item.path.name):
        first = seen.setdefault(each.sha256, each)
        if first is not each:
            said.append(f"{each.path.name} is the same file as {first.path.name}: read once")
    return list(seen.values())


def _date(each: Checked, given: Mapping[str, Period]) -> Checked | Fault:
    """Put the period given for a file into rows without one; refuse one that contradicts the file."""
    reading = _reading(each)
    period = given.get(each.path.name) or given.get("")
    if not _lacks_period(each):
        if each.path.name in given and given[each.path.name] != reading.period:
            stated = _period_text(tuple(map(str, reading.period))) if reading.period else "no period that figures need"
            problem = f"it states {stated}, which is not the period given"
            return Fault(each.path.name, "the whole file", problem, "Leave --period out for this file")
        return each
    if period is None:
        problem = "it does not state its period"
        return Fault(each.path.name, "the whole file", problem, f"Give --period '{each.path.name}=FIRST:LAST'")
    tables = {
        name: replace(table, rows=tuple((*row[:2], *period, *row[4:]) for row in table.rows))
        for name, table in reading.tables.items()
    }
    return replace(each, reading=replace(reading, tables=tables, period=period))


def _reading(each: Checked) -> Reading:
    assert each.reading is not None
    return each.reading


def _is_figures(table: Table) -> bool:
    return table.columns[:4] == FIGURE_KEYS


def _tables(each: Checked) -> dict[str, Table]:
    return _reading(each).tables


def _add(stored: Stored | None, each: Checked, name: str, table: Table, said: list[str]) -> Stored:
    """Return the stored table with a file's periods added, each one replaced, kept or newly there."""
    assert each.layout is not None
    if stored is None:
        stored = Stored(name, each.layout.publication, each.layout.title, table.columns)
    if stored.publication != each.layout.publication:
        problem = f"the table {name} there is of {stored.publication!r}, this file's of {each.layout.publication!r}"
        raise DataError([Fault(each.path.name, "publication", problem, "Import into another folder")])
    if stored.columns != table.columns:
        problem = f"the table {name} there has columns {', '.join(stored.columns)}, this file gives others"
        raise DataError([Fault(each.path.name, "columns", problem, "Import into another folder")])
    parts = dict(stored.parts)
    for key, rows in _by_period(table).items():
        new = Part(rows, each.path.name, each.sha256, _reading(each).revised, _reading(each).notes)
        parts[key] = _choose(parts.get(key), new, f"{name}, {_period_text(key)}", said)
    notes = tuple(sorted({*stored.notes, *table.notes}))
    return replace(stored, parts=parts, notes=notes)


def _by_period(table: Table) -> dict[tuple[str, ...], Rows]:
    parts: dict[tuple[str, ...], list[tuple[str, ...]]] = {}
    for row in table.rows:
        texts = tuple(write_value(cell) for cell in row)
        parts.setdefault(texts[2:4] if _is_figures(table) else (), []).append(texts)
    return {key: tuple(rows) for key, rows in parts.items()}


def _period_text(key: tuple[str, ...]) -> str:
    return " to ".join(key) if any(key) else "undated"


def _choose(old: Part | None, new: Part, where: str, said: list[str]) -> Part:
    """Return the part to keep of one period: the newer revision; of equal figures, the one that is there."""
    if old is None or old.sha256 == new.sha256:
        return new
    changed = len(set(old.rows) ^ set(new.rows))
    if not changed and _revised(new.revised) <= _revised(old.revised):
        said.append(f"{where}: {new.file} agrees with {old.file}")
        return old
    if _revised(new.revised) < _revised(old.revised):
        why = "is older than" if _revised(new.revised) > date.min else "states no revision, unlike"
        said.append(f"{where}: {new.file} {why} {old.file} (revised {old.revised}) and is not taken")
        return old
    if _revised(new.revised) == _revised(old.revised):
        revised = " (neither is dated as newer: the one given last is taken)"
    else:
        revised = f" (revised {new.revised})"
    differing = len({row[:2] for row in set(old.rows) ^ set(new.rows)})
    said.append(
        f"{where}: {new.file}{revised} replaces {old.file}; {count_text(differing, 'trust')} with other figures"
    )
    return new


def _revised(text: str) -> date:
    """Return the day of a text that dates a revision; the first of all days where it is none."""
    return read_day(text) or date.min


def _write_ledger(out: Path, readings: Sequence[Checked], stored: Mapping[str, Stored]) -> None:
    """Write the rows left out of every file that a table in `out` rests on; those of a replaced file go with it."""
    path = out / LEDGER
    used = files_used(out) | {each.path.name for each in readings if not _tables(each)}
    taken = {(part.file, part.sha256) for table in stored.values() for part in table.parts.values()}
    now = [each for each in readings if not _tables(each) or (each.path.name, each.sha256) in taken]
    fresh = {each.path.name for each in now}
    rows = [row for row in _old_ledger(path) if row[1] in used and row[1] not in fresh]
    for each in now:
        rows += [_ledger_row(each, left) for left in _reading(each).left]
    rows.sort(key=lambda row: (row[0], row[1], row[2], int(row[3]), row[5]))
    write_text(path, write_csv(LEDGER_COLUMNS, [tuple(row) for row in rows]))


def _ledger_row(each: Checked, left: Left) -> list[str]:
    values = (left.sheet, str(left.row), left.trust, left.indicator, left.reason)
    return [_reading(each).publication, each.path.name, *values]


def _old_ledger(path: Path) -> list[list[str]]:
    if not path.is_file():
        return []
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.reader(lines))[1:]
