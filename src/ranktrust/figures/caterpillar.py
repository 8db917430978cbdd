"""Every trust's value with its interval: in the table's order, or grouped by the standard where order is not stated."""

from functools import partial
from typing import Final

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from ranktrust.figures.bars import draw_bars, dress_bars
from ranktrust.figures.svg import (
    ABOVE_COLOUR,
    BELOW_COLOUR,
    MIDDLE_COLOUR,
    SOFT,
    TONE_COLOURS,
    ZONE,
    Drawing,
    drawing,
)
from ranktrust.league import LeagueTable, band_tone, headline, source_sentence, standard_classes
from ranktrust.words import natural_text

GROUPS: Final[dict[str, tuple[str, str, str]]] = {
    "above": (ABOVE_COLOUR, "^", "above"),
    "below": (BELOW_COLOUR, "v", "below"),
    "neither": (MIDDLE_COLOUR, "o", "not clearly either"),
}
"""Colour, marker and words of each group of a standard; markers tell them apart without colour."""
_LISTED: Final = 9
"""With more bands than this the legend names the first and the last."""


def look_of(table: LeagueTable, group: object) -> tuple[str, str, str]:
    """Colour, marker and words of a group: of bands the odd ones have filled marks and the even ones open marks."""
    if not table.facts.ranked:
        return GROUPS[str(group)]
    band, count = int(str(group)), table.facts.bands
    return TONE_COLOURS[band_tone(band, count)], "o" if band % 2 == 0 else "D", f"band {band}"


def drawn_order(table: LeagueTable) -> pd.Series:
    """The group of each trust, in the order drawn: its band, or where it stands to the standard.

    A ranked table keeps its order. Otherwise the groups below, neither and above the standard stand one after
    another, by name within each: the picture then states no order between two trusts of a group.
    """
    if table.facts.ranked:
        return table.rows["band"]
    if table.facts.standard is None:
        return pd.Series("neither", index=table.rows.index)
    classes = standard_classes(table)
    return classes.sort_values(key=lambda names: names.map(["below", "neither", "above"].index), kind="stable")


def caterpillar(table: LeagueTable, ax: Axes, *, upright: bool = False) -> None:
    """Draw estimates with their intervals on the natural scale, with the benchmark and the standard.

    `upright` puts trusts under each other, for a narrow page. A reader may not conclude that neighbours differ,
    nor read a place off the picture: it has no numbered places.
    """
    groups = drawn_order(table)
    for group in dict.fromkeys(groups):
        _draw_group(table, ax, groups == group, group, upright=upright)
    _draw_lines(table, ax, upright=upright)
    facts = table.facts
    values = f"{'per cent' if facts.kind == 'proportion' else 'value'}, {round(100 * facts.prob)}% interval"
    dress_bars(ax, title=caterpillar_title(table), values=values, bars=order_words(table), upright=upright)


def _scale(table: LeagueTable) -> float:
    return 100 if table.facts.kind == "proportion" else 1


def _draw_group(table: LeagueTable, ax: Axes, members: pd.Series, group: object, *, upright: bool) -> None:
    """Draw the intervals and marks of the trusts where `members`, indexed in the order drawn, is true."""
    at = np.flatnonzero(members.to_numpy())
    rows = _scale(table) * table.rows.loc[members.index[at], ["estimate_lower", "estimate", "estimate_upper"]]
    colour, marker, words = look_of(table, group)
    label = f"{words}{_edge(table, group)} ({len(at)})" if _in_legend(table, group) else "_"
    draw_bars(ax, at, rows.to_numpy(), (colour, marker, label), upright=upright)


def _in_legend(table: LeagueTable, group: object) -> bool:
    """Whether a group is named: all are, but for the bands between the first and the last of many."""
    count = table.facts.bands
    return count <= _LISTED or group in {1, count}


def _edge(table: LeagueTable, group: object) -> str:
    """The value that a group of the standard lies beyond."""
    facts = table.facts
    if facts.standard is None or group not in {"above", "below"}:
        return ""
    return " " + natural_text(facts.kind, facts.standard + (facts.delta if group == "above" else -facts.delta))


def _draw_lines(table: LeagueTable, ax: Axes, *, upright: bool) -> None:
    """Draw the standard with its margin, and the benchmark where it is another one."""
    facts, scale = table.facts, _scale(table)
    line, span = (ax.axvline, ax.axvspan) if upright else (ax.axhline, ax.axhspan)
    same = facts.standard is not None and facts.standard == facts.benchmark
    if facts.standard is not None:
        edges = (scale * (facts.standard - facts.delta), scale * (facts.standard + facts.delta))
        if facts.delta:
            span(*edges, color=ZONE, zorder=0, linewidth=0)
        name = "benchmark" if same else f"standard ({facts.standard_name})"
        label = f"{name}, {natural_text(facts.kind, facts.standard)}"
        line(scale * facts.standard, color=SOFT, linewidth=1.4, linestyle="--", zorder=1, label=label)
    if facts.benchmark is not None and not same:
        label = f"benchmark, {natural_text(facts.kind, facts.benchmark)}"
        line(scale * facts.benchmark, color=SOFT, linewidth=1.4, linestyle=":", zorder=1, label=label)


def order_words(table: LeagueTable) -> str:
    """The order that the picture draws, in words."""
    noun = table.facts.noun
    if table.facts.ranked:
        return f"each mark is a {noun}, in the order of the table; rank 1 is the {table.facts.best} value"
    if table.facts.standard is None:
        return f"each mark is a {noun}, by name"
    return f"each mark is a {noun}: below, neither, above; by name within each"


def caterpillar_title(table: LeagueTable) -> str:
    """The finding in ten words or fewer: how far estimates reach, or how many lie beyond the standard."""
    facts, rows = table.facts, table.rows
    if not table.has_numbers:
        return f"{facts.n} {facts.noun}s, and no numbers of them"
    if not facts.ranked and facts.standard is not None:
        counts = standard_classes(table).value_counts()
        above, below = int(counts.get("above", 0)), int(counts.get("below", 0))
        upper, lower = (natural_text(facts.kind, facts.standard + sign * facts.delta) for sign in (1, -1))
        return f"{above} of {facts.n} above {upper}, {below} below {lower}, {facts.n - above - below} neither"
    low, high = (natural_text(facts.kind, value) for value in (rows["estimate"].min(), rows["estimate"].max()))
    return f"Estimates of {facts.n} {facts.noun}s run from {low} to {high}"


def caterpillar_alt(table: LeagueTable) -> str:
    """What the picture shows, in words with its numbers."""
    facts, rows = table.facts, table.rows
    low, high = natural_text(facts.kind, rows["estimate"].min()), natural_text(facts.kind, rows["estimate"].max())
    lines = (
        ""
        if facts.benchmark is None
        else f" The benchmark is {natural_text(facts.kind, facts.benchmark)} ({facts.benchmark_basis})."
    )
    bands = " From band to band marks are filled and open in turn." if facts.bands > 1 else ""
    return (
        f"{facts.title}: {facts.n} {facts.noun}s with {round(100 * facts.prob)}% intervals, estimates "
        f"from {low} to {high}.{lines} {headline(table)}.{bands}"
    )


def caterpillar_drawing(table: LeagueTable) -> Drawing:
    """The caterpillar of a table for wide and narrow pages."""
    return drawing(
        f"caterpillar-{table.facts.indicator}",
        caterpillar_alt(table),
        wide=partial(caterpillar, table),
        narrow=partial(caterpillar, table, upright=True),
        sizes=((12.5, 5.3), (4.2, 0.06 * table.facts.n + 2.2)),
        source=source_sentence(table.facts),
    )
