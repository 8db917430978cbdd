"""A study's run, stage after stage: figures to panels, fits, verdicts, tables, pages, manifest."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd

from ranktrust.assemble import ledger_of
from ranktrust.assets import find_asset
from ranktrust.errors import UsageError
from ranktrust.files import write_json, write_text
from ranktrust.league import LeagueTable, Trajectory, read_league_table, read_trajectory, tidy_rows
from ranktrust.ledger import write_ledger
from ranktrust.manifest import ALLOWED, MANIFEST
from ranktrust.publish import (
    Job,
    acting_jobs,
    data_job,
    gate_notice,
    indicator_jobs,
    write_index,
    write_record,
    write_trusts_index,
)
from ranktrust.run.answer import Report
from ranktrust.run.barg import FILE as BARG
from ranktrust.run.barg import barg_text
from ranktrust.run.certify import CARRIED, carry_certificates
from ranktrust.run.composites import jobs_of_scores, notebooks_of
from ranktrust.run.decisions import acting_notebooks, with_decisions, write_neighbours
from ranktrust.run.finished import STORE, Piece, prune
from ranktrust.run.folders import drop, free_name, locked, logged, new_part, point_latest, settle, sweep
from ranktrust.run.keep import keeping, made_with_fits
from ranktrust.run.make import make_indicator, make_scores, make_trajectory
from ranktrust.run.record import PAGES, contents_of, keep_notebooks, manifest_of, pages_of, run_id_of, timed
from ranktrust.run.rendering import Rendered, render_kept
from ranktrust.run.tasks import errand_of, make_piece, pieces_to_make
from ranktrust.run.trajectories import jobs_of_trajectories, with_trajectories
from ranktrust.run.work import SCORES, Work, name_of_indicator, name_of_trajectory, pieces_of, work_of
from ranktrust.study import Study
from ranktrust.worker import Scatter

_FIT_WEIGHT, _PAGE_WEIGHT = 6.0, 1.0
LOG = logging.getLogger("ranktrust.run")


@dataclass(frozen=True, eq=False)
class _Making:
    """A run in the making: what it has to do, its folder, the store, and what became of each piece so far."""

    work: Work
    part: Path
    store: Path
    pieces: Mapping[str, Piece]
    report: Report
    used: set[str]
    scatter: Scatter | None
    taken: dict[str, bool] = field(default_factory=dict)

    def step(self, step: str, _fraction: float = 0.0) -> None:
        """Say that a step after the indicators' own has begun."""
        self.report(step, _fit_share(self.work.study))


def run_study(
    study: Study,
    outputs: Path,
    *,
    allow_failed_gate: str | None = None,
    scatter: Scatter | None = None,
    report: Report = lambda _step, _fraction: None,
) -> tuple[Path, bool]:
    """Answer a study in a new folder `outputs`/<study>/<run id> and point `latest` beside it to that folder.

    Returns the folder and whether every fit passed its gate. The folder appears whole, after its last page; whatever
    stops the run leaves none, but every fit, table and page that was finished stays in `outputs`/<study>/finished and
    is taken up by the next run that rests on the same things. `allow_failed_gate` is the reason to publish a run whose
    gate fails: it is kept in the manifest and stands on top of every page, if one fails. `report` is called with the
    step and the fraction done. With `scatter` fits and pages are made wherever it has them made, to the same byte.
    Raises StudyError, ModelFileError, DataError, FitError, RunError or ClusterError, and UsageError for a
    reason without words or a folder that another run holds.
    """
    _check_reason(allow_failed_gate)
    report, seconds = timed(report)
    report("read figures", 0.0)
    work = work_of(study)
    home = outputs / study.name
    with locked(home), keeping(home / STORE) as used:
        sweep(home)
        folder = free_name(home, run_id_of(study, work.model_files))
        part = new_part(folder)
        try:
            with logged(part):
                making = _Making(work, part, home / STORE, pieces_of(work), report, used, scatter)
                manifest, digests = _run(making, folder.name, allow_failed_gate)
            report("done", 1.0)
            write_json(part / MANIFEST, {**manifest, "seconds": seconds, "contents": contents_of(part)})
            write_record(part)
            settle(part, folder)
        except BaseException:
            drop(part)
            raise
        point_latest(folder)
        prune(home / STORE, digests | used)
    return folder, bool(manifest["gate_passed"])


def _check_reason(reason: str | None) -> None:
    if reason is not None and not reason.strip():
        raise UsageError("--allow-failed-gate needs a reason in words: it is printed on top of every page")


def _run(making: _Making, run_id: str, allowed: str | None) -> tuple[dict[str, Any], frozenset[str]]:
    """Make or take up every piece; the manifest, and the digests of the pages."""
    work, part, study = making.work, making.part, making.work.study
    LOG.info("run %s of %s begins", run_id, study.name)
    write_ledger(ledger_of(study, work.shown), part / "tables")
    _make_elsewhere(making)
    tables = _answer_all(making)
    followed = _follow_all(making)
    said = _piece(making, SCORES, lambda: make_scores(work, tables, followed, part, making.step))
    carried = carry_certificates(study, work.panels, work.statements, making.store.with_name(CARRIED), part)
    scores = {**said["scores"], "notebooks": notebooks_of(study)}
    manifest = {**manifest_of(study, run_id, work.statements, tables, carried), **scores}
    manifest["gate_passed"] = bool(manifest["gate_passed"] and said["passed"])
    manifest = with_decisions(with_trajectories(manifest, study, work.courses, followed), study)
    manifest[ALLOWED] = None if manifest["gate_passed"] else allowed
    write_json(part / MANIFEST, manifest)
    keep_notebooks(study, manifest["notebooks"], part)
    write_text(part / BARG, barg_text(manifest, tables, part / "tables"))
    rendered = _write_pages(making, tables, manifest)
    LOG.info("run %s ends, gate %s", run_id, "passed" if manifest["gate_passed"] else "failed")
    account = {"pieces": _account_of(making), "pages_rendered": list(rendered.fresh)}
    return {**manifest, **account}, rendered.digests


def _make_elsewhere(making: _Making) -> None:
    """Have other processes make what is not kept, where there are any; what they leave is made here, in its turn."""
    if making.scatter is None or not (asked := pieces_to_make(making.work, making.pieces, making.store)):
        return
    errand, share = errand_of(making.work.study, making.store), _fit_share(making.work.study)
    making.report(f"{len(asked)} pieces elsewhere", 0.0)
    for place, name in enumerate(making.scatter(partial(make_piece, errand), asked), start=1):
        LOG.info("%s made elsewhere", name)
        making.report(f"{name} made elsewhere", share * place / len(asked))


def _piece(making: _Making, name: str, make: Any) -> dict[str, Any]:
    """Make one piece or take it up, and note which; its fits stay in the store as long as it does."""
    LOG.info("%s begins", name)
    piece = making.pieces[name]
    said, making.taken[name] = made_with_fits(making.store, piece, making.part, make, making.used)
    LOG.info("%s %s", name, "taken up as it was finished before" if making.taken[name] else "made")
    return said


def _account_of(making: _Making) -> dict[str, Any]:
    """Each piece's digest, whether it was taken up, and the digests of what it rests on."""
    return {
        name: {"digest": piece.digest, "taken_up": making.taken[name], "inputs": dict(piece.inputs)}
        for name, piece in making.pieces.items()
    }


def _answer_all(making: _Making) -> list[LeagueTable]:
    """Answer each indicator in turn, or take its answer up; tables are read back from the run either way."""
    work, part = making.work, making.part
    report = making.report if making.scatter is None else making.step
    tables = []
    for place, asked in enumerate(work.study.indicator):
        steps = _indicator_steps(work.study, place, report)
        steps[0]("begin", 0.0)
        _piece(making, name_of_indicator(asked.name), lambda: make_indicator(work, asked, part, steps))  # noqa: B023 - called at once
        tables.append(read_league_table(part / "tables", asked.name))
    write_neighbours(work.panels, part / "tables")
    combined = pd.concat([tidy_rows(table) for table in tables])
    write_text(part / "tables" / "league_table.csv", combined.to_csv(index=False, lineterminator="\n"))
    return tables


def _follow_all(making: _Making) -> list[Trajectory]:
    """Follow each trajectory in turn, or take it up."""
    found = []
    for key, course in making.work.courses.items():
        name = course.asked.name
        _piece(making, name_of_trajectory(name), lambda: make_trajectory(making.work, key, making.part, making.step))  # noqa: B023 - called at once
        found.append(read_trajectory(making.part / "tables", name))
    return found


def _indicator_steps(study: Study, place: int, report: Report) -> tuple[Report, Report]:
    """Reports that turn the fractions of an indicator's answer, and of its other choices, into the run's."""
    indicator, share = study.indicator[place].name, _fit_share(study) / len(study.indicator)
    own = 1.0 if study.sensitivity is None else 0.5
    return (
        lambda step, fraction: report(f"{indicator}: {step}", share * (place + own * fraction)),
        lambda step, fraction: report(f"{indicator}: {step}", share * (place + own + (1 - own) * fraction)),
    )


def _fit_share(study: Study) -> float:
    """The part of a run's time that goes into fits, other choices as much as the published ones; pages are the rest."""
    fits = _FIT_WEIGHT * (1 if study.sensitivity is None else 2)
    return fits / (fits + _PAGE_WEIGHT * len(pages_of(study)))


def _write_pages(making: _Making, tables: list[LeagueTable], manifest: Mapping[str, Any]) -> Rendered:
    """Write every page; those that nothing has changed for are carried over."""
    study, part = making.work.study, making.part
    jobs, scores = _jobs(study, part, [table.facts.indicator for table in tables])
    write_trusts_index(part, part / "pages", notice=gate_notice(manifest))
    start = _fit_share(study)
    noticed = [replace(job, notice=gate_notice(manifest)) for job in (*jobs, *scores)]
    rendered = render_kept(
        making.store, part, noticed, manifest,
        lambda name, fraction: making.report(f"page {name}", start + (1 - start) * fraction), making.scatter,
    )  # fmt: skip
    LOG.info("%d of %d pages rendered, the others carried over", len(rendered.fresh), len(noticed))
    write_index(part, tables, {**manifest, **manifest["study"]}, scores=[job.out.name for job in scores])
    return rendered


def _jobs(study: Study, part: Path, indicators: list[str]) -> tuple[list[Job], list[Job]]:
    """The pages of indicators, trajectories and data; and those on scores and for people who act."""
    league, diagnostics, data = (find_asset("notebooks", name, beside=study.folder) for name in PAGES)
    more = [find_asset("notebooks", name, beside=study.folder) for name in pages_of(study) if name not in PAGES]
    jobs = indicator_jobs(
        part,
        part / "pages",
        indicators,
        league=league,
        diagnostics=diagnostics,
        sensitivity=more[0] if more else None,
        followed=[asked.name for asked in study.trajectory],
    )
    jobs += [*jobs_of_trajectories(study, part), data_job(part, part / "pages", data)]
    return jobs, [*jobs_of_scores(study, part), *acting_jobs(part, part / "pages", acting_notebooks(study))]
