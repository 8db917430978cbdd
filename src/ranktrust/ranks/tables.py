"""A rank report as CSV files, whole or not at all.

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
import pandas as pd

from ranktrust.errors import FitError, UsageError
from ranktrust.ranks.more import OPTIONAL, More
from ranktrust.ranks.orderings import OWN_LOSS
from ranktrust.ranks.report import MORE_COLUMNS, RankReport

SUMMARY_COLUMNS = (
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
RANK_COLUMNS = (*SUMMARY_COLUMNS, *MORE_COLUMNS)
TABLES = (
    "ranks.csv",
    "rank_pmf.csv",
    "p_above.csv",
    "orderings.csv",
    "partial_order.csv",
    "grades.csv",
    "precision.csv",
    "rank_cdf.csv",
    "highest_mass.csv",
    "expected_excess.csv",
    "expected_square_excess.csv",
    "poth_of_best.csv",
    "selection.csv",
)
"""Always written; those of `more.OPTIONAL` only where what they need was given."""
type Row = Sequence[object]


def rank_rows(report: RankReport) -> list[dict[str, object]]:
    """One record a trust with `trust` and RANK_COLUMNS, as plain numbers."""
    table = report.summary.table
    columns = {name: table[name].to_numpy().tolist() for name in SUMMARY_COLUMNS}
    columns |= {name: report.more[name].to_numpy().tolist() for name in MORE_COLUMNS}
    names = table[report.summary.trust_dim].to_numpy().tolist()
    return [
        {"trust": name, **{column: values[at] for column, values in columns.items()}} for at, name in enumerate(names)
    ]


def write_rank_tables(report: RankReport, more: More, folder: Path) -> list[Path]:
    """Write TABLES into `folder`, made if need be, and those of `more`; returns their paths.

    One of `more.OPTIONAL` that is there from an earlier call and is not written now is removed. All are written under
    temporary names first and renamed only when all are on the disk, so files of these names are replaced whole. Raises
    UsageError when the folder cannot be used, FitError when writing fails.
    """
    rows, summary = rank_rows(report), report.summary
    names = [row["trust"] for row in rows]
    tables: dict[str, list[Row]] = {
        "ranks.csv": [("trust", *RANK_COLUMNS), *(tuple(row.values()) for row in rows)],
        "rank_pmf.csv": _matrix(names, range(1, summary.n + 1), summary.table["rank_pmf"].to_numpy()),
        "p_above.csv": _matrix(names, names, summary.table["p_above"].to_numpy()),
        "orderings.csv": _ordering_rows(report, names),
        "partial_order.csv": _frame(report.edges),
        "grades.csv": _frame(report.frontier),
        "precision.csv": _frame(precision_table(report, more)),
        **{f"{name}.csv": _frame(table) for name, table in (report.tables | more.tables).items()},
    }
    written = write_together(folder, tables)
    for name in set(OPTIONAL) - set(more.tables):
        (folder / f"{name}.csv").unlink(missing_ok=True)
    return written


def precision_table(report: RankReport, more: More) -> pd.DataFrame:
    """Statements about the ranking as a whole: `statement`, `value` and `mcse`."""
    return pd.concat([report.precision, pd.DataFrame(more.precision, columns=["statement", "value", "mcse"])])


def write_together(folder: Path, tables: dict[str, list[Row]]) -> list[Path]:
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


def _ordering_rows(report: RankReport, names: list[object]) -> list[Row]:
    """Every order, best first, under the loss that it minimises."""
    rows: list[Row] = [("order", "loss", "expected_loss", "ratio_to_random", "place", "trust")]
    for order, loss in OWN_LOSS.items():
        cost, ratio = report.orderings.own_loss(order)
        places = report.orderings.table["place"].sel(order=order).to_numpy()
        rows += [(order, loss, cost, ratio, int(places[at]), names[at]) for at in np.argsort(places)]
    return rows


def _frame(table: pd.DataFrame) -> list[Row]:
    """Header and rows; what does not exist is an empty cell."""
    rows = table.astype(object).where(table.notna(), "").to_numpy().tolist()
    return [tuple(table.columns), *(tuple(row) for row in rows)]


def _matrix(names: Sequence[object], columns: Iterable[object], values: np.ndarray) -> list[Row]:
    return [("trust", *columns), *((name, *row) for name, row in zip(names, values.tolist(), strict=True))]
