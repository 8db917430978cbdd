"""Statements of several periods or indicators find a committed truth again (tests/truths/joint/).

tools/truths_joint.py writes it. Parameters lie within four posterior standard deviations, and those that the figures
show have a small one. Levels of the last period fall anywhere in their posteriors with equal chance, indicator by
indicator: places are uniform, and 80 % intervals hold as many as the binomial law allows, both at 1 in 1,000. Seeds
were fixed before the first fit. Machine code is compiled plainly: it is quicker for so few draws.
"""

import numpy as np
import pandas as pd
import pytest
from arviz_stats.base.array import array_stats
from panels import made_indicator
from recoveries import MOST_SD, assert_fall_evenly, compiled_plainly, names_in, posterior_of, read_truth, written_again

from ranktrust.assets import list_assets
from ranktrust.fit import Sampling
from ranktrust.model import load_model
from ranktrust.panel import check_panel
from ranktrust.vocabulary import KIND_COLUMNS

FOLDER = "truths/joint"
NAMES = names_in(FOLDER)
SAMPLING = Sampling(draws=500, tune=600)
SHOWN = {"s": 0.3, "national": 0.2, "beta": 0.2}
"""Parameters that so many figures show, and the largest posterior sd that they may leave, on the link scale."""


def panel_of(truth):
    """The panel as a study would make it: one row a figure, one covariate."""
    codes = [f"T{place:02d}" for place in range(len(truth["x"]))]
    parts = []
    for kind, pair in zip(truth["kinds"], truth["figures"], strict=True):
        for t in range(len(pair[0][0])):
            columns = {name: np.array(values)[:, t] for name, values in zip(KIND_COLUMNS[kind], pair, strict=True)}
            label = f"2025-{t + 1:02d}-01/2025-{t + 1:02d}-28"
            parts.append(pd.DataFrame({"trust": codes, "indicator": kind, "period": label, **columns}))
    trusts = pd.DataFrame({"name": codes, "region": "", "icb": "", "type": "", "subtype": ""}, index=codes)
    return check_panel(
        observations=pd.concat(parts),
        trusts=trusts.rename_axis("trust"),
        indicators={kind: renamed(kind) for kind in truth["kinds"]},
        context=pd.DataFrame({"x": truth["x"]}, index=pd.Index(codes, name="trust")),
    )


def renamed(kind):
    made = made_indicator(kind)
    return type(made)(**{**{name: getattr(made, name) for name in made.__dataclass_fields__}, "name": kind})


@pytest.fixture(scope="module", autouse=True)
def plainly():
    with compiled_plainly():
        yield


@pytest.fixture(scope="module", params=NAMES)
def recovered(request):
    """The truth, and the posterior given its figures."""
    truth = read_truth(FOLDER, request.param)
    return truth, posterior_of(truth, panel_of(truth), SAMPLING)


def test_every_statement_of_several_figures_a_trust_has_its_truth():
    several = {name for name in list_assets("models") if {"period_idx", "kind_idx"} & set(load_model(name).needs)}
    assert several == set(NAMES), "state its simulation in tools/truths_joint.py, and run that"


@pytest.mark.parametrize("name", NAMES)
def test_the_truth_is_rebuilt_from_its_seed(name):
    again, kept = written_again("truths_joint", name), read_truth(FOLDER, name)
    assert again.keys() == kept.keys()
    for key in ("model", "kinds", "seed"):
        assert again[key] == kept[key]
    for level, values in kept["levels"].items():
        np.testing.assert_allclose(again["levels"][level], values, rtol=1e-12)
    np.testing.assert_allclose(again["figures"], kept["figures"], rtol=1e-12)


def in_order(values, truth):
    """Draws of one parameter, (chain, draw, cell), in the order of the truth's cells."""
    if "indicator" in values.dims:
        values = values.sel(indicator=truth["kinds"])
    if "other_indicator" in values.dims:
        values = values.sel(other_indicator=truth["kinds"])
    if "period" in values.dims:
        values = values.sortby("period")
    rest = [dim for dim in ("period", "indicator", "other_indicator", "covariate") if dim in values.dims]
    return values.transpose("chain", "draw", *rest, ...).to_numpy().reshape(*values.shape[:2], -1)


def test_parameters_are_recovered(recovered):
    truth, posterior = recovered
    for name, value in truth["truth"].items():
        draws, true = in_order(posterior[name], truth), np.ravel(value)
        assert draws.shape[-1] == true.size, name
        for place, number in enumerate(true):
            cell = draws[..., place]
            if name == "correlation" and cell.std() == 0:
                continue
            assert array_stats.rhat(cell, chain_axis=0, draw_axis=1) < 1.05, (name, place)
            assert abs(cell.mean() - number) < MOST_SD * cell.std(), (name, place, cell.mean(), cell.std(), number)
            assert cell.std() < SHOWN.get(name, np.inf), (name, place)


@pytest.mark.parametrize("level", ["total", "outcome", "performance"])
def test_levels_fall_evenly_in_their_posteriors(recovered, level):
    truth, posterior = recovered
    for j, kind in enumerate(truth["kinds"]):
        values = posterior[level]
        values = values.sel(indicator=kind) if "indicator" in values.dims else values
        values = values.sortby("period").isel(period=-1) if "period" in values.dims else values
        draws = values.transpose("chain", "draw", "trust").sortby("trust").to_numpy()
        true = np.array(truth["levels"][level])[:, -1, j]
        assert_fall_evenly(draws, true, kind)
        if level == "total":
            assert np.corrcoef(true, draws.mean(axis=(0, 1)))[0, 1] > 0.9, kind
