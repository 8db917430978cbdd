"""Where tasks are done: by processes of this machine, or by the workers of a Dask cluster that is running.

Every worker does one task at a time, in a folder of its own for what is compiled; one that is lost loses its task,
which another is given. Only commands that are asked for workers import this module, and with it Dask.
"""

import logging
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import CancelledError
from contextlib import contextmanager, suppress
from functools import partial
from tempfile import TemporaryDirectory
from typing import Any, Final

import dask
from distributed import Client, Future, KilledWorker, LocalCluster, Worker, WorkerPlugin, as_completed

from ranktrust.errors import ClusterError, UsageError
from ranktrust.worker import Scatter, begin_worker

LOG = logging.getLogger("ranktrust.run")
LOSSES: Final = 3
"""After how many lost workers of this machine a task is given to none any more; a cluster has its own number."""
CONNECT: Final = 10
"""Seconds that a scheduler has to answer."""
APPEAR: Final = 60
"""Seconds that the first worker of a running cluster has to appear."""
CONNECTED: Final = "running"
"""What Dask calls a client whose scheduler is there."""
HOST: Final = "127.0.0.1"
_LOCAL: Final = {
    "distributed.scheduler.allowed-failures": LOSSES - 1,
    "distributed.scheduler.worker-saturation": 1.0,  # so that a worker that is lost takes one task with it
    "distributed.scheduler.http.routes": [],
    "distributed.worker.http.routes": [],
    # A task's result leaves a worker with it, so one above its share has nothing to put away: paused it waits for ever.
    "distributed.worker.memory.target": False,
    "distributed.worker.memory.spill": False,
    "distributed.worker.memory.pause": False,
}
_ONE_AT_A_TIME = threading.Lock()


class Beginning(WorkerPlugin):
    """What every worker does before its first task, also one that is started later, or in place of a lost one."""

    def __init__(self, *, own: bool) -> None:
        """`own` are the workers of this machine, which end with the process that started them and not by Ctrl-C."""
        self.own = own

    def setup(self, worker: Worker) -> None:
        """Have the worker begin; its folder goes when it ends."""
        begin_worker(worker.local_directory)
        if self.own:
            with suppress(ValueError):  # not in the main thread, where nothing is interrupted
                signal.signal(signal.SIGINT, signal.SIG_IGN)


@contextmanager
def local_workers(workers: int) -> Iterator[Scatter]:
    """Give a way to scatter over `workers` processes of this machine, which end with it.

    Only this process can speak to them: they listen on the machine's own address, ask for a certificate that is made
    for them and kept in memory, and show no dashboard. Raises UsageError for no worker.
    """
    if workers < 1:
        raise UsageError(f"--workers takes at least one process, not {workers}")
    with (
        TemporaryDirectory(prefix="ranktrust-", ignore_cleanup_errors=True) as scratch,
        dask.config.set(_LOCAL),
        LocalCluster(
            n_workers=workers, threads_per_worker=1, processes=True, host=HOST, security=True,
            dashboard_address=None, scheduler_kwargs={"dashboard_address": f"{HOST}:0"},
            local_directory=scratch, silence_logs=logging.CRITICAL,
        ) as cluster,
        Client(cluster, set_as_default=False) as client,
        _scatter_over(client, own=True) as scatter,
    ):  # fmt: skip
        yield scatter


@contextmanager
def running_cluster(address: str) -> Iterator[Scatter]:
    """Give a way to scatter over the workers of the Dask cluster whose scheduler is at `address`.

    Raises UsageError for what is no address, and for workers of several threads; ClusterError where no scheduler
    answers or no worker appears.
    """
    logging.getLogger("distributed").setLevel(logging.CRITICAL)
    client = _connected(address)
    with client:
        _check_workers(client, address)
        with _scatter_over(client, own=False) as scatter:
            yield scatter


def _connected(address: str) -> Client:
    try:
        return Client(address, timeout=CONNECT, set_as_default=False)
    except OSError as error:  # a TimeoutError too
        raise ClusterError(
            f"no Dask scheduler answers at {address} within {CONNECT} s; start one with `dask scheduler`, or see "
            "whether its address, its network and its certificates are those that are given here"
        ) from error
    except (ValueError, TypeError, RuntimeError) as error:
        raise UsageError(
            f"--scheduler takes the address of a Dask scheduler, such as tcp://10.0.0.5:8786, not {address}: {error}"
        ) from error


def _check_workers(client: Client, address: str) -> None:
    try:
        client.wait_for_workers(1, timeout=APPEAR)
    except TimeoutError as error:
        raise ClusterError(
            f"the scheduler at {address} has had no worker for {APPEAR} s; "
            f"start some: dask worker {address} --nthreads 1"
        ) from error
    threads = {worker["nthreads"] for worker in client.scheduler_info()["workers"].values()}
    if threads - {1}:
        raise UsageError(
            f"a worker of the cluster at {address} has {max(threads)} threads, and each needs to have one: start as "
            f"many workers as tasks are to be done at once, with dask worker {address} --nworkers N --nthreads 1"
        )


@contextmanager
def _scatter_over(client: Client, *, own: bool) -> Iterator[Scatter]:
    try:
        client.register_plugin(Beginning(own=own), name="ranktrust")
    except (ImportError, AttributeError) as error:
        raise ClusterError(f"the workers cannot load ranktrust: {error}; install the same one there as here") from error
    client.subscribe_topic("all", _say_losses)

    def scatter[T, R](make: Callable[[T], R], tasks: Sequence[T]) -> Iterator[R]:
        futures = client.map(partial(_one_task, make), tasks, pure=False, batch_size=None)
        try:
            for future in as_completed(futures, loop=client.loop):
                yield from _result_of(future)
                future.release()
        finally:
            if client.status == CONNECTED:
                client.cancel(futures, force=True)

    try:
        yield scatter
    finally:
        if client.status == CONNECTED:
            client.unsubscribe_topic("all")


def _one_task[T, R](make: Callable[[T], R], task: T) -> R:
    """One task, and no other in this process meanwhile, however many threads it was started with."""
    with _ONE_AT_A_TIME:
        return make(task)


def _result_of(future: "Future[Any]") -> Iterator[Any]:
    """The result of a task that has ended; nothing where it lost its workers again and again."""
    try:
        results = [future.result()]
    except KilledWorker as error:
        LOG.warning("a task lost %d workers and is given to none any more", error.allowed_failures + 1)
        return
    except CancelledError as error:
        raise ClusterError(
            "the connection to the Dask scheduler was lost; what was finished is kept, so run the same command again"
        ) from error
    yield from results


def _say_losses(event: tuple[float, Any]) -> None:
    """Say in the log that a worker that had something to do is gone."""
    _, said = event
    if isinstance(said, dict) and said.get("action") == "remove-worker" and said.get("processing-tasks"):
        LOG.warning("a worker was lost; what it had not finished is given to another, if it was not lost too often")
