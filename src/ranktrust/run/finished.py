"""Finished pieces of a study's runs, kept by a digest of what they rest on, so that none is made twice.

A piece is a fit, what follows from it, or a page. Its folder in the store appears whole, after its last file, and holds
`record.json` with the digest of every file beside it. A file that was damaged since makes the piece anew.
"""

import json
import logging
import os
import platform
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property, partial
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from ranktrust.errors import RunError
from ranktrust.files import sha256_of, write_json, write_whole
from ranktrust.vocabulary import SCHEMA_VERSION

STORE: Final = "finished"
"""The folder of finished pieces, beside a study's runs."""
RECORD: Final = "record.json"
FILES: Final = "files"
LOG = logging.getLogger("ranktrust.run")


@dataclass(frozen=True, eq=False)
class Piece:
    """One piece of a run: its name, and the digest of each thing that it rests on, by what that thing is."""

    name: str
    inputs: Mapping[str, str]

    @cached_property
    def digest(self) -> str:
        """The digest under which it is kept."""
        return digest_of([SCHEMA_VERSION, self.name, dict(self.inputs)])


@dataclass(frozen=True, eq=False)
class Kept:
    """A finished piece: where it is kept, and what was said of it when it was made."""

    folder: Path
    said: Mapping[str, Any]

    @property
    def files(self) -> Path:
        """The folder of its files, each at its place in a run."""
        return self.folder / FILES


def digest_of(value: Any) -> str:
    """SHA-256 of a plain value as JSON, keys sorted."""
    return sha256(json.dumps(value, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def find_kept(store: Path, piece: Piece) -> Kept | None:
    """The piece as it is kept; None where it is not, or where it is damaged, which the log says."""
    folder = store / piece.digest
    if not folder.is_dir():
        return None
    try:
        record = json.loads((folder / RECORD).read_text(encoding="utf-8"))
        faults = [name for name, digest in record[FILES].items() if sha256_of(folder / FILES / name) != digest]
        said = dict(record["said"])
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        faults, said = [str(error)], {}
    if faults:
        LOG.warning("what was kept of %s is damaged (%s), so it is made again", piece.name, ", ".join(faults))
        return None
    return Kept(folder, said)


def keep(store: Path, piece: Piece, files: Mapping[str, Path], said: Mapping[str, Any]) -> Kept:
    """Copy `files`, by their place in a run, and what is `said` into the store: whole, or RunError and nothing.

    Where another process, here or on another machine, has kept the same piece meanwhile, that one stays, as this
    process or a third may be reading it.
    """
    folder = store / piece.digest
    scratch = folder.with_name(f".{piece.digest}.{platform.node()}.{os.getpid()}.part")
    try:
        for name, path in files.items():
            write_whole(scratch / FILES / name, partial(shutil.copyfile, path))
        digests = {name: sha256_of(scratch / FILES / name) for name in files}
        record = {"schema_version": SCHEMA_VERSION, "name": piece.name, "inputs": dict(piece.inputs)}
        write_json(scratch / RECORD, {**record, "said": dict(said), FILES: digests})
        if (kept := find_kept(store, piece)) is not None:
            return kept
        shutil.rmtree(folder, ignore_errors=True)  # absent or damaged
        scratch.replace(folder)
    except OSError as error:
        if (kept := find_kept(store, piece)) is not None:
            return kept
        raise RunError(f"{folder} could not be written: {error.strerror or error}") from error
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    return Kept(folder, dict(said))


def made(store: Path, piece: Piece, part: Path, make: Callable[[], Mapping[str, Any]]) -> tuple[dict[str, Any], bool]:
    """See that the run in the making at `part` has the files of `piece`; what was said of it, and whether it was kept.

    `make` writes the files into `part` and returns plain values; it is called where the piece is not kept, and whatever
    files it adds to `part` are kept with it.
    """
    kept = find_kept(store, piece)
    if kept is not None:
        copy_files(kept, part)
        return dict(kept.said), True
    before = _files_of(part)
    said = json.loads(json.dumps(dict(make())))
    after = _files_of(part)
    keep(store, piece, {name: path for name, path in after.items() if name not in before}, said)
    return said, False


def copy_files(kept: Kept, part: Path) -> None:
    """The files of a kept piece at their places in `part`. Raises RunError where they cannot be written."""
    for name, path in _files_of(kept.files).items():
        write_whole(part / name, partial(shutil.copyfile, path))


def _files_of(folder: Path) -> dict[str, Path]:
    found = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path for path in found}


def records_of(store: Path) -> list[dict[str, Any]]:
    """The record of every finished piece, oldest first; one that cannot be read is left out."""
    found = []
    for path in sorted(store.glob(f"*/{RECORD}"), key=lambda each: each.stat().st_mtime_ns):
        try:
            found.append({**json.loads(path.read_text(encoding="utf-8")), "digest": path.parent.name})
        except (OSError, ValueError, TypeError):
            continue
    return found


def prune(store: Path, used: frozenset[str]) -> int:
    """Take away every piece whose digest is not in `used`, and what was left half-made; how many were taken."""
    gone = [path for path in store.iterdir() if path.name not in used] if store.is_dir() else []
    for path in gone:
        shutil.rmtree(path, ignore_errors=True)
    return len(gone)


def why_not_kept(piece: Piece, records: list[dict[str, Any]]) -> str:
    """Why a piece that is not kept has to be made: what differs from the latest of its name, or that there is none."""
    earlier = [record for record in records if record.get("name") == piece.name]
    if not earlier:
        return "not made yet"
    inputs = [record["inputs"] for record in earlier]
    nearest = min(inputs, key=lambda other: len(_differing(piece.inputs, other)))
    return f"changed: {', '.join(_differing(piece.inputs, nearest)) or 'its files'}"


def _differing(inputs: Mapping[str, str], other: Mapping[str, str]) -> list[str]:
    return sorted(name for name in {*inputs, *other} if inputs.get(name) != other.get(name))
