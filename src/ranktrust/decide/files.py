"""Decisions in a run folder: facts as JSON, frames as CSV in tables/decide/. No sampler is needed to read them."""

import json
from pathlib import Path
from types import MappingProxyType
from typing import Final

import pandas as pd

from ranktrust.decide.decisions import Decisions
from ranktrust.errors import RunError
from ranktrust.files import write_json, write_text
from ranktrust.vocabulary import SCHEMA_VERSION, TRUST

FOLDER: Final = "decide"
FRAMES: Final = (
    "trusts", "lists", "totals", "pairs", "steps", "regions", "regions_pmf", "boards", "boards_pmf", "within",
    "within_pmf", "beside",
)  # fmt: skip
_SIMILAR: Final = "similar.csv"
_LATER: Final = frozenset({"beside"})
"""Frames that runs of earlier versions do not have; they are read as empty."""
_INDEXED: Final = frozenset({"trusts", "steps"})
_TEXT: Final = (TRUST, "other", "trust_name", "region", "icb", "subtype", "goal", "group")


def write_decisions(decisions: Decisions, folder: Path) -> None:
    """Write facts.json and one CSV a frame to `folder`/decide/<indicator>/."""
    place = folder / FOLDER / str(decisions.facts["indicator"])
    write_json(place / "facts.json", {"schema_version": SCHEMA_VERSION, **decisions.facts})
    for name in FRAMES:
        text = decisions.frames[name].to_csv(
            index=name in _INDEXED and len(decisions.frames[name]) > 0, lineterminator="\n"
        )
        write_text(place / f"{name}.csv", text)


def has_decisions(folder: Path, indicator: str) -> bool:
    """Whether a run's folder of tables has what this room says of `indicator`."""
    return (folder / FOLDER / indicator / "facts.json").is_file()


def read_decisions(folder: Path, indicator: str) -> Decisions:
    """What `write_decisions` left in `folder`. Raises RunError when it is absent, damaged or of another version."""
    place = folder / FOLDER / indicator
    try:
        facts = json.loads((place / "facts.json").read_text(encoding="utf-8"))
        version = facts.pop("schema_version", None)
        if version != SCHEMA_VERSION:
            raise RunError(f"{place} has schema version {version!r}; this ranktrust reads {SCHEMA_VERSION}")
        frames = {name: _frame(place / f"{name}.csv", name) for name in FRAMES}
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise RunError(
            f"the decisions on {indicator} in {folder} cannot be read ({error}); run the study again"
        ) from error
    return Decisions(MappingProxyType(facts), MappingProxyType(frames))


def write_similar(rows: pd.DataFrame, folder: Path) -> None:
    """Write the neighbours by context to `folder`/decide/similar.csv."""
    write_text(folder / FOLDER / _SIMILAR, rows.to_csv(index=False, lineterminator="\n"))


def read_similar(folder: Path) -> pd.DataFrame:
    """The neighbours by context, empty where the run has none. Raises RunError for a damaged file."""
    path = folder / FOLDER / _SIMILAR
    if not path.is_file():
        return pd.DataFrame(columns=[TRUST, "other", "place", "distance"])
    return _read(path, "similar")


def _frame(path: Path, name: str) -> pd.DataFrame:
    return pd.DataFrame() if name in _LATER and not path.is_file() else _read(path, name)


def _read(path: Path, name: str) -> pd.DataFrame:
    try:
        header = pd.read_csv(path, nrows=0).columns
    except pd.errors.EmptyDataError:
        return pd.DataFrame()
    texts = {column: str for column in header if column in _TEXT}
    empty = {column: [""] for column in header if column not in texts}
    frame = pd.read_csv(path, dtype=texts, keep_default_na=False, na_values=empty)
    frame = frame.set_index(TRUST) if name in _INDEXED and TRUST in frame else frame
    return frame.rename(columns=int) if name == "steps" and len(frame) else frame
