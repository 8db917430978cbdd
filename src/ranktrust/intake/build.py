"""From the published files to the tidy figures in `data/`: every step, in order."""

import os
import shutil
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Final

from ranktrust.errors import DataError, Fault, UsageError
from ranktrust.intake.ae import read_ae
from ranktrust.intake.cancelled import read_cancelled
from ranktrust.intake.cancer import read_cancer
from ranktrust.intake.fft import read_fft
from ranktrust.intake.organisations import (
    GENERAL_ACUTE,
    read_context,
    read_places,
    read_successions,
    read_trusts,
    select_successions,
)
from ranktrust.intake.oversight import read_oversight
from ranktrust.intake.passport import Source, read_sources, write_passport
from ranktrust.intake.shmi import read_shmi
from ranktrust.intake.staff_survey import read_staff_survey
from ranktrust.intake.surgical import read_child_heart, read_standards, read_surgical
from ranktrust.intake.tidy import BENCHMARK, Publication, Record, Table, raise_faults, sort_rows, write_csv

SOURCES: Final = "sources.toml"
READERS: Final[dict[str, Callable[..., Publication]]] = {
    "ae": read_ae,
    "cancer": read_cancer,
    "cancelled": read_cancelled,
    "shmi": read_shmi,
    "fft": read_fft,
    "staff_survey": read_staff_survey,
    "surgical": read_surgical,
    "child_heart": read_child_heart,
    "standards": read_standards,
    "oversight": read_oversight,
}
FIGURES: Final = (
    "ae_4h",
    "cancer_62d",
    "cancer_28d",
    "cancelled_28d",
    "fft_inpatient",
    "shmi",
    "staff_engagement",
)
"""Tables of figures by trust, in the order of the benchmarks."""

SUCCESSIONS_FROM: Final = date(2024, 1, 1)


def build_data(shared: Path, out: Path, sources: Path | None = None) -> list[Path]:
    """Rebuild every table and passport from the published files in `shared`; return the files written, in `out`.

    `sources` is the `sources.toml` to follow (by default that in `out`). Files are written to a folder beside `out`
    first and then moved in, so that nothing half-written stays. Raises `UsageError` if `shared` is absent, and
    `DataError` with the faults of all publications at once.
    """
    if not shared.is_dir():
        raise UsageError(f"no published files at {shared}: give their folder with --shared or RANKTRUST_SHARED")
    declared = read_sources(sources or out / SOURCES)
    tables = read_tables(shared, declared)
    texts = write_texts(declared, tables)
    return _move_in(texts, out)


def read_tables(shared: Path, declared: Mapping[str, Source]) -> dict[str, Table]:
    """Return every table that `sources.toml` declares, by name. Raises `DataError` with all faults."""
    tables, benchmarks = _read_publications(shared, declared)
    codes = {str(row[0]) for name in FIGURES for row in tables[name].rows}
    league, register = declared["trusts"].find(shared)
    tables["trusts"] = read_trusts(league, register, tables["ae_4h"].files, codes)
    tables["places"] = _places(tables["ae_4h"], tables["trusts"])
    changes, later = declared["successions"].find(shared)
    successions = read_successions(changes, later)
    chosen = select_successions(successions, codes, SUCCESSIONS_FROM)
    tables["successions"] = replace(chosen, files=(changes, later))
    (catchments,) = declared["context"].find(shared)
    context = read_context(catchments, tables["trusts"], successions)
    tables["context"] = replace(context, files=(catchments, changes, later))
    files = tuple(path for name in declared["national"].uses for path in tables[name].files)
    tables["national"] = Table(BENCHMARK, _order(benchmarks), NATIONAL_NOTES, files)
    return tables


def _places(attendances: Table, trusts: Table) -> Table:
    """Return where each trust lies, month by month, from the workbooks that a table of attendances was read from."""
    months = sorted({row[2] for row in attendances.rows if isinstance(row[2], date)})
    dated = list(zip(months, attendances.files, strict=True))
    return read_places(dated, [str(row[0]) for row in trusts.rows])


NATIONAL_NOTES: Final = (
    "What a trust is compared with: the England row of the publication, else pooled over its providers; never an "
    "average of trusts' rates. basis says which.",
    "value is numerator / denominator where both stand; for staff engagement a score from 0 to 10.",
)


def _order(rows: Iterable[Record]) -> tuple[Record, ...]:
    ordered = sort_rows(rows, 3)
    return tuple(row for name in FIGURES for row in ordered if row[0] == name)


def _read_publications(shared: Path, declared: Mapping[str, Source]) -> tuple[dict[str, Table], list[Record]]:
    tables: dict[str, Table] = {}
    benchmarks: list[Record] = []
    faults: list[Fault] = []
    for reader, sources in _by_reader(declared).items():
        try:
            publication = READERS[reader](sources[0].find(shared), sources[0].period)
        except DataError as error:
            faults += error.faults
            continue
        tables |= publication.tables
        benchmarks += publication.benchmarks
    raise_faults(faults)
    return tables, benchmarks


def _by_reader(declared: Mapping[str, Source]) -> dict[str, list[Source]]:
    groups: defaultdict[str, list[Source]] = defaultdict(list)
    for source in declared.values():
        if source.reader in READERS:
            groups[source.reader].append(source)
    uneven = [
        Fault(SOURCES, f"[{source.table}]", f"differs in files or period from [{group[0].table}]", "Make them equal")
        for group in groups.values()
        for source in group
        if (source.files, source.period) != (group[0].files, group[0].period)
    ]
    raise_faults(uneven)
    return groups


def write_texts(declared: Mapping[str, Source], tables: Mapping[str, Table]) -> dict[str, str]:
    """Return the text of every file, by its path below `data/`: each table and its passport."""
    faults = [
        Fault(SOURCES, f"[{name}]", "declared but not read, or read but not declared", "Complete the declarations")
        for name in sorted(declared.keys() ^ tables.keys())
    ]
    raise_faults(faults)
    general = sorted(str(row[0]) for row in tables["trusts"].rows if row[5] in GENERAL_ACUTE)
    texts: dict[str, str] = {}
    for name, table in tables.items():
        text = write_csv(table.columns, table.rows)
        coverage = [coverage_note(table, general)] if name in FIGURES else []
        texts[f"{name}.csv"] = text
        texts[f"{name}.passport.json"] = write_passport(declared[name], table, text, coverage)
    return texts


def coverage_note(table: Table, general: Sequence[str]) -> str:
    """Return the sentence that names the general acute trusts without a figure in all or some periods."""
    periods = {row[2] for row in table.rows}
    counts = {trust: sum(1 for row in table.rows if row[0] == trust) for trust in general}
    gaps = [f"{trust} ({count} of {len(periods)})" for trust, count in counts.items() if count < len(periods)]
    return f"General acute trusts without a figure in every period (periods with one): {', '.join(gaps) or 'none'}."


def _move_in(texts: Mapping[str, str], out: Path) -> list[Path]:
    out.mkdir(parents=True, exist_ok=True)
    stage = Path(tempfile.mkdtemp(prefix=".figures-", dir=out.parent))
    try:
        for name, text in texts.items():
            path = stage / name
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8", newline="\n")
        for name in texts:
            (out / name).parent.mkdir(exist_ok=True)
            os.replace(stage / name, out / name)  # noqa: PTH105 - atomic, over an existing file, on every system
    finally:
        shutil.rmtree(stage, ignore_errors=True)
    return [out / name for name in texts]
