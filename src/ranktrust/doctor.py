"""Whether this machine can run a study: Python, packages against the lock, compilers, caches, disk, fonts, browser.

Standard library only, so that it answers where a package is broken or absent.
"""

import os
import platform
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import Final, Literal

Verdict = Literal["good", "note", "bad"]
LOWEST: Final = (3, 12)
ROOM: Final = 4_000_000_000
"""Bytes that two runs of the default study and what is kept of them take, with room to spare."""
BROWSERS: Final = ("chromium", "chromium-browser", "google-chrome", "chrome")
NEEDED: Final = (
    "pymc",
    "nutpie",
    "pytensor",
    "numba",
    "arviz",
    "xarray",
    "netcdf4",
    "pandas",
    "nbclient",
    "matplotlib",
)


@dataclass(frozen=True)
class Check:
    """One thing looked at: its name, the verdict, what was found, and what to do where it is not good."""

    name: str
    verdict: Verdict
    found: str
    remedy: str = ""


def examine(outputs: Path) -> list[Check]:
    """Every check, with `outputs` as the folder that runs will go to. `bad` is what would stop a run."""
    lock = Path(__file__).resolve().parents[2] / "requirements" / "lock.txt"
    return [
        _python(),
        _packages(),
        _lock(lock),
        _compiler(),
        *_caches(),
        _disk(outputs),
        _fonts(),
        _browser(),
    ]


def _python() -> Check:
    found = f"{platform.python_version()} on {platform.machine()}, {os.cpu_count()} cores"
    if sys.version_info[:2] < LOWEST:
        return Check("python", "bad", found, "install Python 3.12 or newer and run `make setup`")
    return Check("python", "good", found)


def _packages() -> Check:
    absent = [name for name in NEEDED if _version(name) is None]
    if absent:
        return Check("packages", "bad", f"not installed: {', '.join(absent)}", "run `make setup`")
    return Check("packages", "good", f"{len(NEEDED)} of {len(NEEDED)} that a run needs are installed")


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _lock(lock: Path) -> Check:
    if not lock.is_file():
        return Check("lock", "note", "an installed wheel carries no lock", "seeds repeat a run only under its lock")
    pinned = pins_of(lock.read_text(encoding="utf-8"))
    differing = differing_pins(pinned)
    if differing:
        said = f"{len(differing)} differ from requirements/lock.txt: {', '.join(differing[:5])}"
        return Check("lock", "note", said, "run `make setup`; draws repeat to the byte only under the lock")
    return Check("lock", "good", f"all installed packages of {len(pinned)} pinned are those of the lock")


def pins_of(lock: str) -> dict[str, str]:
    """The version that a lock pins each package at; of several for one package, the last."""
    return dict(re.findall(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)", lock, re.MULTILINE))


def differing_pins(pinned: Mapping[str, str]) -> list[str]:
    """Installed packages whose version is not the pinned one, each with both; an absent one is not counted."""
    return [
        f"{name} {found} (lock: {wanted})"
        for name, wanted in pinned.items()
        if (found := _version(name)) is not None and found != wanted
    ]


def _compiler() -> Check:
    if find_spec("llvmlite") is None or find_spec("numba") is None:
        return Check("compiler", "bad", "Numba or its LLVM is not installed", "run `make setup`")
    other = next(filter(None, map(shutil.which, ("cc", "gcc", "clang"))), None)
    return Check(
        "compiler", "good", f"LLVM inside Numba; a C compiler is {'there' if other else 'absent and not needed'}"
    )


def _caches() -> Iterator[Check]:
    flags = dict(part.partition("=")[::2] for part in os.environ.get("PYTENSOR_FLAGS", "").split(",") if part)
    places = {
        "pytensor cache": Path(flags.get("base_compiledir", "~/.pytensor")).expanduser(),
        "numba cache": Path(os.environ.get("NUMBA_CACHE_DIR", tempfile.gettempdir())).expanduser(),
    }
    for name, place in places.items():
        there = next(path for path in (place, *place.parents) if path.exists())
        if os.access(there, os.W_OK):
            yield Check(name, "good", f"{place} can be written")
        else:
            remedy = "set base_compiledir in PYTENSOR_FLAGS, or NUMBA_CACHE_DIR, to a folder that can be"
            yield Check(name, "bad", f"{place} cannot be written", remedy)


def _disk(outputs: Path) -> Check:
    place = outputs.absolute()
    there = next(path for path in (place, *place.parents) if path.exists())
    if not there.is_dir() or not os.access(there, os.W_OK):
        return Check("disk", "bad", f"{place} cannot be written", "choose another folder with --out")
    free = shutil.disk_usage(there).free
    said = f"{free / 1e9:.1f} GB free for {place}"
    if free < ROOM:
        return Check("disk", "note", said, f"the default study needs up to {ROOM / 1e9:.0f} GB with what is kept of it")
    return Check("disk", "good", said)


def _fonts() -> Check:
    spec = find_spec("matplotlib")
    font = Path(spec.origin).parent / "mpl-data/fonts/ttf/DejaVuSans.ttf" if spec and spec.origin else None
    if font is None or not font.is_file():
        return Check("fonts", "bad", "the font of the figures, DejaVu Sans, is not there", "run `make setup`")
    return Check("fonts", "good", "DejaVu Sans, which Matplotlib carries")


def _browser() -> Check:
    named = os.environ.get("CHROMIUM")
    found = next(filter(None, map(shutil.which, (named,) if named else BROWSERS)), None)
    if found is None:
        return Check("browser", "note", "no Chromium on PATH", "needed for screenshots alone; a run does without")
    return Check("browser", "good", found)
