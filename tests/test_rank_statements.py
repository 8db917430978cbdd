"""More statements about single trusts and pairs, and the same for thousands of trusts."""

import tracemalloc

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rank_draws import autocorrelated, named, normals
from scipy.stats import norm
from test_ranks_laws import laws, listed, tied

from ranktrust import ranks
from ranktrust.errors import UsageError
from ranktrust.ranks import posterior
from ranktrust.ranks.draws import oriented

deltas = st.sampled_from([0.0, 0.5, 1.0, 2.0])


@laws
@given(tied)
def test_sucra_and_percentile_are_means_of_the_cdf_and_of_p_above(values):
    found = ranks.sucra(named(values), best="highest")
    summary = ranks.summarise_ranks(named(values), best="highest").table
    n = values.shape[-1]
    cdf = summary["rank_cdf"].values[:, : n - 1].mean(axis=1)
    np.testing.assert_allclose(found["sucra"], cdf, rtol=0, atol=1e-12)
    np.testing.assert_allclose(found["percentile"], 100 * summary["p_above"].mean("other_trust"), rtol=0, atol=1e-10)
    np.testing.assert_allclose(found["sucra_mcse"] * (n - 1), summary["expected_rank_mcse"])


def test_percentile_is_that_of_mertools(shared):
    """merTools 0.5.2, rank 1 the smallest, so its percentile grows with theta; `std.error` holds the variance."""
    oracle = pd.read_csv(shared / "oracles" / "expected_rank" / "surgical_expectedRank.csv")
    theta, variance = oracle["estimate"].to_numpy(), oracle["condVar"].to_numpy()
    above = norm.cdf(np.subtract.outer(theta, theta) / np.sqrt(np.add.outer(variance, variance)))
    np.fill_diagonal(above, 0.5)
    np.testing.assert_allclose(0.5 + above.sum(axis=1), oracle["ER"], rtol=0, atol=1e-10)
    draws = normals(theta, np.sqrt(variance), seed=1, draws=10000)
    found = ranks.sucra(draws, best="highest")
    exact = 100 * (oracle["ER"] - 0.5) / len(oracle)
    assert (np.abs(found["percentile"] - exact) < 4 * found["percentile_mcse"]).all()
    assert (exact.round() == oracle["pctER"]).all()


@laws
@given(tied, deltas)
def test_pairs_by_margin_are_the_slow_ones(values, delta):
    draws, n = listed(values), values.shape[-1]
    beyond = ranks.p_above_by(named(values), delta, best="highest")["p_above_by"].values
    rank = ranks.equivalence_series(named(values), delta, best="highest").values.reshape(-1, n)
    for i in range(n):
        for j in range(n):
            assert beyond[i, j] == pytest.approx(np.mean([draw[i] > draw[j] + delta for draw in draws]))
        slow = [1 + sum(other > draw[i] + delta for other in draw) for draw in draws]
        assert rank[:, i].tolist() == slow
    found = ranks.equivalence_rank(named(values), delta, best="highest")
    np.testing.assert_allclose(found["equivalence_rank"], rank.mean(axis=0))
    np.testing.assert_allclose(found["p_best_or_equivalent"], (rank == 1).mean(axis=0))
    np.testing.assert_allclose(found["equivalence_rank"], 1 + beyond.sum(axis=0))


@laws
@given(tied, st.sampled_from([0.0, 0.5, 1.0, 1.5, 2.0]))
def test_excess_powers_are_the_slow_ones(values, power):
    found = ranks.expected_excess(named(values), power, best="lowest")["expected_excess"].values
    rows = -values.reshape(-1, values.shape[-1]).astype(float)
    gap = rows[:, :, None] - rows[:, None, :]
    slow = np.where(gap > 0, np.abs(gap) ** power, 0.0).mean(axis=0)
    if power == 0:
        slow += 0.5 * (gap == 0).mean(axis=0)
    np.testing.assert_allclose(found, slow, rtol=0, atol=1e-12)
    if power == 1:
        mean = rows.mean(axis=0)
        np.testing.assert_allclose(found - found.T, np.subtract.outer(mean, mean), rtol=0, atol=1e-12)


def test_direction_mirrors_pairs_by_margin():
    draws = normals([0.0, 0.4, 1.0], [1.0, 0.5, 1.0], seed=2, draws=200)
    high, low = (ranks.p_above_by(draws, 0.3, best=best)["p_above_by"].values for best in ("highest", "lowest"))
    np.testing.assert_array_equal(high, low.T)
    assert (high + high.T < 1).all()


def test_a_printed_pair_has_the_ess_of_its_own_series():
    """Two trusts that move together: each rank crawls, but which of the two is above is fresh in every draw."""
    common = autocorrelated(np.zeros(1), seed=3, rho=0.97, draws=1000).values
    noise = np.random.default_rng(4).normal(size=(4, 1000, 4))
    values = np.concatenate([common + 0.01 * noise[..., :2], noise[..., 2:]], axis=-1)
    draws = named(values)
    pair = ranks.pairs_above(draws, [("T0", "T1"), ("T2", "T3")], best="highest").iloc[0]
    matrix = ranks.p_above(draws, best="highest")
    assert pair["p_above"] == pytest.approx(matrix["p_above"].sel(trust="T0", other_trust="T1").item())
    assert pair["ess"] > 5 * ranks.summarise_ranks(draws, best="highest").table["ess_rank"].sel(trust="T0").item()
    assert pair["p_above_mcse"] < 0.5 * matrix["p_above_mcse"].sel(trust="T0", other_trust="T1").item()
    assert np.isnan(pair["bound"])


def test_a_pair_never_reversed_is_bounded_by_the_rank_ess():
    draws = normals([0.0, 50.0, 0.1], np.ones(3), seed=5, draws=500)
    row = ranks.pairs_above(draws, [("T0", "T1")], best="highest").iloc[0]
    ess = ranks.summarise_ranks(draws, best="highest").table["ess_rank"].sel(trust=["T0", "T1"]).min().item()
    assert row["p_above"] == 0
    assert row["bound"] == pytest.approx(3 / ess)
    assert row["ess"] == pytest.approx(ess)


def test_the_table_of_thousands_is_that_of_a_few():
    draws = normals(np.linspace(-1, 1, 300), np.ones(300), seed=6, draws=100)
    large = ranks.rank_table(draws, best="lowest", top=20, bottom=30, prob=0.9)
    small = ranks.summarise_ranks(draws, best="lowest", top=20, bottom=30, prob=0.9).table
    for name in ("expected_rank", "median_rank", "rank_lower", "rank_upper", "p_top", "p_bottom", "ess_rank"):
        np.testing.assert_allclose(large[name], small[name], rtol=1e-12, atol=1e-12, err_msg=name)
    for name in ("expected_rank_mcse", "p_top_mcse", "p_bottom_mcse"):
        np.testing.assert_allclose(large[name], small[name], rtol=1e-12, err_msg=name)
    assert (large["sucra"].values == ranks.sucra(draws, best="lowest")["sucra"].values).sum() > 250
    np.testing.assert_allclose(large["sucra"], ranks.sucra(draws, best="lowest")["sucra"], rtol=0, atol=1e-12)
    sets = ranks.simultaneous_sets(draws, best="lowest", method="deviation")
    np.testing.assert_array_equal(large["set_upper"], sets.table["set_upper"])
    assert large.attrs["held_out"] == sets.content.held_out
    assert "ess_rank" not in ranks.rank_table(draws, best="lowest", errors=False)


def test_the_table_of_thousands_holds_no_matrix_of_trusts_by_trusts(monkeypatch):
    """Place counts are made for a block of trusts at a time, and P(above) never."""
    made, count = [], posterior.place_counts

    def counted(draws, rows=slice(None)):
        found = count(draws, rows)
        made.append(len(found))
        return found

    monkeypatch.setattr(posterior, "place_counts", counted)
    monkeypatch.setattr(posterior, "above_shares", None)
    draws = normals(np.zeros(3000), np.ones(3000), seed=8, draws=4, chains=1)
    tracemalloc.start()
    ranks.rank_table(draws, best="highest", errors=False)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert max(made) == 256
    assert peak < 3000 * 3000 * 8 * 0.75


def test_blocks_of_p_above_make_the_matrix(tmp_path):
    draws = normals(np.linspace(-1, 1, 70), np.ones(70), seed=7, draws=50)
    whole = ranks.p_above(draws, best="highest")["p_above"].values
    blocks = list(ranks.above_blocks(draws, best="highest", rows=16))
    np.testing.assert_array_equal(np.concatenate([shares for _, shares in blocks]), whole)
    assert [rows.start for rows, _ in blocks] == [0, 16, 32, 48, 64]
    path = ranks.write_above(draws, tmp_path / "above.npy", best="highest")
    np.testing.assert_array_equal(np.load(path, mmap_mode="r"), whole.astype(np.float32))
    assert [file.name for file in tmp_path.iterdir()] == ["above.npy"]


def test_pair_counts_do_not_overflow_beyond_a_stretch():
    """More draws than an int16 counts, two trusts tied in all of them and one always above."""
    values = np.zeros((1, 40_000, 3))
    values[..., 2] = 1
    draws = posterior.rank_samples(oriented(named(values), best="highest").values)
    expected = [[0.5, 0.5, 0], [0.5, 0.5, 0], [1, 1, 0.5]]
    assert posterior.above_shares(draws).tolist() == expected
    beyond = ranks.p_above_by(named(values + 0.0), 0.5, best="highest")["p_above_by"]
    assert beyond.values.tolist() == [[0, 0, 0], [0, 0, 0], [1, 1, 0]]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda draws: ranks.p_above_by(draws, -1.0, best="highest"), "delta must"),
        (lambda draws: ranks.equivalence_rank(draws, np.nan, best="highest"), "delta must"),
        (lambda draws: ranks.expected_excess(draws, -1.0, best="highest"), "power must"),
        (lambda draws: ranks.pairs_above(draws, [("T0", "T9")], best="highest"), "no trust named T9"),
        (lambda draws: ranks.pairs_above(draws, [], best="highest"), "at least one pair"),
        (lambda draws: ranks.sucra(draws, best="up"), "not 'up'"),
        (lambda draws: ranks.shortest_interval(draws, best="highest", prob=0.0), "prob must"),
    ],
)
def test_options_that_do_not_fit_are_refused(call, message):
    with pytest.raises(UsageError, match=message):
        call(named(np.arange(24.0).reshape(1, 8, 3)))
