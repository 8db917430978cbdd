"""Checks on the returns of an assembled indicator, period by period, before its window is summed."""

from collections.abc import Iterable
from datetime import date

import pandas as pd

from ranktrust.assemble.benchmarks import BENCHMARK
from ranktrust.assemble.tables import read_table
from ranktrust.assemble.trusts import FROM_FIGURES
from ranktrust.disclosure import find_rule
from ranktrust.intake.returns import ReturnFinding, check_returns, differing_totals, sort_findings, unbalanced
from ranktrust.intake.series import Key, read_series
from ranktrust.intake.tidy import Record, Table
from ranktrust.panel import BASE, UNDATED, Indicator
from ranktrust.study import Study
from ranktrust.vocabulary import FIGURE_KEYS, KIND_COLUMNS


def odd_returns(
    indicator: Indicator, rows: pd.DataFrame, published: pd.DataFrame, study: Study, *, window: Iterable[str]
) -> list[dict[str, object]]:
    """Every finding about the trusts' own returns, and whether its period is one of the window.

    `rows` are those of the trusts compared, under their codes of today; `published` all of the file, whose sums are
    held against the national figures.
    """
    rule = find_rule(indicator.disclosure)
    found = check_returns(_as_table(indicator, rows), target=_target(indicator), rule=rule)
    found += _against_national(indicator, published, study)
    inside = {label.replace("/", " to ") for label in window} | {"all"}
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


def _against_national(indicator: Indicator, published: pd.DataFrame, study: Study) -> list[ReturnFinding]:
    """What differs between the file and the country: its ratio of observed to expected, or its counts.

    National counts are of all providers, or of NHS trusts alone: those that are the sum of either are sound.
    """
    national = read_table("national", study).rows.query("indicator == @indicator.name")
    series = read_series(_as_table(indicator, published))
    if indicator.kind == "ratio" and len(national):
        return unbalanced(series, float(national["value"].iloc[-1]))
    if indicator.kind != "proportion" or study.trusts.table == FROM_FIGURES:
        return []
    trusts = published[published["trust"].isin(read_table(study.trusts.table, study).rows["trust"])]
    of_trusts = {each.period for each in differing_totals(read_series(_as_table(indicator, trusts)), _totals(national))}
    return [each for each in differing_totals(series, _totals(national)) if each.period in of_trusts]


def _totals(national: pd.DataFrame) -> dict[Key, tuple[float, float]]:
    """The national counts of every dated period that has them."""
    names = ["period_start", "period_end", "numerator", "denominator"]
    rows = national.loc[(national["denominator"] != "") & (national["period_start"] != ""), names]
    return {
        (date.fromisoformat(start), date.fromisoformat(end)): (float(part), float(whole))
        for start, end, part, whole in rows.astype(str).to_numpy().tolist()
    }


def _target(indicator: Indicator) -> float | None:
    """The share above which counts may heap: a named standard that one wants to reach from below."""
    standard = indicator.standard
    if indicator.kind != "proportion" or standard is None or standard.name in {"", BENCHMARK}:
        return None
    return None if indicator.best == "lowest" else standard.value


def _as_table(indicator: Indicator, rows: pd.DataFrame) -> Table:
    """Rows of an assembled indicator as the tidy table that the checks read."""
    columns = [*KIND_COLUMNS[indicator.kind], *([BASE] if indicator.kind == "estimate" and BASE in rows else [])]
    records: list[Record] = []
    figures = rows[columns].to_numpy(dtype=float).tolist()
    for trust, label, values in zip(rows["trust"], rows["period"], figures, strict=True):
        days = (None, None) if label == UNDATED else tuple(date.fromisoformat(day) for day in label.split("/"))
        records.append((str(trust), indicator.name, *days, *values))
    return Table((*FIGURE_KEYS, *columns), tuple(records))
