"""Composites: closed forms, limiting cases, and the same by slower means."""

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from ranktrust.composite import (
    agreement_with_indicators,
    compare_scores,
    composite_draws,
    constants_of,
    draw_weights,
    influence,
    join_fits,
    leave_out,
    mean_weights,
    missing_weight,
    natural_levels,
    pessimistic,
    rank_change,
    ranked_trusts,
    standardise,
    variants_of,
    without,
)
from ranktrust.composite.weights import domains_of
from ranktrust.errors import StudyError, UsageError
from ranktrust.panel import Benchmark, Indicator
from ranktrust.ranks import poth, rank_series, summarise_ranks
from ranktrust.study import Composite

TRUSTS = ["A", "B", "C", "D", "E"]
BENCHMARKS = {
    "wait": ("proportion", "highest", 0.7),
    "deaths": ("ratio", "lowest", 1.0),
    "staff": ("estimate", "highest", 6.5),
}


def posterior(seed, trusts=TRUSTS, chains=2, draws=60, centre=0.0):
    rng = np.random.default_rng(seed)
    levels = rng.normal(centre + 0.5 * np.arange(len(trusts)), 0.4, size=(chains, draws, len(trusts)))
    noise = rng.normal(0, 0.1, size=levels.shape)
    dims = ("chain", "draw", "trust")
    data = {"total": (dims, levels + noise), "outcome": (dims, levels), "performance": (dims, levels - 0.1)}
    return xr.Dataset(data, coords={"trust": trusts, "chain": range(chains), "draw": range(draws)})


def indicators(**changes):
    made = {}
    for name, (kind, best, value) in BENCHMARKS.items():
        made[name] = Indicator(
            name, name.title(), kind, best, "", "d", changes.get(name, "direct"), benchmark=Benchmark(value, "England")
        )
    return made


def composite(**changes):
    domains = [
        {"name": "access", "weight": 0.5, "indicators": ["wait"]},
        {"name": "care", "weight": 0.5, "indicators": ["deaths", "staff"], "weights": [0.4, 0.6]},
    ]
    return Composite(**{"title": "t", "why": "for the test", "domain": domains, **changes})


@pytest.fixture(scope="module")
def joined():
    return join_fits({"wait": posterior(1), "deaths": posterior(2, TRUSTS[:4]), "staff": posterior(3, centre=6.0)})


@pytest.fixture(scope="module")
def z(joined):
    return standardise(joined, constants_of(joined, indicators(), composite()), level="outcome").z


@pytest.fixture(scope="module")
def absent(z):
    """E's deaths are not there, and should be."""
    reasons = np.where(np.isfinite(z.isel(chain=0, draw=0)), "", "not_submitted")
    return xr.DataArray(reasons, dims=("trust", "indicator"), coords={"trust": z.trust, "indicator": z.indicator})


def one(name, weight=1.0):
    return Composite(title="t", why="for the test", domain=[{"name": "d", "weight": weight, "indicators": [name]}])


def test_joined_fits_keep_every_draw_and_leave_gaps(joined):
    assert joined["outcome"].dims == ("chain", "draw", "trust", "indicator")
    xr.testing.assert_equal(
        joined["total"].sel(indicator="staff", drop=True),
        posterior(3, centre=6.0)["total"].transpose("chain", "draw", "trust"),
    )
    assert np.isnan(joined["outcome"].sel(indicator="deaths", trust="E")).all()
    assert np.isfinite(joined["outcome"].sel(indicator="deaths", trust=TRUSTS[:4])).all()


def test_longer_fits_are_cut_and_other_chains_refused():
    longer = join_fits({"a": posterior(1, draws=60), "b": posterior(2, draws=90)})
    assert longer.sizes["draw"] == 60
    with pytest.raises(UsageError, match=r"different numbers of chains.*'a': 2, 'b': 3"):
        join_fits({"a": posterior(1), "b": posterior(2, chains=3)})


def test_natural_levels_are_inverse_links(joined):
    natural = natural_levels(joined, {name: kind for name, (kind, *_) in BENCHMARKS.items()})
    link = joined["outcome"]
    assert np.allclose(natural["outcome"].sel(indicator="wait"), 1 / (1 + np.exp(-link.sel(indicator="wait"))))
    deaths = natural["outcome"].sel(indicator="deaths", trust="A")
    assert np.allclose(deaths, np.exp(link.sel(indicator="deaths", trust="A")))
    assert np.allclose(natural["outcome"].sel(indicator="staff"), link.sel(indicator="staff"))


def test_constants_are_the_benchmark_and_the_median_spread(joined):
    found = constants_of(joined, indicators(), composite())
    assert found.loc["wait", "centre"] == pytest.approx(np.log(0.7 / 0.3))
    assert found.loc["deaths", "centre"] == pytest.approx(0.0)
    assert found.loc["staff", "centre"] == pytest.approx(6.5)
    spread = [draw.std(ddof=1) for draw in posterior(1)["outcome"].to_numpy().reshape(-1, 5)]
    assert found.loc["wait", "scale"] == pytest.approx(np.median(spread))


def test_a_study_may_give_its_own_constants(joined):
    own = composite(constants={"wait": {"centre": 0.25, "scale": 2.0}, "staff": {"scale": 3.0}})
    found = constants_of(joined, indicators(), own)
    assert found.loc["wait", ["centre", "scale", "centre_from", "scale_from"]].to_list() == [
        0.25,
        2.0,
        "study",
        "study",
    ]
    assert found.loc["staff", ["centre", "scale"]].to_list() == [6.5, 3.0]


def test_one_trust_in_one_draw_is_the_weighted_mean_by_hand(joined, z):
    scores = composite_draws(z, mean_weights(composite()))
    constants = constants_of(joined, indicators(), composite())
    x = joined["outcome"].isel(chain=1, draw=7).sel(trust="C")
    turned = [
        sign * (float(x.sel(indicator=name)) - constants.loc[name, "centre"]) / constants.loc[name, "scale"]
        for name, sign in (("wait", 1), ("deaths", -1), ("staff", 1))
    ]
    expected = 0.5 * turned[0] + 0.2 * turned[1] + 0.3 * turned[2]
    assert float(scores.isel(chain=1, draw=7).sel(trust="C")) == pytest.approx(expected)


def test_a_missing_figure_gives_its_weight_to_the_others(z, absent):
    weights = mean_weights(composite())
    scores = composite_draws(z, weights).sel(trust="E")
    by_hand = (0.5 * z.sel(indicator="wait", trust="E") + 0.3 * z.sel(indicator="staff", trust="E")) / 0.8
    assert np.allclose(scores, by_hand)
    assert missing_weight(absent, weights).to_dict() == pytest.approx({**dict.fromkeys(TRUSTS[:4], 0.0), "E": 0.2})


@pytest.mark.parametrize(
    ("changes", "ranked"),
    [({}, 5), ({"missing_limit": 0.2}, 5), ({"missing_limit": 0.19}, 4), ({"missing": "refuse"}, 4)],
)
def test_too_much_missing_weight_means_no_rank(absent, changes, ranked):
    assert len(ranked_trusts(absent, mean_weights(composite()), composite(**changes))) == ranked


@pytest.mark.parametrize("name", ["wait", "deaths"])
def test_all_weight_on_one_indicator_gives_its_own_ranks(joined, name):
    chosen = joined.sel(trust=TRUSTS[:4])
    made = indicators()
    z = standardise(chosen, constants_of(chosen, made, one(name)), level="outcome").z
    mine = rank_series(composite_draws(z, mean_weights(one(name))), best="highest")
    own = rank_series(chosen["outcome"].sel(indicator=name, drop=True), best=made[name].best)
    assert (mine == own).all()


def test_relabelling_trusts_relabels_rows(z):
    weights = mean_weights(composite())
    order = ["D", "A", "E", "C", "B"]
    turned = composite_draws(z.sel(trust=order), weights)
    xr.testing.assert_allclose(turned, composite_draws(z, weights).sel(trust=order))


def test_turning_every_direction_mirrors_the_order(joined):
    other = {"highest": "lowest", "lowest": "highest"}
    made = indicators()
    turned = {name: Indicator(**{**vars(item), "best": other[item.best]}) for name, item in made.items()}
    ranks = []
    for chosen in (made, turned):
        z = standardise(joined, constants_of(joined, chosen, composite()), level="outcome").z
        ranks.append(rank_series(composite_draws(z, mean_weights(composite())), best="highest"))
    assert (ranks[0] + ranks[1] == len(TRUSTS) + 1).all()


def test_drawn_weights_have_their_mean_and_spread():
    drawn = draw_weights(composite(concentration=8.0), chains=4, draws=5000, seed=np.random.SeedSequence(1))
    assert drawn.sum("indicator").to_numpy() == pytest.approx(1.0)
    assert np.allclose(drawn.sel(indicator="deaths") * 0.6, drawn.sel(indicator="staff") * 0.4)
    wait = drawn.sel(indicator="wait").to_numpy()
    spread = np.sqrt(0.5 * 0.5 / 9)
    assert wait.mean() == pytest.approx(0.5, abs=4 * spread / np.sqrt(20_000))
    assert wait.std() == pytest.approx(spread, rel=4 / np.sqrt(2 * 20_000))


def test_a_huge_concentration_is_fixed_weights(z):
    drawn = draw_weights(composite(concentration=1e12), chains=2, draws=60, seed=np.random.SeedSequence(1))
    fixed = composite_draws(z, mean_weights(composite()))
    assert np.allclose(composite_draws(z, drawn), fixed, atol=1e-4)
    loose = draw_weights(composite(concentration=2.0), chains=2, draws=60, seed=np.random.SeedSequence(1))
    assert np.abs(composite_draws(z, loose) - fixed).max() > 0.1


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ({"deaths"}, {"wait": 0.5, "staff": 0.5}),
        ({"wait"}, {"deaths": 0.4, "staff": 0.6}),
        ({"deaths", "staff"}, {"wait": 1.0}),
    ],
)
def test_weight_left_out_stays_in_its_domain(names, expected):
    left = leave_out(mean_weights(composite()), domains_of(composite()), names)
    assert left.to_series().to_dict() == pytest.approx(expected)
    with pytest.raises(UsageError, match="without any indicator"):
        leave_out(mean_weights(composite()), domains_of(composite()), {"wait", "deaths", "staff"})


def test_variants_leave_out_each_indicator_each_domain_of_several_and_the_cautioned():
    found = [(variant.kind, variant.left_out) for variant in variants_of(composite(), {"staff"})]
    assert found == [
        ("indicator", ("wait",)),
        ("indicator", ("deaths",)),
        ("indicator", ("staff",)),
        ("domain", ("deaths", "staff")),
        ("caution", ("staff",)),
    ]
    assert variants_of(one("wait"), {"wait"}) == []


def test_leaving_out_is_recomputing_without(joined, z):
    (variant,) = (item for item in variants_of(composite(), ()) if item.left_out == ("deaths",))
    domains = [{"name": "a", "indicators": ["wait"]}, {"name": "b", "indicators": ["staff"]}]
    smaller = composite(domain=domains)
    constants = constants_of(joined, indicators(), composite()).loc[["wait", "staff"]]
    slow = composite_draws(standardise(joined, constants, level="outcome").z, mean_weights(smaller))
    fast = without(z, mean_weights(composite()), composite(), variant)
    xr.testing.assert_allclose(fast, slow)
    facts, change = compare_scores(composite_draws(z, mean_weights(composite())), fast)
    ranks = [
        summarise_ranks(draws, best="highest").table["expected_rank"]
        for draws in (composite_draws(z, mean_weights(composite())), slow)
    ]
    assert np.allclose(change["rank_change"], ranks[1] - ranks[0])
    assert facts["poth"] == pytest.approx(poth(summarise_ranks(slow, best="highest")))
    assert facts["mean_change"] == pytest.approx(float(np.abs(ranks[1] - ranks[0]).mean()))


def test_expected_spearman_is_the_mean_of_each_draws_correlation(z):
    full = composite_draws(z, mean_weights(composite()))
    other = composite_draws(z, leave_out(mean_weights(composite()), domains_of(composite()), {"wait"}))
    rows = [draws.transpose("chain", "draw", "trust").to_numpy().reshape(-1, 5) for draws in (full, other)]
    slow = [pd.Series(a).corr(pd.Series(b), method="spearman") for a, b in zip(*rows, strict=True)]
    facts, _ = compare_scores(full, other)
    assert facts["spearman"] == pytest.approx(np.mean(slow))
    same, none = compare_scores(full, full)
    assert (same["spearman"], same["spearman_mcse"], same["largest_change"]) == (pytest.approx(1.0), 0.0, 0.0)
    assert (none["mcse"] > 0).all()


def test_influence_is_recomputing_with_the_indicator_at_the_mean(z):
    weights = mean_weights(composite())
    found = influence(z, weights).set_index(["trust", "indicator"])
    values = z.to_numpy().copy()
    place = list(z["indicator"].to_numpy()).index("deaths")
    for chain in range(values.shape[0]):
        for draw in range(values.shape[1]):
            row = values[chain, draw, :, place]
            row[~np.isnan(row)] = np.nanmean(row)
    held = composite_draws(z.copy(data=values), weights)
    before, after = (rank_series(draws, best="highest") for draws in (composite_draws(z, weights), held))
    slow = (after - before).mean(("chain", "draw")).to_series()
    assert found.xs("deaths", level="indicator")["rank_change"].loc[TRUSTS].to_list() == pytest.approx(slow.to_list())


def test_an_indicator_without_weight_has_no_influence_and_a_sole_one_all(z):
    weights = mean_weights(composite()) * xr.DataArray([1.0, 1.0, 0.0], dims="indicator")
    found = influence(z.sel(trust=TRUSTS[:4]), weights / weights.sum())
    assert (found.query("indicator == 'staff'")["rank_change"] == 0).all()
    agreed = agreement_with_indicators(z.sel(trust=TRUSTS[:4]), mean_weights(one("wait")))
    assert agreed["wait"] == (pytest.approx(1.0), 0.0)


def test_a_silent_trust_is_taken_one_sd_below_the_others(z, absent):
    poor = pessimistic(z, absent)
    others = z.sel(indicator="deaths").mean("trust")
    assert np.allclose(poor.sel(indicator="deaths", trust="E"), others - 1)
    facts, change = compare_scores(
        composite_draws(z, mean_weights(composite())), composite_draws(poor, mean_weights(composite()))
    )
    assert facts["n"] == 5
    assert change.loc["E", "rank_change"] >= 0


def test_the_error_of_a_rank_change_is_that_of_the_paired_difference():
    rng = np.random.default_rng(4)
    noise = rng.normal(size=(4, 500, 2))
    dims, coords = ("chain", "draw", "trust"), {"trust": ["A", "B"]}
    ones = xr.DataArray(noise, dims=dims, coords=coords)
    change = rank_change(ones, ones + 0.5)
    assert change["rank_change"].to_list() == pytest.approx([0.5, 0.5])
    free = rank_change(ones, xr.DataArray(rng.normal(size=(4, 500, 2)), dims=dims, coords=coords))
    assert free["mcse"].to_list() == pytest.approx([np.sqrt(2 / 2000)] * 2, rel=0.25)


def test_a_composite_is_stopped_with_all_its_faults(joined):
    made = indicators(staff="self_selected")
    made["wait"] = Indicator(**{**vars(made["wait"]), "benchmark": None})
    with pytest.raises(StudyError, match=r"(?s)publishers of staff caution.*wait has no benchmark"):
        constants_of(joined, made, composite())
    reason = composite(despite_caution="it is only a test", constants={"wait": {"centre": 0.0}})
    assert constants_of(joined, made, reason).loc["wait", "centre"] == 0.0
