"""Laws that hold for any draws. Values are small whole numbers, so that ties occur."""

from fractions import Fraction

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from oracles import slow_ranks
from rank_draws import named

from ranktrust.ranks import expected_rank, p_above, p_bottom, p_top, rank_interval, rank_law, summarise_ranks

shapes = st.tuples(st.integers(1, 2), st.integers(4, 7), st.integers(2, 6))
tied = shapes.flatmap(lambda shape: arrays(np.int64, shape, elements=st.integers(0, 4)))
probs = st.sampled_from([0.5, 0.8, 0.9, 0.95])
laws = settings(deadline=None, max_examples=60, derandomize=True)


def listed(values):
    return values.reshape(-1, values.shape[-1]).tolist()


@laws
@given(tied)
def test_pmf_is_the_slow_one(values):
    fast = rank_law(named(values), best="highest")["rank_pmf"].to_numpy()
    slow = np.array(slow_ranks.rank_pmf(listed(values)), dtype=float)
    np.testing.assert_allclose(fast, slow, rtol=0, atol=1e-12)


@laws
@given(tied)
def test_rows_and_columns_of_the_pmf_sum_to_one(values):
    law = rank_law(named(values), best="highest")
    np.testing.assert_allclose(law["rank_pmf"].sum("rank"), 1, rtol=0, atol=1e-12)
    np.testing.assert_allclose(law["rank_pmf"].sum("trust"), 1, rtol=0, atol=1e-12)
    np.testing.assert_allclose(law["rank_cdf"].sel(rank=values.shape[-1]), 1, rtol=0, atol=1e-12)


@laws
@given(tied)
def test_expected_rank_is_the_slow_one_and_sums_with_p_above(values):
    n = values.shape[-1]
    fast = expected_rank(named(values), best="highest")["expected_rank"].to_numpy()
    slow = [float(slow_ranks.expected_rank(listed(values), i)) for i in range(n)]
    above = p_above(named(values), best="highest")["p_above"].sum("other_trust").to_numpy()
    np.testing.assert_allclose(fast, slow, rtol=0, atol=1e-12)
    np.testing.assert_allclose(fast, n + 0.5 - above, rtol=0, atol=1e-12)


@laws
@given(tied)
def test_p_above_is_the_slow_one_and_pairs_sum_to_one(values):
    n = values.shape[-1]
    fast = p_above(named(values), best="highest")["p_above"].to_numpy()
    slow = [[float(slow_ranks.p_above(listed(values), i, j)) for j in range(n)] for i in range(n)]
    np.testing.assert_allclose(fast, slow, rtol=0, atol=1e-12)
    np.testing.assert_allclose(fast + fast.T, 1, rtol=0, atol=1e-12)
    assert (np.diag(fast) == 0.5).all()


@laws
@given(tied, st.sampled_from([Fraction(1, 2), Fraction(4, 5), Fraction(9, 10), Fraction(19, 20)]))
def test_interval_is_the_slow_one(values, prob):
    fast = rank_interval(named(values), best="highest", prob=float(prob))
    slow = [slow_ranks.interval(listed(values), i, prob) for i in range(values.shape[-1])]
    assert list(zip(fast["rank_lower"].values, fast["rank_upper"].values, strict=True)) == slow


@laws
@given(tied, probs)
def test_reversing_direction_mirrors_everything_exactly(values, prob):
    high = summarise_ranks(named(values), best="highest", prob=prob).table
    low = summarise_ranks(named(values), best="lowest", prob=prob).table
    n = values.shape[-1]
    assert (high["rank_lower"] == n + 1 - low["rank_upper"]).all()
    assert (high["rank_upper"] == n + 1 - low["rank_lower"]).all()
    assert (high["rank_pmf"].values == low["rank_pmf"].values[:, ::-1]).all()
    assert (high["p_top"] == low["p_bottom"]).all()
    np.testing.assert_allclose(high["expected_rank"], n + 1 - low["expected_rank"], rtol=0, atol=1e-12)


@laws
@given(tied)
def test_a_strictly_monotone_map_changes_nothing(values):
    plain = rank_law(named(values), best="highest")["rank_pmf"]
    bent = rank_law(named(np.exp(values / 3.0) - 7), best="highest")["rank_pmf"]
    assert (plain == bent).all()


@laws
@given(tied, st.randoms(use_true_random=False))
def test_relabelling_permutes_rows(values, random):
    order = list(range(values.shape[-1]))
    random.shuffle(order)
    draws = named(values)
    names = draws["trust"].values[order]
    plain = summarise_ranks(draws, best="lowest").table
    shuffled = summarise_ranks(draws.isel(trust=order), best="lowest").table
    assert list(shuffled["trust"].values) == list(names)
    assert shuffled.equals(plain.sel(trust=names, other_trust=names))


@laws
@given(tied)
def test_ties_keep_their_mass_at_both_ends(values):
    n = values.shape[-1]
    for k in range(1, n + 1):
        top = p_top(named(values), k, best="highest")["p_top"]
        bottom = p_bottom(named(values), k, best="highest")["p_bottom"]
        cdf = rank_law(named(values), best="highest")["rank_cdf"].sel(rank=k)
        np.testing.assert_allclose([top.sum(), bottom.sum()], k, rtol=0, atol=1e-12)
        np.testing.assert_allclose(top, cdf, rtol=0, atol=1e-12)


@laws
@given(tied)
def test_rounding_to_float32_keeps_exact_ties(values):
    double = rank_law(named(values / 3.0), best="lowest")["rank_pmf"]
    single = rank_law(named((values / 3.0).astype(np.float32)), best="lowest")["rank_pmf"]
    assert (double == single).all()


@laws
@given(tied)
def test_a_probability_never_has_an_error_of_zero(values):
    table = summarise_ranks(named(values), best="highest").table
    moving = np.ptp(values, axis=(0, 1)) > 0
    for name in ("p_top_mcse", "p_bottom_mcse", "expected_rank_mcse"):
        assert (table[name].values[moving] > 0).all()
