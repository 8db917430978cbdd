"""Compile a loop; keep its machine code on disk where a folder for it can be written, else do without."""

from collections.abc import Callable
from typing import cast

from numba import njit


def compiled[**P, T](function: Callable[P, T]) -> Callable[P, T]:
    """Return `function` compiled on its first call, from the cache where there is one."""
    try:
        return cast("Callable[P, T]", njit(cache=True)(function))
    except RuntimeError:
        return cast("Callable[P, T]", njit(function))
