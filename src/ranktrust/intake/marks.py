"""What publishers write in place of a figure that is not applicable, suppressed or not submitted, in small letters."""

from typing import Final

DASHES: Final = ("-", "\u2013", "\u2014")
WORDS: Final = ("n/a", "#n/a", "na", "null", "#div/0!", "suppressed", "not applicable", "not submitted")
MARKS: Final = frozenset({"", *DASHES, *WORDS, "*", "**", ":", ".", "..", "[c]", "[x]", "[z]", "[u]", "[low]"})
"""Every mark. A publisher's key says which one means what; none of them is ever a number."""
