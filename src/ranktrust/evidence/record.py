"""One simulation: a truth, the panel it gives, the refit, and how every claim of the refit stood beside the truth."""

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from ranktrust.errors import DataError, FitError
from ranktrust.evidence.adequacy import Adequacy, adequacy
from ranktrust.evidence.claims import Claims, judge_ranks, judge_segments
from ranktrust.evidence.simulated import crude_levels, panel_of
from ranktrust.panel import Panel
from ranktrust.ranks import rank_series
from ranktrust.vocabulary import CHAIN, DRAW, INDICATOR, PERIOD, TRUST, Best

type Floats = NDArray[np.float64]
type Record = dict[str, Any]
Refit = Callable[[Panel, np.random.SeedSequence, int], xr.DataTree]
"""(panel, seed, attempt) to draws with the groups posterior and sample_stats; each attempt samples longer."""

ATTEMPTS: Final = 3
DATA_SCORE: Final = "data_score"


@dataclass(frozen=True, eq=False)
class Design:
    """What every simulation has in common.

    `panel` is the real one; `truths` and `data` hold the simulated truths and figures by draw; `refit` fits one panel;
    `beside` puts the simulated figures beside the real ones instead of in their place (joint posterior calibration).
    """

    panel: Panel
    truths: xr.Dataset
    data: xr.Dataset
    refit: Refit
    claims: Claims
    entropy: int
    beside: bool = False


def simulate_one(design: Design, index: int) -> Record:
    """The record of simulation `index`: plain numbers, fit for JSON, that depend on the design and the index alone.

    A fit that fails the computation gate is refitted, longer each time, at most ATTEMPTS fits in all; the last one's
    claims are kept, and `failed` names the checks it failed. A panel that cannot exist, or one whose fits all broke
    off, has `error` and no claims. Nothing is dropped.
    """
    started = time.monotonic(), time.process_time()
    seed = np.random.SeedSequence(design.entropy, spawn_key=(index,))
    *seeds, own = seed.spawn(ATTEMPTS + 1)
    truth = design.truths.isel({DRAW: index}, drop=True)
    record: Record = {"simulation": index, "attempts": 0, "failed": [], "first_failed": []}
    try:
        panel = panel_of(design.panel, design.data.isel({DRAW: index}, drop=True), beside=design.beside)
        fitted = _fitted(design, panel, seeds, record)
    except (DataError, FitError) as error:
        return record | {"error": f"{type(error).__name__}: {error}"} | _taken(*started)
    claims = _claims(design, truth, fitted, np.random.default_rng(own))
    plain: Record = _plain(record | claims | _taken(*started))
    return plain


def _taken(clock: float, processor: float) -> Record:
    """Seconds by the clock, and of the processor, which other work on the machine does not stretch so much."""
    return {"seconds": time.monotonic() - clock, "processor_seconds": time.process_time() - processor}


@dataclass(frozen=True, eq=False)
class _Fitted:
    """A simulated panel, the draws given it, and whether they are good enough."""

    panel: Panel
    posterior: xr.Dataset
    adequacy: Adequacy


def _fitted(design: Design, panel: Panel, seeds: list[np.random.SeedSequence], record: Record) -> _Fitted:
    """The first fit that passes the gate, else the last one that was not broken off; `record` is told how it went."""
    kept: _Fitted | None = None
    for attempt, seed in enumerate(seeds):
        record["attempts"] = attempt + 1
        try:
            tree = design.refit(panel, seed, attempt)
        except FitError:
            record["failed"] = ["fit"]
            if attempt + 1 == len(seeds) and kept is None:
                raise
        else:
            kept = _Fitted(panel, tree["posterior"].to_dataset(), _adequacy(design, tree))
            record["failed"] = list(kept.adequacy.failed)
            if not kept.adequacy.failed:
                break
        record["first_failed"] = record["first_failed"] or record["failed"]
    assert kept is not None
    return kept


def _adequacy(design: Design, tree: xr.DataTree) -> Adequacy:
    posterior = tree["posterior"].to_dataset()
    free = [name for name in design.truths.attrs["free"] if TRUST not in posterior[name].dims]
    levels = {}
    for name, place, best in rankings(posterior, design.claims):
        level = _at(posterior[design.claims.latent], place)
        levels[name] = (level, rank_series(level, best=best))
    cells = {name: free_cells(posterior[name], design.truths[name]) for name in free}
    return adequacy(cells, levels, tree["sample_stats"].to_dataset())


def free_cells(draws: xr.DataArray, truths: xr.DataArray) -> xr.DataArray:
    """The cells of a parameter that are not the same number in every truth, along one dimension `cell` if any is.

    A root of a correlation matrix has zeros above its diagonal by what it is: they are no chains that stand still.
    """
    rest = [str(dim) for dim in draws.dims if dim not in {CHAIN, DRAW}]
    moves = (truths.max(DRAW) > truths.min(DRAW)).transpose(*rest).to_numpy()
    if moves.all() or not moves.any():
        return draws
    values = draws.transpose(CHAIN, DRAW, *rest).to_numpy()[..., moves]
    return xr.DataArray(values, dims=(CHAIN, DRAW, "cell"))


def rankings(posterior: xr.Dataset, claims: Claims) -> Iterator[tuple[str, Mapping[str, Any], Best]]:
    """Each ranking that is claimed: its name, its place in the further dimensions of the level, and the good end.

    Of periods the last is ranked, of other dimensions each value.
    """
    level = posterior[claims.latent]
    others = [str(dim) for dim in level.dims if dim not in {CHAIN, DRAW, TRUST}]
    choices = [level[dim].to_numpy()[-1:] if dim == PERIOD else level[dim].to_numpy() for dim in others]
    for values in _product(choices):
        place = dict(zip(others, values, strict=True))
        indicator = str(place.get(INDICATOR, next(iter(claims.best))))
        yield ", ".join(map(str, values)), place, claims.best[indicator]


def _product(choices: list[NDArray[Any]]) -> list[tuple[Any, ...]]:
    found: list[tuple[Any, ...]] = [()]
    for values in choices:
        found = [(*head, value) for head in found for value in values.tolist()]
    return found


def _at(values: xr.DataArray, place: Mapping[str, Any]) -> xr.DataArray:
    return values.sel({dim: value for dim, value in place.items() if dim in values.dims}, drop=True)


def _claims(design: Design, truth: xr.Dataset, fitted: _Fitted, rng: np.random.Generator) -> Record:
    posterior = fitted.posterior
    total = posterior.sizes[CHAIN] * posterior.sizes[DRAW]
    thinned_to = partial(fitted.adequacy.thinned, total=total)
    shared = sorted(str(name) for name in truth.data_vars if name in posterior and truth[name].size)
    thinned = {name: thinned_to(name) for name in shared}
    pit = {name: _pit(posterior[name], truth[name], thinned[name], rng) for name in shared}
    crude = _crude(fitted.panel)
    score, true_score = (_data_score(crude, values) for values in (posterior["total"], truth["total"]))
    pit[DATA_SCORE] = _pit(score, true_score, thinned["total"], rng)
    few = thinned_to("rank")
    ranks = {}
    for name, place, best in rankings(posterior, design.claims):
        drawn, true = (_at(values[design.claims.latent], place) for values in (posterior, truth))
        drawn = drawn.transpose(CHAIN, DRAW, TRUST)
        ranks[name] = judge_ranks(drawn, true, best=best, claims=design.claims, thinned=few, rng=rng)
    found: Record = {"draws": total, "thinned": thinned | {"rank": few}, "pit": pit, "ranks": ranks}
    if design.claims.segments is not None:
        found["segments"] = judge_segments(posterior["total"], truth["total"], design.claims.segments)
    return found


def _pit(draws: xr.DataArray, truth: xr.DataArray, thinned: int, rng: np.random.Generator) -> Floats:
    """Where each element of the truth stands among its draws, ties at random: uniform where the law is right."""
    values = draws.transpose(CHAIN, DRAW, *truth.dims).to_numpy()
    rows = values.reshape(values.shape[0] * values.shape[1], -1)
    some = rows[np.arange(thinned) * len(rows) // thinned]
    true = truth.to_numpy().reshape(-1)
    below, level = (some < true).sum(axis=0), (some == true).sum(axis=0)
    place: Floats = (below + rng.random(len(true)) * (level + 1)) / (thinned + 1)
    return place


def _crude(panel: Panel) -> xr.DataArray:
    return xr.DataArray(crude_levels(panel).to_numpy(), dims=TRUST, coords={TRUST: list(panel.trusts.index)})


def _data_score(crude: xr.DataArray, total: xr.DataArray) -> xr.DataArray:
    """Sum over trusts of their crude level times `total`, averaged over further dimensions.

    A quantity that depends on the data (Modrak and others 2023, Bayesian Analysis): a posterior that ignores them, or
    learns too little, leaves each parameter uniform and this one not.
    """
    others = [dim for dim in total.dims if dim not in {CHAIN, DRAW, TRUST}]
    return (total * crude).sum(TRUST).mean(others)


def _plain(value: Any) -> Any:
    """Numpy values as Python's, numbers to six digits."""
    if isinstance(value, Mapping):
        return {str(name): _plain(item) for name, item in value.items()}
    if isinstance(value, np.ndarray | list | tuple):
        return [_plain(item) for item in (value.tolist() if isinstance(value, np.ndarray) else value)]
    if isinstance(value, float | np.floating):
        return float(f"{float(value):.6g}")
    return value.item() if isinstance(value, np.generic) else value
