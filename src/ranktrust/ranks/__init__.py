"""Draws to rank statements. Knows no model and no sampler: any named array of draws will do."""

from ranktrust.ranks.frequentist import RankSets, multinomial_rank_sets, rank_sets, tau_best, tau_worst
from ranktrust.ranks.funnel import Funnel, funnel_bands, overdispersed_limits, poisson_limits
from ranktrust.ranks.grades import Grades, grade_frontier, grade_trusts, grade_within
from ranktrust.ranks.levels import group_means, rank_groups, rank_within, within_table
from ranktrust.ranks.monte_carlo import unseen_bound
from ranktrust.ranks.precision import poth, spearman_between_draws
from ranktrust.ranks.selection import Bands, Selection, band_against, select_beyond, select_end
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
    "Bands",
    "Funnel",
    "Grades",
    "RankSets",
    "RankSummary",
    "Selection",
    "band_against",
    "expected_rank",
    "funnel_bands",
    "grade_frontier",
    "grade_trusts",
    "grade_within",
    "group_means",
    "multinomial_rank_sets",
    "overdispersed_limits",
    "p_above",
    "p_bottom",
    "p_top",
    "poisson_limits",
    "poth",
    "probability_beyond",
    "rank_groups",
    "rank_interval",
    "rank_law",
    "rank_series",
    "rank_sets",
    "rank_within",
    "rerank",
    "select_beyond",
    "select_end",
    "spearman_between_draws",
    "summarise_ranks",
    "tau_best",
    "tau_worst",
    "top_series",
    "unseen_bound",
    "within_table",
]
