"""Fits kept as they finish: asked for again with everything the same, a fit is read and not made."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import numpy as np
import xarray as xr

from ranktrust import fit as fitting
from ranktrust.fit import CompileCache, Sampling
from ranktrust.model import ModelFile, PriorNumbers
from ranktrust.panel import Panel
from ranktrust.run.finished import Piece, find_kept, keep, made
from ranktrust.run.prints import FIT_ROOMS, print_of_code, print_of_panel, print_of_versions
from ranktrust.store import read_tree, write_tree

FILE: Final = "fit.nc"
FITS: Final = "fits"
"""Under which a piece says which fits it rests on."""
_STORE: ContextVar[Path | None] = ContextVar("store", default=None)
_USED: ContextVar[set[str] | None] = ContextVar("used", default=None)
_COMPILED: ContextVar[CompileCache | None] = ContextVar("compiled", default=None)


@contextmanager
def keeping(store: Path, compiled: CompileCache | None = None) -> Iterator[set[str]]:
    """Keep every fit made inside in `store`, take up those that are there; yields the digests of all asked for.

    `compiled` is what fits inside share, their own where none is given.
    """
    used: set[str] = set()
    tokens = _STORE.set(store), _USED.set(used), _COMPILED.set({} if compiled is None else compiled)
    try:
        yield used
    finally:
        _STORE.reset(tokens[0])
        _USED.reset(tokens[1])
        _COMPILED.reset(tokens[2])


def compiled_here() -> CompileCache:
    """What the fits inside `keeping` share; outside, nothing."""
    found = _COMPILED.get()
    return {} if found is None else found


def fit(  # noqa: PLR0913 - the arguments of ranktrust.fit.fit
    panel: Panel,
    model_file: ModelFile,
    *,
    seed: np.random.SeedSequence,
    sampling: Sampling | None = None,
    priors: Mapping[str, PriorNumbers] | None = None,
    cache: CompileCache | None = None,
    predictive: bool = True,
    report: Callable[[str, float], None] = lambda _step, _fraction: None,
) -> xr.DataTree:
    """What `ranktrust.fit.fit` gives, read back from the store where the fit is kept there, else made and kept.

    What is compiled without a `cache` of its own is shared with every other such fit inside the same `keeping`. Draws
    are always those read back from the file, so that a fit taken up and one made now are the same to the byte.
    Outside `keeping` this is `ranktrust.fit.fit` itself.
    """
    store, used = _STORE.get(), _USED.get()
    sampling = sampling or Sampling()

    def make() -> xr.DataTree:
        return fitting.fit(
            panel, model_file, seed=seed, sampling=sampling, priors=priors, predictive=predictive, report=report,
            cache=compiled_here() if cache is None else cache,
        )  # fmt: skip

    if store is None or used is None:
        return make()
    piece = piece_of_fit(panel, model_file, seed=seed, sampling=sampling, priors=priors, predictive=predictive)
    used.add(piece.digest)
    kept = find_kept(store, piece)
    if kept is None:
        with TemporaryDirectory(prefix="ranktrust-") as folder:
            path = write_tree(make(), Path(folder) / FILE)
            digest = path.with_name(f"{FILE}.sha256")
            kept = keep(store, piece, {FILE: path, digest.name: digest}, {})
    else:
        report("finished before", 0.7)
    return read_tree(kept.files / FILE)


def made_with_fits(
    store: Path, piece: Piece, part: Path, make: Callable[[], Mapping[str, Any]], used: set[str]
) -> tuple[dict[str, Any], bool]:
    """What `finished.made` gives; the piece's fits stay in the store as long as the piece does.

    `used` are the digests of `keeping`: those of the piece and its fits are added, also where it was taken up.
    """
    before = set(used)
    said, taken = made(store, piece, part, lambda: {**make(), FITS: sorted(used - before)})
    used.update(said[FITS], [piece.digest])
    return said, taken


def piece_of_fit(  # noqa: PLR0913 - what a fit rests on
    panel: Panel,
    model_file: ModelFile,
    *,
    seed: np.random.SeedSequence,
    sampling: Sampling,
    priors: Mapping[str, PriorNumbers] | None,
    predictive: bool,
) -> Piece:
    """A fit as a piece: figures, model file, prior numbers, seed, sampling, the code of fitting, versions and lock.

    How many chains run at once is no part of it: it changes no draw.
    """
    inputs = {
        "figures": print_of_panel(panel),
        "model file": model_file.sha256,
        "priors": repr(sorted(model_file.with_priors(priors or {}).items())),
        "seed": repr((seed.entropy, tuple(seed.spawn_key))),
        "sampling": repr({**asdict(sampling), "cores": 0, "predictive": predictive}),
        "code": print_of_code(FIT_ROOMS),
        "versions and lock": print_of_versions(),
    }
    return Piece(f"fit of {' '.join(panel.indicators)}, model {model_file.name}", inputs)
