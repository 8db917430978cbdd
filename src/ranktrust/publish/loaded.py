"""Everything of a run that pages on single trusts read, loaded once for all of them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ranktrust.composite import ScoreTables, read_tables
from ranktrust.decide import Decisions, has_decisions, read_decisions, read_similar
from ranktrust.evidence import FitChecks, read_fit_checks
from ranktrust.league import LeagueTable, Trajectory, read_league_table, read_trajectory
from ranktrust.manifest import MANIFEST, read_manifest
from ranktrust.publish.change_rows import ChangeRow, change_rows
from ranktrust.publish.rows import StandardRow, standard_rows


@dataclass(frozen=True, eq=False)
class Pairs:
    """P(row better than column) of one indicator with its error and ESS, as matrices over `trusts`."""

    trusts: tuple[str, ...]
    p: np.ndarray
    mcse: np.ndarray
    ess: np.ndarray

    @cached_property
    def place(self) -> dict[str, int]:
        """Row and column of each trust."""
        return {trust: at for at, trust in enumerate(self.trusts)}

    def of(self, trust: str, other: str) -> tuple[float, float, float] | None:
        """P(trust better than other), its Monte Carlo error and its ESS; None where one of them has no row."""
        if trust not in self.place or other not in self.place:
            return None
        at = self.place[trust], self.place[other]
        return float(self.p[at]), float(self.mcse[at]), float(self.ess[at])


@dataclass(frozen=True, eq=False)
class Loaded:
    """A run's tables by indicator, in the study's order; what a run does not have is empty or None."""

    folder: Path
    manifest: Mapping[str, Any] | None
    tables: Mapping[str, LeagueTable]
    decisions: Mapping[str, Decisions]
    pairs: Mapping[str, Pairs]
    trajectories: Mapping[str, Trajectory]
    changes: Mapping[str, Mapping[str, ChangeRow]]
    against: Mapping[str, Mapping[str, StandardRow]]
    similar: pd.DataFrame
    official: ScoreTables | None
    composite: ScoreTables | None
    fit_checks: Mapping[str, FitChecks | None]

    @cached_property
    def trusts(self) -> pd.DataFrame:
        """Every trust of any table, by name: trust_name, region."""
        every = pd.concat([table.rows[["trust_name", "region"]] for table in self.tables.values()])
        return every[~every.index.duplicated()].sort_values("trust_name")

    @property
    def first(self) -> LeagueTable:
        """The first table, for the facts that all share."""
        return next(iter(self.tables.values()))

    @property
    def titles(self) -> dict[str, str]:
        """Title of each indicator, by name."""
        return {name: table.facts.title for name, table in self.tables.items()}

    def ranked(self) -> list[str]:
        """The indicators whose tables state an order."""
        return [name for name, table in self.tables.items() if table.facts.ranked]

    def neighbours(self, trust: str) -> list[str]:
        """The trusts of the most similar context, nearest first; none where the run has no covariates."""
        return [str(name) for name in self.similar.loc[self.similar["trust"] == trust, "other"]]


def load_run(run: Path) -> Loaded:
    """The run in the folder `run`, read once: later calls are free until its manifest changes.

    Raises RunError where a table is damaged.
    """
    manifest = run / MANIFEST
    return _load(run.resolve(), manifest.stat().st_mtime_ns if manifest.is_file() else 0)


@cache
def _load(run: Path, _changed: int) -> Loaded:
    folder = run / "tables"
    manifest = read_manifest(run) if (run / MANIFEST).is_file() else None
    names = indicators_of(run, manifest)
    decisions = {name: read_decisions(folder, name) for name in names if has_decisions(folder, name)}
    trajectories = {
        name: read_trajectory(folder, name) for name in names if (folder / name / "trajectory_facts.json").is_file()
    }
    tables = {name: read_league_table(folder, name) for name in names}
    return Loaded(
        folder=run,
        manifest=manifest,
        tables=tables,
        decisions=decisions,
        pairs={
            name: pairs_of(found.frames["pairs"]) for name, found in decisions.items() if len(found.frames["pairs"])
        },
        trajectories=trajectories,
        changes={name: {row.code: row for row in change_rows(found)} for name, found in trajectories.items()},
        against={name: _against(table) for name, table in tables.items() if not table.facts.ranked},
        similar=read_similar(folder),
        official=_score(folder, "official"),
        composite=_score(folder, "composite"),
        fit_checks={name: read_fit_checks(folder, name) for name in names},
    )


def _score(folder: Path, name: str) -> ScoreTables | None:
    return read_tables(folder, name) if (folder / name / "facts.json").is_file() else None


def indicators_of(run: Path, manifest: Mapping[str, Any] | None) -> list[str]:
    """The indicators of a run with a league table: in the manifest's order, or by name without one."""
    if manifest is not None:
        return [str(entry["name"]) for entry in manifest["indicators"]]
    found = [path.parent for path in sorted((run / "tables").glob("*/facts.json"))]
    return [path.name for path in found if "indicator" in json.loads((path / "facts.json").read_text(encoding="utf-8"))]


def _against(table: LeagueTable) -> dict[str, StandardRow]:
    """The rows of a table without an order against its standard, by trust; none without numbers or standard."""
    if table.facts.standard is None or not table.has_numbers:
        return {}
    return {row.code: row for row in standard_rows(table)}


def pairs_of(rows: pd.DataFrame) -> Pairs:
    """The rows of decide.pair_rows as matrices."""
    trusts = tuple(dict.fromkeys([*rows["trust"], *rows["other"]]))
    place = {trust: at for at, trust in enumerate(trusts)}
    one, other = rows["trust"].map(place).to_numpy(), rows["other"].map(place).to_numpy()
    p, mcse, ess = np.full((3, len(trusts), len(trusts)), np.nan)
    p[one, other], p[other, one] = rows["p_above"], 1 - rows["p_above"]
    for matrix, name in ((mcse, "p_above_mcse"), (ess, "ess")):
        matrix[one, other] = matrix[other, one] = rows[name]
    return Pairs(trusts, p, mcse, ess)
