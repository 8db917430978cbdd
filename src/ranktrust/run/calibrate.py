"""Calibration of a study's statements on its own design: truths simulated, refitted, judged."""

import json
import platform
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from functools import lru_cache, partial
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import numpy as np
import xarray as xr

from ranktrust.assemble import assemble
from ranktrust.errors import ClusterError, UsageError
from ranktrust.evidence import DESIGN, Claims, Design, One, open_folder, run_simulations, simulate_one, some_pairs
from ranktrust.fit import CompileCache, Sampling, fit, simulate
from ranktrust.model import ModelFile, PriorNumbers
from ranktrust.panel import Panel
from ranktrust.run.answer import SHARE, priors_of, sampling_of, seed_of, statement_of
from ranktrust.run.elsewhere import Common, common_with, in_common
from ranktrust.run.prints import FIT_ROOMS, print_of_code
from ranktrust.run.segments import segments_of
from ranktrust.store import read_tree, write_tree
from ranktrust.study import Asked, Study, read_study
from ranktrust.vocabulary import DRAW, SCHEMA_VERSION, TRUST, CalibrationKind, Latent, quarter_of
from ranktrust.worker import Scatter

Report = Callable[[str, float], None]

LADDER: Final = (
    Sampling(chains=4, draws=1000, tune=500, target_accept=0.9, cores=1),
    Sampling(chains=4, draws=1000, tune=1000, target_accept=0.95, cores=1),
    Sampling(chains=4, draws=2500, tune=1500, target_accept=0.99, cores=1),
)
"""How a simulated panel is fitted, and how again where the computation gate fails."""
TRUE_SHARE: Final = (1800.0, 8200.0, 1.0)
"""The share of variance that is nobody's in the misspecified case: 0.18 (sd 0.004), that of SHMI in decision 2."""
NO_SHARE: Final = (1.0, 1.0, 0.0)
PAIRS: Final = 200
TRUTHS: Final = "truths.nc"
_KEYS: Final[dict[str, int]] = {"truths": 1, "fit": 2, "refits": 3, "pairs": 4}


@dataclass(frozen=True)
class Place:
    """One calibration, named so that another process finds it: study file, indicator, kind, folder, its truths.

    `common` is what that process must see as this one does.
    """

    study: str
    indicator: str
    kind: CalibrationKind
    folder: str
    truths: int
    common: Common


def one_simulation(place: Place, index: int) -> dict[str, Any]:
    """The record of simulation `index` of the calibration at `place`, in whatever process."""
    with in_common(place.common):
        return simulate_one(_design_at(place), index)


@lru_cache(maxsize=1)
def _design_at(place: Place) -> Design:
    """The design at `place`. Raises ClusterError where this process has other figures or models than its records."""
    study = read_study(Path(place.study))
    case = case_of(study, place.indicator, place.kind)
    asked = json.loads((Path(place.folder) / DESIGN).read_text(encoding="utf-8"))
    own = json.loads(json.dumps(_described(study, case)))
    differing = sorted(name for name in {*asked, *own} if asked.get(name) != own.get(name))
    if differing:
        raise ClusterError(
            f"the worker on {platform.node()} would simulate another design: it differs in {', '.join(differing)}. "
            "Every worker needs the figures and models that the command has; if they were changed after it began, "
            "run it again"
        )
    return case.design(read_tree(Path(place.folder) / TRUTHS))


@dataclass(frozen=True, eq=False)
class Case:
    """What is calibrated: a statement with its priors on a panel, how its truths are made, and what is claimed.

    `truth_priors` are those of the truths, which differ from `priors` in the misspecified case alone. `ladder` is how
    a simulated panel is fitted, and how again where the computation gate fails.
    """

    panel: Panel
    model_file: ModelFile
    priors: Mapping[str, PriorNumbers]
    truth_priors: Mapping[str, PriorNumbers]
    kind: CalibrationKind
    claims: Claims
    seed: np.random.SeedSequence
    fitting: Sampling
    ladder: tuple[Sampling, ...] = LADDER

    def child(self, name: str) -> np.random.SeedSequence:
        """The seed of one use of randomness."""
        return np.random.SeedSequence(self.seed.entropy, spawn_key=(*self.seed.spawn_key, _KEYS[name]))

    def truths(self, count: int) -> xr.DataTree:
        """Truths and figures; those from a posterior take one fit of the real panel first."""
        given: xr.Dataset | None = None
        renew: tuple[str, ...] = ()
        if self.kind != "prior":
            tree = fit(
                self.panel, self.model_file, seed=self.child("fit"), sampling=self.fitting,
                priors=self.truth_priors, predictive=False,
            )  # fmt: skip
            given = tree["posterior"].to_dataset()
            renew = () if self.kind == "joint" else (TRUST,)
        return simulate(
            self.panel, self.model_file, draws=count, seed=self.child("truths"),
            priors=self.truth_priors, given=given, renew=renew,
        )  # fmt: skip

    def design(self, truths: xr.DataTree) -> Design:
        """The design of every simulation; refits share what is compiled."""
        compiled: CompileCache = {}

        def refit(panel: Panel, seed: np.random.SeedSequence, attempt: int) -> xr.DataTree:
            return fit(
                panel, self.model_file, seed=seed, sampling=self.ladder[attempt], priors=self.priors,
                cache=compiled, predictive=False,
            )  # fmt: skip

        truth = truths["truth"].to_dataset()
        truth.attrs["free"] = list(np.atleast_1d(truth.attrs["free"]))
        entropy = int(self.child("refits").generate_state(1, np.uint64)[0])
        return Design(
            panel=self.panel, truths=truth, data=truths["data"].to_dataset(), refit=refit,
            claims=self.claims, entropy=entropy, beside=self.kind == "joint",
        )  # fmt: skip


def case_of(study: Study, indicator: str, kind: CalibrationKind) -> Case:
    """What `ranktrust calibrate` asks of one indicator of a study.

    Raises UsageError, also for what cannot be calibrated so, with the reason; StudyError, ModelFileError or DataError.
    """
    asked = _asked(study, indicator)
    panel = assemble(study)[indicator]
    model_file = statement_of(study, asked, panel)
    priors = model_file.with_priors(priors_of(study, asked, panel, model_file))
    case = Case(
        panel=panel, model_file=model_file, priors=priors, truth_priors=priors, kind=kind,
        claims=replace(
            claims_of(panel, latent=study.ranks.latent, top=study.ranks.top, bottom=study.ranks.bottom),
            segments=segments_of(study, panel),
        ),
        seed=seed_of(study, f"calibration {indicator} {kind}"), fitting=sampling_of(study),
    )  # fmt: skip
    return checked(case)


def _asked(study: Study, indicator: str) -> Asked:
    for asked in study.indicator:
        if asked.name == indicator:
            return asked
    raise UsageError(f"{study.path.name} asks for no {indicator!r}; it asks for: {', '.join(_names(study))}")


def _names(study: Study) -> list[str]:
    return [asked.name for asked in study.indicator]


def claims_of(panel: Panel, *, latent: Latent = "outcome", top: int | None = None, bottom: int | None = None) -> Claims:
    """The claims that a league table of this panel makes, with a fixed random choice of pairs."""
    n = len(panel.trusts)
    quarter = quarter_of(n)
    pairs = some_pairs(n, PAIRS, np.random.SeedSequence(n))
    best = {name: indicator.best for name, indicator in panel.indicators.items()}
    return Claims(latent, best, top or quarter, bottom or quarter, pairs)


def checked(case: Case) -> Case:
    """The case with the priors of its truths and refits. Raises UsageError where the kind does not fit it."""
    if case.kind == "prior" and case.model_file.vague:
        raise UsageError(
            f"model {case.model_file.name!r} is exempt from calibration by its prior: {case.model_file.vague}; "
            "--kind design is open to it"
        )
    if case.kind == "joint" and len(case.panel.periods) > 1:
        raise UsageError(
            "joint posterior calibration gives each trust a second figure for its one period; "
            f"this panel has {len(case.panel.periods)} periods: use --kind prior and --kind design"
        )
    if case.kind != "misspecified":
        return case
    if SHARE not in case.model_file.priors:
        raise UsageError(f"model {case.model_file.name!r} has no {SHARE}: it cannot be misspecified in it")
    return replace(case, truth_priors={**case.truth_priors, SHARE: TRUE_SHARE}, priors={**case.priors, SHARE: NO_SHARE})


def description_of(study: str, case: Case) -> dict[str, Any]:
    """What the records of a calibration rest on, as plain values."""
    return {
        "schema_version": SCHEMA_VERSION,
        "study": study,
        "indicator": next(iter(case.panel.indicators)),
        "kind": case.kind,
        "model": case.model_file.name,
        "model_sha256": case.model_file.sha256,
        "code": print_of_code(FIT_ROOMS),
        "panel_sha256": case.panel.sha256,
        "trusts": len(case.panel.trusts),
        "priors": dict(case.priors),
        "truth_priors": dict(case.truth_priors),
        "latent": case.claims.latent,
        "top": case.claims.top,
        "bottom": case.claims.bottom,
        "best": dict(case.claims.best),
        "seed": [case.seed.entropy, list(case.seed.spawn_key)],
        "sampling": [asdict(sampling) for sampling in case.ladder],
        "fitting": asdict(case.fitting) | {"cores": 0} if case.kind != "prior" else None,
    }


def _described(study: Study, case: Case) -> dict[str, Any]:
    """What the records of a study's calibration rest on; where segments are claimed, their rule too."""
    description = description_of(study.name, case)
    if case.claims.segments is not None and study.official is not None:
        description["official"] = study.official.model_dump(mode="json")
    return description


def run_case(  # noqa: PLR0913 - what, where, how many, how
    study: Study,
    indicator: str,
    kind: CalibrationKind,
    *,
    simulations: int,
    outputs: Path,
    scatter: Scatter | None = None,
    report: Report = lambda _step, _fraction: None,
) -> Path:
    """Run the simulations of one calibration that its folder lacks, and return the folder."""
    report("read figures", 0.0)
    case = case_of(study, indicator, kind)
    description = _described(study, case)
    digest = sha256(json.dumps(description, sort_keys=True).encode()).hexdigest()
    folder = open_folder(outputs / study.name / "calibration" / f"{indicator}-{kind}-{digest[:8]}", description)
    report("simulate truths", 0.0)
    truths = _keep_truths(case, folder / TRUTHS, simulations)
    one: One
    if scatter is None:
        one = partial(simulate_one, case.design(read_tree(folder / TRUTHS)))
    else:
        common = common_with(study.path, folder / DESIGN)
        place = Place(str(study.path), indicator, kind, str(folder.resolve()), truths, common)
        one = partial(one_simulation, place)
    run_simulations(one, simulations, folder=folder, scatter=scatter, report=report)
    return folder


def _keep_truths(case: Case, path: Path, count: int) -> int:
    """See that the folder holds as many truths as are asked for; how many it holds."""
    held = read_tree(path)["truth"].sizes[DRAW] if path.is_file() else 0
    if held < count:
        write_tree(case.truths(count), path)
    return max(held, count)
