"""Pictures of the priors draw what the prior draws hold, and say it in words."""

import numpy as np
import pytest
import xarray as xr
from matplotlib.figure import Figure

from ranktrust import figures

TRUSTS, DRAWS = 20, 500


@pytest.fixture
def ax():
    return Figure(layout="constrained").add_subplot()


def made_fit(kind="proportion", *, noise=0.0, seed=1):
    """Joint prior draws, and posterior draws near one of them; a figure is the level plus `noise`, twice a trust."""
    rng = np.random.default_rng(seed)
    trust_idx = np.tile(np.arange(TRUSTS), 2)
    shapes = {"prior": (1, DRAWS), "posterior": (4, 100)}
    levels = {group: rng.normal(size=(*shape, TRUSTS)) for group, shape in shapes.items()}
    levels["posterior"] = levels["posterior"] * 0.01 + np.linspace(-1, 1, TRUSTS)

    def counts(level):
        natural = np.exp(level) if kind == "ratio" else level if kind == "estimate" else 1 / (1 + np.exp(-level))
        shown = (natural + noise * rng.normal(size=natural.shape))[..., trust_idx]
        return shown if kind == "estimate" else 1000 * shown * (1 + trust_idx % 3)

    dims = ("chain", "draw", "trust")
    coords = {"trust": [f"T{place}" for place in range(TRUSTS)]}
    groups = {
        group: xr.Dataset(dict.fromkeys(("total", "outcome"), (dims, values)), coords)
        for group, values in levels.items()
    }
    whole = 1000.0 * (1 + trust_idx % 3)
    constants = {"trust_idx": trust_idx, "denominator": whole, "expected": whole}
    groups["constant_data"] = xr.Dataset({name: ("observation", values) for name, values in constants.items()})
    groups["prior_predictive"] = xr.Dataset({"y": ((*dims[:2], "observation"), counts(levels["prior"]))})
    groups["observed_data"] = xr.Dataset({"y": ("observation", counts(np.linspace(-1, 1, TRUSTS)))})
    return xr.DataTree.from_dict(groups)


def test_level_and_spread_are_those_of_the_draws(ax):
    fit = made_fit()
    level, spread = figures.national_and_spread(fit, "prior", "proportion")
    natural = 1 / (1 + np.exp(-fit["prior"]["total"].to_numpy()[0, ::2]))
    np.testing.assert_allclose(level, np.median(natural, axis=1))
    np.testing.assert_allclose(spread, np.quantile(natural, 0.9, axis=1) - np.quantile(natural, 0.1, axis=1))
    figures.prior_levels(fit, ax, kind="proportion")
    drawn = {line.get_label(): line.get_data() for line in ax.get_lines()}
    np.testing.assert_allclose(drawn["priors alone"], 100 * np.stack([level, spread]))
    assert {line.get_marker() for line in ax.get_lines()} == {"o", "x"}


@pytest.mark.parametrize("kind", ["ratio", "proportion", "estimate"])
@pytest.mark.parametrize("best", ["highest", "lowest"])
def test_figures_without_noise_name_the_right_quarter(kind, best):
    fit = made_fit(kind)
    for group in ("prior", "posterior"):
        assert (figures.top_shares(fit, group, kind=kind, best=best) == 1).all()


def test_figures_that_are_noise_name_a_quarter_by_chance():
    """The mean of DRAWS shares of 5 of 20: hypergeometric, so its standard error is known."""
    shares = figures.top_shares(made_fit("estimate", noise=1e6), "prior", kind="estimate", best="highest")
    error = np.sqrt(0.25 * 0.75 * 15 / 19 / 5 / DRAWS)
    assert abs(shares.mean() - 0.25) < 4 * error


def test_the_observed_figures_are_set_against_the_posterior():
    fit = made_fit("estimate")
    reverse = fit["observed_data"]["y"].to_numpy()[::-1]
    fit["observed_data"] = xr.DataTree(xr.Dataset({"y": ("observation", reverse)}))
    assert (figures.top_shares(fit, "posterior", kind="estimate", best="highest") == 0).all()
    assert (figures.top_shares(fit, "prior", kind="estimate", best="highest") == 1).all()


def test_priors_that_know_no_trust_leave_ranks_open(ax):
    fit = made_fit()
    alone, poth_alone = figures.rank_widths(fit, "prior", "highest")
    informed, poth_informed = figures.rank_widths(fit, "posterior", "highest")
    assert poth_alone < (1 + 4 * np.sqrt(2 / (TRUSTS - 1))) / DRAWS  # chi-squared over its degrees of freedom
    assert poth_informed > 0.98
    assert informed.max() < alone.min() == TRUSTS  # the outer places have 5% each, more than the 2.5% that are cut
    figures.prior_ranks(fit, ax, best="highest")
    drawn = [patch.get_data().values.sum() for patch in ax.patches]
    assert drawn == [TRUSTS, TRUSTS]


def test_words_have_the_numbers_of_the_pictures():
    fit = made_fit(noise=0.1)
    levels = figures.prior_levels_drawing(fit, kind="proportion")
    low, high = np.quantile(figures.national_and_spread(fit, "prior", "proportion")[0], [0.025, 0.975])
    assert f"Priors alone put the national level at {100 * low:.1f}% to {100 * high:.1f}% and" in levels.alt
    ranks = figures.prior_ranks_drawing(fit, best="highest")
    assert "priors alone leave them 20 to 20 places wide, with a precision of the order (POTH) of 0.00" in ranks.alt
    quarters = figures.prior_quarters_drawing(fit, kind="proportion", best="highest")
    mean = 100 * figures.top_shares(fit, "prior", kind="proportion", best="highest").mean()
    assert f"{mean:.0f}% are truly in it under the priors alone" in quarters.alt
    assert 'id="prior-quarters-wide' in quarters.wide
    assert 'id="prior-quarters-narrow' in quarters.narrow


def without_predictive(fit):
    del fit["prior_predictive"]


def without_outcome(fit):
    del fit["prior"]["outcome"]


def with_a_period(fit):
    fit["posterior"] = xr.DataTree(fit["posterior"].to_dataset().expand_dims("period"))


def not_finite(fit):
    fit["posterior"]["outcome"][0, 0, 0] = np.nan


@pytest.mark.parametrize("spoil", [without_predictive, without_outcome, with_a_period, not_finite])
def test_a_fit_that_does_not_hold_what_is_needed_is_not_drawn(spoil):
    fit = made_fit()
    spoil(fit)
    assert figures.prior_levels_drawing(fit, kind="proportion") is None
    assert figures.prior_ranks_drawing(fit, best="highest") is None
    assert figures.prior_quarters_drawing(fit, kind="proportion", best="highest") is None
