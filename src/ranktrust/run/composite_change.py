"""The composite of a study over time, from the trajectories of those of its indicators that are followed."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import pandas as pd
import xarray as xr

from ranktrust.composite import (
    ScoreTables,
    change_of_score,
    common_periods,
    domains_of,
    draw_weights,
    leave_out,
    mean_weights,
    paths_of_score,
    score_paths,
    write_tables,
)
from ranktrust.gate import Finding, diagnose_reported, gate_passed
from ranktrust.league import CERTAIN, Trajectory, expected_wrong
from ranktrust.panel import reported
from ranktrust.run.answer import seed_of
from ranktrust.run.trajectories import Course
from ranktrust.store import read_tree
from ranktrust.study import Composite, Study
from ranktrust.vocabulary import CHAIN, COVARIATE, DRAW, INDICATOR, PERIOD

OVER_TIME: Final = "composite_change"
"""The folder of the tables."""


def write_composite_change(
    study: Study, scores: Mapping[str, Any], courses: Mapping[str, Course], followed: list[Trajectory], part: Path
) -> None:
    """Write tables/composite_change/ where the study's composite has indicators that are followed over time.

    `scores` is what the manifest keeps of the composite, whose standardising constants serve every period.
    """
    if study.composite is None:
        return
    constants = pd.DataFrame(scores["composite"]).set_index(INDICATOR)
    tables = composite_over_time(study, constants, courses, followed, part)
    if tables is not None:
        write_tables(tables, part / "tables" / OVER_TIME)


def composite_over_time(
    study: Study, constants: pd.DataFrame, courses: Mapping[str, Course], followed: list[Trajectory], part: Path
) -> ScoreTables | None:
    """The score of the composite's followed indicators in every period that they share.

    None where the composite adds up fewer than two followed indicators, or they share fewer than two periods.
    Frames: `rows` (by trust, the change between the first and the last shared period) and `paths`. A trust that lacks a
    figure in either period on any of them is named in the facts and has no row.
    """
    composite = study.composite
    if composite is None:
        return None
    chosen = {course.asked.name: course for course in courses.values() if course.asked.name in composite.indicators}
    periods = common_periods([course.panels.every.periods for course in chosen.values()]) if chosen else ()
    if len(chosen) < 2 or len(periods) < 2:
        return None
    trees = {name: read_tree(part / "fits" / f"{course.key}.nc") for name, course in chosen.items()}
    levels = {name: level_of(tree, study.ranks.latent).sel({PERIOD: list(periods)}) for name, tree in trees.items()}
    trusts = _trusts(chosen, (periods[0], periods[-1]))
    scores = score_paths(levels, constants.loc[list(chosen)], _weights(study, composite, levels), trusts)
    findings = _judge(scores, trees)
    rows = change_of_score(scores, prob=study.ranks.prob)
    names = next(iter(chosen.values())).panels.every.trusts[["name", "region"]].rename(columns={"name": "trust_name"})
    frames = {"rows": names.join(rows, how="right"), "paths": paths_of_score(scores, prob=study.ranks.prob)}
    facts = {
        **_asked(study, composite, chosen, trusts),
        "before": periods[0],
        "latest": periods[-1],
        "periods": list(periods),
        "draws": scores.sizes[CHAIN] * scores.sizes[DRAW],
        "expected_wrong": {name: expected_wrong(rows[name]) for name in ("p_improved", "p_gained")},
        "gate_passed": gate_passed(findings) and all(each.facts.gate_passed for each in followed),
        "findings": [
            {"name": item.name, "verdict": item.verdict, "sentence": item.sentence, "remedy": item.remedy}
            for item in findings
        ],
    }
    return ScoreTables(facts, frames)


def level_of(tree: xr.DataTree, latent: str) -> xr.DataArray:
    """Paths of outcome, or of performance, which is outcome less what context explains, as a run keeps them."""
    posterior = tree["posterior"].to_dataset()
    outcome = posterior["outcome"].astype(float)
    if latent == "outcome" or "beta" not in posterior:
        return outcome
    context = tree["constant_data"].to_dataset()["context"].drop_vars(COVARIATE, errors="ignore")
    explained = xr.dot(context, posterior["beta"].drop_vars(COVARIATE, errors="ignore"), dim=COVARIATE)
    performance: xr.DataArray = (outcome - explained).transpose(*outcome.dims)
    return performance


def _trusts(chosen: Mapping[str, Course], ends: tuple[str, str]) -> list[str]:
    """The trusts with a figure at both ends on every indicator, in the order of the first."""
    there = [reported(course.panels.every, ends) for course in chosen.values()]
    return [trust for trust in there[0] if all(trust in other for other in there)]


def _weights(study: Study, composite: Composite, levels: Mapping[str, xr.DataArray]) -> xr.DataArray:
    """The composite's weights without the indicators that are not followed."""
    sizes = [draws.sizes for draws in levels.values()]
    seed = seed_of(study, "weights of the composite over time")
    whole = draw_weights(composite, chains=sizes[0][CHAIN], draws=min(each[DRAW] for each in sizes), seed=seed)
    return leave_out(whole, domains_of(composite), [name for name in composite.indicators if name not in levels])


def _judge(scores: xr.DataArray, trees: Mapping[str, xr.DataTree]) -> tuple[Finding, ...]:
    """The gate over scores, their change and their ranks, with the sampler's statistics of every trajectory."""
    statistics = [tree["sample_stats"].to_dataset() for tree in trees.values()]
    shared = sorted(set.intersection(*(set(map(str, each.data_vars)) for each in statistics)))
    numbered = [
        each[shared].drop_vars(CHAIN, errors="ignore").isel({DRAW: slice(scores.sizes[DRAW])}) for each in statistics
    ]
    tree = xr.DataTree.from_dict({
        "posterior": scores.to_dataset(name="score"),
        "sample_stats": xr.concat(numbered, dim=CHAIN, join="override"),
    })  # fmt: skip
    now, before = (scores.isel({PERIOD: place}, drop=True) for place in (-1, 0))
    levels = {"scores": {"score": scores}, "changes": {"change": now - before}}
    events = {"P(improved)": ((now > before).astype(float), "latest")}
    return diagnose_reported(tree, levels, {"latest": now}, best="highest", events=events)


def _asked(study: Study, composite: Composite, chosen: Mapping[str, Course], trusts: list[str]) -> dict[str, Any]:
    weights = mean_weights(composite)
    left = [name for name in composite.indicators if name not in chosen]
    kept = leave_out(weights, domains_of(composite), left)
    names = next(iter(chosen.values())).panels.every.trusts["name"]
    return {
        "study": study.name,
        "title": composite.title,
        "noun": study.trusts.noun,
        "set_description": study.trusts.description,
        "latent": study.ranks.latent,
        "prob": study.ranks.prob,
        "certain": CERTAIN,
        "n": len(trusts),
        "indicators": [
            {
                "name": name,
                "title": course.panels.every.only.title,
                "weight": float(kept.sel({INDICATOR: name})),
                "model": course.model_file.name,
            }
            for name, course in chosen.items()
        ],
        "weight_followed": float(weights.sel({INDICATOR: list(chosen)}).sum()),
        "not_followed": left,
        "absent": [f"{names[trust]} ({trust})" for trust in names.index if trust not in set(trusts)],
    }
