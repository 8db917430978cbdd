"""Names of the pages of a run, and how they link to each other."""

import re
from hashlib import sha256
from typing import Final

from ranktrust.manifest import REVIEW_PAGE

INDEX_PAGE: Final = "index.html"

DATA_PAGE: Final = "data.html"
"""The file name of the page on the data of a run."""

TRUSTS_PAGE: Final = "trusts.html"
"""The file name of the index of trusts, beside the pages."""

SUPPORT_PAGE: Final = "support.html"
"""The file name of the page on whom to support and from whom to learn."""

COMPARE_PAGE: Final = "compare.html"
"""The file name of the page on any two trusts."""

METHOD_PAGE: Final = "method.html"
"""The file name of the page on how all others were made."""

REGIONS_PAGE: Final = "regions.html"
"""The file name of the page on regions and boards."""

PAGES: Final = "pages"
"""The folder of the pages below that of the index."""


_REVIEW: Final = (f"../{REVIEW_PAGE}", "Review")

SCORE_PAGES: Final = {
    "profile": ("profile.html", "Together"),
    "composite": ("composite.html", "Composite"),
    "official": ("oversight.html", "Official scoring"),
}
"""File name and words of the page of each score that a study may ask for."""


def league_page(indicator: str) -> str:
    """The file name of an indicator's league page."""
    return f"league_{indicator}.html"


def review_page(indicator: str) -> str:
    """The file name of an indicator's diagnostics page."""
    return f"diagnostics_{indicator}.html"


def sensitivity_page(indicator: str) -> str:
    """The file name of an indicator's page on what survives other choices."""
    return f"sensitivity_{indicator}.html"


def trajectory_page(indicator: str) -> str:
    """The file name of the page on an indicator's change over time."""
    return f"change_{indicator}.html"


def trust_page(code: str) -> str:
    """The file name of a trust's own page: its code where that is plain, else with a digest instead of the rest."""
    plain = re.sub(r"[^A-Za-z0-9-]", "", code)
    return f"trust_{plain}.html" if plain == code else f"trust_{plain}_{sha256(code.encode()).hexdigest()[:8]}.html"


def sibling_pages(indicator: str, *, sensitivity: bool = False, followed: bool = False) -> tuple[tuple[str, str], ...]:
    """Address and words of the pages beside an indicator's own; `sensitivity` and `followed` say which it has."""
    return (
        (f"../{INDEX_PAGE}", "All indicators"),
        (league_page(indicator), "League table"),
        *(((sensitivity_page(indicator), "What survives"),) if sensitivity else ()),
        *(((trajectory_page(indicator), "Change over time"),) if followed else ()),
        (review_page(indicator), "Diagnostics"),
        (DATA_PAGE, "Data"),
        (METHOD_PAGE, "Method"),
        _REVIEW,
    )


def run_pages() -> tuple[tuple[str, str], ...]:
    """Address and words of the pages that a run has once, as a page beside them links to them."""
    return ((f"../{INDEX_PAGE}", "All indicators"), (DATA_PAGE, "Data"), (METHOD_PAGE, "Method"), _REVIEW)
