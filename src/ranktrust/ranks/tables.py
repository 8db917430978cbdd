"""A rank summary as CSV files, whole or not at all.

Rows come in the order of the trusts in the draws. Numbers are written so that reading gives them back exactly.
A trust's name is written as it is: one that begins with =, +, - or @ is a formula to a spreadsheet program, so open
a table made from names you did not choose as text.
"""

import csv
import os
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from ranktrust.errors import FitError, UsageError
from ranktrust.ranks.summaries import RankSummary

RANK_COLUMNS = (
    "expected_rank",
    "expected_rank_mcse",
    "median_rank",
    "rank_lower",
    "rank_upper",
    "p_top",
    "p_top_mcse",
    "p_bottom",
    "p_bottom_mcse",
    "ess_rank",
)
type Row = Sequence[object]


def rank_rows(summary: RankSummary) -> list[dict[str, object]]:
    """One record a trust with `trust` and RANK_COLUMNS, as plain numbers."""
    table = summary.table
    columns = {name: table[name].to_numpy().tolist() for name in RANK_COLUMNS}
    names = table[summary.trust_dim].to_numpy().tolist()
    return [
        {"trust": name, **{column: values[at] for column, values in columns.items()}} for at, name in enumerate(names)
    ]


def write_rank_tables(summary: RankSummary, folder: Path) -> list[Path]:
    """Write ranks.csv, rank_pmf.csv and p_above.csv into `folder`, made if need be; returns their paths.

    All are written under temporary names first and renamed only when all are on the disk, so files of these names are
    replaced whole. Raises UsageError when the folder cannot be used, FitError when writing fails.
    """
    rows = rank_rows(summary)
    names = [row["trust"] for row in rows]
    tables: dict[str, list[Row]] = {
        "ranks.csv": [("trust", *RANK_COLUMNS), *(tuple(row.values()) for row in rows)],
        "rank_pmf.csv": _matrix(names, range(1, summary.n + 1), summary.table["rank_pmf"].to_numpy()),
        "p_above.csv": _matrix(names, names, summary.table["p_above"].to_numpy()),
    }
    return write_whole(folder, tables)


def write_whole(folder: Path, tables: dict[str, list[Row]]) -> list[Path]:
    """Write each table as a CSV of that name in `folder`: all of them, or none and nothing left behind."""
    made = _make(folder)
    waiting: dict[Path, Path] = {}
    try:
        for name, rows in tables.items():
            waiting[_write_temporary(folder, rows)] = folder / name
        for temporary, path in waiting.items():
            temporary.replace(path)
    except OSError as error:
        raise FitError(f"could not write into {folder}: {error.strerror or error}") from error
    finally:
        for temporary in folder.glob(f"{_prefix()}*"):
            temporary.unlink(missing_ok=True)
        if made and not any(folder.iterdir()):
            folder.rmdir()
    return list(waiting.values())


def _make(folder: Path) -> bool:
    try:
        made = not folder.exists()
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"{folder} cannot be used as a folder: {error.strerror}") from error
    return made


def _prefix() -> str:
    """Begin the name of this process's temporary files."""
    return f".ranktrust-{os.getpid()}-"


def _write_temporary(folder: Path, rows: Iterable[Row]) -> Path:
    with tempfile.NamedTemporaryFile(
        "w", dir=folder, prefix=_prefix(), delete=False, encoding="utf-8", newline=""
    ) as file:
        csv.writer(file, lineterminator="\n").writerows(rows)
        file.flush()
        os.fsync(file.fileno())
    path = Path(file.name)
    path.chmod(0o666 & ~_umask())
    return path


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _matrix(names: Sequence[object], columns: Iterable[object], values: np.ndarray) -> list[Row]:
    return [("trust", *columns), *((name, *row) for name, row in zip(names, values.tolist(), strict=True))]
