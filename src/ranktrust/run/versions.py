"""The software that a run rests on: versions of packages and the digest of the lock."""

import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from ranktrust import __version__
from ranktrust.files import sha256_of

PACKAGES = (
    "arviz", "arviz_stats", "matplotlib", "nbconvert", "numba", "numpy",
    "nutpie", "pandas", "pymc", "pytensor", "xarray",
)  # fmt: skip


def versions() -> dict[str, str]:
    """The versions of ranktrust, Python and the packages that its numbers rest on, and the kind of machine."""
    found = {"ranktrust": __version__, "python": platform.python_version(), "machine": platform.machine()}
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "not installed"
    return found


def lock_sha256() -> str | None:
    """The digest of the lock beside the package's source; None for an installed wheel, which has no lock."""
    lock = Path(__file__).resolve().parents[3] / "requirements" / "lock.txt"
    return sha256_of(lock) if lock.is_file() else None
