"""What is asked of every model file: each check builds the statement on a small made-up panel and gives its faults."""

import ast
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, get_args

import numpy as np
import pymc as pm
from numpy.typing import NDArray

from ranktrust.contract.panels import panel_for
from ranktrust.contract.simulated import moments, out_of_support, standard_errors
from ranktrust.errors import Fault, ModelFileError, RanktrustError
from ranktrust.fit import compile_key
from ranktrust.model import FIRST_LINE, ModelFile
from ranktrust.panel import Panel, to_natural
from ranktrust.vocabulary import INDICATOR, OBSERVATION, PERIOD, TRUST, Kind, Latent

Floats = NDArray[np.float64]
MAY_IMPORT: Final = ("numpy", "pymc", "pytensor")
PLAIN: Final = "FAST_COMPILE"
"""How PyTensor computes what is wanted a few times: by Python, as compiling takes up to a hundred times as long."""
DRAWS: Final = 200
MOST_ERRORS: Final = 5.0
"""A mean of simulated values further than this many of its standard errors from the level is a fault."""


@dataclass(frozen=True, eq=False)
class Built:
    """A statement built on a small panel: what every check looks at."""

    model_file: ModelFile
    panel: Panel
    model: pm.Model

    def fault(self, place: str, problem: str, remedy: str) -> Fault:
        """One thing wrong with the file, at a place in it."""
        return Fault(self.model_file.path.name, place, problem, remedy)


@dataclass(frozen=True)
class Judged:
    """A check, in words, and the faults that it found: none when it is passed."""

    name: str
    faults: tuple[Fault, ...]


def build_small(model_file: ModelFile, *, periods: int = 1) -> Built:
    """The statement on a small panel: of half counts where it takes them, of three periods where it reads them."""
    periods = max(periods, 3) if "period_idx" in model_file.needs else periods
    panel = panel_for(model_file.needs, halves=True, periods=periods)
    model = model_file.build(panel)
    if "numerator" in model_file.needs and not _keeps_halves(panel, model):
        panel = panel_for(model_file.needs, periods=periods)
        model = model_file.build(panel)
    return Built(model_file, panel, model)


def _keeps_halves(panel: Panel, model: pm.Model) -> bool:
    """Whether the counts observed in the model are those of the panel, not whole numbers made of them."""
    seen = [np.asarray(model.rvs_to_values[variable].eval()) for variable in model.observed_RVs]
    return any(np.array_equal(values, panel["numerator"]) for values in seen)


def check_contract(model_file: ModelFile, *, only: Iterable[str] | None = None) -> Iterator[Judged]:
    """The checks of CHECKS in turn, or those that `only` names.

    A check that the statement makes raise is failed, with what was raised. Raises ModelFileError where NEEDS names no
    figures, and where the statement cannot be built at all.
    """
    try:
        built = build_small(model_file)
    except RanktrustError:
        raise
    except Exception as error:
        said = f"{type(error).__name__}: {str(error).strip()}"
        raise ModelFileError(f"{model_file.path.name}: build raised {said}") from error
    for name in CHECKS if only is None else only:
        yield Judged(name, _found(CHECKS[name], built))


def _found(check: Callable[[Built], list[Fault]], built: Built) -> tuple[Fault, ...]:
    try:
        return tuple(check(built))
    except Exception as error:  # noqa: BLE001 - a statement may raise anything, which is what is reported
        said = f"raised {type(error).__name__}: {str(error).strip()}"
        return (built.fault("build", said, "Correct what raises it, and check again"),)


def _dims_of_levels(built: Built) -> tuple[str, ...]:
    """The trusts, and the periods or indicators where the statement reads their index."""
    return (TRUST, *(dim for dim in (PERIOD, INDICATOR) if f"{dim}_idx" in built.model_file.needs))


def _levels(built: Built) -> list[Fault]:
    found, named, wanted = [], built.model.named_vars_to_dims, _dims_of_levels(built)
    written = f'dims="{TRUST}"' if len(wanted) == 1 else f"dims={wanted}"
    for name in get_args(Latent):
        if name not in built.model.named_vars:
            found.append(built.fault(name, "is not in the model", f'Add pm.Deterministic("{name}", ..., {written})'))
        elif tuple(named.get(name, ())) != wanted:
            found.append(built.fault(name, f"has dimensions {named.get(name)}", f"Give it {written}"))
    return found


def _dimensions(built: Built) -> list[Fault]:
    coords = {name: list(values or ()) for name, values in built.model.coords.items()}
    used = {dim for dims in built.model.named_vars_to_dims.values() for dim in dims if dim}
    wrong = sorted(dim for dim in used if coords.get(dim) != list(built.panel.coords.get(dim, ())))
    return [
        built.fault(
            f"dimension {dim}", "has not the panel's names", "Open the model with pm.Model(coords=panel.coords)"
        )
        for dim in wrong
    ]


def _kinds_observed(panel: Panel) -> dict[str, tuple[Kind, NDArray[np.int64]]]:
    """By the name of an observed variable its kind and its rows: `y`, or `y_<kind>` each where kinds mix."""
    kinds = list(dict.fromkeys(item.kind for item in panel.indicators.values()))
    if len(kinds) == 1:
        return {"y": (kinds[0], panel.rows(kinds[0]))}
    return {f"y_{kind}": (kind, panel.rows(kind)) for kind in kinds}


def _observed(built: Built) -> list[Fault]:
    wanted = _kinds_observed(built.panel)
    names = [variable.name for variable in built.model.observed_RVs]
    if sorted(names) != sorted(wanted):
        said = f"observed variables are {', '.join(names) or 'none'}"
        return [built.fault("observed", said, f"Observe the figures once, under the name {' and '.join(wanted)}")]
    found, named = [], built.model.named_vars_to_dims
    for name, (kind, _) in wanted.items():
        dim = OBSERVATION if name == "y" else f"{OBSERVATION}_{kind}"
        if tuple(named.get(name, ())) != (dim,):
            remedy = f'Give it dims="{dim}", and index levels by trust_idx'
            found.append(built.fault(name, "is not in long form", remedy))
    return found


def _data(built: Built) -> list[Fault]:
    names = {variable.name for variable in built.model.data_vars}
    wanted = [*built.model_file.needs, *(f"prior_{name}" for name in built.model_file.priors)]
    return [
        built.fault(name, "does not enter through pm.Data", f'Write pm.Data("{name}", ...), so that it can be changed')
        for name in wanted
        if name not in names
    ]


def _density(model: pm.Model) -> Callable[[Mapping[str, Any]], float]:
    """Its log-density, compiled in the quickest way, for a call or two."""
    compiled: Callable[[Mapping[str, Any]], float] = model.compile_logp(mode=PLAIN)
    return compiled


def _pure(built: Built) -> list[Fault]:
    again, point = built.model_file.build(built.panel), built.model.initial_point()
    first, second = _density(built.model)(point), _density(again)(point)
    if not np.isfinite(first):
        return [built.fault("build", f"has log-density {first} at its starting point", "Check supports and the link")]
    if first != second:
        return [built.fault("build", "gives another model when called again", "Take randomness and state out of it")]
    return []


def _priors_are_read(built: Built) -> list[Fault]:
    """Each prior number is doubled in the data of one compiled model; the density must answer."""
    model, point = built.model, built.model.initial_point()
    density = _density(model)
    before, found = density(point), []
    data = {variable.name: variable for variable in model.data_vars}
    for name in built.model_file.priors:
        shared = data.get(f"prior_{name}")
        if shared is None:
            continue
        numbers = shared.get_value()
        shared.set_value(2 * numbers)
        if density(point) == before:
            found.append(built.fault(f"prior {name}", "changes nothing", "Use it in build, or take it out of PRIORS"))
        shared.set_value(numbers)
    return found


def _compiles_once(built: Built) -> list[Fault]:
    given = built.model_file.priors.items()
    doubled = {name: 2 * numbers if isinstance(numbers, float | int) else _twice(numbers) for name, numbers in given}
    other = built.model_file.build(built.panel, doubled)
    if compile_key(other, built.model_file) == compile_key(built.model, built.model_file):
        return []
    remedy = "Use the pm.Data variable of every prior number, never the number itself"
    return [built.fault("PRIORS", "has numbers that are compiled into the model", remedy)]


def _twice(numbers: tuple[float, ...]) -> tuple[float, ...]:
    return tuple(2 * number for number in numbers)


def _support(built: Built) -> list[Fault]:
    found = []
    for name, (kind, rows) in _kinds_observed(built.panel).items():
        y = pm.draw(built.model[name], draws=DRAWS, random_seed=1, mode=PLAIN)
        said = out_of_support(built.panel, kind, rows, y)
        found += [built.fault(name, *said)] if said else []
    return found


def _follows_levels(built: Built) -> list[Fault]:
    """Simulated values less what `total` says of them: mean 0, overall and on either side of the middle level."""
    found = []
    cells = [built.panel[f"{dim}_idx"] for dim in _dims_of_levels(built)]
    for name, (kind, rows) in _kinds_observed(built.panel).items():
        total, y = pm.draw([built.model["total"], built.model[name]], draws=DRAWS, random_seed=2, mode=PLAIN)
        level = total[:, *(index[rows] for index in cells)]
        mean, variance = moments(built.panel, kind, rows, to_natural(kind, level))
        residual = (y - mean) / np.sqrt(variance)
        side = np.where(level > np.median(level), 1.0, -1.0)
        errors = max(standard_errors(residual), standard_errors(residual * side))
        if errors >= MOST_ERRORS:
            said = f"is simulated {errors:.0f} standard errors away from what total says"
            remedy = "Let total be the level on the link scale: log, log odds, or the score itself"
            found.append(built.fault(name, said, remedy))
    return found


def _page(built: Built) -> list[Fault]:
    found = []
    tree = ast.parse(built.model_file.path.read_text(encoding="utf-8"))
    plain = [node for node in ast.walk(tree) if isinstance(node, ast.Import)]
    names = [alias.name for node in plain for alias in node.names]
    names += [str(node.module) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    for name in sorted({name.split(".")[0] for name in names} - set(MAY_IMPORT)):
        found.append(built.fault("imports", f"it imports {name}", f"Import only {', '.join(MAY_IMPORT)}"))
    for mark, remedy in (("~", "Write laws as `y ~ Normal(mu, s)`"), ("Parametrisation", "Say which, and why")):
        if mark not in built.model_file.statement:
            found.append(built.fault("docstring", f"has no {mark!r}", remedy))
    if FIRST_LINE in built.model_file.statement:
        found.append(
            built.fault("docstring", "begins as the skeleton does", "Say what is modelled, and for which data")
        )
    return found


def _bare(built: Built) -> list[Fault]:
    """Without covariates and groups the statement builds, and has none of their parameters."""
    plain = built.panel.derive(context=built.panel.context[[]])
    model = built.model_file.build(type(plain)(plain.indicators, (), plain._frames))
    if not np.isfinite(_density(model)(model.initial_point())):
        return [built.fault("build", "has no density without covariates and groups", "Let them be absent")]
    return [
        built.fault(name, "is there although no group is nested", "Make it only if panel.coords has the group's names")
        for name in ("omega", "omega_icb", "region_effect", "icb_effect")
        if name in model.named_vars
    ]


def _two_a_trust(built: Built) -> list[Fault]:
    twice = build_small(built.model_file, periods=2)
    held = [pm.draw(variable, random_seed=3, mode=PLAIN).size for variable in twice.model.observed_RVs]
    if sum(held) == len(twice.panel.observations) and np.isfinite(_density(twice.model)(twice.model.initial_point())):
        return []
    return [built.fault("y", "cannot hold two observations of a trust", "Index levels by trust_idx: total[trust]")]


CHECKS: Final[dict[str, Callable[[Built], list[Fault]]]] = {
    "total, outcome and performance stand on the trusts": _levels,
    "every dimension has the panel's names": _dimensions,
    "the figures are observed once, as y, in long form": _observed,
    "figures and prior numbers enter through pm.Data": _data,
    "build is pure, and its density is finite": _pure,
    "every prior number changes the density": _priors_are_read,
    "no prior number is compiled in": _compiles_once,
    "simulated values could have been observed": _support,
    "simulated values follow total": _follows_levels,
    "the file reads like a page and imports nothing of ranktrust": _page,
    "covariates and groups may be absent": _bare,
    "a trust may have two observations": _two_a_trust,
}
"""Every check by its sentence, quick ones and causes first."""
