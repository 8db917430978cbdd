"""Checks of fit: right worlds pass, each wrong one fails its own check, and every number has a second way to it."""

import numpy as np
import pytest
from fit_worlds import CHAINS, DRAWS, S, fit_of, world
from league_tables import tiny_table
from panels import make_panel
from scipy import stats

from ranktrust import publish
from ranktrust.errors import RunError
from ranktrust.evidence import fit_checks, read_fit_checks, write_fit_checks
from ranktrust.evidence.held_out import held_out, integrated
from ranktrust.evidence.kernels import Figures, figures_of, limits, log_likelihood, replicate
from ranktrust.evidence.laws import Law, gives_back, law_of
from ranktrust.evidence.mixed import mixed_checks

KINDS = ("ratio", "proportion", "estimate")
NAMES = {"dispersion", "extreme trusts", "national total", "zero counts", "conflict", "left out"}


def verdicts(fit, panel):
    return {finding.name: finding.verdict for finding in fit_checks(fit, panel).findings}


# Worlds


@pytest.mark.parametrize("kind", KINDS)
def test_a_world_by_the_statement_passes(kind):
    found = verdicts(*world(kind))
    assert set(found) == NAMES - ({"zero counts"} if kind == "estimate" else set())
    assert found.pop("left out") == "informational"
    assert set(found.values()) == {"passed"}


@pytest.mark.parametrize("kind", KINDS)
def test_a_spread_that_depends_on_size_fails(kind):
    fit, panel = world(kind, trusts=150, spread=lambda size: S[kind] * 4 * size**0.5 / size.max() ** 0.5)
    assert verdicts(fit, panel)["dispersion"] == "failed"


@pytest.mark.parametrize("scale", [0.5, 2.0])
def test_a_spread_that_is_not_the_figures_fails(scale):
    assert verdicts(*world("proportion", scale=scale))["dispersion"] == "failed"


@pytest.mark.parametrize("kind", KINDS)
def test_a_trust_far_out_fails_and_is_named(kind):
    def change(one, two):
        one[7] = {"ratio": np.round(2.2 * two[7]), "proportion": 0.1 * two[7] // 1, "estimate": 7.5}[kind]

    fit, panel = world(kind, change=change)
    found = {finding.name: finding for finding in fit_checks(fit, panel).findings}
    assert found["extreme trusts"].verdict == found["conflict"].verdict == "failed"
    assert found["conflict"].sentence.endswith(": T07.")
    assert found["conflict"].remedy


@pytest.mark.parametrize("kind", KINDS)
def test_large_trusts_at_another_level_fail(kind):
    fit, panel = world(kind, level=lambda size: S[kind] * stats.zscore(np.log(size)))
    assert (verdicts(fit, panel)["national total"] == "failed") == (kind != "estimate")


@pytest.mark.parametrize("kind", ["ratio", "proportion"])
def test_returns_of_nothing_fail(kind):
    def change(one, two):
        one[:3] = 0

    found = {finding.name: finding for finding in fit_checks(*world(kind, change=change)).findings}
    assert found["zero counts"].verdict == "failed"
    assert "trusts without an event 3, replicated 0" in found["zero counts"].sentence


def test_heavy_tails_conflict_under_the_normal_law_and_not_under_their_own():
    fit, panel = world("proportion", trusts=100, nu=2.5, seed=3)
    rng = np.random.default_rng(4)
    own = fit_of(panel, fit["posterior"]["total"].mean(("chain", "draw")).to_numpy(), 0.5, S["proportion"], rng, nu=2.5)
    assert verdicts(fit, panel)["conflict"] == "failed"
    assert verdicts(own, panel)["conflict"] == "passed"
    assert fit_checks(own, panel).trusts["elpd"].sum() > fit_checks(fit, panel).trusts["elpd"].sum() + 4


def test_p_values_of_right_worlds_are_spread_evenly():
    """Parameters are known, so p values are uniform where quantities are continuous: 120 of each, by Kolmogorov."""
    rows = {}
    for seed in range(120):
        fit, panel = world("estimate", trusts=20, seed=seed)
        for _, row in mixed_checks(figures_of(panel), law_of(fit["posterior"].to_dataset(), panel)).iterrows():
            rows.setdefault(row["quantity"], []).append(row["p_value"])
    assert len(rows) == 5
    for quantity, values in rows.items():
        assert stats.kstest(values, "uniform").pvalue > 0.001, quantity


def test_conflict_p_values_of_a_right_world_are_spread_evenly():
    for kind in KINDS:
        fit, panel = world(kind, trusts=400, seed=5)
        table = held_out(figures_of(panel), law_of(fit["posterior"].to_dataset(), panel))
        assert stats.kstest(table["p_below"], "uniform").pvalue > 0.001, kind


# A law that is not known


def test_a_statement_that_reads_covariates_may_have_none():
    fit, panel = world("ratio")
    nothing = (("chain", "draw", "covariate"), np.empty((CHAINS, DRAWS, 0)))
    fit["posterior"] = fit["posterior"].to_dataset().assign(beta=nothing)
    assert set(verdicts(fit, panel)) == NAMES


def test_a_statement_of_another_law_is_not_checked():
    fit, panel = world("ratio")
    fit["log_prior"]["total"] = fit["log_prior"]["total"] + 0.01
    (finding,) = fit_checks(fit, panel).findings
    assert finding.verdict == "informational"
    assert finding.sentence.startswith("Not checked")


def test_a_parameter_that_is_not_known_or_is_absent_leaves_it_unchecked():
    fit, panel = world("ratio")
    other = fit.copy()
    other["log_prior"] = fit["log_prior"].to_dataset().assign(own=fit["log_prior"]["mu"])
    assert set(verdicts(other, panel)) == {"fit to the data"}
    fit["posterior"] = fit["posterior"].to_dataset().drop_vars("s")
    assert set(verdicts(fit, panel)) == {"fit to the data"}


def test_several_figures_a_trust_are_not_checked():
    assert figures_of(make_panel("ratio", periods=2)) is None


# Numbers, a second way

NORMAL, HEAVY = None, np.array([[2.5], [6.0]])
CASES = [
    Figures("ratio", np.array([0.0, 3, 40, 4000]), np.array([2.0, 3, 20, 4100]), tuple("ABCD"), 1.0),
    Figures("proportion", np.array([0.0, 5, 3, 900]), np.array([8.0, 5, 40, 1000]), tuple("ABCD"), 1.0),
    Figures("proportion", np.array([0.5, 5, 3.5, 900]), np.array([8.0, 5.5, 40.5, 1000]), tuple("ABCD"), 0.5),
    Figures("estimate", np.array([0.1, -1, 0.4, 3]), np.array([0.01, 0.2, 0.5, 0.1]), tuple("ABCD"), 0.0),
]


def by_sums(figures, law):
    """Sums of likelihood times law over 400,001 levels."""
    level = np.linspace(-40, 40, 400_001)[:, None]
    found = np.empty(law.centre.shape)
    for draw in range(len(found)):
        one = Law(law.centre[draw], law.scale[draw], None if law.nu is None else law.nu[draw])
        logs = log_likelihood(figures, level) + one.log_density(level)
        found[draw] = np.log(np.trapezoid(np.exp(logs), level, axis=0))
    return found


@pytest.mark.parametrize("figures", CASES, ids=["ratio", "proportion", "halves", "estimate"])
@pytest.mark.parametrize("nu", [NORMAL, HEAVY], ids=["normal", "heavy tails"])
def test_integrals_over_a_trust_s_effect_are_those_of_a_fine_grid(figures, nu):
    """Few events under heavy tails are the hardest case; an error of 0.001 in a log score moves no comparison."""
    law = Law(np.array([[0.1, -0.2, 0.5, 0.0], [-0.5, 0.3, 0.0, 2.0]]), np.array([[0.2], [0.9]]), nu)
    np.testing.assert_allclose(integrated(figures, law), by_sums(figures, law), atol=1e-3)


def test_integrals_of_normal_figures_are_closed_forms():
    figures, law = CASES[3], Law(np.zeros((1, 4)), np.array([[0.7]]), None)
    exact = stats.norm(0, np.hypot(0.7, figures.second)).logpdf(figures.first)
    np.testing.assert_allclose(integrated(figures, law)[0], exact, rtol=1e-10)


@pytest.mark.parametrize("kind", ["ratio", "proportion"])
def test_tails_of_counts_are_tails_of_levels(kind):
    one, two = np.array([0.0, 3, 50, 60]), np.array([20.0, 9, 60, 60])
    figures, level = Figures(kind, one, two, tuple("ABCD"), 1.0), np.array([-2.0, -0.5, 0.1, 1.0])
    law = stats.poisson(two * np.exp(level)) if kind == "ratio" else stats.binom(two, 1 / (1 + np.exp(-level)))
    drawn = limits(figures, 20_000, np.random.default_rng(1))
    for limit, exact in zip(drawn, (law.cdf(one), law.cdf(one - 1)), strict=True):
        error = np.sqrt(exact * (1 - exact) / 20_000)
        assert (np.abs((level < limit).mean(axis=0) - exact) <= 4 * error + 1e-12).all()


@pytest.mark.parametrize("figures", CASES, ids=["ratio", "proportion", "halves", "estimate"])
def test_replicates_have_the_moments_and_the_steps_of_their_law(figures):
    level = np.broadcast_to(np.array([0.3, -0.5, 0.2, 0.0]), (20_000, 4))
    drawn = replicate(figures, level, np.random.default_rng(2))
    natural = {"ratio": np.exp(level), "proportion": 1 / (1 + np.exp(-level)), "estimate": level}[figures.kind][0]
    mean = natural if figures.kind == "estimate" else figures.second * natural
    assert (np.abs(drawn.mean(axis=0) - mean) < 4 * drawn.std(axis=0) / np.sqrt(20_000) + 1e-9).all()
    if figures.step:
        assert (drawn % figures.step == 0).all()
    assert (drawn % 1).any() == (figures.step != 1)


def test_leaving_out_is_fitting_again_where_that_has_a_closed_form():
    """Normal trusts of known spread about a mean with a flat prior: the others' mean predicts the one left out."""
    rng, trusts, tau = np.random.default_rng(8), 12, 0.3
    error = np.full(trusts, 0.2)
    value = rng.normal(5, np.hypot(tau, error))
    value[0] += 1.0
    weight = 1 / (tau**2 + error**2)
    mu = rng.normal((weight * value).sum() / weight.sum(), weight.sum() ** -0.5, CHAINS * DRAWS * 4)
    law = Law(mu[:, None] + np.zeros(trusts), np.full((len(mu), 1), tau), None)
    found = held_out(Figures("estimate", value, error, tuple(map(str, range(trusts))), 0.0), law)
    for place in range(trusts):
        others = np.arange(trusts) != place
        mean = (weight * value)[others].sum() / weight[others].sum()
        exact = stats.norm(mean, np.sqrt(1 / weight[others].sum() + 1 / weight[place]))
        assert found["elpd"].iloc[place] == pytest.approx(exact.logpdf(value[place]), abs=0.05)
        assert found["p_below"].iloc[place] == pytest.approx(exact.cdf(value[place]), abs=0.03)


def test_the_law_follows_covariates_groups_and_tails():
    panel = make_panel("ratio", trusts=12, covariates=2, nested=("region", "icb"))
    fit, rng = fit_of(panel, np.zeros(12), 0.1, 0.2, np.random.default_rng(1), nu=4), np.random.default_rng(2)
    shape = (CHAINS, DRAWS)
    more = {"beta": (("chain", "draw", "covariate"), rng.normal(size=(*shape, 2)))}
    more |= {name: (("chain", "draw"), rng.gamma(2, size=shape)) for name in ("omega", "omega_icb")}
    more |= {f"{name}_effect": (("chain", "draw", name), rng.normal(size=(*shape, count)))
             for name, count in (("region", 3), ("icb", 6))}  # fmt: skip
    posterior = fit["posterior"].to_dataset().assign(more)
    law = law_of(posterior, panel)
    one = posterior.isel(chain=1, draw=7)
    for place, trust in enumerate(panel.trusts.index):
        region, icb = (int(panel[f"{group}_idx"][place]) for group in ("region", "icb"))
        wanted = one["mu"] + one["omega"] * one["region_effect"][region] + one["omega_icb"] * one["icb_effect"][icb]
        wanted = wanted + (one["beta"].to_numpy() * panel["context"][place]).sum()
        assert law.centre[DRAWS + 7, place] == pytest.approx(float(wanted)), trust
    assert law.nu[0, 0] == 4
    assert not gives_back(fit, law)


# The run's files and pages


def test_what_is_written_is_read_again(tmp_path):
    checks = fit_checks(*world("proportion"))
    write_fit_checks(checks, tmp_path, "made")
    again = read_fit_checks(tmp_path, "made")
    assert [item.sentence for item in again.findings] == [item.sentence for item in checks.findings]
    np.testing.assert_allclose(again.trusts["elpd"], checks.trusts["elpd"])
    assert again.trusts["conflict"].dtype == bool
    assert read_fit_checks(tmp_path, "other") is None


def test_a_broken_file_is_refused(tmp_path):
    write_fit_checks(fit_checks(*world("estimate", trusts=10)), tmp_path, "made")
    (tmp_path / "made" / "fit_checks.json").write_text('{"schema_version": 1}', encoding="utf-8")
    with pytest.raises(RunError, match="checks of fit of made"):
        read_fit_checks(tmp_path, "made")


def test_the_page_says_which_checks_of_fit_failed():
    def change(one, two):
        one[:3] = 0

    checks, table = fit_checks(*world("proportion", change=change)), tiny_table()
    title = publish.fit_title(checks)
    text = publish.fit_to_data(table, checks).text
    failed = sum(item.verdict == "failed" for item in checks.findings)
    assert title == f"{failed} of 5 checks of fit failed"
    assert text.count('class="chip failed"') == failed
    assert "a return not made is no zero" in text
    assert "A failed check does not stop publication" in text
    assert publish.fit_title(fit_checks(*world("proportion"))) == "all 5 checks of fit passed"


def test_a_run_without_checks_of_fit_says_so():
    assert publish.fit_title(None) == ""
    assert "the run holds no checks of fit" in publish.fit_to_data(tiny_table(), None).text
