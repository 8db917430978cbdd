"""What tests of recovery share: committed truths, the tool that wrote them, and one plainly compiled fit of each."""

import importlib.util
import json
import sys
from contextlib import contextmanager
from pathlib import Path

import numba
import numpy as np
import pytest
from arviz_stats.base.array import array_stats
from scipy import stats

from ranktrust.fit import fit
from ranktrust.model import load_model

ROOT = Path(__file__).resolve().parent.parent
CHANCE, MOST_SD = 0.001, 4.0


def names_in(folder):
    """The statements whose truth is kept in a folder of tests/."""
    return sorted(path.stem for path in (ROOT / "tests" / folder).glob("*.json"))


def read_truth(folder, name):
    return json.loads((ROOT / "tests" / folder / f"{name}.json").read_text(encoding="utf-8"))


def written_again(tool, name):
    """The truth of a statement as a script of tools/ makes it now."""
    sys.path.insert(0, str(ROOT / "tools"))
    try:
        spec = importlib.util.spec_from_file_location(tool, ROOT / "tools" / f"{tool}.py")
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
    finally:
        sys.path.remove(str(ROOT / "tools"))
    return module.truth_of(name)


@contextmanager
def compiled_plainly():
    """Machine code without optimisation: it is quicker for so few draws."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(numba.config, "OPT", type(numba.config.OPT)(0))
        yield


def posterior_of(truth, panel, sampling):
    """The posterior of a truth's own statement and seed, given its figures."""
    seed = np.random.SeedSequence(truth["seed"])
    tree = fit(panel, load_model(truth["model"]), seed=seed, sampling=sampling, predictive=False)
    return tree["posterior"].to_dataset()


def assert_fall_evenly(draws, true, kind=""):
    """True levels, (trust,), fall anywhere in their posteriors, (chain, draw, trust), with equal chance.

    Their places among the draws are uniform, and as many 80 % intervals hold them as the binomial law allows, both at 1
    in 1,000. A place within MOST_SD of its own Monte Carlo errors of an interval's end may be on either side of it.
    """
    below = (draws < true).astype(float)
    places = below.mean(axis=(0, 1))
    error = MOST_SD * array_stats.mcse(below, chain_axis=0, draw_axis=1, method="mean")
    error = np.where(np.isfinite(error), error, 0.0)  # below every draw, or above: in no interval
    within = np.minimum(places - 0.1, 0.9 - places)
    few, many = stats.binom.ppf([CHANCE / 2, 1 - CHANCE / 2], len(true), 0.8)
    assert (within > -error).sum() >= few, (kind, np.sort(places))
    assert (within > error).sum() <= many, (kind, np.sort(places))
    assert stats.kstest(places, "uniform").pvalue > CHANCE, kind
