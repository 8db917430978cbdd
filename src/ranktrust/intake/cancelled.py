"""Cancelled elective operations, quarterly workbooks by provider (NHS England)."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ranktrust.errors import DataError, Fault
from ranktrust.intake.period import Period, months_between, read_quarter
from ranktrust.intake.sheet import Sheet, find_column, find_header, find_label, is_total, plain, read_count, read_xlsx
from ranktrust.intake.tidy import PROPORTION, Publication, Record, Table, check_parts, raise_faults, sort_rows

INDICATOR: Final = "cancelled_28d"
CANCELLED: Final = "Number of last minute elective operations cancelled for non clinical reasons"
UNTREATED: Final = "Number of patients not treated within 28 days of last minute elective cancellation"
EXCLUDING: Final = "England (Excluding Independent Sector)"
INCLUDING: Final = "England (Including Independent Sector)"
Pair = tuple[float, float]


@dataclass(frozen=True)
class Quarter:
    """One quarter's workbook: (not treated in 28 days, cancelled) by provider, and by England row; its own notes."""

    path: Path
    period: Period
    providers: dict[str, Pair]
    england: dict[str, Pair]
    notes: str


def read_cancelled(files: Sequence[Path], period: Period) -> Publication:
    """Return patients not treated within 28 days of a last-minute cancellation, by provider and quarter.

    Providers without a cancellation in a quarter have no row there. Raises `DataError` with every fault.
    """
    quarters: list[Quarter] = []
    faults: list[Fault] = []
    for path in files:
        try:
            quarters.append(read_quarter_workbook(path))
        except DataError as error:
            faults += error.faults
    quarters = [quarter for quarter in quarters if period[0] <= quarter.period[0] <= period[1]]
    faults += _check_quarters(quarters, period)
    raise_faults(faults)
    quarters.sort(key=lambda quarter: quarter.period)
    rows = [row for quarter in quarters for row in _rows(quarter)]
    raise_faults(check_parts(rows, "Cancelled Operations"))
    table = Table(PROPORTION, sort_rows(rows), _notes(quarters), tuple(quarter.path for quarter in quarters))
    return Publication({INDICATOR: table}, tuple(_benchmark(quarter) for quarter in quarters))


def read_quarter_workbook(path: Path) -> Quarter:
    """Return one quarter. Raises `DataError` with all faults of the workbook."""
    sheet = read_xlsx(path, "Provider")
    try:
        period = read_quarter(find_label(sheet, "Period:"))
    except ValueError as error:
        raise DataError([sheet.fault(str(error), "State it as April to June 2025 or Q1 2025-26")]) from error
    faults: list[Fault] = []
    providers, england = _read_counts(sheet, faults)
    sums = tuple(sum(pair[i] for pair in providers.values()) for i in (0, 1))
    if not faults and (set(england) != {EXCLUDING, INCLUDING} or sums != england[INCLUDING]):
        problem = f"the England rows say {england} but the providers sum to {sums}"
        faults.append(sheet.fault(problem, "Fetch the workbook again as published"))
    raise_faults(faults)
    return Quarter(path, period, providers, england, _read_notes(path))


def _read_counts(sheet: Sheet, faults: list[Fault]) -> tuple[dict[str, Pair], dict[str, Pair]]:
    header = find_header(sheet, ["Organisation Code", "Organisation Name", CANCELLED, UNTREATED])
    names = ("Organisation Code", "Organisation Name", UNTREATED, CANCELLED)
    code, name, untreated, cancelled = (find_column(sheet, header, text) for text in names)
    providers: dict[str, Pair] = {}
    england: dict[str, Pair] = {}
    for row in range(header + 1, len(sheet.rows)):
        label = plain(sheet.at(row, name))
        if not label:
            continue
        pair = (read_count(sheet, row, untreated, faults), read_count(sheet, row, cancelled, faults))
        home, key = (england, label) if is_total(label) else (providers, plain(sheet.at(row, code)))
        if not key or key in home:
            faults.append(
                sheet.fault(f"{label!r} has no code or stands twice", "Correct the file", row=row, column=code)
            )
        home[key] = pair
    return providers, england


def _read_notes(path: Path) -> str:
    texts = [plain(cell) for row in read_xlsx(path, "Notes").rows for cell in row if plain(cell)]
    return " ".join(texts[texts.index("Notes") + 1 :]) if "Notes" in texts else ""


def _check_quarters(quarters: Sequence[Quarter], period: Period) -> list[Fault]:
    faults: list[Fault] = []
    for start in months_between(*period)[::3]:
        found = [quarter.path.name for quarter in quarters if quarter.period[0] == start]
        if len(found) != 1:
            problem = f"{len(found)} workbooks hold this quarter ({', '.join(found) or 'none'})"
            faults.append(Fault("Cancelled Operations", f"from {start:%B %Y}", problem, "Keep exactly one"))
    return faults


def _rows(quarter: Quarter) -> list[Record]:
    return [(code, INDICATOR, *quarter.period, *pair) for code, pair in quarter.providers.items() if pair[1] > 0]


def _benchmark(quarter: Quarter) -> Record:
    untreated, cancelled = quarter.england[EXCLUDING]
    return (INDICATOR, *quarter.period, untreated, cancelled, untreated / cancelled, f"row {EXCLUDING}")


def _notes(quarters: Sequence[Quarter]) -> tuple[str, ...]:
    idle = "; ".join(
        f"{quarter.period[0]:%b %Y}: {', '.join(sorted(c for c, pair in quarter.providers.items() if not pair[1]))}"
        for quarter in quarters
    )
    untreated: Counter[str] = Counter()
    cancelled: Counter[str] = Counter()
    for quarter in quarters:
        untreated.update({code: int(pair[0]) for code, pair in quarter.providers.items()})
        cancelled.update({code: int(pair[1]) for code, pair in quarter.providers.items()})
    never = [
        f"{code} (of {cancelled[code]})" for code in sorted(cancelled) if cancelled[code] >= 30 and not untreated[code]
    ]
    said = tuple(f"The publisher's note, quarter from {q.period[0]:%B %Y}: {q.notes}" for q in quarters if q.notes)
    return (
        "numerator: patients not treated within 28 days; denominator: last-minute cancellations for other than "
        "clinical reasons. Low is good.",
        f"Providers that reported no cancellation have no row in that quarter: {idle}.",
        "All providers in the workbooks, independent ones among them; their sum is the row England (Including "
        "Independent Sector), checked at each rebuild. The benchmark is the row Excluding, as NHS trusts are compared.",
        "Providers with 30 cancellations or more and not one patient left untreated, which may be a way of counting: "
        f"{', '.join(never) or 'none'}.",
        *said,
    )
