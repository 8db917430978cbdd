"""Whole files or none: written under a temporary name, flushed, then renamed. Standard library only."""

import hashlib
import json
import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from ranktrust.errors import RunError


def sha256_of(path: Path) -> str:
    """The SHA-256 digest of a file's bytes, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_whole(path: Path, write: Callable[[Path], object]) -> Path:
    """Have `write` fill a temporary file beside `path`, flush it to disk, then rename it to `path`.

    Nothing half-written is ever seen under `path`, and the temporary file is removed when `write` fails.
    Raises RunError that names the place when the disk is full or not writable.
    """
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write(part)
        with part.open("r+b") as file:  # Windows flushes only what is open for writing
            os.fsync(file.fileno())
        part.replace(path)
    except (OSError, RuntimeError) as error:  # netCDF reports a full disk as a RuntimeError
        raise RunError(f"{path} could not be written: {getattr(error, 'strerror', None) or error}") from error
    finally:
        with suppress(OSError):
            part.unlink()
    return path


def write_text(path: Path, text: str) -> Path:
    """Write `text` as UTF-8 with LF line ends, whole or not at all."""
    return write_whole(path, lambda part: part.write_text(text, encoding="utf-8", newline="\n"))


def write_json(path: Path, value: Any) -> Path:
    """Write `value` as indented JSON; NaN is refused, as JSON has none."""
    return write_text(path, json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False) + "\n")
