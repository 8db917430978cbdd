"""`Ledger`: a run's account of its data, as a value and as files of the run's folder."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import pandas as pd

from ranktrust.errors import RunError
from ranktrust.files import write_json, write_text
from ranktrust.vocabulary import SCHEMA_VERSION

COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "left_out": ("trust", "trust_name", "indicator", "rows", "reason"),
    "missing": ("trust", "trust_name", "indicator", "period", "reason"),
    "returns": ("indicator", "trust", "trust_name", "period", "in_window", "check", "sentence"),
    "coverage": ("trust", "trust_name", "indicator", "periods", "of"),
    "context": ("trust", "trust_name", "covariate", "value", "note"),
}
"""The tables of a ledger, each a file of the run's tables, with their columns."""

_FACTS: Final = "data.json"
_NUMBERS: Final = ("rows", "periods", "of")


@dataclass(frozen=True)
class Source:
    """One indicator's figures: where they come from, what of them is used, and what their passport notes.

    `published` and `window` are the first and the last day of the file and of what is used, empty where undated.
    `rows` are those of the file; `rows_used` count in the window, `rows_joined` of them under another code.
    """

    indicator: str
    title: str
    publication: str
    publisher: str
    address: str
    licence: str
    retrieved: str
    published: tuple[str, str]
    window: tuple[str, str]
    periods: int
    periods_used: int
    trusts: int
    rows: int
    rows_used: int
    rows_joined: int
    notes: tuple[str, ...]


@dataclass(frozen=True)
class Covariate:
    """One covariate of the study's context: its source, and the reference that it is measured from.

    `reference_source` says where `centre` and `scale` come from, `missing` what happens to a trust without a value
    (`refuse` or `reference`); `publication` to `notes` are those of the passport of its table.
    """

    name: str
    centre: float
    scale: float
    reference_source: str
    missing: str
    publication: str
    publisher: str
    address: str
    notes: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Ledger:
    """What came in, what was left out and why, and what the checks on the returns found.

    `left_out` has a row for every published code whose rows are not used under it (`trust` is empty where it concerns
    all); `missing` one for every trust and period without a figure; `returns` one for every finding; `coverage` one
    for every trust and indicator: the periods of the window with a figure, of how many; `context` one for every trust
    and covariate: its value as published, empty where there is none, and what is odd about it.
    """

    study_title: str
    noun: str
    set_description: str
    date: str
    sources: tuple[Source, ...]
    left_out: pd.DataFrame
    missing: pd.DataFrame
    returns: pd.DataFrame
    coverage: pd.DataFrame
    covariates: tuple[Covariate, ...]
    context: pd.DataFrame


def write_ledger(ledger: Ledger, folder: Path) -> None:
    """Write the tables and data.json to `folder`, a run's tables."""
    for name, columns in COLUMNS.items():
        text = getattr(ledger, name)[list(columns)].to_csv(index=False, lineterminator="\n")
        write_text(folder / f"{name}.csv", text)
    facts = {name: getattr(ledger, name) for name in ("study_title", "noun", "set_description", "date")}
    sources = [asdict(source) for source in ledger.sources]
    covariates = [asdict(covariate) for covariate in ledger.covariates]
    lists = {"sources": sources, "covariates": covariates}
    write_json(folder / _FACTS, {"schema_version": SCHEMA_VERSION, **facts, **lists})


def read_ledger(folder: Path) -> Ledger:
    """The ledger that `write_ledger` wrote to `folder`. Raises RunError where it is not there or of another version."""
    try:
        facts = json.loads((folder / _FACTS).read_text(encoding="utf-8"))
        tables: dict[str, Any] = {name: _read_table(folder / f"{name}.csv") for name in COLUMNS}
    except (OSError, ValueError) as error:
        raise RunError(f"the ledger in {folder} cannot be read: {error}") from error
    found = facts.pop("schema_version", None)
    if found != SCHEMA_VERSION:
        raise RunError(f"{folder / _FACTS} has schema version {found}; this ranktrust reads {SCHEMA_VERSION}")
    try:
        sources = tuple(Source(**_tuples(entry)) for entry in facts.pop("sources"))
        covariates = tuple(Covariate(**_tuples(entry)) for entry in facts.pop("covariates"))
        return Ledger(**facts, sources=sources, covariates=covariates, **tables)
    except (KeyError, TypeError) as error:
        raise RunError(f"{folder / _FACTS} is of another ranktrust ({error}); run the study again") from error


def _read_table(path: Path) -> pd.DataFrame:
    table = pd.read_csv(path, dtype=str, keep_default_na=False)
    return table.astype({name: int for name in _NUMBERS if name in table})


def _tuples(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in entry.items()}
