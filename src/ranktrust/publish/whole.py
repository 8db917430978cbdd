"""A gated run to a folder to mail or to host: every page, the tables as files, and what they rest on."""

import re
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, Final, Protocol

from ranktrust.assets import find_asset
from ranktrust.errors import GateError, RunError, UsageError
from ranktrust.files import write_json
from ranktrust.manifest import ALLOWED, MANIFEST, read_manifest
from ranktrust.publish.crate import write_crate
from ranktrust.publish.jobs import Job, data_job, indicator_jobs, score_jobs, trajectory_job
from ranktrust.publish.loaded import Loaded, load_run
from ranktrust.publish.names import (
    INDEX_PAGE,
    METHOD_PAGE,
    PAGES,
    REGIONS_PAGE,
    SCORE_PAGES,
    SUPPORT_PAGE,
    league_page,
)
from ranktrust.publish.notice import failed_parts, gate_notice
from ranktrust.publish.ods import write_ods
from ranktrust.publish.package import write_tidy
from ranktrust.publish.pages import render_pages
from ranktrust.publish.record import write_record
from ranktrust.publish.report import REPORT, printer, write_report
from ranktrust.publish.site import write_index
from ranktrust.publish.tidy import published_tables
from ranktrust.publish.trusts import NOTEBOOKS, acting_jobs, write_trusts_index
from ranktrust.publish.workbook import write_workbook

FILES: Final = "data"
"""The folder of the publication's spreadsheet and data files."""
WORKBOOK: Final = "tables.xlsx"
ODS: Final = "tables.ods"


class Render(Protocol):
    """Writes pages, as `render_pages` does."""

    def __call__(self, jobs: Sequence[Job], *, report: Callable[[str, float], None]) -> list[Path]:
        """Write each job's page and give their paths."""


_SCORES: Final = {"profile": "profile", "composite": "composite", "official": "oversight"}
_LEAVE: Final = re.compile(r"(?:https?:|mailto:|data:|#)")


def publish_run(
    run: Path,
    out: Path,
    *,
    pdf: bool = False,
    render: Render | None = None,
    report: Callable[[str, float], None] = lambda _page, _part: None,
) -> Path:
    """Write the publication of the run folder `run` to the new folder `out` and return its index page.

    Nothing is fitted and nothing of a sampler is loaded. The folder appears whole: links inside lead to files inside,
    and no page loads anything. `render` writes the pages, `render_pages` where it is not given. `pdf` adds the main
    report as one tagged PDF. Raises GateError where the run failed its gate and no reason to publish it nevertheless
    was given with it, UsageError where `out` is in use or what prints is not installed, and RunError for a damaged run.
    """
    run = run.resolve()
    manifest = read_manifest(run)
    _check_gate(run, manifest)
    if pdf:
        printer()
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise UsageError(f"{out} is in use: name a new folder, or empty this one")
    part = out.resolve().with_name(f".{out.resolve().name}.part")
    shutil.rmtree(part, ignore_errors=True)
    try:
        _write_all(run, part, manifest, render or render_pages, report)
        if pdf:
            _write_report(run, part, manifest, report)
            _write_index(run, part, manifest)
        write_crate(part, manifest, _about(load_run(run), manifest))
        check_links(part)
        if out.exists():
            out.rmdir()
        part.replace(out)
    except OSError as error:
        raise RunError(f"{out} could not be written: {error.strerror or error}") from error
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return out / "index.html"


def _check_gate(run: Path, manifest: Mapping[str, Any]) -> None:
    if manifest["gate_passed"] or manifest.get(ALLOWED):
        return
    raise GateError(
        f"{run} failed its gate ({', '.join(failed_parts(manifest)) or 'see its diagnostics'}) and is not published. "
        "Mend what its diagnostics pages name and run the study again"
    )


def _write_all(
    run: Path, part: Path, manifest: Mapping[str, Any], render: Render, report: Callable[[str, float], None]
) -> None:
    loaded = load_run(run)
    notice = gate_notice(manifest)
    jobs = [replace(job, notice=notice) for job in site_jobs(run, part / PAGES, loaded)]
    render(jobs, report=report)
    write_trusts_index(run, part / PAGES, notice=notice)
    write_record(run, part)
    report("spreadsheets and data files", 1.0)
    _write_files(loaded, part / FILES, manifest)
    write_json(part / MANIFEST, manifest)
    _write_index(run, part, manifest)


def _write_index(run: Path, part: Path, manifest: Mapping[str, Any]) -> None:
    """The index, which leads to whatever is there by now."""
    scores = [page.name for page in (part / PAGES).glob("*.html")]
    tables = list(load_run(run).tables.values())
    write_index(part, tables, {**manifest, **manifest["study"]}, scores=scores, files=FILES, run=run)


def _write_report(run: Path, part: Path, manifest: Mapping[str, Any], report: Callable[[str, float], None]) -> None:
    """The main report: the index, every league table, support, regions and the method, those that are there."""
    report("report as PDF", 1.0)
    names = [*map(league_page, load_run(run).tables), SUPPORT_PAGE, REGIONS_PAGE, METHOD_PAGE]
    pages = [part / INDEX_PAGE, *(part / PAGES / name for name in names)]
    write_report([page for page in pages if page.is_file()], part / REPORT, title=str(manifest["study"]["title"]))


def site_jobs(run: Path, out: Path, loaded: Loaded) -> list[Job]:
    """Every page of a run's publication, from what its folder holds: its own notebooks before those that ship."""
    names, notebook = list(loaded.tables), partial(find_asset, "notebooks", beside=run)
    jobs = indicator_jobs(
        run,
        out,
        names,
        league=notebook("league_table"),
        diagnostics=notebook("diagnostics"),
        sensitivity=notebook("sensitivity"),
        followed=list(loaded.trajectories),
    )
    jobs += [trajectory_job(run, out, name, notebook=notebook("change_over_time")) for name in loaded.trajectories]
    if (run / "tables" / "data.json").is_file():
        jobs.append(data_job(run, out, notebook("data")))
    there = [name for name in SCORE_PAGES if (run / "tables" / name / "facts.json").is_file()]
    jobs += score_jobs(run, out, {name: notebook(_SCORES[name]) for name in there})
    return jobs + acting_jobs(run, out, {name: notebook(path) for name, path in NOTEBOOKS.items()})


def _write_files(loaded: Loaded, folder: Path, manifest: Mapping[str, Any]) -> None:
    tables, study = published_tables(loaded), manifest["study"]
    facts = [
        str(study["question"]),
        f"Made by ranktrust from run {manifest['run_id']}, {manifest['created']}. The pages beside it say how.",
        *gate_notice(manifest),
    ]
    contact = [f"Ask whoever publishes or hosts these files, and quote the run {manifest['run_id']}."]
    for write, name in ((write_workbook, WORKBOOK), (write_ods, ODS)):
        write(tables, folder / name, title=str(study["title"]), facts=facts, contact=contact)
    about = _about(loaded, manifest)
    sources = [{name: source[name] for name in ("title", "path") if source[name]} for source in about["sources"]]
    write_tidy(tables, folder, {**about, "sources": sources})


def _about(loaded: Loaded, manifest: Mapping[str, Any]) -> dict[str, Any]:
    """What the publication is and where its figures come from."""
    study, sources = manifest["study"], {}
    for name, table in loaded.tables.items():
        source = table.facts.source
        title = str(source.get("title", name))
        given = {"path": "address", "publisher": "publisher", "licence": "licence"}
        sources[title] = {"title": title, **{ours: str(source.get(theirs, "")) for ours, theirs in given.items()}}
    return {
        "name": re.sub(r"[^a-z0-9._-]", "-", str(study["name"]).lower()),
        "title": str(study["title"]),
        "description": str(study["question"]),
        "created": str(manifest["created"]),
        "version": str(manifest["run_id"]),
        "sources": list(sources.values()),
    }


def check_links(folder: Path) -> None:
    """Raise RunError where a page links to a file that is not in the folder, or loads anything from elsewhere."""
    broken = [fault for page in sorted(folder.rglob("*.html")) for fault in _faults(page)]
    if broken:
        raise RunError(f"{len(broken)} links lead nowhere: {'; '.join(broken[:10])}")


def _faults(page: Path) -> list[str]:
    text = page.read_text(encoding="utf-8")
    links = set(re.findall(r'<a\b[^>]*\shref="([^"]*)"', text))
    loads = set(re.findall(r'<(?!a\b)[a-z]+\b[^>]*\s(?:src|href)="([^"]*)"', text))
    lost = [link for link in links if not _LEAVE.match(link) and not (page.parent / link.split("#")[0]).is_file()]
    outside = [link for link in loads if not link.startswith(("data:", "#"))]
    return [f"{page.name} to {link}" for link in sorted([*lost, *outside])]
