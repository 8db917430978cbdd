"""One notebook to a page: parameters put in, executed by a kernel, converted by our own template."""

import html
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import nbformat
from nbconvert import HTMLExporter

from ranktrust.errors import RunError
from ranktrust.publish.explorer import SCRIPTS, explorer_script, policy_of
from ranktrust.publish.html import TEMPLATES, style_sheet
from ranktrust.publish.jobs import Job
from ranktrust.publish.kernel import Kernel, code_cell, execute

PARAMETERS: Final = "parameters"


def executed(job: Job, kernel: Kernel) -> nbformat.NotebookNode:
    """The job's notebook with the outputs that `kernel` gave it. Raises RunError that names the cell."""
    notebook = with_parameters(read_notebook(job.notebook), job.parameters, job.notebook.name)
    return execute(notebook, job.notebook.name, kernel)


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
    """An executed notebook as a page: our template, no script but the explorer's, nothing fetched."""
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
