"""How a process that computes for another begins. Standard library only, as it runs before anything is imported."""

import os
from pathlib import Path
from typing import Final

_ONE_THREAD: Final = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")


def begin_worker(scratch: str) -> None:
    """Give this process a folder of its own for what is compiled, and one thread, before anything is imported."""
    folder = Path(scratch) / str(os.getpid())
    flags = [flag for flag in os.environ.get("PYTENSOR_FLAGS", "").split(",") if flag]
    os.environ["PYTENSOR_FLAGS"] = ",".join([*flags, f"base_compiledir={folder}"])
    os.environ.update(dict.fromkeys(_ONE_THREAD, "1"))
