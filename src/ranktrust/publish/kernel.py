"""One Python kernel of this environment, in a folder of its own, for one notebook after another."""

import asyncio
import logging
import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Lock, Timer, current_thread
from typing import Final

import nbformat
from jupyter_client.client import KernelClient
from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
from jupyter_client.manager import KernelManager
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

import ranktrust
from ranktrust.errors import RunError

LOG = logging.getLogger("ranktrust.run")
TIMEOUT: Final = 300
"""Seconds a cell may take."""
IDLE: Final = 30
"""Seconds that a kept kernel waits for the next page."""
_KEPT_LOCK: Final = Lock()
_KEPT: Final[list[tuple[ExitStack, "Kernel"]]] = []
_CLOCKS: Final[list[Timer]] = []
_NAME: Final = "ranktrust-pages"
_RESET: Final = "%reset -sf"


class _OwnSpecs(KernelSpecManager):
    """Knows one kernel: this interpreter. Whatever kernels are installed elsewhere play no part."""

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
        quiet = ["--HistoryManager.enabled=False", "--log-level=ERROR"]
        argv = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}", *quiet]
        return KernelSpec(argv=argv, display_name=kernel_name, language="python")


def code_cell(source: str) -> nbformat.NotebookNode:
    """A code cell of this text."""
    cell: nbformat.NotebookNode = nbformat.v4.new_code_cell(source)  # type: ignore[no-untyped-call]
    return cell


@dataclass
class Kernel:
    """A kernel that has been started, and the client that speaks to it once the first notebook has made it.

    A client of its own for each notebook would wait each time until nothing more is heard: a third of a page.
    """

    manager: KernelManager
    client: KernelClient | None = None


@contextmanager
def page_kernel() -> Iterator[Kernel]:
    """A kernel that is shut down at the end.

    The kernel runs in a temporary folder, imports the ranktrust that asked for it, and leaves nothing behind.
    """
    with TemporaryDirectory(prefix="ranktrust-") as folder:
        manager = KernelManager(kernel_name=_NAME, kernel_spec_manager=_OwnSpecs())
        manager.transport, manager.ip = "ipc", str(Path(folder) / "ipc")
        manager.connection_file = str(Path(folder) / "kernel.json")
        manager.start_kernel(cwd=folder, env=_surroundings(folder))
        kernel = Kernel(manager)
        try:
            yield kernel
        finally:
            if kernel.client is not None:
                kernel.client.stop_channels()
            manager.shutdown_kernel(now=True)
            manager.context.destroy(linger=0)


@contextmanager
def kept_kernel() -> Iterator[Kernel]:
    """What `page_kernel` gives, kept for the next use: one a process, as a start costs more than a page.

    It is shut down after `IDLE` seconds without use, after an error inside, and ends with the process.
    """
    with _KEPT_LOCK:
        _stop_clock()
        if not _KEPT:
            stack = ExitStack()
            _KEPT.append((stack, stack.enter_context(page_kernel())))
        try:
            yield _KEPT[0][1]
        except BaseException:
            _shut_down()
            raise
        clock = Timer(IDLE, _shut_down_idle)
        clock.daemon = True
        _CLOCKS.append(clock)
        clock.start()


def _stop_clock() -> None:
    while _CLOCKS:
        _CLOCKS.pop().cancel()


def _shut_down_idle() -> None:
    with _KEPT_LOCK:
        if current_thread() in _CLOCKS:  # else the kernel was taken up again as this clock ran out
            _shut_down()
            with suppress(RuntimeError):  # the loop that jupyter_client has made for this thread, if it made one
                asyncio.get_event_loop().close()


def _shut_down() -> None:
    while _KEPT:
        _KEPT.pop()[0].close()


def _surroundings(folder: str) -> dict[str, str]:
    """Give the environment of this process, its path to this package absolute, histories kept out of the home."""
    package = str(Path(ranktrust.__file__).resolve().parents[1])
    given = [str(Path(part).resolve()) for part in os.environ.get("PYTHONPATH", "").split(os.pathsep) if part]
    path = os.pathsep.join(dict.fromkeys([package, *given]))
    return {**os.environ, "PYTHONPATH": path, "IPYTHONDIR": folder, "MPLBACKEND": "agg", "PYTHONWARNINGS": "default"}


def execute(notebook: nbformat.NotebookNode, name: str, kernel: Kernel) -> nbformat.NotebookNode:
    """Run every cell of `notebook` in a clean namespace of the kernel and return it with its outputs.

    What a cell writes to its standard streams, a warning above all, goes to the log of the run and not to the page.

    Raises RunError that names the notebook, the cell and the message when a cell fails, takes too long or kills the
    kernel.
    """
    notebook.cells.insert(0, code_cell(_RESET))
    client = NotebookClient(notebook, km=kernel.manager, timeout=TIMEOUT)
    client.kc = kernel.client
    try:
        client.execute()
    except CellExecutionError as error:
        raise RunError(f"notebook {name}, {_where(notebook)}: {error.ename}: {error.evalue}") from error
    except (CellTimeoutError, DeadKernelError) as error:
        said = str(error).strip().splitlines()[0]
        raise RunError(f"notebook {name}, {_where(notebook)}: {said}") from error
    finally:
        notebook.cells.pop(0)
        kernel.client = client.kc
    for cell in notebook.cells:
        for output in [each for each in cell.get("outputs", ()) if each.output_type == "stream"]:
            LOG.warning("notebook %s wrote to %s: %s", name, output.name, output.text.strip())
            cell.outputs.remove(output)
    return notebook


def _where(notebook: nbformat.NotebookNode) -> str:
    """The last cell that was begun, by its number among the code cells as written and its first line."""
    code = [cell for cell in notebook.cells[1:] if cell.cell_type == "code"]
    begun = [place for place, cell in enumerate(code) if cell.metadata.get("execution")]
    place = begun[-1] if begun else 0
    first = code[place].source.strip().splitlines()[:1] if code else []
    return f"code cell {place + 1} ({''.join(first)})"
