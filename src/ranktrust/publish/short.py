"""What a reader asks of a league table first and it does not show: change, what is left out, and who weighed what."""

from pathlib import Path

from ranktrust.evidence import read_fit_checks
from ranktrust.league import LeagueTable, expected_wrong, moved, read_trajectory
from ranktrust.panel import period_text
from ranktrust.publish.fit import fit_sentence
from ranktrust.publish.html import Html, fragment
from ranktrust.publish.names import review_page, trajectory_page
from ranktrust.words import count_text, expected_text


def in_short(table: LeagueTable, run: Path) -> Html:
    """Answers above the table, each in a sentence: how it fits, what changed, what it does not show, who chose."""
    facts = table.facts
    page = trajectory_page(facts.indicator) if _followed(table, run) else ""
    fit, review = fit_sentence(read_fit_checks(run / "tables", facts.indicator)), review_page(facts.indicator)
    return fragment(
        "in_short", facts=facts, changed=changed_sentence(table, run), page=page, fit=fit, review=review
    )  # fmt: skip


def _followed(table: LeagueTable, run: Path) -> bool:
    return (run / "tables" / table.facts.indicator / "trajectory_facts.json").is_file()


def changed_sentence(table: LeagueTable, run: Path) -> str:
    """How many trusts changed with a probability of at least 97.5 %, or that the study does not follow them."""
    noun = table.facts.noun
    if not _followed(table, run):
        return "not followed over time in this study, so nothing is said of it."
    found = read_trajectory(run / "tables", table.facts.indicator)
    chances = found.change["p_absolute"]
    ways = moved(chances)
    better, worse = int((ways == "better").sum()), int((ways == "worse").sum())
    wrong = expected_wrong(chances)
    return (
        f"from {period_text(found.facts.before)} to {period_text(found.facts.latest)}, {better} of "
        f"{count_text(len(chances), noun)} are better and {worse} worse with a probability of at least 97.5%; of "
        f"these, {expected_text(wrong)} expected to be wrong. The other {len(chances) - better - worse} cannot be told."
    )
