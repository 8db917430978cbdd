"""Disclosure: which counts may be published, by named rule, so that no difference gives a small one away.

A model sees every count; a publication sees what `disclose` returns.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import inf
from typing import Final, Literal

from ranktrust.errors import UsageError
from ranktrust.vocabulary import Disclosure

MARK: Final = "*"
Why = Literal["", "primary", "secondary"]
Bounds = Mapping[str, tuple[float, float]]


@dataclass(frozen=True)
class Rule:
    """Counts from 1 to `hidden` are suppressed; the others are rounded to `step`; 0 stays 0.

    A rule about `responses` asks how many there were, the whole of a share or the base of an estimate: of a whole that
    is not small it shows every part, however small.
    """

    name: Disclosure
    hidden: int
    step: int
    sentence: str
    responses: bool = False


RULES: Final[dict[str, Rule]] = {
    rule.name: rule
    for rule in (
        Rule("hes", 7, 5, "Counts of 1 to 7 are suppressed and others rounded to the nearest 5."),
        Rule("fft", 4, 1, "Figures that rest on fewer than 5 responses are suppressed.", responses=True),
        Rule("staff_survey", 9, 1, "Figures that rest on fewer than 10 responses are suppressed.", responses=True),
        Rule("none", 0, 1, "No count is suppressed."),
    )
}


@dataclass(frozen=True)
class Shown:
    """A count as it may be published: `*` if suppressed, and why."""

    text: str
    why: Why = ""


def find_rule(name: str) -> Rule:
    """Return a rule by its name. Raises `UsageError` with the names there are."""
    if name not in RULES:
        raise UsageError(f"no disclosure rule {name!r}; there are: {', '.join(RULES)}")
    return RULES[name]


def is_small(count: float, rule: Rule) -> bool:
    """Say whether a count is one that the rule suppresses: above 0, and no greater than `hidden`."""
    return 0 < count <= rule.hidden


def disclose(counts: Mapping[str, float], rule: Rule, *, total_shown: bool = True) -> tuple[dict[str, Shown], Shown]:
    """Return the counts of a group as they may be published, and their total.

    Where the total is shown, further counts are suppressed, the smallest first, until every suppressed count could
    be at least two values; if all are suppressed and that is not enough, so is the total.
    """
    if any(count < 0 for count in counts.values()):
        raise ValueError("a count is negative")
    primary = {key for key, count in counts.items() if is_small(count, rule)}
    unit = _unit(counts.values())
    bounds = {key: (unit, float(rule.hidden)) if key in primary else (rule.hidden + unit, inf) for key in counts}
    total = sum(counts.values())
    hidden = _hide(counts, primary, bounds) if total_shown else set(primary)
    closed = total_shown and (is_small(total, rule) or _reveals(counts, bounds, hidden))
    shown = {key: _show(count, rule, key in hidden, key in primary) for key, count in counts.items()}
    return shown, _show(total, rule, closed, is_small(total, rule))


def _unit(counts: Iterable[float]) -> float:
    """Return the least that counts can differ by: a half where one of them is half."""
    return 1.0 if all(float(count).is_integer() for count in counts) else 0.5


def _hide(counts: Mapping[str, float], first: Iterable[str], bounds: Bounds) -> set[str]:
    """Return the keys in `first` and as many more, the smallest counts first, as keep every one of them secret."""
    hidden = set(first)
    spare = sorted((count, key) for key, count in counts.items() if key not in hidden and count)
    while _reveals(counts, bounds, hidden) and spare:
        hidden.add(spare.pop(0)[1])
    return hidden


def _reveals(counts: Mapping[str, float], bounds: Bounds, hidden: Iterable[str]) -> bool:
    """Say whether the total less the counts shown leaves only one value for a suppressed count within its bounds.

    A reader knows that a primary one is from 1 to `hidden`, and that a secondary one is greater.
    """
    keys = list(hidden)
    whole = sum(counts[key] for key in keys)
    lows, highs = (sum(bounds[key][end] for key in keys if bounds[key][end] < inf) for end in (0, 1))
    open_ended = sum(1 for key in keys if bounds[key][1] == inf)
    for key in keys:
        low, high = bounds[key]
        others = inf if open_ended - (high == inf) else highs - (high if high < inf else 0)
        if min(high, whole - (lows - low)) <= max(low, whole - others):
            return True
    return False


def _show(count: float, rule: Rule, hidden: bool, primary: bool) -> Shown:
    if hidden:
        return Shown(MARK, "primary" if primary else "secondary")
    return Shown(f"{round_to(count, rule.step):,.10g}")


def round_to(count: float, step: int) -> float:
    """Return the multiple of `step` nearest to a count, halves up; with a step of 1 the count itself, half or whole."""
    return count if step == 1 else (2 * count + step) // (2 * step) * step


def disclose_part(part: float, whole: float, rule: Rule) -> tuple[Shown, Shown]:
    """Return the numerator and the denominator of a proportion as they may be published.

    A numerator is suppressed too where the rest, whole less part, would be a small count that the two give away; under
    a rule about responses both are where the denominator is small, and neither else.
    """
    if not 0 <= part <= whole:
        raise ValueError(f"{part} is not a part of {whole}")
    if rule.responses:
        few = is_small(whole, rule)
        return _show(part, rule, few, few), _show(whole, rule, few, few)
    shown, total = disclose({"part": part, "rest": whole - part}, rule)
    return shown["part"], total


def disclose_parts(pairs: Mapping[str, tuple[float, float]], rule: Rule) -> dict[str, tuple[Shown, Shown]]:
    """Return numerators and denominators, by trust, as one table may publish them.

    Suppressed are small denominators, and numerators where part or rest is small; then more, the smallest first, until
    the totals of numerators and of denominators, which the publisher or a reader may know, give none of them away.
    Under a rule about responses a small part of a whole that is not small is no reason.
    """
    wholes, _ = disclose({key: whole for key, (_, whole) in pairs.items()}, rule)
    parts = {key: part for key, (part, _) in pairs.items()}
    closed = {key for key, shown in wholes.items() if shown.why}
    small = set() if rule.responses else {key for key, pair in pairs.items() if _has_small_part(*pair, rule)}
    unit = _unit(count for pair in pairs.values() for count in pair)
    bounds = {key: _bounds(*pair, rule, unit) for key, pair in pairs.items()}
    hidden = _hide(parts, closed | small, bounds)
    return {key: (_show(part, rule, key in hidden, is_small(part, rule)), wholes[key]) for key, part in parts.items()}


def _has_small_part(part: float, whole: float, rule: Rule) -> bool:
    return is_small(part, rule) or is_small(whole - part, rule)


def _bounds(part: float, whole: float, rule: Rule, unit: float) -> tuple[float, float]:
    """Return between which values a suppressed part must lie, to one who knows why it was suppressed."""
    if is_small(whole, rule):
        return 0.0, float(rule.hidden)
    if rule.responses:
        return 0.0, inf
    if is_small(part, rule):
        return unit, float(rule.hidden)
    if is_small(whole - part, rule):
        return whole - rule.hidden, whole - unit
    return (rule.hidden + unit if part else 0.0), whole


def disclose_rows(
    rows: Sequence[tuple[str, str, float]], rule: Rule
) -> tuple[dict[tuple[str, str], Shown], dict[str, Shown]]:
    """Return counts given as (group, key, count) by group and key, and every group's total."""
    groups: dict[str, dict[str, float]] = {}
    for group, key, count in rows:
        groups.setdefault(group, {})[key] = count
    shown: dict[tuple[str, str], Shown] = {}
    totals: dict[str, Shown] = {}
    for group, counts in groups.items():
        each, totals[group] = disclose(counts, rule)
        shown |= {(group, key): value for key, value in each.items()}
    return shown, totals
