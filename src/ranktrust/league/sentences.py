"""Sentences about a league table, generated from its numbers by fixed rules: counts first, error rates beside them."""

import pandas as pd

from ranktrust.league.bands import number
from ranktrust.league.table import STANDARD_PROB, Facts, LeagueTable, standard_classes
from ranktrust.words import count_text, expected_text, natural_text, probability_text

_GROUPS = {"region": "regions", "icb": "integrated care boards"}
_SCENARIO_WORDS = {
    "none": "all variation between {noun}s beyond chance in counting is taken as theirs",
    "this_period": "statements are about this period, with its short-term noise set aside",
    "long_run": "statements are about the long run, with drift that will not persist set aside",
}


def headline(table: LeagueTable) -> str:
    """The finding in one line: how many places a typical trust could hold, or how many are beyond the standard."""
    facts = table.facts
    if not facts.ranked:
        return _standard_headline(table)
    if facts.bands == 1:
        return f"These data put all {facts.n} {facts.noun}s into one band"
    typical = _typical(table)
    if typical == 1:
        return f"A typical {facts.noun}'s rank interval is one place of {facts.n}"
    return f"A typical {facts.noun} could hold any of {typical} places among {facts.n}"


def _typical(table: LeagueTable) -> int:
    """How many places the median rank interval spans."""
    width = table.rows["rank_upper"] - table.rows["rank_lower"] + 1
    return int(width.quantile(0.5, interpolation="higher"))


def bands_line(table: LeagueTable) -> str:
    """How many bands there are and how much of what they separate is expected to be wrong; empty for one or none."""
    facts = table.facts
    if not facts.ranked or facts.bands == 1:
        return ""
    wrong = misordered_text(facts, "misordered_split")
    return (
        f"There are {facts.bands} bands; {wrong} of the pairs that they separate are expected to be the wrong way round"
    )


def _sure(facts: Facts) -> str:
    """How sure the study asks a border between two bands to be, on average over the pairs across it."""
    return f"{100 / (1 + facts.band_lambda):.3g}%"


def misordered_text(facts: Facts, name: str) -> str:
    """One of the facts about the bands that has a Monte Carlo error, as text with the digits that the error allows."""
    value, error = number(getattr(facts, name)), number(getattr(facts, f"{name}_mcse"))
    return probability_text(value, error, facts.smallest_ess)


def split_text(facts: Facts) -> str:
    """The share of all pairs that the bands separate, which is a count and has no error."""
    share = 100 * number(facts.pairs_split)
    return f"{share:.0f}%" if 1 <= share <= 99 or share in {0, 100} else f"{min(max(share, 0.1), 99.9):.1f}%"


def band_sentence(table: LeagueTable) -> str:
    """Where borders between bands are drawn, what they separate, and how much of that is expected to be wrong."""
    facts = table.facts
    if facts.bands == 1:
        return (
            f"No division was found that is worth making: the pairs across a border would be in order with a "
            f"probability of less than {_sure(facts)} on average."
        )
    return (
        f"The {facts.n} {facts.noun}s fall into {facts.bands} bands. A border between two bands is drawn only where "
        f"the pairs across it are in order with a probability of at least {_sure(facts)} on average, which is the "
        "study's choice; a surer one makes fewer bands. The bands "
        f"separate {split_text(facts)} of all pairs; {misordered_text(facts, 'misordered_split')} of these, and "
        f"{misordered_text(facts, 'misordered')} of all pairs, are expected to be separated the wrong way round. "
        f"{_blurred(table)}"
    )


def _blurred(table: LeagueTable) -> str:
    """How many of the pairs that bands separate cannot be told apart by themselves."""
    band = {str(trust): place for trust, place in table.rows["band"].items()}
    near = {frozenset((trust, other)) for trust in band for other in table.indistinct_from(trust) if other in band}
    apart = sum(len({band[trust] for trust in pair}) == 2 for pair in near)
    split = number(table.facts.pairs_split) * table.facts.n * (table.facts.n - 1) / 2
    return (
        f"That is right on average and not pair by pair: {100 * apart / split:.2g}% of the pairs that bands separate "
        "cannot be told apart by themselves."
    )


def _standard_headline(table: LeagueTable) -> str:
    facts = table.facts
    if not table.has_numbers:
        return "The computation failed: these figures were not turned into numbers"
    if facts.standard is None:
        return f"{facts.n} {facts.noun}s with their uncertainty, not ranked"
    counts = standard_classes(table).value_counts()
    above, below = int(counts.get("above", 0)), int(counts.get("below", 0))
    edge = (
        natural_text(facts.kind, facts.standard + facts.delta),
        natural_text(facts.kind, facts.standard - facts.delta),
    )
    return (
        f"{above} of {facts.n} {facts.noun}s are above {edge[0]} and {below} below {edge[1]}, each with at least "
        f"{100 * STANDARD_PROB:g}%; {facts.n - above - below} are not clearly either"
    )


def summary_sentences(table: LeagueTable) -> tuple[str, ...]:
    """What a reader may take from the table, in three or four sentences with numbers."""
    facts = table.facts
    if not facts.ranked:
        names = f"{facts.noun.capitalize()}s are listed by name."
        return (f"{names} They are compared with a fixed value, not with each other.", *_standard_errors(table))
    rows = table.rows
    width = rows["rank_upper"] - rows["rank_lower"] + 1
    others = int(rows["indistinct_from"].map(lambda text: len(text.split())).median())
    typical = count_text(_typical(table), "place")
    return (
        f"Half of the {100 * facts.prob:.0f}% rank intervals span {typical} or fewer of {facts.n}, "
        f"the narrowest {int(width.min())}, the widest {int(width.max())}.",
        f"A typical {facts.noun} cannot be told from {count_text(others, f'other {facts.noun}')} "
        "by these figures (neither is better with probability above 95%).",
        band_sentence(table),
    )


def _standard_errors(table: LeagueTable) -> tuple[str, ...]:
    """How many of the statements against the standard are expected to be wrong."""
    if table.facts.standard is None or not table.has_numbers:
        return ()
    classes = standard_classes(table)
    chances = pd.concat([table.rows.loc[classes == side, f"p_{side}_standard"] for side in ("above", "below")])
    if chances.empty:
        return ()
    return (
        f"Above or below is said only at a probability of at least {100 * STANDARD_PROB:g}%. Of the {len(chances)} "
        f"said here, {expected_text((1 - chances).sum())} expected to be wrong, if the model is right.",
    )


def set_sentence(table: LeagueTable) -> str:
    """Who is compared with whom, how many, and how long a quarter is."""
    facts = table.facts
    compared = "compared" if facts.ranked else "shown"
    who = f"{facts.n} {facts.noun}s are {compared}: {facts.set_description}."
    if facts.not_ranked:
        absent = "; ".join(facts.not_ranked)
        who += f" {len(facts.not_ranked)} more of the set have no figure to show, and so no row: {absent}."
    if not facts.ranked:
        return who
    return f"{who} The top quarter is the first {facts.top} places, the bottom quarter the last {facts.bottom}."


def source_sentence(*facts: Facts, period: str = "") -> str:
    """Who is shown, when, and whose figures they are, for the caption of a picture of one indicator or several.

    `period` where it is another than the indicator's.
    """
    whole = max(facts, key=lambda each: each.n)
    alone = period or whole.period
    when = alone if len(facts) == 1 else "; ".join(f"{each.title}, {each.period}" for each in facts)
    publishers = ", ".join(dict.fromkeys(str(each.source.get("publisher", "not recorded")) for each in facts))
    return f"{whole.n} {whole.noun}s: {whole.set_description}. {when}. Figures: {publishers}."


def order_sentence(table: LeagueTable) -> str:
    """The order of the rows, and that a row's place is no rank."""
    facts = table.facts
    if not facts.ranked:
        return "As published, rows stand in the order of their names."
    if facts.reversed_bands:
        return (
            f"The scenarios of what is set aside put {count_text(facts.reversed_bands, facts.noun)} into the upper "
            "half in one and into the lower half in another, so, as published, rows stand by band and, within a band, "
            "by name."
        )
    if facts.order_is_weak:
        return (
            f"Two draws of the order agree too little to print it (5% point of their correlation "
            f"{facts.spearman_low:.2f}), so, as published, rows stand by band and, within a band, by name."
        )
    return (
        f"As published, rows stand in the order of the expected rank, where rank 1 is the {facts.best} value; "
        "a row's place on the page is no rank."
    )


def scenario_sentence(table: LeagueTable) -> str:
    """Which target the statements have, and the belief it rests on with its source."""
    return _scenario(table, f" ({table.facts.share_source})")


def scenario_in_short(table: LeagueTable) -> str:
    """The same without the source, which the method gives."""
    return _scenario(table, ", as the method below says")


def _scenario(table: LeagueTable, source: str) -> str:
    facts = table.facts
    words = _SCENARIO_WORDS[facts.scenario].format(noun=facts.noun)
    if facts.scenario == "none":
        return f"Scenario: {words}."
    belief = "a guess" if facts.share_guess else "a measured belief"
    left = " and ".join([*(["covariates"] if facts.covariates else []), *(_GROUPS[name] for name in facts.nested)])
    variance = f"the variance between {facts.noun}s" + (f" that {left} leave" if left else "")
    last = " A place in this period need not last." if facts.scenario == "this_period" and facts.ranked else ""
    return (
        f"Scenario: {words}. About {100 * facts.share_mean:.2g}% of {variance} is taken as not theirs to keep: "
        f"{belief}{source}.{last}"
    )


def caution_sentences(table: LeagueTable) -> tuple[str, ...]:
    """The publisher's caution with its source, and the study's reason where it ranks despite it."""
    facts = table.facts
    said: tuple[str, ...] = (f"{facts.caution} (Source: {facts.caution_source}.)",) if facts.caution else ()
    if facts.rank_reason:
        said += (f"This study ranks despite that caution. Its reason: {facts.rank_reason}",)
    return said
