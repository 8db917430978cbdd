"""Codes that the reference list of trusts does not hold: named to whoever checks a file, and never a fault."""

import csv
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from ranktrust.assets import find_asset
from ranktrust.intake.tidy import Table

REFERENCE: Final = "trusts.csv"
LIKE_A_TRUST: Final = re.compile(r"[RT][A-Z0-9]{2}")
"""How codes of NHS trusts were written before 2025; independent providers have others."""

NO_FIGURES: Final = frozenset({"trusts_register", "trust_types"})
OTHERS: Final = 6


@lru_cache(maxsize=1)
def _known() -> frozenset[str]:
    with find_asset("data", REFERENCE).open(encoding="utf-8", newline="") as lines:
        trusts = {row["trust"] for row in csv.DictReader(lines)}
    with find_asset("data", "successions.csv").open(encoding="utf-8", newline="") as lines:
        return frozenset(trusts.union(row["old_trust"] for row in csv.DictReader(lines)))


def is_like_a_trust(code: str) -> bool:
    """Say whether a code is in the reference list, or written as codes of NHS trusts were until 2025."""
    return code in _known() or LIKE_A_TRUST.fullmatch(code) is not None


def unknown_codes(tables: Mapping[str, Table]) -> list[str]:
    """Return the codes with figures that are neither in the reference list of trusts nor predecessors of one there."""
    of_trusts = [table for name, table in tables.items() if table.columns[0] == "trust" and name not in NO_FIGURES]
    codes = {str(row[0]) for table in of_trusts for row in table.rows}
    return sorted(codes - _known()) if codes else []


def unknown_note(tables: Mapping[str, Table]) -> list[str]:
    """Return one sentence about the codes that are not in the reference list; none where all are."""
    codes = unknown_codes(tables)
    if not codes:
        return []
    like = [code for code in codes if is_like_a_trust(code)]
    others = [code for code in codes if code not in like]
    parts = [f"written like a trust's: {', '.join(like)}"] if like else []
    more = ", ..." if len(others) > OTHERS else ""
    parts += [f"{len(others)} of other providers: {', '.join(others[:OTHERS])}{more}"] if others else []
    said = "codes are" if len(codes) > 1 else "code is"
    why = "it has those with figures in data/; others may be closed, new, independent, of another kind or mistyped"
    return [f"{len(codes)} {said} not in the reference list of trusts ({why}); {'; '.join(parts)}"]
