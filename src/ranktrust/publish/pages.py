"""Jobs to pages, each written whole or not at all.

Jupyter is loaded where the first page is rendered: it takes two seconds, which neither a fit nor a page's kernel needs.
"""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from ranktrust.files import write_text
from ranktrust.publish.jobs import Job

if TYPE_CHECKING:
    from nbformat import NotebookNode


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
    from ranktrust.publish.kernel import page_kernel  # noqa: PLC0415 - see above
    from ranktrust.publish.notebook import executed, to_html  # noqa: PLC0415

    def write(notebook: "NotebookNode", job: Job) -> Path:
        return write_text(job.out, to_html(notebook, job))

    pages = []
    with page_kernel() as kernel, ThreadPoolExecutor(max_workers=1) as writer:
        for place, job in enumerate(jobs):
            report(job.out.name, place / len(jobs))
            pages.append(writer.submit(write, executed(job, kernel), job))  # while the kernel runs the next notebook
        return [page.result() for page in pages]


def page_text(job: Job) -> str:
    """What `render_pages` would write, from the kernel that this process keeps for the next page; nothing is written.

    Raises RunError as it does.
    """
    from ranktrust.publish.kernel import kept_kernel  # noqa: PLC0415 - see above
    from ranktrust.publish.notebook import executed, to_html  # noqa: PLC0415

    with kept_kernel() as kernel:
        notebook = executed(job, kernel)
    return to_html(notebook, job)
