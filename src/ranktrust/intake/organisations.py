"""Organisations: names, regions, types, successions between codes, and the deprivation of their catchments."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Final

from ranktrust.errors import DataError, Fault
from ranktrust.intake.sheet import find_column, find_header, plain, read_number, read_xls
from ranktrust.intake.tidy import Record, Table, Value, raise_faults, sort_rows
from ranktrust.intake.widths import read_even_csv

GENERAL_ACUTE: Final = (
    "Acute - Teaching",
    "Acute - Large",
    "Acute - Medium",
    "Acute - Small",
    "Acute - Multi-Service",
)
REGION_CODES: Final = {
    "Y56": "London",
    "Y58": "South West",
    "Y59": "South East",
    "Y60": "Midlands",
    "Y61": "East of England",
    "Y62": "North West",
    "Y63": "North East and Yorkshire",
}
REGIONS: Final = tuple(REGION_CODES.values())
REGISTER_WIDTH: Final = 27
LEAGUE_REGIONS: Final = {"East": "East of England"}
"""Regions that the league table words otherwise."""

MAPPING: Final = "System Mapping"
SMALL_WORDS: Final = frozenset({"and", "of", "the", "on", "upon", "for", "in", "with"})
CATCHMENTS_OF: Final = date(2020, 4, 1)
"""The date of the organisation codes in the published catchments."""


@dataclass(frozen=True)
class Listed:
    """One organisation of a `System Mapping` sheet: proper name, region and integrated care board."""

    name: str
    region: str
    icb: str
    path: Path


@dataclass(frozen=True)
class Succession:
    """`old` became, or part of it became, `new` on a date; `note` says how, where the source does."""

    old: str
    new: str
    when: date
    note: str = ""


def proper_name(text: str) -> str:
    """Return a name in proper case: capitals only where a word is all capitals, small words small, NHS kept."""
    return " ".join(_proper_word(word, first=i == 0) for i, word in enumerate(plain(text).split()))


def _proper_word(word: str, *, first: bool) -> str:
    if word.strip("(),.") == "NHS":
        return word
    if word.lower() in SMALL_WORDS and not first:
        return word.lower()
    if word.isupper() and len(word) > 1:
        word = re.sub(r"[A-Z][A-Z']*", lambda match: match[0].capitalize(), word)
    return re.sub(r"-(On|Upon|In|Le|The)(?=-)", lambda match: match[0].lower(), word)


def read_mapping(path: Path) -> dict[str, Listed]:
    """Return the organisations of a workbook's `System Mapping` sheet, by code. Raises `DataError` if it has none."""
    sheet = read_xls(path, MAPPING)
    header = find_header(sheet, ["Org code", "Region", "Name"])
    code, region, name = (find_column(sheet, header, text) for text in ("Org code", "Region", "Name"))
    listed: dict[str, Listed] = {}
    for row in range(header + 1, len(sheet.rows)):
        key = plain(sheet.at(row, code))
        where = plain(sheet.at(row, region)).removesuffix(" Commissioning Region")
        if key and where not in REGIONS:
            problem = f"{where!r} is not a region; there are: {', '.join(REGIONS)}"
            raise DataError(
                [sheet.fault(problem, "Correct the region, or fetch the workbook again", row=row, column=region)]
            )
        if key:
            icb = proper_name(plain(sheet.at(row, name + 1)))
            listed[key] = Listed(plain(sheet.at(row, name)), where, icb, path)
    return listed


def read_trusts(league: Path, register: Path, workbooks: Sequence[Path], codes: Iterable[str]) -> Table:
    """Return one row a trust: name, region, integrated care board, type, subtype, and the days it opened and closed.

    `league` is the Oversight Framework's league table, `register` the register of trusts (no header), `workbooks` the
    A&E workbooks, oldest first: the newest that lists a code places it, else the register gives its region. `codes`
    are those of the other tables: one that is not in the league table gets a row if the register says that it is a
    trust, without type and subtype. Raises `DataError` with every fault.
    """
    ranked = _read_league(league)
    registered = _read_register(register)
    others = sorted((set(codes) - ranked.keys()) & registered.keys())
    placed = _place([*ranked, *others], workbooks)
    faults: list[Fault] = []
    rows: list[Record] = []
    for code in [*ranked, *others]:
        listed, placed_in, *days = registered.get(code, ("", "", None, None))
        official, region, kind, subtype = ranked.get(code, (listed, placed_in, "", ""))
        place = placed.get(code, Listed("", region, "", register))
        if place.region != region or region not in REGIONS:
            problem = f"the region is {region!r} here and {place.region!r} in {place.path.name}"
            faults.append(Fault(league.name, f"trust {code}", problem, "Find out which is right"))
        name = place.name if _same_name(place.name, official) else official
        rows.append((code, proper_name(name), place.region, place.icb, kind, subtype, *days))
    raise_faults(faults)
    left = ", ".join(sorted(set(codes) - ranked.keys() - registered.keys()))
    notes = (
        *_place_notes(rows, workbooks[-1], placed),
        f"Not in the league table, so without type and subtype: {', '.join(others) or 'none'}.",
        f"Codes in the tables of figures that are no NHS trust's, so without a row here: {left or 'none'}.",
    )
    files = (league, register, *{place.path for place in placed.values()})
    columns = ("trust", "name", "region", "icb", "type", "subtype", "opened", "closed")
    return Table(columns, sort_rows(rows, 1), notes, files)


def read_places(workbooks: Sequence[tuple[date, Path]], codes: Iterable[str]) -> Table:
    """Return region and integrated care board of every trust in `codes` from each month on in which they changed.

    `workbooks` are the A&E workbooks with the first day of their month. A trust has one row for the first month that
    lists it, and one for each change.
    """
    known = set(codes)
    rows: list[Record] = []
    last: dict[str, tuple[str, str]] = {}
    for month, path in sorted(workbooks):
        for code, place in read_mapping(path).items():
            if code in known and last.get(code) != (place.region, place.icb):
                last[code] = (place.region, place.icb)
                rows.append((code, month, place.region, place.icb))
    first = min(month for month, _ in workbooks)
    notes = (
        f"Sheets System Mapping of the A&E workbooks from {first:%B %Y} on, month by month; since is the first month "
        "of a place, and for the first row of a trust the first month that lists it.",
        "A study takes the newest place that is not after its date; before the first month, the first one.",
    )
    return Table(("trust", "since", "region", "icb"), sort_rows(rows, 2), notes, tuple(path for _, path in workbooks))


def _read_register(path: Path) -> dict[str, tuple[str, str, Value, Value]]:
    rows = [[plain(cell) for cell in row] for row in read_even_csv(path).rows]
    if any(len(row) != REGISTER_WIDTH for row in rows):
        problem = f"a row has not {REGISTER_WIDTH} columns"
        raise DataError([Fault(path.name, "rows", problem, "Fetch the register again as published")])
    return {row[0]: (row[1], REGION_CODES.get(row[2], ""), _day(row[10]), _day(row[11])) for row in rows}


def _day(text: str) -> date | None:
    return _read_date(text) if text else None


def _read_league(path: Path) -> dict[str, tuple[str, str, str, str]]:
    sheet = read_even_csv(path)
    names = ("org_code", "org_name", "Region", "Trust_type", "Trust_subtype")
    header = find_header(sheet, names)
    columns = [find_column(sheet, header, name) for name in names]
    ranked: dict[str, tuple[str, str, str, str]] = {}
    for row in range(header + 1, len(sheet.rows)):
        code, name, region, kind, subtype = (plain(sheet.at(row, column)) for column in columns)
        ranked[code] = (name, LEAGUE_REGIONS.get(region, region), kind, subtype)
    return ranked


def _place(codes: Sequence[str], workbooks: Sequence[Path]) -> dict[str, Listed]:
    placed: dict[str, Listed] = {}
    for path in reversed(workbooks):
        missing = [code for code in codes if code not in placed]
        if not missing:
            break
        listed = read_mapping(path)
        placed |= {code: listed[code] for code in missing if code in listed}
    return placed


def _same_name(left: str, right: str) -> bool:
    return left.upper().replace("&", "AND") == right.upper().replace("&", "AND")


def _place_notes(rows: Sequence[Record], newest: Path, placed: Mapping[str, Listed]) -> tuple[str, ...]:
    older = ", ".join(sorted(code for code, place in placed.items() if place.path != newest))
    nowhere = ", ".join(sorted(str(row[0]) for row in rows if row[0] not in placed))
    named = [(str(row[0]), str(row[1]), placed[str(row[0])].name) for row in rows if row[0] in placed]
    renamed = ", ".join(f"{code} ({other})" for code, name, other in named if not _same_name(name, other))
    general = sum(1 for row in rows if row[5] in GENERAL_ACUTE)
    return (
        f"{general} trusts have a general acute subtype ({', '.join(GENERAL_ACUTE)}).",
        "Region and integrated care board (icb) are those of the newest A&E workbook that lists the trust, which keeps "
        f"some that have closed. Not in the newest: {older or 'none'}; in none, so with the register's region and "
        f"without icb: {nowhere or 'none'}.",
        "Names follow the league table; the case of their letters follows the A&E workbook. Where that workbook has "
        f"another name, it is older or newer: {renamed or 'none'}.",
    )


def read_successions(changes: Path, later: Path) -> list[Succession]:
    """Return every succession of the register of changes and of the list that continues it. Raises `DataError`."""
    found: list[Succession] = []
    faults: list[Fault] = []
    for sheet in (read_even_csv(changes), read_even_csv(later)):
        header = find_header(sheet, ["old_code", "new_code", "date"])
        columns = [find_column(sheet, header, name) for name in ("old_code", "new_code", "date")]
        for row in range(header + 1, len(sheet.rows)):
            old, new, when = (plain(sheet.at(row, column)) for column in columns)
            try:
                found.append(Succession(old, new, _read_date(when), plain(sheet.at(row, columns[2] + 1))))
            except ValueError:
                faults.append(sheet.fault(f"{when!r} is not a date", "Correct the file", row=row, column=columns[2]))
    raise_faults(faults)
    return found


def _read_date(text: str) -> date:
    if "-" in text:
        return date.fromisoformat(text)
    return datetime.strptime(str(int(float(text))), "%Y%m%d").date()


def select_successions(found: Sequence[Succession], codes: Iterable[str], first: date) -> Table:
    """Return the successions from `first` on whose old or new code is among `codes`."""
    known = set(codes)
    rows = [(s.old, s.new, s.when, s.note) for s in found if s.when >= first and {s.old, s.new} & known]
    notes = (f"Successions from {first:%d %B %Y} on that concern a code in the tables of figures.",)
    return Table(("old_trust", "new_trust", "date", "note"), sort_rows(rows, 2), notes)


def read_context(path: Path, trusts: Table, successions: Sequence[Succession]) -> Table:
    """Return the catchment-weighted deprivation score (Index of Multiple Deprivation 2019, high is deprived), by trust.

    One row for every general acute trust and every other trust with a catchment. A trust that has taken over others
    since the catchments were drawn keeps the score of its own former catchment, and its note says so: the catchments
    carry no population with which to add them up. Raises `DataError` for a score that is not a number.
    """
    scores = _read_scores(path)
    joined = [s for s in successions if s.old in scores and s.when > CATCHMENTS_OF]
    rows: list[Record] = []
    at = trusts.columns.index("subtype")
    for trust, subtype in ((row[0], row[at]) for row in trusts.rows):
        taken = [s for s in joined if s.new == trust]
        if subtype in GENERAL_ACUTE or trust in scores:
            rows.append((trust, scores.get(str(trust)), _context_note(str(trust), taken, scores)))
    none = [str(row[0]) for row in rows if row[1] is None]
    former = [str(row[0]) for row in rows if row[1] is not None and row[2]]
    notes = (
        "Score of the Index of Multiple Deprivation 2019 of small areas, weighted by where a trust's patients live; "
        "catchments and codes of 2020. An ecological measure: it says nothing about any one patient.",
        f"No catchment: {', '.join(none) or 'none'}. Catchment from before a merger: {', '.join(former) or 'none'}.",
    )
    return Table(("trust", "deprivation", "note"), sort_rows(rows, 1), notes)


def _read_scores(path: Path) -> dict[str, float]:
    sheet = read_even_csv(path)
    header = find_header(sheet, ["trust_code", "imd2019_avg_score"])
    code, score = (find_column(sheet, header, name) for name in ("trust_code", "imd2019_avg_score"))
    scores: dict[str, float] = {}
    faults: list[Fault] = []
    for row in range(header + 1, len(sheet.rows)):
        try:
            scores[plain(sheet.at(row, code))] = read_number(sheet.at(row, score))
        except ValueError as error:
            faults.append(sheet.fault(str(error), "Correct the file", row=row, column=score))
    raise_faults(faults)
    return scores


def _context_note(trust: str, taken: Sequence[Succession], scores: Mapping[str, float]) -> str:
    joined = " and ".join(f"{s.old} (whose services came on {s.when.isoformat()})" for s in taken)
    if trust not in scores:
        also = f"; that of {joined} is only a part" if joined else ""
        return f"no catchment is published under this code{also}"
    return f"catchment from before the merger, without that of {joined}" if joined else ""
