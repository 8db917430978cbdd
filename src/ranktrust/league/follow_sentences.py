"""Sentences about a trajectory, made from its numbers by fixed rules: no change stands without its probability."""

from collections.abc import Sequence
from typing import Any

import pandas as pd

from ranktrust.league.change import ALONE, ONE_MONTH, TRAJECTORY
from ranktrust.league.shares import AGREE, DISAGREE
from ranktrust.league.trajectory import CERTAIN, Trajectory, expected_wrong, moved
from ranktrust.panel import period_text
from ranktrust.vocabulary import Kind
from ranktrust.words import count_text, natural_text, probability_text

SENSES = ("absolute", "relative")
SCENARIO_WORDS = {
    "this_period": "this period: the noise of single periods",
    "long_run": "long run: that noise and all movement that fades",
}
PARAMETER_WORDS = {
    "s": "spread between trusts in one period",
    "moving": "moving share of a trust's distance from the path",
    "persistence": "persistence from one period to the next",
    "unattributed_share": "noise of one period, as a share of variance",
    "step": "step of the national path from one period to the next (sd)",
}


def change_text(kind: Kind, value: float) -> str:
    """A change in natural units with its sign: `+1.4 points` of a proportion, `-0.03` otherwise."""
    return f"{100 * value:+.1f} points" if kind == "proportion" else f"{value:+.2f}"


def change_interval_text(kind: Kind, lower: float, upper: float) -> str:
    """The interval of a change: `-0.4 to +1.9 points`."""
    if kind == "proportion":
        return f"{100 * lower:+.1f} to {100 * upper:+.1f} points"
    return f"{lower:+.2f} to {upper:+.2f}"


def counts(trajectory: Trajectory, sense: str) -> tuple[int, int, int]:
    """How many trusts are very probably better, very probably worse, and neither, in one of SENSES."""
    found = moved(trajectory.change[f"p_{sense}"]).value_counts()
    better, worse, still = (int(found.get(word, 0)) for word in ("better", "worse", "open"))
    return better, worse, still


def follow_headline(trajectory: Trajectory) -> str:
    """The finding in one line: how many trusts changed with a stated probability, and how many one cannot tell."""
    facts, noun = trajectory.facts, trajectory.latest.facts.noun
    span = f"Over {count_text(facts.change_months, 'month')} to {period_text(facts.latest)}"
    if trajectory.change.empty:
        return f"{span}, no {noun} reported at both ends"
    better, worse, still = counts(trajectory, "absolute")
    if better + worse == 0:
        return f"{span}, these figures show no {noun} that changed, with at least {100 * CERTAIN:g}%"
    n = len(trajectory.change)
    return (
        f"{span}, {better or 'none'} of {n} {noun}s improved and {worse or 'none'} got worse, each with at least "
        f"{100 * CERTAIN:g}%; {still} cannot be told"
    )


def follow_sentences(trajectory: Trajectory) -> tuple[str, ...]:
    """What a reader may take from the trajectory: the path of the set, change against it, error rates, ranks, gaps."""
    return (
        _national(trajectory),
        *_against(trajectory),
        *_latest_ranks(trajectory),
        _set_of(trajectory),
        *_names(trajectory),
        *_season(trajectory),
    )


def _national(trajectory: Trajectory) -> str:
    facts, kind = trajectory.facts, trajectory.latest.facts.kind
    path = trajectory.frame("national").set_index("period")["national"]
    mean, lower, upper = facts.national_change
    chance, mcse, ess = facts.p_national
    return (
        f"The path of this set of {trajectory.latest.facts.noun}s went from "
        f"{natural_text(kind, path[facts.before])} in "
        f"{period_text(facts.before)} to {natural_text(kind, path[facts.latest])} in {period_text(facts.latest)}: "
        f"{change_text(kind, mean)} ({100 * facts.prob:.0f}% interval {change_interval_text(kind, lower, upper)}), "
        f"an improvement with probability {probability_text(chance, mcse, ess)}."
    )


def _against(trajectory: Trajectory) -> tuple[str, ...]:
    change = trajectory.change
    if change.empty:
        return ()
    noun = trajectory.latest.facts.noun
    better, worse, still = counts(trajectory, "relative")
    wrong = {sense: expected_wrong(change[f"p_{sense}"]) for sense in SENSES}
    called = {sense: sum(counts(trajectory, sense)[:2]) for sense in SENSES}
    return (
        f"Against that path, {better or 'no'} {noun}s very probably gained ground and {worse or 'none'} very probably "
        f"lost it; for {still} it cannot be told.",
        f"Very probable means a probability of at least {100 * CERTAIN:g}%. Of the {called['absolute']} changes called "
        f"so, {wrong['absolute']:.1f} are expected to have gone the other way; of the {called['relative']} against the "
        f"path, {wrong['relative']:.1f}, if the model is right.",
    )


def _latest_ranks(trajectory: Trajectory) -> tuple[str, ...]:
    table = trajectory.latest
    if not table.facts.ranked:
        return ()
    width = table.rows["rank_upper"] - table.rows["rank_lower"] + 1
    return (
        f"In {table.facts.period} a typical {table.facts.noun}'s rank interval spans "
        f"{width.quantile(0.5, interpolation='higher'):.0f} of {table.facts.n} places.",
    )


def _set_of(trajectory: Trajectory) -> str:
    facts, table = trajectory.facts, trajectory.latest.facts
    return (
        f"Followed are {facts.n} {table.noun}s: {table.set_description}, from {facts.span_text} "
        f"({count_text(len(facts.periods), 'period')}). The path is that of this set, not of England."
    )


def _names(trajectory: Trajectory) -> tuple[str, ...]:
    facts, noun = trajectory.facts, trajectory.latest.facts.noun
    said = []
    if facts.no_change:
        have = "has" if len(facts.no_change) == 1 else "have"
        said.append(
            f"{count_text(len(facts.no_change), noun)} {have} no figure in {period_text(facts.before)} or in "
            f"{period_text(facts.latest)}, and so no statement of change: {'; '.join(facts.no_change)}."
        )
    if facts.absent:
        said.append(
            "Periods without a figure stay empty in the paths; a mean over several periods takes from the trust's "
            f"other periods what it may. Without a figure: {'; '.join(facts.absent)}."
        )
    for table, when in ((trajectory.latest, "in the latest period"), (trajectory.window, "by the mean")):
        if table.facts.not_ranked:
            said.append(f"Not ranked {when}, for want of figures: {'; '.join(table.facts.not_ranked)}.")
    return tuple(said)


def _season(trajectory: Trajectory) -> tuple[str, ...]:
    months = trajectory.facts.change_months
    if months % 12 == 0:
        return ()
    return (f"Over {count_text(months, 'month')} the two ends are different seasons: absolute change contains season.",)


def noise_sentence(trajectory: Trajectory) -> str:
    """Why one period says less than its counts: the noise of a period beside the error of counting."""
    facts, table = trajectory.facts, trajectory.latest.facts
    mean, lower, upper = facts.noise_sd
    ratio = mean / facts.counting_error
    scale = {"proportion": "log odds", "ratio": "logarithm of the ratio", "estimate": "score"}[table.kind]
    error = "the published standard error" if table.kind == "estimate" else "counting"
    return (
        f"A {table.noun}'s figure of one period holds noise with a standard deviation of {mean:.3f} on the {scale} "
        f"({100 * facts.prob:.0f}% interval {lower:.3f} to {upper:.3f}), where {error} alone leaves "
        f"{facts.counting_error:.3f}: {ratio:.1f} times as much."
    )


def width_sentence(trajectory: Trajectory) -> str:
    """Whether the trajectory's rank intervals are wider than those of one period taken at its word, and why."""
    table, facts = trajectory.frame("widths").set_index("method").to_dict("index"), trajectory.latest.facts
    own, naive = table[TRAJECTORY], table[ALONE]
    wider = own["mean_width"] > naive["mean_width"]
    how = "wider" if wider else "no wider"
    said = (
        f"The trajectory's rank intervals are {how} on average than those of {facts.period} taken at its word: "
        f"{own['mean_width']:.1f} places against {naive['mean_width']:.1f}, and wider for "
        f"{int(naive['narrower'])} of {int(naive['trusts'])} {facts.noun}s."
    )
    if not wider:
        return f"{said} What other periods say of a {facts.noun} outweighs the noise of this one."
    return (
        f"{said} Taken alone, one period's noise passes for the {facts.noun}'s own level; the trajectory knows from "
        "the other periods how far a figure strays, and sets the noise aside."
    )


def method_words(kind: Kind, period: str) -> dict[str, str]:
    """What each row of the widths is, in words."""
    naive = {"proportion": "binomial", "ratio": "Poisson", "estimate": "normal"}[kind]
    return {
        TRAJECTORY: "This trajectory",
        ONE_MONTH: f"{period} alone, {naive}, pooled, with no unattributed share",
        ALONE: f"{period} alone, {naive}, each by itself",
    }


def share_sentences(shares: pd.DataFrame) -> tuple[str, ...]:
    """For each scenario whether the declared share and the one implied here agree, by whether intervals overlap."""
    return tuple(_share_sentence(row) for row in shares.to_dict("records"))


def _share_sentence(row: dict[Any, Any]) -> str:
    name = str(row["scenario"]).replace("_", " ")
    if row["verdict"] == DISAGREE:
        higher = row["implied"] > row["declared"]
        risk = "too sure" if higher else "less sure than it need be"
        return (
            f"In the scenario “{name}” the declared and the implied share disagree: their 95% intervals do not "
            f"overlap, and the implied one is {'higher' if higher else 'lower'}. The league table under it is {risk}."
        )
    if row["verdict"] == AGREE:
        return f"In the scenario “{name}” the declared and the implied share do not contradict each other."
    return f"In the scenario “{name}” no share is declared."


def movers(trajectory: Trajectory, way: str, sense: str = "absolute") -> Sequence[str]:
    """Names of the trusts that are very probably `better` or `worse`, the largest change first, each with it."""
    change, kind = trajectory.change, trajectory.latest.facts.kind
    called = change[moved(change[f"p_{sense}"]) == way]
    order = called[sense].abs().sort_values(ascending=False, kind="stable").index
    return [_mover(kind, row, sense) for row in called.loc[order].to_dict("records")]


def _mover(kind: Kind, row: dict[Any, Any], sense: str) -> str:
    interval = change_interval_text(kind, row[f"{sense}_lower"], row[f"{sense}_upper"])
    chance = probability_text(row[f"p_{sense}"], row[f"p_{sense}_mcse"], row[f"p_{sense}_ess"])
    return f"{row['trust_name']}: {change_text(kind, row[sense])} ({interval}), P(improved) {chance}"
