"""Levels in other coordinates: the same law to rounding, and no spread that is hard to sample."""

import numpy as np
import pytest
from small_panels import small_panel

from ranktrust.assets import list_assets
from ranktrust.centring import COORDINATE, can_be_moved, figures_of, move_total
from ranktrust.contract import build_small, make_panel
from ranktrust.convergence import rhat_and_ess
from ranktrust.fit import Sampling, fit
from ranktrust.model import load_model
from ranktrust.panel import levels_alone

MOVED = {
    "estimate", "estimate_student", "profile", "profile_factor", "proportion",
    "proportion_half_counts", "proportion_student", "ratio", "ratio_student",
}  # fmt: skip
"""Statements whose `total` is a free parameter with a location and a scale."""


LEVELS = ("total", "outcome", "performance")
MAX_RHAT = 1.01


def built(name):
    return build_small(load_model(name))


def values_of(model, *names):
    """A function from a point to the variables of these names."""
    graphs = model.replace_rvs_by_values([model[name] for name in names])
    return model.compile_fn(
        graphs, inputs=model.value_vars, mode="FAST_COMPILE", on_unused_input="ignore", point_fn=True
    )


def random_points(model, number, seed):
    rng = np.random.default_rng(seed)
    start = model.initial_point()
    return [
        {name: values + rng.normal(0, 0.3, np.shape(values)) for name, values in start.items()} for _ in range(number)
    ]


def test_statements_whose_levels_are_free_are_those_that_can_be_moved():
    assert {name for name in list_assets("models") if can_be_moved(built(name).model)} == MOVED


@pytest.mark.parametrize("name", sorted(MOVED))
def test_density_is_that_of_the_statement_times_the_width_of_each_level(name):
    statement = built(name)
    moved = move_total(statement.model, statement.panel)
    assert [v.name for v in moved.free_RVs if v.name not in {v.name for v in statement.model.free_RVs}] == [COORDINATE]
    total = values_of(moved, "total")
    theirs, ours = (model.compile_logp(mode="FAST_COMPILE") for model in (statement.model, moved))
    step = 1e-4
    for point in random_points(moved, 3, seed=len(name)):
        v = point.pop(COORDINATE)
        at, above = (total({**point, COORDINATE: v + shift})[0] for shift in (0.0, step))
        widths = np.log((above - at) / step)  # the transform is affine in v, so a difference is its derivative
        expected = theirs({**point, "total": at}) + widths.sum()
        assert ours({**point, COORDINATE: v}) == pytest.approx(expected, rel=1e-9, abs=1e-6)


def test_a_level_is_its_figures_where_they_are_precise_and_its_law_where_there_are_none():
    """T01 and T02 lack a figure each: there the coordinate is the scaled distance from the mean of the law."""
    statement = built("profile")
    given = figures_of(statement.model, statement.panel)
    absent = given["precision_alone"] == 0
    assert absent.sum() == 2
    moved = move_total(statement.model, statement.panel)
    (point,) = random_points(moved, 1, seed=3)
    level, v, mu, s, beta = values_of(moved, "total", COORDINATE, "mu", "s", "beta")(point)
    mean = mu + statement.panel["context"] @ beta.T
    np.testing.assert_allclose(level[absent], (mean + s * v)[absent], rtol=1e-12)
    sharp = move_total(statement.model, statement.panel)
    sharp.set_data("precision_alone", np.full_like(given["precision_alone"], 1e12))
    np.testing.assert_allclose(values_of(sharp, "total")(point)[0], given["level_alone"], atol=1e-4)


@pytest.mark.parametrize(
    ("kind", "first", "second", "level", "precision"),
    [
        ("ratio", (0.0, 9.5), (2.0, 10.0), (np.log(0.25), 0.0), (0.5, 10.0)),
        ("proportion", (0.5, 9.0), (1.0, 9.0), (0.0, np.log(19)), (0.5, 0.475)),
        ("estimate", (6.0, 7.0), (0.5, 0.1), (6.0, 7.0), (4.0, 100.0)),
    ],
)
def test_levels_and_precisions_alone_by_hand(kind, first, second, level, precision):
    found = levels_alone(small_panel(first, second, kind))
    np.testing.assert_allclose(found["level"], level, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(found["precision"], precision, rtol=1e-12)


def test_figures_of_one_trust_are_pooled_by_their_precision():
    statement = load_model("estimate")
    panel = make_panel("estimate", periods=2)
    given = figures_of(statement.build(panel), panel)
    alone = levels_alone(panel).assign(trust=panel["trust_idx"])
    first = alone[alone["trust"] == 0]
    assert given["precision_alone"][0] == pytest.approx(first["precision"].sum())
    assert given["level_alone"][0] == pytest.approx(np.average(first["level"], weights=first["precision"]))


def test_trusts_that_hardly_differ_pass_the_gate():
    """Forty trusts of one true ratio: as the statement is written, s has a funnel and the gate fails."""
    rng = np.random.default_rng(4)
    expected = rng.integers(2000, 6000, 40).astype(float)
    panel = make_panel("ratio", trusts=40)
    rows = panel.observations.assign(expected=expected, observed=rng.poisson(expected).astype(float))
    sampling = Sampling(chains=4, draws=1000, tune=500, cores=1)
    seed = np.random.SeedSequence(20261127)
    tree = fit(panel.derive(observations=rows), load_model("ratio"), seed=seed, sampling=sampling, predictive=False)
    posterior = tree["posterior"]
    series = [posterior["s"].to_numpy()[None], *(posterior[name].transpose("trust", ...).to_numpy() for name in LEVELS)]
    rhat, bulk, tail = rhat_and_ess(np.concatenate(series))
    assert int(tree["sample_stats"]["diverging"].sum()) == 0
    assert COORDINATE not in posterior
    assert rhat.max() < MAX_RHAT
    assert min(bulk.min(), tail.min()) > 400
