"""A composite over time from trajectories of single indicators: closed forms, limits, and what its page says."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from trajectory_draws import drawn_of, fit_of, levels, panel_of

from ranktrust import figures, publish
from ranktrust.composite import ScoreTables, change_of_score, common_periods, paths_of_score, score_paths, write_tables
from ranktrust.ranks import summarise_ranks
from ranktrust.run.composite_change import composite_over_time, level_of
from ranktrust.store import write_tree
from ranktrust.study import Composite, Trusts
from ranktrust.vocabulary import PERIOD

CONSTANTS = pd.DataFrame(
    {"centre": [0.2, -0.1, 0.0], "scale": [0.5, 2.0, 1.0], "best": ["highest", "lowest", "highest"]},
    index=pd.Index(["one", "two", "three"], name="indicator"),
)
WEIGHTS = xr.DataArray([0.75, 0.25], dims="indicator", coords={"indicator": ["one", "two"]})
DOMAINS = [
    {"name": "a", "weight": 0.6, "indicators": ["one"]},
    {"name": "b", "weight": 0.2, "indicators": ["two"]},
    {"name": "c", "weight": 0.2, "indicators": ["three"]},
]


def paths(seed, periods, *, draws=40, trusts="ABC"):
    values = np.random.default_rng(seed).normal(size=(2, draws, len(trusts), len(periods)))
    coords = {"trust": list(trusts), "period": list(periods)}
    return xr.DataArray(values, dims=("chain", "draw", "trust", "period"), coords=coords)


def test_periods_that_all_have_come_in_order():
    assert common_periods([["m1", "m2", "m3"], ["m2", "m3", "m4"], ["m3", "m2"]]) == ("m2", "m3")
    assert common_periods([["m1"], ["m2"]]) == ()


def test_the_score_of_each_period_is_the_weighted_mean_of_its_standardised_levels():
    one, two = paths(1, ["m1", "m2", "m3"]), paths(2, ["m2", "m3"], draws=30, trusts="CBA")
    found = score_paths({"one": one, "two": two}, CONSTANTS.loc[["one", "two"]], WEIGHTS, ["B", "C"])
    assert found.dims == ("chain", "draw", "trust", "period")
    assert found["period"].values.tolist() == ["m2", "m3"]
    assert found.sizes["draw"] == 30
    for chain, draw, trust, label in ((0, 0, "B", "m2"), (1, 29, "C", "m3"), (0, 7, "C", "m2")):
        at = {"chain": chain, "draw": draw}
        first = (float(one.sel(trust=trust, period=label).isel(at)) - 0.2) / 0.5
        second = -(float(two.sel(trust=trust, period=label).isel(at)) + 0.1) / 2.0
        score = float(found.sel(trust=trust, period=label).isel(at))
        assert score == pytest.approx(0.75 * first + 0.25 * second)


def test_change_and_its_chances_are_counted_draw_by_draw():
    scores = paths(3, ["m1", "m2", "m3"], draws=200, trusts="ABCD")
    rows = change_of_score(scores, prob=0.9)
    change = scores.isel(period=2) - scores.isel(period=0)
    np.testing.assert_allclose(rows["change"], change.mean(("chain", "draw")))
    np.testing.assert_allclose(rows["change_lower"], change.quantile(0.05, ("chain", "draw")))
    np.testing.assert_allclose(rows["p_improved"], (change > 0).mean(("chain", "draw")))
    np.testing.assert_allclose(rows["p_gained"], (change > change.mean("trust")).mean(("chain", "draw")))
    now = summarise_ranks(scores.isel(period=2), best="highest", prob=0.9).table
    np.testing.assert_array_equal(rows["rank_lower"], now["rank_lower"])
    np.testing.assert_allclose(rows["expected_rank"], now["expected_rank"])


def test_paths_hold_the_mean_over_trusts_and_each_trust():
    scores = paths(4, ["m1", "m2"])
    found = paths_of_score(scores, prob=0.95)
    assert len(found.loc[[""]]) == 2
    np.testing.assert_allclose(found.loc[""]["score"], scores.mean(("chain", "draw", "trust")))
    mine = found.loc["B"].set_index("period")["score"]
    assert mine["m2"] == pytest.approx(float(scores.sel(trust="B", period="m2").mean()))


def composite(**changes):
    return Composite(**{"title": "Waits", "why": "for the test", "domain": DOMAINS, **changes})


def study(latent="outcome", **changes):
    ranks = SimpleNamespace(latent=latent, prob=0.95)
    trusts = Trusts(description="eight made-up trusts")
    made = {"name": "small", "composite": composite(), "ranks": ranks, "trusts": trusts}
    return SimpleNamespace(**made, fit=SimpleNamespace(seed=1), **changes)


def followed_run(folder, names=("one", "two"), *, slope=0.08, spoil=None):
    """Files of trajectories as a run leaves them, with their courses and verdicts."""
    courses = {}
    for place, name in enumerate(names):
        panel = panel_of(months=5)
        fit = fit_of(panel, levels(slope=slope), step=0.02, seed=place)
        if spoil is not None:
            spoil(fit)
        panels, _ = drawn_of(panel, fit)
        write_tree(fit, folder / "fits" / f"{name}_trajectory.nc")
        asked = SimpleNamespace(name=name)
        statement = SimpleNamespace(name="trajectory_proportion")
        courses[name] = SimpleNamespace(asked=asked, key=f"{name}_trajectory", panels=panels, model_file=statement)
    passed = [SimpleNamespace(facts=SimpleNamespace(gate_passed=True)) for _ in names]
    return courses, passed


@pytest.fixture(scope="module")
def change(tmp_path_factory):
    folder = tmp_path_factory.mktemp("run")
    return composite_over_time(study(), CONSTANTS, *followed_run(folder), folder)


def test_trusts_without_a_figure_at_an_end_are_named_and_have_no_row(change):
    assert "T02" not in change.frames["rows"].index
    assert any("T02" in said for said in change.facts["absent"])
    assert "T01" in change.frames["rows"].index
    assert change.facts["n"] == len(change.frames["rows"]) == 7


def test_weight_that_is_not_followed_is_shared_out(change):
    assert [item["weight"] for item in change.facts["indicators"]] == pytest.approx([0.75, 0.25])
    assert change.facts["weight_followed"] == pytest.approx(0.8)
    assert change.facts["not_followed"] == ["three"]


def test_good_draws_pass_and_divergent_ones_fail(change, tmp_path):
    assert change.facts["gate_passed"], change.facts["findings"]

    def diverge(fit):
        fit["sample_stats"]["diverging"][0, 0] = True

    bad = composite_over_time(study(), CONSTANTS, *followed_run(tmp_path, spoil=diverge), tmp_path)
    assert not bad.facts["gate_passed"]
    assert any("diverg" in item["sentence"].lower() for item in bad.facts["findings"] if item["verdict"] == "failed")
    assert "not fit to publish" in publish.composite_change(bad).text


def test_one_followed_indicator_has_no_composite_and_none_without_a_composite(tmp_path):
    assert composite_over_time(study(), CONSTANTS, *followed_run(tmp_path, ("one",)), tmp_path) is None
    without = study()
    without.composite = None
    assert composite_over_time(without, CONSTANTS, *followed_run(tmp_path), tmp_path) is None


def test_two_like_indicators_give_the_order_of_one(tmp_path):
    """Both at the same draws, weights and direction: the score is a linear map of one trajectory's outcome."""
    courses, passed = followed_run(tmp_path, ("one", "three"))
    fit = fit_of(panel_of(months=5), levels(slope=0.08), step=0.02, seed=0)
    for name in ("one", "three"):
        write_tree(fit, tmp_path / "fits" / f"{name}_trajectory.nc")
    found = composite_over_time(study(), CONSTANTS, courses, passed, tmp_path).frames["rows"]
    own = fit["posterior"]["outcome"].sel(trust=list(found.index)).isel({PERIOD: -1}, drop=True)
    table = summarise_ranks(own, best="highest", prob=0.95).table
    np.testing.assert_allclose(found["expected_rank"], table["expected_rank"])
    np.testing.assert_array_equal(found["rank_upper"], table["rank_upper"])


def test_performance_leaves_out_what_context_explains():
    fit = fit_of(panel_of(months=3), levels(3))
    context = xr.Dataset({"context": (("trust", "covariate"), np.arange(8.0)[:, None])},
                         coords={"trust": fit["posterior"]["trust"]})  # fmt: skip
    tree = xr.DataTree.from_dict({"posterior": fit["posterior"].to_dataset(), "constant_data": context})
    outcome, performance = (level_of(tree, name) for name in ("outcome", "performance"))
    explained = (outcome - performance).isel(chain=1, draw=5, trust=3).values
    assert explained == pytest.approx(3 * float(fit["posterior"]["beta"].isel(chain=1, draw=5, covariate=0)))
    assert performance.dims == outcome.dims


def test_the_page_says_what_changed_and_for_how_many_it_cannot_tell(change, tmp_path):
    write_tables(change, tmp_path / "composite_change")
    read = publish.read_composite_change(tmp_path)
    text = publish.composite_change(read).text
    called = (change.frames["rows"]["p_improved"] >= 0.975).sum()
    assert f"{called} trusts very probably rose" in text
    assert "80% of the composite" in text
    assert "lie 4 months apart, so that season is part of the change" in text
    assert text.count('<th scope="row"') == 7
    assert figures.score_change_alt(read).startswith("Change of the score of 7 trusts")
    assert "very probably rose" in figures.score_change_alt(read)
    assert figures.score_change_drawing(read) is not None


def test_all_of_the_weight_and_a_whole_year_are_said_as_such(change):
    ends = {"before": "2024-05-01/2024-05-31", "latest": "2025-05-01/2025-05-31", "not_followed": []}
    text = publish.composite_change(ScoreTables({**change.facts, **ends}, change.frames)).text
    assert "Every indicator of the composite is followed" in text
    assert "season" not in text


def test_without_trajectories_the_page_has_no_such_section(tmp_path):
    assert publish.read_composite_change(tmp_path) is None
    assert not publish.composite_change(None).text
    assert figures.score_change_drawing(None) is None
