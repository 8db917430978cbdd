"""The pieces of a run that can be made side by side, each by whichever process it is given to."""

import platform
from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory

from ranktrust.errors import ClusterError, RunError
from ranktrust.fit import CompileCache
from ranktrust.model import trusted_digests, trusting
from ranktrust.run.elsewhere import Common, common_with, in_common
from ranktrust.run.finished import Piece, find_kept
from ranktrust.run.folders import OWNER
from ranktrust.run.keep import keeping, made_with_fits
from ranktrust.run.make import make_indicator, make_trajectory
from ranktrust.run.profile import fit_profile
from ranktrust.run.trajectories import key_of
from ranktrust.run.work import SCORES, Work, name_of_indicator, name_of_trajectory, pieces_of, work_of
from ranktrust.study import Study, read_study


@dataclass(frozen=True)
class Errand:
    """What another process needs to make a piece: the study file, the store, what may run, what it must see."""

    study: str
    store: str
    trusted: tuple[str, ...] | None
    common: Common


def errand_of(study: Study, store: Path) -> Errand:
    """The errand of a study's run, which holds its folder: the other process must see the study and this run."""
    trusted, common = trusted_digests(), common_with(study.path, store.with_name(OWNER))
    return Errand(str(study.path), str(store.resolve()), None if trusted is None else tuple(sorted(trusted)), common)


def pieces_to_make(work: Work, pieces: Mapping[str, Piece], store: Path) -> list[Piece]:
    """The pieces that another process may make and that are not kept, those that take longest first."""
    trajectories = [name_of_trajectory(course.asked.name) for course in work.courses.values()]
    profile = [SCORES] if work.together else []
    names = [*trajectories, *profile, *(name_of_indicator(name) for name in work.panels)]
    return [pieces[name] for name in names if find_kept(store, pieces[name]) is None]


def make_piece(errand: Errand, piece: Piece) -> str:
    """Make one piece and keep it in the store; of the scores only the profile's fit, as the rest needs all others.

    Returns its name. Raises what the run itself would, and ClusterError where this process sees other files than it.
    """
    trusted = nullcontext() if errand.trusted is None else trusting(errand.trusted)
    with in_common(errand.common), trusted:
        work, store = _work_at(errand), Path(errand.store)
        _check_same(pieces_of(work)[piece.name], piece)
        with keeping(store, _compiled(errand)) as used, TemporaryDirectory(prefix="ranktrust-") as folder:
            if piece.name == SCORES:
                fit_profile(work.study, work.together, work.shown, Path(folder), _silent)
            else:
                made_with_fits(store, piece, Path(folder), lambda: _make(work, piece.name, Path(folder)), used)
    return piece.name


def _check_same(own: Piece, asked: Piece) -> None:
    """Raise ClusterError where the piece that this process would make is another than the one that was asked for."""
    differing = [name for name, digest in asked.inputs.items() if own.inputs.get(name) != digest]
    if differing:
        raise ClusterError(
            f"the worker on {platform.node()} would make another {asked.name}: it differs in {', '.join(differing)}. "
            "Every worker needs the figures, models and notebooks that the run has; if they were changed after the run "
            "began, run it again"
        )


@lru_cache(maxsize=1)
def _work_at(errand: Errand) -> Work:
    return work_of(read_study(Path(errand.study)))


@lru_cache(maxsize=1)
def _compiled(_errand: Errand) -> CompileCache:
    """What this process has compiled for a run; shared by the pieces that it makes."""
    return {}


def _make(work: Work, name: str, part: Path) -> dict[str, object]:
    for asked in work.study.indicator:
        if name == name_of_indicator(asked.name):
            return dict(make_indicator(work, asked, part, (_silent, _silent)))
        if name == name_of_trajectory(asked.name):
            return dict(make_trajectory(work, key_of(asked.name), part, _silent))
    raise RunError(f"the study asks for no {name}")


def _silent(_step: str, _fraction: float) -> None:
    """Report nothing."""
