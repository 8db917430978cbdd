"""Where models, notebooks, studies and data are found: one search for all of them. Standard library only.

The study's own folder comes first, then the working tree, then what the wheel carries; the first hit wins.
So a statistician's file beside a study takes the place of one of the same name that ships with the package.
"""

from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Final, Literal

from ranktrust.errors import ModelFileError, RanktrustError, UsageError

AssetKind = Literal["models", "notebooks", "studies", "data"]

PACKAGE_DATA: Final = Path(__file__).parent / "_assets"
"""Where the wheel carries its copies; absent from a working tree."""

_SUFFIX: Final[dict[AssetKind, str]] = {"models": ".py", "notebooks": ".ipynb", "studies": ".toml"}
_SINGULAR: Final[dict[AssetKind, str]] = {
    "models": "model",
    "notebooks": "notebook",
    "studies": "study",
    "data": "data file",
}
_LISTED: Final = 20


def find_asset(kind: AssetKind, name: str, *, beside: Path | None = None) -> Path:
    """Find the file that a name stands for.

    Args:
        kind: the kind of file, which is also its folder's name.
        name: a model, notebook or study with or without its suffix; a data file with its suffix, and with the
            folders below data/ where it lies in one.
        beside: the study's own folder, looked in first.

    Raises:
        ModelFileError: no such model file.
        UsageError: no such notebook, study or data file, or a name that leads out of the folder.

    """
    relative = _relative(kind, name)
    for folder in _folders(kind, beside):
        if (folder / relative).is_file():
            return (folder / relative).resolve()
    raise _not_found(kind, name, beside)


def list_assets(kind: AssetKind, *, beside: Path | None = None) -> dict[str, Path]:
    """Every file of a kind by its name, sorted; of two with one name, the one that `find_asset` gives.

    Names of models, notebooks and studies carry no suffix; those of data files are paths below data/.
    Read-me files and names that begin with a dot or an underscore are no assets.
    """
    found: dict[str, Path] = {}
    for folder in _folders(kind, beside):
        for path in _files(kind, folder, own=folder == beside):
            found.setdefault(_name(kind, path.relative_to(folder)), path.resolve())
    return dict(sorted(found.items()))


def _relative(kind: AssetKind, name: str) -> PurePosixPath:
    """Turn the name into a path below its folder, suffix and all."""
    relative = PurePosixPath(name)
    plain = kind == "data" or len(relative.parts) == 1
    if not name or not plain or relative.is_absolute() or ".." in relative.parts or "\\" in name:
        raise UsageError(f"{name!r} does not name a {_SINGULAR[kind]}: give its name in the folder {kind}/")
    suffix = _SUFFIX.get(kind, "")
    return relative if name.endswith(suffix) else relative.with_name(relative.name + suffix)


def _folders(kind: AssetKind, beside: Path | None) -> Iterator[Path]:
    """Give the folders to look in, first to last."""
    if beside is not None:
        yield from (beside, beside / kind)
    yield Path.cwd() / kind
    root = _repository()
    if root is not None:
        yield root / kind
    yield PACKAGE_DATA / kind


def _repository() -> Path | None:
    """Find the working tree that this package is imported from, if it is not an installed copy."""
    source = Path(__file__).resolve().parent.parent
    return source.parent if source.name == "src" and (source.parent / "pyproject.toml").is_file() else None


def _files(kind: AssetKind, folder: Path, *, own: bool) -> Iterator[Path]:
    """Give the files of a kind in a folder; `own` when it is the study's folder, which holds other kinds too."""
    deep = kind == "data" and not own
    for path in sorted(folder.rglob("*") if deep else folder.glob("*")):
        hidden = any(part.startswith((".", "_")) for part in path.relative_to(folder).parts)
        of_kind = path.suffix == _SUFFIX[kind] if kind in _SUFFIX else deep or path.suffix not in _SUFFIX.values()
        if of_kind and not hidden and path.stem != "README" and path.is_file():
            yield path


def _name(kind: AssetKind, relative: Path) -> str:
    """Name an asset by its place in its folder."""
    return relative.stem if kind in _SUFFIX else relative.as_posix()


def _not_found(kind: AssetKind, name: str, beside: Path | None) -> RanktrustError:
    """Make the error that says what was asked for, what there is, and where it was looked for."""
    names = list(list_assets(kind, beside=beside))
    more = f" and {len(names) - _LISTED} more" if len(names) > _LISTED else ""
    there_is = ", ".join(names[:_LISTED]) + more if names else "none"
    looked = ", ".join(dict.fromkeys(str(folder) for folder in _folders(kind, beside)))
    message = f"no {_SINGULAR[kind]} {name!r}; there are: {there_is}; looked in: {looked}"
    return ModelFileError(message) if kind == "models" else UsageError(message)
