"""How sure an order is as a whole, and how ranks move between periods."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from oracles import slow_sets
from rank_draws import autocorrelated, named, normals
from scipy.stats import kendalltau, spearmanr
from test_ranks_laws import laws, listed, tied

from ranktrust import ranks
from ranktrust.errors import UsageError


@laws
@given(tied)
def test_poth_of_a_subset_is_that_of_ranking_it_again(values):
    draws = named(values)
    summary = ranks.summarise_ranks(draws, best="highest")
    names = summary.table["trust"].values.tolist()
    members = names[:-1] if len(names) > 2 else names
    again = float(slow_sets.poth([draw[: len(members)] for draw in listed(values)]))
    assert ranks.poth_of(summary, members) == pytest.approx(again, abs=1e-9)
    assert ranks.poth_of(summary, members[::-1]) == pytest.approx(again, abs=1e-9)
    assert ranks.poth(summary) == pytest.approx(float(slow_sets.poth(listed(values))), abs=1e-9)


@laws
@given(tied)
def test_poth_without_each_and_of_the_best_are_those_of_ranking_again(values):
    summary = ranks.summarise_ranks(named(values), best="lowest")
    n, draws = summary.n, [[-value for value in draw] for draw in listed(values)]
    without = ranks.poth_without_each(summary)
    order = np.argsort(summary.table["expected_rank"].values, kind="stable")
    for k, found in zip(range(2, n + 1), ranks.poth_of_best(summary).values, strict=True):
        assert found == pytest.approx(float(slow_sets.poth([[draw[i] for i in order[:k]] for draw in draws])), abs=1e-9)
    if n == 2:
        assert np.isnan(without["poth_without"]).all()
        return
    for i in range(n):
        again = float(slow_sets.poth([draw[:i] + draw[i + 1 :] for draw in draws]))
        assert without["poth_without"].values[i] == pytest.approx(again, abs=1e-9)
        assert without["poth_change"].values[i] == pytest.approx(ranks.poth(summary) - again, abs=1e-9)


def test_surgical_poth_without_each_and_of_the_best_are_those_of_poth(shared):
    """R package poth 0.3-0 on the 4,000 Surgical draws: loo(), bestk() and subset(top = )."""
    folder = shared / "oracles"
    frame = pd.read_csv(folder / "surgical" / "re_draws4000.csv.gz")
    summary = ranks.summarise_ranks(named(frame.to_numpy()[None], frame.columns), best="lowest")
    loo = pd.read_csv(folder / "poth" / "draws_loo_small_desirable.csv").set_index("trt")
    found = ranks.poth_without_each(summary).to_dataframe().loc[loo.index]
    np.testing.assert_allclose(found["poth_without"], loo["poth_loo"], rtol=0, atol=1e-12)
    np.testing.assert_allclose(found["poth_change"], loo["resid"], rtol=0, atol=1e-12)
    best = pd.read_csv(folder / "poth" / "draws_bestk_small_desirable.csv")["poth_bestk"].to_numpy()[1:]
    np.testing.assert_allclose(ranks.poth_of_best(summary), best, rtol=0, atol=1e-12)
    sucra = pd.read_csv(folder / "poth" / "draws_sucra_small_desirable.csv")["sucra"]
    named_sucra = ranks.sucra(named(frame.to_numpy()[None], frame.columns), best="lowest")["sucra"]
    np.testing.assert_allclose(named_sucra, sucra, rtol=0, atol=1e-12)


@laws
@given(tied, st.randoms(use_true_random=False))
def test_agreement_with_an_order_is_the_slow_one(values, random):
    draws = named(values)
    order = list(range(values.shape[-1]))
    random.shuffle(order)
    found = ranks.agreement_with_truth(draws, [f"T{i}" for i in order], best="highest")
    for name in ("spearman", "kendall"):
        slow = [float(getattr(slow_sets, name)(draw, order)) for draw in listed(values)]
        np.testing.assert_allclose(found[name].values.ravel(), slow, rtol=0, atol=1e-12)
        assert found[f"expected_{name}"].item() == pytest.approx(np.mean(slow), abs=1e-12)


def test_agreement_is_that_of_scipy_and_its_mean_that_of_the_pairs():
    draws = normals([0.5, 0.0, 1.0, 0.2], np.ones(4), seed=1, draws=300)
    found = ranks.agreement_with_truth(draws, ["T2", "T0", "T3", "T1"], best="lowest")
    places = [2, 4, 1, 3]
    one = draws.isel(chain=1, draw=7).values
    assert found["spearman"].values[1, 7] == pytest.approx(spearmanr(places, one).statistic)
    assert found["kendall"].values[1, 7] == pytest.approx(kendalltau(places, one).statistic)
    above = ranks.p_above(draws, best="lowest")["p_above"].values
    pairs = [2 * above[i, j] - 1 for i in range(4) for j in range(4) if places[i] < places[j]]
    assert found["expected_kendall"].item() == pytest.approx(np.mean(pairs))


def test_errors_of_agreement_and_poth_are_the_spread_over_repetitions():
    runs = [autocorrelated(np.arange(5) / 2, seed=s, rho=0.5, draws=250) for s in range(100)]
    order = [f"T{i}" for i in (4, 3, 2, 1, 0)]
    found = [ranks.agreement_with_truth(run, order, best="highest") for run in runs]
    for name in ("spearman", "kendall"):
        spread = np.std([run[f"expected_{name}"] for run in found], ddof=1)
        claimed = np.sqrt(np.mean([run[f"expected_{name}_mcse"].item() ** 2 for run in found]))
        assert 0.75 < claimed / spread < 1.3, name
    poths = [ranks.report_ranks(run, best="highest").precision.set_index("statement").loc["poth"] for run in runs[:60]]
    spread = np.std([row["value"] for row in poths], ddof=1)
    assert 0.7 < np.mean([row["mcse"] for row in poths]) / spread < 1.4


@laws
@given(tied)
def test_entropy_runs_from_one_place_to_all(values):
    found = ranks.entropy(ranks.summarise_ranks(named(values), best="highest"))
    pmf = ranks.rank_law(named(values), best="highest")["rank_pmf"].values
    slow = [-sum(p * np.log(p) for p in row if p > 0) for row in pmf]
    np.testing.assert_allclose(found["entropy"], slow, rtol=0, atol=1e-12)
    assert (found["entropy_positions"] >= 1).all()
    assert (found["entropy_positions"] <= values.shape[-1] + 1e-9).all()
    same = ranks.entropy(ranks.summarise_ranks(named(np.zeros((1, 4, 5))), best="highest"))
    np.testing.assert_allclose(same["entropy_positions"], 5)


def test_rankability_and_reliability_follow_tau():
    tau, error = np.array([0.0, 1.0, 3.0]), np.array([1.0, 2.0, 4.0])
    np.testing.assert_allclose(ranks.rankability(tau, error), [0, 1 / 5, 9 / 13])
    np.testing.assert_allclose(ranks.unit_reliability(tau, error)[1], [1 / 2, 1 / 5, 1 / 17])
    assert ranks.unit_reliability(tau.reshape(1, 3), error).shape == (3, 3)
    with pytest.raises(UsageError, match="tau must"):
        ranks.rankability([-1.0], error)
    with pytest.raises(UsageError, match="one a trust"):
        ranks.unit_reliability(tau, [0.0, 1.0])


def test_orders_that_do_not_name_every_trust_are_refused():
    draws = named(np.arange(24.0).reshape(1, 8, 3))
    summary = ranks.summarise_ranks(draws, best="highest")
    for order in (["T0", "T1"], ["T0", "T1", "T1"], ["T0", "T1", "T9"]):
        with pytest.raises(UsageError, match="every trust once"):
            ranks.agreement_with_truth(draws, order, best="highest")
    with pytest.raises(UsageError, match="no trust named T9"):
        ranks.poth_of(summary, ["T0", "T9"])
    with pytest.raises(UsageError, match="at least two"):
        ranks.poth_of(summary, ["T0"])


@laws
@given(tied, st.integers(0, 3))
def test_stability_is_the_slow_one(values, places):
    before, now = values, np.roll(values, 1, axis=1)
    found = ranks.rank_stability(named(before), named(now), best="highest", places=places)
    old, new = (ranks.rank_series(named(period), best="highest").values for period in (before, now))
    np.testing.assert_allclose(found.table["p_moved"], (abs(new - old) > places).mean(axis=(0, 1)))
    improved = (now > before).mean(axis=(0, 1)) + (now == before).mean(axis=(0, 1)) / 2
    np.testing.assert_allclose(found.table["p_improved"], improved)
    up = (new < old).mean(axis=(0, 1)) + (new == old).mean(axis=(0, 1)) / 2
    np.testing.assert_allclose(found.table["p_rank_improved"], up)
    low = ranks.rank_stability(named(before), named(now), best="lowest", places=places)
    np.testing.assert_allclose(found.table["p_improved"] + low.table["p_improved"], 1)
    assert found.expected_spearman == pytest.approx(low.expected_spearman)


def test_all_can_improve_and_no_rank_move():
    before = normals([0.0, 5.0, 10.0], [0.1] * 3, seed=2, draws=100)
    found = ranks.rank_stability(before, before + 1, best="highest", places=0)
    assert found.table["p_improved"].values.tolist() == [1, 1, 1]
    assert found.table["p_rank_improved"].values.tolist() == [0.5, 0.5, 0.5]
    assert found.table["p_moved"].values.tolist() == [0, 0, 0]
    assert found.expected_spearman == pytest.approx(1)
    one = spearmanr(before.values[0, 0], (before + 1).values[0, 0]).statistic
    assert found.spearman.values[0, 0] == pytest.approx(one)


def test_trusts_of_two_periods_are_matched_by_name():
    before, now = (normals([0.0, 1.0, 2.0], [1.0] * 3, seed=seed, draws=50) for seed in (3, 4))
    found = [ranks.rank_stability(old, now, best="highest", places=1) for old in (before, before.isel(trust=[2, 0, 1]))]
    assert found[0].table["trust"].values.tolist() == ["T0", "T1", "T2"]
    assert found[0].table.equals(found[1].table)
    assert (
        not found[0].table["p_moved"].equals(ranks.rank_stability(now, now, best="highest", places=1).table["p_moved"])
    )


def test_periods_that_are_not_joint_are_refused():
    draws = normals([0.0, 1.0, 2.0], [1.0] * 3, seed=3, draws=20)
    with pytest.raises(UsageError, match="same trusts, and there is T2 in this period alone and T1 in the earlier one"):
        ranks.rank_stability(draws.isel(trust=[0, 1]), draws.isel(trust=[0, 2]), best="highest", places=1)
    with pytest.raises(UsageError, match="one fit"):
        ranks.rank_stability(draws, draws.isel(draw=slice(10)), best="highest", places=1)
    with pytest.raises(UsageError, match="places must"):
        ranks.rank_stability(draws, draws, best="highest", places=-1)


def test_the_error_of_poth_is_its_spread_over_repetitions():
    """100 independent fits: their spread has a relative error of 1 / sqrt(2 * 99) = 7 %, four of which are allowed."""
    fits = [normals([0.0, 0.6, 1.0, 1.1, 2.5], 1.0, seed=seed, draws=200) for seed in range(100)]
    found = [ranks.poth(ranks.summarise_ranks(draws, best="highest")) for draws in fits]
    errors = [ranks.poth_mcse(draws, best="highest") for draws in fits]
    assert np.mean(errors) == pytest.approx(np.std(found, ddof=1), rel=4 / np.sqrt(2 * 99))
    assert ranks.poth_mcse(fits[0], best="lowest") == pytest.approx(errors[0])
