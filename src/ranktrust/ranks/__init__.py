"""Draws to rank statements. Knows no model and no sampler: any named array of draws will do."""

from ranktrust.ranks.hierarchy import rankability, unit_reliability
from ranktrust.ranks.large import above_blocks, rank_table, write_above
from ranktrust.ranks.losses import Weights
from ranktrust.ranks.monte_carlo import unseen_bound
from ranktrust.ranks.orderings import Orderings, expected_loss, orderings, r_values
from ranktrust.ranks.precision import (
    agreement_with_truth,
    entropy,
    poth,
    poth_of,
    poth_of_best,
    poth_without_each,
    spearman_between_draws,
)
from ranktrust.ranks.report import RankReport, report_ranks
from ranktrust.ranks.sets import (
    PartialOrder,
    SimultaneousSets,
    TopSets,
    partial_order,
    simultaneous_sets,
    top_sets,
)
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
    "Content",
    "Orderings",
    "PartialOrder",
    "RankReport",
    "RankSummary",
    "SimultaneousSets",
    "Stability",
    "TopSets",
    "Weights",
    "above_blocks",
    "agreement_with_truth",
    "entropy",
    "equivalence_rank",
    "equivalence_series",
    "expected_excess",
    "expected_loss",
    "expected_rank",
    "highest_mass_set",
    "orderings",
    "p_above",
    "p_above_by",
    "p_bottom",
    "p_top",
    "pairs_above",
    "partial_order",
    "poth",
    "poth_of",
    "poth_of_best",
    "poth_without_each",
    "probability_beyond",
    "r_values",
    "rank_interval",
    "rank_law",
    "rank_series",
    "rank_stability",
    "rank_table",
    "rankability",
    "report_ranks",
    "rerank",
    "shortest_interval",
    "simultaneous_sets",
    "spearman_between_draws",
    "sucra",
    "summarise_ranks",
    "top_series",
    "top_sets",
    "unit_reliability",
    "unseen_bound",
    "write_above",
]
