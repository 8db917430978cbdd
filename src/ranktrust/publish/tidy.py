"""The published tables as frames: every column described, no rank without its interval."""

from collections.abc import Callable

import pandas as pd

from ranktrust.league import tidy_rows
from ranktrust.publish.columns import COLUMNS, PARTS
from ranktrust.publish.loaded import Loaded


def published_tables(run: Loaded) -> dict[str, pd.DataFrame]:
    """The tables of `PARTS` that the run has, columns those of `COLUMNS` in their order of reading."""
    made = {name: _MAKERS[name](run) for name in PARTS}
    return {name: _described(frame) for name, frame in made.items() if len(frame)}


def _described(frame: pd.DataFrame) -> pd.DataFrame:
    return frame[[name for name in frame.columns if name in COLUMNS]].reset_index(drop=True)


def _indicators(run: Loaded) -> pd.DataFrame:
    names = (
        "indicator", "title", "kind", "best", "unit", "period", "n", "model", "scenario", "ranked", "caution",
        "benchmark", "benchmark_basis", "standard", "standard_name", "delta", "gate_passed",
    )  # fmt: skip
    rows = [
        {name: getattr(table.facts, name) for name in names}
        | {name: str(table.facts.source.get(name, "")) for name in ("publisher", "licence")}
        for table in run.tables.values()
    ]
    return pd.DataFrame(rows)


def _league(run: Loaded) -> pd.DataFrame:
    """League rows with P(better) and excess; expected and median ranks stay in the run: they are single numbers."""
    frames = []
    for name, table in run.tables.items():
        rows = tidy_rows(table)
        if name in run.decisions:
            own = run.decisions[name].frames["trusts"]
            columns = ["p_better", "p_better_mcse", "excess", "excess_lower", "excess_upper"]
            rows = rows.join(own[columns], on="trust")
        frames.append(rows.drop(columns=["expected_rank", "expected_rank_mcse", "median_rank"]))
    return pd.concat(frames, ignore_index=True)


def _of_decisions(run: Loaded, frame: str, **columns: str) -> pd.DataFrame:
    found = [
        decided.frames[frame].assign(indicator=name, **columns)
        for name, decided in run.decisions.items()
        if len(decided.frames[frame])
    ]
    if not found:
        return pd.DataFrame()
    rows = pd.concat(found, ignore_index=True)
    return rows[["indicator", *(name for name in rows.columns if name != "indicator")]]


def _regions(run: Loaded) -> pd.DataFrame:
    return pd.concat(
        [
            _of_decisions(run, "regions", level="region"),
            _of_decisions(run, "boards", level="integrated care board"),
        ],
        ignore_index=True,
    )


def _change(run: Loaded) -> pd.DataFrame:
    found = [
        trajectory.change.reset_index().assign(indicator=name)
        for name, trajectory in run.trajectories.items()
        if len(trajectory.change)
    ]
    return pd.concat(found, ignore_index=True) if found else pd.DataFrame()


_MAKERS: dict[str, Callable[[Loaded], pd.DataFrame]] = {
    "indicators": _indicators,
    "league": _league,
    "pairs": lambda run: _of_decisions(run, "pairs"),
    "support_totals": lambda run: _of_decisions(run, "totals"),
    "support_lists": lambda run: _of_decisions(run, "lists"),
    "regions": _regions,
    "within_regions": lambda run: _of_decisions(run, "within"),
    "change": _change,
}
