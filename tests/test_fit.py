"""Fits: what comes back belongs to the panel fitted, and agrees with a second implementation."""

import numpy as np
import pytest
import xarray as xr
from arviz_stats.base.array import array_stats
from oracles.shmi_grid import ratio_posterior_means
from panels import make_panel

from ranktrust.assemble import assemble
from ranktrust.assets import find_asset
from ranktrust.errors import FitError
from ranktrust.fit import Sampling, fit
from ranktrust.gate import diagnose, gate_passed
from ranktrust.model import load_model
from ranktrust.panel import check_panel
from ranktrust.ranks import summarise_ranks
from ranktrust.study import read_study

SEED = 20261122
GROUPS = {
    "posterior", "sample_stats", "log_likelihood", "log_prior", "posterior_predictive",
    "prior", "prior_predictive", "observed_data", "constant_data",
}  # fmt: skip
SHORT = Sampling(draws=500, tune=500)


def seed():
    return np.random.SeedSequence(SEED)


def draws_of(tree, name):
    return tree["posterior"][name].transpose("chain", "draw", ...).to_numpy()


def smallest_ess(tree):
    names = [name for name, values in tree["posterior"].data_vars.items() if values.size]
    return {name: np.min(array_stats.ess(draws_of(tree, name), chain_axis=0, draw_axis=1)) for name in names}


@pytest.fixture(scope="module")
def cache():
    return {}


@pytest.fixture(scope="module")
def shmi():
    return assemble(read_study(find_asset("studies", "shmi")))["shmi"]


@pytest.fixture(scope="module")
def shmi_fit(shmi, cache):
    priors = {"unattributed_share": shmi.only.shares["this_period"].numbers}
    return fit(shmi, load_model("ratio"), seed=seed(), cache=cache, priors=priors)


def renamed_and_permuted(panel):
    """The same trusts under other names, in another order, with other denominators."""
    order = np.random.default_rng(7).permutation(len(panel.trusts))
    names = {old: f"Z{place:03d}" for place, old in enumerate(panel.trusts.index)}
    trusts = panel.trusts.iloc[order].rename(index=names)
    figures = panel.observations
    figures = figures.assign(trust=figures["trust"].map(names), expected=figures["expected"] + 100)
    return check_panel(observations=figures, trusts=trusts, indicators=panel.indicators)


def test_a_fit_has_every_group_with_the_panels_names(shmi, shmi_fit):
    assert set(shmi_fit.children) == GROUPS
    assert list(shmi_fit["posterior"]["trust"].values) == list(shmi.trusts.index)
    assert shmi_fit["posterior"]["total"].dims == ("chain", "draw", "trust")
    assert np.array_equal(shmi_fit["observed_data"]["y"], shmi["observed"])
    assert np.array_equal(shmi_fit["constant_data"]["expected"], shmi["expected"])


def test_a_refit_without_predictive_draws_has_the_same_draws(shmi, cache):
    whole, light = (
        fit(shmi, load_model("ratio"), seed=seed(), sampling=SHORT, cache=cache, predictive=predictive)
        for predictive in (True, False)
    )
    assert set(light.children) == {"posterior", "sample_stats"}
    xr.testing.assert_equal(light["posterior"].to_dataset(), whole["posterior"].to_dataset())
    assert light.attrs == whole.attrs


def test_shmi_mixes_and_passes_the_gate(shmi, shmi_fit):
    assert min(smallest_ess(shmi_fit).values()) > 2000
    assert int(shmi_fit["sample_stats"]["diverging"].sum()) == 0
    assert gate_passed(diagnose(shmi_fit, best="lowest", top=29, bottom=29))


def test_shmi_mixes_with_regions_and_context(shmi):
    figures = {"observations": shmi.observations, "trusts": shmi.trusts, "indicators": shmi.indicators}
    x = np.random.default_rng(3).normal(size=len(shmi.trusts))
    context = shmi.trusts[[]].assign(made=x)
    nested = check_panel(**figures, context=context, nested=("region",))
    tree = fit(nested, load_model("ratio"), seed=seed())
    assert min(smallest_ess(tree).values()) > 1000
    assert int(tree["sample_stats"]["diverging"].sum()) == 0


def test_shmi_means_agree_with_sums_over_a_grid(shmi, shmi_fit):
    ratio = load_model("ratio")
    exact = ratio_posterior_means(
        shmi["observed"], shmi["expected"], mu_prior=ratio.priors["mu"], s_prior=ratio.priors["s"]
    )
    for name in ("mu", "s", "total"):
        draws = draws_of(shmi_fit, name)
        error = array_stats.mcse(draws, chain_axis=0, draw_axis=1, method="mean")
        assert np.max(np.abs(draws.mean(axis=(0, 1)) - exact[name]) / error) < 4, name


def test_outcome_has_the_mean_and_spread_of_decision_2(shmi, shmi_fit):
    """Given total, s and the share, outcome is Normal(m + b (total - m), s^2 b (1 - b))."""
    posterior = shmi_fit["posterior"].to_dataset()
    b = 1 - posterior["unattributed_share"]
    mean = posterior["mu"] + b * (posterior["total"] - posterior["mu"])
    z = (posterior["outcome"] - mean) / (posterior["s"] * np.sqrt(b * (1 - b)))
    n = len(shmi.trusts) * z.sizes["chain"] * z.sizes["draw"]
    assert abs(float(z.mean())) < 4 / np.sqrt(n / 2)
    assert abs(float(z.var()) - 1) < 4 * np.sqrt(2 / (n / 2))


def test_a_refit_through_the_compiled_model_equals_a_direct_fit(shmi, shmi_fit, cache):
    panel = renamed_and_permuted(shmi)
    compiled = len(cache)
    ratio = load_model("ratio")
    again = fit(panel, ratio, seed=seed(), cache=cache, priors={"s": 0.2})
    assert len(cache) == compiled
    direct = fit(panel, ratio, seed=seed(), cache={}, priors={"s": 0.2})
    assert list(again["posterior"]["trust"].values) == list(panel.trusts.index)
    for group in sorted(GROUPS - {"sample_stats"}):
        xr.testing.assert_allclose(again[group].to_dataset(), direct[group].to_dataset(), rtol=1e-6)


def test_equal_seeds_give_equal_draws_and_other_seeds_others(shmi, shmi_fit, cache):
    priors = {"unattributed_share": shmi.only.shares["this_period"].numbers}
    same = fit(shmi, load_model("ratio"), seed=seed(), cache=cache, priors=priors)
    other = fit(shmi, load_model("ratio"), seed=np.random.SeedSequence(1), cache=cache, priors=priors)
    assert np.array_equal(same["posterior"]["total"], shmi_fit["posterior"]["total"])
    assert not np.array_equal(other["posterior"]["total"], shmi_fit["posterior"]["total"])


def mean_widths(panel, model, shares, cache):
    """Mean width of the rank intervals under each share, refitted with everything else equal."""
    found = []
    for share in shares:
        tree = fit(panel, load_model(model), seed=seed(), cache=cache, priors={"unattributed_share": share})
        table = summarise_ranks(tree["posterior"]["outcome"], best=panel.only.best).table
        found.append((table["rank_upper"] - table["rank_lower"]).mean().item())
    return found


def test_shmi_rank_intervals_widen_with_the_declared_share(shmi, cache):
    none, some, much = mean_widths(shmi, "ratio", [(1, 1, 0), (18, 82, 1), (45, 55, 1)], cache)
    assert none + 5 < some
    assert some + 5 < much


def test_ae_rank_intervals_widen_with_the_declared_share():
    panel, cache = assemble(read_study(find_asset("studies", "acute")))["ae_4h"], {}
    shares = panel.only.shares
    numbers = [shares[scenario].numbers for scenario in ("none", "this_period", "long_run")]
    none, this_period, long_run = mean_widths(panel, "proportion", numbers, cache)
    assert none < 3
    assert none + 3 < this_period < long_run - 3
    assert len(cache) == 1


def test_pymcs_own_sampler_gives_the_same_means():
    panel, estimate = make_panel("estimate"), load_model("estimate")
    settings = [Sampling(sampler=name, draws=500, tune=500, cores=1) for name in ("nutpie", "pymc")]
    trees = [fit(panel, estimate, seed=seed(), sampling=sampling) for sampling in settings]
    first, second = (draws_of(tree, "total") for tree in trees)
    error = np.hypot(*(array_stats.mcse(draws, chain_axis=0, draw_axis=1, method="mean") for draws in (first, second)))
    assert np.max(np.abs(first.mean(axis=(0, 1)) - second.mean(axis=(0, 1))) / error) < 4
    assert set(trees[1].children) == GROUPS
    assert {"diverging", "energy", "reached_max_treedepth"} <= set(trees[1]["sample_stats"].data_vars)


def test_half_counts_are_simulated_as_half_counts():
    panel = make_panel("proportion", halves=True)
    tree = fit(panel, load_model("proportion_half_counts"), seed=seed(), sampling=SHORT)
    y = tree["posterior_predictive"]["y"].to_numpy()
    assert np.array_equal(2 * y, np.round(2 * y))
    assert (y % 1 == 0.5).any()
    assert (y <= panel["denominator"]).all()


def test_a_statement_that_raises_is_named(tmp_path):
    file = tmp_path / "broken.py"
    body = "def build(panel, priors=PRIORS):\n    return 1 / 0\n"
    file.write_text(f'"""y ~ Normal(0, 1)"""\nNEEDS = ()\nPRIORS = {{}}\n{body}')
    with pytest.raises(FitError, match="model 'broken', build failed: ZeroDivisionError"):
        fit(make_panel("ratio"), load_model("broken", beside=tmp_path), seed=seed())


CONSTANTS = '''"""y ~ Normal(total, 1) with a number that is no data. Parametrisation: plain."""
import pymc as pm
NEEDS = ("estimate", "trust_idx")
PRIORS = {"mean": 0.0}
def build(panel, priors=PRIORS):
    with pm.Model(coords=panel.coords) as model:
        total = pm.Normal("total", priors["mean"], 0.01, dims="trust")
        for name in ("outcome", "performance"):
            pm.Deterministic(name, total, dims="trust")
        pm.Normal("y", total[panel["trust_idx"]], 1.0, observed=panel["estimate"], dims="observation")
    return model
'''


def test_a_number_that_is_no_data_is_never_answered_with_anothers(tmp_path):
    (tmp_path / "constants.py").write_text(CONSTANTS)
    model_file, panel, cache = load_model("constants", beside=tmp_path), make_panel("estimate"), {}
    means = [
        fit(panel, model_file, seed=seed(), sampling=SHORT, cache=cache, priors={"mean": mean})["posterior"]["total"]
        for mean in (0.0, 5.0)
    ]
    assert abs(means[0].mean().item()) < 0.1
    assert abs(means[1].mean().item() - 5.0) < 0.1
    assert len(cache) == 2


def test_a_model_whose_only_parameter_is_a_level_passes_the_gate(tmp_path):
    (tmp_path / "constants.py").write_text(CONSTANTS)
    tree = fit(make_panel("estimate"), load_model("constants", beside=tmp_path), seed=seed())
    assert gate_passed(diagnose(tree, best="highest", top=2, bottom=2))


def test_draws_cut_short_are_refused(monkeypatch):
    class Short:
        def wait(self):
            posterior = xr.Dataset({"total": (("chain", "draw"), np.zeros((4, 3)))})
            return xr.DataTree.from_dict({"posterior": posterior})

    monkeypatch.setattr("ranktrust.fit.nutpie.sample", lambda *_, **__: Short())
    with pytest.raises(FitError, match="4 chains of 3 draws came back, not 4 chains of 500"):
        fit(make_panel("estimate"), load_model("estimate"), seed=seed(), sampling=SHORT)


def test_an_interrupt_stops_the_sampler_and_goes_on(monkeypatch):
    stopped = []

    class Interrupted:
        def wait(self):
            raise KeyboardInterrupt

        def cancel(self):
            stopped.append(True)

    monkeypatch.setattr("ranktrust.fit.nutpie.sample", lambda *_, **__: Interrupted())
    with pytest.raises(KeyboardInterrupt):
        fit(make_panel("estimate"), load_model("estimate"), seed=seed(), sampling=SHORT)
    assert stopped == [True]
