"""The blocks of a trust's own page that set it beside others: pairs, context, region, and the official table."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd

from ranktrust.composite import SEGMENTS
from ranktrust.league import CHECK_RETURN, standing_of
from ranktrust.publish.fit import checks_title
from ranktrust.publish.html import Html, fragment
from ranktrust.publish.loaded import Loaded
from ranktrust.publish.names import SCORE_PAGES, trust_page
from ranktrust.publish.strip import rank_strip, rank_text
from ranktrust.publish.trust import name_of
from ranktrust.words import count_text, expected_text, probability_text, short_name

CLEAR: Final = 0.95
"""From this probability on a pair is told apart."""
APART: Final = "These data cannot tell them apart."


def dots_of(p: float) -> int:
    """How many of ten dots stand for a probability; 10 or 0 only from 0.995 on either side."""
    return round(10 * p) if p >= 0.995 or p <= 0.005 else min(max(round(10 * p), 1), 9)


def pair_words(chance: tuple[float, float, float], one: str, other: str) -> str:
    """What a pair's probability says: which of the two is better, or that these data cannot tell them apart.

    `chance` is P(one better than other), its Monte Carlo error and its ESS.
    """
    p, mcse, ess = chance
    if 1 - CLEAR < p < CLEAR:
        return APART
    better, worse, sure = (one, other, p) if p >= CLEAR else (other, one, 1 - p)
    return f"{better} is better than {worse} with a probability of {probability_text(sure, mcse, ess)}."


def trust_similar(run: Loaded, trust: str) -> Html:
    """The ten nearest by context, and on which indicators each of them is better."""
    neighbours = run.neighbours(trust)
    if not neighbours:
        return Html("")
    names, ranked = run.trusts["trust_name"], [name for name in run.ranked() if name in run.pairs]
    rows = [_neighbour(run, trust, code, names[code], ranked) for code in neighbours if code in names.index]
    learn = [_learn(run, trust, name) for name in ranked]
    return fragment(
        "trust_similar",
        facts=run.first.facts,
        covariates=" and ".join(run.first.facts.covariates) or "the study's covariates",
        heads=[run.tables[name].facts.title for name in ranked],
        rows=rows,
        learn=[found for found in learn if found],
        nobody=not any(learn),
    )


def _neighbour(run: Loaded, trust: str, code: str, name: str, ranked: list[str]) -> dict[str, Any]:
    cells = []
    for indicator in ranked:
        chance = run.pairs[indicator].of(code, trust)
        text = "no figure" if chance is None else probability_text(*chance)
        side = "neither" if chance is None or chance[0] < CLEAR else "better"
        cells.append((text, side, "" if chance is None else f"Monte Carlo error {100 * chance[1]:.2g} points"))
    return {"code": code, "name": name, "page": trust_page(code), "cells": cells}


@dataclass(frozen=True)
class Learning:
    """Of the neighbours by context those that are better with at least 95 %, with that probability.

    `doubted` are those of whom the return itself asks to be checked: nothing is to be learnt from a missing figure.
    """

    better: Mapping[str, float]
    doubted: tuple[str, ...]


def learn_from(run: Loaded, trust: str, indicator: str) -> Learning:
    """Whom the trust might learn from on an indicator that has pairs."""
    chances = {code: run.pairs[indicator].of(code, trust) for code in run.neighbours(trust)}
    better = {code: found[0] for code, found in chances.items() if found is not None and found[0] >= CLEAR}
    notes = run.tables[indicator].rows["note"]
    doubted = tuple(code for code in better if CHECK_RETURN in str(notes[code]))
    return Learning({code: p for code, p in better.items() if code not in doubted}, doubted)


def _learn(run: Loaded, trust: str, indicator: str) -> dict[str, Any] | None:
    """The neighbours to learn from, how many of them are expected not to be better, and who was left out."""
    names, found = run.trusts["trust_name"], learn_from(run, trust, indicator)
    if not found.better and not found.doubted:
        return None
    return {
        "title": run.tables[indicator].facts.title,
        "trusts": [(trust_page(code), names[code]) for code in found.better],
        "wrong": expected_text(sum(1 - p for p in found.better.values())),
        "doubted": [names[code] for code in found.doubted],
    }


def trust_region(run: Loaded, trust: str) -> Html:
    """Its place among the trusts of its region, each draw ranked anew; nothing where it is alone there."""
    rows = []
    for indicator in run.ranked():
        found = run.decisions[indicator].frames["within"] if indicator in run.decisions else pd.DataFrame()
        if len(found) and trust in set(found["trust"]):
            rows.append(_within(run, indicator, found.set_index("trust").loc[trust].to_dict() | {"trust": trust}))
    region = str(run.trusts.loc[trust, "region"])
    return fragment("trust_region", rows=rows, region=region, facts=run.first.facts) if rows else Html("")


def _within(run: Loaded, indicator: str, row: Mapping[Any, Any]) -> dict[str, Any]:
    law = run.decisions[indicator].frames["within_pmf"]
    mine = law[law["trust"] == row["trust"]].set_index("rank")["probability"]
    n, ends = int(row["n"]), (int(row["rank_lower"]), int(row["rank_upper"]))
    pmf = mine.reindex(range(1, n + 1), fill_value=0.0).to_numpy()
    chances = [(probability_text(*_three(row, end)), f"Monte Carlo error {100 * row[f'{end}_mcse']:.2g} points")
               for end in ("p_first", "p_last")]  # fmt: skip
    return {
        "title": run.tables[indicator].facts.title,
        "strip": rank_strip(pmf, *ends, prob=run.tables[indicator].facts.prob),
        "ranks": rank_text(*ends, n),
        "chances": chances,
    }


def _three(row: Mapping[Any, Any], name: str) -> tuple[float, float, float]:
    return float(row[name]), float(row[f"{name}_mcse"]), float(row[f"{name}_ess"])


def trust_official(run: Loaded, trust: str) -> Html:
    """What the official table says, and how probable that is on the draws; nothing where the study has none."""
    if run.official is None or trust not in run.official.frames["rows"].index:
        return Html("")
    facts, row = run.official.facts, run.official.frames["rows"].loc[trust].to_dict()
    modelled = bool(row["modelled"])
    chances = [(segment, *_segment(row, segment)) for segment in SEGMENTS] if modelled else []
    ends = (int(row["rank_lower_with"]), int(row["rank_upper_with"])) if modelled else None
    return fragment(
        "trust_official",
        facts=facts,
        page=SCORE_PAGES["official"][0],
        segment=int(row["official_segment"]),
        deficit=bool(row["in_deficit"]),
        score=f"{row['average_score']:.2f}",
        interval=f"{row['score_lower']:.2f} to {row['score_upper']:.2f}" if modelled else "",
        chances=chances,
        own=probability_text(*_three(row, "p_official")) if modelled else "",
        ranks="" if ends is None else rank_text(*ends, int(facts["n"])),
        published_rank=f"{int(row['official_rank'])} of {facts['n']}",
        modelled=len(run.official.frames["metrics"]),
        percent=round(100 * facts["prob"]),
    )


def _segment(row: Mapping[Any, Any], segment: int) -> tuple[str, str, int]:
    p = _three(row, f"p_segment_{segment}_with")
    return probability_text(*p), f"{100 * p[1]:.2g}", dots_of(p[0])


def trust_limits(run: Loaded, trust: str) -> Html:
    """What the page cannot tell."""
    cautions = [
        {"title": table.facts.title, "text": table.facts.caution, "source": table.facts.caution_source}
        for table in run.tables.values()
        if table.facts.caution
    ]
    followed = count_text(len(run.changes), "indicator")
    return fragment(
        "trust_limits",
        facts=run.first.facts,
        name=short_name(name_of(run, trust)),
        cautions=cautions,
        followed=followed,
        count=count_text(len(run.tables), "indicator"),
        weighed=run.composite is not None,
    )


def trust_sources(run: Loaded, trust: str) -> Html:
    """Where each figure comes from, its scenario, and the run that made the page."""
    facts = [
        (table.facts, standing_of(table, trust), *_publisher_and_checks(run, name))
        for name, table in run.tables.items()
    ]
    return fragment(
        "trust_sources",
        rows=[(item, "no figure" if at is None else at.figure, *more) for item, at, *more in facts],
        run=str((run.manifest or {}).get("run_id", "not recorded")),
    )


def _publisher_and_checks(run: Loaded, indicator: str) -> tuple[str, str]:
    facts = run.tables[indicator].facts
    checks = checks_title(passed=facts.gate_passed, checks=run.fit_checks[indicator])
    return str(facts.source.get("publisher", "not recorded")), checks


def run_sources(run: Loaded) -> Html:
    """Where the figures of a page on all trusts come from, and the run that made it."""
    rows = [
        (table.facts, count_text(table.facts.n, table.facts.noun), *_publisher_and_checks(run, name))
        for name, table in run.tables.items()
    ]
    return fragment("trust_sources", rows=rows, run=str((run.manifest or {}).get("run_id", "not recorded")))
