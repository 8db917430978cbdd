"""A second statement of the trajectory models, in NumPy and SciPy: orthonormal contrasts in place of a zero sum.

With H the Helmert matrix of n trusts, the first row of H d is the mean over trusts times sqrt(n) and the others are
n - 1 independent draws of Normal(0, S); the mean is the national path, a random walk.
"""

import numpy as np
from scipy import stats
from scipy.linalg import helmert


def covariance(s, unattributed_share, moving, persistence, time):
    lag = np.abs(np.subtract.outer(time, time))
    lasting = (1 - moving) + moving * persistence**lag
    return s**2 * ((1 - unattributed_share) * lasting + unattributed_share * np.eye(len(time)))


def log_total(total, adjustment, cov, walk):
    level = total - adjustment[:, None]
    n, periods = level.shape
    rows = helmert(n, full=True) @ level
    path = rows[0] / np.sqrt(n)
    around = stats.multivariate_normal(np.zeros(periods), cov).logpdf(rows[1:]).sum()
    steps = stats.norm(0, walk[2]).logpdf(np.diff(path)).sum()
    return around + stats.norm(walk[0], walk[1]).logpdf(path[0]) + steps - periods * np.log(n) / 2


def outcome_given_total(total, adjustment, cov, noise_variance):
    """Mean (n, periods) and covariance (periods, periods) of one trust's outcome given all totals, by conditioning.

    The pair (signal, total) of n exchangeable trusts' contrasts is jointly normal; the covariance of a trust is that
    of a contrast times 1 - 1 / n.
    """
    n, periods = total.shape
    signal = cov - noise_variance * np.eye(periods)
    gain = np.linalg.solve(cov, signal).T
    level = total - adjustment[:, None]
    path = level.mean(axis=0)
    mean = adjustment[:, None] + path + (level - path) @ gain.T
    return mean, (signal - gain @ signal) * (1 - 1 / n)


def outcome(total, adjustment, cov, noise_variance, z):
    """The draw that z stands for: the mean above plus a lower Cholesky root of the covariance times centred z.

    The root is that of noise_variance I - noise_variance^2 S^-1, the covariance of a contrast.
    """
    mean, _ = outcome_given_total(total, adjustment, cov, noise_variance)
    one = np.eye(len(cov))
    left = noise_variance * (one - noise_variance * np.linalg.inv(cov))
    return mean - (z - z.mean(axis=0)) @ np.linalg.cholesky(left).T
