"""Where pieces of a run are made: in other processes of this machine, a lost one replaced and its piece made again."""

import logging
import multiprocessing
import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager

from ranktrust.errors import UsageError
from ranktrust.worker import begin_worker

Scatter = Callable[[Callable[[str], str], Sequence[str]], Iterator[str]]
"""Calls a function with each name, wherever that may be, and gives what it returns as it comes."""

LOG = logging.getLogger("ranktrust.run")
LOSSES = 3
"""How many times in a row workers may be lost without anything finished between, until nobody is asked any more."""


@contextmanager
def processes(workers: int) -> Iterator[Scatter]:
    """Give a way to scatter over `workers` processes, each with a folder of its own for what is compiled.

    A worker that is lost takes at most its piece with it, which is then given to another; where workers are lost again
    and again the rest is left to the caller. Raises UsageError for no worker.
    """
    if workers < 1:
        raise UsageError(f"--workers takes at least one process, not {workers}")
    with tempfile.TemporaryDirectory(prefix="ranktrust-") as scratch:

        def scatter(make: Callable[[str], str], names: Sequence[str]) -> Iterator[str]:
            todo, losses = list(names), 0
            while todo and losses < LOSSES:
                before = len(todo)
                for name in _round(make, todo, min(workers, len(todo)), scratch):
                    todo.remove(name)
                    yield name
                losses = losses + 1 if len(todo) == before else 0

        yield scatter


def _round(make: Callable[[str], str], names: Sequence[str], workers: int, scratch: str) -> Iterator[str]:
    """One pool of workers and what it finishes, until all is done or a worker is lost."""
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(workers, mp_context=context, initializer=begin_worker, initargs=(scratch,))
    try:
        for future in as_completed([pool.submit(make, name) for name in names]):
            yield future.result()
    except BrokenProcessPool:
        LOG.warning("a worker was lost; what it had not finished is given to another")
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
