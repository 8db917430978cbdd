"""Two trusts, or a trust and its region: P(one better than the other) in numbers, dots and words."""

from collections.abc import Iterable, Mapping
from itertools import groupby
from typing import Any

from ranktrust.league import LeagueTable
from ranktrust.publish.explorer import COMPARE_MARK, data_block, pair_texts
from ranktrust.publish.html import Html, fragment
from ranktrust.publish.loaded import Loaded, Pairs
from ranktrust.publish.names import trust_page
from ranktrust.publish.trust import name_of
from ranktrust.publish.trust_more import APART, CLEAR, dots_of
from ranktrust.words import count_text, probability_text, short_name

type Chance = tuple[float, float, float]


def compared(run: Loaded) -> list[str]:
    """The indicators on which any pair may be looked up."""
    return [name for name in run.ranked() if name in run.pairs]


def trust_compare(run: Loaded, trust: str) -> Html:
    """P(better) against its region and every other trust on every indicator, those of its region or context first."""
    names = compared(run)
    if not names:
        return Html("")
    near, mine = _reasons(run, trust), short_name(name_of(run, trust))
    others = [str(code) for code in run.trusts.index if code != trust]
    groups = [
        (f"The {run.first.facts.noun}s of its region, and those of similar context", [c for c in others if c in near]),
        (f"Every other {run.first.facts.noun}", [code for code in others if code not in near]),
    ]
    shown = [(words, [_pair_row(run, trust, code, near) for code in codes]) for words, codes in groups if codes]
    return fragment(
        "trust_compare",
        shown=shown,
        name=mine,
        heads=[run.tables[name].facts.title for name in names],
        alike=[(run.tables[name].facts.title, _alike(run.pairs[name], trust, others)) for name in names],
        region=_region_row(run, trust),
        facts=run.first.facts,
    )


def _alike(pairs: Pairs, trust: str, others: Iterable[str]) -> tuple[int, int]:
    """From how many others it cannot be told, and of how many that have a figure."""
    chances = [chance[0] for chance in (pairs.of(trust, other) for other in others) if chance is not None]
    return sum(1 - CLEAR < p < CLEAR for p in chances), len(chances)


def _reasons(run: Loaded, trust: str) -> dict[str, str]:
    """Why a trust is in the first list: same region, similar context, or both."""
    regions = run.trusts["region"]
    mine = regions[trust]
    found = {str(code): "same region" for code in regions.index if mine and regions[code] == mine and code != trust}
    for code in run.neighbours(trust):
        found[code] = "same region, similar context" if code in found else "similar context"
    return found


def _pair_row(run: Loaded, trust: str, other: str, near: Mapping[str, str]) -> dict[str, Any]:
    name = str(run.trusts.loc[other, "trust_name"])
    cells = [chance_cell(run.pairs[indicator].of(trust, other)) for indicator in compared(run)]
    return {"name": name, "page": trust_page(other), "reason": near.get(other, ""), "cells": cells}


def chance_cell(chance: Chance | None) -> dict[str, str] | None:
    """A probability of being better as text, error, dots and words; None where there is no figure of one of them."""
    if chance is None:
        return None
    dots = dots_of(chance[0])
    words = APART if 1 - CLEAR < chance[0] < CLEAR else "Better." if chance[0] >= CLEAR else "Worse."
    return {
        "text": probability_text(*chance),
        "error": f"{100 * chance[1]:.1f}" if chance[1] >= 0.0005 else "< 0.1",
        "dots": "●" * dots + "○" * (10 - dots),
        "words": words,
        "side": "neither" if words == APART else "better" if words == "Better." else "worse",
    }


def beside_of(run: Loaded, indicator: str) -> dict[str, Chance]:
    """P(better than the mean of its region) of each trust; none where the run does not say."""
    if indicator not in run.decisions or not len(run.decisions[indicator].frames["beside"]):
        return {}
    rows = run.decisions[indicator].frames["beside"].to_dict("records")
    return {str(row["trust"]): (float(row["p_above"]), float(row["p_above_mcse"]), float(row["ess"])) for row in rows}


def _region_row(run: Loaded, trust: str) -> dict[str, Any] | None:
    """The trust beside the mean of its region, on every indicator; None where no indicator has it."""
    chances = [beside_of(run, indicator).get(trust) for indicator in compared(run)]
    if not any(chance is not None for chance in chances):
        return None
    cells = [chance_cell(chance) for chance in chances]
    return {"name": str(run.trusts.loc[trust, "region"]), "page": "", "reason": "", "cells": cells}


def compare_opening(run: Loaded) -> Html:
    """How many pairs can be told apart, by indicator, and how a probability reads."""
    noun = run.first.facts.noun
    return fragment(
        "page_opening",
        facts=run.first.facts,
        kicker="two trusts, or a trust and its region".replace("trust", noun),
        title=compare_headline(run),
        sentences=(
            f"P is the probability that one {noun} is the better of two, by these figures and the model. Ten dots show "
            "it: ●●●●●●●○○○ stands for 7 in 10, and all ten or none only beyond 99.5%.",
            "Where P lies between 5% and 95%, these data cannot tell the two apart, and the page says so. Beyond, the "
            "statement is wrong with a probability of 5% at most, if the model is right.",
            "Not being told apart is not being alike: where A cannot be told from B, nor B from C, A may still be told "
            "from C.",
        ),
        failed=[table.facts.title for table in run.tables.values() if not table.facts.gate_passed],
    )


def compare_headline(run: Loaded) -> str:
    """The smallest and the largest share of pairs that can be told apart."""
    shares = {run.tables[name].facts.title: told_apart(run.tables[name]) for name in compared(run)}
    if not shares:
        return f"No two {run.first.facts.noun}s are set against each other in this study"
    least, most = min(shares, key=shares.__getitem__), max(shares, key=shares.__getitem__)
    if least == most:
        return f"Of all pairs of {run.first.facts.noun}s these figures tell {_percent(shares[least])} apart"
    return (
        f"Of all pairs of {run.first.facts.noun}s these figures tell {_percent(shares[least])} apart on one indicator, "
        f"{_percent(shares[most])} on another"
    )


def told_apart(table: LeagueTable) -> float:
    """The share of pairs of which one is better with a probability of at least 95 %."""
    above = table.p_above.to_numpy()
    n = len(above)
    return float((above >= CLEAR).sum() / (n * (n - 1) / 2))


def _percent(share: float) -> str:
    return f"{100 * share:.0f}%"


def compare_choose(run: Loaded) -> Html:
    """Every trust with a link to its pairs, by region; the page's script puts its two lists above them."""
    rows = [(str(row.region), str(row.trust_name), str(row.Index)) for row in run.trusts.itertuples()]
    groups = [
        (region, [(f"{trust_page(code)}#compare", name, code) for _, name, code in members])
        for region, members in groupby(sorted(rows), key=lambda row: row[0])
    ]
    return fragment("compare_choose", groups=groups, facts=run.first.facts)


def compare_data(run: Loaded) -> Html:
    """What the page's script reads: trusts, and of each indicator the texts of all pairs and of each trust's region."""
    codes = [str(code) for code in run.trusts.index]
    trusts = [
        [str(row.Index), short_name(str(row.trust_name)), trust_page(str(row.Index)), str(row.region)]
        for row in run.trusts.itertuples()
    ]
    indicators = []
    for name in compared(run):
        pairs, beside = run.pairs[name], beside_of(run, name)
        there = [code for code in codes if code in pairs.place]
        place = {code: at for at, code in enumerate(there)}
        region = [chance_cell(beside.get(code)) for code in codes]
        indicators.append(
            {
                "title": run.tables[name].facts.title,
                "n": len(there),
                "place": [place.get(code, -1) for code in codes],
                "region": region if any(region) else [],
                **pair_texts(pairs, there),
            }
        )
    return data_block({"noun": run.first.facts.noun, "trusts": trusts, "indicators": indicators}, COMPARE_MARK)


def compare_regions(run: Loaded) -> Html:
    """Every trust beside the mean of its region, on every indicator, one folded table a region."""
    names = [name for name in compared(run) if beside_of(run, name)]
    if not names:
        return Html("")
    chances = {name: beside_of(run, name) for name in names}
    members: dict[str, list[dict[str, Any]]] = {}
    for row in run.trusts.itertuples():
        code, cells = str(row.Index), [chance_cell(chances[name].get(str(row.Index))) for name in names]
        if any(cells):
            shown = {"name": str(row.trust_name), "page": trust_page(code), "reason": "", "cells": cells}
            members.setdefault(str(row.region), []).append(shown)
    heads = [run.tables[name].facts.title for name in names]
    return fragment("compare_regions", groups=sorted(members.items()), heads=heads, facts=run.first.facts)


def compare_limits(run: Loaded) -> Html:
    """What the page cannot tell."""
    noun = run.first.facts.noun
    left = [table.facts.title for name, table in run.tables.items() if name not in compared(run)]
    items = [
        ("Not why.", f"That one {noun} is better by these figures has many causes, and care is one of them."),
        ("Not overall.", f"Each indicator is a comparison of its own; {count_text(len(compared(run)), 'indicator')} "
         "do not add up to one."),
        ("Not many at once.", "Each statement is about one pair. Who picks the largest of many differences will be "
         "wrong more often than the number beside it says."),
        ("Not the region's people.", f"A region is the mean of its {noun}s of this study, weighted by what their "
         "figures rest on."),
        ("Not more than the models.", "Each probability is right only if the model is."),
    ]  # fmt: skip
    if left:
        items.insert(2, ("Not every figure.", f"The publishers of these caution against setting {noun}s against each "
                         f"other by them: {'; '.join(left)}."))  # fmt: skip
    return fragment("score_limits", items=items)
