"""What a run rests on: manifest.json of its folder."""

import json
from pathlib import Path
from typing import Any, Final

from ranktrust.errors import RunError
from ranktrust.files import sha256_of
from ranktrust.vocabulary import SCHEMA_VERSION

MANIFEST: Final = "manifest.json"
REVIEWS: Final = "review.json"
REVIEW_PAGE: Final = "review.html"
UNBOUND: Final = (MANIFEST, REVIEWS, REVIEW_PAGE)
"""Files of a run that are not among its `contents`: the manifest that lists them, and the review that comes after."""
ALLOWED: Final = "allowed_failed_gate"
"""The entry of the manifest that holds the reason to publish a run despite its failed gate, null without one."""


def read_manifest(folder: Path) -> dict[str, Any]:
    """The manifest of a run folder. Raises RunError when it is absent, broken or of another schema version."""
    try:
        manifest = dict(json.loads((folder / MANIFEST).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError) as error:
        raise RunError(f"{folder} is not a run folder: its {MANIFEST} cannot be read ({error})") from error
    version = manifest.get("schema_version")
    if version != SCHEMA_VERSION:
        raise RunError(f"{folder} has schema version {version!r}; this ranktrust reads {SCHEMA_VERSION}")
    return manifest


def changed_files(folder: Path) -> list[str]:
    """What differs from the run as it was written: files changed, gone or added, each with the word for it.

    Raises RunError where the folder is no run, or its manifest does not list its files.
    """
    listed = read_manifest(folder).get("contents")
    if not isinstance(listed, dict):
        raise RunError(f"{folder} does not list its files in {MANIFEST}; run the study again")
    there = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}
    gone = [f"{name} (gone)" for name in listed if name not in there]
    other = [f"{name} (changed)" for name in listed if name in there and sha256_of(there[name]) != listed[name]]
    added = [f"{name} (added)" for name in there if name not in listed and name not in UNBOUND]
    return sorted([*gone, *other, *added])
