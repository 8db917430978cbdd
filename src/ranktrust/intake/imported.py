"""An imported table on disk: figures by period, each with the file that it came from, and one passport.

What a person has written into a passport about the source is theirs, and stays when a later file is imported.
"""

import csv
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from itertools import combinations
from pathlib import Path
from typing import Any, Final

from ranktrust.errors import DataError, Fault
from ranktrust.files import write_text
from ranktrust.intake.passport import sha256
from ranktrust.intake.tidy import write_csv
from ranktrust.vocabulary import FIGURE_KEYS, SCHEMA_VERSION, SOURCE_ENTRIES
from ranktrust.words import count_text

Key = tuple[str, ...]
LICENCE: Final = "Open Government Licence v3.0"
ATTRIBUTION: Final = f"Contains public sector information from {{}}, licensed under the {LICENCE}."
AREAS: Final = "https://www.england.nhs.uk/statistics/statistical-work-areas/"
PUBLISHERS: Final[dict[str, tuple[str, str]]] = {
    "ae": ("NHS England", f"{AREAS}ae-waiting-times-and-activity/"),
    "cancer": ("NHS England", f"{AREAS}cancer-waiting-times/"),
    "diagnostics": ("NHS England", f"{AREAS}diagnostics-waiting-times-and-activity/"),
    "beds": ("NHS England", f"{AREAS}bed-availability-and-occupancy/"),
    "cancelled": ("NHS England", f"{AREAS}cancelled-elective-operations/"),
    "rtt": ("NHS England", f"{AREAS}rtt-waiting-times/"),
    "fft": ("NHS England", "https://www.england.nhs.uk/fft/friends-and-family-test-data/"),
    "shmi": ("NHS England", "https://digital.nhs.uk/data-and-information/publications/statistical/shmi"),
    "staff_survey": ("NHS Staff Survey (NHS England)", "https://www.nhsstaffsurveys.com/results/"),
}
TIDY: Final = "tidy"
UNSTATED: Final = "not stated"


@dataclass(frozen=True)
class Part:
    """The rows of one period as text, and the file they are from; `revised` is the publisher's date of revision."""

    rows: tuple[tuple[str, ...], ...]
    file: str
    sha256: str
    revised: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Stored:
    """One imported table: its parts by period (first and last day; empty for a table without periods).

    `source` is what its passport on disk says of where it comes from, by entry.
    """

    name: str
    publication: str
    title: str
    columns: tuple[str, ...]
    parts: Mapping[Key, Part] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    source: Mapping[str, str] = field(default_factory=dict)


def read_stored(out: Path, name: str) -> Stored | None:
    """Return the table imported before, None if there is none. Raises `DataError` if it was changed since."""
    table, passport = out / f"{name}.csv", out / f"{name}.passport.json"
    if not table.exists() and not passport.exists():
        return None
    try:
        return _stored(name, json.loads(passport.read_text(encoding="utf-8")), table.read_bytes())
    except (OSError, ValueError, KeyError, TypeError) as error:
        problem = f"it is not a table that import wrote, or was changed since ({error})"
        raise DataError([Fault(table.name, str(out), problem, "Import into another folder, or remove it")]) from error


def _stored(name: str, said: Mapping[str, Any], content: bytes) -> Stored:
    if said["schema_version"] != SCHEMA_VERSION or said["sha256"] != sha256(content):
        raise ValueError("the table is not the one that its passport describes")
    rows = list(csv.reader(content.decode("utf-8").splitlines()))
    columns = tuple(rows[0])
    figures = columns[:4] == FIGURE_KEYS
    grouped: dict[Key, list[tuple[str, ...]]] = {}
    for row in rows[1:]:
        grouped.setdefault(tuple(row[2:4]) if figures else (), []).append(tuple(row))
    parts = {
        tuple(part["period"]): Part(
            tuple(grouped[tuple(part["period"])]), part["file"], part["sha256"], part["revised"], tuple(part["notes"])
        )
        for part in said["parts"]
    }
    source = {entry: str(said[entry]) for entry in SOURCE_ENTRIES if said.get(entry)}
    return Stored(name, said["publication"], said["title"], columns, parts, tuple(said["notes"]), source)


def files_used(out: Path) -> set[str]:
    """Return the names of the published files that the tables in a folder rest on, by their passports."""
    passports = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(out.glob("*.passport.json"))]
    return {str(part["file"]) for passport in passports for part in passport.get("parts", ())}


def overlaps(keys: list[Key]) -> list[tuple[Key, Key]]:
    """Return every pair of periods that share a day: rolling windows, never independent of each other."""
    dated = sorted(key for key in keys if len(key) == 2 and all(key))
    days = {key: (date.fromisoformat(key[0]), date.fromisoformat(key[1])) for key in dated}
    return [(a, b) for a, b in combinations(dated, 2) if days[a][0] <= days[b][1] and days[b][0] <= days[a][1]]


def write_stored(out: Path, stored: Stored) -> list[str]:
    """Write the table and its passport, whole or not at all; return what was done, in sentences."""
    rows = sorted(row for part in stored.parts.values() for row in part.rows)
    text = write_csv(stored.columns, rows)
    write_text(out / f"{stored.name}.csv", text)
    source = _source(stored)
    write_text(out / f"{stored.name}.passport.json", _passport(stored, source, text, len(rows)))
    said = [f"{stored.name}.csv: {len(rows)} figures, {count_text(len(stored.parts), 'period')}"]
    lacking = [entry for entry in SOURCE_ENTRIES if not source[entry]]
    if lacking:
        said.append(f"{stored.name}.passport.json: a study can use it once you fill in {', '.join(lacking)}")
    shared = overlaps(list(stored.parts))
    if shared:
        said.append(f"{stored.name}.csv: {count_text(len(shared), 'pair')} of periods overlap: not independent")
    return said


def _source(stored: Stored) -> dict[str, str]:
    """Where the figures come from: what the passport holds, then what is known of the publication, else nothing."""
    known = {"title": "" if stored.publication == TIDY else stored.title}
    if stored.publication in PUBLISHERS:
        publisher, address = PUBLISHERS[stored.publication]
        known |= {"publisher": publisher, "address": address, "licence": LICENCE}
        known |= {"attribution": ATTRIBUTION.format(publisher), "retrieved": UNSTATED}
    return {entry: stored.source.get(entry) or known.get(entry, "") for entry in SOURCE_ENTRIES}


def _passport(stored: Stored, source: Mapping[str, str], text: str, rows: int) -> str:
    days = [day for key in stored.parts for day in key if day]
    parts = [
        {
            "period": list(key),
            "file": part.file,
            "sha256": part.sha256,
            "revised": part.revised,
            "rows": len(part.rows),
            "notes": list(part.notes),
        }
        for key, part in sorted(stored.parts.items())
    ]
    passport = {
        "schema_version": SCHEMA_VERSION,
        "table": stored.name,
        "publication": stored.publication,
        **source,
        "period": [min(days), max(days)] if days else None,
        "rows": rows,
        "columns": list(stored.columns),
        "sha256": sha256(text.encode()),
        "parts": parts,
        "overlaps": [[list(a), list(b)] for a, b in overlaps(list(stored.parts))],
        "notes": list(stored.notes),
    }
    return json.dumps(passport, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
