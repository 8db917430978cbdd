"""Official scoring: the published table given back, and the rule in cases that can be worked by hand."""

from math import erf
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from ranktrust.composite import (
    average_draws,
    compare_metric,
    deduced_scores,
    metric_delta,
    metric_scores,
    official_ranks,
    override,
    place_absent,
    reproduction,
    score_official,
    segment_of,
    segment_probabilities,
)
from ranktrust.study import Official

DATA = Path(__file__).resolve().parents[1] / "data"
AS_CUT = {"quantiles": (0.252, 0.477, 0.733), "quantiles_source": "where the published segments are cut"}


def official(**changes):
    metric = [{"indicator": "wait"}]
    words = {"title": "t", "count_source": "for the test", "missing": "everything else"}
    return Official(**{"count": 17, "metric": metric, **words, **changes})


@pytest.fixture(scope="module")
def published():
    table = pd.read_csv(DATA / "oversight.csv").set_index("trust")
    return table[table["type"] == "Acute trust"]


@pytest.fixture(scope="module")
def metrics():
    table = pd.read_csv(DATA / "oversight_metrics.csv")
    return table.pivot_table(index="trust", columns="metric", values="value")


def normal_draws(mean, sd, trusts, *, seed=1, chains=4, draws=500):
    values = np.random.default_rng(seed).normal(mean, sd, size=(chains, draws, len(trusts)))
    return xr.DataArray(values, dims=("chain", "draw", "trust"), coords={"trust": list(trusts)})


def test_the_five_acute_trusts_that_are_not_listed_are_found_by_their_gaps(published):
    placed = place_absent(published, official())
    absent = placed[placed["placed"]]
    assert absent["rank"].to_list() == [1, 2, 7, 12, 53]
    assert absent["segment"].to_list() == [1, 1, 1, 1, 3]
    assert absent["in_deficit"].to_list() == [False, False, False, False, True]
    assert absent.loc["absent 7", "average_score"] == pytest.approx((1.58 + 1.66) / 2)
    assert len(placed) == 134


def test_the_published_averages_give_back_every_published_segment_and_rank(published):
    again = reproduction(place_absent(published, official(**AS_CUT)), official(**AS_CUT))
    assert len(again) == 129
    assert again["agrees"].all()


def test_quartiles_of_acute_trusts_miss_one_segment_and_the_ranks_behind_it(published):
    again = reproduction(place_absent(published, official()), official())
    wrong = again[again["our_segment"] != again["segment"]]
    assert wrong.index.to_list() == ["R0A"]
    assert (wrong["our_segment"].item(), wrong["segment"].item(), wrong["average_score"].item()) == (2, 3, 2.36)
    late = again[again["our_rank"] != again["rank"]]
    assert len(late) == 38
    assert set((late["our_rank"] - late["rank"]).drop("R0A")) == {1}


def test_fixed_thresholds_give_back_every_trust_of_every_type_but_those_in_unpublished_deficit():
    table = pd.read_csv(DATA / "oversight.csv").set_index("trust")
    rule = official(thresholds=(2.11, 2.36, 2.71), thresholds_source="between the published segments")
    ours = override(segment_of(table["average_score"].to_numpy(), rule), (table["in_deficit"] == 1).to_numpy())
    wrong = table[ours != table["segment"]]
    assert wrong.index.to_list() == ["RAT"]
    assert np.isnan(wrong["in_deficit"].item())
    assert (wrong["average_score"].item(), wrong["segment"].item()) == (2.08, 3)


def test_without_the_override_trusts_in_deficit_stand_where_their_score_puts_them(published):
    placed = place_absent(published, official(**AS_CUT))
    raw = segment_of(placed["average_score"].to_numpy(), official(**AS_CUT))
    moved = placed[(raw != placed["segment"]) & ~placed["placed"]]
    assert moved["in_deficit"].all()
    assert (moved["segment"] == 3).all()
    assert raw[placed.index.get_loc("RHW")] == 1
    free = override(raw, placed["in_deficit"].to_numpy(bool), worst=1)
    assert (free == raw).all()


def test_productivity_scores_deduced_from_the_finance_domain_agree_for_every_trust(published, metrics):
    acute = metrics.loc[published.index]
    found = deduced_scores(
        acute["domain_score_finance_productivity"],
        acute["implied_productivity_pct"],
        best="highest",
        others=(1, 2, 3, 4),
    )
    assert len(found) == 129
    rounding, absent = 0.01, 3 * 5 / 133
    assert found["difference"].abs().max() < rounding + absent
    assert found["difference"].abs().max() < 0.05
    mirrored = deduced_scores(
        acute["domain_score_finance_productivity"],
        acute["implied_productivity_pct"],
        best="lowest",
        others=(1, 2, 3, 4),
    )
    assert mirrored["difference"].abs().max() > 0.3


def test_the_published_average_is_over_metrics_not_over_domains(published, metrics):
    domains = metrics.loc[published.index, [name for name in metrics if name.startswith("domain_score_")]]
    general = domains[published["subtype"] != "Acute - Specialist"]
    average = published.loc[general.index, "average_score"].to_numpy()
    assert (np.abs(general.mean(axis=1) - average) < 0.0101).mean() < 0.1
    weights, *_ = np.linalg.lstsq(general.to_numpy(), average, rcond=None)
    assert weights.sum() == pytest.approx(1, abs=0.005)
    assert 2 / weights[2:].mean() == pytest.approx(17.0, abs=0.4)
    assert weights[0] / weights[2:].mean() == pytest.approx(3.9, abs=0.2)


def test_metric_scores_by_hand():
    values = np.array([0.9, 0.8, 0.8, 0.5, 0.7])
    assert metric_scores(values, best="highest").tolist() == [1.0, 1.75, 1.75, 4.0, 3.25]
    assert metric_scores(values, best="lowest").tolist() == [4.0, 2.5, 2.5, 1.0, 1.75]
    assert metric_scores(values, best="highest", meets=0.75).tolist() == [1.0, 1.0, 1.0, 4.0, 3.25]
    assert metric_scores(values, best="lowest", meets=0.5).tolist() == [4.0, 2.5, 2.5, 1.0, 1.75]


def test_scores_do_not_know_the_order_of_trusts():
    values = np.random.default_rng(2).normal(size=(3, 40)).round(1)
    order = np.random.default_rng(3).permutation(40)
    assert (metric_scores(values, best="highest")[:, order] == metric_scores(values[:, order], best="highest")).all()


def test_turning_a_metric_round_mirrors_scores_without_ties():
    values = np.random.default_rng(2).permutation(30).astype(float)
    assert np.allclose(metric_scores(values, best="highest") + metric_scores(values, best="lowest"), 5)


def test_ranks_go_by_segment_then_score_and_ties_share_the_best_place():
    segments, scores = np.array([1, 3, 2, 3, 3]), np.array([1.9, 1.5, 2.2, 2.4, 2.4])
    assert official_ranks(segments, scores).tolist() == [1, 3, 2, 4, 4]


def test_a_score_at_a_cut_falls_below_it():
    rule = official(thresholds=(2.0, 2.5, 3.0), thresholds_source="for the test")
    assert segment_of(np.array([1.99, 2.0, 2.5, 2.99, 3.0]), rule).tolist() == [1, 2, 3, 3, 4]
    assert segment_of(np.array([1.0, 2.0, 3.0, 4.0]), official()).tolist() == [1, 2, 3, 4]


def test_draws_at_the_published_values_give_the_published_table_with_certainty(published):
    rule = official(**AS_CUT)
    placed = place_absent(published, rule)
    raw = pd.Series(np.linspace(0.4, 0.9, 100), index=placed.index[:100])
    draws = xr.DataArray(
        np.broadcast_to(raw.to_numpy(), (2, 5, 100)),
        dims=("chain", "draw", "trust"),
        coords={"trust": list(raw.index), "chain": [0, 1], "draw": range(5)},
    )
    delta = metric_delta(draws, raw, pd.Series(0.65, index=placed.index[100:]), best="highest")
    assert (delta == 0).all()
    scores = average_draws(placed, {"wait": delta}, rule)
    found = score_official(scores, placed["in_deficit"], rule, prob=0.95)
    for segment in (1, 2, 3, 4):
        sure = found.rows[f"p_segment_{segment}_with"]
        assert (sure == (placed["segment"] == segment)).all()
    lower = found.ranked["with"].table["rank_lower"].to_series()
    listed = ~placed["placed"]
    assert (lower[listed] == placed["rank"][listed]).all()


def test_only_trusts_with_draws_move_and_by_delta_over_count(published):
    placed = place_absent(published, official())
    draws = normal_draws(0.7, 0.05, ["RHW", "R0A", "RJ6"], chains=2, draws=50)
    raw = pd.Series([0.7, 0.7, 0.7], index=["RHW", "R0A", "RJ6"])
    delta = metric_delta(draws, raw, pd.Series([0.6, 0.8], index=["RBV", "RAN"]), best="highest")
    moved = average_draws(placed, {"wait": delta}, official(decimals=6))
    change = moved - placed["average_score"].to_numpy()
    still = [trust for trust in placed.index if trust not in raw.index]
    assert np.abs(change.sel(trust=still)).max() < 1e-6
    assert np.allclose(change.sel(trust=list(raw.index)), delta / 17, atol=1e-6)
    stretched = (
        average_draws(placed, {"wait": delta}, official(decimals=6), stretch=2.0) - placed["average_score"].to_numpy()
    )
    assert np.allclose(stretched.sel(trust="R0A"), 2 * change.sel(trust="R0A"), atol=3e-6)


def test_trusts_without_draws_keep_their_place_in_the_ranking_of_values():
    draws = xr.DataArray(
        [[[0.5, 0.9]]], dims=("chain", "draw", "trust"), coords={"trust": ["A", "B"], "chain": [0], "draw": [0]}
    )
    raw = pd.Series([0.9, 0.5], index=["A", "B"])
    alone = metric_delta(draws, raw, pd.Series(dtype=float), best="highest")
    assert alone.to_numpy().ravel().tolist() == [3.0, -3.0]
    between = metric_delta(draws, raw, pd.Series([0.7, np.nan, 0.1], index=["C", "D", "A"]), best="highest")
    assert between.to_numpy().ravel().tolist() == [3.0, -3.0]
    outside = metric_delta(draws, raw, pd.Series([0.95, 0.3], index=["C", "D"]), best="highest")
    assert outside.to_numpy().ravel().tolist() == [1.0, -1.0]


def test_probability_of_a_segment_agrees_with_the_normal_distribution():
    trusts = [f"T{place}" for place in range(6)]
    mean, sd = np.array([1.8, 2.05, 2.3, 2.45, 2.7, 3.2]), 0.1
    scores = normal_draws(mean, sd, trusts, draws=1000)
    rule = official(thresholds=(2.0, 2.4, 2.8), thresholds_source="for the test")
    deficit = pd.Series([False, True, False, False, True, False], index=trusts)
    found = segment_probabilities(scores, deficit, rule)
    below = np.array([[0.5 * (1 + erf((cut - m) / sd / np.sqrt(2))) for m in mean] for cut in (2.0, 2.4, 2.8)])
    exact = {1: below[0], 2: below[1] - below[0], 3: below[2] - below[1], 4: 1 - below[2]}
    for segment, values in exact.items():
        column = f"p_segment_{segment}_without"
        assert (np.abs(found[column] - values) < 4 * found[f"{column}_mcse"] + 1e-9).all()
    held = found.loc["T1"]
    assert held["p_segment_1_with"] == held["p_segment_2_with"] == 0
    assert held["p_segment_3_with"] == pytest.approx(1 - held["p_segment_4_without"])
    assert np.allclose(found[[f"p_segment_{k}_with" for k in (1, 2, 3, 4)]].sum(axis=1), 1)


def test_quantiles_are_cut_in_each_draw():
    scores = np.random.default_rng(5).normal(size=(7, 12))
    found = segment_of(scores, official())
    assert all((np.bincount(row, minlength=5)[1:] == 3).all() for row in found)


def test_agreement_of_a_metric_counts_only_trusts_with_both():
    ours = pd.Series({"A": 70.0, "B": 60.0, "C": 50.0, "D": 10.0})
    published = pd.Series({"A": 71.0, "B": 58.0, "C": 59.0, "E": 1.0})
    scores = pd.Series({"A": 1.0, "B": 3.0, "C": 2.0, "E": 4.0})
    found = compare_metric(ours, published, scores, best="highest")
    assert found["n"] == 3
    assert found["difference"] == pytest.approx((1 + 2 + 9) / 3)
    assert (found["score_difference"], found["largest_score_difference"]) == (pytest.approx(1.0), pytest.approx(1.5))
    assert (found["scored"], found["largest_from_published"]) == (4, pytest.approx(0.0))
    nothing = compare_metric(ours, pd.Series(dtype=float), pd.Series(dtype=float), best="highest")
    assert (nothing["n"], nothing["scored"]) == (0, 0)
