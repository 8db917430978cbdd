"""A sensitivity analysis in a run folder: facts as JSON, everything by trust and by choice as CSV. No draw is kept."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd

from ranktrust.errors import RunError
from ranktrust.evidence.choices import VIEW_COLUMNS, Choice, Sensitivity, View, comparison
from ranktrust.files import write_json, write_text
from ranktrust.vocabulary import SCHEMA_VERSION, TRUST

FACTS: Final = "sensitivity.json"
_FRAMES: Final = ("adjustment", "reliability", "power")
_TEXT: Final = {
    TRUST,
    "choice",
    "band",
    "band_unadjusted",
    "band_adjusted",
    "method",
    "scenario",
    "verdict",
    "quantity",
}


def write_sensitivity(found: Sensitivity, folder: Path) -> None:
    """Write sensitivity.json and its tables to `folder`/<indicator>/.

    sensitivity.csv has a row a choice, sensitivity_trusts.csv one a choice and trust; the others are the tables of
    adjustment, reliability and power-scaling.
    """
    place = folder / found.indicator
    facts = {
        name: getattr(found, name)
        for name in ("indicator", "noun", "n", "ranked", "bands", "placed", "places", "context_share")
    }
    views = [
        {**asdict(view.choice), "status": view.status, "said": view.said, "facts": _finite(view.facts)}
        for view in found.views
    ]
    write_json(place / FACTS, {"schema_version": SCHEMA_VERSION, **facts, "views": views})
    write_text(place / "sensitivity.csv", comparison(found).to_csv(lineterminator="\n"))
    trusts = pd.concat([view.rows.assign(choice=view.choice.name) for view in found.fitted])
    tables = {"trusts": trusts[["choice", *VIEW_COLUMNS]].rename_axis(TRUST).reset_index()}
    tables["adjustment"] = found.adjustment.rename_axis(TRUST).reset_index()
    tables |= {"reliability": found.reliability, "power": found.power}
    for name, frame in tables.items():
        write_text(place / f"sensitivity_{name}.csv", frame.to_csv(index=False, lineterminator="\n"))


def _finite(facts: Any) -> dict[str, float | None]:
    return {name: float(value) if np.isfinite(value) else None for name, value in facts.items()}


def read_sensitivity(folder: Path, indicator: str) -> Sensitivity:
    """What `write_sensitivity` left in `folder`. Raises RunError when it is absent, broken or of another version."""
    place = folder / indicator
    try:
        facts = json.loads((place / FACTS).read_text(encoding="utf-8"))
        version = facts.pop("schema_version", None)
        if version != SCHEMA_VERSION:
            raise RunError(f"{place / FACTS} has schema version {version!r}; this ranktrust reads {SCHEMA_VERSION}")
        rows = _read(place / "sensitivity_trusts.csv").set_index(TRUST)
        views = tuple(_view(entry, rows) for entry in facts.pop("views"))
        frames: dict[str, Any] = {name: _read(place / f"sensitivity_{name}.csv") for name in _FRAMES}
        frames["adjustment"] = frames["adjustment"].set_index(TRUST)
        known: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value for name, value in facts.items()
        }
        return Sensitivity(**{**known, **frames, "views": views})
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise RunError(
            f"the sensitivity of {indicator} in {folder} cannot be read ({error}); run the study again"
        ) from error


def _read(path: Path) -> pd.DataFrame:
    """A table whose texts stay texts: a trust may be called NA."""
    names = list(pd.read_csv(path, nrows=0).columns)
    text = {name: str for name in names if name in _TEXT}
    empty = {name: [""] for name in names if name not in text}
    return pd.read_csv(path, dtype=text, keep_default_na=False, na_values=empty)


def _view(entry: dict[str, Any], rows: pd.DataFrame) -> View:
    choice = Choice(**{name: entry[name] for name in ("name", "group", "label", "change", "note")})
    own = rows[rows["choice"] == choice.name].drop(columns="choice")
    facts = {name: float("nan") if value is None else float(value) for name, value in entry["facts"].items()}
    return View(choice, entry["status"], entry["said"], own, facts)
