"""The trajectories of a study's run: figures period by period, a fit each, the verdict, tables and a page."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from ranktrust.assemble import assemble_trajectories
from ranktrust.assets import find_asset
from ranktrust.errors import FitError, ModelFileError, StudyError
from ranktrust.files import sha256_of, write_text
from ranktrust.gate import Finding, diagnose, gate_passed
from ranktrust.league import (
    Following,
    Trajectory,
    diagnose_trajectory,
    publishable_panel,
    quantities,
    score_trajectory,
    without_trusts,
    write_trajectory,
)
from ranktrust.model import ModelFile, load_model
from ranktrust.panel import NO_SHARE, SpanPanels
from ranktrust.publish import Job, trajectory_job
from ranktrust.run.answer import SHARE, Report, question_of, sampling_of, seed_of
from ranktrust.run.keep import fit
from ranktrust.store import write_tree
from ranktrust.study import Asked, Followed, Study
from ranktrust.vocabulary import COVARIATE, TRUST, quarter_of

NOTEBOOK = "change_over_time"
KEPT = ("outcome", "national", "step", "s", "moving", "persistence", "unattributed_share", "beta")
"""What a run keeps of a trajectory's posterior: total and performance follow from figures and from context."""


@dataclass(frozen=True, eq=False)
class Course:
    """One trajectory that the study asks for: its figures, its statement, and the indicator's own [[indicator]]."""

    asked: Followed
    indicator: Asked
    panels: SpanPanels
    model_file: ModelFile

    @property
    def key(self) -> str:
        """The name of its fit and of its seed."""
        return key_of(self.asked.name)


def key_of(indicator: str) -> str:
    """The name under which a run keeps the fit of an indicator's trajectory."""
    return f"{indicator}_trajectory"


def courses_of(study: Study) -> dict[str, Course]:
    """Every trajectory of the study with its figures and statement, by `key`; all is checked before anything is fitted.

    Raises DataError, StudyError or ModelFileError.
    """
    indicators = {asked.name: asked for asked in study.indicator}
    if study.trajectory and study.ranks.latent == "total":
        raise StudyError(
            f"{study.path.name}: latent = 'total' ranks a single period with its noise, which no trajectory does; "
            "use 'outcome' or 'performance', or leave the [[trajectory]] tables out"
        )
    panels = {name: _publishable(spans) for name, spans in assemble_trajectories(study).items()}
    return {
        key_of(asked.name): Course(asked, indicators[asked.name], panels[asked.name], _statement(study, asked, panels))
        for asked in study.trajectory
    }


def _publishable(panels: SpanPanels) -> SpanPanels:
    """The figures without the trusts that have a hidden one in any period: a path gives away each of its figures."""
    shown = [publishable_panel(panel).trusts.index for panel in (panels.every, panels.latest, panels.window)]
    gone = {
        code
        for panel, kept in zip((panels.every, panels.latest, panels.window), shown, strict=True)
        for code in panel.trusts.index.difference(kept)
    }
    every, latest, window = (without_trusts(each, gone) for each in (panels.every, panels.latest, panels.window))
    return replace(panels, every=every, latest=latest, window=window)


def _statement(study: Study, asked: Followed, panels: Mapping[str, SpanPanels]) -> ModelFile:
    kind = panels[asked.name].every.only.kind
    model_file = load_model(asked.model or f"trajectory_{kind}", beside=study.folder)
    model_file.check_priors(asked.priors, where=study.path.name)
    there = panels[asked.name].every
    lacking = [name for name in model_file.needs if not _has(there, name)]
    if "period_idx" not in model_file.needs or lacking:
        why = (
            f"reads {', '.join(lacking)}, which figures of kind {kind!r} do not have" if lacking else "reads no period"
        )
        raise ModelFileError(
            f"{study.path.name}: model {model_file.name!r} {why} ({asked.name}); name another for its [[trajectory]]"
        )
    return model_file


def _has(panel: Any, field: str) -> bool:
    try:
        panel[field]
    except KeyError:
        return False
    return True


def follow_all(study: Study, courses: Mapping[str, Course], part: Path, report: Report) -> list[Trajectory]:
    """Fit, judge, score and write each trajectory in turn."""
    return [_follow(study, course, part, report) for course in courses.values()]


def _follow(study: Study, course: Course, part: Path, report: Report) -> Trajectory:
    def said(step: str, fraction: float) -> None:
        report(f"{course.asked.name} over time: {step}", fraction)

    tree = fit(
        course.panels.every,
        course.model_file,
        seed=seed_of(study, course.key),
        sampling=replace(sampling_of(study), draws=course.asked.draws),
        priors=course.asked.priors,
        predictive=False,
        report=said,
    )
    _check_finite(tree, course)
    drawn = quantities(tree, course.panels)
    said("judge and rank", 1.0)
    question = replace(question_of(study, course.indicator, course.model_file), scenario="this_period")
    one_month, checked = _one_month(study, course)
    findings = (*diagnose_trajectory(tree, drawn, course.panels, question), *checked)
    rng = np.random.default_rng(seed_of(study, course.key).spawn(4)[3])
    following = Following(question, course.asked.window, course.asked.change, course.indicator.months, rng, one_month)
    trajectory = score_trajectory(tree, drawn, course.panels, findings, following)
    write_tree(kept_of(tree, course.panels), part / "fits" / f"{course.key}.nc")
    for number, finding in enumerate(findings):
        name = f"trajectory_finding_{number}.csv"
        write_text(part / "tables" / course.asked.name / name, finding.table.to_csv(lineterminator="\n"))
    write_trajectory(trajectory, part / "tables")
    return trajectory


def _check_finite(tree: xr.DataTree, course: Course) -> None:
    """Raise FitError where a draw is not finite: nothing can be said of change, so the run says nothing at all."""
    posterior = tree["posterior"].to_dataset()
    bad = [str(name) for name, values in posterior.data_vars.items() if not np.isfinite(values).all()]
    if bad:
        raise FitError(
            f"model {course.model_file.name!r}, trajectory of {course.asked.name}: draws of {', '.join(bad)} are not "
            "finite; change the prior or parametrisation of the term that overflows, or leave the [[trajectory]] out"
        )


def _one_month(study: Study, course: Course) -> tuple[xr.DataArray | None, tuple[Finding, ...]]:
    """The latest period alone under the indicator's own cross-section, all variation taken as the trusts' own.

    Its draws, and one finding that passes where all of its own do.
    """
    panel = course.panels.latest
    if not panel.only.ranked_by_default and course.indicator.rank_despite_caution is None:
        return None, ()
    model_file = load_model(course.indicator.model or panel.only.kind, beside=study.folder)
    share = {SHARE: NO_SHARE.numbers} if SHARE in model_file.priors else {}
    priors = {**course.indicator.priors, **share}
    seed = seed_of(study, f"{course.key}_one_period")
    tree = fit(panel, model_file, seed=seed, sampling=sampling_of(study), priors=priors)
    quarter = quarter_of(len(panel.trusts))
    findings = diagnose(tree, best=panel.only.best, latent=study.ranks.latent, top=quarter, bottom=quarter)
    return tree["posterior"].to_dataset()[study.ranks.latent], (_as_one(findings),)


def _as_one(findings: tuple[Finding, ...]) -> Finding:
    failed = [finding for finding in findings if finding.verdict == "failed"]
    who = "The latest period by itself, which rank intervals are compared with,"
    if gate_passed(findings):
        return Finding("one period alone", "passed", f"{who} passed {len(findings)} checks.", "", pd.DataFrame())
    said = f"{who} failed: {' '.join(item.sentence for item in failed)}"
    return Finding("one period alone", "failed", said, "Draw longer: `draws` in [fit].", pd.DataFrame())


def kept_of(tree: xr.DataTree, panels: SpanPanels) -> xr.DataTree:
    """What a run keeps of a trajectory's fit: paths of outcome in single precision, parameters, national path.

    Context is kept beside them, so that performance = outcome - x beta can be formed; the counts are in data/.
    """
    posterior = tree["posterior"].to_dataset()
    kept = posterior[[name for name in KEPT if name in posterior]]
    context = xr.DataArray(panels.every["context"], dims=(TRUST, COVARIATE))
    small = xr.DataTree.from_dict(
        {
            "posterior": kept.assign(outcome=kept["outcome"].astype(np.float32)),
            "sample_stats": tree["sample_stats"].to_dataset(),
            "constant_data": xr.Dataset({"context": context}, coords={TRUST: panels.every.coords[TRUST]}),
        }
    )
    small.attrs = tree.attrs
    return small


def jobs_of_trajectories(study: Study, part: Path) -> list[Job]:
    """The page of each trajectory."""
    if not study.trajectory:
        return []
    notebook = find_asset("notebooks", NOTEBOOK, beside=study.folder)
    return [trajectory_job(part, part / "pages", asked.name, notebook=notebook) for asked in study.trajectory]


def with_trajectories(
    manifest: dict[str, Any], study: Study, courses: Mapping[str, Course], trajectories: list[Trajectory]
) -> dict[str, Any]:
    """The manifest with what its trajectories rest on; one that failed its gate fails the run."""
    if not courses:
        return manifest
    entries = [
        {
            "name": course.asked.name,
            "model": course.model_file.name,
            "model_sha256": course.model_file.sha256,
            "seed_spawn_key": list(seed_of(study, course.key).spawn_key),
            "trusts": trajectory.facts.n,
            "periods": list(trajectory.facts.periods),
            "priors": dict(trajectory.facts.priors),
            "gate_passed": trajectory.facts.gate_passed,
        }
        for course, trajectory in zip(courses.values(), trajectories, strict=True)
    ]
    notebook = {NOTEBOOK: sha256_of(find_asset("notebooks", NOTEBOOK, beside=study.folder))}
    passed = manifest["gate_passed"] and all(trajectory.facts.gate_passed for trajectory in trajectories)
    return {
        **manifest,
        "trajectories": entries,
        "gate_passed": passed,
        "notebooks": {**manifest["notebooks"], **notebook},
    }
