import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from oracles import normal_ranks
from rank_draws import autocorrelated, named, normals

from ranktrust import ranks
from ranktrust.errors import DataError, UsageError
from ranktrust.ranks import compiled

FLOOR = 2e-4
N5 = np.array([0.3, 0.1, 0.0, -0.1, -0.2]), np.array([0.1, 0.3, 0.2, 0.05, 0.2])
N20 = np.linspace(-1, 1, 20), np.tile([0.2, 0.4, 0.6, 0.8], 5)


def assert_within_error(found, exact, mcse):
    """Four Monte Carlo errors, and a floor for cells near 0 or 1."""
    excess = np.abs(np.asarray(found) - exact) - np.maximum(4 * np.asarray(mcse), FLOOR)
    assert excess.max() <= 0, f"worst by {excess.max():.5f}"


def assert_exact_law(table, pmf, above):
    assert_within_error(table["rank_pmf"], pmf, table["rank_pmf_mcse"])
    assert_within_error(table["expected_rank"], pmf @ np.arange(1, len(pmf) + 1), table["expected_rank_mcse"])
    assert_within_error(table["p_above"], above, table["p_above_mcse"])


@pytest.mark.parametrize("law", [N5, N20], ids=["n5", "n20"])
def test_independent_normals_have_their_exact_rank_law(law):
    table = ranks.summarise_ranks(normals(*law, seed=1), best="highest", top=2).table
    pmf = normal_ranks.rank_pmf(*law)
    assert_exact_law(table, pmf, normal_ranks.p_above(*law))
    assert_within_error(table["p_top"], pmf[:, :2].sum(axis=1), table["p_top_mcse"])


@pytest.mark.parametrize("tag", ["n5", "exchangeable8", "separated6"])
def test_shared_exact_rank_laws(shared, tag):
    folder = shared / "oracles" / "exact"
    exact = pd.read_csv(folder / f"{tag}_summary.csv")
    draws = normals(exact["mean"].to_numpy(), exact["sd"].to_numpy(), seed=2)
    summary = ranks.summarise_ranks(draws, best="highest", top=3)
    pmf, above = (pd.read_csv(folder / f"{tag}_{name}.csv").to_numpy() for name in ("rank_pmf", "pairwise"))
    assert_exact_law(summary.table, pmf, above)
    assert_within_error(summary.table["p_top"], exact["p_top3"], summary.table["p_top_mcse"])


def test_surgical_draws_have_the_ranks_that_r_gave_them(shared):
    folder = shared / "oracles"
    frame = pd.read_csv(folder / "surgical" / "re_draws4000.csv.gz")
    summary = ranks.summarise_ranks(named(frame.to_numpy()[None], frame.columns), best="lowest")
    table = summary.table
    rankogram = pd.read_csv(folder / "poth" / "draws_rankmatrix_small_desirable.csv", index_col=0)
    np.testing.assert_allclose(table["rank_pmf"], rankogram.to_numpy(), rtol=0, atol=1e-12)
    sucra = pd.read_csv(folder / "poth" / "draws_sucra_small_desirable.csv")["sucra"]
    np.testing.assert_allclose((12 - table["expected_rank"]) / 11, sucra, rtol=0, atol=1e-12)
    assert ranks.poth(summary) == pytest.approx(0.579161819930070, abs=1e-12)


def test_surgical_draws_agree_with_the_long_run_they_come_from(shared):
    folder = shared / "oracles" / "surgical"
    frame = pd.read_csv(folder / "re_draws4000.csv.gz")
    table = ranks.summarise_ranks(named(frame.to_numpy()[None], frame.columns), best="lowest").table
    run = pd.read_csv(folder / "re_summary.csv")
    pmf = pd.read_csv(folder / "re_rank_pmf.csv", index_col=0).to_numpy()
    assert_within_error(table["expected_rank"], run["rank_mean"], table["expected_rank_mcse"])
    assert_within_error(table["rank_pmf"], pmf, table["rank_pmf_mcse"])
    assert (np.abs(table["rank_lower"].values - run["rank_q025"].to_numpy()) <= 1).all()
    assert (np.abs(table["rank_upper"].values - run["rank_q975"].to_numpy()) <= 1).all()


def test_monte_carlo_errors_are_the_spread_over_repetitions():
    names = ("expected_rank", "p_top", "p_bottom")
    runs = [
        ranks.summarise_ranks(autocorrelated(np.arange(5) / 2, seed=s, rho=0.6, draws=250), best="highest").table
        for s in range(200)
    ]
    for name in names:
        spread = np.std([run[name].values for run in runs], axis=0, ddof=1)
        claimed = np.sqrt(np.mean([run[f"{name}_mcse"].values ** 2 for run in runs], axis=0))
        ratio = claimed / spread
        assert (ratio > 0.8).all(), f"{name} {ratio}"
        assert (ratio[spread > 0.01] < 1.25).all(), f"{name} {ratio}"


def test_autocorrelation_makes_errors_grow_as_it_should():
    """For AR(1), ESS of the mean of the series itself falls by (1 - rho) / (1 + rho) = 1/19."""
    mean = np.zeros(4)
    slow = ranks.expected_rank(autocorrelated(mean, seed=4, rho=0.9), best="highest")["expected_rank_mcse"]
    iid = ranks.expected_rank(autocorrelated(mean, seed=5, rho=0.0), best="highest")["expected_rank_mcse"]
    assert (slow / iid > 3).all()
    assert (slow / iid < np.sqrt(19) * 1.2).all()


def test_a_probability_near_zero_has_wilsons_half_width():
    table = ranks.summarise_ranks(normals([0.0, 100.0, 200.0], [1, 1, 1], seed=6), best="highest").table
    ess = table["ess_rank"].sel(trust="T0").item()
    assert table["p_top"].sel(trust="T0").item() == 0
    assert table["p_top_mcse"].sel(trust="T0").item() == pytest.approx(1 / (2 * (ess + 1)))
    assert 15000 < ess < 25000
    assert ranks.unseen_bound(ess) == pytest.approx(3 / ess)


def test_a_constant_indicator_takes_the_ess_of_its_rank():
    draws = autocorrelated(np.array([0.0, 0.0, 50.0]), seed=7, rho=0.9)
    table = ranks.summarise_ranks(draws, best="highest").table
    np.testing.assert_array_equal(table["p_top_ess"][:2], table["ess_rank"][:2])
    assert table["ess_rank"].max() < 2000


def test_a_pair_has_the_error_of_its_less_certain_trust():
    draws = xr.concat(
        [autocorrelated(np.zeros(3), seed=13, rho=rho, draws=500) for rho in (0.0, 0.95)], dim="trust", join="outer"
    )
    table = ranks.summarise_ranks(draws.assign_coords(trust=range(6)), best="highest").table
    smaller = table["ess_rank"].values[[0, 5]].min()
    p = table["p_above"].values[0, 5]
    wilson = np.sqrt(p * (1 - p) / smaller + 1 / (4 * smaller**2)) / (1 + 1 / smaller)
    assert table["ess_rank"].values[5] < 0.5 * table["ess_rank"].values[0]
    assert table["p_above_mcse"].values[0, 5] == pytest.approx(wilson)
    assert (np.diag(table["p_above_mcse"]) == 0).all()


def test_chains_that_disagree_have_hardly_any_ess():
    values = np.random.default_rng(14).normal(size=(2, 100, 3))
    values[0, :, 0] += 100
    values[1, :, 1] += 100
    table = ranks.summarise_ranks(named(values), best="highest").table
    assert table["p_top"].values.tolist() == [0.5, 0.5, 0]
    assert (table["p_top_ess"][:2] < 5).all()


def test_ranks_need_no_folder_for_machine_code(monkeypatch):
    def njit(function=None, *, cache=False):
        if cache:
            raise RuntimeError("cannot cache function: no locator available")
        return function

    monkeypatch.setattr(compiled, "njit", njit)
    assert compiled.compiled(abs) is abs


def test_draws_that_never_change_have_no_ess():
    values = np.random.default_rng(8).normal(size=(2, 50, 3))
    values[..., 2] = 90
    table = ranks.summarise_ranks(named(values), best="highest").table
    assert np.isnan(table["ess_rank"].sel(trust="T2"))
    assert table["rank_pmf"].sel(trust="T2", rank=1) == 1


def test_interval_counts_are_not_tipped_by_binary_fractions():
    """5 of 100 draws lie in the lowest place: F(1) = alpha/2 exactly, and lower = min{k: F(k) > alpha/2}."""
    values = np.zeros((1, 100, 2))
    values[0, :5, 0] = 1
    values[0, 5:, 1] = 1
    interval = ranks.rank_interval(named(values), best="highest", prob=0.9)
    assert interval["rank_lower"].values.tolist() == [2, 1]
    assert interval["rank_upper"].values.tolist() == [2, 1]


def test_poth_is_the_mean_correlation_between_draws():
    draws = normals(*N5, seed=9, draws=1000)
    between = ranks.spearman_between_draws(draws, best="highest", pairs=20000, seed=1)
    error = between.std().item() / np.sqrt(2000)
    assert abs(between.mean().item() - ranks.poth(ranks.summarise_ranks(draws, best="highest"))) < 4 * error
    assert between.max() == 1


def test_a_subset_is_ranked_again():
    draws = normals(*N5, seed=10, draws=500)
    subset = ranks.rerank(draws, ["T4", "T1"], best="highest")
    above = ranks.p_above(draws, best="highest")["p_above"].sel(trust="T4", other_trust="T1").item()
    assert subset.n == 2
    assert subset.table["trust"].values.tolist() == ["T4", "T1"]
    assert subset.table["rank_pmf"].sel(trust="T4", rank=1).item() == pytest.approx(above)


def test_probability_beyond_a_standard():
    draws = normals(*N5, seed=11)
    beyond = ranks.probability_beyond(draws, 0.05, direction="above")
    exact = normal_ranks.norm.sf(0.05, *N5)
    assert_within_error(beyond["p_beyond"], exact, beyond["p_beyond_mcse"])
    below = ranks.probability_beyond(draws, 0.05, direction="below")["p_beyond"]
    np.testing.assert_allclose(beyond["p_beyond"] + below, 1, rtol=0, atol=1e-12)


def test_the_default_k_is_a_quarter():
    for n, k in ((2, 1), (7, 2), (118, 29)):
        values = np.random.default_rng(n).normal(size=(1, 8, n))
        summary = ranks.summarise_ranks(named(values), best="highest")
        assert (summary.top, summary.bottom) == (k, k)


def test_every_form_of_sample_gives_one_answer():
    draws = normals(*N5, seed=12, draws=50)
    plain = ranks.summarise_ranks(draws, best="lowest").table
    numbered = draws.assign_coords(chain=range(4), draw=range(50))
    stacked = numbered.stack(sample=("chain", "draw"))  # noqa: PD013 - xarray, not pandas
    assert ranks.summarise_ranks(stacked, best="lowest").table.equals(plain)
    assert ranks.summarise_ranks(draws.transpose("trust", "draw", "chain"), best="lowest").table.equals(plain)
    one_chain = stacked.reset_index("sample", drop=True)
    assert ranks.summarise_ranks(one_chain, best="lowest").chains == 1
    assert ranks.rank_law(one_chain, best="lowest")["rank_pmf"].equals(plain["rank_pmf"])


def test_series_for_diagnostics():
    draws = named([[[1.0, 2.0, 2.0]] * 4])
    assert ranks.rank_series(draws, best="highest").sel(trust="T1").values.tolist() == [[1.5] * 4]
    assert ranks.top_series(draws, 1, best="highest").sel(trust="T2").values.tolist() == [[0.5] * 4]


def test_draws_that_are_not_finite_are_named_with_counts():
    values = np.zeros((1, 10, 3))
    values[0, :2, 1] = np.nan
    values[0, 5, 2] = np.inf
    with pytest.raises(DataError, match="T1: 2 of 10 draws") as caught:
        ranks.rank_law(named(values), best="highest")
    assert len(caught.value.faults) == 2


good = named(np.arange(24.0).reshape(1, 8, 3))


@pytest.mark.parametrize(
    ("draws", "message"),
    [
        (good.expand_dims(period=2), "2 dimensions .*period, trust.*Select"),
        (good.isel(trust=0), "nothing to rank"),
        (good.isel(trust=[0]), "at least two"),
        (good.isel(draw=slice(3)), "3 draws a chain are too few"),
        (good.isel(draw=0), "need a dimension `draw`"),
        (good.drop_vars("trust"), "no coordinate"),
        (good.assign_coords(trust=["A", "B", "A"]), "not unique: A"),
        (good.rename(trust="rank"), "may not be called `rank`"),
        (good.astype(complex), "real numbers"),
        (good.astype(str), "real numbers"),
        (good.astype(np.int64) + 2**53, "rounded"),
        (good.rename(chain="sample"), "both `sample`"),
        (good.to_dataset(name="outcome"), "pick one variable"),
        (xr.DataArray(np.zeros((4, 32767)), dims=("draw", "trust"), coords={"trust": range(32767)}), "too many"),
    ],
)
def test_draws_that_do_not_fit_are_refused(draws, message):
    with pytest.raises(UsageError, match=message):
        ranks.rank_law(draws, best="highest")


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: ranks.rank_law(good, best="high"), "not 'high'"),
        (lambda: ranks.p_top(good, 4, best="highest"), "between 1 and the number of trusts, 3"),
        (lambda: ranks.p_bottom(good, 0, best="highest"), "is 0"),
        (lambda: ranks.rank_interval(good, best="highest", prob=1.0), "prob must"),
        (lambda: ranks.rerank(good, ["T0", "T9"], best="highest"), "no trust named T9"),
        (lambda: ranks.rerank(good, ["T0", "T0"], best="highest"), "twice"),
        (lambda: ranks.probability_beyond(good, 1.0, direction="over"), "not 'over'"),
        (lambda: ranks.probability_beyond(good, np.nan, direction="above"), "finite"),
    ],
)
def test_options_that_do_not_fit_are_refused(call, message):
    with pytest.raises(UsageError, match=message):
        call()


def test_importing_ranks_loads_no_sampler():
    code = "import sys, ranktrust.ranks; print(sorted({'pymc', 'arviz', 'pytensor', 'nutpie'} & set(sys.modules)))"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
