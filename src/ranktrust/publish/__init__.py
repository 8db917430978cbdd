"""Notebooks to pages that can be opened anywhere: one file each, no script, nothing fetched."""

from ranktrust.publish.adjusted import adjusted_rows
from ranktrust.publish.blocks import (
    adjustment,
    caution,
    league_rows,
    limits,
    method,
    opening,
    provenance,
    rank_block,
    reading,
)
from ranktrust.publish.composites import (
    composite_caution,
    composite_limits,
    composite_method,
    composite_opening,
    composite_rows,
    composite_variants,
    composite_weights,
)
from ranktrust.publish.data import data_context, data_gaps, data_left_out, data_opening, data_returns, data_sources
from ranktrust.publish.html import Html, figure_block
from ranktrust.publish.names import DATA_PAGE, INDEX_PAGE, league_page, review_page, sensitivity_page
from ranktrust.publish.oversight import (
    oversight_agreement,
    oversight_caution,
    oversight_limits,
    oversight_method,
    oversight_opening,
    oversight_rows,
)
from ranktrust.publish.pages import Job, data_job, indicator_jobs, render_page, render_pages, score_jobs
from ranktrust.publish.review import verdict, weakest
from ranktrust.publish.sensitivity import (
    choices_table,
    own_agreement,
    power_scaling,
    sensitivity_limits,
    sensitivity_opening,
    survivors,
)
from ranktrust.publish.site import manifest_of, write_index

__all__ = [
    "DATA_PAGE",
    "INDEX_PAGE",
    "Html",
    "Job",
    "adjusted_rows",
    "adjustment",
    "caution",
    "choices_table",
    "composite_caution",
    "composite_limits",
    "composite_method",
    "composite_opening",
    "composite_rows",
    "composite_variants",
    "composite_weights",
    "data_context",
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
    "oversight_agreement",
    "oversight_caution",
    "oversight_limits",
    "oversight_method",
    "oversight_opening",
    "oversight_rows",
    "own_agreement",
    "power_scaling",
    "provenance",
    "rank_block",
    "reading",
    "render_page",
    "render_pages",
    "review_page",
    "score_jobs",
    "sensitivity_limits",
    "sensitivity_opening",
    "sensitivity_page",
    "survivors",
    "verdict",
    "weakest",
    "write_index",
]
