"""The back-test of forecasts: what came of predicting the next month, beside what simpler forecasts came to.

`benchmarks/back_test.py` makes the forecasts and writes the scores; lower is better, and differences are paired.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np
import pandas as pd

from ranktrust.assets import find_asset
from ranktrust.errors import RunError
from ranktrust.files import sha256_of
from ranktrust.vocabulary import SCHEMA_VERSION

PLACE: Final = Path(__file__).parent / "references"
OURS: Final = "trajectory"
STATEMENT: Final = "trajectory_estimate"
"""The statement that was fitted: counts enter as logits with standard errors."""
SCORES: Final = ("rps", "log", "crps")
ERRORS: Final = 2.0
"""Standard errors by which a baseline must be worse for the statement to be said to beat it."""

type Outcome = Literal["beaten", "not beaten", "no forecast"]


@dataclass(frozen=True, eq=False)
class BackTest:
    """Scores by forecast: rps, log and crps, each `_less_ours` and its `_error`; `facts` say of what and when."""

    facts: dict[str, Any]
    scores: pd.DataFrame

    @property
    def baselines(self) -> list[str]:
        """The forecasts that are not the statement's, best first."""
        return [str(name) for name in self.scores.index if not str(name).startswith(OURS)]

    @property
    def current(self) -> bool:
        """Whether the statement is still word for word the one that was scored."""
        return bool(self.facts.get("model_sha256") == sha256_of(find_asset("models", STATEMENT)))

    def number(self, forecast: str, column: str) -> float:
        """One number of the scores."""
        return float(self.scores[column].to_dict()[forecast])

    def outcome(self, baseline: str, score: str) -> Outcome:
        """Whether the statement beats a baseline by a score: worse by more than ERRORS standard errors."""
        less, error = self.number(baseline, f"{score}_less_ours"), self.number(baseline, f"{score}_error")
        if np.isnan(less):
            return "no forecast"
        return "beaten" if less > ERRORS * error else "not beaten"

    def not_beaten(self) -> Iterator[tuple[str, str]]:
        """Every baseline and score by which the statement does not beat it."""
        for score in SCORES:
            yield from ((name, score) for name in self.baselines if self.outcome(name, score) == "not beaten")


def read_back_test(indicator: str) -> BackTest | None:
    """The back-test that comes with the code, where it is of this indicator. Raises RunError where it is broken."""
    try:
        facts = json.loads((PLACE / "back_test.json").read_text(encoding="utf-8"))
        scores = pd.read_csv(PLACE / "back_test.csv").set_index("forecast")
    except (OSError, ValueError, KeyError) as error:
        raise RunError(f"the back-test in {PLACE} cannot be read ({error}); run benchmarks/back_test.py") from error
    if facts["schema_version"] != SCHEMA_VERSION:
        raise RunError(f"the back-test in {PLACE} is of another version; run benchmarks/back_test.py")
    return BackTest(facts, scores) if facts["indicator"] == indicator else None
