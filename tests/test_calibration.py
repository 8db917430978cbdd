"""Calibration on a model whose posterior is known: what is right passes, what is wrong is caught, nothing is lost."""

import json
from copy import deepcopy
from dataclasses import replace

import conjugate
import numpy as np
import pandas as pd
import pytest
import xarray as xr
from arviz_stats.ecdf_utils import ecdf_pit
from panels import made_indicator, make_panel

from ranktrust.errors import ClusterError, DataError, FitError, RunError
from ranktrust.evidence import (
    Claims,
    findings_of,
    open_folder,
    panel_of,
    pooled_curve,
    read_records,
    run_simulations,
    simulate_one,
    uniform_curve,
)
from ranktrust.evidence.claims import judge_ranks
from ranktrust.evidence.judge import as_rare
from ranktrust.evidence.record import free_cells, rankings
from ranktrust.evidence.simulations import RECORDS
from ranktrust.ranks import grade_trusts
from ranktrust.scatter import local_workers

N = 60
CHECKS = {
    "computation", "parameters", "levels of trusts", "learning from the data", "place of the true rank",
    "stated probabilities", "rank intervals", "simultaneous sets", "grades", "scores",
}  # fmt: skip


def judged(records, kind="prior"):
    return {finding.name: finding for finding in findings_of(records, kind=kind, top=2, bottom=2)}


def failed(records, kind="prior"):
    return {name for name, finding in judged(records, kind).items() if finding.verdict == "failed"}


@pytest.fixture(scope="module")
def right():
    return conjugate.records(N)


def test_the_exact_posterior_passes_every_check(right):
    found = judged(right)
    assert failed(right) == set()
    assert set(found) == CHECKS
    assert all(f"{N} simulations" in found[name].sentence for name in ("parameters", "rank intervals", "grades"))


def test_content_of_intervals_is_that_of_the_truth(right):
    table = judged(right)["rank intervals"].table
    assert (table["content"] >= table["claimed"]).all()
    assert (table["away"].abs() <= 3 * table["error"]).all()


@pytest.mark.parametrize(
    ("simulations", "wrong", "caught"),
    [
        (100, {"narrow": 0.8}, {"levels of trusts", "grades"}),
        (30, {"shift": 0.15}, {"levels of trusts"}),
        (30, {"ignore": True}, {"learning from the data"}),
    ],
)
def test_a_wrong_posterior_is_caught(simulations, wrong, caught):
    assert caught <= failed(conjugate.records(simulations, **wrong))


def test_errors_estimated_from_few_simulations_count_for_less():
    """Of means of 20 normal values as many lie beyond as of means with a known error: 0.27 % of 40,000, within 4 sd."""
    values = np.random.default_rng(9).normal(size=(40_000, 20))
    away = np.abs(values.mean(axis=1)) / (values.std(axis=1, ddof=1) / np.sqrt(20))
    share, error = (away > as_rare(3.0, 20)).mean(), np.sqrt(0.0027 * 0.9973 / 40_000)
    assert share == pytest.approx(0.0027, abs=4 * error)
    assert (away > 3.0).mean() > 2 * share


def test_variation_that_is_nobodys_makes_a_model_without_it_fail():
    blind = conjugate.records(40, truth_share=0.4)
    assert {"levels of trusts", "rank intervals", "grades"} <= failed(blind)
    stated = judged(blind, "misspecified")
    assert {finding.verdict for name, finding in stated.items() if name != "computation"} == {"informational"}


def test_a_reversed_direction_is_caught(right):
    records = deepcopy(right)
    for record in records:
        ranks = record["ranks"][""]
        ranks["p_top"], ranks["p_bottom"] = ranks["p_bottom"], ranks["p_top"]
    outside = judged(records)["stated probabilities"].sentence.partition(":")[0]
    assert {"P(top)", "P(bottom)"} == set(outside.split(", "))


def test_a_top_k_that_is_one_too_many_is_caught(right):
    found = {finding.name: finding for finding in findings_of(right, kind="prior", top=3, bottom=2)}
    assert found["stated probabilities"].sentence.startswith("P(top): outside the band")
    assert found["scores"].verdict == "failed"


def test_grades_are_judged_as_a_table_prints_them():
    """Two trusts level in a fifth of the draws, so that ties count one half on both sides."""
    levels = np.random.default_rng(4).normal(np.arange(7), 1.5, (4, 100, 7))
    levels[:, :20, 1] = levels[:, :20, 0]
    draws = xr.DataArray(levels, dims=("chain", "draw", "trust"), coords={"trust": list("ABCDEFG")})
    claims = Claims("outcome", {"made": "lowest"}, 1, 1, ((0, 1),))
    truth = draws.isel(chain=0, draw=0, drop=True)
    rng = np.random.default_rng(1)
    found = judge_ranks(draws, truth, best="lowest", claims=claims, thinned=20, rng=rng)["grades"]
    printed = grade_trusts(draws, best="lowest").table
    assert found["grades"] == printed["grade"].max() > 1
    assert found["separated"] == pytest.approx(float(printed["separated"]))
    assert found["promised"] == pytest.approx(float(printed["discordance"]))
    grade, level = printed["grade"].to_numpy(), truth.to_numpy()
    wrong = [(i, j) for i in range(7) for j in range(7) if grade[i] < grade[j] and level[i] > level[j]]
    assert found["realised"] == pytest.approx(len(wrong) / 21)


def test_a_design_check_is_not_judged_on_places(right):
    assert judged(right, "design")["parameters"].verdict == "informational"
    assert judged(right, "design")["rank intervals"].verdict == "passed"


def failing(panel, seed, attempt):
    tree = conjugate.refit(panel, seed, attempt)
    if attempt < 2 or seed.spawn_key[0] == 1:
        tree["sample_stats"]["diverging"] = xr.ones_like(tree["sample_stats"]["diverging"])
    return tree


def test_a_fit_that_fails_is_made_longer_counted_and_kept():
    records = conjugate.records(3, fitted=failing)
    assert [record["attempts"] for record in records] == [3, 3, 3]
    assert ["divergences" in record["failed"] for record in records] == [False, True, False]
    assert all("pit" in record for record in records)
    computation = judged(records)["computation"]
    assert computation.verdict == "failed"
    assert "3 panels simulated; 3 fits failed the computation gate at first and were made longer, 1 failed" in (
        computation.sentence
    )


def broken(panel, seed, attempt):
    raise FitError("model 'made', sample failed: no start")


def test_fits_that_give_no_draws_are_counted():
    (record,) = conjugate.records(1, fitted=broken)
    assert record["failed"] == ["fit"]
    assert record["attempts"] == 3
    assert "no start" in record["error"]
    assert "1 gave no draws" in judged([record])["computation"].sentence


def test_an_impossible_panel_is_counted():
    made = conjugate.design(count=1)
    made.data["y"][0, 3] = np.nan
    assert "estimate is" in simulate_one(made, 0)["error"]


def test_a_stopped_calibration_goes_on_where_it_stopped(tmp_path):
    whole = run_simulations(conjugate.one, 6, folder=tmp_path)
    kept = (tmp_path / RECORDS).read_bytes().splitlines(keepends=True)
    (tmp_path / RECORDS).write_bytes(b"".join(kept[:3]) + kept[3][:100])  # as if killed while writing the fourth
    asked = []
    again = run_simulations(lambda index: asked.append(index) or conjugate.one(index), 6, folder=tmp_path)
    assert asked == [3, 4, 5]
    assert timeless(again) == timeless(whole)


def timeless(records):
    return [{name: value for name, value in record.items() if not name.endswith("seconds")} for record in records]


def test_more_simulations_add_to_those_there_are(tmp_path):
    few = run_simulations(conjugate.one, 2, folder=tmp_path)
    more = run_simulations(conjugate.one, 4, folder=tmp_path)
    assert timeless(more[:2]) == timeless(few)
    assert len(more) == 4


def test_records_do_not_depend_on_the_number_of_workers(tmp_path):
    for name in ("here", "there"):
        (tmp_path / name).mkdir()
    alone = run_simulations(conjugate.one, 4, folder=tmp_path / "here")
    with local_workers(2) as scatter:
        both = run_simulations(conjugate.one, 4, folder=tmp_path / "there", scatter=scatter)
    assert timeless(alone) == timeless(both)


def test_a_worker_that_dies_is_said_and_what_was_finished_is_kept(tmp_path):
    run_simulations(conjugate.one, 1, folder=tmp_path)
    with local_workers(1) as scatter, pytest.raises(ClusterError, match="1 simulations ended their workers again and"):
        run_simulations(conjugate.one_that_dies, 3, folder=tmp_path, scatter=scatter)
    assert [record["simulation"] for record in read_records(tmp_path)] == [0, 2]


def test_records_of_two_designs_are_never_mixed(tmp_path):
    open_folder(tmp_path, {"model": "ratio", "priors": {"s": (1.0, 2.0)}})
    open_folder(tmp_path, {"model": "ratio", "priors": {"s": (1.0, 2.0)}})
    with pytest.raises(RunError, match="differs in priors"):
        open_folder(tmp_path, {"model": "ratio", "priors": {"s": (1.0, 3.0)}})


def test_a_damaged_record_is_refused(tmp_path):
    (tmp_path / RECORDS).write_text('{"simulation": 0}\n{"simula\n{"simulation": 2}\n')
    with pytest.raises(RunError, match="line 2"):
        read_records(tmp_path)


def test_records_are_plain_json(right):
    assert json.loads(json.dumps(right[0], allow_nan=False)) == right[0]


def test_a_simulated_panel_has_the_design_of_the_real_one():
    panel = make_panel("proportion", covariates=1)
    data = xr.Dataset({"y": ("observation", np.zeros(len(panel.observations)))})
    made = panel_of(panel, data)
    assert (made["numerator"] == 0).all()
    assert np.array_equal(made["denominator"], panel["denominator"])
    assert np.array_equal(made["context"], panel["context"])


def test_a_second_figure_stands_beside_the_real_one():
    panel = make_panel("ratio")
    made = panel_of(panel, xr.Dataset({"y": ("observation", panel["observed"] + 1)}), beside=True)
    assert len(made.observations) == 2 * len(panel.observations)
    assert np.array_equal(np.bincount(made["trust_idx"]), np.full(8, 2))
    assert made["observed"].sum() == 2 * panel["observed"].sum() + 8


def test_impossible_figures_are_refused():
    panel = make_panel("proportion")
    with pytest.raises(DataError, match="above denominator"):
        panel_of(panel, xr.Dataset({"y": ("observation", panel["denominator"] + 1)}))


def test_the_band_of_uniform_values_misses_one_in_twenty():
    rng = np.random.default_rng(5)
    misses = np.mean([uniform_curve(rng.random(50), prob=0.95).p < 0.05 for _ in range(400)])
    assert misses == pytest.approx(0.05, abs=3 * np.sqrt(0.05 * 0.95 / 400))


def test_the_band_of_uniform_values_is_that_of_arviz():
    values = np.random.default_rng(8).random(80)
    own = uniform_curve(values, prob=0.95)
    at, found, lower, upper = ecdf_pit(values, 0.95, 4000)
    assert np.allclose(own.found, found[1:-1])
    assert np.allclose(own.at, at[1:-1])
    assert np.abs(own.lower - lower[1:-1]).max() <= 1.01 / 80  # one value more or less, by simulation
    assert np.abs(own.upper - upper[1:-1]).max() <= 1.01 / 80


def test_the_pooled_band_allows_for_values_that_depend_on_one_another():
    rng = np.random.default_rng(6)
    misses = []
    for seed in range(60):
        shared = rng.random((40, 1)) + 0.3 * rng.random((40, 30))
        misses.append(pooled_curve(shared % 1.0, prob=0.95, seed=seed).p < 0.05)
    assert np.mean(misses) == pytest.approx(0.05, abs=3 * np.sqrt(0.05 * 0.95 / 60))


def periods_of(values):
    """The same values at two periods, the second reversed over trusts."""
    return xr.concat([values, -values], xr.Variable("period", ["2024", "2025"]))


def test_a_statement_over_periods_is_ranked_at_the_last_one():
    plain = conjugate.design(count=1)
    levels = ("total", "outcome", "performance")
    truth = plain.truths.assign({name: periods_of(plain.truths[name]) for name in levels})

    def over_periods(panel, seed, attempt):
        tree = conjugate.refit(panel, seed, attempt)
        posterior = tree["posterior"].to_dataset()
        moved = posterior.assign({name: periods_of(posterior[name]) for name in levels})
        return xr.DataTree.from_dict({"posterior": moved, "sample_stats": tree["sample_stats"]})

    record = simulate_one(replace(plain, truths=truth.assign_attrs(plain.truths.attrs), refit=over_periods), 0)
    one_period = simulate_one(plain, 0)["ranks"][""]["true_rank"]
    assert list(record["ranks"]) == ["2025"]
    assert record["ranks"]["2025"]["true_rank"] == [9 - rank for rank in one_period]
    assert len(record["pit"]["outcome"]) == 16


def test_each_indicator_is_ranked_by_its_own_good_end():
    level = xr.DataArray(
        np.zeros((1, 4, 3, 2)),
        dims=("chain", "draw", "trust", "indicator"),
        coords={"trust": list("ABC"), "indicator": ["deaths", "waits"]},
    )
    claims = Claims("outcome", {"deaths": "lowest", "waits": "highest"}, 1, 1, ())
    found = list(rankings(xr.Dataset({"outcome": level}), claims))
    assert found == [("deaths", {"indicator": "deaths"}, "lowest"), ("waits", {"indicator": "waits"}, "highest")]


def test_figures_of_each_kind_go_to_their_own_rows():
    ratio, estimate = make_panel("ratio"), make_panel("estimate")
    two = ratio.derive(
        indicators={"made": ratio.only, "score": made_indicator("estimate")},
        observations=pd.concat([ratio.observations, estimate.observations.assign(indicator="score")]),
    )
    data = xr.Dataset({"y_ratio": ("row", np.arange(8.0)), "y_estimate": ("line", np.arange(8.0) / 10)})
    made = panel_of(two, data)
    assert np.array_equal(made.one("made")["observed"], np.arange(8.0))
    assert np.array_equal(made.one("score")["estimate"], np.arange(8.0) / 10)
    with pytest.raises(KeyError, match="'y' is none of y_ratio, y_estimate"):
        panel_of(two, xr.Dataset({"y": ("row", np.arange(16.0))}))


def test_cells_that_are_the_same_in_every_truth_are_no_stuck_chains():
    """The root of a correlation matrix of two: 1, 0; r, sqrt(1 - r^2)."""
    r = np.random.default_rng(1).uniform(-0.9, 0.9, 200)
    root = np.stack([np.ones(200), np.zeros(200), r, np.sqrt(1 - r**2)], axis=-1).reshape(200, 2, 2)
    truths = xr.DataArray(root[:20], dims=("draw", "a", "b"))
    draws = xr.DataArray(root.reshape(4, 50, 2, 2), dims=("chain", "draw", "a", "b"))
    found = free_cells(draws, truths)
    assert found.dims == ("chain", "draw", "cell")
    np.testing.assert_array_equal(found, draws.to_numpy()[:, :, 1, :])
    assert free_cells(draws.isel(a=1), truths.isel(a=1)).dims == draws.isel(a=1).dims
    stuck = draws.isel(a=1).copy(data=np.ones((4, 50, 2)))
    assert free_cells(stuck, truths.isel(a=1)).identical(stuck)
