"""Digests of what a piece of a run rests on: figures, settings, code, versions and lock."""

from collections.abc import Iterable, Mapping
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import ranktrust
from ranktrust.files import sha256_of
from ranktrust.panel import Panel, SpanPanels
from ranktrust.run.finished import digest_of
from ranktrust.run.versions import lock_sha256, versions
from ranktrust.study import Study

FIT_ROOMS: Final = ("fit.py", "centring.py", "compiling.py", "model.py", "panel", "store.py", "vocabulary.py")
"""The code that a fit rests on beside its model file; all else may change and leave it as it is."""
_NOT_OF_A_RUN: Final = ("cli", "__main__", "_assets")
_NOT_ASKED: Final = {"path", "sha256"}


@cache
def print_of_code(rooms: tuple[str, ...] = ()) -> str:
    """A digest of the package's files, or of some of its rooms; the commands play no part in what a run computes."""
    root = Path(ranktrust.__file__).parent
    starts = [root / room for room in rooms] or [path for path in root.iterdir() if _counts(path)]
    files = sorted(path for start in starts for path in ([start] if start.is_file() else start.rglob("*")))
    digests = {path.relative_to(root).as_posix(): sha256_of(path) for path in files if _is_source(path)}
    return digest_of(digests)


def _counts(path: Path) -> bool:
    return not path.name.startswith(_NOT_OF_A_RUN)


def _is_source(path: Path) -> bool:
    """Whether a file is of the package as it is installed: __pycache__ fills with compiled code while a run is made."""
    return path.is_file() and "__pycache__" not in path.parts


@cache
def print_of_versions() -> str:
    """A digest of the versions of Python and packages, the kind of machine, and the lock."""
    return digest_of({"versions": versions(), "lock": lock_sha256()})


def print_of_panel(panel: Panel) -> str:
    """A digest of all that a panel holds: figures, trusts, context, gaps, and how its indicators are defined."""
    digest = sha256(panel.sha256.encode())
    digest.update(repr(sorted(panel.indicators.items())).encode())
    for frame in (panel.missing, panel.left_out):
        digest.update(frame.to_csv().encode())
    return digest.hexdigest()


def print_of_panels(panels: Mapping[str, Panel]) -> str:
    """A digest of several panels by name."""
    return digest_of({name: print_of_panel(panel) for name, panel in panels.items()})


def print_of_spans(spans: SpanPanels) -> str:
    """A digest of a trajectory's figures."""
    panels = {"every": spans.every, "latest": spans.latest, "window": spans.window}
    return digest_of([print_of_panels(panels), repr(spans.spans)])


def settings_of(study: Study, parts: Iterable[str] | None = None) -> dict[str, Any]:
    """What a study asks, as plain values: all of it, or some parts of it."""
    wanted = None if parts is None else set(parts)
    return dict(study.model_dump(mode="json", include=wanted, exclude=_NOT_ASKED))
