"""Cancer waiting times, provider extracts (NHS England): the 62-day and the 28-day standards."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

from ranktrust.errors import DataError, Fault
from ranktrust.intake.period import Period, month_of, months_between, read_month
from ranktrust.intake.sheet import Cell, Sheet, cell_text, find_column, find_header, plain, read_count, read_xlsx
from ranktrust.intake.tidy import PROPORTION, Publication, Record, Table, check_parts, raise_faults, sort_rows

SHEET: Final = "CWT CRS Provider Extract"
HEADINGS: Final = (
    "PERIOD",
    "STANDARD",
    "ORG CODE",
    "STAGE/ROUTE",
    "TREATMENT MODALITY",
    "CANCER TYPE",
    "TOTAL TREATED",
    "WITHIN STANDARD",
    "BREACHES",
)
STANDARDS: Final = {"cancer_62d": "62-day Combined", "cancer_28d": "28-day FDS", "": "31-day Combined"}
ALL_CANCERS: Final = "ALL CANCERS"
ALL_MODALITIES: Final = "ALL MODALITIES"
FETCH: Final = "Fetch the extract again as published"
NO_CONTROL: Final = (
    "The extracts have no England row, no other total and no second margin of the 28-day standard: its sums are held "
    "against nothing but themselves, and a provider's row that is missing would not be noticed. In each row those "
    "within and those beyond the standard make the total."
)


@dataclass(frozen=True)
class Part:
    """One row of an extract: pathways of a provider in a month (`start`, `trust`), halves where they are shared."""

    start: date
    standard: str
    trust: str
    route: str
    modality: str
    cancer: str
    treated: float
    within: float


Counts = dict[tuple[str, date], tuple[float, float]]


def read_cancer(files: Sequence[Path], period: Period) -> Publication:
    """Return pathways within the 62-day and the 28-day standard, by provider and month.

    The extracts show totals beside their parts. 62-day: the rows `ALL CANCERS` are taken and routes summed, and must
    agree with the rows `ALL MODALITIES`. 28-day: no such rows exist and cancer types are summed. Raises `DataError`
    with every fault, a month that is absent among them.
    """
    parts: list[Part] = []
    faults: list[Fault] = []
    for path in files:
        try:
            parts += read_extract(path)
        except DataError as error:
            faults += error.faults
    parts = [part for part in parts if period[0] <= part.start <= period[1]]
    faults += _check_months(parts, period)
    faults += check_margins(parts)
    raise_faults(faults)
    tables = {name: _table(name, parts, tuple(files)) for name in ("cancer_62d", "cancer_28d")}
    return Publication(tables, tuple(row for name, table in tables.items() for row in _pooled(name, table)))


def read_extract(path: Path) -> list[Part]:
    """Return every row of an extract. Raises `DataError` with every cell that cannot be read."""
    sheet = read_xlsx(path, SHEET)
    header = find_header(sheet, HEADINGS)
    columns = [find_column(sheet, header, name) for name in HEADINGS]
    faults: list[Fault] = []
    parts = [read_part(sheet, row, columns, faults) for row in range(header + 1, len(sheet.rows))]
    raise_faults(faults)
    return parts


def read_part(sheet: Sheet, row: int, columns: Sequence[int], faults: list[Fault]) -> Part:
    """Return one row of an extract, with the columns of `HEADINGS`; what cannot be read is added to `faults`."""
    start = _month(sheet.at(row, columns[0]))
    if start is None:
        problem = f"{cell_text(sheet.at(row, columns[0]))} is not the first of a month"
        faults.append(sheet.fault(problem, FETCH, row=row, column=columns[0]))
    standard, trust, route, modality, cancer = (plain(sheet.at(row, column)) for column in columns[1:6])
    standard, trust, modality, cancer = standard_of(standard), trust.upper(), _margin(modality), _margin(cancer)
    if standard not in STANDARDS.values() or not trust:
        problem = f"standard {standard!r} of organisation {trust!r} is not known"
        faults.append(
            sheet.fault(problem, "Correct it, or fetch the extract again as published", row=row, column=columns[1])
        )
    step = 1 if standard == STANDARDS["cancer_28d"] else 0.5
    treated, within, breaches = (read_count(sheet, row, column, faults, step=step) for column in columns[6:])
    if abs(within + breaches - treated) > 0:
        problem = f"{within:,.10g} within and {breaches:,.10g} breaches do not make {treated:,.10g} treated"
        faults.append(sheet.fault(problem, FETCH, row=row, column=columns[6]))
    return Part(start or date.min, standard, trust, route, modality, cancer, treated, within)


def standard_of(text: str) -> str:
    """Return a standard as the extracts at hand write it, whatever its capitals; any other text as it is."""
    return next((name for name in STANDARDS.values() if name.lower() == text.lower()), text)


def _margin(text: str) -> str:
    """Return the name of a margin as the extracts at hand write it; any other text as it is."""
    return text.upper() if text.upper() in {ALL_CANCERS, ALL_MODALITIES} else text


def _month(cell: Cell) -> date | None:
    """Return the first day of a month given as a day, or as a text such as `2025-04-01` or `April 2025`."""
    if isinstance(cell, date):
        return date(cell.year, cell.month, 1) if cell.day == 1 else None
    try:
        return read_month(plain(cell))[0]
    except ValueError:
        return None


def sum_parts(parts: Iterable[Part], *, by_route: bool = False) -> Counts:
    """Return (within standard, treated) summed over all parts of a provider (and route) and month."""
    sums: defaultdict[tuple[str, date], list[float]] = defaultdict(lambda: [0.0, 0.0])
    for part in parts:
        both = sums[f"{part.trust}, {part.route}" if by_route else part.trust, part.start]
        both[0] += part.within
        both[1] += part.treated
    return {key: (within, treated) for key, (within, treated) in sums.items()}


def check_margins(parts: Sequence[Part], standards: Sequence[str] = (), file: str = "cancer extracts") -> list[Fault]:
    """Return a fault for every total over cancers, by trust, month and route, that differs from that over modalities.

    The standards compared are those with both margins (62-day where none is named). A row that is part of both, or of
    neither, is a fault too: the two would be counted together.
    """
    return [
        fault for standard in standards or (STANDARDS["cancer_62d"],) for fault in _check_margin(parts, standard, file)
    ]


def _check_margin(parts: Sequence[Part], standard: str, file: str) -> list[Fault]:
    rows = [part for part in parts if part.standard == standard]
    faults = [
        Fault(file, f"{part.trust}, {part.start}", f"{part.cancer}, {part.modality}: not one margin", FETCH)
        for part in rows
        if (part.cancer == ALL_CANCERS) == (part.modality == ALL_MODALITIES)
    ]
    left = sum_parts((part for part in rows if part.cancer == ALL_CANCERS), by_route=True)
    right = sum_parts((part for part in rows if part.modality == ALL_MODALITIES), by_route=True)
    for trust, start in sorted(left.keys() | right.keys()):
        over_cancers, over_modalities = left.get((trust, start)), right.get((trust, start))
        if over_cancers != over_modalities:
            name = standard.split(" ", maxsplit=1)[0]
            said = f"by modality ({_pair(over_cancers)}) and by cancer ({_pair(over_modalities)})"
            problem = f"{name} totals {said} differ"
            faults.append(Fault(file, f"{trust}, {start}", problem, FETCH))
    return faults


def _pair(counts: tuple[float, float] | None) -> str:
    """Say those within a standard of all treated."""
    return f"{counts[0]:,.10g} of {counts[1]:,.10g}" if counts else "no row"


def _check_months(parts: Sequence[Part], period: Period) -> list[Fault]:
    seen = {(part.standard, part.start) for part in parts}
    return [
        Fault("cancer extracts", f"{start:%B %Y}", f"no row of {STANDARDS[name]}", "Add the extract of this month")
        for start in months_between(*period)
        for name in ("cancer_62d", "cancer_28d")
        if (STANDARDS[name], start) not in seen
    ]


def _table(name: str, parts: Sequence[Part], files: tuple[Path, ...]) -> Table:
    rows_of = [part for part in parts if part.standard == STANDARDS[name]]
    if name == "cancer_62d":
        rows_of = [part for part in rows_of if part.cancer == ALL_CANCERS]
    else:
        raise_faults(_check_no_totals(rows_of))
    rows = [
        (trust, name, *month_of(start.year, start.month), within, treated)
        for (trust, start), (within, treated) in sum_parts(rows_of).items()
    ]
    raise_faults(check_parts(rows, "cancer extracts"))
    halves = sum(1 for row in rows if row[4] % 1 or row[5] % 1)
    return Table(PROPORTION, sort_rows(rows), NOTES[name](len(rows), halves), files)


def _check_no_totals(parts: Iterable[Part]) -> list[Fault]:
    problem = "a 28-day row is a total and would be counted with its parts"
    return [
        Fault(
            "cancer extracts",
            f"{part.trust}, {part.start}",
            problem,
            "Leave the total out, or fetch the extract again as published",
        )
        for part in parts
        if "ALL " in part.cancer or part.modality
    ]


def _notes_62(rows: int, halves: int) -> tuple[str, ...]:
    return (
        f"Half counts are kept: a pathway shared by two providers counts one half at each ({halves} of {rows} rows).",
        "Rows ALL CANCERS summed over routes; they agree with the rows ALL MODALITIES (checked at each rebuild).",
        "All providers in the extracts, NHS or not; codes as published. Provisional or revised as in the extract.",
    )


def _notes_28(rows: int, halves: int) -> tuple[str, ...]:
    return (
        f"Summed over routes and suspected cancer types ({rows} rows, {halves} with half counts).",
        NO_CONTROL,
        "All providers in the extracts, NHS or not; codes as published. Provisional or revised as in the extract.",
    )


NOTES: Final = {"cancer_62d": _notes_62, "cancer_28d": _notes_28}


def _pooled(name: str, table: Table) -> list[Record]:
    sums: defaultdict[Period, list[float]] = defaultdict(lambda: [0.0, 0.0])
    for _, _, start, end, within, treated in table.rows:
        assert isinstance(start, date)
        assert isinstance(end, date)
        sums[start, end][0] += float(str(within))
        sums[start, end][1] += float(str(treated))
    basis = "pooled over all providers in the extracts"
    return [(name, *period, part, whole, part / whole, basis) for period, (part, whole) in sorted(sums.items())]
