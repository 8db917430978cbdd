"""Trajectories: the law drawn, the noise drawn back, limits, and a small panel recovered."""

import numpy as np
import pytensor
import pytensor.tensor as pt
import pytest
from oracles import trajectory_density as second
from panels import make_trajectory
from scipy import stats

from ranktrust.fit import Sampling, fit
from ranktrust.model import load_model

SEED = 20261122
SHORT = Sampling(draws=400, tune=500)
PARAMETERS = ("step", "s", "moving", "persistence", "share_of_upper", "beta", "total", "z")


def point_of(model, seed):
    """A point of the parameters' own scales, away from the edges."""
    rng = np.random.default_rng(seed)
    point = {}
    for name in PARAMETERS:
        shape = model[name].eval().shape
        point[name] = rng.uniform(0.2, 0.8, shape) if name not in {"beta", "total", "z"} else rng.normal(0, 0.5, shape)
    return point


def test_the_law_drawn_is_the_law_of_the_density():
    """Contrasts of prior draws have covariance S and the path is a random walk, within Monte Carlo error."""
    root = np.linalg.cholesky(second.covariance(0.4, 0.1, 0.3, 0.8, np.arange(3.0)))
    draw = load_model("trajectory_proportion").build.__globals__["draw_total"]
    total = draw(np.zeros(5), root, np.array([0.5, 1.0, 0.3]), rng=np.random.default_rng(SEED), size=(20_000,))
    path = total.mean(axis=1)
    around = total - path[:, None]
    assert np.abs(around.sum(axis=1)).max() < 1e-12
    found = np.einsum("sip,siq->pq", around, around) / 20_000 / 4
    assert found == pytest.approx(root @ root.T, rel=4 * np.sqrt(2 / 80_000), abs=4 * 0.16 / np.sqrt(80_000))
    assert np.var(np.diff(path), axis=0) == pytest.approx([0.09, 0.09], rel=4 * np.sqrt(2 / 20_000))
    assert path[:, 0].mean() == pytest.approx(0.5, abs=4 / np.sqrt(20_000))


def test_noise_is_drawn_from_its_law_given_the_total():
    """With total and parameters fixed, outcome over many z has the mean and covariance of conditioning a normal."""
    model_file, panel = load_model("trajectory_proportion"), make_trajectory("proportion")
    model = model_file.build(panel)
    names = ("s", "moving", "persistence", "share_of_upper", "beta", "total", "z")
    compute = pytensor.function([model[name] for name in names], model["outcome"], mode="FAST_COMPILE")
    point, rng = point_of(model, 1), np.random.default_rng(SEED)
    fixed = [point[name] for name in names[:-1]]
    drawn = np.array([compute(*fixed, rng.normal(size=point["z"].shape)) for _ in range(4000)])
    share = point["share_of_upper"]
    cov = second.covariance(point["s"], share, point["moving"], point["persistence"], panel["period_time"])
    adjustment = panel["context"] @ point["beta"]
    mean, spread = second.outcome_given_total(point["total"], adjustment, cov, point["s"] ** 2 * share)
    sd = np.sqrt(np.diag(spread))
    assert (np.abs(drawn.mean(axis=0) - mean) < 4.5 * sd / np.sqrt(4000)).all()
    around = drawn - drawn.mean(axis=0)
    found = np.einsum("sip,siq->pq", around, around) / around.shape[0] / around.shape[1]
    assert np.abs(found - spread).max() < 4.5 * np.outer(sd, sd).max() * np.sqrt(2 / (4000 * 7))


def test_one_period_is_the_cross_section():
    """The laws of total are equal once the cross-section's mean is integrated out, and so is the outcome's distance."""
    log_total = load_model("trajectory_proportion").build.__globals__["log_total"]
    rng = np.random.default_rng(SEED)
    n, s, sd, share = 7, 0.4, 1.75, 0.2
    adjustment, total, z = rng.normal(0, 0.3, n), rng.normal(1, 0.5, n), rng.normal(size=n)
    prior = np.array([0.0, np.sqrt(sd**2 + s**2 / n), 0.3])
    trajectory = log_total(
        pt.as_tensor(total[:, None]), pt.as_tensor(adjustment), pt.as_tensor([[s]]), pt.as_tensor(prior)
    )
    cross_section = stats.multivariate_normal(adjustment, s**2 * np.eye(n) + sd**2).logpdf(total)
    assert trajectory.eval(mode="FAST_COMPILE") == pytest.approx(cross_section, rel=1e-12)

    model_file, panel = load_model("trajectory_proportion"), make_trajectory("proportion", periods=1, trusts=n)
    model = model_file.build(panel)
    names = ("s", "share_of_upper", "beta", "total", "z", "moving", "persistence")
    compute = pytensor.function([model[name] for name in names], model["outcome"], mode="FAST_COMPILE")
    outcome = compute(s, share, [0.0], total[:, None], z[:, None], 0.5, 0.5)[:, 0]
    expected = (1 - share) * (total - total.mean()) - s * np.sqrt(share * (1 - share)) * (z - z.mean())
    assert outcome - outcome.mean() == pytest.approx(expected, abs=1e-8)


def test_without_noise_the_outcome_is_the_total():
    model_file, panel = load_model("trajectory_estimate"), make_trajectory("estimate")
    model = model_file.build(panel, model_file.with_priors({"unattributed_share": (1.0, 1.0, 0.0)}))
    compute = pytensor.function([], [model["outcome"] - model["total"]], mode="FAST_COMPILE")
    assert np.abs(compute()[0]).max() < 1e-12


@pytest.fixture(scope="module")
def small_fit():
    """Thirty trusts over eight periods, drawn from the statement itself, and the fit of them."""
    panel, truth = simulated(trusts=30, periods=8)
    return (
        panel,
        truth,
        fit(panel, load_model("trajectory_proportion"), seed=np.random.SeedSequence(SEED), sampling=SHORT),
    )


def simulated(*, trusts, periods):
    panel = make_trajectory("proportion", trusts=trusts, periods=periods)
    rng = np.random.default_rng(SEED)
    truth = {"s": 0.4, "unattributed_share": 0.15, "moving": 0.4, "persistence": 0.85}
    cov = second.covariance(**truth, time=panel["period_time"])
    noise = rng.normal(0, np.sqrt(0.15) * 0.4, (trusts, periods))
    signal = rng.multivariate_normal(np.zeros(periods), cov - 0.15 * 0.16 * np.eye(periods), trusts)
    outcome = 1.0 + np.cumsum(rng.normal(0, 0.05, periods)) + signal
    rows = panel.observations.assign(denominator=2000.0)
    level = (outcome + noise)[panel["trust_idx"], panel["period_idx"]]
    rows = rows.assign(numerator=rng.binomial(2000, 1 / (1 + np.exp(-level))).astype(float))
    return panel.derive(observations=rows), {**truth, "outcome": outcome}


def test_a_simulated_panel_is_recovered_and_passes_the_gate(small_fit):
    _, truth, tree = small_fit
    posterior = tree["posterior"].to_dataset()
    for name in ("s", "unattributed_share", "moving", "persistence"):
        draws = posterior[name].to_numpy().ravel()
        assert abs(draws.mean() - truth[name]) < 3 * draws.std(), name
    outcome = posterior["outcome"].transpose("chain", "draw", "trust", "period")
    z = (truth["outcome"] - outcome.mean(("chain", "draw"))) / outcome.std(("chain", "draw"))
    n = z.sizes["trust"]
    assert float((z**2).mean()) == pytest.approx(1.0, abs=4 * np.sqrt(2 / n))
