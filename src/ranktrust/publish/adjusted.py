"""The block that sets adjusted and unadjusted values beside each other, trust by trust."""

from collections.abc import Sequence
from typing import Any, Final

import pandas as pd
from markupsafe import Markup

from ranktrust.evidence import Sensitivity
from ranktrust.evidence import sentences as words
from ranktrust.league import LeagueTable
from ranktrust.publish.html import Html, fragment, markup
from ranktrust.publish.sensitivity import chip, section, section_table, who
from ranktrust.publish.strip import rank_text
from ranktrust.words import interval_text, natural_text

_LEVELS: Final = ("unadjusted", "adjusted")


def adjusted_rows(table: LeagueTable, found: Sensitivity) -> Html:
    """What adjustment changes and may hide, the trusts whose band it changes, and all of them to open."""
    heading, anchor = "With and without adjustment", "adjusted"
    frame = found.adjustment
    if frame.empty:
        return section(heading, anchor, [f"Nothing was adjusted for, so there is one value a {found.noun}."])
    frame = frame.loc[[trust for trust in table.rows.index if trust in frame.index]]
    changed = frame[frame["band_unadjusted"] != frame["band_adjusted"]]
    order = "in the order of the league table" if found.ranked else "by name"
    parts = []
    if len(changed):
        caption = f"Those whose {'band' if found.ranked else 'statement'} adjusting changes, {order}."
        parts.append(_rows(table, found, changed, caption))
    every = _rows(table, found, frame, f"Every {found.noun} with and without adjustment, {order}.")
    parts.append(fragment("details", summary=f"All {found.n} {found.noun}s, with and without", body=every))
    return section(heading, anchor, _sentences(table, found), *parts)


def _sentences(table: LeagueTable, found: Sensitivity) -> Sequence[str]:
    said = list(words.adjustment_sentences(found))
    if table.facts.comparability == "indirect":
        said.append(
            "The expected numbers are the publisher's own adjustment. Whether to take out more is contested: what the "
            "publisher leaves out, it may leave out on purpose."
        )
    said.append(
        "An adjusted value is the outcome unexplained by what was adjusted for. It is no purer measure of care."
    )
    return said


def _rows(table: LeagueTable, found: Sensitivity, frame: pd.DataFrame, caption: str) -> Html:
    names = table.rows["trust_name"].to_dict()
    ranks = ("Rank interval unadjusted", "Rank interval adjusted", f"P(moves more than {found.places} places)")
    heads = [found.noun.capitalize(), "Unadjusted", "Adjusted", *(ranks if found.ranked else ()), "Stands, unadjusted",
             "Stands, adjusted"]  # fmt: skip
    rows = [[who(str(trust), names[trust]), *_cells(table, found, row)] for trust, row in frame.iterrows()]
    return section_table(caption, heads, rows, "adjusted")


def _cells(table: LeagueTable, found: Sensitivity, row: "pd.Series[Any]") -> list[object]:
    ranks: list[object] = []
    if found.ranked:
        ranks = [rank_text(row[f"rank_lower_{level}"], row[f"rank_upper_{level}"], found.n) for level in _LEVELS]
        ranks.append(words.moved_text(row))
    values = [_value(table, row, level) for level in _LEVELS]
    return [*values, *ranks, *(chip(table, found, str(row[f"band_{level}"])) for level in _LEVELS)]


def _value(table: LeagueTable, row: "pd.Series[Any]", level: str) -> Markup:
    kind = table.facts.kind
    return markup(
        '<span class="number">{value}</span> <span class="interval-text">{interval}</span>',
        value=natural_text(kind, row[f"estimate_{level}"]),
        interval=interval_text(kind, row[f"estimate_lower_{level}"], row[f"estimate_upper_{level}"]),
    )
