"""Whether a file stayed the same while it was read: size, time of change and digest, before and after."""

from dataclasses import dataclass
from pathlib import Path

from ranktrust.errors import DataError, Fault
from ranktrust.files import sha256_of

WAIT = "Wait until the copy is complete, or fetch the file again"


@dataclass(frozen=True)
class Stamp:
    """A file at one moment: bytes, nanoseconds of its last change, and SHA-256."""

    size: int
    changed: int
    sha256: str


def stamp_of(path: Path) -> Stamp:
    """Return a file's stamp. Raises `OSError` if it cannot be read."""
    state = path.stat()
    return Stamp(state.st_size, state.st_mtime_ns, sha256_of(path))


def check_unchanged(path: Path, before: Stamp) -> None:
    """Raise `DataError` if a file is no longer what it was: what was read is of neither the old nor the new one."""
    try:
        after = stamp_of(path)
    except OSError as error:
        problem = f"it went away while it was read ({error.strerror})"
        raise DataError([Fault(path.name, "the whole file", problem, WAIT)]) from error
    if after == before:
        return
    grew = f"; it had {before.size:,} bytes and has {after.size:,}" if after.size != before.size else ""
    problem = f"it changed while it was read: it is still being copied{grew}"
    raise DataError([Fault(path.name, "the whole file", problem, WAIT)])
