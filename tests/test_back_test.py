"""The scores and forecasts of the back-test, each against a loop or a closed form; the fits are the benchmark's."""

import importlib.util
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def back_test():
    spec = importlib.util.spec_from_file_location("back_test", ROOT / "benchmarks" / "back_test.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_ranked_probability_score_is_its_loop(back_test):
    pmf = np.random.default_rng(1).dirichlet(np.ones(6), 6)
    rank = np.array([3, 1, 6, 2, 5, 4])
    rps, log = back_test.rank_scores(pmf, rank)
    for i in range(6):
        slow = sum((pmf[i, :k].sum() - (rank[i] <= k)) ** 2 for k in range(1, 7)) / 5
        assert rps[i] == pytest.approx(slow)
        assert log[i] == pytest.approx(-np.log((pmf[i, rank[i] - 1] + 1 / 60) / 1.1))
    sure = np.eye(6)[rank - 1]
    assert (back_test.rank_scores(sure, rank)[0] == 0).all()


def test_the_continuous_score_is_that_of_the_normal_law(back_test):
    draws = np.random.default_rng(2).normal(1.0, 2.0, (20_000, 1))
    z = (2.5 - 1.0) / 2
    exact = 2 * (z * (2 * stats.norm.cdf(z) - 1) + 2 * stats.norm.pdf(z) - 1 / np.sqrt(np.pi))
    assert back_test.crps(draws, np.array([2.5]))[0] == pytest.approx(exact, abs=4 * 2 / 20_000**0.5)


def test_a_kernel_moves_a_rank_by_the_changes_seen_and_stays_on_the_scale(back_test):
    pmf = back_test.kernel_pmf(np.array([1, 3, 5]), [-1, 0, 0, 1], 5)
    np.testing.assert_allclose(pmf.sum(axis=1), 1)
    np.testing.assert_allclose(pmf[1], [0, 0.25, 0.5, 0.25, 0], atol=1e-9)
    np.testing.assert_allclose(pmf[0], [2 / 3, 1 / 3, 0, 0, 0], atol=1e-9)


def test_changes_are_those_seen_up_to_the_month(back_test):
    rng = np.random.default_rng(3)
    logit = rng.normal(size=(16, 4))
    ranks = back_test.ranks_of(logit)
    found = back_test.changes_up_to(ranks, {u: ranks[u - 1] for u in range(11, 16)}, 13)
    now, moved = found["a year before"]
    assert (now == ranks[2]).all()
    assert moved.tolist() == [*(ranks[12] - ranks[0]), *(ranks[13] - ranks[1])]
    assert len(found["last month"][1]) == 13 * 4
    later = logit.copy()
    later[14:] += 5 * rng.normal(size=(2, 4))
    placed = back_test.ranks_of(later)
    again = back_test.changes_up_to(placed, {u: placed[u] if u > 13 else ranks[u - 1] for u in range(11, 16)}, 13)
    for name, parts in found.items():
        assert all((one == two).all() for one, two in zip(parts, again[name], strict=True)), name


def test_a_share_is_moved_on_the_scale_of_log_odds_by_the_changes_seen(back_test):
    now, changes = np.array([0.0, 1.0, -2.0]), np.array([-0.5, 0.0, 0.5, 2.0])
    shares = back_test.moved(now, changes, np.random.default_rng(5))
    assert shares.shape == (4, 3)
    np.testing.assert_allclose(back_test.logits(shares * 1e9, 1e9), now + changes[:, None], atol=1e-6)
    drawn = back_test.moved(np.zeros(1), np.arange(9000) / 9000, np.random.default_rng(6))
    assert len(drawn) == back_test.DRAWS == len(np.unique(drawn))


def test_the_next_month_follows_the_path_that_is_given(back_test):
    """No noise, nothing moving: the distance stays. All noise: nothing of it is left."""
    total = np.tile(np.array([[[1.0, 1.0], [-1.0, -1.0]]]), (4000, 1, 1))
    paths = (total, np.zeros((4000, 2)), np.zeros((4000, 2)))
    for share, centre in ((1e-6, 1.0), (1 - 1e-9, 0.0)):
        parts = np.tile([0.5, share, 1e-9, 0.9, 0.3], (4000, 1))
        levels = back_test.next_month(paths, parts, np.arange(2.0), np.random.default_rng(4))
        apart = (levels[:, 0] - levels[:, 1]) / 2
        assert apart.mean() == pytest.approx(centre, abs=0.03)
        assert levels.mean(axis=1).std() == pytest.approx(0.3 if share < 0.5 else (0.09 + 0.125) ** 0.5, rel=0.06)


def test_errors_are_those_of_blocks_of_months(back_test):
    months = [f"2025-{month:02d}" for month in range(1, 7)]
    rows = [(m, f, t, 1.0 * (f == "other") * i, 0.0, 0.0) for i, m in enumerate(months) for f in ("trajectory", "other")
            for t in "AB"]  # fmt: skip
    table = back_test.summary(pd.DataFrame(rows, columns=["month", "forecast", "trust", "rps", "log", "crps"]))
    assert table.loc["other", "rps_less_ours"] == pytest.approx(2.5)
    assert table.loc["other", "rps_error"] == pytest.approx(np.std([1.0, 4.0], ddof=1) / np.sqrt(2), abs=1e-4)
