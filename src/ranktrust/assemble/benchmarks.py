"""What an indicator is set beside: its standard, and the benchmark of the same window."""

from dataclasses import replace
from datetime import date, timedelta

import pandas as pd

from ranktrust.assemble.tables import read_table
from ranktrust.errors import DataError, Fault, StudyError
from ranktrust.panel import Benchmark, Indicator, Panel, Standard
from ranktrust.study import Asked, Study

BENCHMARK = "benchmark"
"""The name of a standard that is the benchmark itself; its source says how that was formed."""


def with_standard(indicator: Indicator, study: Study, asked: Asked, default: str, delta: float) -> Indicator:
    """The indicator with the standard it is compared with; the benchmark takes its place where there is none."""
    name = asked.standard or default
    delta = delta if asked.delta is None else asked.delta
    if not name:
        return replace(indicator, standard=Standard("", 0.0, delta, ""))
    table = read_table("standards", study)
    row = table.rows.query("indicator == @indicator.name and standard == @name")
    if len(row) != 1:
        there = ", ".join(table.rows.query("indicator == @indicator.name")["standard"]) or "none"
        raise StudyError(
            f"{study.path.name}: no standard {name!r} for {indicator.name} in standards.csv; there are: {there}"
        )
    return replace(indicator, standard=Standard(name, float(row["value"].item()), delta, row["source"].item()))


def with_benchmark(panel: Panel, study: Study) -> Indicator:
    """The indicator with the benchmark of the panel's window, and as its standard where it has none."""
    indicator = panel.only
    table = read_table("national", study)
    rows = table.rows.query("indicator == @indicator.name")
    (period,) = panel.periods
    start, _, end = period.partition("/")
    rows = rows[(rows["period_start"] >= start) & (rows["period_end"] <= end)]
    _check_window(rows, start, end, table.path.name, indicator.name)
    if rows.empty:
        named = indicator.standard if indicator.standard and indicator.standard.name else None
        return replace(indicator, standard=named)
    counts = rows[["numerator", "denominator"]].apply(pd.to_numeric).sum()
    value = counts["numerator"] / counts["denominator"] if counts["denominator"] else float(rows["value"].iloc[-1])
    benchmark = Benchmark(float(value), rows["basis"].iloc[-1])
    standard = indicator.standard
    if standard is not None and not standard.name:
        standard = Standard(BENCHMARK, benchmark.value, standard.delta, benchmark.basis)
    return replace(indicator, benchmark=benchmark, standard=standard)


def _check_window(rows: pd.DataFrame, start: str, end: str, file: str, indicator: str) -> None:
    """Raise DataError where the national rows within the window leave days of it out or count days twice."""
    expected = start
    for row in rows.sort_values("period_start").itertuples():
        if row.period_start != expected:
            break
        expected = "" if not row.period_end else str(date.fromisoformat(str(row.period_end)) + timedelta(days=1))
    whole = not end or expected == str(date.fromisoformat(end) + timedelta(days=1))
    if len(rows) and not whole:
        place = f"indicator {indicator}, {start} to {end}"
        remedy = "Add the missing periods, or leave all out to go without a benchmark"
        raise DataError([Fault(file, place, "does not cover the window exactly", remedy)])
