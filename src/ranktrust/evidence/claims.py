"""What is claimed of ranks from the draws of one fit, set beside the truth that the data were simulated from."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from ranktrust.ranks.card_search import best_card
from ranktrust.ranks.draws import oriented
from ranktrust.ranks.grades import LAMBDA
from ranktrust.ranks.posterior import (
    RankDraws,
    above_shares,
    interval_bounds,
    mid_ranks,
    place_counts,
    rank_samples,
)
from ranktrust.ranks.simultaneous import halves, quantile_band
from ranktrust.vocabulary import CHAIN, DRAW, TRUST, Best, Latent

type Floats = NDArray[np.float64]

Segments = Callable[[xr.DataArray], NDArray[np.int64]]
"""Draws of `total`, (chain, draw, trust), to the official segment of each trust scored, in the same dimensions."""

PROBS = (0.5, 0.8, 0.95)
SEGMENTS = (1, 2, 3, 4)
SET_PROB = 0.95


@dataclass(frozen=True)
class Claims:
    """Which claims are made: of ranks of `latent`, with the k of P(top k) and P(bottom k).

    `best` is the good end by indicator; `pairs` are the rows (first, second) of the trusts whose order is judged.
    `segments` is the official scoring as a function of this indicator, None where a study scores it not.
    """

    latent: Latent
    best: Mapping[str, Best]
    top: int
    bottom: int
    pairs: tuple[tuple[int, int], ...]
    segments: Segments | None = None


def some_pairs(n: int, count: int, seed: np.random.SeedSequence) -> tuple[tuple[int, int], ...]:
    """At most `count` of the unordered pairs of `n` trusts, each once and in random direction."""
    rng = np.random.default_rng(seed)
    first, second = np.triu_indices(n, 1)
    chosen = rng.choice(len(first), size=min(count, len(first)), replace=False)
    swap = rng.random(len(chosen)) < 0.5
    one, other = np.where(swap, second[chosen], first[chosen]), np.where(swap, first[chosen], second[chosen])
    return tuple(zip(one.tolist(), other.tolist(), strict=True))


def judge_ranks(  # noqa: PLR0913 - a claim needs draws, truth, direction, and how ties are broken
    draws: xr.DataArray, truth: xr.DataArray, *, best: Best, claims: Claims, thinned: int, rng: np.random.Generator
) -> dict[str, Any]:
    """Every claim of ranks with the truth beside it, by trust in the order of the draws or summed up over trusts.

    `draws` is (chain, draw, trust) and `truth` by trust. `true_rank` is 1 where best; `p_above` and `is_above` are by
    pair of `claims`. `rank_pit` is the share of `thinned` draws, nearly independent, whose rank is better than the true
    one, draws with the same rank shared out at random.
    """
    values = oriented(draws, best=best).values
    ranks = rank_samples(values)
    counts = place_counts(ranks)
    level = truth.to_numpy() if best == "highest" else -truth.to_numpy()
    true_rank = 1 + (level[None, :] > level[:, None]).sum(axis=1)
    pmf = counts / ranks.samples
    return {
        "true_rank": true_rank,
        "expected_rank": mid_ranks(ranks).mean(axis=1),
        "rank_pit": _randomised(ranks, true_rank, thinned, rng),
        "p_top": pmf[:, : claims.top].sum(axis=1),
        "p_bottom": pmf[:, ranks.n - claims.bottom :].sum(axis=1),
        **_pairs(ranks, true_rank, claims.pairs),
        "intervals": {str(prob): _interval(ranks, counts, true_rank, prob) for prob in PROBS},
        "set": _simultaneous(ranks, true_rank),
        "grades": _grades(ranks, level),
    }


def judge_segments(draws: xr.DataArray, truth: xr.DataArray, segments: Segments) -> dict[str, Any]:
    """P(segment) by segment and trust, from draws (chain, draw, trust) of `total`, with the true segment beside it."""
    found = segments(draws.transpose(CHAIN, DRAW, TRUST))
    true = segments(truth.expand_dims([CHAIN, DRAW]).transpose(CHAIN, DRAW, TRUST))
    return {"p": [(found == segment).mean(axis=(0, 1)) for segment in SEGMENTS], "true": true[0, 0]}


def _randomised(ranks: RankDraws, true_rank: NDArray[np.int64], thinned: int, rng: np.random.Generator) -> Floats:
    """(draws better + U (draws level + 1)) / (draws + 1), uniform where truth and draws are of one law."""
    some = ranks.first[:, np.arange(thinned) * ranks.samples // thinned]
    better = (some < true_rank[:, None]).sum(axis=1)
    level = (some == true_rank[:, None]).sum(axis=1)
    place: Floats = (better + rng.random(ranks.n) * (level + 1)) / (thinned + 1)
    return place


def _pairs(ranks: RankDraws, true_rank: NDArray[np.int64], pairs: tuple[tuple[int, int], ...]) -> dict[str, Any]:
    one, other = (np.array([pair[side] for pair in pairs], dtype=np.intp) for side in (0, 1))
    above = (ranks.first[one] < ranks.first[other]) + 0.5 * (ranks.first[one] == ranks.first[other])
    return {"p_above": above.mean(axis=1), "is_above": (true_rank[one] < true_rank[other]).astype(float)}


def _interval(ranks: RankDraws, counts: Floats, true_rank: NDArray[np.int64], prob: float) -> dict[str, float]:
    """Coverage, content and width of the intervals as published, averaged over trusts, and the same by halves.

    An interval is cut from the draws whose share in it is its content, so that content flatters a little. Of intervals
    cut from one half of every chain, the other half is an honest judge: `half_covered` and `half_content` are
    averages over both ways round, and equal in expectation where the model is right.
    """
    lower, upper = interval_bounds(counts, prob)
    both = [_cut_and_judged(*pair, true_rank, prob) for pair in _ways(halves(ranks))]
    return {
        "covered": float(((lower <= true_rank) & (true_rank <= upper)).mean()),
        "content": float(_content(counts, lower, upper).mean()),
        "width": float((upper - lower + 1).mean()),
        "half_covered": float(np.mean([covered for covered, _ in both])),
        "half_content": float(np.mean([content for _, content in both])),
    }


def _ways(pair: tuple[RankDraws, RankDraws]) -> tuple[tuple[RankDraws, RankDraws], tuple[RankDraws, RankDraws]]:
    return pair, (pair[1], pair[0])


def _cut_and_judged(cut: RankDraws, judge: RankDraws, true_rank: NDArray[np.int64], prob: float) -> tuple[float, float]:
    lower, upper = interval_bounds(place_counts(cut), prob)
    covered = (lower <= true_rank) & (true_rank <= upper)
    return float(covered.mean()), float(_content(place_counts(judge), lower, upper).mean())


def _content(counts: Floats, lower: NDArray[np.int64], upper: NDArray[np.int64]) -> Floats:
    places = np.arange(1, counts.shape[1] + 1)
    inside = (places >= lower[:, None]) & (places <= upper[:, None])
    held: Floats = (counts * inside).sum(axis=1) / counts.sum(axis=1)
    return held


def _simultaneous(ranks: RankDraws, true_rank: NDArray[np.int64]) -> dict[str, float]:
    band = quantile_band(ranks, SET_PROB)
    held = ((band.lower <= true_rank) & (true_rank <= band.upper)).all()
    width = band.upper.astype(float) - band.lower + 1
    return {
        "covered": float(held),
        "content": band.content.final,
        "held_out": band.content.held_out,
        "width": float(width.mean()),
    }


def _grades(ranks: RankDraws, level: Floats) -> dict[str, float]:
    """Pairs that the grades of a table split, how many are expected the wrong way round, and how many are.

    The grades of `grade_trusts` without the Monte Carlo errors, which no judgement over simulations reads.
    """
    card = best_card(above_shares(ranks), LAMBDA)
    split = card.grade[:, None] < card.grade[None, :]
    wrong = split & (level[:, None] < level[None, :])
    total = ranks.n * (ranks.n - 1) / 2
    return {
        "grades": float(card.grade.max()),
        "separated": float(card.separated / total),
        "promised": float((card.separated - card.agreed) / total),
        "realised": float(wrong.sum() / total),
    }
