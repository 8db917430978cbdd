"""Which disclosure rule an indicator's counts are published by, said among the notes of its source."""

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

import pandas as pd

from ranktrust.disclosure import find_rule
from ranktrust.errors import StudyError
from ranktrust.panel import BASE, Indicator
from ranktrust.study import Asked, Study


def with_disclosure(indicator: Indicator, study: Study, asked: Asked, rows: pd.DataFrame) -> Indicator:
    """The indicator with the study's rule or its own, and the rule's sentence among the notes that pages print.

    Raises StudyError where a rule is asked for estimates without the base that it is about.
    """
    rule = find_rule(asked.disclosure or indicator.disclosure)
    if rule.name == "none":
        return replace(indicator, disclosure=rule.name)
    if indicator.kind == "estimate" and BASE not in rows:
        said = (
            f"disclosure {rule.name!r} hides estimates that rest on few responses, and {asked.name}.csv has no column"
        )
        raise StudyError(f'{study.path.name}: {said} {BASE}; add it, or write disclosure = "none"')
    note = f"Counts are published by the rule {rule.name!r}, here and in the tables of the run: {rule.sentence}"
    return replace(indicator, disclosure=rule.name, passport=_with_note(indicator.passport, note))


def _with_note(passport: Mapping[str, Any], note: str) -> Mapping[str, Any]:
    return MappingProxyType({**passport, "notes": [*passport.get("notes", ()), note]})
