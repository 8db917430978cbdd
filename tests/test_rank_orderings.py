"""Orders by loss, what each costs, and r-values."""

from fractions import Fraction
from itertools import permutations

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from oracles import slow_sets
from rank_draws import named, normals
from scipy.stats import norm, spearmanr
from test_ranks_laws import laws, listed, tied

from ranktrust import ranks
from ranktrust.errors import UsageError
from ranktrust.ranks import losses
from ranktrust.ranks.orderings import OWN_LOSS

few = st.tuples(st.just(1), st.integers(4, 6), st.integers(2, 5)).flatmap(
    lambda shape: arrays(np.int64, shape, elements=st.integers(0, 4))
)
weights = st.builds(ranks.Weights, *[st.sampled_from([0.0, 0.5, 1.0, 2.0])] * 2, st.sampled_from([0.0, 0.3, 1.0, 4.0]))


def slow_losses(n, k, weights):
    """Each loss as a function of a true and a published place, for the mean over trusts."""

    def weighted(distance):
        def loss(true, at):
            if true <= k < at:
                return distance(true, at) ** weights.p
            return weights.c * distance(true, at) ** weights.q if at <= k < true else 0

        return loss

    return {
        "squared": lambda true, at: (true - at) ** 2,
        "absolute": lambda true, at: abs(true - at),
        "placement": lambda true, at: true != at,
        "top_k": lambda true, at: (true <= k) != (at <= k),
        "published_distance": weighted(lambda true, at: abs(at - k - 0.5) / (n + 1)),
        "true_distance": weighted(lambda true, at: abs(true - k - 0.5) / (n + 1)),
        "both_distance": weighted(lambda true, at: abs(true - at) / (n + 1)),
    }


def best_first(places):
    return np.argsort(places.values).tolist()


@laws
@given(tied, weights)
def test_expected_losses_are_the_slow_ones(values, weights):
    summary = ranks.summarise_ranks(named(values), best="highest")
    found = ranks.orderings(summary, weights=weights).table
    slow = slow_losses(summary.n, summary.top, weights)
    for order in ("expected_rank", "most_probable"):
        published = best_first(found["place"].sel(order=order))
        for name, loss in slow.items():
            cost = float(slow_sets.mean_loss(listed(values), published, loss))
            assert found["expected_loss"].sel(order=order, loss=name).item() == pytest.approx(cost, abs=1e-9)


@laws
@given(few, weights)
def test_no_order_of_all_costs_less(values, weights):
    summary = ranks.summarise_ranks(named(values), best="highest")
    found = ranks.orderings(summary, weights=weights)
    slow = slow_losses(summary.n, summary.top, weights)
    for order, loss in OWN_LOSS.items():
        least = float(slow_sets.best_loss(listed(values), slow[loss]))
        assert found.own_loss(order)[0] == pytest.approx(least, abs=1e-9), order


@laws
@given(tied)
def test_squared_loss_is_sorted_expected_rank_and_an_assignment(values):
    summary = ranks.summarise_ranks(named(values), best="highest")
    pmf, expected = summary.table["rank_pmf"].values, summary.table["expected_rank"].values
    cost = losses.squared_cost(pmf)
    by_sorting, by_assignment = losses.places_by(expected), losses.best_assignment(cost)
    assert losses.expected_loss(cost, by_sorting) == pytest.approx(losses.expected_loss(cost, by_assignment), abs=1e-9)
    assert (ranks.orderings(summary).table["place"].sel(order="expected_rank") == by_sorting).all()


def test_squared_assignment_is_the_same_order_where_no_expected_ranks_tie():
    summary = ranks.summarise_ranks(normals(np.linspace(-1, 1, 30), np.ones(30), seed=1, draws=200), best="highest")
    by_assignment = losses.best_assignment(losses.squared_cost(summary.table["rank_pmf"].values))
    assert (by_assignment == losses.places_by(summary.table["expected_rank"].values)).all()


@laws
@given(few)
def test_random_loss_is_the_mean_over_all_orders(values):
    summary = ranks.summarise_ranks(named(values), best="highest")
    found = ranks.orderings(summary).table
    n = summary.n
    every = list(permutations(range(n)))
    for name, loss in slow_losses(n, summary.top, ranks.Weights()).items():
        mean = sum(slow_sets.mean_loss(listed(values), order, loss) for order in every) / len(every)
        assert found["random_loss"].sel(loss=name).item() == pytest.approx(float(mean), abs=1e-9)
    known = {"squared": (n**2 - 1) / 6, "absolute": (n**2 - 1) / (3 * n), "placement": 1 - 1 / n}
    known["top_k"] = 2 * summary.top * (n - summary.top) / n**2
    for name, value in known.items():
        assert found["random_loss"].sel(loss=name).item() == pytest.approx(value, abs=1e-9)


@laws
@given(tied)
def test_two_stages_keep_the_top_and_sort_each_class_by_expected_rank(values):
    summary = ranks.summarise_ranks(named(values), best="highest")
    place = ranks.orderings(summary).table["place"]
    one, two = (place.sel(order=order).values for order in ("top_k", "top_k_two_stage"))
    assert ((one <= summary.top) == (two <= summary.top)).all()
    expected = summary.table["expected_rank"].values
    for inside in (True, False):
        members = np.flatnonzero((two <= summary.top) == inside)
        assert (np.diff(expected[members[np.argsort(two[members])]]) >= -1e-9).all()


def test_classes_of_equal_draws_cost_what_chance_does():
    """Independent draws of one law: an order is no better than one drawn at random."""
    summary = ranks.summarise_ranks(normals(np.zeros(10), np.ones(10), seed=2, draws=20000), best="highest")
    found = ranks.orderings(summary)
    for order in OWN_LOSS:
        assert found.own_loss(order)[1] == pytest.approx(1, abs=0.03)
    certain = ranks.summarise_ranks(normals(100 * np.arange(5.0), np.ones(5), seed=3, draws=50), best="highest")
    assert {ranks.orderings(certain).own_loss(order) for order in OWN_LOSS} == {(0.0, 0.0)}


def test_any_published_order_has_its_loss():
    summary = ranks.summarise_ranks(normals([2.0, 1.0, 0.0], np.ones(3), seed=4, draws=500), best="highest", top=1)
    order = xr.DataArray([3, 1, 2], dims="trust", coords={"trust": ["T2", "T0", "T1"]})
    found = ranks.expected_loss(summary, order)
    own = ranks.orderings(summary).table.sel(order="expected_rank")
    np.testing.assert_allclose(found["ratio"], own["ratio"])
    with pytest.raises(UsageError, match="every place from 1 to 3 once"):
        ranks.expected_loss(summary, order.copy(data=[1, 1, 2]))
    with pytest.raises(UsageError, match="not negative"):
        ranks.orderings(summary, weights=ranks.Weights(p=-1.0))


@laws
@given(tied)
def test_r_values_are_the_slow_ones_nested_and_large_enough(values):
    summary = ranks.summarise_ranks(named(values), best="highest")
    n, cdf = summary.n, summary.table["rank_cdf"].values
    found = np.round(ranks.r_values(summary).values * n).astype(int)
    lists = [{i for i in range(n) if found[i] <= k} for k in range(1, n + 1)]
    for k, listed_trusts in enumerate(lists, start=1):
        exact = [Fraction(cell).limit_denominator(10**6) for cell in cdf[:, k - 1]]
        among = {i for i in range(n) if sum(other > exact[i] for other in exact) < k}
        assert listed_trusts == (lists[k - 2] if k > 1 else set()) | among
        assert len(listed_trusts) >= k
    assert lists[-1] == set(range(n))


def test_lists_by_r_value_are_nested_where_lists_by_p_top_are_not():
    """T0 leads P(top 1) but is not among the two largest P(top 2): its list of two then has three."""
    values = np.array([[9, 5, 4, 0]] * 4 + [[0, 9, 5, 1]] * 3 + [[0, 5, 9, 1]] * 3, dtype=float)[None]
    summary = ranks.summarise_ranks(named(values), best="highest")
    cdf = summary.table["rank_cdf"].values
    assert cdf[:, 0].argmax() == 0
    assert set(np.argsort(-cdf[:, 1])[:2]) == {1, 2}
    assert ranks.r_values(summary).values.tolist() == [0.25, 0.5, 0.5, 0.75]


def test_r_values_of_the_gaussian_model_are_those_of_the_r_package(shared):
    """rvalues 0.7.1, prior N(0, 1): its V, on its grid; type 1 quantiles make its lists one longer than alpha n."""
    folder = shared / "oracles" / "rvalues"
    oracle, grid = (pd.read_csv(folder / name) for name in ("gauss_N01_out.csv", "gauss_grid.csv"))
    alpha, n = grid["alpha"].to_numpy(), len(oracle)
    shrink = 1 / (1 + oracle["se"].to_numpy() ** 2)
    mean, sd = oracle["X"].to_numpy() * shrink, np.sqrt(1 - shrink)
    exceedance = norm.sf(norm.isf(alpha)[None, :], mean[:, None], sd[:, None])
    sizes = np.minimum(np.floor(alpha * n + 1e-9).astype(int) + 1, n)
    found = losses.r_value_levels(exceedance, sizes)
    expected = oracle["rvalue"].to_numpy()
    assert spearmanr(alpha[found], expected).statistic > 0.999
    assert np.abs(alpha[found] - expected).max() <= 2 * np.diff(alpha).max()
    assert np.abs(alpha[found] - expected).mean() < 0.006


def test_finite_r_values_have_the_order_of_the_super_population(shared):
    oracle = pd.read_csv(shared / "oracles" / "rvalues" / "gauss_N01_out.csv")
    shrink = 1 / (1 + oracle["se"].to_numpy() ** 2)
    draws = normals(oracle["X"].to_numpy() * shrink, np.sqrt(1 - shrink), seed=5, draws=2000)
    found = ranks.r_values(ranks.summarise_ranks(draws, best="highest"))
    assert spearmanr(found, oracle["rvalue"]).statistic > 0.99
