"""The folder of a study's runs: one run at a time, in the making under another name, whole or not at all."""

import json
import logging
import os
import platform
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from filelock import FileLock, Timeout

from ranktrust.errors import RunError, UsageError
from ranktrust.files import write_json

LOCK: Final = ".lock"
OWNER: Final = ".running.json"
LOG: Final = "log.txt"
UNFINISHED: Final = "unfinished.log"
"""The log of the latest run that was stopped, beside the runs."""


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold the folder of a study's runs for one run. Raises UsageError where another holds it, or it cannot be made.

    The lock belongs to the process: the system frees it when the process ends, however it ends, so that none is ever
    left behind, and the file that stays says nothing by itself.
    """
    lock = FileLock(folder / LOCK, timeout=0)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock.acquire()
    except Timeout as error:
        raise UsageError(_held(folder)) from error
    except (OSError, NotImplementedError) as error:  # the latter where a drive knows no locks
        said = f"{folder} cannot hold a run: {getattr(error, 'strerror', error)}; choose another folder with --out"
        raise UsageError(said) from error
    try:
        now = datetime.now(UTC).isoformat(timespec="seconds")
        write_json(folder / OWNER, {"process": os.getpid(), "machine": platform.node(), "since": now})
        yield
    finally:
        (folder / OWNER).unlink(missing_ok=True)
        lock.release()


def _held(folder: Path) -> str:
    owner: dict[str, Any] = {}
    with suppress(OSError, ValueError):
        owner = dict(json.loads((folder / OWNER).read_text(encoding="utf-8")))
    who = f" (process {owner['process']} on {owner['machine']}, since {owner['since']})" if owner else ""
    return (
        f"another run is at work in {folder}{who}: wait until it ends, or choose another folder with --out. "
        "A run that was killed holds no lock: the system frees it with the process"
    )


def free_name(home: Path, run_id: str) -> Path:
    """The folder of a new run: `run_id`, numbered where the clock has given that name before."""
    folder, number = home / run_id, 1
    while folder.exists():
        number += 1
        folder = home / f"{run_id}-{number}"
    return folder


def new_part(folder: Path) -> Path:
    """A new folder for the run in the making, beside the one it will be. Raises UsageError where none can be made."""
    part = folder.with_name(f".{folder.name}.{os.getpid()}.part")
    try:
        part.mkdir(parents=True)
    except OSError as error:
        said = f"{folder.parent} cannot hold a run: {error.strerror}; choose another folder with --out"
        raise UsageError(said) from error
    return part


def sweep(folder: Path) -> None:
    """Take away what runs that were killed left in the making; only for who holds the lock. Their log is kept."""
    for part in folder.glob(".*.part"):
        drop(part)


def drop(part: Path) -> None:
    """Take away a run in the making, its log kept beside the runs."""
    with suppress(OSError):
        (part / LOG).replace(part.with_name(UNFINISHED))
    shutil.rmtree(part, ignore_errors=True)


def settle(part: Path, folder: Path) -> None:
    """Give the finished run its name. Raises RunError where it is taken."""
    try:
        part.replace(folder)
    except OSError as error:
        said = f"{folder} could not be made: {error.strerror}; another run may have its name: run again"
        raise RunError(said) from error


def point_latest(folder: Path) -> None:
    """Point `latest` to the run: a relative link, replaced in one step. Raises RunError where it cannot."""
    link = folder.with_name("latest")
    fresh = folder.with_name(f".latest.{os.getpid()}")
    fresh.unlink(missing_ok=True)
    try:
        fresh.symlink_to(folder.name, target_is_directory=True)
        fresh.replace(link)
    except OSError as error:
        fresh.unlink(missing_ok=True)
        raise RunError(
            f"{link} could not be pointed to {folder.name}: {error.strerror}; the run itself is whole"
        ) from error


@contextmanager
def logged(part: Path) -> Iterator[None]:
    """Write what the run says of itself to log.txt of its folder, a line a message with its time in UTC."""
    logger = logging.getLogger("ranktrust.run")
    handler = logging.FileHandler(part / LOG, encoding="utf-8")
    handler.setFormatter(_formatter())
    level = logger.level
    logger.setLevel(logging.INFO)
    logger.addHandler(handler)
    try:
        yield
    finally:
        logger.removeHandler(handler)
        logger.setLevel(level)
        handler.close()


def _formatter() -> logging.Formatter:
    form = logging.Formatter("%(asctime)sZ %(levelname)s %(message)s", "%Y-%m-%dT%H:%M:%S")
    form.converter = time.gmtime
    return form
