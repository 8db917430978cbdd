"""The passport of a table of data/: where its figures come from."""

import json
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from ranktrust.assemble.tables import Table
from ranktrust.assets import find_asset
from ranktrust.errors import DataError, Fault
from ranktrust.study import Study
from ranktrust.vocabulary import SOURCE_ENTRIES


def read_passport(study: Study, name: str) -> Mapping[str, Any]:
    """The record of where the figures come from. Raises DataError that names every entry it lacks."""
    path = find_asset("data", f"{name}.passport.json", beside=study.folder)
    try:
        passport = dict(json.loads(path.read_text(encoding="utf-8")))
    except (ValueError, TypeError) as error:
        raise DataError([Fault(path.name, "the file", f"is no JSON object ({error})", "See data/README.md")]) from error
    lacking = [entry for entry in SOURCE_ENTRIES if not passport.get(entry)]
    if lacking:
        remedy = "A published figure needs its source: fill it in as data/README.md says"
        raise DataError([Fault(path.name, "the file", f"lacks {', '.join(lacking)}", remedy)])
    return MappingProxyType(passport)


def check_whole(table: Table, study: Study, name: str) -> None:
    """Raise DataError where a table has not as many rows as the passport beside it says: it was cut short, or added to.

    A passport in another folder is of another table, and one that states no rows says nothing of them.
    """
    path = find_asset("data", f"{name}.passport.json", beside=study.folder)
    if path.parent != table.path.parent:
        return
    rows = read_passport(study, name).get("rows")
    if isinstance(rows, int) and rows != len(table.rows):
        said = f"has {len(table.rows)} rows where its passport says {rows}: it was cut short, or added to"
        remedy = "Take it from its source again, or build it and its passport anew (data/README.md)"
        raise DataError([Fault(table.path.name, "the whole file", said, remedy)])
