"""The NHS Oversight Framework's scoring as functions of draws: metric scores, average, segments, override, ranks.

Formulas and what they were checked against are in docs/composites.md. Scores run from 1 (best) to 4.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray
from scipy.stats import rankdata

from ranktrust.ranks import RankSummary, summarise_ranks
from ranktrust.ranks.monte_carlo import ess, ess_bulk_tail, probability_mcse
from ranktrust.study import Official
from ranktrust.vocabulary import CHAIN, DRAW, TRUST, Best

type Floats = NDArray[np.float64]
SEGMENTS = (1, 2, 3, 4)
PLACED = "placed"
"""Column of the table: whether a trust was placed in a gap of the published ranks."""


def metric_scores(values: Floats, *, best: Best, meets: float | None = None) -> Floats:
    """Scores 1 to 4 along the last axis (trusts): 1 + 3 (r - 1) / (n - 1), r the rank of the value, ties at the best.

    Who meets the standard `meets` (natural scale) shares rank 1; the others keep their rank. Every trust must have a
    value. A single trust scores 1.
    """
    turned = -np.asarray(values, dtype=float) if best == "highest" else np.asarray(values, dtype=float)
    ranks = rankdata(turned, method="min", axis=-1).astype(float)
    if meets is not None:
        ranks = np.where(turned <= (-meets if best == "highest" else meets), 1.0, ranks)
    scores: Floats = 1 + 3 * (ranks - 1) / max(turned.shape[-1] - 1, 1)
    return scores


def metric_delta(
    draws: xr.DataArray, raw: pd.Series, others: pd.Series, *, best: Best, meets: float | None = None
) -> xr.DataArray:
    """Score of each draw less the score of the trust's own raw figure, (chain, draw, trust).

    `draws` and `raw` are on the natural scale; `others` are published values of trusts without draws, which keep their
    place in the ranking of both. Draws that equal the raw figures give 0 everywhere.
    """
    trusts = draws[TRUST].to_numpy()
    levels = draws.transpose(CHAIN, DRAW, TRUST).to_numpy()
    fixed = others[~others.index.isin(trusts)].dropna().to_numpy(dtype=float)
    still = np.broadcast_to(fixed, (*levels.shape[:2], len(fixed)))
    drawn = metric_scores(np.concatenate([levels, still], axis=-1), best=best, meets=meets)
    figures = np.concatenate([raw.reindex(trusts).to_numpy(dtype=float), fixed])
    base = metric_scores(figures, best=best, meets=meets)
    n = len(trusts)
    coords = {name: draws[name] for name in (CHAIN, DRAW, TRUST)}
    return xr.DataArray(drawn[..., :n] - base[:n], dims=(CHAIN, DRAW, TRUST), coords=coords)


def average_draws(
    table: pd.DataFrame, deltas: Mapping[str, xr.DataArray], official: Official, *, stretch: float = 1.0
) -> xr.DataArray:
    """Average score of every trust of the table, (chain, draw, trust), rounded as published.

    The published average plus, for each metric modelled, delta / count: what is not modelled stays where it was
    published. Trusts without draws keep their published average in every draw. `stretch` multiplies what the metrics
    add: sqrt(count / metrics modelled) is what they would add if all metrics were as uncertain, independently.
    """
    trusts = list(table.index)
    first = next(iter(deltas.values()))
    base = xr.DataArray(table["average_score"].to_numpy(float), dims=TRUST, coords={TRUST: trusts})
    moved = sum(delta.reindex({TRUST: trusts}, fill_value=0.0) for delta in deltas.values())
    shape = xr.zeros_like(first.isel({TRUST: 0}, drop=True))
    return (shape + base + stretch * moved / official.count).round(official.decimals).transpose(CHAIN, DRAW, TRUST)


def segment_of(scores: Floats, official: Official) -> NDArray[np.int64]:
    """Segment 1 to 4 of scores along the last axis (trusts), before the override: 1 + the number of cuts <= score.

    Cuts are the thresholds of the study, or else the quantiles of these trusts' scores, in each draw anew.
    """
    if official.thresholds is not None:
        cuts = [np.array(threshold) for threshold in official.thresholds]
    else:
        cuts = list(np.quantile(scores, official.quantiles, axis=-1)[..., None])
    found = np.ones(scores.shape, dtype=np.int64)
    for cut in cuts:
        found += scores >= cut
    return found


def override(segments: NDArray[np.int64], in_deficit: NDArray[np.bool_], worst: int = 3) -> NDArray[np.int64]:
    """Segments after the deficit override: a trust in deficit is not better than `worst`."""
    return np.where(in_deficit, np.maximum(segments, worst), segments)


def official_ranks(segments: NDArray[np.int64], scores: Floats) -> NDArray[np.int64]:
    """Official ranks along the last axis: by segment, then score; equal ones share the best place."""
    ranks: NDArray[np.int64] = rankdata(_order_key(segments, scores), method="min", axis=-1).astype(np.int64)
    return ranks


def _order_key(segments: NDArray[np.int64], scores: Floats) -> Floats:
    return 10.0 * segments + scores


def place_absent(table: pd.DataFrame, official: Official) -> pd.DataFrame:
    """The table with a row for each trust that was ranked and is not in it, found by the gaps in the published ranks.

    Such a trust gets a score between its neighbours of the same segment, rounded down to the digits published (a tie
    with the better one leaves all published ranks as they are), and counts as in deficit where its place is worse than
    its score. Without them quantiles would be those of other trusts, and ranks would not be the published
    ones. `table` is indexed by trust: average_score, segment, in_deficit, rank.
    """
    known = table.dropna(subset=["average_score", "segment", "rank"]).sort_values("rank")
    rows: dict[str, tuple[float, float, float]] = {}
    before: Any = None
    expected = 1
    for after in known.to_dict("records"):
        gap = max(int(after["rank"]) - expected, 0)
        for step in range(gap):
            rows[f"absent {expected + step}"] = _between(before, after, (step + 1) / (gap + 1), expected + step)
        expected, before = expected + gap + 1, after
    placed = pd.DataFrame.from_dict(rows, orient="index", columns=["average_score", "segment", "rank"])
    unit = 10.0**official.decimals
    placed["average_score"] = np.floor(placed["average_score"] * unit + 1e-6) / unit
    whole = pd.concat([known.assign(placed=False), placed.assign(in_deficit=0.0, placed=True)]).rename_axis(TRUST)
    raw = segment_of(whole["average_score"].to_numpy(float), official)
    deficit = np.where(whole[PLACED], whole["segment"] > raw, whole["in_deficit"].fillna(0) > 0)
    return whole.assign(in_deficit=deficit, segment=whole["segment"].astype(int), rank=whole["rank"].astype(int))


def _between(before: Any, after: Any, share: float, rank: int) -> tuple[float, float, float]:
    """Score, segment and rank of a trust in a gap; before the first and at the end of a segment, 0.01 away."""
    if before is None:
        return float(after["average_score"]) - 0.01 / share, float(after["segment"]), float(rank)
    low, high, same = before["average_score"], after["average_score"], before["segment"] == after["segment"]
    score = float(low + share * (high - low)) if same else float(low + 0.01 * share)
    return score, float(before["segment"]), float(rank)


@dataclass(frozen=True, eq=False)
class OfficialDraws:
    """What the official rule makes of draws.

    `rows`, by trust, hold the score (mean and interval) and, `with` and `without` the override, the probability of each
    segment with its error and ESS; `ranked` the rank statements of both.
    """

    rows: pd.DataFrame
    ranked: Mapping[str, RankSummary]


def score_official(scores: xr.DataArray, in_deficit: pd.Series, official: Official, *, prob: float) -> OfficialDraws:
    """P(segment) and the law of every rank from draws of the average score, with and without the override.

    Ranks of one draw: by adjusted segment, then score; ties keep their mass over the places that they share.
    """
    values = scores.transpose(CHAIN, DRAW, TRUST).to_numpy()
    tails = np.quantile(values, [(1 - prob) / 2, (1 + prob) / 2], axis=(0, 1))
    columns = {"score": values.mean(axis=(0, 1)), "score_lower": tails[0], "score_upper": tails[1]}
    rows = pd.DataFrame(columns, index=pd.Index(scores[TRUST].to_numpy(), name=TRUST))
    rows = rows.join(segment_probabilities(scores, in_deficit, official))
    ordered = scores.transpose(CHAIN, DRAW, TRUST)
    keys = {
        name: ordered.copy(data=_order_key(segments, values))
        for name, segments in _segments(values, _flags(scores, in_deficit), official).items()
    }
    return OfficialDraws(rows, {name: summarise_ranks(key, best="lowest", prob=prob) for name, key in keys.items()})


def segment_probabilities(scores: xr.DataArray, in_deficit: pd.Series, official: Official) -> pd.DataFrame:
    """P(segment 1 to 4) of each trust, `with` and `without` the override, each with its error and ESS."""
    values = scores.transpose(CHAIN, DRAW, TRUST).to_numpy()
    instead = _fallback(values)
    columns: dict[str, Floats] = {}
    for name, segments in _segments(values, _flags(scores, in_deficit), official).items():
        columns |= _segment_columns(segments, name, instead)
    return pd.DataFrame(columns, index=pd.Index(scores[TRUST].to_numpy(), name=TRUST))


def _flags(scores: xr.DataArray, in_deficit: pd.Series) -> NDArray[np.bool_]:
    return in_deficit.reindex(scores[TRUST].to_numpy()).to_numpy(bool)


def _segments(values: Floats, in_deficit: NDArray[np.bool_], official: Official) -> dict[str, NDArray[np.int64]]:
    raw = segment_of(values, official)
    return {"with": override(raw, in_deficit, official.override), "without": raw}


def _fallback(values: Floats) -> Floats:
    """ESS of each trust's score; for a trust whose score never changes, the smallest of the others."""
    series = np.moveaxis(values, -1, 0)
    found = ess_bulk_tail(series, instead=np.full(len(series), np.nan))
    smallest = np.nanmin(found) if np.isfinite(found).any() else float(series[0].size)
    return np.where(np.isfinite(found), found, smallest)


def _segment_columns(segments: NDArray[np.int64], name: str, instead: Floats) -> dict[str, Floats]:
    columns: dict[str, Floats] = {}
    for segment in SEGMENTS:
        series = np.moveaxis((segments == segment).astype(float), -1, 0)
        probability = series.mean(axis=(1, 2))
        sizes = ess(series, "bulk", instead=instead)
        columns[f"p_segment_{segment}_{name}"] = probability
        columns[f"p_segment_{segment}_{name}_mcse"] = probability_mcse(probability, sizes)
        columns[f"p_segment_{segment}_{name}_ess"] = sizes
    return columns
