"""A trajectory in a run folder: facts as JSON, frames as CSV, two league tables. No sampler is needed to read it."""

import json
from dataclasses import asdict
from pathlib import Path

import pandas as pd

from ranktrust.errors import RunError
from ranktrust.files import write_json, write_text
from ranktrust.league.files import read_league_table, write_league_table
from ranktrust.league.trajectory import FRAMES, Trajectory, TrajectoryFacts
from ranktrust.vocabulary import SCHEMA_VERSION, TRUST

_LEAGUES = {"latest": "trajectory_latest", "window": "trajectory_window"}
_INDEXED = frozenset({"change"})
_TEXT = (TRUST, "trust_name", "region", "period", "parameter", "scenario", "source", "verdict", "method")


def write_trajectory(trajectory: Trajectory, folder: Path) -> None:
    """Write trajectory_facts.json and trajectory_<frame>.csv to `folder`/<indicator>/.

    Its league tables go to `folder`/trajectory_latest/<indicator>/ and `folder`/trajectory_window/<indicator>/.
    """
    place = folder / trajectory.facts.indicator
    write_json(place / "trajectory_facts.json", {"schema_version": SCHEMA_VERSION, **asdict(trajectory.facts)})
    for name in FRAMES:
        text = trajectory.frame(name).to_csv(index=name in _INDEXED, lineterminator="\n")
        write_text(place / f"trajectory_{name}.csv", text)
    for name, inside in _LEAGUES.items():
        write_league_table(getattr(trajectory, name), folder / inside)


def read_trajectory(folder: Path, indicator: str) -> Trajectory:
    """The trajectory of `indicator` that `write_trajectory` left in `folder`.

    Raises RunError when it is absent, incomplete or of another schema version.
    """
    place = folder / indicator
    try:
        facts = json.loads((place / "trajectory_facts.json").read_text(encoding="utf-8"))
        version = facts.pop("schema_version", None)
        if version != SCHEMA_VERSION:
            raise RunError(f"{place} has schema version {version!r}; this ranktrust reads {SCHEMA_VERSION}")
        frames = {name: _read(place / f"trajectory_{name}.csv", name) for name in FRAMES}
        leagues = [read_league_table(folder / inside, indicator) for inside in _LEAGUES.values()]
        return _whole(Trajectory.of(TrajectoryFacts.of(facts), *leagues, frames=frames))
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise RunError(
            f"the trajectory of {indicator} in {folder} cannot be read ({error}); run the study again"
        ) from error


def _whole(trajectory: Trajectory) -> Trajectory:
    """The trajectory itself; ValueError where a frame has lost a row."""
    facts = trajectory.facts
    cells = facts.n * len(facts.periods)
    wanted = {"change": facts.n - len(facts.no_change), "paths": cells, "national": len(facts.periods)}
    for name, rows in wanted.items():
        found = len(trajectory.frame(name))
        if found != rows:
            raise ValueError(f"trajectory_{name}.csv has {found} rows, not {rows}")
    return trajectory


def _read(path: Path, name: str) -> pd.DataFrame:
    texts = dict.fromkeys(_TEXT, str)
    header = pd.read_csv(path, nrows=0).columns
    empty = {column: [""] for column in header if column not in texts}
    frame = pd.read_csv(path, dtype=texts, keep_default_na=False, na_values=empty)
    return frame.set_index(TRUST) if name in _INDEXED else frame
