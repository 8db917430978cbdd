"""What a process that computes for a run must have in common with it: code, versions, and the files it reads."""

import os
import platform
from collections.abc import Iterator
from contextlib import chdir, contextmanager
from dataclasses import dataclass
from pathlib import Path

from ranktrust.errors import ClusterError
from ranktrust.files import sha256_of
from ranktrust.run.prints import print_of_code, print_of_versions


@dataclass(frozen=True)
class Common:
    """The digests of code and versions, the folder that names are looked up in, and files with their digests."""

    code: str
    versions: str
    folder: str
    files: tuple[tuple[str, str], ...]


def common_with(*paths: Path) -> Common:
    """What this process has, to be found by another: every path is given in full."""
    files = tuple((str(path.resolve()), sha256_of(path)) for path in dict.fromkeys(paths))
    return Common(print_of_code(), print_of_versions(), str(Path.cwd()), files)


@contextmanager
def in_common(common: Common) -> Iterator[None]:
    """Inside, names are looked up where the run looks them up. Raises ClusterError for what this process lacks."""
    here = f"the worker on {platform.node()} (process {os.getpid()})"
    if (common.code, common.versions) != (print_of_code(), print_of_versions()):
        code = common.code != print_of_code()
        what = "other code of ranktrust" if code else "another kind of machine, lock or versions of packages"
        raise ClusterError(f"{here} has {what} than the run: install the same there as here, from one lock")
    lacking = [f"{path} {fault}" for path, digest in common.files if (fault := _fault(Path(path), digest))]
    if not Path(common.folder).is_dir():
        lacking.append(f"{common.folder} is not there")
    if lacking:
        raise ClusterError(
            f"{here} does not see what the run sees: {'; '.join(lacking)}. Every worker needs the study and the folder "
            "of runs, on a shared drive, at the same paths as here; if one was changed after this began, run it again"
        )
    with chdir(common.folder):
        yield


def _fault(path: Path, digest: str) -> str:
    """What is wrong with a file, in words; empty where it is the one that was meant."""
    try:
        return "" if sha256_of(path) == digest else "has another content there"
    except OSError as error:
        return "is not there" if isinstance(error, FileNotFoundError) else f"cannot be read there ({error.strerror})"
