"""Names used in every room: dimensions, columns, groups, files and exit codes; and how long a quarter is.

What crosses a room's wall is written here once. Standard library only.
"""

from enum import IntEnum
from typing import Final, Literal

SCHEMA_VERSION: Final = 1
"""Version of manifests, tables, studies and passports; an unknown version is refused."""

Best = Literal["highest", "lowest"]
"""Which end of an indicator's natural scale is the good one."""

Kind = Literal["ratio", "proportion", "estimate"]
"""What an indicator measures: observed of expected, part of a whole, or an estimate with its standard error."""

Comparability = Literal["direct", "indirect", "self_selected"]
"""How far the publisher's figures allow two trusts to be compared."""

Scenario = Literal["none", "this_period", "long_run"]
"""How much of the variation between trusts is left unattributed (docs/statistics.md, decision 2)."""

Latent = Literal["total", "outcome", "performance"]
"""The three levels of one trust (docs/statistics.md, decision 1)."""

CalibrationKind = Literal["prior", "design", "joint", "misspecified"]
"""Where the truths of a calibration come from (docs/statistics.md, decision 22)."""

MissingReason = Literal["not_applicable", "by_design", "not_submitted", "suppressed"]
"""Why a trust has no figure (docs/statistics.md, decision 7)."""

Disclosure = Literal["hes", "fft", "staff_survey", "none"]
"""The rule by which small counts are kept out of what is published (docs/intake.md)."""

TRUST: Final = "trust"
INDICATOR: Final = "indicator"
PERIOD: Final = "period"
OBSERVATION: Final = "observation"
REGION: Final = "region"
ICB: Final = "icb"
COVARIATE: Final = "covariate"
CHAIN: Final = "chain"
DRAW: Final = "draw"
RANK: Final = "rank"

NESTED_IDX: Final = {REGION: "region_idx", ICB: "icb_idx"}
"""The groups that may be nested above trusts, and the field that says which one a trust is in."""

KIND_COLUMNS: Final[dict[Kind, tuple[str, ...]]] = {
    "ratio": ("observed", "expected"),
    "proportion": ("numerator", "denominator"),
    "estimate": ("estimate", "standard_error"),
}
"""The figures that an observation of each kind consists of, as columns of the tidy layout."""

FIGURE_KEYS: Final = ("trust", "indicator", "period_start", "period_end")
"""The columns that name an observation in the tidy layout."""

SOURCE_ENTRIES: Final = ("title", "publisher", "address", "licence", "attribution", "retrieved")
"""The entries of a passport that say where figures come from: a study needs them all, and every page prints them."""

ENGLAND: Final = "England"


class Exit(IntEnum):
    """Exit codes of every command; the README's table is checked against these."""

    DONE = 0
    USAGE = 2
    DATA_FAULTS = 3
    GATE_FAILED = 4
    FIT_FAILED = 5
    INTERRUPTED = 130


EXIT_MEANING: Final[dict[Exit, str]] = {
    Exit.DONE: "done",
    Exit.USAGE: "the command, study or model file cannot be used as given",
    Exit.DATA_FAULTS: "faults in the data; all of them are listed",
    Exit.GATE_FAILED: "the run is written, but its diagnostics failed: not fit to publish",
    Exit.FIT_FAILED: "a fit, the environment or the workers failed",
    Exit.INTERRUPTED: "interrupted; nothing half-written is left",
}


def quarter_of(n: int) -> int:
    """How many of `n` places a quarter has: floor((n + 1) / 4), at least one."""
    return max(1, (n + 1) // 4)
