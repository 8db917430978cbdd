"""Notebooks to pages that can be opened anywhere: one file each, no script, nothing fetched."""

from ranktrust.publish.adjusted import adjusted_rows
from ranktrust.publish.back_test import change_back_test
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
from ranktrust.publish.calibration import (
    calibration_note,
    calibration_opening,
    calibration_summary,
    certificate_sentences,
    certificate_source,
)
from ranktrust.publish.captions import acting_caption, source_of
from ranktrust.publish.change import (
    change_limits,
    change_method,
    change_moved,
    change_opening,
    change_parameters,
    change_rows_block,
    change_shares,
    change_widths,
    reliability_of,
)
from ranktrust.publish.change_beside import change_beside_league, change_returns
from ranktrust.publish.compare import (
    compare_choose,
    compare_data,
    compare_limits,
    compare_opening,
    compare_regions,
    trust_compare,
)
from ranktrust.publish.composite_change import composite_change, read_composite_change
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
from ranktrust.publish.explorer import explorer, policy_of
from ranktrust.publish.fit import fit_title, fit_to_data
from ranktrust.publish.html import Html, figure_block
from ranktrust.publish.independent import comparison_with_others
from ranktrust.publish.jobs import Job, data_job, indicator_jobs, score_jobs, trajectory_job
from ranktrust.publish.loaded import Loaded, load_run
from ranktrust.publish.made import (
    method_choices,
    method_computed,
    method_indicators,
    method_limits,
    method_models,
    method_opening,
)
from ranktrust.publish.names import (
    DATA_PAGE,
    INDEX_PAGE,
    REGIONS_PAGE,
    SUPPORT_PAGE,
    TRUSTS_PAGE,
    league_page,
    review_page,
    sensitivity_page,
    trajectory_page,
    trust_page,
)
from ranktrust.publish.notice import failed_parts, gate_notice
from ranktrust.publish.oversight import (
    oversight_agreement,
    oversight_caution,
    oversight_limits,
    oversight_method,
    oversight_opening,
    oversight_rows,
)
from ranktrust.publish.package import write_tidy
from ranktrust.publish.pages import page_text, render_page, render_pages
from ranktrust.publish.profile import (
    profile_borrowed,
    profile_limits,
    profile_loadings,
    profile_method,
    profile_missing,
    profile_opening,
    profile_pairs,
)
from ranktrust.publish.record import review_lines, write_record
from ranktrust.publish.regions import regions_block, regions_limits, regions_opening
from ranktrust.publish.reproductions import reproductions_opening, reproductions_sources, reproductions_table
from ranktrust.publish.review import verdict, weakest
from ranktrust.publish.sensitivity import (
    choices_table,
    own_agreement,
    power_scaling,
    predictive_scores,
    sensitivity_limits,
    sensitivity_opening,
    survivors,
)
from ranktrust.publish.short import changed_sentence, in_short
from ranktrust.publish.site import manifest_of, write_index
from ranktrust.publish.strip import rank_text
from ranktrust.publish.support import support_limits, support_lists_block, support_opening
from ranktrust.publish.tidy import published_tables
from ranktrust.publish.trust import (
    benchmark_chance,
    trust_apart,
    trust_change,
    trust_headline,
    trust_opening,
    trust_rows,
)
from ranktrust.publish.trust_more import (
    run_sources,
    trust_limits,
    trust_official,
    trust_region,
    trust_similar,
    trust_sources,
)
from ranktrust.publish.trust_score import score_sentences, trust_score
from ranktrust.publish.trusts import NOTEBOOKS, acting_jobs, trust_jobs, write_trusts_index
from ranktrust.publish.whole import check_links, publish_run
from ranktrust.publish.workbook import write_workbook

__all__ = [
    "DATA_PAGE",
    "INDEX_PAGE",
    "NOTEBOOKS",
    "REGIONS_PAGE",
    "SUPPORT_PAGE",
    "TRUSTS_PAGE",
    "Html",
    "Job",
    "Loaded",
    "acting_caption",
    "acting_jobs",
    "adjusted_rows",
    "adjustment",
    "benchmark_chance",
    "calibration_note",
    "calibration_opening",
    "calibration_summary",
    "caution",
    "certificate_sentences",
    "certificate_source",
    "change_back_test",
    "change_beside_league",
    "change_limits",
    "change_method",
    "change_moved",
    "change_opening",
    "change_parameters",
    "change_returns",
    "change_rows_block",
    "change_shares",
    "change_widths",
    "changed_sentence",
    "check_links",
    "choices_table",
    "compare_choose",
    "compare_data",
    "compare_limits",
    "compare_opening",
    "compare_regions",
    "comparison_with_others",
    "composite_caution",
    "composite_change",
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
    "explorer",
    "failed_parts",
    "figure_block",
    "fit_title",
    "fit_to_data",
    "gate_notice",
    "in_short",
    "indicator_jobs",
    "league_page",
    "league_rows",
    "limits",
    "load_run",
    "manifest_of",
    "method",
    "method_choices",
    "method_computed",
    "method_indicators",
    "method_limits",
    "method_models",
    "method_opening",
    "opening",
    "oversight_agreement",
    "oversight_caution",
    "oversight_limits",
    "oversight_method",
    "oversight_opening",
    "oversight_rows",
    "own_agreement",
    "page_text",
    "policy_of",
    "power_scaling",
    "predictive_scores",
    "profile_borrowed",
    "profile_limits",
    "profile_loadings",
    "profile_method",
    "profile_missing",
    "profile_opening",
    "profile_pairs",
    "provenance",
    "publish_run",
    "published_tables",
    "rank_block",
    "rank_text",
    "read_composite_change",
    "reading",
    "regions_block",
    "regions_limits",
    "regions_opening",
    "reliability_of",
    "render_page",
    "render_pages",
    "reproductions_opening",
    "reproductions_sources",
    "reproductions_table",
    "review_lines",
    "review_page",
    "run_sources",
    "score_jobs",
    "score_sentences",
    "sensitivity_limits",
    "sensitivity_opening",
    "sensitivity_page",
    "source_of",
    "support_limits",
    "support_lists_block",
    "support_opening",
    "survivors",
    "trajectory_job",
    "trajectory_page",
    "trust_apart",
    "trust_change",
    "trust_compare",
    "trust_headline",
    "trust_jobs",
    "trust_limits",
    "trust_official",
    "trust_opening",
    "trust_page",
    "trust_region",
    "trust_rows",
    "trust_score",
    "trust_similar",
    "trust_sources",
    "verdict",
    "weakest",
    "write_index",
    "write_record",
    "write_tidy",
    "write_trusts_index",
    "write_workbook",
]
