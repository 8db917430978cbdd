"""Two runs side by side: every indicator that both have, why its tables may differ, how far they do, what is real."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from ranktrust.compare.causes import Cause, Side, causes_of
from ranktrust.compare.moved import Moved, moved_between
from ranktrust.compare.real import Real, real_change
from ranktrust.composite import ScoreTables, read_tables
from ranktrust.errors import UsageError
from ranktrust.manifest import read_manifest
from ranktrust.publish import Loaded, load_run


@dataclass(frozen=True)
class OneIndicator:
    """What differs between two runs on one indicator."""

    name: str
    title: str
    ranked: tuple[bool, bool]
    noun: str
    causes: tuple[Cause, ...]
    moved: Moved
    real: Real


@dataclass(frozen=True)
class ScoreMoved:
    """A composite of both runs: over `n` trusts ranked in both, rank intervals with another bound, and those apart."""

    name: str
    n: int
    intervals: int
    apart: int
    same_weights: bool


@dataclass(frozen=True)
class RunsCompared:
    """Two runs: who they are, what each indicator of both says, and what only one of them has."""

    runs: tuple[Mapping[str, str], Mapping[str, str]]
    noun: str
    indicators: tuple[OneIndicator, ...]
    only: tuple[tuple[str, ...], tuple[str, ...]]
    score: ScoreMoved | None


def compare_runs(one: Path, two: Path) -> RunsCompared:
    """What changed from the run folder `one` to the run folder `two`.

    Nothing is fitted. Raises RunError for a folder that is no run or is damaged, and UsageError where the two have no
    indicator in common.
    """
    manifests = read_manifest(one), read_manifest(two)
    loaded = load_run(one), load_run(two)
    names = [name for name in loaded[0].tables if name in loaded[1].tables]
    if not names:
        raise UsageError(
            f"{one} and {two} have no indicator in common: {', '.join(loaded[0].tables)}, and "
            f"{', '.join(loaded[1].tables)}; name two runs of one study"
        )
    return RunsCompared(
        runs=(_who(manifests[0]), _who(manifests[1])),
        noun=loaded[1].first.facts.noun,
        indicators=tuple(_one_indicator(name, loaded, manifests) for name in names),
        only=tuple(tuple(table.facts.title for name, table in run.tables.items() if name not in names)
                   for run in loaded),  # type: ignore[arg-type]
        score=_score(loaded),
    )  # fmt: skip


def _who(manifest: Mapping[str, Any]) -> dict[str, str]:
    study = manifest["study"]
    found = {"run_id": manifest["run_id"], "created": manifest["created"], "study": study["name"]}
    return {name: str(value) for name, value in found.items()}


def _one_indicator(
    name: str, loaded: tuple[Loaded, Loaded], manifests: tuple[Mapping[str, Any], Mapping[str, Any]]
) -> OneIndicator:
    one, two = (run.tables[name] for run in loaded)
    return OneIndicator(
        name=name,
        title=two.facts.title,
        ranked=(one.facts.ranked, two.facts.ranked),
        noun=two.facts.noun,
        causes=causes_of(Side(one, manifests[0]), Side(two, manifests[1])),
        moved=moved_between(one, two),
        real=_real(name, loaded),
    )


def _real(name: str, loaded: tuple[Loaded, Loaded]) -> Real:
    """By the joint fit of the second run, else by that of the first."""
    one, two = (run.tables[name] for run in loaded)
    found = [real_change(one, two, run.trajectories.get(name), run.folder) for run in reversed(loaded)]
    return next((real for real in found if not real.why_not), found[0])


def _score(loaded: tuple[Loaded, Loaded]) -> ScoreMoved | None:
    """The composite, where both runs have one."""
    folders = [run.folder / "tables" for run in loaded]
    if not all((folder / "composite" / "facts.json").is_file() for folder in folders):
        return None
    one, two = (read_tables(folder, "composite") for folder in folders)
    rows = [_ranked(tables) for tables in (one, two)]
    both = rows[0].index.intersection(rows[1].index)
    before, after = (frame.loc[both] for frame in rows)
    lower, upper = "rank_lower", "rank_upper"
    return ScoreMoved(
        name=str(two.facts["title"]),
        n=len(both),
        intervals=int((before != after).any(axis=1).sum()),
        apart=int(((before[lower] > after[upper]) | (after[lower] > before[upper])).sum()),
        same_weights=one.facts["domains"] == two.facts["domains"],
    )


def _ranked(tables: ScoreTables) -> pd.DataFrame:
    return tables.frames["rows"][["rank_lower", "rank_upper"]].dropna()
