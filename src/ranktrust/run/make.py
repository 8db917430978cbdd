"""The pieces of a run as they are made: an indicator answered, a trajectory followed, indicators added up."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from ranktrust.assemble import official_bands
from ranktrust.evidence import (
    fit_checks,
    independent,
    reversal_finding,
    reversed_by_scenarios,
    write_fit_checks,
    write_independent,
    write_sensitivity,
)
from ranktrust.files import write_text
from ranktrust.gate import Finding
from ranktrust.league import LeagueTable, Trajectory, with_scenarios, write_league_table
from ranktrust.run.answer import Answer, Report, answer_one
from ranktrust.run.composite_change import write_composite_change
from ranktrust.run.composites import write_scores
from ranktrust.run.decisions import write_decided
from ranktrust.run.keep import compiled_here
from ranktrust.run.profile import fit_profile
from ranktrust.run.sensitivity import sensitivity_of
from ranktrust.run.trajectories import follow_all
from ranktrust.run.work import Work
from ranktrust.store import write_tree
from ranktrust.study import Asked, Study

Said = Mapping[str, Any]


def make_indicator(work: Work, asked: Asked, part: Path, reports: tuple[Report, Report]) -> Said:
    """Answer one indicator and write its draws and tables; `reports` are for its answer and for its other choices."""
    study, (report, others) = work.study, reports
    answer = answer_one(study, asked, work.panels[asked.name], report=report)
    write_tree(answer.fit, part / "fits" / f"{asked.name}.nc")
    _write_findings(answer.findings, part / "tables" / asked.name)
    _write_review(study, asked, answer, part / "tables")
    table = answer.table
    if study.sensitivity is not None and table.facts.gate_passed:
        found = sensitivity_of(study, asked, answer, work.by_period[asked.name], cache=compiled_here(), report=others)
        write_sensitivity(found, part / "tables")
        table = with_scenarios(table, len(reversed_by_scenarios(found)), reversal_finding(found))
    write_league_table(table, part / "tables")
    write_decided(answer, table, part / "tables")
    return {}


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


def make_trajectory(work: Work, key: str, part: Path, report: Report) -> Said:
    """Follow one indicator over time and write its draws and tables."""
    follow_all(work.study, {key: work.courses[key]}, part, report)
    return {}


def make_scores(
    work: Work, tables: list[LeagueTable], followed: list[Trajectory], part: Path, report: Callable[[str], None]
) -> Said:
    """Fit the profile, add indicators up, and write the tables; what the manifest keeps, and whether it passed."""
    study = work.study
    profiled = fit_profile(study, work.together, work.shown, part, lambda step, _fraction: report(step))
    report("add up")
    scores = write_scores(study, work.shown, tables, part, profiled)
    write_composite_change(study, scores, work.courses, followed, part)
    return {"scores": scores, "passed": profiled is None or profiled.passed}
