"""The comparison with other methods in a run folder: facts as JSON, trusts as CSV."""

import json
from pathlib import Path
from typing import Final

import pandas as pd

from ranktrust.errors import RunError
from ranktrust.evidence.independent import TEXT, Independent
from ranktrust.files import write_json, write_text
from ranktrust.vocabulary import SCHEMA_VERSION, TRUST

FACTS: Final = "independent.json"
TRUSTS: Final = "independent.csv"


def write_independent(found: Independent, folder: Path, indicator: str) -> None:
    """Write independent.json and independent.csv to `folder`/<indicator>/."""
    write_json(folder / indicator / FACTS, {"schema_version": SCHEMA_VERSION, **found.facts})
    write_text(folder / indicator / TRUSTS, found.table.to_csv(lineterminator="\n", index_label=TRUST))


def read_independent(folder: Path, indicator: str) -> Independent | None:
    """What `write_independent` left in `folder`; None where nothing was written. Raises RunError where it is broken."""
    place = folder / indicator
    if not (place / FACTS).is_file():
        return None
    try:
        facts = json.loads((place / FACTS).read_text(encoding="utf-8"))
        if facts.pop("schema_version") != SCHEMA_VERSION:
            raise RunError(f"{place / FACTS} is of another schema version; this ranktrust reads {SCHEMA_VERSION}")
        header = pd.read_csv(place / TRUSTS, nrows=0).columns
        text = dict.fromkeys((TRUST, *TEXT), str)
        empty = {str(name): [""] for name in header if name not in text}
        table = pd.read_csv(place / TRUSTS, dtype=text, keep_default_na=False, na_values=empty).set_index(TRUST)
        return Independent(table, facts)
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise RunError(
            f"the comparison of {indicator} in {folder} cannot be read ({error}); run the study again"
        ) from error
