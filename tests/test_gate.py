"""The computation gate passes perfect draws, fails each defect by name, and says so in numbers."""

import numpy as np
import pytest
import xarray as xr

from ranktrust import gate
from ranktrust.gate import diagnose, gate_passed, series_diagnostics

CHAINS, DRAWS, TRUSTS = 4, 500, 12
PERFECT = {
    "finite draws", "parameters", "levels of trusts", "ranks", "P(top)", "P(bottom)", "divergences", "tree depth",
    "energy",
}  # fmt: skip


def perfect_levels(seed=1, spread=0.7):
    """Independent normal draws about means from -1 to 1."""
    generator = np.random.default_rng(seed)
    return np.linspace(1, -1, TRUSTS) + generator.normal(0, spread, (CHAINS, DRAWS, TRUSTS))


def fit_of(levels, **changes):
    """A fit with these levels and perfect everything else, some parts changed or (None) left out."""
    generator = np.random.default_rng(2)
    free = generator.normal(size=(CHAINS, DRAWS))
    names = [f"T{k:02d}" for k in range(levels.shape[2])]
    dims = ("chain", "draw", "trust")
    parts = {
        "posterior": {**{name: (dims, levels.copy()) for name in gate.LATENT}, "mu": (dims[:2], free)},
        "log_prior": {"mu": (dims[:2], -(free**2) / 2), "total": (dims, levels)},
        "sample_stats": {
            "diverging": (dims[:2], np.zeros((CHAINS, DRAWS), bool)),
            "reached_max_treedepth": (dims[:2], np.zeros((CHAINS, DRAWS), bool)),
            "energy": (dims[:2], generator.normal(size=(CHAINS, DRAWS))),
        },
    }
    for group, variables in changes.items():
        parts[group] = None if variables is None else {**parts[group], **variables}
    return xr.DataTree.from_dict(
        {
            group: xr.Dataset(
                {name: value for name, value in variables.items() if value is not None}, coords={"trust": names}
            )
            for group, variables in parts.items()
            if variables is not None
        }
    )


def judged(fit, **options):
    return {item.name: item for item in diagnose(fit, **{"best": "highest", "top": 5, "bottom": 5, **options})}


def failures(fit, **options):
    return {name for name, item in judged(fit, **options).items() if item.verdict == "failed"}


def statistic(values):
    return {"sample_stats": values}


def flags(count):
    values = np.zeros((CHAINS, DRAWS), dtype=bool)
    values[1, :count] = True
    return ("chain", "draw"), values


# What passes


def test_perfect_draws_pass_every_finding():
    found = judged(fit_of(perfect_levels()))
    assert set(found) == PERFECT
    assert {item.verdict for item in found.values()} == {"passed"}
    assert gate_passed(found.values())


def test_probabilities_that_never_change_pass_when_ranks_do():
    found = judged(fit_of(perfect_levels(spread=0.1)))
    constant = int(found["P(top)"].table["constant"].sum())
    assert constant > TRUSTS / 2
    assert f"{constant} of 12 never change" in found["P(top)"].sentence
    assert {item.verdict for item in found.values()} == {"passed"}


def test_a_certain_outlier_passes_while_its_level_moves():
    levels = perfect_levels()
    levels[:, :, 0] += 100
    found = judged(fit_of(levels))
    assert bool(found["ranks"].table.loc[("rank", "T00"), "constant"])
    assert {item.verdict for item in found.values()} == {"passed"}


def test_models_without_covariates_pass():
    nothing = (("chain", "draw", "covariate"), np.empty((CHAINS, DRAWS, 0)))
    assert failures(fit_of(perfect_levels(), posterior={"beta": nothing}, log_prior={"beta": nothing})) == set()


@pytest.mark.parametrize("best", ["highest", "lowest"])
def test_top_and_bottom_follow_the_direction(best):
    levels = perfect_levels()
    levels[:, :, 0] += 100
    found = judged(fit_of(levels), best=best, top=1, bottom=1)
    assert bool(found["P(top)" if best == "highest" else "P(bottom)"].table.loc["T00", "constant"])
    alone = found["P(top)" if best == "highest" else "P(bottom)"].table
    assert int(alone["constant"].sum()) == TRUSTS


# What fails: draws


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("name", ["total", "performance", "mu"])
def test_one_draw_that_is_not_finite_fails(name, value):
    fit = fit_of(perfect_levels())
    fit["posterior"][name].to_numpy()[(2, 7) if name == "mu" else (2, 7, 3)] = value
    found = judged(fit)
    assert found["finite draws"].verdict == "failed"
    assert found["finite draws"].sentence == f"Draws that are not finite: {name} (1)."


def test_one_shifted_chain_fails():
    levels = perfect_levels()
    levels[1, :, 4] += 0.5
    found = judged(fit_of(levels))
    assert {"levels of trusts", "ranks"} <= failures(fit_of(levels))
    assert "T04" in found["ranks"].sentence
    assert found["levels of trusts"].table.loc[("outcome", "T04"), "rhat"] > 1.01


@pytest.mark.parametrize("at", ["median", "first draw"])
def test_one_stuck_chain_fails(at):
    levels = perfect_levels()
    levels[2, :, 4] = np.median(levels[:, :, 4]) if at == "median" else levels[2, 0, 4]
    assert {"levels of trusts", "ranks"} <= failures(fit_of(levels))
    assert "outcome T04" in judged(fit_of(levels))["levels of trusts"].sentence


def test_one_stuck_chain_of_a_parameter_fails():
    free = np.random.default_rng(3).normal(size=(CHAINS, DRAWS))
    free[3] = np.median(free)
    assert failures(fit_of(perfect_levels(), posterior={"mu": (("chain", "draw"), free)})) == {"parameters"}


def test_a_shifted_chain_of_one_level_fails_even_if_another_is_ranked():
    levels = perfect_levels()
    levels[1, :, 4] += 0.5
    shifted = {"performance": (("chain", "draw", "trust"), levels)}
    assert failures(fit_of(perfect_levels(), posterior=shifted)) == {"levels of trusts"}


def test_one_shifted_parameter_fails():
    free = np.random.default_rng(3).normal(size=(CHAINS, DRAWS))
    free[0] += 1
    assert failures(fit_of(perfect_levels(), posterior={"mu": (("chain", "draw"), free)})) == {"parameters"}


@pytest.mark.parametrize("name", gate.LATENT)
def test_a_level_that_never_changes_fails(name):
    levels = perfect_levels()
    levels[:, :, 0] = 50.0
    constant = {name: (("chain", "draw", "trust"), levels)}
    assert "levels of trusts" in failures(fit_of(perfect_levels(), posterior=constant))


def test_a_rank_fails_when_it_is_constant_because_its_level_is():
    levels = perfect_levels()
    levels[:, :, 0] = 50.0
    found = judged(fit_of(levels))
    assert found["ranks"].verdict == "failed"
    assert found["ranks"].sentence.startswith("rank T00 of the ranks miss a threshold")


def test_a_series_constant_within_chains_and_different_between_them_fails():
    levels = perfect_levels()
    levels[:2, :, 0] += 100
    levels[2:, :, 0] -= 100
    found = judged(fit_of(levels))
    assert {"ranks", "P(top)", "P(bottom)"} <= failures(fit_of(levels))
    assert found["P(top)"].sentence.startswith("1 of 12 series of P(top) fail")
    assert bool(found["P(top)"].table.loc["T00", "stuck"])


def test_a_constant_probability_fails_where_its_rank_fails():
    """The trust leaves the middle at random, but never for the top: only its rank shows that chains differ."""
    levels = perfect_levels()
    levels[:, :, 6] = np.random.default_rng(5).normal(0, 0.01, (CHAINS, DRAWS))
    levels[3, :, 6] = np.random.default_rng(6).normal(-0.3, 0.01, DRAWS)
    found = judged(fit_of(levels), top=1)
    assert bool(found["P(top)"].table.loc["T06", "constant"])
    assert bool(found["P(top)"].table.loc["T06", "failed"])


@pytest.mark.parametrize("name", gate.LATENT)
def test_an_absent_level_fails(name):
    (finding,) = diagnose(
        fit_of(perfect_levels(), posterior={name: None}), best="highest", top=5, bottom=5, latent="outcome"
    )
    assert (finding.verdict, finding.sentence) == ("failed", f"The fit has no {name}.")


def test_a_fit_without_posterior_fails():
    assert failures(fit_of(perfect_levels(), posterior=None)) == {"draws"}
    assert not gate_passed(diagnose(xr.DataTree(), best="highest", top=5, bottom=5))


def test_a_fit_that_does_not_name_its_parameters_fails():
    found = judged(fit_of(perfect_levels(), log_prior=None))
    assert found["parameters"].sentence == "The fit does not hold its parameters (no log_prior)."
    assert failures(fit_of(perfect_levels(), log_prior=None)) == {"parameters"}


def test_a_parameter_without_draws_fails():
    found = judged(fit_of(perfect_levels(), posterior={"mu": None}))
    assert found["parameters"].sentence == "The fit does not hold its parameters (mu)."


def test_parameters_that_are_all_empty_fail():
    nothing = {"mu": (("chain", "draw", "covariate"), np.empty((CHAINS, DRAWS, 0)))}
    assert failures(fit_of(perfect_levels(), posterior=nothing, log_prior=nothing)) == {"parameters"}


# What fails: the sampler's statistics


@pytest.mark.parametrize(
    ("name", "finding"),
    [("diverging", "divergences"), ("reached_max_treedepth", "tree depth"), ("energy", "energy")],
)
def test_an_absent_statistic_fails(name, finding):
    found = judged(fit_of(perfect_levels(), **statistic({name: None})))
    assert found[finding].verdict == "failed"
    assert found[finding].sentence == f"The sampler left no statistic called {name}."


@pytest.mark.parametrize(
    ("name", "other", "finding"),
    [
        ("reached_max_treedepth", "depth", "tree depth"),
        ("reached_max_treedepth", "maxdepth_reached", "tree depth"),
        ("diverging", "divergences", "divergences"),
        ("energy", "energy_error", "energy"),
    ],
)
def test_a_statistic_under_another_name_is_absent(name, other, finding):
    renamed = statistic({name: None, other: flags(0)})
    assert failures(fit_of(perfect_levels(), **renamed)) == {finding}


def test_no_statistics_at_all_fail_three_times():
    assert failures(fit_of(perfect_levels(), sample_stats=None)) == {"divergences", "tree depth", "energy"}


@pytest.mark.parametrize(("name", "finding"), [("diverging", "divergences"), ("reached_max_treedepth", "tree depth")])
@pytest.mark.parametrize("count", [1, 30])
def test_one_marked_draw_fails(name, finding, count):
    found = judged(fit_of(perfect_levels(), **statistic({name: flags(count)})))
    assert found[finding].verdict == "failed"
    assert found[finding].sentence == f"{count} of 2,000 draws with {name}."
    assert found[finding].table["draws"].tolist() == [0, count, 0, 0]


def test_a_statistic_without_draws_fails():
    empty = statistic({"diverging": (("chain", "step"), np.zeros((CHAINS, 0), dtype=bool))})
    assert failures(fit_of(perfect_levels(), **empty)) == {"divergences"}


def test_a_statistic_that_is_not_finite_fails():
    values = np.zeros((CHAINS, DRAWS))
    values[0, 0] = np.nan
    found = judged(fit_of(perfect_levels(), **statistic({"diverging": (("chain", "draw"), values)})))
    assert found["divergences"].sentence == "The statistic diverging is not finite."


def energies(step, seed=4):
    """Random walks whose E-BFMI is about `step` squared: mean squared step of an AR(1) over its variance."""
    generator = np.random.default_rng(seed)
    rho = 1 - step**2 / 2
    noise = generator.normal(size=(CHAINS, DRAWS))
    for k in range(1, DRAWS):
        noise[:, k] = rho * noise[:, k - 1] + np.sqrt(1 - rho**2) * noise[:, k]
    return noise


def test_low_energy_information_fails_and_is_recomputed():
    energy = energies(0.4)
    found = judged(fit_of(perfect_levels(), **statistic({"energy": (("chain", "draw"), energy)})))["energy"]
    plain = [np.square(np.diff(chain)).sum() / np.square(chain - chain.mean()).sum() for chain in energy]
    np.testing.assert_allclose(found.table["ebfmi"], plain, rtol=2 / DRAWS)
    assert (found.verdict, max(plain) < 0.3) == ("failed", True)
    assert f"{min(found.table['ebfmi']):.2f} (at least 0.3 is asked)" in found.sentence


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_energy_that_is_not_finite_fails(value):
    energy = np.random.default_rng(1).normal(size=(CHAINS, DRAWS))
    energy[2, 5] = value
    found = fit_of(perfect_levels(), **statistic({"energy": (("chain", "draw"), energy)}))
    assert failures(found) == {"energy"}


def test_energy_that_never_changes_fails():
    energy = (("chain", "draw"), np.ones((CHAINS, DRAWS)))
    assert failures(fit_of(perfect_levels(), **statistic({"energy": energy}))) == {"energy"}


# Thresholds and verdicts


@pytest.mark.parametrize(
    ("column", "edge", "inside"), [("rhat", 1.01, 1.0099), ("ess_bulk", 400.0, 400.1), ("ess_tail", 400.0, 400.1)]
)
def test_thresholds_are_strict(monkeypatch, column, edge, inside):
    good = {"rhat": 1.0, "ess_bulk": 4000.0, "ess_tail": 4000.0}

    def put(value):
        def fake(draws, **options):
            return series_diagnostics(draws, **options).assign(**{**good, column: value})

        monkeypatch.setattr(gate.series, "series_diagnostics", fake)
        return failures(fit_of(perfect_levels()))

    assert put(inside) == set()
    assert {"parameters", "levels of trusts", "ranks"} <= put(edge)
    assert ("P(top)" in put(edge)) == (column == "ess_bulk")


@pytest.mark.parametrize(("value", "verdict"), [(0.3, "passed"), (0.2999, "failed")])
def test_the_energy_threshold_includes_its_edge(monkeypatch, value, verdict):
    monkeypatch.setattr(gate.sampler.array_stats, "bfmi", lambda energy: np.full(len(energy), value))
    assert judged(fit_of(perfect_levels()))["energy"].verdict == verdict


def test_the_thresholds_are_the_documented_ones():
    assert (gate.RHAT_BELOW, gate.ESS_PER_CHAIN, gate.BFMI_AT_LEAST) == (1.01, 100, 0.3)


def test_no_findings_do_not_pass():
    assert not gate_passed(())


def test_a_failure_says_what_to_do_and_a_pass_does_not():
    levels = perfect_levels()
    levels[1, :, 4] += 0.5
    found = judged(fit_of(levels, **statistic({"diverging": flags(1), "energy": None}))).values()
    assert {bool(item.remedy) for item in found if item.verdict == "failed"} == {True}
    assert {bool(item.remedy) for item in found if item.verdict == "passed"} == {False}


def test_sentences_carry_the_numbers_of_their_table():
    found = judged(fit_of(perfect_levels()))["levels of trusts"]
    largest, bulk, tail = found.table["rhat"].max(), found.table["ess_bulk"].min(), found.table["ess_tail"].min()
    assert f"largest R-hat {largest:.4f}, smallest ESS bulk {bulk:,.0f}, tail {tail:,.0f}" in found.sentence
    assert "over 36 series" in found.sentence


def test_a_failure_of_many_names_five_and_counts_all():
    levels = perfect_levels()
    levels[1] += 1.0
    sentence = judged(fit_of(levels))["levels of trusts"].sentence
    assert sentence.startswith("36 of 36 levels of trusts miss a threshold (total T00, ")
    assert sentence.split("(")[1].split(")")[0].count("total") == 5


def test_constant_and_stuck_series_are_told_apart():
    moving = np.random.default_rng(1).normal(size=(CHAINS, 50))
    constant, stuck = np.ones((CHAINS, 50)), np.repeat([[1.0], [1.0], [1.0], [2.0]], 50, axis=1)
    table = series_diagnostics(np.stack([moving, constant, stuck]))
    assert table["constant"].tolist() == [False, True, False]
    assert table["stuck"].tolist() == [False, False, True]
    assert table["rhat"].isna().tolist() == [False, True, True]


def correlation_fit(change=None):
    """A perfect fit with the lower root of a correlation of two indicators; `change` edits the (2, 2) draws."""
    lower = np.tanh(np.random.default_rng(5).normal(0, 0.3, (CHAINS, DRAWS)))
    root = np.zeros((CHAINS, DRAWS, 2, 2))
    root[..., 0, 0], root[..., 1, 0], root[..., 1, 1] = 1.0, lower, np.sqrt(1 - lower**2)
    if change is not None:
        change(root)
    variables = {"root": (("chain", "draw", "indicator", "other_indicator"), root)}
    names = {"mu": None, "root": (("chain", "draw"), np.zeros((CHAINS, DRAWS)))}
    return fit_of(perfect_levels(), posterior={**variables, "mu": None}, log_prior=names)


def test_cells_of_a_correlation_that_are_given_are_not_judged():
    (parameters,) = (
        item for item in diagnose(correlation_fit(), best="highest", top=3, bottom=3) if item.name == "parameters"
    )
    assert (parameters.verdict, len(parameters.table)) == ("passed", 2)


@pytest.mark.parametrize("value", [0.0, 1.0, 0.3])
def test_a_correlation_that_never_changes_fails(value):
    def stick(root):
        root[..., 1, 0] = value

    (parameters,) = (
        item for item in diagnose(correlation_fit(stick), best="highest", top=3, bottom=3) if item.name == "parameters"
    )
    assert parameters.verdict == "failed"
