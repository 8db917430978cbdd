"""A scoring of one's own: one Python file beside the study, checked before and after it is called."""

import hashlib
import importlib.util
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any, cast, get_args

import numpy as np
import xarray as xr

from ranktrust.errors import StudyError
from ranktrust.model import check_trusted
from ranktrust.vocabulary import CHAIN, DRAW, TRUST, Best

SCORE = "score"


@dataclass(frozen=True)
class OwnScoring:
    """A scoring file: its docstring, the good end of its score, and its function `score(draws)`."""

    path: Path
    sha256: str
    statement: str
    best: Best
    score: Callable[..., Any]

    def apply(self, draws: xr.Dataset) -> xr.DataArray:
        """The scores of these draws, (chain, draw, trust).

        `draws` holds total, outcome and performance on each indicator's natural scale, (chain, draw, trust,
        indicator), NaN where a trust has no figure, with the coordinate `best` by indicator. Raises StudyError where
        the function fails or breaks the contract.
        """
        try:
            scored = self.score(draws.copy(deep=True))
        except Exception as error:
            raise StudyError(f"{self.path.name}: score(draws) failed: {type(error).__name__}: {error}") from error
        breaches = _faults_of(scored, draws)
        if breaches:
            raise StudyError(f"{self.path.name}: what score(draws) returns {'; '.join(breaches)}")
        return cast("xr.DataArray", scored[SCORE].transpose(CHAIN, DRAW, TRUST))


def load_scoring(name: str, folder: Path) -> OwnScoring:
    """The scoring file `name` in a study's folder. Raises StudyError when it is absent or breaks the contract."""
    path = folder / name
    if not path.is_file():
        raise StudyError(f"{name} is not beside the study, in {folder}; docs/composites.md has an example")
    text = path.read_bytes()
    check_trusted(path, text)
    module = _import(path, text)
    breaches = _breaches(module)
    if breaches:
        raise StudyError(f"{name} breaks the contract of a scoring file: {'; '.join(breaches)}")
    digest = hashlib.sha256(text).hexdigest()
    return OwnScoring(path, digest, str(module.__doc__), module.BEST, module.score)


def _import(path: Path, text: bytes) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"ranktrust_scoring_{path.stem}", path)
    if spec is None or spec.loader is None:
        raise StudyError(f"{path.name} is not a Python file; a scoring file ends in .py")
    module = importlib.util.module_from_spec(spec)
    try:
        exec(compile(text, str(path), "exec", dont_inherit=True), module.__dict__)  # noqa: S102 - it is a program
    except Exception as error:
        raise StudyError(f"{path.name} cannot be loaded: {type(error).__name__}: {error}") from error
    return module


def _breaches(module: ModuleType) -> list[str]:
    found = []
    if not (module.__doc__ or "").strip():
        found.append("it has no docstring, which is the rule in words")
    if getattr(module, "BEST", None) not in get_args(Best):
        found.append('BEST must be "highest" or "lowest", the good end of the score')
    if not callable(getattr(module, "score", None)):
        found.append("it has no function score(draws)")
    return found


def _faults_of(scored: object, draws: xr.Dataset) -> list[str]:
    if not isinstance(scored, xr.Dataset) or SCORE not in scored:
        return [f"is not an xarray.Dataset with a variable {SCORE!r}"]
    score = scored[SCORE]
    if set(score.dims) != {CHAIN, DRAW, TRUST}:
        return [f"has dimensions {tuple(score.dims)}, not (chain, draw, trust)"]
    found = []
    if any(score.sizes[dim] != draws.sizes[dim] for dim in (CHAIN, DRAW)):
        found.append("has other chains or draws than it was given")
    strange = sorted(set(map(str, score[TRUST].to_numpy())) - set(map(str, draws[TRUST].to_numpy())))
    if strange:
        found.append(f"names trusts that it was not given: {', '.join(strange[:5])}")
    if score.sizes[TRUST] < 2:
        found.append("scores fewer than two trusts")
    if not np.isfinite(score).all():
        found.append("is not finite everywhere: leave out a trust that cannot be scored")
    return found
