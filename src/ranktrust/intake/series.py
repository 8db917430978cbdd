"""Figures of one indicator by trust and period, as the checks on returns read them."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from math import nan
from typing import Final

from ranktrust.disclosure import MARK, RULES, Rule, is_small, round_to
from ranktrust.intake.tidy import Table
from ranktrust.vocabulary import KIND_COLUMNS, Kind

Key = tuple[date, date]
UNDATED: Final[Key] = (date.min, date.min)
WHOLE: Final[dict[Kind, str]] = {"proportion": "denominator", "ratio": "expected count", "estimate": "base"}
"""What a figure of each kind rests on."""

VALUE: Final[dict[Kind, str]] = {"proportion": "share", "ratio": "ratio", "estimate": "score"}


@dataclass(frozen=True)
class Series:
    """Figures of one indicator by trust, each in the order of periods.

    A figure is numerator and denominator, observed and expected, or an estimate and its base (NaN where none is
    known); `errors` are the standard errors of estimates. `rule` is the disclosure rule by which sentences show counts;
    those of a trust in `secret`, which has a small count in some period, are not shown in any, lest the sum over
    periods give it away.
    """

    indicator: str
    kind: Kind
    periods: tuple[Key, ...]
    trusts: Mapping[str, Mapping[Key, tuple[float, float]]]
    errors: Mapping[str, Mapping[Key, float]]
    rule: Rule = RULES["none"]
    secret: frozenset[str] = frozenset()

    def say(self, trust: str, count: float) -> str:
        """Return a trust's count as a sentence may show it."""
        return MARK if trust in self.secret else write_count(round_to(count, self.rule.step))

    def value(self, trust: str, period: Key) -> float:
        """Return a trust's value on the natural scale; NaN where its denominator or expected count is 0."""
        part, whole = self.trusts[trust][period]
        if self.kind == "estimate":
            return part
        return part / whole if whole else nan


def write_count(value: float) -> str:
    """Return a count in full, half counts among them, however large."""
    return f"{value:,.12g}"


def say_period(period: Key) -> str:
    """Return a period as findings name it."""
    return "undated" if period == UNDATED else f"{period[0]} to {period[1]}"


def read_series(table: Table, rule: Rule = RULES["none"]) -> Series:
    """Return a table of figures of one kind as series by trust, whose sentences will keep a disclosure rule."""
    kind = next(kind for kind, columns in KIND_COLUMNS.items() if set(columns) <= set(table.columns))
    first, second = (table.columns.index(name) for name in KIND_COLUMNS[kind])
    base = table.columns.index("base") if "base" in table.columns else None
    trusts: defaultdict[str, dict[Key, tuple[float, float]]] = defaultdict(dict)
    errors: defaultdict[str, dict[Key, float]] = defaultdict(dict)
    for row in table.rows:
        start, end = row[2:4]
        key = (start, end) if isinstance(start, date) and isinstance(end, date) else UNDATED
        part, whole = float(str(row[first])), float(str(row[second]))
        if kind == "estimate":
            errors[str(row[0])][key] = whole
            whole = nan if base is None else float(str(row[base]))
        trusts[str(row[0])][key] = (part, whole)
    periods = tuple(sorted({key for found in trusts.values() for key in found}))
    name = str(table.rows[0][1]) if table.rows else ""
    return Series(name, kind, periods, dict(sorted(trusts.items())), errors, rule, _secret(trusts, kind, rule))


def _secret(trusts: Mapping[str, Mapping[Key, tuple[float, float]]], kind: Kind, rule: Rule) -> frozenset[str]:
    """Return the trusts with a small count in any period."""

    def counts(part: float, whole: float) -> tuple[float, ...]:
        if rule.responses and kind != "ratio":
            return (whole,)
        return {"proportion": (part, whole - part, whole), "ratio": (part,), "estimate": (whole,)}[kind]

    return frozenset(
        trust
        for trust, values in trusts.items()
        if any(is_small(count, rule) for pair in values.values() for count in counts(*pair))
    )
