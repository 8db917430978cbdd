"""Checks on the returns themselves: what a trust submitted that it may not have meant. Findings, never exclusions."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import comb, exp, isnan, log, sqrt
from statistics import median
from typing import Final

from ranktrust.disclosure import RULES, Rule
from ranktrust.intake.series import VALUE, WHOLE, Key, Series, read_series, say_period, write_count
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

BALANCE: Final = 0.01
"""Greatest distance of all observed over all expected from England's ratio."""

HEAP: Final = 0.005
"""Width of the band just on the good side of a target in which counts may heap."""


@dataclass(frozen=True)
class ReturnFinding:
    """One remarkable thing about the returns: `trust` is empty if it concerns all of them."""

    name: str
    trust: str
    period: str
    sentence: str


def check_returns(
    table: Table,
    *,
    target: float | None = None,
    totals: Mapping[Key, tuple[float, float]] | None = None,
    rule: Rule = RULES["none"],
) -> list[ReturnFinding]:
    """Return every finding about a table of figures of one kind.

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
        *odd_errors(series),
    ]
    found += heaping(series, target) if target is not None else []
    found += differing_totals(series, totals) if totals is not None else []
    return found


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
            found.append(ReturnFinding("missing_submission", trust, say_period(period), sentence))
    return found


def sudden_changes(series: Series) -> list[ReturnFinding]:
    """Find denominators (expected counts, bases) that changed between periods far more than those of other trusts."""
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
                sentence = f"{trust}'s {WHOLE[series.kind]} went from {shown}; other trusts' did not"
                found.append(ReturnFinding("sudden_change", trust, say_period(after), sentence))
    return found


def implausible_values(series: Series) -> list[ReturnFinding]:
    """Find values far from those of all trusts in the period."""
    found: list[ReturnFinding] = []
    what = VALUE[series.kind]
    for period in series.periods:
        values = {trust: series.value(trust, period) for trust, held in series.trusts.items() if period in held}
        for trust, value, middle in _outlying({t: v for t, v in values.items() if not isnan(v)}):
            shown = "far away, its counts being small" if trust in series.secret else f"{value:.3f}"
            sentence = f"{trust}'s {what} is {shown}, the median trust's {middle:.3f}"
            found.append(ReturnFinding("implausible_value", trust, say_period(period), sentence))
    return found


def _outlying(values: Mapping[str, float], least: float = 0.0) -> Iterator[tuple[str, float, float]]:
    """Yield trust, value and median of those that are more than `least` and `SPREADS` robust sds from the median."""
    if len(values) < 10:
        return
    middle = median(values.values())
    spread = 1.4826 * median(abs(value - middle) for value in values.values())
    for trust, value in values.items():
        if spread and abs(value - middle) > max(least, SPREADS * spread):
            yield trust, value, middle


def odd_errors(series: Series) -> list[ReturnFinding]:
    """Find standard errors that do not fit their bases: times the root of the base, they are far from all others."""
    found: list[ReturnFinding] = []
    for period in series.periods:
        sizes = {
            trust: log(errors[period] * sqrt(series.trusts[trust][period][1]))
            for trust, errors in series.errors.items()
            if errors.get(period, 0) > 0 and series.trusts[trust][period][1] > 0
        }
        for trust, _, middle in _outlying(sizes, JUMP):
            usual = exp(middle) / sqrt(series.trusts[trust][period][1])
            said = f"standard error is {series.errors[trust][period]:.3f}"
            sentence = f"{trust}'s {said}, where {usual:.3f} would fit its base"
            found.append(ReturnFinding("odd_error", trust, say_period(period), sentence))
    return found


def repeated_values(series: Series) -> list[ReturnFinding]:
    """Find figures that are those of the period before, both of the pair."""
    found: list[ReturnFinding] = []
    for trust, values in series.trusts.items():
        for before, after in pairwise(series.periods):
            pair = values.get(after)
            if pair is None or before not in values or repr(values[before]) != repr(pair) or pair[1] < ENOUGH:
                continue
            shown = f"{pair[0]:.3f}" if series.kind == "estimate" else " of ".join(series.say(trust, x) for x in pair)
            sentence = f"{trust} reports {shown}, the same as in the period before"
            found.append(ReturnFinding("repeated_value", trust, say_period(after), sentence))
    return found


def zero_events(series: Series) -> list[ReturnFinding]:
    """Find trusts without any event, or with nothing else, where the pooled rate lets many be expected."""
    if series.kind == "estimate":
        return []
    found: list[ReturnFinding] = []
    for period in series.periods:
        pairs = {trust: values[period] for trust, values in series.trusts.items() if period in values}
        whole = sum(pair[1] for pair in pairs.values())
        rate = sum(pair[0] for pair in pairs.values()) / whole if whole else 0.0
        found += [
            ReturnFinding("zero_events", trust, say_period(period), _zero_sentence(series, trust, all_, what, expected))
            for trust, (part, all_) in pairs.items()
            for count, expected, what in _ends(series, part, all_, rate)
            if count == 0 and expected >= EXPECTED
        ]
    return found


def _ends(series: Series, part: float, whole: float, rate: float) -> tuple[tuple[float, float, str], ...]:
    none = (part, rate * whole, "no event")
    return (none, (whole - part, (1 - rate) * whole, "only events")) if series.kind == "proportion" else (none,)


def _zero_sentence(series: Series, trust: str, whole: float, what: str, expected: float) -> str:
    usual = f"{expected:.0f}" if series.rule.name == "none" else f"{EXPECTED:.0f} or more"
    among = f" in {series.say(trust, whole)}" if series.kind == "proportion" else ""
    return f"{trust} reports {what}{among}, where {usual} would be expected"


def heaping(series: Series, target: float) -> list[ReturnFinding]:
    """Find periods in which far more trusts lie just above a target than just below it, and trusts that always do."""
    found: list[ReturnFinding] = []
    for period in series.periods:
        shares = [v[period][0] / v[period][1] for v in series.trusts.values() if period in v and v[period][1]]
        above = sum(1 for share in shares if target <= share < target + HEAP)
        below = sum(1 for share in shares if target - HEAP <= share < target)
        if above + below and _tail(above, above + below) < 0.001:
            sentence = f"{above} trusts lie just above {target:g} and {below} just below it"
            found.append(ReturnFinding("heaping", "", say_period(period), sentence))
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
    """Find periods whose published total is not the sum of all that report."""
    found: list[ReturnFinding] = []
    for period, total in sorted(totals.items()):
        pairs = [values[period] for values in series.trusts.values() if period in values]
        sums = (sum(pair[0] for pair in pairs), sum(pair[1] for pair in pairs))
        if sums != total:
            whole, parts = (" of ".join(map(write_count, pair)) for pair in (total, sums))
            sentence = f"the total is {whole}, the trusts sum to {parts}"
            found.append(ReturnFinding("differing_total", "", say_period(period), sentence))
    return found


def unbalanced(series: Series, ratio: float = 1.0) -> list[ReturnFinding]:
    """Find periods in which observed counts of all are not `ratio` times the expected, as England's are."""
    found: list[ReturnFinding] = []
    for period in series.periods:
        pairs = [values[period] for values in series.trusts.values() if period in values]
        observed, expected = (sum(pair[i] for pair in pairs) for i in (0, 1))
        if abs(observed / expected - ratio) > BALANCE:
            sums = f"{write_count(observed)} observed and {write_count(expected)} expected"
            sentence = f"all together have {sums}: a ratio of {observed / expected:.3f}, where England's is {ratio:g}"
            found.append(ReturnFinding("differing_total", "", say_period(period), sentence))
    return found


def sort_findings(findings: Sequence[ReturnFinding]) -> list[ReturnFinding]:
    """Return findings by name, trust and period."""
    return sorted(findings, key=lambda each: (each.name, each.trust, each.period))
