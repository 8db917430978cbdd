"""A league table's rows as the cells of a page: text made by rule from the numbers, never typed."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pandas as pd
from markupsafe import Markup

from ranktrust.league import LeagueTable, band_tone, standard_classes
from ranktrust.publish.names import trust_page
from ranktrust.publish.strip import interval_strip, rank_strip, rank_text
from ranktrust.words import interval_text, natural_text, probability_text


@dataclass(frozen=True)
class Row:
    """What every row shows."""

    code: str
    page: str
    name: str
    region: str
    figure: str
    note: str
    estimate: str
    interval: str
    adjusted: str
    adjusted_interval: str
    strip: Markup


@dataclass(frozen=True)
class RankedRow(Row):
    """A row of a table that states order. Probabilities are pairs: text, Monte Carlo error in words."""

    rank_interval: str
    p_top: tuple[str, str]
    p_bottom: tuple[str, str]
    band: str
    band_class: str
    others: tuple[str, ...]
    other_codes: tuple[str, ...]


@dataclass(frozen=True)
class StandardRow(Row):
    """A row of a table that is compared with a standard."""

    p_above: tuple[str, str]
    p_below: tuple[str, str]
    verdict: str
    verdict_class: str


def probability_cell(row: Any, column: str, ess: float) -> tuple[str, str]:
    """A probability as text and its Monte Carlo error in words."""
    mcse = float(getattr(row, f"{column}_mcse"))
    return probability_text(float(getattr(row, column)), mcse, ess), f"Monte Carlo error {100 * mcse:.2g} points"


def ranked_rows(table: LeagueTable) -> Iterator[RankedRow]:
    """The rows of a ranked table in its order."""
    names, pmf, n = table.rows["trust_name"], table.rank_pmf, table.facts.n
    for row in _records(table):
        yield RankedRow(
            **_common(table, row, _strip(table, pmf, row)),
            rank_interval=rank_text(row.rank_lower, row.rank_upper, n),
            p_top=probability_cell(row, "p_top_quarter", row.ess_rank),
            p_bottom=probability_cell(row, "p_bottom_quarter", row.ess_rank),
            band=f"Band {row.band} of {table.facts.bands}",
            band_class=f"tone t{band_tone(row.band, table.facts.bands)}",
            others=tuple(names[other] for other in table.indistinct_from(row.Index)),
            other_codes=tuple(table.indistinct_from(row.Index)),
        )


def _strip(table: LeagueTable, pmf: pd.DataFrame, row: Any) -> Markup:
    return rank_strip(pmf.loc[row.Index].to_numpy(), row.rank_lower, row.rank_upper, prob=table.facts.prob)


def _records(table: LeagueTable) -> Iterator[Any]:
    """The rows as named tuples, `Index` the trust."""
    yield from table.rows.itertuples()


def _common(table: LeagueTable, row: Any, strip: Markup) -> dict[str, Any]:
    kind = table.facts.kind
    return {
        "code": row.Index,
        "page": trust_page(row.Index),
        "name": row.trust_name,
        "region": row.region,
        "figure": row.figure,
        "note": row.note,
        "estimate": natural_text(kind, row.estimate),
        "interval": interval_text(kind, row.estimate_lower, row.estimate_upper),
        "adjusted": natural_text(kind, row.performance),
        "adjusted_interval": interval_text(kind, row.performance_lower, row.performance_upper),
        "strip": strip,
    }


def standard_rows(table: LeagueTable) -> Iterator[StandardRow]:
    """The rows of a table with a standard, in its order. Every row's picture has one scale."""
    facts = table.facts
    assert facts.standard is not None
    zone = (facts.standard - facts.delta, facts.standard, facts.standard + facts.delta)
    ends = scale_ends(table.rows, zone)
    classes = standard_classes(table)
    for row in _records(table):
        interval = (row.estimate_lower, row.estimate, row.estimate_upper)
        words = interval_text(facts.kind, row.estimate_lower, row.estimate_upper)
        label = f"interval {words}, standard {natural_text(facts.kind, facts.standard)}"
        yield StandardRow(
            **_common(table, row, interval_strip(interval, zone, ends, label)),
            p_above=probability_cell(row, "p_above_standard", row.ess_outcome),
            p_below=probability_cell(row, "p_below_standard", row.ess_outcome),
            verdict=_verdict(table, str(classes[row.Index])),
            verdict_class=str(classes[row.Index]),
        )


def scale_ends(rows: pd.DataFrame, zone: tuple[float, float, float]) -> tuple[float, float]:
    """The least and greatest value shown, with a margin of 2 % of the range."""
    low, high = min(rows["estimate_lower"].min(), zone[0]), max(rows["estimate_upper"].max(), zone[2])
    margin = 0.02 * (high - low)
    return float(low - margin), float(high + margin)


def _verdict(table: LeagueTable, standing: str) -> str:
    above, below = edges_text(table)
    return {"above": f"Above {above}", "below": f"Below {below}", "neither": "Not clearly either"}[standing]


def edges_text(table: LeagueTable) -> tuple[str, str]:
    """The standard plus and minus delta, as text."""
    facts = table.facts
    assert facts.standard is not None
    return natural_text(facts.kind, facts.standard + facts.delta), natural_text(
        facts.kind, facts.standard - facts.delta
    )


def unmeasured_rows(table: LeagueTable) -> Iterator[Row]:
    """The rows of a table with neither order nor standard."""
    for row in _records(table):
        yield Row(**_common(table, row, Markup("")))
