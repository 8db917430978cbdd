"""A trust's place in the composite, where the study has one, and which indicators drive it."""

from collections.abc import Mapping
from math import isnan
from typing import Any, Final

from ranktrust.evidence.sentences import listed
from ranktrust.publish.composites import places_moved
from ranktrust.publish.html import Html, fragment
from ranktrust.publish.loaded import Loaded
from ranktrust.publish.names import SCORE_PAGES
from ranktrust.publish.strip import rank_strip, rank_text
from ranktrust.words import probability_text

_LEAST: Final = 0.05
"""A pull below this many places is none."""


def score_sentences(run: Loaded, trust: str) -> tuple[str, ...]:
    """Its rank interval in the composite, and what pulls it most; nothing where the study has no composite."""
    if run.composite is None or trust not in run.composite.frames["rows"].index:
        return ()
    facts, row = run.composite.facts, run.composite.frames["rows"].loc[trust].to_dict()
    title = str(facts["title"])
    if row["rank_lower"] != row["rank_lower"]:
        return (f"{title}: it has no rank, because too much of the weight is missing ({row['missing']}).",)
    first, last = (_chance(row, name) for name in ("p_top_quarter", "p_bottom_quarter"))
    return (
        f"{title}: its {100 * facts['prob']:.0f}% rank interval is "
        f"{rank_text(row['rank_lower'], row['rank_upper'], facts['n'])}, with a probability of {first} of the first "
        f"quarter and {last} of the last. The weights are the study's choice: {facts['why']}.",
        *_pulled(run, trust),
        *_cautioned(run, row),
    )


def _chance(row: Mapping[Any, Any], name: str) -> str:
    return probability_text(row[name], row[f"{name}_mcse"], row["ess_rank"])


def pulls_of(run: Loaded, trust: str) -> list[tuple[str, float]]:
    """Title of each indicator and the places by which it lifts the trust (negative: lowers), the largest first.

    A pull is what the expected rank would lose if the indicator were held at the trusts' average.
    """
    assert run.composite is not None
    pulls, titles = run.composite.frames["influence"], run.composite.frames["indicators"]["title"]
    own = [
        (str(titles[row["indicator"]]), float(row["rank_change"]))
        for row in pulls[pulls.index == trust].to_dict("records")
    ]
    return sorted(own, key=lambda pull: -abs(pull[1]))


def _pulled(run: Loaded, trust: str) -> tuple[str, ...]:
    said = [
        f"{title} {'lifts' if pull > 0 else 'lowers'} it by {abs(pull):.1f} places"
        for title, pull in pulls_of(run, trust)
        if abs(pull) >= _LEAST
    ]
    return (f"Against an average value of the same indicator: {'; '.join(said)}.",) if said else ()


def _cautioned(run: Loaded, row: Mapping[Any, Any]) -> tuple[str, ...]:
    """Which of the indicators a publisher cautions against ranking by, and what its place is without them."""
    assert run.composite is not None
    facts, titles = run.composite.facts, run.composite.frames["indicators"]["title"]
    if not facts.get("under_caution"):
        return ()
    named = listed([str(titles[name]) for name in facts["under_caution"]])
    said = f"The publishers of {named} caution against ranking by them."
    change = row["change_no_caution"]
    if isnan(change):
        return (said,)
    return (f"{said} Without them its expected rank moves {places_moved(change)}.",)


def trust_score(run: Loaded, trust: str) -> Html:
    """The composite of one trust: its rank interval, the law of its rank, and what drives it; nothing without one."""
    said = score_sentences(run, trust)
    if not said or run.composite is None:
        return Html("")
    row, law = run.composite.frames["rows"].loc[trust].to_dict(), run.composite.frames["rank_pmf"]
    ranked = trust in law.index and row["rank_lower"] == row["rank_lower"]
    ends, prob = (row["rank_lower"], row["rank_upper"]), run.composite.facts["prob"]
    strip = rank_strip(law.loc[trust].to_numpy(), *ends, prob=prob) if ranked else ""
    return fragment(
        "trust_score", sentences=said, strip=strip, page=SCORE_PAGES["composite"][0], n=run.composite.facts["n"]
    )
