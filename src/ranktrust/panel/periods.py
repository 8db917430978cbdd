"""Periods: labels that sort in time, their words, their distances, and those that overlap."""

from collections.abc import Sequence
from datetime import date
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

UNDATED = "undated"


def period_label(start: str, end: str) -> str:
    """The coordinate of a period, `start/end` in ISO dates; `undated` when both are empty."""
    return f"{start}/{end}" if start or end else UNDATED


def period_text(label: str) -> str:
    """A period in words: `June 2025 to May 2026`, or `March 2026` for one month."""
    if label == UNDATED:
        return "an undated period"
    start, end = period_dates(label)
    first, last = start.strftime("%B %Y"), end.strftime("%B %Y")
    if first == last:
        return last
    return f"{first if start.year != end.year else start.strftime('%B')} to {last}"


def period_dates(label: str) -> tuple[date, date]:
    """The first and last day of a dated period."""
    start, end = (date.fromisoformat(part) for part in label.split("/"))
    return start, end


def period_times(periods: Sequence[str]) -> NDArray[np.float64]:
    """When each period starts, since the first one's start, in units of the shortest step between two starts.

    Months count alike whatever their length, so consecutive months, quarters or years are 1 apart, and a period that
    nobody reported leaves a step of 2. An undated period is at 0.
    """
    if len(periods) < 2 or UNDATED in periods:
        return np.zeros(len(periods))
    starts = [period_dates(label)[0] for label in periods]
    months = np.array([12 * day.year + day.month + (day.day - 1) / 31 for day in starts], dtype=np.float64)
    times: NDArray[np.float64] = (months - months[0]) / np.diff(np.sort(months)).min()
    return times


def overlapping(periods: Sequence[str]) -> list[tuple[str, str]]:
    """Neighbouring periods, in time order, of which the second starts before the first has ended."""
    dated = sorted(label for label in periods if label != UNDATED)
    return [(one, two) for one, two in pairwise(dated) if period_dates(two)[0] <= period_dates(one)[1]]
