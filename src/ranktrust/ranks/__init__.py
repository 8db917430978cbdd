"""Draws to rank statements. Knows no model and no sampler: any named array of draws will do."""

from ranktrust.ranks.changes import improvement_columns, interval_columns
from ranktrust.ranks.frequentist import RankSets, multinomial_rank_sets, rank_sets, tau_best, tau_worst
from ranktrust.ranks.funnel import Funnel, funnel_bands, overdispersed_limits, poisson_limits
from ranktrust.ranks.grades import Grades, grade_frontier, grade_trusts, grade_within
from ranktrust.ranks.hierarchy import rankability, unit_reliability
from ranktrust.ranks.large import above_blocks, rank_table, write_above
from ranktrust.ranks.levels import group_means, rank_groups, rank_within, within_table
from ranktrust.ranks.losses import Weights
from ranktrust.ranks.monte_carlo import unseen_bound
from ranktrust.ranks.more import Asked, More, more_statements
from ranktrust.ranks.orderings import Orderings, expected_loss, orderings, r_values
from ranktrust.ranks.precision import (
    agreement_with_truth,
    entropy,
    poth,
    poth_mcse,
    poth_of,
    poth_of_best,
    poth_without_each,
    spearman_between_draws,
)
from ranktrust.ranks.report import RankReport, report_ranks
from ranktrust.ranks.selection import Bands, Selection, band_against, select_beyond, select_end
from ranktrust.ranks.sets import PartialOrder, SimultaneousSets, TopSets, partial_order, simultaneous_sets, top_sets
from ranktrust.ranks.simultaneous import Content
from ranktrust.ranks.stability import Stability, rank_stability
from ranktrust.ranks.statements import (
    equivalence_rank,
    equivalence_series,
    expected_excess,
    highest_mass_set,
    p_above_by,
    pairs_above,
    shortest_interval,
    sucra,
)
from ranktrust.ranks.summaries import (
    RankSummary,
    expected_rank,
    p_above,
    p_bottom,
    p_top,
    probability_beyond,
    rank_interval,
    rank_law,
    rank_series,
    rerank,
    summarise_ranks,
    top_series,
)

__all__ = [
    "Asked",
    "Bands",
    "Content",
    "Funnel",
    "Grades",
    "More",
    "Orderings",
    "PartialOrder",
    "RankReport",
    "RankSets",
    "RankSummary",
    "Selection",
    "SimultaneousSets",
    "Stability",
    "TopSets",
    "Weights",
    "above_blocks",
    "agreement_with_truth",
    "band_against",
    "entropy",
    "equivalence_rank",
    "equivalence_series",
    "expected_excess",
    "expected_loss",
    "expected_rank",
    "funnel_bands",
    "grade_frontier",
    "grade_trusts",
    "grade_within",
    "group_means",
    "highest_mass_set",
    "improvement_columns",
    "interval_columns",
    "more_statements",
    "multinomial_rank_sets",
    "orderings",
    "overdispersed_limits",
    "p_above",
    "p_above_by",
    "p_bottom",
    "p_top",
    "pairs_above",
    "partial_order",
    "poisson_limits",
    "poth",
    "poth_mcse",
    "poth_of",
    "poth_of_best",
    "poth_without_each",
    "probability_beyond",
    "r_values",
    "rank_groups",
    "rank_interval",
    "rank_law",
    "rank_series",
    "rank_sets",
    "rank_stability",
    "rank_table",
    "rank_within",
    "rankability",
    "report_ranks",
    "rerank",
    "select_beyond",
    "select_end",
    "shortest_interval",
    "simultaneous_sets",
    "spearman_between_draws",
    "sucra",
    "summarise_ranks",
    "tau_best",
    "tau_worst",
    "top_series",
    "top_sets",
    "unit_reliability",
    "unseen_bound",
    "within_table",
    "write_above",
]
