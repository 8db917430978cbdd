"""A study's run, stage after stage: figures to panels, fits, verdicts, tables, pages, manifest."""

import os
import platform
import shutil
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from ranktrust import __version__
from ranktrust.assemble import assemble, figures_used
from ranktrust.assets import find_asset
from ranktrust.errors import ModelFileError, RunError
from ranktrust.files import sha256_of, write_json, write_text
from ranktrust.fit import CompileCache, Sampling, fit
from ranktrust.gate import Finding, diagnose
from ranktrust.league import LeagueTable, Question, score, tidy_rows, write_league_table
from ranktrust.manifest import MANIFEST
from ranktrust.model import ModelFile, PriorNumbers, load_model
from ranktrust.panel import Panel
from ranktrust.publish import indicator_jobs, render_pages, write_index
from ranktrust.store import write_tree
from ranktrust.study import Asked, Study
from ranktrust.vocabulary import SCHEMA_VERSION

Report = Callable[[str, float], None]
PACKAGES = (
    "arviz",
    "arviz_stats",
    "matplotlib",
    "nbconvert",
    "numba",
    "numpy",
    "nutpie",
    "pandas",
    "pymc",
    "pytensor",
    "xarray",
)
PAGES = ("league_table", "diagnostics")
_FIT_WEIGHT, _PAGE_WEIGHT = 6.0, 1.0


@dataclass(frozen=True, eq=False)
class Answer:
    """What a run made of one indicator: the panel, the statement, the draws, the findings and the table."""

    panel: Panel
    model_file: ModelFile
    fit: xr.DataTree
    findings: tuple[Finding, ...]
    table: LeagueTable


def run_study(study: Study, outputs: Path, *, report: Report = lambda _step, _fraction: None) -> tuple[Path, bool]:
    """Answer a study in a new folder `outputs`/<study>/<run id> and point `latest` beside it to that folder.

    Returns the folder and whether every fit passed its gate. The folder appears whole, after its last page; whatever
    stops the run leaves none. `report` is called with the step and the fraction done. Raises StudyError,
    ModelFileError, DataError, FitError or RunError.
    """
    report, seconds = timed(report)
    report("read figures", 0.0)
    panels = assemble(study)
    statements = {asked.name: statement_of(study, asked, panels[asked.name]) for asked in study.indicator}
    run_id = _run_id(study, statements)
    folder = outputs / study.name / run_id
    part = folder.with_name(f".{run_id}.part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    try:
        tables = _answer_all(study, panels, part, report)
        manifest = _manifest(study, run_id, statements, tables)
        write_json(part / MANIFEST, manifest)
        _write_pages(study, part, tables, manifest, report)
        report("done", 1.0)
        write_json(part / MANIFEST, {**manifest, "seconds": seconds, "contents": _contents(part)})
        part.replace(folder)
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)
        raise
    _point_latest(folder)
    return folder, bool(manifest["gate_passed"])


def timed(report: Report) -> tuple[Report, dict[str, float]]:
    """The same report, and a dict that holds the seconds spent in each step so far."""
    seconds: dict[str, float] = {}
    started: list[tuple[str, float]] = []

    def measured(step: str, fraction: float) -> None:
        now = time.monotonic()
        if started:
            name, since = started.pop()
            seconds[name] = round(seconds.get(name, 0.0) + now - since, 3)
        started.append((step, now))
        report(step, fraction)

    return measured, seconds


def _contents(part: Path) -> dict[str, str]:
    """SHA-256 of every file of the run but the manifest, by its place in the folder."""
    files = sorted(path for path in part.rglob("*") if path.is_file() and path.name != MANIFEST)
    return {path.relative_to(part).as_posix(): sha256_of(path) for path in files}


def statement_of(study: Study, asked: Asked, panel: Panel) -> ModelFile:
    """The model file that the study names, or the one called after the indicator's kind."""
    model_file = load_model(asked.model or panel.only.kind, beside=study.folder)
    model_file.check_priors(asked.priors, where=study.path.name)
    for name in model_file.needs:
        try:
            panel[name]
        except KeyError as error:
            raise ModelFileError(
                f"{study.path.name}: model {model_file.name!r} reads {name!r}, which figures of kind "
                f"{panel.only.kind!r} do not have ({asked.name}); name another model for this indicator"
            ) from error
    return model_file


def _run_id(study: Study, statements: Mapping[str, ModelFile]) -> str:
    digest = sha256(study.sha256.encode())
    for model_file in statements.values():
        digest.update(model_file.sha256.encode())
    for name, file_digest in figures_used(study).items():
        digest.update(f"{name}{file_digest}".encode())
    return f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{digest.hexdigest()[:8]}"


def _answer_all(study: Study, panels: Mapping[str, Panel], part: Path, report: Report) -> list[LeagueTable]:
    """Answer each indicator in turn; write draws and tables as they come."""
    cache: CompileCache = {}
    tables = []
    for place, asked in enumerate(study.indicator):
        step = _indicator_step(asked.name, place, len(study.indicator), report)
        answer = answer_one(study, asked, panels[asked.name], cache=cache, report=step)
        write_tree(answer.fit, part / "fits" / f"{asked.name}.nc")
        _write_findings(answer.findings, part / "tables" / asked.name)
        write_league_table(answer.table, part / "tables")
        tables.append(answer.table)
    combined = pd.concat([tidy_rows(table) for table in tables])
    write_text(part / "tables" / "league_table.csv", combined.to_csv(index=False, lineterminator="\n"))
    return tables


def _indicator_step(indicator: str, place: int, count: int, report: Report) -> Report:
    """A report that turns an indicator's fraction into the run's."""
    share = _FIT_WEIGHT / (_FIT_WEIGHT + _PAGE_WEIGHT * len(PAGES)) / count
    return lambda step, fraction: report(f"{indicator}: {step}", share * (place + fraction))


def answer_one(
    study: Study,
    asked: Asked,
    panel: Panel,
    *,
    cache: CompileCache | None = None,
    report: Report = lambda _step, _fraction: None,
) -> Answer:
    """Fit, judge and score one indicator of a study; nothing is written."""
    model_file = statement_of(study, asked, panel)
    draws = fit(
        panel,
        model_file,
        seed=seed_of(study, asked.name),
        sampling=_sampling(study),
        priors=_priors(study, asked, panel, model_file),
        cache=cache,
        report=report,
    )
    report("judge and rank", 1.0)
    question = _question(study, asked, model_file)
    quarter = max(1, (len(panel.trusts) + 1) // 4)
    findings = diagnose(
        draws,
        best=panel.only.best,
        latent=question.latent,
        top=question.top or quarter,
        bottom=question.bottom or quarter,
    )
    return Answer(panel, model_file, draws, findings, score(draws, panel, findings, question))


def seed_of(study: Study, indicator: str) -> np.random.SeedSequence:
    """The root of all randomness of one indicator: the study's seed and a digest of the indicator's name.

    So adding or reordering indicators leaves the draws of the others as they were.
    """
    key = int.from_bytes(sha256(indicator.encode()).digest()[:4])
    return np.random.SeedSequence(study.fit.seed, spawn_key=(key,))


def _sampling(study: Study) -> Sampling:
    settings = study.fit.model_dump(exclude={"seed"})
    return Sampling(**settings, cores=min(study.fit.chains, os.cpu_count() or 1))


def _priors(study: Study, asked: Asked, panel: Panel, model_file: ModelFile) -> dict[str, PriorNumbers]:
    """The study's own prior numbers, and the indicator's declared share where the statement has one."""
    shares = panel.only.shares
    if "unattributed_share" not in model_file.priors:
        return dict(asked.priors)
    if study.scenario not in shares:
        raise RunError(
            f"{asked.name} declares no unattributed_share for the scenario {study.scenario!r}; "
            f"it has: {', '.join(shares)}. Declare one in indicators.toml, with its source"
        )
    return {"unattributed_share": shares[study.scenario].numbers, **asked.priors}


def _question(study: Study, asked: Asked, model_file: ModelFile) -> Question:
    return Question(
        study=study.name,
        study_title=study.title,
        noun=study.trusts.noun,
        set_description=study.trusts.description,
        statement=model_file.statement,
        scenario=study.scenario,
        latent=study.ranks.latent,
        prob=study.ranks.prob,
        top=study.ranks.top,
        bottom=study.ranks.bottom,
        rank_reason=asked.rank_despite_caution,
    )


def _write_findings(findings: tuple[Finding, ...], folder: Path) -> None:
    """Each finding's table as findings_<number>.csv; verdicts and sentences stand in the facts."""
    for number, finding in enumerate(findings):
        write_text(folder / f"finding_{number}.csv", finding.table.to_csv(lineterminator="\n"))


def _manifest(
    study: Study, run_id: str, statements: Mapping[str, ModelFile], tables: list[LeagueTable]
) -> dict[str, Any]:
    return {
        "schema_version": SCHEMA_VERSION,
        "run_id": run_id,
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "study": {"name": study.name, "title": study.title, "question": study.question, "sha256": study.sha256},
        "settings": study.model_dump(mode="json", include={"date", "scenario", "nested", "context", "fit", "ranks"}),
        "indicators": [
            {
                "name": table.facts.indicator,
                "model": table.facts.model,
                "model_sha256": statements[table.facts.indicator].sha256,
                "seed_spawn_key": list(seed_of(study, table.facts.indicator).spawn_key),
                "trusts": table.facts.n,
                "gate_passed": table.facts.gate_passed,
            }
            for table in tables
        ],
        "gate_passed": all(table.facts.gate_passed for table in tables),
        "figures": figures_used(study),
        "lock_sha256": _lock_sha256(),
        "versions": _versions(),
    }


def _versions() -> dict[str, str]:
    found = {"ranktrust": __version__, "python": platform.python_version(), "machine": platform.machine()}
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "not installed"
    return found


def _lock_sha256() -> str | None:
    """The digest of the lock beside the package's source; None for an installed wheel, which has no lock."""
    lock = Path(__file__).resolve().parents[2] / "requirements" / "lock.txt"
    return sha256_of(lock) if lock.is_file() else None


def _write_pages(
    study: Study, part: Path, tables: list[LeagueTable], manifest: Mapping[str, Any], report: Report
) -> None:
    league, diagnostics = (find_asset("notebooks", name, beside=study.folder) for name in PAGES)
    indicators = [table.facts.indicator for table in tables]
    jobs = indicator_jobs(part, part / "pages", indicators, league=league, diagnostics=diagnostics)
    start = _FIT_WEIGHT / (_FIT_WEIGHT + _PAGE_WEIGHT * len(PAGES))
    render_pages(jobs, report=lambda name, fraction: report(f"page {name}", start + (1 - start) * fraction))
    write_index(part, tables, manifest["study"])


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
