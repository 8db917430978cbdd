"""What a run rests on: manifest.json of its folder."""

import json
from pathlib import Path
from typing import Any, Final

from ranktrust.errors import RunError
from ranktrust.vocabulary import SCHEMA_VERSION

MANIFEST: Final = "manifest.json"


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
