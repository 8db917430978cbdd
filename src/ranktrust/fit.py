"""Panel + statement + priors + settings to draws; part of the one room that imports PyMC or a sampler."""

import ctypes
import json
import logging
import sys
import warnings
from collections.abc import Callable, Mapping, MutableMapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Literal

import numpy as np
import nutpie
import pymc as pm
import xarray as xr
from pytensor.configdefaults import config
from pytensor.graph.traversal import ancestors
from pytensor.tensor.variable import TensorConstant
from threadpoolctl import threadpool_limits

from ranktrust.centring import COORDINATE, can_be_moved, figures_of, move_total
from ranktrust.compiling import compile_model
from ranktrust.errors import FitError
from ranktrust.model import ModelFile, PriorNumbers
from ranktrust.panel import Panel
from ranktrust.vocabulary import CHAIN, DRAW
from ranktrust.worker import bounded_cores

CompileKey = tuple[Any, ...]
CompileCache = MutableMapping[CompileKey, Any]
Report = Callable[[str, float], None]

PRIOR_DRAWS = 500
_M_ARENA_MAX = -8
config.blas__ldflags = ""  # code is compiled by Numba; PyTensor would look for a BLAS for C, and warn
logging.getLogger("pymc").setLevel(logging.WARNING)  # "Sampling: [...]" is not for the reader of a report
_EXPECTED_WARNINGS = (
    "Numba will use object mode to run CustomDist",  # a statement's own random function is Python
    ".*implicitly frozen.*",  # posterior draws are not resampled, as is meant
)
_STATISTIC_NAMES = {"depth": "tree_depth", "maxdepth_reached": "reached_max_treedepth"}
_KEPT_STATISTICS = ("diverging", "energy", "tree_depth", "reached_max_treedepth", "n_steps", "step_size")


def _share_one_heap() -> None:
    """Let all threads allocate from one heap: chains run in new threads, and glibc would keep a heap for each."""
    if sys.platform == "linux" and hasattr(libc := ctypes.CDLL(None), "mallopt"):
        libc.mallopt(_M_ARENA_MAX, 1)


_share_one_heap()


@dataclass(frozen=True)
class Sampling:
    """How to sample. `cores` is how many chains run at once; in a process that computes for another, one."""

    sampler: Literal["nutpie", "pymc"] = "nutpie"
    chains: int = 4
    draws: int = 1000
    tune: int = 1000
    target_accept: float = 0.9
    cores: int = 2


def _silent(_step: str, _fraction: float) -> None:
    """Report nothing."""


def fit(  # noqa: PLR0913 - data, statement, priors, sampling, seed: a fit has these parts
    panel: Panel,
    model_file: ModelFile,
    *,
    seed: np.random.SeedSequence,
    sampling: Sampling | None = None,
    priors: Mapping[str, PriorNumbers] | None = None,
    cache: CompileCache | None = None,
    predictive: bool = True,
    report: Report = _silent,
) -> xr.DataTree:
    """Draws from the posterior of `model_file` given `panel`, with everything needed to judge and rank them.

    The tree has the groups posterior, sample_stats, log_likelihood, log_prior, posterior_predictive, prior,
    prior_predictive, observed_data and constant_data, all with the panel's own coordinates; without `predictive`
    only the first two, which is what a refit for a comparison or a calibration reads. A statement is compiled once
    for each shape of panel that `cache` meets; other panels and priors of that shape reuse it. Chains run side by
    side, so the linear algebra inside each keeps to one thread: with more, small matrices take many times as long.
    Equal seeds give equal draws with nutpie on one machine and lock, and the same within Monte Carlo error
    elsewhere. Raises FitError naming the statement and the step that failed.
    """
    sampling = sampling or Sampling()
    numbers = model_file.with_priors(priors or {})
    sampler_seed, predictive_seed, prior_seed = (int(child.generate_state(1)[0]) for child in seed.spawn(3))
    with _step(model_file, "build"):
        model = model_file.build(panel, numbers)
    report("compile", 0.0)
    draw = _draw_nutpie if sampling.sampler == "nutpie" else _draw_pymc
    with _step(model_file, "sample"), threadpool_limits(1, user_api="blas"):
        drawn = draw(model, panel, model_file, sampling, sampler_seed, {} if cache is None else cache, report)
    tree = _judged(drawn, panel)
    if predictive:
        report("predict", 0.7)
        with _step(model_file, "predictive draws"):
            _complete(tree, model, predictive_seed, prior_seed)
    tree.attrs = {
        "model": model_file.name,
        "model_sha256": model_file.sha256,
        "panel_sha256": panel.sha256,
        "priors": json.dumps(numbers),
        "seed": json.dumps([seed.entropy, list(seed.spawn_key)]),
        "sampler": sampling.sampler,
        "target_accept": sampling.target_accept,
        "tune": sampling.tune,
    }
    return tree


class _step:  # noqa: N801 - reads as a statement
    """Turn whatever a statement or sampler raises into a FitError that says where it happened."""

    def __init__(self, model_file: ModelFile, step: str) -> None:
        self.place = f"model {model_file.name!r}, {step}"

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _trace: object) -> None:
        if isinstance(error, Exception) and not isinstance(error, FitError):
            said = str(error).split("Stack backtrace")[0].strip()
            raise FitError(f"{self.place} failed: {type(error).__name__}: {said}") from error


def compile_key(model: pm.Model, model_file: ModelFile) -> CompileKey:
    """What a compiled statement depends on: the file, dimensions, shapes, dtypes and numbers that are not data.

    Numbers that a file writes into its graph instead of passing them through `pm.Data` cannot be changed after
    compiling: they are part of the key, so that no panel and no prior is answered with another's.
    """
    lengths = tuple(sorted((name, len(values or ())) for name, values in model.coords.items()))
    data = tuple((name, values.shape, str(values.dtype)) for name, values in sorted(_data_of(model).items()))
    return (model_file.sha256, lengths, data, _digest_of_constants(model))


def _digest_of_constants(model: pm.Model) -> str:
    """A digest of every number that stands in the model's graph itself."""
    outputs = [*model.basic_RVs, *model.deterministics, *model.potentials]
    constants = {variable for variable in ancestors(outputs) if isinstance(variable, TensorConstant)}
    texts = sorted(f"{constant.type}{np.asarray(constant.data).tobytes().hex()}" for constant in constants)
    return sha256("".join(texts).encode()).hexdigest()


def _data_of(model: pm.Model) -> dict[str, np.ndarray[Any, Any]]:
    return {variable.name: variable.get_value() for variable in model.data_vars}


def _draw_nutpie(  # noqa: PLR0913, PLR0917 - one signature for both samplers
    model: pm.Model,
    panel: Panel,
    model_file: ModelFile,
    sampling: Sampling,
    seed: int,
    cache: CompileCache,
    report: Report,
) -> xr.DataTree:
    key = compile_key(model, model_file)
    values = _data_of(model)
    moved = can_be_moved(model)
    if key not in cache:
        sampled = move_total(model, panel) if moved else model
        cache[key] = (compile_model(sampled), sampled)
    compiled, first = cache[key]
    values |= figures_of(model, panel) if moved else {}
    for variable in first.data_vars:  # the compiled starting points read the first panel's model
        variable.set_value(values[variable.name])
    known = {variable.name for variable in compiled.shared_var_keys}
    compiled = compiled.with_data(**{name: array for name, array in values.items() if name in known})
    sampler = nutpie.sample(
        compiled,
        draws=sampling.draws,
        tune=sampling.tune,
        chains=sampling.chains,
        cores=bounded_cores(sampling.cores),
        seed=seed,
        target_accept=sampling.target_accept,
        save_warmup=False,
        progress_bar=False,
        progress_callback=lambda chains: report("sample", 0.5 + 0.2 * _done(chains)),
        blocking=False,
    )
    return _whole(_wait_for(sampler), sampling, model_file)


def _wait_for(sampler: Any) -> xr.DataTree:
    """The sampler's draws; an interrupt stops it and goes on, where nutpie would return what it has so far."""
    try:
        drawn: xr.DataTree = sampler.wait()
    except BaseException:
        sampler.cancel()
        raise
    return drawn


def _whole(drawn: xr.DataTree, sampling: Sampling, model_file: ModelFile) -> xr.DataTree:
    """The draws, if there are as many as were asked for. Raises FitError otherwise."""
    sizes = drawn["posterior"].sizes
    found = (sizes["chain"], sizes["draw"])
    if found != (sampling.chains, sampling.draws):
        asked = f"{sampling.chains} chains of {sampling.draws}"
        raise FitError(f"model {model_file.name!r}: {found[0]} chains of {found[1]} draws came back, not {asked}")
    return drawn


def _done(chains: list[Any]) -> float:
    total = sum(chain.total_draws for chain in chains)
    return sum(chain.finished_draws for chain in chains) / total if total else 0.0


def _draw_pymc(
    model: pm.Model, panel: Panel, _file: ModelFile, sampling: Sampling, seed: int, _cache: CompileCache, report: Report
) -> xr.DataTree:
    report("sample", 0.5)
    with move_total(model, panel) if can_be_moved(model) else model:
        drawn: xr.DataTree = pm.sample(
            draws=sampling.draws,
            tune=sampling.tune,
            chains=sampling.chains,
            cores=bounded_cores(sampling.cores),
            random_seed=seed,
            target_accept=sampling.target_accept,
            nuts_sampler="pymc",
            progressbar=False,
            compute_convergence_checks=False,
        )
    return drawn


def _judged(drawn: xr.DataTree, panel: Panel) -> xr.DataTree:
    """The draws under the panel's names, and the sampler's statistics under PyMC's: what the gate reads."""
    drawn_values = drawn["posterior"].to_dataset().drop_vars(COORDINATE, errors="ignore")
    posterior = _own_coordinates(drawn_values, panel)
    statistics = _statistics(drawn["sample_stats"].to_dataset())
    return xr.DataTree.from_dict({"posterior": posterior, "sample_stats": statistics})


def _complete(tree: xr.DataTree, model: pm.Model, seed: int, prior_seed: int) -> None:
    """Put the groups that samplers leave out beside the draws, all from the panel's own model."""
    with warnings.catch_warnings():
        for expected in _EXPECTED_WARNINGS:
            warnings.filterwarnings("ignore", message=expected)
        prior = pm.sample_prior_predictive(PRIOR_DRAWS, model=model, random_seed=prior_seed)
        for name in ("observed_data", "constant_data"):
            tree[name] = prior[name] if name in prior.children else xr.DataTree()
        predictive = pm.sample_posterior_predictive(tree, model=model, random_seed=seed, progressbar=False)
    pm.compute_log_likelihood(tree, model=model, progressbar=False)
    pm.stats.compute_log_prior(tree, model=model, progressbar=False)
    tree["posterior_predictive"] = predictive["posterior_predictive"]
    for name in ("prior", "prior_predictive"):
        drawn = prior[name].to_dataset()
        tree[name] = xr.DataTree(drawn[sorted(map(str, drawn.data_vars))])  # PyMC gives them in the order of a set


def simulate(  # noqa: PLR0913 - data, statement, priors, how many, seed, and what is held: a simulation has these parts
    panel: Panel,
    model_file: ModelFile,
    *,
    draws: int,
    seed: np.random.SeedSequence,
    priors: Mapping[str, PriorNumbers] | None = None,
    given: xr.Dataset | None = None,
    renew: tuple[str, ...] = (),
) -> xr.DataTree:
    """Truths and the data that each would give, through the panel's own design: a group `truth` and a group `data`.

    Both have the dimension `draw`. `truth` holds every variable of the statement; its attribute `free` lists the
    parameters among them. `data` holds the observed variables in the order of the panel's rows. Without `given` all is
    drawn from the prior. `given` is a posterior, (chain, draw): `draws` of its draws, at random, are the truths, except
    that parameters with a dimension in `renew` are drawn anew from the statement (`renew=("trust",)`: other trusts
    under the same national level and spread). Of one seed, fewer truths are the first of more. Raises FitError.
    """
    numbers = model_file.with_priors(priors or {})
    with _step(model_file, "simulate"), warnings.catch_warnings():
        for expected in _EXPECTED_WARNINGS:
            warnings.filterwarnings("ignore", message=expected)
        model, key = model_file.build(panel, numbers), int(seed.generate_state(1)[0])
        observed = [variable.name for variable in model.observed_RVs]
        if given is None:
            drawn = pm.sample_prior_predictive(draws, model=model, random_seed=key)
            found = xr.merge([drawn["prior"].to_dataset(), drawn["prior_predictive"].to_dataset()])
        else:
            found = _simulate_given(model, _some_draws(given, draws, key), key, renew)
    found = found.isel({CHAIN: 0}, drop=True)
    truth = _own_coordinates(found.drop_vars(observed), panel)
    truth.attrs["free"] = [variable.name for variable in model.free_RVs]
    return xr.DataTree.from_dict({"truth": truth, "data": found[observed]})


def _some_draws(posterior: xr.Dataset, draws: int, seed: int) -> xr.Dataset:
    """As many draws as asked for, at random and each once, as one chain."""
    total = posterior.sizes[CHAIN] * posterior.sizes[DRAW]
    if draws > total:
        raise FitError(f"{draws} truths cannot be taken from {total} posterior draws; sample more of them")
    chosen = np.divmod(np.random.default_rng(seed).permutation(total)[:draws], posterior.sizes[DRAW])
    places = {dim: xr.DataArray(each, dims="chosen") for dim, each in zip((CHAIN, DRAW), chosen, strict=True)}
    rows = posterior.isel(places).drop_vars([CHAIN, DRAW], errors="ignore").rename({"chosen": DRAW})
    return rows.expand_dims(CHAIN).transpose(CHAIN, DRAW, ...)


def _simulate_given(model: pm.Model, held: xr.Dataset, seed: int, renew: tuple[str, ...]) -> xr.Dataset:
    """Everything that follows from the parameters held, which are those without a dimension in `renew`."""
    dims = model.named_vars_to_dims
    free = [variable.name for variable in model.free_RVs]
    kept = [name for name in free if not set(dims.get(name, ())) & set(renew)]
    others = {variable.name for variable in (*model.free_RVs, *model.deterministics, *model.observed_RVs)} - set(kept)
    drawn = pm.sample_posterior_predictive(
        held[kept], model=model, var_names=sorted(others), random_seed=seed, progressbar=False
    )
    return xr.merge([held[kept], drawn["posterior_predictive"].to_dataset()])


def _own_coordinates(posterior: xr.Dataset, panel: Panel) -> xr.Dataset:
    """The panel's names in place of those of the panel that was compiled."""
    coords = {name: values for name, values in panel.coords.items() if name in posterior.dims}
    return posterior.drop_vars(coords).assign_coords(coords)


def _statistics(found: xr.Dataset) -> xr.Dataset:
    """The sampler's statistics under PyMC's names, those that the gate and the page read."""
    renamed = found.rename({old: new for old, new in _STATISTIC_NAMES.items() if old in found})
    return renamed[[name for name in _KEPT_STATISTICS if name in renamed]]
