"""Exact rank law of independent normals: given its own value t, a trust's rank is 1 + Poisson-binomial."""

import numpy as np
from scipy.integrate import trapezoid
from scipy.stats import norm


def p_above(mean, sd):
    difference = np.subtract.outer(mean, mean)
    exact = norm.cdf(difference / np.sqrt(np.add.outer(sd**2, sd**2)))
    np.fill_diagonal(exact, 0.5)
    return exact


def rank_pmf(mean, sd):
    return np.array([_one(i, mean, sd) for i in range(len(mean))])


def _one(i, mean, sd):
    t = mean[i] + sd[i] * np.linspace(-10, 10, 4001)
    law = np.zeros((len(mean), t.size))
    law[0] = 1.0
    for j in range(len(mean)):
        if j != i:
            better = norm.sf(t, mean[j], sd[j])
            law[1:] = law[1:] * (1 - better) + law[:-1] * better
            law[0] *= 1 - better
    return trapezoid(law * norm.pdf(t, mean[i], sd[i]), t, axis=1)
