"""Numbers in words, by rule: no probability is printed as 0 or 1, none with more digits than its error supports."""

import math
from typing import Final

from ranktrust.vocabulary import Kind

_UNITS: Final = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1)
UNKNOWN: Final = "not known"


def probability_text(probability: float, mcse: float, ess: float) -> str:
    """A probability in per cent, such as `37%`, `< 0.1%` or `> 99.9%`.

    It is rounded to the smallest of 0.1, 0.2, 0.5, 1, 2, 5 and 10 % that is at least twice its Monte Carlo error
    `mcse`. An event never (or always) seen is bounded by 3/`ess`, the rule of three at its effective sample size.
    Draws that support not even that, as those of a chain that never moved, give `not known`.
    """
    bound = 3.0 / ess if ess > 0.0 else math.inf
    if 0.0 < probability < 1.0:
        return _rounded_text(probability, mcse)
    if not bound <= 0.999:
        return UNKNOWN
    return f"< {_percent(bound, up=True)}" if probability <= 0.0 else f"> {_percent(1.0 - bound, up=False)}"


def _rounded_text(probability: float, mcse: float) -> str:
    unit = next((unit for unit in _UNITS if unit >= 2.0 * mcse), None)
    if unit is None:
        return UNKNOWN
    rounded = round(probability / unit) * unit
    if rounded <= 0.0:
        return f"< {_percent(unit, up=True)}"
    if rounded >= 1.0:
        return f"> {_percent(1.0 - unit, up=False)}"
    return f"{100 * rounded:.{0 if unit >= 0.01 else 1}f}%"


def _percent(value: float, *, up: bool) -> str:
    """One decimal of a per cent, rounded away from certainty."""
    tenths = (math.ceil if up else math.floor)(round(1000 * value, 6))
    return f"{tenths / 10:.0f}%" if tenths % 10 == 0 else f"{tenths / 10:.1f}%"


def natural_text(kind: Kind, value: float) -> str:
    """A value on the natural scale: `61.2%` of a proportion, `0.97` of a ratio, `6.85` of an estimate."""
    if math.isnan(value):
        return UNKNOWN
    return f"{100 * value:.1f}%" if kind == "proportion" else f"{value:.2f}"


def interval_text(kind: Kind, lower: float, upper: float) -> str:
    """An interval on the natural scale, such as `59.1% to 63.3%`."""
    if math.isnan(lower) or math.isnan(upper):
        return UNKNOWN
    return f"{natural_text(kind, lower)} to {natural_text(kind, upper)}"


def count_text(count: int, one: str, many: str | None = None) -> str:
    """A count with its noun: `1 trust`, `12 trusts`, `no trust`."""
    if count == 0:
        return f"no {one}"
    return f"1 {one}" if count == 1 else f"{count:,} {many or one + 's'}"


def short_name(name: str) -> str:
    """A trust's name without the legal form that nearly all share."""
    return name.removesuffix(" NHS Foundation Trust").removesuffix(" NHS Trust").rstrip(",")


def expected_text(wrong: float) -> str:
    """How many statements are expected to be wrong, with its verb: 0.4 are, fewer than 0.01 are."""
    return "fewer than 0.01 are" if wrong < 0.01 else f"{wrong:.2g} are"
