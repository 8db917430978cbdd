"""Draws on disk: a DataTree as netCDF-4, compressed, each chunk with a checksum, beside its SHA-256."""

from pathlib import Path

import xarray as xr

from ranktrust.errors import RunError
from ranktrust.files import sha256_of, write_text, write_whole


def write_tree(tree: xr.DataTree, path: Path) -> Path:
    """Write `tree` to `path` and its digest to `path` + `.sha256`; whole or not at all.

    The hour at which ArviZ made a group is left out: the manifest says when the run was made, and equal draws are equal
    files.
    """
    tree = tree.map_over_datasets(_without_the_hour)
    encoding = {
        group.path: {str(name): _encoding(variable) for name, variable in group.dataset.data_vars.items()}
        for group in tree.subtree
    }
    write_whole(path, lambda part: tree.to_netcdf(part, engine="netcdf4", encoding=encoding))
    write_text(_digest_path(path), f"{sha256_of(path)}  {path.name}\n")
    return path


def _without_the_hour(group: xr.Dataset) -> xr.Dataset:
    kept = {name: value for name, value in group.attrs.items() if name != "created_at"}
    return group.drop_attrs(deep=False).assign_attrs(kept)


def _encoding(variable: xr.DataArray) -> dict[str, object]:
    if variable.ndim == 0 or variable.size == 0 or variable.dtype.kind not in "fiub":
        return {}
    return {"zlib": True, "complevel": 1, "shuffle": True, "fletcher32": True}


def _digest_path(path: Path) -> Path:
    return path.with_name(path.name + ".sha256")


def read_tree(path: Path) -> xr.DataTree:
    """The tree in the file, loaded into memory, after its digest was checked.

    Raises RunError when the file or its digest is absent, or when they do not agree.
    """
    digest = _digest_path(path)
    if not path.is_file() or not digest.is_file():
        raise RunError(f"{path.name} or its checksum is not in {path.parent}; fit this indicator again")
    if digest.read_bytes().partition(b" ")[0] != sha256_of(path).encode():
        raise RunError(f"{path} does not match its checksum: it was changed or damaged; fit this indicator again")
    with xr.open_datatree(path, engine="netcdf4") as tree:
        return tree.load()
