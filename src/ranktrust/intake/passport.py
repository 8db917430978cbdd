"""Passports: where a table came from, under which licence, and what must be known before it is used."""

import hashlib
import json
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

from ranktrust.errors import DataError, Fault
from ranktrust.intake.period import Period
from ranktrust.intake.tidy import Table
from ranktrust.vocabulary import SCHEMA_VERSION

TEXTS: Final = ("title", "publisher", "address", "licence", "attribution", "retrieved", "reader")


@dataclass(frozen=True)
class Source:
    """What `sources.toml` declares of one table.

    `files` are patterns below the folder of published files; `uses` other tables whose published files are read for
    this one too; `first` and `last` the first and last day covered, None if undated.
    """

    table: str
    title: str
    publisher: str
    address: str
    licence: str
    attribution: str
    retrieved: str
    reader: str
    files: tuple[str, ...]
    uses: tuple[str, ...]
    period: Period | None

    def find(self, shared: Path) -> list[Path]:
        """Return the files that the patterns name, sorted by name. Raises `DataError` for a pattern without a file."""
        found = {pattern: sorted(shared.glob(pattern)) for pattern in self.files}
        remedy = "Put the published file there, or correct the pattern in data/sources.toml"
        empty = [Fault(self.table, pattern, "no published file", remedy) for pattern in found if not found[pattern]]
        if empty:
            raise DataError(empty)
        return [path for paths in found.values() for path in paths]


def read_sources(path: Path) -> dict[str, Source]:
    """Return the declarations of a `sources.toml`, by table. Raises `DataError` with every incomplete entry."""
    try:
        entries: dict[str, dict[str, Any]] = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise DataError([Fault(path.name, "the whole file", str(error), "Correct the file")]) from error
    shared: dict[str, Any] = entries.pop("all", {})
    faults: list[Fault] = []
    sources: dict[str, Source] = {}
    for table, entry in entries.items():
        full = shared | entry
        problems = [name for name in TEXTS if not isinstance(full.get(name), str)]
        problems += sorted(full.keys() - {*TEXTS, "files", "uses", "first", "last"})
        faults += [
            Fault(path.name, f"[{table}]", f"{p!r} is missing or unknown", "Complete the entry") for p in problems
        ]
        if not problems:
            sources[table] = _source(table, full)
    if faults:
        raise DataError(faults)
    return sources


def _source(table: str, entry: Mapping[str, Any]) -> Source:
    first, last = entry.get("first"), entry.get("last")
    period = (first, last) if isinstance(first, date) and isinstance(last, date) else None
    texts: dict[str, str] = {name: entry[name] for name in TEXTS}
    return Source(table, **texts, files=tuple(entry.get("files", ())), uses=tuple(entry.get("uses", ())), period=period)


def sha256(content: bytes) -> str:
    """Return the SHA-256 of some bytes, in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def write_passport(source: Source, table: Table, text: str, more_notes: Iterable[str] = ()) -> str:
    """Return the passport of a table as JSON: sorted keys, one trailing newline, the same at every rebuild.

    `text` is the table as written, whose sha256 the passport carries; `more_notes` follow the table's own.
    """
    period = [day.isoformat() for day in source.period] if source.period else None
    passport = {
        "schema_version": SCHEMA_VERSION,
        "table": source.table,
        "title": source.title,
        "publisher": source.publisher,
        "address": source.address,
        "licence": source.licence,
        "attribution": source.attribution,
        "retrieved": source.retrieved,
        "period": period,
        "rows": len(table.rows),
        "columns": list(table.columns),
        "sha256": sha256(text.encode()),
        "published_files": _published(table.files),
        "notes": [*table.notes, *more_notes],
    }
    return json.dumps(passport, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def _published(files: Iterable[Path]) -> list[dict[str, str]]:
    unique = sorted(set(files), key=lambda path: path.name)
    return [{"name": path.name, "sha256": sha256(path.read_bytes())} for path in unique]
