"""The block on forecasts that have been held to what came."""

from datetime import date
from typing import Final

import pandas as pd

from ranktrust.evidence import BackTest, read_back_test
from ranktrust.evidence.back_test import ERRORS, OURS
from ranktrust.league import Trajectory
from ranktrust.publish.html import Html, markup
from ranktrust.publish.sensitivity import section, section_table

_HEADING: Final = ("Have forecasts come true?", "back-test")
_LABELS: Final = {
    OURS: "This statement",
    "last month": "The last month, moved as months have moved",
    "no pooling": "Each alone, by the last month",
    "mean of window": "The mean of twelve months, moved likewise",
    "a year before": "The same month a year before, moved likewise",
}
_SCORES: Final = {
    "rps": ("ranks, ranked probability score", 4),
    "log": ("ranks, log score", 3),
    "crps": ("values, continuous score in percentage points", 2),
}
_CHANGED: Final = (
    "The statement has been changed since its forecasts were scored: what follows is of the statement before, and says "
    "nothing sure of this one."
)
_HEADS: Final = ("Forecast", "Ranks: probability score", "Ranks: log score", "Values: percentage points")


def change_back_test(trajectory: Trajectory) -> Html:
    """How the next month was forecast, month after month; empty for an indicator without a back-test."""
    found = read_back_test(trajectory.facts.indicator)
    if found is None:
        return Html("")
    rows = [[_LABELS.get(str(name), str(name)), *_cells(row)] for name, row in found.scores.iterrows()]
    caption = (
        "Mean scores, lower is better; in brackets by how much each is worse than this statement, with its standard "
        f"error over blocks of {found.facts['block']} months."
    )
    return section(*_HEADING, back_test_sentences(found), section_table(caption, _HEADS, rows, "back-test"))


def back_test_sentences(found: BackTest) -> list[str]:
    """The verdict first, a baseline that is not beaten named with its numbers, then what was done."""
    facts = found.facts
    measured = date.fromisoformat(facts["measured"])
    return [
        *([] if found.current else [_CHANGED]),
        _verdict(found),
        *_failures(found),
        f"The statement was fitted to {facts['window']} months and said where every observed figure of the month after "
        f"them would stand, for the {facts['months']} months from {_month(facts['first'])} to {_month(facts['last'])} "
        f"and {facts['trusts']} trusts (measured {measured.day} {measured:%B %Y} by benchmarks/back_test.py on the "
        "figures that come with the code; this run is not measured).",
    ]


def _verdict(found: BackTest) -> str:
    beaten = [name for name in found.baselines if found.outcome(name, "rps") == "beaten"]
    total = len(found.baselines)
    if len(beaten) == total:
        return f"Next month's ranks were forecast better than by any of {total} simpler forecasts."
    return (
        f"Next month's ranks were forecast better than by {len(beaten) or 'none'} of {total} simpler forecasts, by "
        f"more than {ERRORS:g} standard errors."
    )


def _failures(found: BackTest) -> list[str]:
    failures = list(found.not_beaten())
    if not failures:
        return ["No simpler forecast does as well by any score."]
    said = []
    for name, score in failures:
        words, digits = _SCORES[score]
        theirs, ours = (found.number(each, score) for each in (name, OURS))
        less, error = (found.number(name, f"{score}_{part}") for part in ("less_ours", "error"))
        said.append(
            f"The forecast '{_LABELS[name]}' is not shown to do worse by the score of {words}: {theirs:.{digits}f} "
            f"against {ours:.{digits}f}, difference {less:.{digits}f} with a standard error of "
            f"{error:.{digits}f}."
        )
    return said


def _cells(row: "pd.Series[float]") -> list[Html | str]:
    return [_cell(row, score, digits) for score, (_, digits) in _SCORES.items()]


def _cell(row: "pd.Series[float]", score: str, digits: int) -> Html | str:
    value, less, error = row[score], row[f"{score}_less_ours"], row[f"{score}_error"]
    if pd.isna(value):
        return "none"
    if not error:
        return f"{value:.{digits}f}"
    apart = f"({less:+.{digits}f} ± {error:.{digits}f})"
    return Html(str(markup('{value} <span class="code">{apart}</span>', value=f"{value:.{digits}f}", apart=apart)))


def _month(month: str) -> str:
    return f"{date.fromisoformat(month + '-01'):%B %Y}"
