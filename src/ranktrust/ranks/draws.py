"""The boundary: a named array of draws in, an oriented array of numbers out.

Orientation happens here and nowhere deeper: behind this wall larger is better and rank 1 is best.
"""

from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from typing import get_args

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from ranktrust.errors import DataError, Fault, UsageError
from ranktrust.vocabulary import CHAIN, DRAW, RANK, Best

SAMPLE = "sample"
LEAST_DRAWS = 4
"""Fewer draws in a chain than this have no effective sample size."""
EXACT_INTEGER = 2**53


@dataclass(frozen=True)
class Draws:
    """Checked draws: `values` is (trust, chain, draw) in float64, finite; `trust_dim` and `trusts` name its rows."""

    values: NDArray[np.float64]
    trust_dim: str
    trusts: pd.Index

    @property
    def n(self) -> int:
        """How many trusts."""
        return len(self.values)


def check_best(best: str) -> None:
    """Raise UsageError unless `best` is one of the two words."""
    if best not in get_args(Best):
        raise UsageError(f'best must be "highest" or "lowest", not {best!r}')


def oriented(draws: xr.DataArray, *, best: Best) -> Draws:
    """Check draws and turn them so that larger is better.

    Negation of a float is exact, so no tie is made or lost.
    """
    check_best(best)
    checked = check_draws(draws)
    if best == "highest":
        return checked
    return Draws(-checked.values, checked.trust_dim, checked.trusts)


def check_draws(draws: xr.DataArray) -> Draws:
    """Check draws on their natural scale.

    `draws` has the dimensions `draw`, or `chain` and `draw`, or `sample`, and exactly one more, whose
    coordinate names the trusts. A `sample` stacked from whole chains is unstacked again; any other
    `sample` counts as one chain.

    Raises UsageError when dimensions, names or types do not fit, DataError (naming every trust
    concerned, with counts) when a draw is not a finite number.
    """
    if not isinstance(draws, xr.DataArray):
        raise UsageError(
            f"draws must be an xarray.DataArray, not {type(draws).__name__}; of a Dataset, pick one variable"
        )
    named = _with_chains(draws)
    trust_dim = _trust_dim(named)
    trusts = _names(named, trust_dim)
    values = _numbers(named.transpose(trust_dim, CHAIN, DRAW).values)
    _check_size(values)
    _check_finite(values, trusts)
    return Draws(values, trust_dim, trusts)


def trust_dimension(draws: xr.DataArray) -> str:
    """Name of the one dimension of `draws` that is not a sample dimension; UsageError if there is not one."""
    return _trust_dim(_with_chains(draws))


def select_trusts(draws: xr.DataArray, trusts: Iterable[Hashable]) -> xr.DataArray:
    """Draws of the trusts named, in the order named.

    Raises UsageError for a name that is not there or comes twice.
    """
    trust_dim = trust_dimension(draws)
    wanted = list(trusts)
    present = set(_names(draws, trust_dim))
    absent = [name for name in wanted if name not in present]
    if absent:
        raise UsageError(f"no {trust_dim} named {listed(absent)} in the draws")
    if len(set(wanted)) < len(wanted):
        raise UsageError(f"a {trust_dim} is named twice among {listed(wanted)}")
    return draws.sel({trust_dim: wanted})


def _with_chains(draws: xr.DataArray) -> xr.DataArray:
    """Return the same draws with dimensions `chain` and `draw`."""
    if SAMPLE in draws.dims:
        if CHAIN in draws.dims or DRAW in draws.dims:
            raise UsageError(f"draws have both `sample` and `chain` or `draw`: {listed(draws.dims)}; keep one form")
        return _unstacked(draws)
    if DRAW not in draws.dims:
        raise UsageError(
            f"draws need a dimension `draw` (and perhaps `chain`) or `sample`; these have {listed(draws.dims)}"
        )
    return draws if CHAIN in draws.dims else draws.expand_dims(CHAIN)


def _unstacked(draws: xr.DataArray) -> xr.DataArray:
    index = draws.indexes.get(SAMPLE)
    if isinstance(index, pd.MultiIndex) and set(index.names) == {CHAIN, DRAW} and index.is_unique:
        lengths = [len(index.unique(level)) for level in index.names]
        if np.prod(lengths) == len(index):
            return draws.unstack(SAMPLE)  # noqa: PD010 - xarray, not pandas
    bare = draws.drop_vars([name for name in (SAMPLE, CHAIN, DRAW) if name in draws.coords])
    return bare.rename({SAMPLE: DRAW}).expand_dims(CHAIN)


def _trust_dim(draws: xr.DataArray) -> str:
    rest = [str(dim) for dim in draws.dims if dim not in {CHAIN, DRAW}]
    if not rest:
        raise UsageError("draws have no dimension besides the sample dimensions: there is nothing to rank")
    if len(rest) > 1:
        raise UsageError(
            f"draws have {len(rest)} dimensions besides the sample dimensions: {listed(rest)}. "
            "Select one value of all but the one to be ranked: draws.sel(dim=value), or --select dim=value"
        )
    if rest[0] == RANK:
        raise UsageError("the dimension to be ranked may not be called `rank`; rename it")
    return rest[0]


def _names(draws: xr.DataArray, trust_dim: str) -> pd.Index:
    index: pd.Index | None = draws.indexes.get(trust_dim)
    if index is None:
        raise UsageError(
            f"dimension {trust_dim} has no coordinate; name its rows with draws.assign_coords({trust_dim}=names)"
        )
    if isinstance(index, pd.MultiIndex):
        raise UsageError(f"coordinate {trust_dim} has several levels; give each row one name")
    if not index.is_unique:
        raise UsageError(f"names in {trust_dim} are not unique: {listed(index[index.duplicated()].unique())}")
    if index.hasnans:
        raise UsageError(f"a name in {trust_dim} is missing")
    return index


def _numbers(values: NDArray[np.generic]) -> NDArray[np.float64]:
    """Return the same numbers as float64, exactly; anything that would be rounded is refused."""
    kind, size = values.dtype.kind, values.dtype.itemsize
    if kind in "iu" and size == 8 and values.size and _largest(values) > EXACT_INTEGER:
        raise UsageError("whole numbers beyond 2**53 would be rounded, which makes ties; rescale the draws")
    if kind not in "biuf" or (kind == "f" and size > 8):
        raise UsageError(f"draws must be real numbers of at most 64 bits, not {values.dtype}")
    return np.ascontiguousarray(values, dtype=np.float64)


def _largest(values: NDArray[np.generic]) -> int:
    return max(abs(int(values.min())), abs(int(values.max())))


def _check_size(values: NDArray[np.float64]) -> None:
    trusts, chains, draws = values.shape
    if trusts < 2:
        raise UsageError(f"ranking needs at least two trusts, and there is {trusts}")
    if trusts >= np.iinfo(np.int16).max:
        raise UsageError(f"{trusts} trusts are too many: at most {np.iinfo(np.int16).max - 1} can be ranked")
    if draws < LEAST_DRAWS or chains < 1:
        raise UsageError(f"{draws} draws a chain are too few: at least {LEAST_DRAWS} are needed")


def _check_finite(values: NDArray[np.float64], trusts: pd.Index) -> None:
    wrong = (~np.isfinite(values)).sum(axis=(1, 2))
    if not wrong.any():
        return
    total = values[0].size
    raise DataError(
        Fault(
            "draws", str(trusts[i]), f"{wrong[i]} of {total} draws are not finite numbers", "Find out why, then refit"
        )
        for i in np.flatnonzero(wrong).tolist()
    )


def listed(names: Iterable[Hashable], most: int = 10) -> str:
    """Return the names for a message, at most `most` of them and how many more."""
    shown = [str(name) for name in names]
    more = f" and {len(shown) - most} more" if len(shown) > most else ""
    return ", ".join(shown[:most]) + more
