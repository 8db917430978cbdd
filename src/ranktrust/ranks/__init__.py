"""Draws to rank statements. Knows no model and no sampler: any named array of draws will do."""

from ranktrust.ranks.monte_carlo import unseen_bound
from ranktrust.ranks.precision import poth, spearman_between_draws
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
    "RankSummary",
    "expected_rank",
    "p_above",
    "p_bottom",
    "p_top",
    "poth",
    "probability_beyond",
    "rank_interval",
    "rank_law",
    "rank_series",
    "rerank",
    "spearman_between_draws",
    "summarise_ranks",
    "top_series",
    "unseen_bound",
]
