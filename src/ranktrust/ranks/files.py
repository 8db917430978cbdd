"""Draws from a file: a netCDF DataTree, or a wide CSV.

A reader of draws knows nothing but draws, so it lives with the rank statements that need them and not with intake,
which reads what publishers publish.
"""

from collections.abc import Mapping
from pathlib import Path

import xarray as xr

from ranktrust.errors import DataError, Fault, UsageError
from ranktrust.ranks.draws import listed, trust_dimension
from ranktrust.ranks.wide import read_wide
from ranktrust.vocabulary import CHAIN, DRAW

NETCDF = (".nc", ".nc4", ".netcdf", ".h5", ".hdf5")
POSTERIOR = "posterior"


def read_draws(path: Path, *, variable: str = "outcome", select: Mapping[str, str] | None = None) -> xr.DataArray:
    """Draws as a DataArray with the sample dimensions and one more.

    From a netCDF file: `variable` of group `posterior`, one value picked of each dimension in `select` (a coordinate
    is compared as text). From a CSV: see `ranks.wide`; there `variable` is not used and `select` must be empty.

    Raises UsageError for a file, variable, dimension or value that is not there, listing what is; DataError for a
    file that cannot be read as what it claims to be.
    """
    if not path.is_file():
        raise UsageError(f"no file {path}")
    if path.suffix.lower() in NETCDF:
        return _picked(_posterior_variable(path, variable), select or {})
    if path.suffix.lower() != ".csv":
        raise UsageError(f"{path.name}: draws are read from .csv and from netCDF ({', '.join(NETCDF)})")
    if select:
        raise UsageError("a CSV has no dimension to select from: its columns are the trusts")
    return read_wide(path)


def _posterior_variable(path: Path, variable: str) -> xr.DataArray:
    posterior = _posterior(path)
    if variable not in posterior.data_vars:
        raise UsageError(f"{path.name} has no variable {variable}; there are: {listed(posterior.data_vars)}")
    return posterior[variable]


def _posterior(path: Path) -> xr.Dataset:
    try:
        with xr.open_datatree(path, engine="netcdf4") as tree:
            groups = listed(tree.children) or "none"
            found = tree.children[POSTERIOR].to_dataset().load() if POSTERIOR in tree.children else None
    except (OSError, ValueError, RuntimeError) as error:
        fault = Fault(path.name, "the file", f"not readable as netCDF ({error})", "Write it again with to_netcdf")
        raise DataError([fault]) from error
    if found is None:
        raise UsageError(f"{path.name} has no group {POSTERIOR}; there are: {groups}")
    return found


def _picked(draws: xr.DataArray, select: Mapping[str, str]) -> xr.DataArray:
    for dim, value in select.items():
        rest = [str(name) for name in draws.dims if name not in {CHAIN, DRAW}]
        if dim not in rest:
            raise UsageError(f"no dimension {dim} to select from; there are: {listed(rest)}")
        draws = draws.isel({dim: _position(draws, dim, value)})
    trust_dimension(draws)
    return draws


def _position(draws: xr.DataArray, dim: str, value: str) -> int:
    names = [str(name) for name in draws[dim].values]
    if value not in names:
        raise UsageError(f"{dim} has no value {value}; there are: {listed(names)}")
    return names.index(value)
