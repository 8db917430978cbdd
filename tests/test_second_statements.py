"""Every model file against its second statement in plain NumPy, and the limits in which statements are each other."""

import numpy as np
import pytest
from oracles.second_statements import SECOND, zero_sum, zero_sum_normal
from panels import make_panel
from pytensor.graph.traversal import explicit_graph_inputs
from scipy import integrate, stats

from ranktrust.assets import list_assets
from ranktrust.contract import build_small
from ranktrust.model import load_model
from ranktrust.panel import NO_SHARE, check_panel

FILES = list_assets("models")
NAMES = sorted(FILES)
FORMS = [(name, form) for name in NAMES for form in ("whole", "bare")
         if form == "whole" or '"context"' in FILES[name].read_text(encoding="utf-8")]  # fmt: skip
POOLED = ("ratio", "proportion", "estimate")
LEVELS = ("total", "outcome", "performance")
QUICK = {"mode": "FAST_COMPILE"}  # one call each: compiling well would take longer than it saves


def fields_of(model_file, panel):
    """The fields that a statement names, and the panel itself, where one of mixed kinds finds its figures."""
    return {name: panel[name] for name in model_file.needs} | {"panel": panel}


def random_points(model, count=5, seed=1):
    """Points of the unconstrained space, within about two of the starting point in every direction."""
    rng = np.random.default_rng(seed)
    start = model.initial_point()
    return [{name: value + rng.normal(0, 0.7, np.shape(value)) for name, value in start.items()} for _ in range(count)]


def levels_of(model):
    values = model.replace_rvs_by_values([model[name] for name in LEVELS])
    compiled = model.compile_fn(values, on_unused_input="ignore", **QUICK)
    used = {each.name for each in explicit_graph_inputs(values)}
    given = lambda point: {name: value for name, value in point.items() if name in used}  # noqa: E731 - one line
    return lambda point: dict(zip(LEVELS, compiled(given(point)), strict=True))


def density_of(model, *names):
    variables = [model[name] for name in names] or None
    return model.compile_logp(vars=variables, **QUICK)


def test_every_model_file_has_a_second_statement():
    absent = [f"models/{name}.py has no second statement: write one" for name in NAMES if name not in SECOND]
    assert absent == [], "in tests/oracles/second_statements.py, from its docstring alone, and list it in SECOND"
    assert set(SECOND) <= set(NAMES)


def bare(panel):
    return check_panel(observations=panel.observations, trusts=panel.trusts, indicators=panel.indicators)


@pytest.fixture(scope="module", params=FORMS, ids="-".join)
def two_ways(request):
    """A model on two observations a trust, with everything nested or nothing, and its second statement there."""
    name, form = request.param
    if name not in SECOND:
        pytest.fail(f"models/{name}.py has no second statement in tests/oracles/second_statements.py")
    built = build_small(load_model(name), periods=2)
    panel = built.panel if form == "whole" else bare(built.panel)
    model = built.model if form == "whole" else built.model_file.build(panel)
    fields, priors = fields_of(built.model_file, panel), built.model_file.priors
    points = random_points(model)
    return model, points, [SECOND[name](fields, priors, point) for point in points]


def test_log_densities_agree(two_ways):
    model, points, second = two_ways
    density = density_of(model)
    first = [float(density(point)) for point in points]
    assert np.isfinite(first).all()
    assert len({round(value, 3) for value in first}) == len(points)
    np.testing.assert_allclose(first, [log_density for log_density, _ in second], rtol=1e-9)


def test_levels_agree(two_ways):
    """To nine digits, or to 1e-8: trajectories add 1e-9 to the variances of the noise before their root is taken."""
    model, points, second = two_ways
    levels = levels_of(model)
    for point, (_, found) in zip(points, second, strict=True):
        first = levels(point)
        for name in LEVELS:
            np.testing.assert_allclose(first[name], found[name], rtol=1e-9, atol=1e-8, err_msg=name)


def test_zero_sum_values_sum_to_zero_at_the_same_length():
    free = np.random.default_rng(2).normal(size=6)
    values = zero_sum(free)
    assert (len(values), abs(values.sum()) < 1e-12) == (7, True)
    assert np.sum(values**2) == pytest.approx(np.sum(free**2), rel=1e-12)


def test_the_zero_sum_law_is_the_normal_law_given_its_sum():
    """Seven standard normals have the density of their sum, Normal(0, sd sqrt 7) at 0, along the unit direction."""
    free = np.random.default_rng(3).normal(size=6)
    given = stats.norm.logpdf(zero_sum(free)).sum() - stats.norm.logpdf(0.0)
    assert zero_sum_normal(free) == pytest.approx(given, rel=1e-12)


# Limits


@pytest.mark.parametrize("name", [f"{kind}{form}" for kind in POOLED for form in ("", "_student")])
def test_a_covariate_of_zeros_is_no_covariate(name):
    model_file, panel = load_model(name), make_panel(POOLED[POOLED.index(name.split("_")[0])])
    figures = {"observations": panel.observations, "trusts": panel.trusts, "indicators": panel.indicators}
    zeros = check_panel(**figures, context=panel.trusts[[]].assign(nothing=0.0))
    with_zeros, without = model_file.build(zeros), model_file.build(panel)
    (point,) = random_points(with_zeros, count=1)
    own = {name: value for name, value in point.items() if name != "beta"} | {"beta": np.zeros(0)}
    of_beta = density_of(with_zeros, "beta")(point)
    assert density_of(with_zeros)(point) - of_beta == pytest.approx(density_of(without)(own), rel=1e-12)
    first, second = levels_of(with_zeros)(point), levels_of(without)(own)
    for level in LEVELS:
        assert np.array_equal(first[level], second[level])


@pytest.mark.parametrize("kind", POOLED)
def test_student_tails_become_normal_at_the_rate_that_theory_says(kind):
    """log t_nu(d) = log phi(d) + (d^4 - 2 d^2 - 1) / (4 nu) + O(1 / nu^2), summed over trusts."""
    panel, nu = make_panel(kind), 1e5
    normal, student = load_model(kind).build(panel), load_model(f"{kind}_student").build(panel)
    (point,) = random_points(student, count=1)
    heavy = point | {"nu_above_2_log__": np.log(nu - 2)}
    light = {name: point[name] for name in ("mu", "s_log__", "beta", "total", "share_of_upper_logodds__")}
    difference = density_of(student, "mu", "s", "total", "y")(heavy) - density_of(normal, "mu", "s", "total", "y")(
        light | {"z": point["t"]}
    )
    d = (point["total"] - point["mu"]) / np.exp(point["s_log__"])
    expected = np.sum(d**4 - 2 * d**2 - 1) / (4 * nu)
    assert difference == pytest.approx(expected, rel=0.01, abs=2e-8)
    levels = levels_of(student)(heavy), levels_of(normal)(light | {"z": point["t"]})
    np.testing.assert_allclose(levels[0]["outcome"], levels[1]["outcome"], atol=np.max(d**2 + 1) / nu)


def mixture(outcome, total, *, nu, s, b):
    """Density of outcome given total (m = 0) by integrating over the trust's own variance w, as the docstring says."""
    shape, scale = (nu + 1) / 2, (nu + (total / s) ** 2) / 2

    def given(w):
        part = stats.norm.pdf(outcome, b * total, s * np.sqrt(w * b * (1 - b)))
        return part * stats.invgamma.pdf(w, shape, scale=scale)

    return integrate.quad(given, 0, np.inf, limit=200)[0]


@pytest.mark.parametrize(("total", "outcome"), [(0.1, 0.3), (2.5, 1.0), (-4.0, -3.9)])
@pytest.mark.parametrize("nu", [2.5, 6.0, 40.0])
def test_heavy_tailed_outcomes_have_the_law_of_the_scale_mixture(nu, total, outcome):
    s, b = 0.7, 0.8
    spread = s * np.sqrt((nu + (total / s) ** 2) / (nu + 1)) * np.sqrt(b * (1 - b))
    closed = stats.t.pdf((outcome - b * total) / spread, nu + 1) / spread
    assert mixture(outcome, total, nu=nu, s=s, b=b) == pytest.approx(closed, rel=1e-6)


@pytest.mark.parametrize("outcome", [0.0, 1.0, -3.0])
def test_heavy_tailed_outcomes_alone_are_student_t_with_the_scale_of_the_share(outcome):
    nu, s, b = 5.0, 0.7, 0.8

    def joint(total):
        spread = s * np.sqrt((nu + (total / s) ** 2) / (nu + 1)) * np.sqrt(b * (1 - b))
        return stats.t.pdf(total, nu, 0, s) * stats.t.pdf(outcome, nu + 1, b * total, spread)

    alone = integrate.quad(joint, -np.inf, np.inf, limit=200)[0]
    assert alone == pytest.approx(stats.t.pdf(outcome, nu, 0, s * np.sqrt(b)), rel=1e-6)


@pytest.mark.parametrize("name", [f"{kind}{form}" for kind in POOLED for form in ("", "_student")])
def test_without_an_unattributed_share_outcome_is_total(name):
    model_file, panel = load_model(name), make_panel(name.split("_")[0], covariates=1)
    model = model_file.build(panel, model_file.with_priors({"unattributed_share": NO_SHARE.numbers}))
    levels = levels_of(model)
    for point in random_points(model):
        found = levels(point)
        np.testing.assert_allclose(found["outcome"], found["total"], rtol=0, atol=1e-14)
        assert not np.array_equal(found["performance"], found["total"])


def gamma_posterior(panel, prior):
    shape, rate = prior["ratio"]
    return stats.gamma(shape + panel["observed"], scale=1 / (rate + panel["expected"])), np.exp


def beta_posterior(panel, prior):
    alpha, beta = prior["p"]
    y, n = panel["numerator"], panel["denominator"]
    return stats.beta(alpha + y, beta + n - y), lambda level: 1 / (1 + np.exp(-level))


def normal_posterior(panel, prior):
    m, v = prior["total"]
    precision = 1 / v**2 + 1 / panel["standard_error"] ** 2
    mean = (m / v**2 + panel["estimate"] / panel["standard_error"] ** 2) / precision
    return stats.norm(mean, 1 / np.sqrt(precision)), lambda level: level


@pytest.mark.parametrize(
    ("kind", "posterior"), [("ratio", gamma_posterior), ("proportion", beta_posterior), ("estimate", normal_posterior)]
)
def test_without_pooling_the_posterior_is_the_conjugate_one(kind, posterior):
    """Log-density and exact posterior differ by the same constant everywhere."""
    model_file, panel = load_model(f"{kind}_independent"), make_panel(kind)
    model = model_file.build(panel)
    law, natural = posterior(panel, model_file.priors)
    density, levels = model.compile_logp(jacobian=False, **QUICK), levels_of(model)
    points = random_points(model)
    gaps = [density(point) - law.logpdf(natural(levels(point)["total"])).sum() for point in points]
    np.testing.assert_allclose(gaps, gaps[0], rtol=1e-9)
