"""The pieces of a run that can be made side by side, each by whichever process is given its name."""

from contextlib import nullcontext
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from ranktrust.errors import RunError
from ranktrust.fit import CompileCache
from ranktrust.model import trusted_digests, trusting
from ranktrust.run.finished import Piece, find_kept
from ranktrust.run.keep import keeping, made_with_fits
from ranktrust.run.make import make_indicator, make_trajectory
from ranktrust.run.profile import fit_profile
from ranktrust.run.trajectories import key_of
from ranktrust.run.work import SCORES, Work, name_of_indicator, name_of_trajectory, pieces_of, work_of
from ranktrust.study import Study, read_study


@dataclass(frozen=True)
class Errand:
    """What another process needs to make a piece: the study file and its digest, the store, and what may run."""

    study: str
    sha256: str
    store: str
    trusted: tuple[str, ...] | None


def errand_of(study: Study, store: Path) -> Errand:
    """The errand of a study's run: everything that is read must be found at the same place by the other process."""
    trusted = trusted_digests()
    return Errand(str(study.path), study.sha256, str(store.resolve()), None if trusted is None else tuple(trusted))


def names_to_make(work: Work, pieces: dict[str, Piece], store: Path) -> list[str]:
    """The pieces that another process may make and that are not kept, those that take longest first."""
    trajectories = [name_of_trajectory(course.asked.name) for course in work.courses.values()]
    profile = [SCORES] if work.together else []
    names = [*trajectories, *profile, *(name_of_indicator(name) for name in work.panels)]
    return [name for name in names if find_kept(store, pieces[name]) is None]


def make_named(errand: Errand, name: str) -> str:
    """Make one piece and keep it in the store; of the scores only the profile's fit, as the rest needs all others.

    Raises what the run itself would, and RunError where the study was changed since the run began.
    """
    with nullcontext() if errand.trusted is None else trusting(errand.trusted):
        work = _work_at(errand)
        piece, store = pieces_of(work)[name], Path(errand.store)
        with keeping(store, _compiled()) as used, TemporaryDirectory(prefix="ranktrust-") as folder:
            if name == SCORES:
                fit_profile(work.study, work.together, work.shown, Path(folder), _silent)
            else:
                made_with_fits(store, piece, Path(folder), lambda: _make(work, name, Path(folder)), used)
    return name


@cache
def _work_at(errand: Errand) -> Work:
    study = read_study(Path(errand.study))
    if study.sha256 != errand.sha256:
        raise RunError(f"{study.path.name} was changed after the run began; run it again")
    return work_of(study)


@cache
def _compiled() -> CompileCache:
    """What this process has compiled; shared by the pieces that it makes."""
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
