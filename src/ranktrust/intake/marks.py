"""What publishers write in place of a figure, in small letters, and about a code."""

import re
from typing import Final

DASHES: Final = ("-", "\u2013", "\u2014")
WORDS: Final = ("n/a", "#n/a", "na", "null", "#div/0!", "suppressed", "not applicable", "not submitted")
MARKS: Final = frozenset({"", *DASHES, *WORDS, "*", "**", ":", ".", "..", "[c]", "[x]", "[z]", "[u]", "[low]"})
"""Marks of a figure that is not applicable, suppressed or not submitted; which one means what varies."""

GUARDED: Final = re.compile(r"=\"([A-Za-z0-9]{2,10})\"|'([A-Za-z0-9]{2,10})")


def bare_code(text: str) -> str:
    """Return a code without what keeps a spreadsheet program from changing it: `="RA1"` and `'RA1` are RA1."""
    guarded = GUARDED.fullmatch(text)
    return guarded[1] or guarded[2] if guarded else text
