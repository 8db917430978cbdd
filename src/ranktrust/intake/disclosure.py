"""Disclosure: which counts may be published, by named rule, so that no difference gives a small one away.

A model sees every count; a publication sees what `disclose` returns.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import inf
from typing import Final, Literal

from ranktrust.errors import UsageError

MARK: Final = "*"
Why = Literal["", "primary", "secondary"]


@dataclass(frozen=True)
class Rule:
    """Counts from 1 to `hidden` are suppressed; the others are rounded to `step`; 0 stays 0."""

    name: str
    hidden: int
    step: int
    sentence: str


RULES: Final = {
    rule.name: rule
    for rule in (
        Rule("hes", 7, 5, "Counts of 1 to 7 are suppressed and others rounded to the nearest 5."),
        Rule("fft", 4, 1, "Fewer than 5 responses are suppressed."),
        Rule("staff_survey", 9, 1, "Fewer than 10 responses are suppressed."),
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


def disclose(counts: Mapping[str, int], rule: Rule, *, total_shown: bool = True) -> tuple[dict[str, Shown], Shown]:
    """Return the counts of a group as they may be published, and their total.

    Where the total is shown, further counts are suppressed, the smallest first, until every suppressed count could
    be at least two values; if all are suppressed and that is not enough, so is the total.
    """
    if any(count < 0 for count in counts.values()):
        raise ValueError("a count is negative")
    primary = {key for key, count in counts.items() if 0 < count <= rule.hidden}
    hidden = set(primary)
    total = sum(counts.values())
    spare = sorted((count, key) for key, count in counts.items() if key not in primary and count)
    while total_shown and _reveals(counts, primary, hidden, rule) and spare:
        hidden.add(spare.pop(0)[1])
    closed = 0 < total <= rule.hidden or _reveals(counts, primary, hidden, rule)
    shown = {key: _show(count, rule, key in hidden, key in primary) for key, count in counts.items()}
    return shown, _show(total, rule, bool(total_shown and closed), 0 < total <= rule.hidden)


def _reveals(counts: Mapping[str, int], primary: set[str], hidden: set[str], rule: Rule) -> bool:
    """Say whether the total less the counts shown leaves only one value for a suppressed count.

    A reader knows that a primary one is from 1 to `hidden`, and that a secondary one is greater.
    """
    whole = sum(counts[key] for key in hidden)
    low = {key: 1 if key in primary else rule.hidden + 1 for key in hidden}
    high = {key: rule.hidden if key in primary else inf for key in hidden}
    for key in hidden:
        least = max(low[key], whole - sum(high[other] for other in hidden if other != key))
        most = min(high[key], whole - sum(low[other] for other in hidden if other != key))
        if most <= least:
            return True
    return False


def _show(count: int, rule: Rule, hidden: bool, primary: bool) -> Shown:
    if hidden:
        return Shown(MARK, "primary" if primary else "secondary")
    return Shown(f"{round_to(count, rule.step)}")


def round_to(count: int, step: int) -> int:
    """Return the multiple of `step` nearest to a count; halves go up."""
    return (2 * count + step) // (2 * step) * step


def disclose_part(part: int, whole: int, rule: Rule) -> tuple[Shown, Shown]:
    """Return the numerator and the denominator of a proportion as they may be published.

    A numerator is suppressed too where the rest, whole less part, would be a small count that the two give away.
    """
    if not 0 <= part <= whole:
        raise ValueError(f"{part} is not a part of {whole}")
    shown, total = disclose({"part": part, "rest": whole - part}, rule)
    return shown["part"], total


def disclose_rows(
    rows: Sequence[tuple[str, str, int]], rule: Rule
) -> tuple[dict[tuple[str, str], Shown], dict[str, Shown]]:
    """Return counts given as (group, key, count) by group and key, and every group's total."""
    groups: dict[str, dict[str, int]] = {}
    for group, key, count in rows:
        groups.setdefault(group, {})[key] = count
    shown: dict[tuple[str, str], Shown] = {}
    totals: dict[str, Shown] = {}
    for group, counts in groups.items():
        each, totals[group] = disclose(counts, rule)
        shown |= {(group, key): value for key, value in each.items()}
    return shown, totals
