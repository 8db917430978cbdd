"""The blocks of a page on change over time, in the order they are read. Each takes a Trajectory and gives Html."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd

from ranktrust.evidence.files import FACTS as SENSITIVITY_FACTS
from ranktrust.evidence.files import read_sensitivity
from ranktrust.evidence.sentences import reliability_sentences
from ranktrust.league import (
    CERTAIN,
    PARAMETER_WORDS,
    SCENARIO_WORDS,
    Trajectory,
    follow_headline,
    follow_sentences,
    method_words,
    movers,
    noise_sentence,
    order_sentence,
    share_sentences,
    width_sentence,
)
from ranktrust.panel import period_text
from ranktrust.publish.blocks import share_text
from ranktrust.publish.change_rows import MOVED_CLASSES, change_rows
from ranktrust.publish.html import Html, fragment


def change_opening(trajectory: Trajectory) -> Html:
    """The finding as the page's heading, what may be taken from it, and a failed gate above all."""
    facts = replace(trajectory.latest.facts, period=trajectory.facts.span_text)
    return fragment(
        "opening",
        facts=facts,
        title=follow_headline(trajectory),
        sentences=follow_sentences(trajectory),
        failed=[item for item in facts.findings if item["verdict"] == "failed"],
    )


def change_moved(trajectory: Trajectory) -> Html:
    """Which trusts very probably moved, in both senses, and that the others are not shown to stand still."""
    groups = [
        {"heading": heading, "names": movers(trajectory, way, sense), "word_class": MOVED_CLASSES[way]}
        for sense, way, heading in (
            ("absolute", "better", "Very probably improved"),
            ("absolute", "worse", "Very probably got worse"),
            ("relative", "better", "Very probably gained ground on the path of the set"),
            ("relative", "worse", "Very probably lost ground on the path of the set"),
        )
    ]
    table = trajectory.latest.facts
    span = (period_text(trajectory.facts.before), period_text(trajectory.facts.latest))
    return fragment("change_moved", groups=groups, facts=table, span=span, certain=f"{100 * CERTAIN:g}%")


def change_rows_block(trajectory: Trajectory) -> Html:
    """The table: one row a trust, in the order of the latest period's league table, then those not ranked in it."""
    facts = trajectory.facts
    frame, source = trajectory.change, trajectory.latest.facts.source
    errors = [100 * frame[f"p_{sense}_mcse"].max() for sense in ("absolute", "relative")] if len(frame) else [0.0, 0.0]
    return fragment(
        "change_rows",
        rows=list(change_rows(trajectory)),
        facts=trajectory.latest.facts,
        n=(trajectory.latest.facts.n, trajectory.window.facts.n, len(frame)),
        percent=round(100 * facts.prob),
        order=order_sentence(trajectory.latest),
        span=facts.span_text,
        mean=facts.window_text,
        before=period_text(facts.before),
        errors=[f"{error:.2g}" for error in errors],
        source=", ".join(str(source[name]) for name in ("publisher", "title") if source.get(name)),
    )


def change_widths(trajectory: Trajectory) -> Html:
    """How wide rank intervals are when one period is taken at its word, and why the trajectory's differ."""
    if not trajectory.latest.facts.ranked:
        return Html("")
    words = method_words(trajectory.latest.facts.kind, trajectory.latest.facts.period)
    rows = [
        (words[row["method"]], f"{row['mean_width']:.1f}", f"{row['typical_width']:.0f}",
         "none" if row["method"] == "trajectory" else f"{row['narrower']:.0f}")
        for row in trajectory.frame("widths").to_dict("records")
    ]  # fmt: skip
    facts = trajectory.latest.facts
    percent = round(100 * trajectory.facts.prob)
    caption = (
        f"Widths of {percent}% rank intervals in {facts.period}, in places of {facts.n}. Source: as of the table above."
    )
    heads = (
        "Ranked from",
        "Mean width",
        "Half are at most",
        f"{facts.noun.capitalize()}s with a narrower interval than here",
    )
    table = fragment("data_table", caption=caption, heads=heads, rows=rows)
    return fragment("change_widths", table=table, sentences=(width_sentence(trajectory), noise_sentence(trajectory)))


def change_parameters(trajectory: Trajectory) -> Html:
    """Prior and posterior of the statement's parameters, as a table."""
    rows = [
        (
            PARAMETER_WORDS[str(row["parameter"])],
            "none" if pd.isna(row["prior_lower"]) else f"{row['prior_lower']:.3f} to {row['prior_upper']:.3f}",
            f"{row['mean']:.3f}",
            f"{row['lower']:.3f} to {row['upper']:.3f}",
        )
        for row in trajectory.frame("parameters").to_dict("records")
    ]
    medians = trajectory.frame("parameters").set_index("parameter")["prior_median"].to_dict()
    kept = medians["persistence"] > 0.5
    why = " The prior holds persistence mostly above 0.5: below, movement would be noise under another name."
    caption = f"Parameters before and after the figures, with 95% intervals.{why if kept else ''}"
    heads = ("Parameter", "Before: interval", "After: mean", "After: interval")
    return fragment("data_table", caption=caption, heads=heads, rows=rows)


def change_shares(trajectory: Trajectory, *, reliability: Sequence[str] = ()) -> Html:
    """The share that the trajectory implies for a cross-section beside the declared one, and whether they disagree.

    `reliability` are sentences on how well parts of the same figures agree, from `reliability_of`.
    """
    shares = trajectory.frame("shares")
    rows = [
        (SCENARIO_WORDS[str(row["scenario"])], *_share_cells(row, "implied"), *_share_cells(row, "declared"),
         f"a guess: {row['source']}" if str(row["guess"]) == "True" else row["source"])
        for row in shares.to_dict("records")
    ]  # fmt: skip
    periods = trajectory.facts.cross_section
    span = period_text(f"{periods[0].split('/')[0]}/{periods[-1].split('/')[1]}")
    noun = trajectory.latest.facts.noun
    caption = (
        f"Share of the variance between {noun}s that is not theirs to keep, over {span}, with 95% intervals: implied "
        "by this trajectory, and declared for the league table."
    )
    heads = ("Scenario", "Implied", "Interval", "Declared", "Interval", "Source of the declared share")
    table = fragment("data_table", caption=caption, heads=heads, rows=rows)
    said = (*share_sentences(shares), *reliability)
    return fragment("change_shares", table=table, sentences=said, span=span, noun=noun)


def reliability_of(tables: Path, indicator: str) -> tuple[str, ...]:
    """How well parts of the same figures agree, in the words of the run's page on other choices; empty without one."""
    if not (tables / indicator / SENSITIVITY_FACTS).is_file():
        return ()
    return reliability_sentences(read_sensitivity(tables, indicator))


def _share_cells(row: dict[Any, Any], name: str) -> tuple[str, str]:
    if pd.isna(row[name]):
        return "none", ""
    return share_text(row[name]), f"{share_text(row[f'{name}_lower'])} to {share_text(row[f'{name}_upper'])}"


def change_limits(trajectory: Trajectory) -> Html:
    """What the page cannot tell."""
    facts = trajectory.facts
    span = (period_text(facts.before), period_text(facts.latest))
    return fragment("change_limits", facts=trajectory.latest.facts, n=facts.n, span=span)


def change_method(trajectory: Trajectory) -> Html:
    """The checks of the computation one by one, and the model's statement word for word."""
    return fragment("change_method", facts=trajectory.latest.facts, followed=trajectory.facts)
