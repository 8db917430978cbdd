"""What else bears on a trust's place: other choices, its region, its change, and what pulls its composite."""

from collections.abc import Iterator

from ranktrust.evidence import read_sensitivity
from ranktrust.league import LeagueTable
from ranktrust.publish import Loaded, rank_text
from ranktrust.words import count_text, probability_text

_PULLS = 3


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


def score_said(run: Loaded, trust: str) -> tuple[str, ...]:
    """Its place in the composite and which indicators pull it most; nothing where the study has no composite."""
    if run.composite is None or trust not in run.composite.frames["rows"].index:
        return ()
    facts, row = run.composite.facts, run.composite.frames["rows"].loc[trust].to_dict()
    title = str(facts["title"])
    if row["rank_lower"] != row["rank_lower"]:
        return (f"{title}: it has no rank, because too much of the weight is missing ({row['missing']}).",)
    chance = [(row[name], row[f"{name}_mcse"], row["ess_rank"]) for name in ("p_top_quarter", "p_bottom_quarter")]
    return (
        f"{title}: its {100 * facts['prob']:.0f}% rank interval is "
        f"{rank_text(row['rank_lower'], row['rank_upper'], facts['n'])}, with a probability of "
        f"{probability_text(*chance[0])} of the first quarter and {probability_text(*chance[1])} of the last. The "
        f"weights are the study's choice: {facts['why']}.",
        *pulls_said(run, trust),
    )


def pulls_said(run: Loaded, trust: str) -> tuple[str, ...]:
    """The indicators that move its place in the composite most, with the places each moves it by."""
    assert run.composite is not None
    pulls, titles = run.composite.frames["influence"], run.composite.frames["indicators"]["title"]
    own = pulls[pulls.index == trust].to_dict("records")
    ordered = sorted(own, key=lambda row: -abs(row["rank_change"]))[:_PULLS]
    said = [
        f"{titles[row['indicator']]} {'lifts' if row['rank_change'] > 0 else 'lowers'} it by "
        f"{abs(row['rank_change']):.1f} places"
        for row in ordered
        if abs(row["rank_change"]) >= 0.05
    ]
    if not said:
        return ()
    return (f"Against an average value of the same indicator: {'; '.join(said)}.",)
