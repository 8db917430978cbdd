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
from ranktrust.publish.change import (
    change_limits,
    change_method,
    change_moved,
    change_opening,
    change_parameters,
    change_rows_block,
    change_shares,
    change_widths,
)
from ranktrust.publish.data import data_gaps, data_left_out, data_opening, data_returns, data_sources
from ranktrust.publish.html import Html, figure_block
from ranktrust.publish.names import DATA_PAGE, INDEX_PAGE, league_page, review_page, trajectory_page
from ranktrust.publish.pages import Job, data_job, indicator_jobs, render_page, render_pages, trajectory_job
from ranktrust.publish.review import verdict, weakest
from ranktrust.publish.site import manifest_of, write_index

__all__ = [
    "DATA_PAGE",
    "INDEX_PAGE",
    "Html",
    "Job",
    "adjustment",
    "caution",
    "change_limits",
    "change_method",
    "change_moved",
    "change_opening",
    "change_parameters",
    "change_rows_block",
    "change_shares",
    "change_widths",
    "data_gaps",
    "data_job",
    "data_left_out",
    "data_opening",
    "data_returns",
    "data_sources",
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
    "trajectory_job",
    "trajectory_page",
    "verdict",
    "weakest",
    "write_index",
]
