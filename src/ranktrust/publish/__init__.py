"""Notebooks to pages that can be opened anywhere: one file each, no script, nothing fetched."""

from ranktrust.publish.blocks import (
    adjustment,
    caution,
    league_rows,
    limits,
    method,
    opening,
    provenance,
    rank_law_block,
    reading,
)
from ranktrust.publish.html import Html, figure_block
from ranktrust.publish.names import INDEX_PAGE, league_page, review_page
from ranktrust.publish.pages import Job, indicator_jobs, render_page, render_pages
from ranktrust.publish.review import verdict, weakest
from ranktrust.publish.site import manifest_of, write_index

__all__ = [
    "INDEX_PAGE",
    "Html",
    "Job",
    "adjustment",
    "caution",
    "figure_block",
    "indicator_jobs",
    "league_page",
    "league_rows",
    "limits",
    "manifest_of",
    "method",
    "opening",
    "provenance",
    "rank_law_block",
    "reading",
    "render_page",
    "render_pages",
    "review_page",
    "verdict",
    "weakest",
    "write_index",
]
