"""Checks on the returns themselves: what a trust submitted that it may not have meant. Findings, never exclusions."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from math import comb, log, sqrt
from statistics import median
from typing import Final

from ranktrust.disclosure import MARK, RULES, Rule, is_small, round_to
from ranktrust.intake.tidy import Table

JUMP: Final = 0.25
"""Smallest change of a denominator (log scale, against the other trusts' median) that is called sudden."""

SPREADS: Final = 6.0
"""How many times the usual change, or the usual distance from the median trust, is called sudden or implausible."""

CHANCE: Final = 4.0
"""How many times what chance changes in a count (log scale) is called sudden: small counts jump by themselves."""

EXPECTED: Final = 10.0
"""Events expected at the pooled rate above which none at all is remarkable: chance gives it once in 20,000."""

ENOUGH: Final = 50
"""Least denominator whose numerator and denominator will not both repeat by chance."""

HEAP: Final = 0.005
"""Width of the band just on the good side of a target in which counts may heap."""

Key = tuple[date, date]


@dataclass(frozen=True)
class ReturnFinding:
    """One remarkable thing about the returns: `trust` is empty if it concerns all of them."""

    name: str
    trust: str
    period: str
    sentence: str


@dataclass(frozen=True)
class Series:
    """Numerators and denominators of one indicator by trust, each in the order of periods.

    `rule` is the disclosure rule by which sentences show counts; those of a trust in `secret`, which has a small count
    in some period, are not shown in any, lest the sum over periods give it away.
    """

    indicator: str
    periods: tuple[Key, ...]
    trusts: Mapping[str, Mapping[Key, tuple[float, float]]]
    rule: Rule = RULES["none"]
    secret: frozenset[str] = frozenset()

    def say(self, trust: str, count: float) -> str:
        """Return a trust's count as a sentence may show it."""
        return MARK if trust in self.secret else _number(round_to(count, self.rule.step))


def read_series(table: Table, rule: Rule = RULES["none"]) -> Series:
    """Return a table of proportions as series by trust, whose sentences will keep a disclosure rule."""
    trusts: defaultdict[str, dict[Key, tuple[float, float]]] = defaultdict(dict)
    for trust, _, start, end, part, whole, *_ in table.rows:
        assert isinstance(start, date)
        assert isinstance(end, date)
        trusts[str(trust)][start, end] = (float(str(part)), float(str(whole)))
    periods = tuple(sorted({key for found in trusts.values() for key in found}))
    secret = frozenset(
        trust
        for trust, values in trusts.items()
        if any(is_small(count, rule) for part, whole in values.values() for count in (part, whole - part, whole))
    )
    name = str(table.rows[0][1]) if table.rows else ""
    return Series(name, periods, dict(sorted(trusts.items())), rule, secret)


def check_returns(
    table: Table,
    *,
    target: float | None = None,
    totals: Mapping[Key, tuple[float, float]] | None = None,
    rule: Rule = RULES["none"],
) -> list[ReturnFinding]:
    """Return every finding about a table of proportions.

    `target` is a share at which values may heap from above; `totals` what the publisher says of all trusts together;
    `rule` the disclosure rule that the sentences keep. Every count is checked, shown or not.
    """
    series = read_series(table, rule)
    found = [
        *missing_submissions(series),
        *sudden_changes(series),
        *implausible_values(series),
        *repeated_values(series),
        *zero_events(series),
    ]
    found += heaping(series, target) if target is not None else []
    found += differing_totals(series, totals) if totals is not None else []
    return found


def _number(value: float) -> str:
    """A count in full, half counts among them, however large."""
    return f"{value:,.12g}"


def _pair(part: float, whole: float) -> str:
    return f"{_number(part)} of {_number(whole)}"


def _say(period: Key) -> str:
    return f"{period[0]} to {period[1]}"


def missing_submissions(series: Series) -> list[ReturnFinding]:
    """Find periods without a figure of a trust that has one before and after, and the period from which one stops."""
    found: list[ReturnFinding] = []
    for trust, values in series.trusts.items():
        first, last = (series.periods.index(end(values)) for end in (min, max))
        gaps = [period for period in series.periods[first:last] if period not in values]
        stopped = series.periods[last + 1 : last + 2]
        for period in (*gaps, *stopped):
            when = "has none from here on" if period in stopped else "has one before and after"
            sentence = f"{trust} has no figure of {series.indicator} here; it {when}"
            found.append(ReturnFinding("missing_submission", trust, _say(period), sentence))
    return found


def sudden_changes(series: Series) -> list[ReturnFinding]:
    """Find denominators that changed between adjacent periods far more than those of other trusts."""
    found: list[ReturnFinding] = []
    for before, after in pairwise(series.periods):
        changes = {
            trust: log(values[after][1] / values[before][1])
            for trust, values in series.trusts.items()
            if before in values and after in values and values[before][1] > 0 and values[after][1] > 0
        }
        if len(changes) < 3:
            continue
        usual = median(changes.values())
        spread = median(abs(change - usual) for change in changes.values())
        for trust, change in changes.items():
            was, now = (series.trusts[trust][period][1] for period in (before, after))
            if abs(change - usual) > max(JUMP, SPREADS * spread, CHANCE * sqrt(1 / was + 1 / now)):
                shown = f"{series.say(trust, was)} to {series.say(trust, now)}"
                sentence = f"{trust}'s denominator went from {shown}; other trusts' did not"
                found.append(ReturnFinding("sudden_change", trust, _say(after), sentence))
    return found


def implausible_values(series: Series) -> list[ReturnFinding]:
    """Find shares far from those of all trusts in the period."""
    found: list[ReturnFinding] = []
    for period in series.periods:
        shares = {t: v[period][0] / v[period][1] for t, v in series.trusts.items() if period in v and v[period][1]}
        if len(shares) < 10:
            continue
        middle = median(shares.values())
        spread = 1.4826 * median(abs(share - middle) for share in shares.values())
        for trust, share in shares.items():
            if spread and abs(share - middle) > SPREADS * spread:
                shown = "far away, its counts being small" if trust in series.secret else f"{share:.3f}"
                sentence = f"{trust}'s share is {shown}, the median trust's {middle:.3f}"
                found.append(ReturnFinding("implausible_value", trust, _say(period), sentence))
    return found


def repeated_values(series: Series) -> list[ReturnFinding]:
    """Find figures that are those of the period before, numerator and denominator."""
    return [
        ReturnFinding(
            "repeated_value",
            trust,
            _say(after),
            f"{trust} reports {' of '.join(series.say(trust, count) for count in values[after])}, the same as in the "
            "period before",
        )
        for trust, values in series.trusts.items()
        for before, after in pairwise(series.periods)
        if before in values and values.get(after) == values[before] and values[after][1] >= ENOUGH
    ]


def zero_events(series: Series) -> list[ReturnFinding]:
    """Find trusts without any event, or with nothing else, where the pooled rate lets many be expected."""
    found: list[ReturnFinding] = []
    for period in series.periods:
        pairs = {trust: values[period] for trust, values in series.trusts.items() if period in values}
        whole = sum(pair[1] for pair in pairs.values())
        rate = sum(pair[0] for pair in pairs.values()) / whole if whole else 0.0
        for trust, (part, all_) in pairs.items():
            for count, expected, what in (
                (part, rate * all_, "no event"),
                (all_ - part, (1 - rate) * all_, "only events"),
            ):
                if count == 0 and expected >= EXPECTED:
                    usual = f"{expected:.0f}" if series.rule.name == "none" else f"{EXPECTED:.0f} or more"
                    sentence = f"{trust} reports {what} in {series.say(trust, all_)}, where {usual} would be expected"
                    found.append(ReturnFinding("zero_events", trust, _say(period), sentence))
    return found


def heaping(series: Series, target: float) -> list[ReturnFinding]:
    """Find periods in which far more trusts lie just above a target than just below it, and trusts that always do."""
    found: list[ReturnFinding] = []
    for period in series.periods:
        shares = [v[period][0] / v[period][1] for v in series.trusts.values() if period in v and v[period][1]]
        above = sum(1 for share in shares if target <= share < target + HEAP)
        below = sum(1 for share in shares if target - HEAP <= share < target)
        if above + below and _tail(above, above + below) < 0.001:
            sentence = f"{above} trusts lie just above {target:g} and {below} just below it"
            found.append(ReturnFinding("heaping", "", _say(period), sentence))
    for trust, values in series.trusts.items():
        near = sum(1 for part, whole in values.values() if whole and target <= part / whole < target + HEAP)
        if len(values) >= 6 and near > len(values) / 2:
            sentence = f"{trust} lies just above {target:g} in {near} of {len(values)} periods"
            found.append(ReturnFinding("heaping", trust, "all", sentence))
    return found


def _tail(count: int, of: int) -> float:
    """P(at least `count` heads of `of` fair coins)."""
    return sum(comb(of, k) for k in range(count, of + 1)) / float(2**of)


def differing_totals(series: Series, totals: Mapping[Key, tuple[float, float]]) -> list[ReturnFinding]:
    """Find periods whose published total is not the sum of the trusts."""
    found: list[ReturnFinding] = []
    for period, (part, whole) in sorted(totals.items()):
        pairs = [values[period] for values in series.trusts.values() if period in values]
        sums = (sum(pair[0] for pair in pairs), sum(pair[1] for pair in pairs))
        if sums != (part, whole):
            sentence = f"the total is {_pair(part, whole)}, the trusts sum to {_pair(*sums)}"
            found.append(ReturnFinding("differing_total", "", _say(period), sentence))
    return found


def sort_findings(findings: Sequence[ReturnFinding]) -> list[ReturnFinding]:
    """Return findings by name, trust and period."""
    return sorted(findings, key=lambda each: (each.name, each.trust, each.period))
