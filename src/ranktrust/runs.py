"""Which runs a folder of outputs holds, and what each of them is. Standard library only."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final, Literal

from ranktrust.errors import RunError, UsageError
from ranktrust.manifest import ALLOWED, MANIFEST, REVIEWS, read_manifest

State = Literal["complete", "damaged", "unfinished"]
LATEST: Final = "latest"
FINISHED: Final = "finished"
"""The folder of finished pieces, beside a study's runs."""


@dataclass(frozen=True)
class Listed:
    """A run as it lies in a folder of outputs.

    `verdict` is passed, failed or allowed, empty where there is none; `bytes` its size; `note` what is odd about it.
    """

    study: str
    run: str
    state: State
    verdict: str
    created: str
    bytes: int
    latest: bool
    reviewed: bool
    note: str = ""

    @property
    def values(self) -> dict[str, Any]:
        """The run as plain values."""
        return asdict(self)


def list_runs(outputs: Path) -> list[Listed]:
    """Every run below `outputs`, by study and time; those that are being made, or were killed, are `unfinished`.

    Raises UsageError where there is no such folder.
    """
    if not outputs.is_dir():
        raise UsageError(f"{outputs} is no folder of runs; `ranktrust run STUDY --out {outputs}` makes one")
    return [run for study in sorted(outputs.iterdir()) if study.is_dir() for run in _runs_of(study)]


def kept_bytes(outputs: Path) -> dict[str, int]:
    """The size of what is kept of finished fits, tables and pages, by study."""
    return {path.parent.name: size_of(path) for path in sorted(outputs.glob(f"*/{FINISHED}")) if path.is_dir()}


def size_of(folder: Path) -> int:
    """Bytes of all files below a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file() and not path.is_symlink())


def _runs_of(study: Path) -> Iterator[Listed]:
    latest = (study / LATEST).resolve()
    for folder in sorted(study.iterdir()):
        if folder.is_symlink() or not folder.is_dir():
            continue
        if folder.name.startswith(".") and folder.name.endswith(".part"):
            name = folder.name.removeprefix(".").removesuffix(".part").rpartition(".")[0]
            said = "being made, or left by a run that was killed; the next run takes up what it finished"
            yield Listed(study.name, name, "unfinished", "", "", size_of(folder), False, False, said)
        elif (folder / MANIFEST).is_file():
            yield _listed(study.name, folder, latest=folder.resolve() == latest)


def _listed(study: str, folder: Path, *, latest: bool) -> Listed:
    try:
        manifest = read_manifest(folder)
        verdict = "passed" if manifest["gate_passed"] else "allowed" if manifest.get(ALLOWED) else "failed"
        created, gone = str(manifest["created"]), _gone(folder, manifest)
    except (RunError, KeyError) as error:
        verdict, created, gone = "", "", [str(error)]
    note = f"lacks {', '.join(gone[:3])}" if gone else ""
    reviewed = (folder / REVIEWS).is_file()
    state: State = "damaged" if gone else "complete"
    return Listed(study, folder.name, state, verdict, created, size_of(folder), latest, reviewed, note)


def _gone(folder: Path, manifest: dict[str, Any]) -> list[str]:
    contents = manifest.get("contents")
    return [name for name in contents if not (folder / name).is_file()] if isinstance(contents, dict) else []
