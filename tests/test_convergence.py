"""R-hat and effective sample sizes of blocks of series, held to arviz_stats, which takes one at a time."""

import numpy as np
import pytest
from arviz_stats.base.array import array_stats

from ranktrust import convergence

SEED = 20261123


def autoregression(rng, series, chains, draws, persistence):
    noise = rng.standard_normal((series, chains, draws))
    for at in range(1, draws):
        noise[:, :, at] += persistence * noise[:, :, at - 1]
    return noise


def every_kind(rng, chains, draws):
    """Series of each kind that a report judges: free, sticky, alternating, tied, 0/1, apart, still, stuck."""
    shape = (3, chains, draws)
    kinds = [autoregression(rng, 3, chains, draws, each) for each in (0.0, 0.9, 0.999, -0.9)]
    kinds += [rng.integers(1, 9, shape), rng.random(shape) < 0.02, rng.standard_cauchy(shape)]
    kinds.append(rng.standard_normal(shape) + 3 * np.arange(chains)[:, None])
    kinds.append(np.ones(shape))
    kinds.append(np.broadcast_to(np.arange(chains)[:, None], shape))
    kinds.append(np.broadcast_to(np.arange(draws) % 2, shape))
    return np.concatenate([np.asarray(each, float) for each in kinds])


@pytest.mark.parametrize("chains", [1, 2, 4])
@pytest.mark.parametrize("draws", [*range(4, 16), 101, 500])
def test_equals_arviz_a_series_at_a_time(chains, draws):
    series = every_kind(np.random.default_rng([SEED, chains, draws]), chains, draws)
    with np.errstate(invalid="ignore", divide="ignore"):
        expected = {
            "rhat": array_stats.rhat(series) if chains > 1 else np.full(len(series), np.nan),
            "bulk": array_stats.ess(series, method="bulk"),
            "tail": array_stats.ess(series, method="tail", prob=convergence.TAILS),
            "mean": array_stats.ess(series, method="mean"),
        }
    rhat, bulk, tail = convergence.rhat_and_ess(series)
    np.testing.assert_allclose(rhat, expected["rhat"], rtol=1e-9)
    np.testing.assert_allclose(bulk, expected["bulk"], rtol=1e-9)
    np.testing.assert_allclose(tail, expected["tail"], rtol=1e-9)
    np.testing.assert_allclose(convergence.ess_bulk(series), bulk, rtol=1e-12)
    np.testing.assert_allclose(convergence.ess_tail(series), tail, rtol=1e-12)
    np.testing.assert_allclose(convergence.ess_mean(series), expected["mean"], rtol=1e-9)


def test_what_cannot_be_judged_is_nan_and_leaves_its_neighbours_alone():
    series = autoregression(np.random.default_rng(SEED), 150, 4, 40, 0.5)
    alone = np.array(convergence.rhat_and_ess(series))
    series[[3, 70], [0, 2], [5, 9]] = np.nan, np.inf
    found = np.array(convergence.rhat_and_ess(series))
    assert np.isnan(found[:, [3, 70]]).all()
    others = np.delete(np.arange(150), [3, 70])
    np.testing.assert_array_equal(found[:, others], alone[:, others])
    assert np.isnan(convergence.rhat_and_ess(series[:, :, :3])).all()
    assert convergence.ess_bulk(series[:0]).shape == (0,)
