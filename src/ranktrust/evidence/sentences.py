"""Sentences about what survives, generated from the numbers by fixed rules: counts first, nothing hedged."""

from collections.abc import Iterable, Sequence
from typing import Final

import pandas as pd

from ranktrust.evidence.choices import PUBLISHED, Sensitivity, View, at_the_ends, comparison, from_end_to_end
from ranktrust.evidence.power import THRESHOLD
from ranktrust.words import count_text, probability_text

MOVED: Final = 0.9
"""A trust is said to be moved by adjustment where that has at least this probability."""
CONTEXT: Final = "context_"
"""What the columns of covariates begin with in a table of adjustment."""
_VERDICTS: Final = {
    "agrees": ": the figures bear it.",
    "too_low": ": more than the figures bear, so the share that it sets aside is too low.",
    "too_high": ": less than the figures bear, so it sets more aside as noise than they show.",
}
_PARTS: Final = {"share_prior": "the declared share", "other_priors": "the other priors", "likelihood": "the figures"}


def headline(found: Sensitivity) -> str:
    """The finding in one line: how many of the published statements every other choice leaves standing."""
    ends = at_the_ends(found)
    survive, total = int(ends["survives"].sum()), len(ends)
    if not total:
        return f"No {found.noun} is {found.placed}, so no choice can take that away"
    who = f"{count_text(total, found.noun)} {found.placed}"
    if not found.others:
        return f"{who}: no other choice could be tried"
    stay = f"{'stays' if survive == 1 else 'stay'} {'there' if found.ranked else 'so'} under every choice tried"
    if survive == total:
        return f"{'The' if total == 1 else 'All'} {who} {stay}"
    return f"{survive or 'None'} of {who} {stay}"


def summary_sentences(found: Sensitivity) -> tuple[str, ...]:
    """What was tried, which choice matters most, whether any turns a statement round, and how sure the order is."""
    said = [_tried(found)]
    if found.others:
        said += [_most(found), *_other_priors(found), _turned(found)]
        said += [_certainty(found)] if found.ranked else []
    return tuple(said)


def _tried(found: Sensitivity) -> str:
    labels = [_lower(view.choice.label) for view in found.others]
    lost = [_lower(view.choice.label) for view in found.views if view.status == "failed"]
    words = f"Made one at a time: {listed(labels)}." if labels else "No other choice was made."
    if lost:
        words += (
            f" {capital(listed(lost))} failed the checks of the computation, so no number stands for {_those(lost)}."
        )
    return words


def _those(lost: Sequence[str]) -> str:
    return "it" if len(lost) == 1 else "them"


def _most(found: Sensitivity) -> str:
    """The choice that takes most statements away, what a repetition takes, and the choice that adds most."""
    numbers = comparison(found)
    kept = {str(name): int(count) for name, count in numbers["kept"].items()}
    added = {str(name): int(count) for name, count in (numbers["at_ends"] - numbers["kept"]).items()}
    labels = {view.choice.name: f"the choice '{_lower(view.choice.label)}'" for view in found.others}
    total, least, most = kept[PUBLISHED], min(labels, key=kept.__getitem__), max(labels, key=added.__getitem__)
    said = "No choice takes one of them away."
    if kept[least] < total:
        said = f"Most are taken away by {labels[least]}, which leaves {kept[least] or 'none'} of the {total}."
    if "repeat" in kept:
        said += f" The published fit with another seed leaves {kept['repeat']}."
    return said + (f" Most are added by {labels[most]}: {added[most]}." if added[most] else "")


def _other_priors(found: Sensitivity) -> list[str]:
    """How many statements the declared alternative priors leave, and what each does to the bands."""
    views = [view for view in found.others if view.choice.group == "prior"]
    if not views:
        return []
    kept_by = {str(name): int(count) for name, count in comparison(found)["kept"].items()}
    total, kept = kept_by[PUBLISHED], min(kept_by[view.choice.name] for view in views)
    tried = listed(f"'{_lower(view.choice.label)}'" for view in views)
    each = "it leaves" if len(views) == 1 else "each leaves" if kept == total else "each leaves at least"
    left = f"all {total}" if kept == total else f"{kept} of the {total}"
    return [f"Of other priors {tried} {'was' if len(views) == 1 else 'were'} tried: {each} {left}."]


def _turned(found: Sensitivity) -> str:
    trusts = from_end_to_end(found)
    if not trusts:
        return f"No choice moves a {found.noun} from one end to the other: what is lost becomes open, not its opposite."
    who = capital(count_text(len(trusts), found.noun))
    return f"{who} would stand at the opposite end under another choice: {listed(trusts)}."


def _certainty(found: Sensitivity) -> str:
    """How sure the order is, from the surest scenario to the least sure."""
    views = [view for view in found.fitted if view.choice.group in {"published", "scenario"}]
    said = [
        f"{poth_text(view)} ({_lower(view.choice.label)})" for view in sorted(views, key=lambda v: -v.facts["poth"])
    ]
    return f"The precision of the order as a whole (POTH: 0 is no order, 1 a certain one) is {listed(said)}."


def poth_text(view: View) -> str:
    """POTH to two digits, to three where its error is below 0.0025; kept from 1, which no draws can show."""
    value, error = view.facts["poth"], view.facts["poth_mcse"]
    digits = 3 if error < 0.0025 else 2
    return f"{min(value, 1 - 10**-digits):.{digits}f}"


def reliability_sentences(found: Sensitivity) -> tuple[str, ...]:
    """What the figures show of themselves, and whether the shares claim more than that."""
    rows = found.reliability
    measured = rows[rows["method"] != "rankability"]
    if measured.empty:
        return (
            "There is one period of figures, so they cannot be compared with themselves: the share that is set aside "
            "rests on its declared source alone.",
        )
    return tuple(_reliable(row, found.noun) for _, row in measured.iterrows())


def _reliable(row: pd.Series, noun: str) -> str:
    each = f"({count_text(int(row['periods']), 'period')} each)"
    halves = f"Odd and even periods {each}, raised to the length of both, agree with a reliability of"
    windows = f"Two windows that follow each other {each} agree with a correlation of"
    shows = (
        f"{halves if row['method'] == 'odd_even' else windows} {_three(row['reliability'])} over {int(row['trusts'])} "
        f"{noun}s (95% interval {_three(row['lower'])} to {_three(row['upper'])})."
    )
    if row["verdict"] not in _VERDICTS:
        return shows
    scenario = str(row["scenario"]).replace("_", " ")
    claim = f"The model claims {_three(row['claimed'])} in the scenario '{scenario}'"
    return f"{shows} {claim}{_VERDICTS[str(row['verdict'])]}"


def _three(value: float) -> str:
    """Two digits, three near 1, and never 1 itself."""
    return f"{min(value, 0.999):.3f}" if value > 0.95 else f"{value:.2f}"


def adjustment_sentences(found: Sensitivity) -> tuple[str, ...]:
    """How much context explains, whom adjustment moves, and what it may hide: those who leave the last band by it."""
    table = found.adjustment
    if table.empty:
        return ()
    changed = int((table["band_unadjusted"] != table["band_adjusted"]).sum()) or "none"
    said = f"Adjusting changes the {'band' if found.ranked else 'statement'} of {changed} of {found.n} {found.noun}s"
    if found.ranked:
        sure = int((table["p_moved"] >= MOVED).sum()) or "none"
        said += f", and moves {sure} by more than {found.places} places with at least {100 * MOVED:.0f}% probability"
    return (*_explained(found), f"{said}.", *_hidden(found))


def _explained(found: Sensitivity) -> list[str]:
    if found.context_share is None:
        return []
    mean, lower, upper = (f"{100 * value:.0f}%" if value >= 0.01 else "under 1%" for value in found.context_share)
    about = "" if mean.startswith("under") else "about "
    names = capital(listed(context_columns(found.adjustment)))
    verb = "explain" if len(context_columns(found.adjustment)) > 1 else "explains"
    return [f"{names} {verb} {about}{mean} of the variation between {found.noun}s (95% interval {lower} to {upper})."]


def _hidden(found: Sensitivity) -> list[str]:
    """Who leaves the band at the bad end by adjustment, and how their context differs."""
    table, last = found.adjustment, found.bands[-1]
    inside = table["band_unadjusted"] == last
    leaving = table[inside & (table["band_adjusted"] != last)]
    entering = int((~inside & (table["band_adjusted"] == last)).sum())
    if not inside.any() and not entering:
        return []
    where = f"in the {last}" if found.ranked else f"clearly {last} the standard"
    said = (
        f"Of {count_text(int(inside.sum()), found.noun)} {where}, {len(leaving) or 'none'} "
        f"{'leaves' if len(leaving) == 1 else 'leave'} it when adjusted; {entering or 'none'} "
        f"{'enters' if entering == 1 else 'enter'} it."
    )
    if leaving.empty:
        return [said]
    levels = [about_reference(name, leaving[CONTEXT + name]) for name in context_columns(table)]
    return [
        said,
        f"Of those that leave it, {listed(levels)}. If places like theirs are given other care, adjusting hides just "
        "that; if their patients have other needs, not adjusting credits it to those who meet them. One average over a "
        "catchment cannot tell the two apart.",
    ]


def about_reference(name: str, values: pd.Series) -> str:
    """On which side of the reference of a covariate how many stand, and how far out they reach."""
    above, total = int((values > 0).sum()), len(values)
    reach = f"by at most {values.abs().max():.1f} standard deviations"
    if above in {0, total}:
        who = "the one has" if total == 1 else f"all {total} have"
        return f"{who} a {name} {'above' if above else 'below'} the reference, {reach}"
    have = "has" if above == 1 else "have"
    return f"{above} of {total} {have} a {name} above the reference, the others below it, {reach}"


def context_columns(table: pd.DataFrame) -> list[str]:
    """Names of the covariates in a table of adjustment."""
    return [str(name).removeprefix(CONTEXT) for name in table.columns if str(name).startswith(CONTEXT)]


def moved_text(row: pd.Series) -> str:
    """P(the rank moves by more than the places of note), by the rule of all probabilities."""
    return probability_text(float(row["p_moved"]), float(row["p_moved_mcse"]), float(row["p_moved_ess"]))


def power_sentences(found: Sensitivity) -> tuple[str, ...]:
    """What moves the order: the declared share, the other priors, or the figures."""
    rows = found.power[found.power["quantity"].str.startswith("agreement")]
    said = []
    for _, row in rows.iterrows():
        moving = [words for column, words in _PARTS.items() if row[column] >= THRESHOLD]
        still = [words for column, words in _PARTS.items() if row[column] < THRESHOLD]
        left = f", not by {listed(still)}" if still and moving else ""
        said.append(f"How surely the order holds is moved by {listed(moving) or 'none of them'}{left}.")
    return tuple(said)


def capital(words: str) -> str:
    """The words with their first letter large, the others as they are."""
    return words[:1].upper() + words[1:]


def _lower(words: str) -> str:
    return words[:1].lower() + words[1:]


def listed(words: Iterable[str]) -> str:
    """`a`, `a and b`, or `a, b and c`."""
    *first, last = [*words] or [""]
    return f"{', '.join(first)} and {last}" if first else last
