"""Which of a panel's periods a trajectory speaks of: the latest, the window of the mean, and the one before."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import pandas as pd

from ranktrust.errors import DataError, Fault
from ranktrust.panel.panel import Panel, kind_columns
from ranktrust.panel.periods import UNDATED, overlapping, period_dates, period_label, period_text
from ranktrust.panel.window import latest

LEAST_OF_WINDOW = 0.75
"""A trust is ranked by its mean over a window if it has figures in at least this share of the window's periods."""


@dataclass(frozen=True)
class Spans:
    """Labels of the latest period, of the period that change is taken from, and of those of the mean, in order."""

    latest: str
    before: str
    window: tuple[str, ...]


def followed(panel: Panel, months: int | None = None) -> Panel:
    """The panel of the latest `months` months (all where None), without the trusts that have no figure in them."""
    chosen = panel.periods if months is None else latest(panel.periods, months)
    rows = panel.observations[panel.observations["period"].isin(chosen)]
    seen = set(rows["trust"])
    keep = [trust for trust in panel.trusts.index if trust in seen]
    missing = panel.missing[panel.missing["period"].isin(chosen)]
    return panel.derive(
        observations=rows, trusts=panel.trusts.loc[keep], context=panel.context.loc[keep], missing=missing
    )


def spans_of(panel: Panel, *, window: int, change: int) -> Spans:
    """The periods that a trajectory of `panel` speaks of: a window of `window` months and a change over `change`.

    Raises DataError with every fault: periods without dates or that overlap (each figure must be counted once), fewer
    than two, a window longer than the periods, a change from a period that is not there.
    """
    name, periods = panel.only.name, panel.periods
    faults = _faults_of_periods(name, periods)
    if faults:
        raise DataError(faults)
    first, (start, end) = period_dates(periods[0])[0], period_dates(periods[-1])
    chosen, before = latest(periods, window), _starting(periods, _earlier(start, change))
    if _earlier(end + timedelta(days=1), window) < first or not chosen:
        said = f"do not hold a window of {window} months: they begin in {_month(first)}, the last in {_month(start)}"
        faults.append(
            _fault(name, "the periods", said, "Take another `window` for this [[trajectory]], or more months")
        )
    if before is None:
        said = f"do not hold a period {change} months before the last, in {_month(_earlier(start, change))}"
        faults.append(
            _fault(name, "the periods", said, "Take another `change` for this [[trajectory]], or more months")
        )
    if faults or before is None:
        raise DataError(faults)
    return Spans(periods[-1], before, chosen)


def _faults_of_periods(name: str, periods: Sequence[str]) -> list[Fault]:
    if UNDATED in periods:
        return [_fault(name, "the periods", "have no dates", "A trajectory needs the start and end of every period")]
    if len(periods) < 2:
        return [
            _fault(name, "the periods", "are fewer than two", "Leave this [[trajectory]] out, or add earlier periods")
        ]
    overlaps = overlapping(periods)
    if not overlaps:
        return []
    one, two = overlaps[0]
    said = f"overlap, which would count the same patients twice: {period_text(one)} and {period_text(two)}"
    more = f" ({len(overlaps)} pairs in all)" if len(overlaps) > 1 else ""
    remedy = "Leave this [[trajectory]] out, or keep figures whose periods follow each other without overlap"
    return [_fault(name, "the periods", said + more, remedy)]


def _fault(name: str, place: str, problem: str, remedy: str) -> Fault:
    return Fault(f"trajectory of {name}", place, problem, remedy)


def _earlier(day: date, months: int) -> date:
    years, month = divmod(12 * day.year + day.month - 1 - months, 12)
    return date(years, month + 1, min(day.day, 28))


def _month(day: date) -> str:
    return day.strftime("%B %Y")


def _starting(periods: Sequence[str], start: date) -> str | None:
    return next((label for label in periods if period_dates(label)[0] == start), None)


def reported(panel: Panel, periods: Sequence[str], share: float = 1.0) -> tuple[str, ...]:
    """The trusts with figures in at least a `share` of `periods`, in the panel's order."""
    counts = panel.observations.query("period in @periods").groupby("trust").size()
    enough = counts.index[counts >= share * len(periods) - 1e-9]
    return tuple(trust for trust in panel.trusts.index if trust in set(enough))


def span_panel(panel: Panel, periods: Sequence[str], trusts: Sequence[str]) -> Panel:
    """A panel of one period for these trusts: the counts of `periods` added up, an estimate from each trust's last.

    A trust outside `trusts` stands in `missing` with the first of the periods, so that a page can name it.
    """
    columns = list(kind_columns(panel))
    rows = panel.observations.query("period in @periods and trust in @trusts")
    by_trust = rows.groupby("trust", sort=False)[columns]
    totals = (by_trust.last() if panel.only.kind == "estimate" else by_trust.sum()).reset_index()
    one = len(periods) == 1
    label = periods[0] if one else period_label(periods[0].split("/")[0], periods[-1].split("/")[1])
    return panel.derive(
        observations=totals.assign(indicator=panel.only.name, period=label),
        trusts=panel.trusts.loc[list(trusts)],
        context=panel.context.loc[list(trusts)],
        missing=_missing(panel, periods, trusts),
    )


def _missing(panel: Panel, periods: Sequence[str], trusts: Sequence[str]) -> pd.DataFrame:
    """The gaps of the periods, and every trust of the panel's set that is left out."""
    gaps = panel.missing.query("period in @periods")
    left = panel.trusts.drop(index=list(trusts))
    out = [trust for trust in left.index if trust not in set(gaps["trust"])]
    more = pd.DataFrame({"trust": out, "indicator": panel.only.name, "period": periods[0], "reason": "not_submitted"})
    return pd.concat([gaps, more.assign(note=left.loc[out, "name"].to_numpy())], ignore_index=True)


@dataclass(frozen=True, eq=False)
class SpanPanels:
    """A trajectory's figures: every period, and as one period each the latest and the window of the mean."""

    spans: Spans
    every: Panel
    latest: Panel
    window: Panel


def span_panels(panel: Panel, spans: Spans) -> SpanPanels:
    """The figures of a trajectory: a trust stands in `latest` and `window` only if it has figures enough for them."""
    now, often = reported(panel, [spans.latest]), reported(panel, spans.window, LEAST_OF_WINDOW)
    latest_panel, window_panel = span_panel(panel, [spans.latest], now), span_panel(panel, spans.window, often)
    return SpanPanels(spans, panel, latest_panel, window_panel)
