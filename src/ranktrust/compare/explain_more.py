"""What else bears on a trust's place: other choices, its region, and how it changed."""

from collections.abc import Iterator

from ranktrust.evidence import read_sensitivity
from ranktrust.league import LeagueTable
from ranktrust.publish import Loaded, rank_text
from ranktrust.words import count_text


def scenarios_said(run: Loaded, table: LeagueTable, trust: str) -> Iterator[str]:
    """Its rank interval under every other choice that the run has made; nothing where it made none."""
    folder = run.folder / "tables"
    if not (folder / table.facts.indicator / "sensitivity.json").is_file():
        return
    views = read_sensitivity(folder, table.facts.indicator).others
    spans = [
        f"{view.choice.label}, {rank_text(row['rank_lower'], row['rank_upper'], table.facts.n)}"
        for view in views
        for row in [view.rows.loc[trust].to_dict() if trust in view.rows.index else None]
        if row is not None and row["rank_lower"] == row["rank_lower"]
    ]
    if spans:
        yield f"Under other honest choices its rank interval is: {'; '.join(spans)}."


def region_said(run: Loaded, table: LeagueTable, trust: str) -> Iterator[str]:
    """Its place among the trusts of its region, each draw ranked anew."""
    name = table.facts.indicator
    if name not in run.decisions:
        return
    within = run.decisions[name].frames["within"]
    mine = within[within["trust"] == trust] if len(within) else within
    for row in mine.to_dict("records"):
        span = rank_text(row["rank_lower"], row["rank_upper"], row["n"])
        yield f"Within {row['group']}, each draw ranked anew, its interval is {span}."


def change_said(run: Loaded, table: LeagueTable, trust: str) -> Iterator[str]:
    """How it changed, where the study follows the indicator over time."""
    name = table.facts.indicator
    row = run.changes.get(name, {}).get(trust)
    if row is None or row.absolute is None:
        return
    facts = run.trajectories[name].facts
    yield (
        f"Over {count_text(facts.change_months, 'month')} it changed by {row.absolute.value} (interval "
        f"{row.absolute.interval}); it improved with a probability of {row.absolute.probability[0]}."
    )
