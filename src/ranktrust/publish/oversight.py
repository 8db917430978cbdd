"""The blocks of the page on official scoring: P(segment) beside the published one, and how far the rule is matched."""

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import pandas as pd

from ranktrust.composite import SEGMENTS, ScoreTables
from ranktrust.publish.html import Html, fragment
from ranktrust.publish.strip import rank_text
from ranktrust.words import count_text, probability_text

SURE: Final = 0.8
"""Below this probability a published segment is counted as unsure."""


def oversight_opening(tables: ScoreTables) -> Html:
    """For how many trusts the published segment is unsure, and what that rests on."""
    return fragment("score_opening", facts=tables.facts, title=oversight_headline(tables), sentences=_summary(tables))


def _modelled(tables: ScoreTables) -> pd.DataFrame:
    rows = tables.frames["rows"]
    return rows[rows["modelled"]]


def oversight_headline(tables: ScoreTables) -> str:
    """How many trusts have another segment with a probability of more than a fifth, from part of the metrics alone."""
    rows, facts = _modelled(tables), tables.facts
    unsure = int((rows["p_official"] < SURE).sum())
    return (
        f"Chance in {len(tables.frames['metrics'])} of {facts['count']} metrics alone leaves the segment of "
        f"{unsure or 'none'} of {len(rows)} {facts['noun']}s open"
    )


def _summary(tables: ScoreTables) -> tuple[str, ...]:
    rows, facts = _modelled(tables), tables.facts
    unsure, wider = (rows[name] < SURE for name in ("p_official", "p_official_wider"))
    named = ", ".join(f"{row.trust_name} ({_text(row, 'p_official')})" for row in rows[unsure].itertuples())
    width = rows["rank_upper_with"] - rows["rank_lower_with"] + 1
    return (
        f"The official scoring was run on each posterior draw of {len(tables.frames['metrics'])} metrics; everything "
        f"else stays as published. The published segment then has a probability under {100 * SURE:.0f}% for "
        f"{count_text(len(rows[unsure]), facts['noun'])}{': ' + named if named else ''}.",
        f"These probabilities are too certain: {facts['count'] - len(tables.frames['metrics'])} of {facts['count']} "
        "metrics are held fixed, and the official periods are shorter than ours. If every metric were as uncertain as "
        f"those modelled, and independently so, it would be {int(wider.sum())}; that is an illustration, not a result.",
        f"{round(100 * facts['prob'])}% rank intervals span {int(width.median())} places in the middle, "
        f"{int(width.max())} at most. Near the edge of a segment a hundredth of a point moves a rank by dozens of "
        "places, as rank goes by segment first.",
        f"A {facts['noun']} in financial deficit cannot be better than segment {facts['override']}: "
        f"{int(rows['in_deficit'].sum())} of {len(rows)} are, and for {_held(rows, facts)} the override decides.",
    )


def _held(rows: pd.DataFrame, facts: Mapping[str, Any]) -> str:
    better = [f"p_segment_{segment}_without" for segment in SEGMENTS if segment < facts["override"]]
    return f"{int((rows['in_deficit'] & (rows[better].sum(axis=1) > 0.5)).sum())} of them"


def _text(row: Any, column: str) -> str:
    return probability_text(*(float(getattr(row, f"{column}{end}")) for end in ("", "_mcse", "_ess")))


def oversight_caution(tables: ScoreTables) -> Html:
    """What is held fixed and what is missing, before any number is read."""
    facts, metrics = tables.facts, tables.frames["metrics"]
    titles = "; ".join(f"{row.title} ({row.note})" for row in metrics.itertuples())
    sentences = (
        f"Modelled are {titles}.",
        f"Held at what was published, because the figures at hand cannot model them: {facts['missing']}.",
        f"Each trust's average moves by the score of a draw less the score of its own figure, over {facts['count']} "
        f"metrics. That number is {facts['count_source']}.",
    )
    return fragment("score_caution", title="What these probabilities leave out", sentences=sentences)


def oversight_rows(tables: ScoreTables) -> Html:
    """One row a trust: what was published, and what the draws make of it, with and without the override."""
    facts, rows = tables.facts, _modelled(tables)
    errors = [f"p_segment_{segment}_with_mcse" for segment in SEGMENTS]
    caption = (
        f"{facts['title']}. The {len(rows)} {facts['noun']}s that are modelled, in the order of their official rank "
        f"among {facts['n']}. Scores run from 1, best, to 4. Every probability holds all that is not modelled at its "
        "published value, and is too certain for that. Monte Carlo error of a probability: at most "
        f"{100 * rows[errors].max().max():.2g} points."
        + ("" if facts["likely_ranges"] else " The publisher's likely ranges are not in the figures at hand.")
    )
    shown = [_row(row, facts) for row in rows.itertuples()]
    percent = round(100 * facts["prob"])
    return fragment("official_rows", facts=facts, rows=shown, caption=caption, percent=percent)


def _row(row: Any, facts: Mapping[str, Any]) -> dict[str, Any]:
    plain = [float(getattr(row, f"p_segment_{segment}_without")) for segment in SEGMENTS]
    most = SEGMENTS[int(np.argmax(plain))]
    pairs = []
    for segment in SEGMENTS:
        error = float(getattr(row, f"p_segment_{segment}_with_mcse"))
        pairs.append((_text(row, f"p_segment_{segment}_with"), f"Monte Carlo error {100 * error:.2g} points"))
    return {
        "code": row.Index,
        "name": row.trust_name,
        "subtype": row.subtype,
        "score": f"{row.average_score:.2f}",
        "interval": f"{row.score_lower:.2f} to {row.score_upper:.2f}",
        "segment": int(row.official_segment),
        "deficit": "in deficit" if row.in_deficit else "no deficit",
        "p": pairs,
        "plain": f"{most} ({_text(row, f'p_segment_{most}_without')})",
        "rank": f"{int(row.official_rank)} of {facts['n']}",
        "likely": _likely(row),
        "ranks": rank_text(row.rank_lower_with, row.rank_upper_with, facts["n"]),
        "ranks_plain": rank_text(row.rank_lower_without, row.rank_upper_without, facts["n"]),
    }


def _likely(row: Any) -> str:
    low, high = row.official_rank_low, row.official_rank_high
    return "" if np.isnan(low) or np.isnan(high) else f"{int(low)} to {int(high)}"


def oversight_agreement(tables: ScoreTables) -> Html:
    """How far our scoring gives back what was published: segments and ranks, then metric by metric."""
    facts, again = tables.facts, tables.frames["reproduction"]
    wrong = again[~again["agrees"]]
    listed = "; ".join(
        f"{row.Index} (published segment {row.segment}, rank {row.rank}; here {row.our_segment}, {row.our_rank})"
        for row in wrong.head(10).itertuples()
    )
    said = [
        f"From the published averages the rule gives {facts['reproduced_segment']} of {facts['of']} published segments "
        f"and {facts['reproduced']} of {facts['of']} published pairs of segment and rank"
        + (f". The others: {listed}{' and more' if len(wrong) > 10 else ''}." if len(wrong) else "."),
        f"{count_text(facts['absent'], facts['noun'])} that were ranked are not in the figures; gaps in the published "
        "ranks show where they stand, and they are held there. " + _cut_sentence(facts["cuts"]),
        *_quartile_sentence(facts),
        *_average_sentence(tables.frames["metrics"]),
        *_deduced_sentence(facts["deduced"]),
    ]
    table = fragment(
        "data_table",
        caption="Our figures of a metric beside the published values, and the scores of the two. A score is a rank "
        "among all trusts with a value, of every type, not among these alone: those that are not modelled keep the "
        "published one. Published scores of single metrics are compared where the figures have them.",
        heads=(
            "Metric",
            "Trusts ranked together",
            "Trusts with both",
            "Correlation",
            "Mean difference as published",
            "Mean difference in score",
            "Published scores",
        ),
        rows=[_metric_row(row) for row in tables.frames["metrics"].itertuples()],
    )
    heading = "How far the official scoring is reproduced"
    return fragment("data_section", heading=heading, anchor="agreement", sentences=said, body=table)


def _average_sentence(metrics: pd.DataFrame) -> tuple[str, ...]:
    if metrics["scored"].any():
        return ()
    return (
        "The published averages are taken as they are: the scores of single metrics are not in the figures, so the "
        "averages cannot be made again.",
    )


def _quartile_sentence(facts: Mapping[str, Any]) -> tuple[str, ...]:
    found = facts["quartiles"]
    if found is None:
        return ()
    return (
        f"Plain quartiles of the trusts listed and placed would give {found['segments']} of {facts['of']} segments and "
        f"{found['pairs']} of {facts['of']} pairs.",
    )


def _deduced_sentence(found: Mapping[str, Any] | None) -> tuple[str, ...]:
    if found is None:
        return ()
    return (
        f"The published score of one metric ({str(found['metric']).replace('_', ' ')}) can be worked out from its "
        f"domain's score: for {found['n']} listed trusts ours differs from it by {found['mean']:.2f} in the mean and "
        f"{found['largest']:.2f} at most, as some ranked trusts are not listed.",
    )


def _cut_sentence(cuts: Mapping[str, Any]) -> str:
    if "thresholds" in cuts:
        said = "Segments 2, 3 and 4 begin at " + ", ".join(f"{value:g}" for value in cuts["thresholds"])
    else:
        said = "Segments are cut in each draw at the shares " + ", ".join(f"{value:g}" for value in cuts["quantiles"])
    return f"{said}{': ' + cuts['source'] if cuts['source'] else ''}."


def _metric_row(row: Any) -> tuple[str, ...]:
    scored = "not in the figures"
    if row.scored:
        scored = f"{int(row.scored)} trusts, largest difference {row.largest_from_published:.2f}"
    if not row.n:
        return row.title, str(int(row.ranked_among)), "none: no published value", "none", "none", "none", scored
    difference = (f"{row.correlation:.3f}", f"{row.difference:.2g}", f"{row.score_difference:.2f}")
    return row.title, str(int(row.ranked_among)), str(int(row.n)), *difference, scored


def oversight_limits(tables: ScoreTables) -> Html:
    """What P(segment) cannot tell."""
    noun = tables.facts["noun"]
    items = [
        ("Not how sure the official table is.", "Only chance in the metrics modelled is counted; it is less than all."),
        ("Not whether the rule is right.", "The rule is taken as it is: equal metrics, ranks for scores, sharp cuts."),
        ("Not what adjustment would change.", f"Officials score unadjusted figures, so this page does: no {noun}'s "
         "context is allowed for."),
        ("Not a forecast.", "It is about the figures of this period, not about the next table."),
    ]  # fmt: skip
    return fragment("score_limits", items=items)


def oversight_method(tables: ScoreTables, manifest: Mapping[str, Any] | None) -> Html:
    """The draws, the rule's numbers and the run."""
    facts = tables.facts
    pairs = [
        ("Draws", f"{facts['draws']:,}"),
        ("Smallest effective sample size of a rank", f"{facts['smallest_ess']:,.0f}"),
        ("Trusts ranked together", f"{facts['n']} ({facts['listed']} published, {facts['absent']} placed by the gaps)"),
        ("Metrics averaged", str(facts["count"])),
        ("Digits of a score", str(facts["decimals"])),
        ("Level scored", "total, unadjusted"),
        ("Computation", "passed its checks" if facts["gate_passed"] else "failed its checks"),
        ("Run", str((manifest or {}).get("run_id", "not recorded"))),
    ]
    return fragment("score_method", sentences=[], pairs=pairs)
