"""The blocks of the page on support: whom to help under a budget, how often that is wrong, whom to learn from."""

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import pandas as pd

from ranktrust.decide import CAUTIOUS, Decisions
from ranktrust.league import STANDARD_PROB, standard_classes
from ranktrust.publish.html import Html, fragment
from ranktrust.publish.loaded import Loaded
from ranktrust.publish.names import league_page, trust_page
from ranktrust.publish.trust_more import learn_from
from ranktrust.vocabulary import Best, Kind
from ranktrust.words import count_text, natural_text, probability_text

_TITLE_GOAL: Final = "rank"


def support_opening(run: Loaded) -> Html:
    """How many of a list of a given length are expected not to belong, over all indicators."""
    facts = run.first.facts
    return fragment(
        "page_opening",
        facts=facts,
        kicker="whom to support, and whom to learn from",
        title=support_headline(run),
        sentences=_summary(run),
        failed=[table.facts.title for table in run.tables.values() if not table.facts.gate_passed],
    )


def _wrong(run: Loaded) -> dict[str, float]:
    """Expected false inclusions of the list by rank at the headline budget, by indicator."""
    found = {}
    for name, decided in run.decisions.items():
        totals = decided.frames["totals"]
        if not len(totals):
            continue
        row = totals[(totals["goal"] == _TITLE_GOAL) & (totals["k"] == decided.facts["headline_budget"])]
        if len(row):
            found[name] = float(row["false_inclusions"].iloc[0])
    return found


def support_headline(run: Loaded) -> str:
    """The range of expected false inclusions over the indicators, at the headline budget."""
    wrong, noun = _wrong(run), run.first.facts.noun
    if not wrong:
        return f"No list of {noun}s to support is made by rank in this study"
    k = run.decisions[next(iter(wrong))].facts["headline_budget"]
    least, most = min(wrong.values()), max(wrong.values())
    span = _number(most) if _number(least) == _number(most) else f"{_number(least)} to {_number(most)}"
    if k == 1:
        return f"Of 1 {noun} chosen as the last, {span} is expected to be named wrongly"
    by = ", depending on the indicator" if len(wrong) > 1 else ""
    return f"Of {k} {noun}s chosen as the last {k}, {span} are expected to be named wrongly{by}"


def _number(value: float) -> str:
    return f"{value:.1f}" if value >= 0.05 else "fewer than 0.1"


def _summary(run: Loaded) -> tuple[str, ...]:
    noun = run.first.facts.noun
    return (
        f"A budget of k fills a list with the k {noun}s of the highest probability of belonging. False inclusions are "
        "those of the list expected not to belong, and omissions those that do and are not on it. Both follow from the "
        "draws, and both are printed for every k: the budget is a choice, and so is what the list is to catch.",
        f"A short list of few errors stands beside it: how many may be named with at most {100 * CAUTIOUS:g}% of them "
        "expected to be wrong. That none qualifies is a possible answer.",
        "Support is no sanction. A list says where the figures place a need for help, and nothing of why.",
    )


def support_lists_block(run: Loaded) -> Html:
    """For each indicator the errors by budget, and the list at the headline budget."""
    shown = [_indicator(run, name, found) for name, found in run.decisions.items() if len(found.frames["totals"])]
    return fragment("support_lists", shown=shown, facts=run.first.facts, cautious=f"{100 * CAUTIOUS:g}%")


def _indicator(run: Loaded, name: str, found: Decisions) -> dict[str, Any]:
    facts = run.tables[name].facts
    goals = [_goal(run, name, found, goal) for goal in found.facts["goals"]]
    return {
        "title": facts.title,
        "anchor": f"support-{facts.indicator}",
        "page": league_page(name),
        "period": facts.period,
        "ranked": found.facts["ranked"],
        "caution": facts.caution,
        "goals": goals,
        "excess": found.facts["reference"] is not None,
        "reference": found.facts["reference_name"] or "",
        "events": _events(facts.kind, facts.unit, facts.best),
        "stated": _stated(run, name),
        "value": "" if found.facts["reference"] is None else natural_text(facts.kind, found.facts["reference"]),
    }


def _events(kind: Kind, unit: str, best: Best) -> str:
    """What the excess counts, in words."""
    if kind == "ratio":
        return f"it counts events ({unit}): those observed less those expected, not events that could be avoided"
    whose = "those that were not" if best == "highest" else "those that were"
    return f"the figure is the share {unit}, and the excess counts {whose}"


def _stated(run: Loaded, name: str) -> str:
    """Of an indicator without an order, why its list is longer than what its league page states."""
    table = run.tables[name]
    if table.facts.ranked or table.facts.standard is None or not table.has_numbers:
        return ""
    side = "below" if table.facts.best == "highest" else "above"
    stated = int((standard_classes(table) == side).sum())
    return (
        f"The league page says {side} of {count_text(stated, table.facts.noun)}, each with a probability of at least "
        f"{100 * STANDARD_PROB:g}%; this list allows {100 * CAUTIOUS:g}% of its names to be wrong on average, so it "
        "differs."
    )


def _goal(run: Loaded, name: str, found: Decisions, goal: Mapping[str, Any]) -> dict[str, Any]:
    totals, lists = (found.frames[frame] for frame in ("totals", "lists"))
    mine = totals[totals["goal"] == goal["name"]].sort_values("k")
    members = {k: list(lists[(lists["goal"] == goal["name"]) & (lists["k"] == k)]["trust"]) for k in mine["k"]}
    k = found.facts["headline_budget"] if found.facts["ranked"] else int(mine["k"].iloc[-1])
    chosen = lists[(lists["goal"] == goal["name"]) & (lists["k"] == k)]
    if not found.facts["ranked"]:  # in the order of P they would be ranked in all but name
        chosen = chosen.iloc[chosen["trust"].map(run.trusts["trust_name"]).argsort(kind="stable")]
    ks = list(members)
    return {
        "words": goal["words"],
        "rows": [_total(row, members, ks) for row in mine.itertuples()],
        "k": k,
        "named": [_named(run, name, found, row) for row in chosen.itertuples()],
    }


def _total(row: Any, members: Mapping[int, list[str]], ks: list[int]) -> dict[str, Any]:
    later = ks[ks.index(row.k) + 1 :][:1]
    kept = "" if not later else f"{len(set(members[row.k]) & set(members[later[0]]))} of {row.named}"
    return {
        "k": row.k,
        "named": row.named,
        "wrong": _with_error(row.false_inclusions, row.false_inclusions_mcse),
        "missed": _with_error(row.omissions, row.omissions_mcse),
        "cautious": row.cautious,
        "kept": kept,
        "excess": _span(getattr(row, "excess", None), row),
    }


def _with_error(value: float, error: float) -> tuple[str, str]:
    return _number(value), f"Monte Carlo error {error:.2g}"


def _span(value: float | None, row: Any) -> str:
    if value is None or pd.isna(value):
        return ""
    return f"{_rounded(value)} ({_rounded(row.excess_lower)} to {_rounded(row.excess_upper)})"


def _rounded(value: float) -> str:
    """A number of events to three significant digits, and no finer than one event."""
    digits = max(0, int(np.floor(np.log10(max(abs(value), 1)))) - 2)
    return f"{round(value, -digits):,.0f}"


def _named(run: Loaded, indicator: str, found: Decisions, row: Any) -> dict[str, Any]:
    own = found.frames["trusts"].loc[row.trust]
    return {
        "name": str(own["trust_name"]),
        "page": trust_page(row.trust),
        "region": str(own["region"]),
        "p": probability_text(row.p_belongs, row.p_belongs_mcse, row.p_belongs_ess),
        "error": f"Monte Carlo error {100 * row.p_belongs_mcse:.2g} points",
        "excess": _span(own["excess"], own),
        "learn": _learn(run, indicator, row.trust),
    }


def _learn(run: Loaded, indicator: str, trust: str) -> dict[str, Any] | None:
    """The neighbours by context that are better with at least 95 %, and how many more have a return in doubt.

    None where none is looked for.
    """
    if indicator not in run.pairs or not run.neighbours(trust):
        return None
    found, names = learn_from(run, trust, indicator), run.trusts["trust_name"]
    return {
        "trusts": [(trust_page(code), names[code]) for code in found.better],
        "doubted": count_text(len(found.doubted), run.first.facts.noun) if found.doubted else "",
    }


def support_limits(run: Loaded) -> Html:
    """What the page cannot tell."""
    noun = run.first.facts.noun
    covariates = count_text(len(run.first.facts.covariates), "covariate")
    items = [
        ("Not who is at fault.", f"A {noun} is on a list for its level alone. Why it has that level is not known."),
        ("Not what help would do.", "Excess events are a difference from a reference value, not events that could "
         "have been avoided, and support need not change them."),
        ("Not one list.", "Each indicator has its own. Which of them matters more is a choice that no figure makes."),
        ("Not like with like.", f"Similar context is what {covariates} of the study can say of it."),
        ("Not a fixed line.", "With another k other trusts are named. A column says how many of them stay."),
        ("Not more than the models.", "Each error rate is right only if the model is."),
    ]  # fmt: skip
    return fragment("score_limits", items=items)
