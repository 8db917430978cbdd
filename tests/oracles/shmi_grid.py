"""A second implementation of models/ratio.py without covariates or regions: sums over a grid, no sampling.

    observed_i ~ Poisson(expected_i exp(total_i)),  total_i ~ Normal(mu, s),  mu ~ Normal(m, v),  s ~ HalfNormal(u)

Given mu and s the trusts are independent, so each trust needs one sum over total_i, and the two hyperparameters
one sum over their grid.
"""

import numpy as np


def ratio_posterior_means(observed, expected, *, mu_prior, s_prior, points=61):
    """Posterior means of mu, s and each total (log ratio), from sums over `points` x `points` x `points` values."""
    mu_grid = np.linspace(-0.10, 0.10, points)
    s_grid = np.linspace(0.07, 0.19, points)
    weight = np.empty((points, points))
    total_mean = np.empty((points, points, len(observed)))
    for row, mu in enumerate(mu_grid):
        for column, s in enumerate(s_grid):
            log_marginal, total_mean[row, column] = one_grid_point(observed, expected, mu, s, points)
            log_prior = -0.5 * ((mu - mu_prior[0]) / mu_prior[1]) ** 2 - 0.5 * (s / s_prior) ** 2
            weight[row, column] = log_marginal + log_prior
    weight = np.exp(weight - weight.max())
    weight /= weight.sum()
    edge = max(weight[0].sum(), weight[-1].sum(), weight[:, 0].sum(), weight[:, -1].sum())
    assert edge < 1e-6, "the grid cuts off posterior mass"
    return {
        "mu": (weight.sum(axis=1) * mu_grid).sum(),
        "s": (weight.sum(axis=0) * s_grid).sum(),
        "total": np.einsum("rc,rct->t", weight, total_mean),
    }


def one_grid_point(observed, expected, mu, s, points):
    """Log marginal likelihood of all trusts at (mu, s), and each trust's conditional mean of total."""
    mode = np.log(observed / expected)
    sd = 1 / np.sqrt(1 / s**2 + observed)
    centre = (mu / s**2 + observed * mode) * sd**2
    total = centre + sd * np.linspace(-7, 7, points)[:, None]
    log_density = observed * total - expected * np.exp(total) - 0.5 * ((total - mu) / s) ** 2 - np.log(s) + np.log(sd)
    top = log_density.max(axis=0)
    density = np.exp(log_density - top)
    marginal = density.sum(axis=0)
    return (np.log(marginal) + top).sum(), (density * total).sum(axis=0) / marginal
