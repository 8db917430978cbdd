"""Checks on the returns of an assembled indicator, period by period, before its window is summed."""

from collections.abc import Iterable
from datetime import date

import pandas as pd

from ranktrust.assemble.benchmarks import BENCHMARK
from ranktrust.disclosure import find_rule
from ranktrust.intake.returns import check_returns, sort_findings
from ranktrust.intake.tidy import PROPORTION, Table
from ranktrust.panel import Indicator
from ranktrust.vocabulary import KIND_COLUMNS


def is_checked(indicator: Indicator) -> bool:
    """Whether the checks can read the figures: parts of a whole, both counted."""
    return indicator.kind == "proportion"


def odd_returns(indicator: Indicator, rows: pd.DataFrame, window: Iterable[str]) -> list[dict[str, object]]:
    """Every finding about the trusts' own returns, and whether its period is one of the window."""
    dated = rows[rows["period"].str.contains("/")]
    if not is_checked(indicator) or dated.empty:
        return []
    inside = {label.replace("/", " to ") for label in window} | {"all"}
    rule = find_rule(indicator.disclosure)
    found = check_returns(_as_table(indicator, dated), target=_target(indicator), rule=rule)
    return [
        {
            "indicator": indicator.name,
            "trust": each.trust,
            "period": each.period,
            "in_window": "yes" if each.period in inside else "no",
            "check": each.name,
            "sentence": each.sentence.replace(f" of {indicator.name} here", " here"),
        }
        for each in sort_findings(found)
    ]


def _target(indicator: Indicator) -> float | None:
    """The share above which counts may heap: a named standard that one wants to reach from below."""
    standard = indicator.standard
    if standard is None or standard.name in {"", BENCHMARK} or indicator.best == "lowest":
        return None
    return standard.value


def _as_table(indicator: Indicator, rows: pd.DataFrame) -> Table:
    """Rows of an assembled indicator as the tidy table that the checks read."""
    figures = rows[list(KIND_COLUMNS["proportion"])].to_numpy(dtype=float).tolist()
    records = []
    for trust, label, (part, whole) in zip(rows["trust"], rows["period"], figures, strict=True):
        start, end = (date.fromisoformat(day) for day in label.split("/"))
        records.append((str(trust), indicator.name, start, end, part, whole))
    return Table(PROPORTION, tuple(records))
