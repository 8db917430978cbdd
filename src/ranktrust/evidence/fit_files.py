"""Checks of fit in a run folder: findings as JSON, trusts as CSV."""

import json
from pathlib import Path
from typing import Final

import pandas as pd

from ranktrust.errors import RunError
from ranktrust.evidence.fit_checks import FitChecks
from ranktrust.evidence.plain import finding_as_plain, finding_from_plain
from ranktrust.files import write_json, write_text
from ranktrust.vocabulary import SCHEMA_VERSION, TRUST

FINDINGS: Final = "fit_checks.json"
TRUSTS: Final = "held_out.csv"


def write_fit_checks(found: FitChecks, folder: Path, indicator: str) -> None:
    """Write fit_checks.json and held_out.csv to `folder`/<indicator>/."""
    plain = [finding_as_plain(finding) for finding in found.findings]
    write_json(folder / indicator / FINDINGS, {"schema_version": SCHEMA_VERSION, "findings": plain})
    write_text(folder / indicator / TRUSTS, found.trusts.to_csv(lineterminator="\n", index_label=TRUST))


def read_fit_checks(folder: Path, indicator: str) -> FitChecks | None:
    """What `write_fit_checks` left in `folder`; None where nothing was written. Raises RunError where it is broken."""
    place = folder / indicator
    if not (place / FINDINGS).is_file():
        return None
    try:
        facts = json.loads((place / FINDINGS).read_text(encoding="utf-8"))
        if facts["schema_version"] != SCHEMA_VERSION:
            raise RunError(
                f"{place / FINDINGS} has schema version {facts['schema_version']!r}; this ranktrust reads "
                f"{SCHEMA_VERSION}"
            )
        trusts = pd.read_csv(place / TRUSTS, dtype={TRUST: str}, keep_default_na=False).set_index(TRUST)
        return FitChecks(tuple(map(finding_from_plain, facts["findings"])), trusts)
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise RunError(
            f"the checks of fit of {indicator} in {folder} cannot be read ({error}); run the study again"
        ) from error
