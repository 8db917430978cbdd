"""A study's run, stage after stage: figures to panels, fits, verdicts, tables, pages, manifest."""

import os
import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd

from ranktrust.assemble import assemble, ledger_of, official_bands
from ranktrust.assets import find_asset
from ranktrust.errors import RunError, UsageError
from ranktrust.evidence import (
    fit_checks,
    independent,
    reversal_finding,
    reversed_by_scenarios,
    write_fit_checks,
    write_independent,
    write_sensitivity,
)
from ranktrust.files import write_json, write_text
from ranktrust.gate import Finding
from ranktrust.league import LeagueTable, publishable_panel, tidy_rows, with_scenarios, write_league_table
from ranktrust.ledger import write_ledger
from ranktrust.manifest import ALLOWED, MANIFEST
from ranktrust.panel import Panel
from ranktrust.publish import (
    acting_jobs,
    data_job,
    gate_notice,
    indicator_jobs,
    render_pages,
    write_index,
    write_record,
    write_trusts_index,
)
from ranktrust.run.answer import Answer, Report, answer_one, statement_of
from ranktrust.run.certify import CARRIED, carry_certificates
from ranktrust.run.composite_change import write_composite_change
from ranktrust.run.composites import check_scores, jobs_of_scores, write_scores
from ranktrust.run.decisions import acting_notebooks, with_decisions, write_decided, write_neighbours
from ranktrust.run.profile import fit_profile, profile_statement, with_profile
from ranktrust.run.record import PAGES, contents_of, keep_notebooks, manifest_of, pages_of, run_id_of, timed
from ranktrust.run.sensitivity import sensitivity_of
from ranktrust.run.trajectories import courses_of, follow_all, jobs_of_trajectories, with_trajectories
from ranktrust.store import write_tree
from ranktrust.study import Asked, Study

_FIT_WEIGHT, _PAGE_WEIGHT = 6.0, 1.0


def run_study(
    study: Study,
    outputs: Path,
    *,
    allow_failed_gate: str | None = None,
    report: Report = lambda _step, _fraction: None,
) -> tuple[Path, bool]:
    """Answer a study in a new folder `outputs`/<study>/<run id> and point `latest` beside it to that folder.

    Returns the folder and whether every fit passed its gate. The folder appears whole, after its last page; whatever
    stops the run leaves none. `allow_failed_gate` is the reason to publish a run whose gate fails: it is kept in the
    manifest and stands on top of every page, if one fails. `report` is called with the step and the fraction done.
    Raises StudyError, ModelFileError, DataError, FitError or RunError, and UsageError for a reason without words.
    """
    _check_reason(allow_failed_gate)
    report, seconds = timed(report)
    report("read figures", 0.0)
    panels = assemble(study)
    statements = {asked.name: statement_of(study, asked, panels[asked.name]) for asked in study.indicator}
    check_scores(study, panels)
    courses, together = courses_of(study), profile_statement(study, panels)
    files = {**statements, **{key: course.model_file for key, course in courses.items()}, **together}
    run_id = run_id_of(study, files)
    folder = outputs / study.name / run_id
    shown = {name: publishable_panel(panel) for name, panel in panels.items()}
    ledger = ledger_of(study, shown)
    part = _part_of(folder)
    try:
        write_ledger(ledger, part / "tables")
        tables = _answer_all(study, panels, part, report)
        followed = follow_all(study, courses, part, lambda step, _fraction: report(step, _fit_share(study)))
        profiled = fit_profile(study, together, shown, part, lambda step, _fraction: report(step, _fit_share(study)))
        report("add up", _fit_share(study))
        scores = write_scores(study, shown, tables, part, profiled)
        write_composite_change(study, scores, courses, followed, part)
        carried = carry_certificates(study, panels, statements, outputs / study.name / CARRIED, part)
        manifest = with_profile({**manifest_of(study, run_id, statements, tables, carried), **scores}, profiled)
        manifest = with_decisions(with_trajectories(manifest, study, courses, followed), study)
        manifest[ALLOWED] = None if manifest["gate_passed"] else allow_failed_gate
        write_json(part / MANIFEST, manifest)
        keep_notebooks(study, manifest["notebooks"], part)
        _write_pages(study, part, tables, manifest, report)
        report("done", 1.0)
        write_json(part / MANIFEST, {**manifest, "seconds": seconds, "contents": contents_of(part)})
        write_record(part)
        _keep(part, folder)
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)
        raise
    _point_latest(folder)
    return folder, bool(manifest["gate_passed"])


def _check_reason(reason: str | None) -> None:
    if reason is not None and not reason.strip():
        raise UsageError("--allow-failed-gate needs a reason in words: it is printed on top of every page")


def _part_of(folder: Path) -> Path:
    """A new folder for the run in the making, beside the one it will be. Raises UsageError where none can be made."""
    part = folder.with_name(f".{folder.name}.{os.getpid()}.part")
    try:
        part.mkdir(parents=True)
    except OSError as error:
        said = f"{folder.parent} cannot hold a run: {error.strerror}; choose another folder with --out"
        raise UsageError(said) from error
    return part


def _keep(part: Path, folder: Path) -> None:
    try:
        part.replace(folder)
    except OSError as error:
        said = f"{folder} could not be made: {error.strerror}; another run may have its name: run again"
        raise RunError(said) from error


def _answer_all(study: Study, panels: Mapping[str, Panel], part: Path, report: Report) -> list[LeagueTable]:
    """Answer each indicator in turn; write draws and tables as they come."""
    cache: dict[Any, Any] = {}
    by_period = {} if study.sensitivity is None else assemble(study, summed=False)
    tables = []
    for place, asked in enumerate(study.indicator):
        step, others = _indicator_steps(study, place, report)
        answer = answer_one(study, asked, panels[asked.name], cache=cache, report=step)
        write_tree(answer.fit, part / "fits" / f"{asked.name}.nc")
        _write_findings(answer.findings, part / "tables" / asked.name)
        _write_review(study, asked, answer, part / "tables")
        table = answer.table
        if study.sensitivity is not None and table.facts.gate_passed:
            found = sensitivity_of(study, asked, answer, by_period[asked.name], cache=cache, report=others)
            write_sensitivity(found, part / "tables")
            table = with_scenarios(table, len(reversed_by_scenarios(found)), reversal_finding(found))
        write_league_table(table, part / "tables")
        write_decided(answer, table, part / "tables")
        tables.append(table)
    write_neighbours(panels, part / "tables")
    combined = pd.concat([tidy_rows(table) for table in tables])
    write_text(part / "tables" / "league_table.csv", combined.to_csv(index=False, lineterminator="\n"))
    return tables


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


def _write_findings(findings: tuple[Finding, ...], folder: Path) -> None:
    """Each finding's table as findings_<number>.csv; verdicts and sentences stand in the facts."""
    for number, finding in enumerate(findings):
        write_text(folder / f"finding_{number}.csv", finding.table.to_csv(lineterminator="\n"))


def _write_review(study: Study, asked: Asked, answer: Answer, tables: Path) -> None:
    """What a reviewer sets beside the model: its fit to the data, and the same figures by other methods."""
    if not answer.table.has_numbers:
        return
    checks = fit_checks(answer.fit, answer.panel)
    write_fit_checks(checks, tables, asked.name)
    bands, posterior = official_bands(study, asked, answer.panel), answer.fit["posterior"].to_dataset()
    found = independent(answer.panel, posterior, answer.table.rows, held_out=checks.trusts, official=bands)
    write_independent(found, tables, asked.name)


def _write_pages(
    study: Study, part: Path, tables: list[LeagueTable], manifest: Mapping[str, Any], report: Report
) -> None:
    league, diagnostics, data = (find_asset("notebooks", name, beside=study.folder) for name in PAGES)
    indicators = [table.facts.indicator for table in tables]
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
    jobs += jobs_of_trajectories(study, part)
    jobs.append(data_job(part, part / "pages", data))
    scores = jobs_of_scores(study, part)
    scores += acting_jobs(part, part / "pages", acting_notebooks(study))
    write_trusts_index(part, part / "pages", notice=gate_notice(manifest))
    start = _fit_share(study)
    noticed = [replace(job, notice=gate_notice(manifest)) for job in (*jobs, *scores)]
    render_pages(noticed, report=lambda name, fraction: report(f"page {name}", start + (1 - start) * fraction))
    write_index(part, tables, {**manifest, **manifest["study"]}, scores=[job.out.name for job in scores])


def _point_latest(folder: Path) -> None:
    """Point `latest` to the run: a relative link, replaced in one step."""
    link = folder.with_name("latest")
    fresh = folder.with_name(f".latest.{os.getpid()}")
    fresh.unlink(missing_ok=True)
    try:
        fresh.symlink_to(folder.name, target_is_directory=True)
        fresh.replace(link)
    except OSError as error:
        fresh.unlink(missing_ok=True)
        raise RunError(
            f"{link} could not be pointed to {folder.name}: {error.strerror}; the run itself is whole"
        ) from error
