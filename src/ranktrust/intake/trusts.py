"""Codes of trusts at a date: normalised, followed through mergers, refused at splits; every row left out is named."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from math import fsum
from typing import Final

from ranktrust.errors import DataError, Fault
from ranktrust.intake.organisations import Listed, Succession
from ranktrust.intake.reading import CODE
from ranktrust.intake.sheet import plain
from ranktrust.intake.tidy import Record, Table, sort_rows
from ranktrust.vocabulary import FIGURE_KEYS, KIND_COLUMNS

COUNTED: Final = frozenset({*KIND_COLUMNS["ratio"], *KIND_COLUMNS["proportion"], "spells"})
"""Columns that may be added when trusts merge."""


@dataclass(frozen=True)
class Registered:
    """A trust in the register: its name and region on the register's day, and when it opened and closed."""

    name: str
    region: str
    opened: date | None
    closed: date | None


@dataclass(frozen=True)
class LeftOut:
    """A trust's row that is not in the study, and why."""

    trust: str
    indicator: str
    period: str
    reason: str


@dataclass(frozen=True)
class Settled:
    """Figures under the codes of a date, the rows left out, and what was joined, in sentences."""

    table: Table
    left: tuple[LeftOut, ...]
    joined: tuple[str, ...]


def normalise_code(text: object) -> str:
    """Return an organisation's code in capitals, without blanks about it. Raises `ValueError` for what is none."""
    code = plain(str(text)).upper()
    if not CODE.fullmatch(code):
        raise ValueError(f"{text!r} is not an organisation's code")
    return code


def read_registered(table: Table) -> dict[str, Registered]:
    """Return the register's trusts by code, from the table `trusts_register`."""
    return {str(row[0]): Registered(str(row[1]), str(row[2]), _day(row[5]), _day(row[6])) for row in table.rows}


def _day(value: object) -> date | None:
    return value if isinstance(value, date) else None


def follow(
    code: str, successions: Sequence[Succession], on: date, choices: Mapping[str, str] | None = None
) -> tuple[str, tuple[Succession, ...]]:
    """Return the code that a trust has on a date, and the successions on the way.

    `choices` says to which successor a trust goes that was split. Raises `DataError` at a split without a choice,
    with the choices there are, and where codes succeed each other in a circle.
    """
    chosen = choices or {}
    path: list[Succession] = []
    seen = {code}
    while steps := [s for s in successions if s.old == code and s.new != code and s.when <= on]:
        step = _step(code, steps, chosen)
        if step.new in seen:
            raise DataError(
                [Fault("successions", f"trust {code}", "codes succeed each other in a circle", "Correct it")]
            )
        path.append(step)
        code = step.new
        seen.add(code)
    return code, tuple(path)


def _step(code: str, steps: Sequence[Succession], choices: Mapping[str, str]) -> Succession:
    heirs = {step.new: step for step in steps}
    if len(heirs) == 1:
        return max(steps, key=lambda step: step.when)
    if choices.get(code) in heirs:
        return heirs[choices[code]]
    names = ", ".join(sorted(heirs))
    problem = f"it was split on {steps[0].when} into {names}: its figures cannot be divided"
    choices_there = " or ".join(f'{code} = "{new}"' for new in sorted(heirs))
    remedy = f"Choose one in the study: [trusts.successors] {choices_there}"
    raise DataError([Fault("successions", f"trust {code}", problem, remedy)])


def settle(
    table: Table,
    successions: Sequence[Succession],
    on: date,
    *,
    choices: Mapping[str, str] | None = None,
    leave: Iterable[str] = (),
) -> Settled:
    """Return a table of figures under the codes of a date: counts of merged trusts added, period by period.

    An estimate cannot be added: where two would meet, the predecessor's is left out. Trusts in `leave` are left out
    too. Raises `DataError` with every split that needs a choice.
    """
    omitted = set(leave)
    faults: list[Fault] = []
    homes: dict[str, tuple[str, tuple[Succession, ...]]] = {}
    for code in sorted({str(row[0]) for row in table.rows} - omitted):
        try:
            homes[code] = follow(normalise_code(code), successions, on, choices)
        except DataError as error:
            faults += error.faults
    if faults:
        raise DataError(faults)
    left = [_left(row, "left out by the study") for row in table.rows if row[0] in omitted]
    groups: dict[tuple[object, ...], list[Record]] = {}
    for row in table.rows:
        if row[0] not in omitted:
            groups.setdefault((homes[str(row[0])][0], *row[1:4]), []).append(row)
    rows = [_join(table.columns, str(key[0]), group, left) for key, group in groups.items()]
    joined = tuple(_sentence(code, path) for code, (_, path) in homes.items() if path)
    return Settled(Table(table.columns, sort_rows(rows), table.notes, table.files), tuple(left), joined)


def _left(row: Record, reason: str) -> LeftOut:
    return LeftOut(str(row[0]), str(row[1]), str(row[2]), reason)


def _join(columns: Sequence[str], code: str, group: list[Record], left: list[LeftOut]) -> Record:
    if len(group) == 1:
        return (code, *group[0][1:])
    if not set(KIND_COLUMNS["estimate"]).isdisjoint(columns):
        kept = next((row for row in group if row[0] == code), group[0])
        reason = f"an estimate cannot be added to that of {kept[0]}, with which it merged into {code}"
        left += [_left(row, reason) for row in group if row is not kept]
        return (code, *kept[1:])
    width = len(FIGURE_KEYS)
    added = tuple(
        fsum(float(str(row[i])) for row in group) if columns[i] in COUNTED else "" for i in range(width, len(columns))
    )
    return (code, *group[0][1:width], *added)


def _sentence(code: str, path: Sequence[Succession]) -> str:
    return f"{code} counts as {', then '.join(f'{step.new} from {step.when}' for step in path)}"


def explain(code: str, register: Mapping[str, Registered], successions: Sequence[Succession], on: date) -> str:
    """Return why a code is not that of an open trust on a date, in a sentence; empty if it is open."""
    entry = register.get(code)
    heirs = sorted({(s.when, s.new) for s in successions if s.old == code and s.new != code and s.when <= on})
    gone = "; its services went to " + ", ".join(f"{new} on {when}" for when, new in heirs) if heirs else ""
    if entry is None:
        return f"{code} is not an NHS trust in the register{gone}"
    if entry.opened and entry.opened > on:
        return f"{code} opened on {entry.opened}, after {on}"
    if entry.closed and entry.closed <= on:
        return f"{code}, {entry.name}, closed on {entry.closed}{gone or '; no successor is recorded'}"
    return f"{code} is open in the register{gone}" if gone else ""


def check_codes(
    table: Table, register: Mapping[str, Registered], successions: Sequence[Succession], on: date
) -> list[LeftOut]:
    """Return every row whose code is not that of a trust open on a date, with the reason."""
    reasons = {code: explain(code, register, successions, on) for code in {str(row[0]) for row in table.rows}}
    return [_left(row, reasons[str(row[0])]) for row in table.rows if reasons[str(row[0])]]


def list_at(mappings: Mapping[date, Mapping[str, Listed]], on: date) -> dict[str, Listed]:
    """Return the name, region and board of every provider as of a date, from `System Mapping` sheets by month.

    The newest sheet that is not after the date comes first; a provider that it lacks keeps its last entry.
    """
    listed: dict[str, Listed] = {}
    for month in sorted(mappings):
        if month <= on:
            listed |= mappings[month]
    return listed


def peer_groups(league: Table) -> dict[str, str]:
    """Return every trust's peer group, its subtype in the table `oversight_league`."""
    trust, subtype = (league.columns.index(name) for name in ("trust", "subtype"))
    return {str(row[trust]): str(row[subtype]) for row in league.rows}
