"""The passport of a table of data/: where its figures come from."""

import json
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from ranktrust.assets import find_asset
from ranktrust.errors import DataError, Fault
from ranktrust.study import Study

PASSPORT = ("title", "publisher", "address", "licence", "attribution", "retrieved")
"""The entries of a passport that every page prints."""


def read_passport(study: Study, name: str) -> Mapping[str, Any]:
    """The record of where the figures come from. Raises DataError that names every entry it lacks."""
    path = find_asset("data", f"{name}.passport.json", beside=study.folder)
    try:
        passport = dict(json.loads(path.read_text(encoding="utf-8")))
    except (ValueError, TypeError) as error:
        raise DataError([Fault(path.name, "the file", f"is no JSON object ({error})", "See data/README.md")]) from error
    lacking = [entry for entry in PASSPORT if not passport.get(entry)]
    if lacking:
        remedy = "A published figure needs its source: fill it in as data/README.md says"
        raise DataError([Fault(path.name, "the file", f"lacks {', '.join(lacking)}", remedy)])
    return MappingProxyType(passport)
