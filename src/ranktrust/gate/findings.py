"""What a check found, as a value."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import pandas as pd

Verdict = Literal["passed", "failed", "informational"]


@dataclass(frozen=True, eq=False)
class Finding:
    """One thing that was looked at: the verdict, a sentence with the numbers, what to do, and the table behind it."""

    name: str
    verdict: Verdict
    sentence: str
    remedy: str
    table: pd.DataFrame


def gate_passed(findings: Iterable[Finding]) -> bool:
    """True when there is at least one finding and none failed."""
    verdicts = [finding.verdict for finding in findings]
    return bool(verdicts) and "failed" not in verdicts


def failed(name: str, sentence: str, remedy: str) -> Finding:
    """A failed finding without a table: what should have been looked at is not there."""
    return Finding(name, "failed", sentence, remedy, pd.DataFrame())
