"""How tasks are handed to processes that compute for another, and how such a process begins. Standard library only."""

import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final, Protocol

CORES: Final = "RANKTRUST_CORES"
"""The variable that says how many chains this process may run at once."""
_ONE_THREAD: Final = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")


class Scatter(Protocol):
    """Has a function called with each task, wherever that may be, and gives what it returns, as it comes.

    A task whose worker was lost again and again is left out: whoever asked does it, or says that it is not done. What
    the function raises is raised here.
    """

    def __call__[T, R](self, make: Callable[[T], R], tasks: Sequence[T]) -> Iterator[R]:
        """Give the results, in the order in which they come."""


def begin_worker(scratch: str) -> None:
    """Give this process a folder below `scratch` for what it compiles, and one thread, before anything is imported."""
    folder = Path(scratch) / f"compiled-{os.getpid()}"
    flags = [flag for flag in os.environ.get("PYTENSOR_FLAGS", "").split(",") if flag]
    os.environ["PYTENSOR_FLAGS"] = ",".join([*flags, f"base_compiledir={folder}"])
    os.environ.update(dict.fromkeys((*_ONE_THREAD, CORES), "1"))


def bounded_cores(wanted: int) -> int:
    """How many chains to run at once: as many as wanted, in a worker no more than its own share of the machine."""
    given = os.environ.get(CORES, "")
    return min(wanted, max(1, int(given))) if given.isdigit() else wanted
