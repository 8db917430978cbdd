"""What a page on change over time takes from others: breaks in the returns, and the league page beside it."""

from pathlib import Path
from typing import Final

import pandas as pd

from ranktrust.league import LeagueTable, Trajectory, read_league_table
from ranktrust.ledger import read_ledger
from ranktrust.panel import period_text
from ranktrust.publish.blocks import share_text
from ranktrust.publish.html import Html, fragment
from ranktrust.vocabulary import TRUST

BREAK: Final = "sudden_change"
"""The check of the returns that finds a break."""


def change_returns(trajectory: Trajectory, tables: Path) -> Html:
    """Trusts whose number of cases jumped within the periods followed; empty where none did, or no ledger is there."""
    found = _breaks(trajectory, tables)
    if found.empty:
        return Html("")
    noun, rows = trajectory.latest.facts.noun, found.sort_values(["trust_name", "period"])
    table = fragment(
        "data_table",
        caption="From the checks on the returns; the data page has all of them. Nothing was left out because of one.",
        heads=(noun.capitalize(), "Period", "What was found"),
        rows=[(f"{row.trust_name} ({row.trust})", row.period, row.sentence) for row in rows.itertuples()],
    )
    said = [
        f"The number of cases of {len(set(found[TRUST]))} of these {noun}s jumped from one period to the next when "
        "others\u2019 did not: a department opened, closed or was counted anew. What the page calls a change of theirs "
        "may be a change of what was counted."
    ]
    return fragment("data_section", heading="Breaks in the returns", anchor="breaks", sentences=said, body=table)


def _breaks(trajectory: Trajectory, tables: Path) -> pd.DataFrame:
    if not (tables / "returns.csv").is_file():
        return pd.DataFrame()
    returns, facts = read_ledger(tables).returns, trajectory.facts
    first, last = facts.periods[0].split("/")[0], facts.periods[-1].split("/")[1]
    days = returns["period"].str.split(" to ", expand=True).reindex(columns=[0, 1])
    inside = (days[0] > first) & (days[1] <= last)
    return returns[(returns["indicator"] == facts.indicator) & (returns["check"] == BREAK) & inside]


def change_beside_league(trajectory: Trajectory, tables: Path) -> Html:
    """Why rank intervals here differ from those of the indicator's league page; empty where nothing is ranked there."""
    if not (tables / trajectory.facts.indicator / "facts.json").is_file():
        return Html("")
    league = read_league_table(tables, trajectory.facts.indicator)
    if not (league.facts.ranked and trajectory.window.facts.ranked):
        return Html("")
    said = _sentences(trajectory, league)
    return fragment("data_section", heading="Beside the league page", anchor="beside", sentences=said, body=Html(""))


def _sentences(trajectory: Trajectory, league: LeagueTable) -> list[str]:
    facts, noun = trajectory.facts, league.facts.noun
    ours, theirs = trajectory.window.rows, league.rows
    both = ours.index.intersection(theirs.index)
    moved = (ours.loc[both, "expected_rank"] - theirs.loc[both, "expected_rank"]).abs()
    names, most = theirs["trust_name"].to_dict(), str(moved.idxmax())
    shares = trajectory.frame("shares").set_index("scenario").loc["this_period"].to_dict()
    declared = share_text(float(shares["declared"])) if pd.notna(shares["declared"]) else "no share"
    return [
        f"The league page ranks the same {noun}s by the sum over {league.facts.period}, with {declared} of the "
        f"variance declared as nobody\u2019s own. The mean here is over {facts.window_text}, and the share of noise, "
        f"{share_text(float(shares['implied']))}, is found in the figures. Two sets of rank intervals follow, and each "
        "answers for its own assumption.",
        f"Intervals of the league page are {_width(theirs.loc[both]):.1f} places wide on average, those of the mean "
        f"here {_width(ours.loc[both]):.1f}, those of {period_text(facts.latest)} alone "
        f"{_width(trajectory.latest.rows):.1f}. Expected ranks by the mean differ from the league page\u2019s by "
        f"{moved.mean():.1f} places on average and by {moved.max():.0f} at most ({names[most]}).",
    ]


def _width(rows: pd.DataFrame) -> float:
    return float((rows["rank_upper"] - rows["rank_lower"] + 1).mean())
