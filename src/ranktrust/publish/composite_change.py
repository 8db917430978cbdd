"""The blocks on how a composite has changed, from trajectories of the indicators that are followed."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import pandas as pd

from ranktrust.composite import ScoreTables, read_tables
from ranktrust.league import moved
from ranktrust.panel import period_dates, period_text
from ranktrust.publish.change_rows import MOVED_LABELS
from ranktrust.publish.html import Html, fragment
from ranktrust.publish.strip import rank_text
from ranktrust.words import count_text, probability_text

FOLDER: Final = "composite_change"
_CHANCES: Final = ("p_improved", "p_gained")


def read_composite_change(tables: Path) -> ScoreTables | None:
    """The composite over time in a run's folder of tables; None where the run has none."""
    return read_tables(tables, FOLDER) if (tables / FOLDER / "facts.json").is_file() else None


def composite_change(change: ScoreTables | None) -> Html:
    """Whose score has very probably changed, one row a trust; empty where nothing is followed over time."""
    if change is None:
        return Html("")
    facts, rows = change.facts, change.frames["rows"].sort_values("trust_name")
    percent, before, latest = round(100 * facts["prob"]), *(period_text(facts[name]) for name in ("before", "latest"))
    errors = [100 * rows[f"{name}_mcse"].max() for name in _CHANCES]
    heads = (
        facts["noun"].capitalize(),
        f"Score in {before}",
        f"Score in {latest}",
        f"Change ({percent}% interval)",
        "P(score rose)",
        "P(gained on the mean)",
        f"Rank interval in {latest}",
    )
    table = fragment(
        "data_table",
        caption=f"{facts['set_description'][0].upper()}{facts['set_description'][1:]}, by name. A score of 0 is the "
        f"national value of the composite's own period on every indicator followed, 1 one standard deviation between "
        f"{facts['noun']}s better on all of them. Rank intervals ({percent}%) are among {facts['n']}. "
        f"Monte Carlo error: at most {errors[0]:.2g} points for P(score rose), {errors[1]:.2g} for P(gained).",
        heads=heads,
        rows=[_cells(row, facts["n"]) for row in rows.reset_index().to_dict("records")],
    )
    return fragment(
        "data_section", heading="How it has changed", anchor="change", sentences=_sentences(change), body=table
    )


def _sentences(change: ScoreTables) -> list[str]:
    facts, rows = change.facts, change.frames["rows"]
    named = ", ".join(f"{item['title']} ({100 * item['weight']:.0f}%)" for item in facts["indicators"])
    noun, before, latest = facts["noun"], period_text(facts["before"]), period_text(facts["latest"])
    left = f" {len(facts['absent'])} lack a figure at one end: {', '.join(facts['absent'])}." if facts["absent"] else ""
    checks = [item["sentence"] for item in facts["findings"] if item["verdict"] == "failed"]
    wrong = [f"Of these, {facts['expected_wrong'][name]:.1f} are expected to be wrong." for name in _CHANCES]
    return [
        *(f"A check of these numbers failed, so they are not fit to publish: {said}" for said in checks),
        _followed(facts, named),
        f"Between {before} and {latest} the score of {_counts(rows['p_improved'], noun, ('rose', 'fell'))} {wrong[0]} "
        f"Against the mean of all, {_counts(rows['p_gained'], noun, ('gained', 'lost'))} {wrong[1]}{left}",
        *_season(facts),
        "Each indicator\u2019s path was fitted by itself, and the draws were then added up with fixed constants. Noise "
        "of single months is set aside; a movement that two indicators share by chance is not told from one that they "
        "have in common.",
    ]


def _followed(facts: Mapping[str, Any], named: str) -> str:
    if not facts["not_followed"]:
        return f"Every indicator of the composite is followed period by period: {named}."
    return (
        f"Followed period by period are {named}: {100 * facts['weight_followed']:.0f}% of the composite\u2019s weight, "
        "shared out among them. The other indicators have too few periods, so this is not the score above."
    )


def _season(facts: Mapping[str, Any]) -> tuple[str, ...]:
    """That season is part of a change between different months of the year."""
    first, last = (period_dates(facts[name])[0] for name in ("before", "latest"))
    apart = 12 * (last.year - first.year) + last.month - first.month
    if apart % 12 == 0:
        return ()
    return (
        f"The two ends lie {apart} months apart, so that season is part of the change; what the season does to all "
        "alike is taken away against the mean.",
    )


def _counts(chances: pd.Series, noun: str, verbs: tuple[str, str]) -> str:
    found = moved(chances).value_counts()
    up, down, still = (int(found.get(name, 0)) for name in ("better", "worse", "open"))
    return (
        f"{count_text(up, noun)} very probably {verbs[0]} and {down} very probably {verbs[1]} (a probability of 97.5% "
        f"or more); for {still} these data cannot tell."
    )


def _cells(row: dict[Any, Any], n: int) -> tuple[str, ...]:
    said = MOVED_LABELS[str(moved(pd.Series([row["p_improved"]])).iloc[0])]
    return (
        f"{row['trust_name']} ({row['trust']})",
        _signed(row["before"]),
        _signed(row["now"]),
        f"{_signed(row['change'])} ({_signed(row['change_lower'])} to {_signed(row['change_upper'])})",
        f"{probability_text(row['p_improved'], row['p_improved_mcse'], row['p_improved_ess'])}, {said}",
        probability_text(row["p_gained"], row["p_gained_mcse"], row["p_gained_ess"]),
        rank_text(row["rank_lower"], row["rank_upper"], n),
    )


def _signed(value: float) -> str:
    return f"{value:+.2f}".replace("-", "\u2212")
