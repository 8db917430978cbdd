"""The blocks of the page on regions: regions among regions, boards among boards, trusts within their region."""

from collections.abc import Iterator
from typing import Any

import pandas as pd

from ranktrust.decide import Decisions
from ranktrust.publish.html import Html, fragment
from ranktrust.publish.loaded import Loaded
from ranktrust.publish.names import league_page, trust_page
from ranktrust.publish.strip import rank_strip, rank_text
from ranktrust.words import interval_text, natural_text, probability_text


def regions_opening(run: Loaded) -> Html:
    """How wide the rank intervals of regions are, over all indicators."""
    facts = run.first.facts
    return fragment(
        "page_opening",
        facts=facts,
        kicker="regions and integrated care boards",
        title=regions_headline(run),
        sentences=(
            f"A region's value is the mean of its {facts.noun}s, weighted by what their figures rest on, in each draw. "
            f"Only {facts.noun}s of this study count: {facts.set_description}. Regions are then ranked among "
            "themselves, draw by draw.",
            f"A {facts.noun}'s place within its region is counted anew in each draw among the {facts.noun}s of the "
            "region. It is no part of its place in the whole table, and small sets make short intervals: read the n.",
        ),
        failed=[table.facts.title for table in run.tables.values() if not table.facts.gate_passed],
    )


def _widths(run: Loaded) -> list[int]:
    rows = [found.frames["regions"] for found in run.decisions.values() if len(found.frames["regions"])]
    return [int(width) for frame in rows for width in frame["rank_upper"] - frame["rank_lower"] + 1]


def regions_headline(run: Loaded) -> str:
    """The narrowest and widest rank interval of a region, of how many regions."""
    widths = _widths(run)
    if not widths:
        return "This study has no regions to compare"
    count = max(len(found.frames["regions"]) for found in run.decisions.values())
    typical = sorted(widths)[(len(widths) - 1) // 2]
    return (
        f"Among {count} regions the {len(widths)} rank intervals span {_places(min(widths))} to {max(widths)}, "
        f"half of them {typical} or fewer"
    )


def _places(count: int) -> str:
    return "1 place" if count == 1 else f"{count} places"


def regions_block(run: Loaded) -> Html:
    """Every ranked indicator: its regions, then its boards and the trusts within regions, folded."""
    shown = [_indicator(run, name, found) for name, found in run.decisions.items() if len(found.frames["within"])]
    left = [table.facts.title for name, table in run.tables.items() if name not in run.ranked()]
    return fragment("regions", shown=shown, left=left, facts=run.first.facts)


def _indicator(run: Loaded, name: str, found: Decisions) -> dict[str, Any]:
    facts = run.tables[name].facts
    return {
        "title": facts.title,
        "anchor": f"regions-{name}",
        "page": league_page(name),
        "period": facts.period,
        "percent": round(100 * facts.prob),
        "regions": _groups(run, name, found, "regions"),
        "boards": _groups(run, name, found, "boards"),
        "within": _within(run, found),
    }


def _groups(run: Loaded, indicator: str, found: Decisions, frame: str) -> list[dict[str, Any]]:
    rows, law = found.frames[frame], found.frames[f"{frame}_pmf"]
    return [_group(run, indicator, row, law, len(rows)) for row in rows.itertuples()]


def _group(run: Loaded, indicator: str, row: Any, law: pd.DataFrame, n: int) -> dict[str, Any]:
    kind = run.tables[indicator].facts.kind
    pmf = law[law["group"] == row.group].set_index("rank")["probability"].reindex(range(1, n + 1), fill_value=0.0)
    return {
        "name": row.group,
        "trusts": row.trusts,
        "estimate": natural_text(kind, row.estimate),
        "interval": interval_text(kind, row.estimate_lower, row.estimate_upper),
        "strip": rank_strip(pmf.to_numpy(), row.rank_lower, row.rank_upper, prob=run.tables[indicator].facts.prob),
        "ranks": rank_text(row.rank_lower, row.rank_upper, n),
        "first": _chance(row, "p_first"),
        "last": _chance(row, "p_last"),
    }


def _chance(row: Any, name: str) -> tuple[str, str]:
    mcse = float(getattr(row, f"{name}_mcse"))
    text = probability_text(float(getattr(row, name)), mcse, float(getattr(row, f"{name}_ess")))
    return text, f"Monte Carlo error {100 * mcse:.2g} points"


def _records(rows: pd.DataFrame) -> Iterator[Any]:
    """The rows as named tuples."""
    yield from rows.itertuples()


def _within(run: Loaded, found: Decisions) -> list[dict[str, Any]]:
    """Regions by name, each with its trusts in the order of the expected rank within it."""
    names, rows = run.trusts["trust_name"], found.frames["within"]
    shown = []
    for region, members in rows.groupby("group"):
        ordered = members.sort_values("expected_rank", kind="stable")
        cells = [
            {
                "name": names[row.trust],
                "page": trust_page(row.trust),
                "ranks": rank_text(row.rank_lower, row.rank_upper, row.n),
                "first": _chance(row, "p_first"),
                "last": _chance(row, "p_last"),
            }
            for row in _records(ordered)
        ]
        shown.append({"region": region, "rows": cells})
    return shown


def regions_limits(run: Loaded) -> Html:
    """What the page cannot tell."""
    noun = run.first.facts.noun
    items = [
        ("Not all care of a region.", f"Only its {noun}s of this study are in the mean; others treat patients there."),
        ("Not the people who live there.", f"Patients are counted where they are treated. A {noun} treats people of "
         "other regions."),
        ("Not a cause.", f"A region is no reason. Its {noun}s may differ more from each other than regions do."),
        ("Not all at once.", "Each interval holds for one region, board or trust at a time."),
        ("Not more than the models.", "Where a study does not nest regions, the model knows nothing of them; each "
         "probability is right only if it is."),
    ]  # fmt: skip
    return fragment("score_limits", items=items)
