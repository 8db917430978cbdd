"""The official scoring of a study as tables: P(segment) and ranks beside the published ones, and the agreement."""

from collections.abc import Mapping
from math import sqrt
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from ranktrust.assemble import read_table
from ranktrust.composite import (
    PLACED,
    SEGMENTS,
    OfficialDraws,
    ScoreTables,
    average_draws,
    compare_metric,
    deduced_scores,
    metric_delta,
    natural_levels,
    place_absent,
    pmf_frame,
    rank_facts,
    reproduction,
    score_official,
    segment_probabilities,
)
from ranktrust.errors import DataError, Fault, StudyError
from ranktrust.panel import Panel
from ranktrust.study import QUARTILES, Metric, Official, Study
from ranktrust.vocabulary import INDICATOR, KIND_COLUMNS, TRUST

NUMBERS = ("average_score", "score_low", "score_high", "segment", "in_deficit", "rank", "rank_low", "rank_high")
RANGES = ("score_low", "score_high", "rank_low", "rank_high")


def read_official(study: Study) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The published table of the study's trust type, by trust, and its metrics, trust by metric.

    Raises StudyError for a type or metric that the tables do not have, and DataError for a cell that is no number.
    """
    official = study.official
    assert official is not None
    league = read_table(official.table, study)
    rows = league.rows[league.rows["type"] == official.type].set_index(TRUST)
    if rows.empty:
        types = ", ".join(sorted(league.rows["type"].unique()))
        raise StudyError(f"[official] type {official.type!r} is not in {league.path.name}; there are: {types}")
    numbers = pd.DataFrame({name: pd.to_numeric(rows[name], errors="coerce") for name in NUMBERS})
    bad = [
        Fault(league.path.name, f"trust {rows.index[row]}, column {NUMBERS[column]}", "is no number", "Correct it")
        for row, column in np.argwhere((numbers.isna() & (rows[list(NUMBERS)] != "")).to_numpy())
    ]
    if bad:
        raise DataError(bad)
    return numbers.assign(subtype=rows["subtype"]), _metrics(study, official)


def _metrics(study: Study, official: Official) -> pd.DataFrame:
    table = read_table(f"{official.table}_metrics", study)
    values = pd.to_numeric(table.rows["value"])
    metrics = table.rows[[TRUST, "metric"]].join(values).pivot_table(index=TRUST, columns="metric", values="value")
    wanted = [name for metric in official.metric for name in (metric.published, metric.score) if name]
    wanted += [official.deduced.domain, official.deduced.metric] if official.deduced else []
    absent = sorted(set(wanted) - set(metrics.columns))
    if absent:
        raise StudyError(
            f"[official] names metrics that {table.path.name} does not have: {', '.join(absent)}; "
            f"there are: {', '.join(metrics.columns)}"
        )
    return metrics


def official_tables(
    study: Study, panels: Mapping[str, Panel], joined: xr.Dataset, passed: Mapping[str, bool]
) -> ScoreTables:
    """The official scoring of a study: `joined` are the draws of `join_fits`; `passed` says whose fit passed."""
    official = study.official
    assert official is not None
    published, metrics = read_official(study)
    placed = place_absent(published, official)
    kinds = {name: panels[name].only.kind for name in official.indicators}
    total = natural_levels(joined[["total"]].sel({INDICATOR: list(kinds)}), kinds)["total"]
    deltas = {metric.indicator: _delta(metric, total, panels[metric.indicator], metrics) for metric in official.metric}
    deltas = {name: delta.sel({TRUST: delta[TRUST].isin(placed.index)}) for name, delta in deltas.items()}
    scores = average_draws(placed, deltas, official)
    drawn = score_official(scores, placed["in_deficit"], official, prob=study.ranks.prob)
    wider = average_draws(placed, deltas, official, stretch=sqrt(official.count / len(deltas)))
    widened = segment_probabilities(wider, placed["in_deficit"], official)
    again = reproduction(placed, official)
    frames = {
        "rows": _rows(study, placed, drawn, deltas).assign(p_official_wider=_of_official(placed, widened)),
        "rank_pmf": pmf_frame(drawn.ranked["with"]),
        "rank_pmf_without": pmf_frame(drawn.ranked["without"]),
        "metrics": pd.DataFrame([_agreement(metric, panels, metrics) for metric in official.metric]).set_index(
            "metric"
        ),
        "reproduction": again,
    }
    modelled = frames["rows"].index[frames["rows"]["modelled"]]
    for name in ("rank_pmf", "rank_pmf_without"):
        frames[name] = frames[name].loc[frames["rows"].index]
    facts = {
        **_asked(study, official, placed, published),
        **rank_facts(scores, drawn.ranked["with"], "lowest"),
        "reproduced": int(again["agrees"].sum()),
        "reproduced_segment": int((again["our_segment"] == again["segment"]).sum()),
        "of": len(again),
        "quartiles": _by_quartiles(official, published),
        "modelled": len(modelled),
        "deduced": _deduced(official, metrics.loc[metrics.index.isin(published.index)]),
        "gate_passed": all(passed[name] for name in official.indicators),
    }
    return ScoreTables(facts, frames)


def _delta(metric: Metric, total: xr.DataArray, panel: Panel, metrics: pd.DataFrame) -> xr.DataArray:
    draws = total.sel({INDICATOR: metric.indicator}, drop=True)
    there = np.isfinite(draws.isel(chain=0, draw=0).to_numpy())
    return delta_of(metric, draws.isel({TRUST: there}), panel, metrics)


def delta_of(metric: Metric, draws: xr.DataArray, panel: Panel, metrics: pd.DataFrame) -> xr.DataArray:
    """What uncertainty adds to a metric's score: score of each draw less that of the trust's own figure in `panel`.

    `draws` are on the natural scale; `metrics` holds published values, trust by metric.
    """
    others = metrics[metric.published] / metric.scale if metric.published else pd.Series(dtype=float)
    return metric_delta(draws, raw_figures(panel), others, best=panel.only.best, meets=metric.meets)


def raw_figures(panel: Panel) -> pd.Series:
    """Each trust's published figure of the window on the natural scale: part of whole, observed of expected."""
    rows = panel.observations.set_index(TRUST)
    first, second = (rows[name] for name in KIND_COLUMNS[panel.only.kind])
    return first.astype(float) if panel.only.kind == "estimate" else first / second


def _rows(study: Study, placed: pd.DataFrame, drawn: OfficialDraws, deltas: Mapping[str, xr.DataArray]) -> pd.DataFrame:
    """One row a published trust, in the order of the official rank."""
    names = read_table("trusts", study).rows.set_index(TRUST)["name"]
    official = placed[["subtype", "average_score", "in_deficit", "segment", "rank", *RANGES]]
    rows = official.rename(columns={name: f"official_{name}" for name in ("segment", "rank", *RANGES)})
    drawn_for = set().union(*(delta[TRUST].to_numpy() for delta in deltas.values()))
    rows = rows.join(drawn.rows).assign(
        trust_name=names.reindex(rows.index).fillna(""), modelled=rows.index.isin(list(drawn_for))
    )
    for name, summary in drawn.ranked.items():
        for column in ("expected_rank", "expected_rank_mcse", "median_rank", "rank_lower", "rank_upper", "ess_rank"):
            rows[f"{column}_{name}"] = summary.table[column].to_series()
    for name in ("", "_mcse", "_ess"):
        rows[f"p_official{name}"] = _of_official(placed, drawn.rows, name)
    return rows[~placed[PLACED]].sort_values("official_rank", kind="stable")


def _of_official(placed: pd.DataFrame, drawn: pd.DataFrame, name: str = "") -> pd.Series:
    """The probability, or its error, of each trust's published segment."""
    every = drawn[[f"p_segment_{segment}_with{name}" for segment in SEGMENTS]].to_numpy()
    return pd.Series(every[np.arange(len(drawn)), placed["segment"].to_numpy(int) - 1], index=placed.index)


def _asked(study: Study, official: Official, placed: pd.DataFrame, published: pd.DataFrame) -> dict[str, Any]:
    """What the study asked for, as the page states it."""
    cut = {"quantiles": list(official.quantiles), "source": official.quantiles_source}
    if official.thresholds is not None:
        cut = {"thresholds": list(official.thresholds), "source": official.thresholds_source}
    return {
        "study": study.name,
        "study_title": study.title,
        "noun": study.trusts.noun,
        "title": official.title,
        "type": official.type,
        "cuts": cut,
        "override": official.override,
        "decimals": official.decimals,
        "count": official.count,
        "count_source": official.count_source,
        "missing": official.missing,
        "listed": len(published),
        "absent": int(placed[PLACED].sum()),
        "likely_ranges": bool(published[list(RANGES)].notna().any(axis=None)),
    }


def _by_quartiles(official: Official, published: pd.DataFrame) -> dict[str, int] | None:
    """How many segments, and pairs of segment and rank, plain quartiles give back; None where they are the rule."""
    plain = official.model_copy(update={"quantiles": QUARTILES, "thresholds": None})
    if plain == official:
        return None
    again = reproduction(place_absent(published, plain), plain)
    return {"segments": int((again["our_segment"] == again["segment"]).sum()), "pairs": int(again["agrees"].sum())}


def _deduced(official: Official, metrics: pd.DataFrame) -> dict[str, Any] | None:
    """How far our scores of one metric's published values differ from its published scores, as worked out."""
    asked = official.deduced
    if asked is None:
        return None
    found = deduced_scores(metrics[asked.domain], metrics[asked.metric], best=asked.best, others=SEGMENTS)
    size = found["difference"].abs()
    return {"metric": asked.metric, "n": len(found), "largest": float(size.max()), "mean": float(size.mean())}


def _agreement(metric: Metric, panels: Mapping[str, Panel], metrics: pd.DataFrame) -> dict[str, Any]:
    """How our figures and scores of a metric agree with what was published of it."""
    panel = panels[metric.indicator]
    nothing = pd.Series(dtype=float)
    published = metrics[metric.published] if metric.published else nothing
    scores = metrics[metric.score] if metric.score else nothing
    found = compare_metric(raw_figures(panel) * metric.scale, published, scores, best=panel.only.best)
    elsewhere = published[~published.index.isin(panel.trusts.index)].notna().sum()
    among = len(panel.trusts) + int(elsewhere)
    said = {"indicator": metric.indicator, "title": panel.only.title, "note": metric.note, "ranked_among": among}
    return {"metric": metric.published or metric.indicator, **said, "period": panel.periods[0], **found}
