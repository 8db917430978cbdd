"""Notebooks to pages: parameters put in, executed, converted by our own template, written whole or not at all."""

import html
import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import nbformat
from nbconvert import HTMLExporter

from ranktrust.errors import RunError
from ranktrust.evidence.files import FACTS as SENSITIVITY_FACTS
from ranktrust.files import write_text
from ranktrust.publish.explorer import SCRIPTS, explorer_script, policy_of
from ranktrust.publish.html import TEMPLATES, style_sheet
from ranktrust.publish.kernel import code_cell, execute, kept_kernel, page_kernel
from ranktrust.publish.names import (
    DATA_PAGE,
    SCORE_PAGES,
    league_page,
    review_page,
    run_pages,
    sensitivity_page,
    sibling_pages,
    trajectory_page,
)

PARAMETERS: Final = "parameters"


@dataclass(frozen=True)
class Job:
    """One page: the notebook, where the page goes, its parameters, and the pages it links to (address, words).

    `notice` are the sentences that stand on top of it.
    """

    notebook: Path
    out: Path
    parameters: Mapping[str, object]
    links: Sequence[tuple[str, str]] = ()
    notice: Sequence[str] = ()


def indicator_jobs(  # noqa: PLR0913 - the folder, where to, and a notebook a page
    run: Path,
    out: Path,
    indicators: Iterable[str],
    *,
    league: Path,
    diagnostics: Path,
    sensitivity: Path | None = None,
    followed: Collection[str] = (),
) -> list[Job]:
    """The pages of each indicator of a run folder, as jobs that write into `out`.

    That on what survives other choices is among them where its notebook `sensitivity` is given and the run has its
    tables; the pages of an indicator in `followed` lead to that on its change over time.
    """
    jobs = []
    for indicator in indicators:
        parameters = {"run": str(run.resolve()), "indicator": indicator}
        compared = sensitivity is not None and (run / "tables" / indicator / SENSITIVITY_FACTS).is_file()
        links = sibling_pages(indicator, sensitivity=compared, followed=indicator in followed)
        jobs.append(Job(league, out / league_page(indicator), parameters, links))
        if sensitivity is not None and compared:
            jobs.append(Job(sensitivity, out / sensitivity_page(indicator), parameters, links))
        jobs.append(Job(diagnostics, out / review_page(indicator), parameters, links))
    return jobs


def trajectory_job(run: Path, out: Path, indicator: str, *, notebook: Path) -> Job:
    """The page on an indicator's change over time, as a job that writes into `out`."""
    parameters = {"run": str(run.resolve()), "indicator": indicator}
    compared = (run / "tables" / indicator / SENSITIVITY_FACTS).is_file()
    links = sibling_pages(indicator, sensitivity=compared, followed=True)
    return Job(notebook, out / trajectory_page(indicator), parameters, links)


def data_job(run: Path, out: Path, notebook: Path) -> Job:
    """The page on the data of a run folder, as a job that writes into `out`."""
    return Job(notebook, out / DATA_PAGE, {"run": str(run.resolve())}, run_pages())


def score_jobs(run: Path, out: Path, notebooks: Mapping[str, Path]) -> list[Job]:
    """The pages of a run's scores as jobs that write into `out`; `notebooks` by the score's name."""
    parameters = {"run": str(run.resolve())}
    links = [*run_pages(), *(SCORE_PAGES[name] for name in notebooks)]
    return [Job(path, out / SCORE_PAGES[name][0], parameters, links) for name, path in notebooks.items()]


def render_page(notebook: Path, out: Path, *, parameters: Mapping[str, object]) -> Path:
    """Execute `notebook` with `parameters` and write it as one self-contained page to `out`.

    Raises RunError that names the notebook, the cell and the message when a cell fails; then nothing is written.
    """
    (path,) = render_pages([Job(notebook, out, parameters)])
    return path


def render_pages(
    jobs: Sequence[Job], *, report: Callable[[str, float], None] = lambda _page, _fraction: None
) -> list[Path]:
    """Render several pages with one kernel, each in a clean namespace; see `render_page`.

    `report` is called before each page with its file name and the fraction of the pages done.
    """
    pages = []
    with page_kernel() as manager, ThreadPoolExecutor(max_workers=1) as writer:
        for place, job in enumerate(jobs):
            report(job.out.name, place / len(jobs))
            pages.append(writer.submit(_write, _executed(job, manager), job))  # while the kernel runs the next notebook
        return [page.result() for page in pages]


def page_text(job: Job) -> str:
    """What `render_pages` would write, from the kernel that this process keeps for the next page; nothing is written.

    Raises RunError as it does.
    """
    with kept_kernel() as manager:
        executed = _executed(job, manager)
    return to_html(executed, job)


def _executed(job: Job, manager: Any) -> nbformat.NotebookNode:
    notebook = with_parameters(read_notebook(job.notebook), job.parameters, job.notebook.name)
    return execute(notebook, job.notebook.name, manager)


def _write(executed: nbformat.NotebookNode, job: Job) -> Path:
    return write_text(job.out, to_html(executed, job))


def read_notebook(path: Path) -> nbformat.NotebookNode:
    """The notebook in the file. Raises RunError when it cannot be read."""
    try:
        notebook: nbformat.NotebookNode = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
    except (OSError, ValueError, nbformat.ValidationError) as error:
        raise RunError(f"notebook {path} cannot be read: {error}") from error
    return notebook


def with_parameters(notebook: nbformat.NotebookNode, values: Mapping[str, object], name: str) -> nbformat.NotebookNode:
    """The notebook with a cell that sets `values` after the one tagged `parameters`. Raises RunError without a tag."""
    tagged = [place for place, cell in enumerate(notebook.cells) if PARAMETERS in cell.metadata.get("tags", ())]
    if len(tagged) != 1:
        raise RunError(f"notebook {name} has {len(tagged)} cells tagged {PARAMETERS!r}; it needs one")
    lines = "\n".join(f"{key} = {value!r}" for key, value in values.items())
    notebook.cells.insert(tagged[0] + 1, code_cell(lines))
    return notebook


def to_html(notebook: nbformat.NotebookNode, job: Job) -> str:
    """An executed notebook as a page: our template, no script, nothing fetched."""
    exporter = HTMLExporter(  # type: ignore[no-untyped-call]
        template_name="page", extra_template_basedirs=[str(TEMPLATES)], extra_template_paths=[str(TEMPLATES)],
        exclude_anchor_links=True,
    )  # fmt: skip
    title = _title(notebook, job.notebook.name)
    page = {"title": title, "css": style_sheet(), "pages": job.links, "own": job.out.name, "notice": job.notice}
    page |= _script_of(notebook)
    # HTMLExporter's own method reads the whole page again to mark up what our template does not have: half of the time.
    text, _ = super(HTMLExporter, exporter).from_notebook_node(notebook, resources={"ranktrust": page})
    return str(text)


def _script_of(notebook: nbformat.NotebookNode) -> dict[str, str]:
    """The script whose data a cell shows, and the policy that allows that script alone."""
    shown = "".join(
        output.get("data", {}).get("text/html", "") for cell in notebook.cells for output in cell.get("outputs", ())
    )
    script = next((explorer_script(mark) for mark in SCRIPTS if mark in shown), "")
    return {"script": script, "policy": policy_of(script)}


def _title(notebook: nbformat.NotebookNode, name: str) -> str:
    """The text of the first generated <h1>. Raises RunError where there is none."""
    for cell in notebook.cells:
        for output in cell.get("outputs", ()):
            found = re.search(r"<h1[^>]*>(.*?)</h1>", output.get("data", {}).get("text/html", ""), flags=re.DOTALL)
            if found:
                return html.unescape(re.sub(r"<[^>]+>", "", found[1])).strip()
    raise RunError(f"notebook {name} generates no headline, so its page has no title")
