"""A league table in a run folder: facts as JSON, rows, rank law and pairs as CSV. No sampler is needed to read it."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

import pandas as pd

from ranktrust.errors import RunError
from ranktrust.files import write_json, write_text
from ranktrust.league.table import TEXT_COLUMNS, Facts, LeagueTable
from ranktrust.vocabulary import SCHEMA_VERSION, TRUST

_FRAMES = ("rows", "rank_pmf", "p_above")
_TEXT = dict.fromkeys((TRUST, *TEXT_COLUMNS), str)
TIDY_COLUMNS = (
    "trust", "trust_name", "indicator", "model", "estimate", "estimate_lower", "estimate_upper",
    "expected_rank", "median_rank", "rank_lower", "rank_upper", "p_top_quarter", "p_bottom_quarter", "band",
)  # fmt: skip
"""The first columns of league_table.csv; the rest of the rows' columns follow."""
WHOLE_COLUMNS = ("median_rank", "rank_lower", "rank_upper", "set_lower", "set_upper", "band")
"""Whole numbers, empty where the table is not ranked."""


def write_league_table(table: LeagueTable, folder: Path) -> None:
    """Write the table to `folder`/<indicator>/: facts.json, rows.csv, rank_pmf.csv, p_above.csv."""
    place = folder / table.facts.indicator
    write_json(place / "facts.json", {"schema_version": SCHEMA_VERSION, **asdict(table.facts)})
    for name in _FRAMES:
        frame: pd.DataFrame = getattr(table, name)
        write_text(place / f"{name}.csv", frame.to_csv(lineterminator="\n", index_label=TRUST))


def read_league_table(folder: Path, indicator: str) -> LeagueTable:
    """The table of `indicator` that `write_league_table` left in `folder`.

    Raises RunError when it is absent, incomplete or of another schema version.
    """
    with _readable(folder, indicator):
        frames = {name: _read(folder / indicator / f"{name}.csv") for name in _FRAMES}
        return _whole(LeagueTable.of(read_facts(folder, indicator), **frames))


def read_facts(folder: Path, indicator: str) -> Facts:
    """What is said of that table as a whole. Raises RunError as `read_league_table` does."""
    place = folder / indicator
    with _readable(folder, indicator):
        facts = json.loads((place / "facts.json").read_text(encoding="utf-8"))
        version = facts.pop("schema_version", None)
        if version != SCHEMA_VERSION:
            raise RunError(f"{place} has schema version {version!r}; this ranktrust reads {SCHEMA_VERSION}")
        return Facts.of(facts)


@contextmanager
def _readable(folder: Path, indicator: str) -> Iterator[None]:
    try:
        yield
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise RunError(
            f"the league table of {indicator} in {folder} cannot be read ({error}); run the study again"
        ) from error


def _whole(table: LeagueTable) -> LeagueTable:
    """The table itself; ValueError where a frame has lost a row."""
    n = table.facts.n
    for name, rows in {"rows": n, "rank_pmf": n * table.facts.ranked, "p_above": n * table.facts.ranked}.items():
        found = len(getattr(table, name))
        if found != rows:
            raise ValueError(f"{name}.csv has {found} rows, not {rows}")
    return table


def _read(path: Path) -> pd.DataFrame:
    empty = {name: [""] for name in _numeric(path)}
    frame = pd.read_csv(path, dtype=_TEXT, keep_default_na=False, na_values=empty)
    frame = frame.set_index(TRUST)
    return frame.rename(columns=int) if path.stem == "rank_pmf" else frame


def _numeric(path: Path) -> list[str]:
    header = pd.read_csv(path, nrows=0).columns
    return [name for name in header if name not in _TEXT]


def tidy_rows(table: LeagueTable) -> pd.DataFrame:
    """The rows for league_table.csv: TIDY_COLUMNS first, then the others, one row a trust and indicator.

    `band` counts from 1, which holds the best values; `bands` says of how many.
    """
    facts = table.facts
    rows = table.rows.reset_index().assign(indicator=facts.indicator, model=facts.model)
    rows = rows.astype(dict.fromkeys(WHOLE_COLUMNS, "Int64"))
    rows = rows.assign(bands=pd.array([facts.bands or pd.NA] * len(rows), dtype="Int64"))
    rows = rows.assign(standard=facts.standard, standard_name=facts.standard_name, delta=facts.delta)
    others = [name for name in rows.columns if name not in TIDY_COLUMNS]
    return rows[[*TIDY_COLUMNS, *others]]
