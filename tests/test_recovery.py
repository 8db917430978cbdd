"""Every statement finds the truth again in panels whose truth is committed (tests/truths/, written by tools/truths.py).

Hyperparameters lie within four posterior standard deviations, and those that 32 trusts can show (mu, s, beta) have
less than half of their prior's. The levels of the trusts fall anywhere in their posteriors with equal chance: their
places among the draws are uniform, and as many 80 % intervals hold them as the binomial law of 32 trusts allows, both
at 1 in 1,000. Seeds were fixed before the first fit. Machine code is compiled plainly: it is quicker for so few draws.
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

FOLDER = "truths"
NAMES = names_in(FOLDER)
SAMPLING = Sampling(draws=400, tune=500)


def panel_of(truth):
    """The panel as a study would make it: figures, regions nested, one covariate."""
    rows = pd.DataFrame(truth["trusts"]).T.rename_axis("trust")
    trusts = pd.DataFrame({"name": rows.index, "region": rows["region"], "icb": "", "type": "", "subtype": ""})
    figures = rows[list(KIND_COLUMNS[truth["kind"]])].astype(float).reset_index()
    return check_panel(
        observations=figures.assign(indicator="made", period="2025-01-01/2025-12-31"),
        trusts=trusts,
        indicators={"made": made_indicator(truth["kind"])},
        context=rows[["x"]].astype(float),
        nested=("region",),
    )


@pytest.fixture(scope="module", autouse=True)
def plainly():
    with compiled_plainly():
        yield


@pytest.fixture(scope="module", params=NAMES)
def recovered(request):
    """The truth, and the posterior given its figures."""
    truth = read_truth(FOLDER, request.param)
    return truth, posterior_of(truth, panel_of(truth), SAMPLING)


def of_one_figure_a_trust(name):
    """Whether a statement is of one indicator in one period; those of more have recoveries of their own."""
    return not {"period_idx", "kind_idx"} & set(load_model(name).needs)


def test_every_statement_of_a_cross_section_has_its_truth():
    absent = [name for name in sorted(list_assets("models")) if name not in NAMES and of_one_figure_a_trust(name)]
    assert absent == [], "state its simulation in tools/truths.py, and run that"


@pytest.mark.parametrize("name", NAMES)
def test_the_truth_is_rebuilt_from_its_seed(name):
    again, kept = written_again("truths", name), read_truth(FOLDER, name)
    rows, old = (pd.DataFrame(truth.pop("trusts")).T for truth in (again, kept))
    assert again == kept
    assert (rows["region"] == old["region"]).all()
    np.testing.assert_allclose(*(frame.drop(columns="region").astype(float) for frame in (rows, old)), rtol=1e-12)


def test_parameters_are_recovered(recovered):
    truth, posterior = recovered
    priors = load_model(truth["model"]).priors
    for name, value in truth["truth"].items():
        draws = posterior[name].to_numpy().reshape(posterior.sizes["chain"], -1)
        assert array_stats.rhat(draws, chain_axis=0, draw_axis=1) < 1.05, name
        assert abs(draws.mean() - value) < MOST_SD * draws.std(), name
        if name in {"mu", "s", "beta"} & set(priors):
            assert draws.std() < 0.5 * np.ravel(priors[name])[-1], name


@pytest.mark.parametrize("level", ["total", "outcome", "performance"])
def test_levels_fall_evenly_in_their_posteriors(recovered, level):
    truth, posterior = recovered
    draws = posterior[level].transpose("chain", "draw", "trust").to_numpy()
    values = np.array([truth["trusts"][code][level] for code in posterior["trust"].values])
    assert_fall_evenly(draws, values)
    if level == "total":  # the figures show it, and only beliefs part the others from it
        assert np.corrcoef(values, draws.mean(axis=(0, 1)))[0, 1] > 0.7
