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


def log_total(total, adjustment, cov, prior):
    level = total - adjustment[:, None]
    n, periods = level.shape
    rows = helmert(n, full=True) @ level
    path = rows[0] / np.sqrt(n)
    around = stats.multivariate_normal(np.zeros(periods), cov).logpdf(rows[1:]).sum()
    steps = stats.norm(0, prior[2]).logpdf(np.diff(path)).sum()
    return around + stats.norm(prior[0], prior[1]).logpdf(path[0]) + steps - periods * np.log(n) / 2


def log_priors(point, priors):
    alpha, beta, _ = priors["unattributed_share"]
    return sum(
        np.sum(values)
        for values in (
            stats.halfnorm(scale=priors["s"]).logpdf(point["s"]),
            stats.beta(*priors["moving"]).logpdf(point["moving"]),
            stats.beta(*priors["persistence"]).logpdf(point["persistence"]),
            stats.beta(alpha, beta).logpdf(point["share_of_upper"]),
            stats.norm(0, priors["beta"]).logpdf(point["beta"]),
            stats.norm().logpdf(point["z"]),
        )
    )


def log_likelihood(panel, total):
    level = total[panel["trust_idx"], panel["period_idx"]]
    match panel.only.kind:
        case "ratio":
            return stats.poisson(panel["expected"] * np.exp(level)).logpmf(panel["observed"]).sum()
        case "proportion":
            return (
                stats.binom(panel["denominator"].astype(int), 1 / (1 + np.exp(-level))).logpmf(panel["numerator"]).sum()
            )
        case "estimate":
            return stats.norm(level, panel["standard_error"]).logpdf(panel["estimate"]).sum()


def log_density(panel, point, priors):
    """The joint log density at a point of the parameters' own scales."""
    share = priors["unattributed_share"][2] * point["share_of_upper"]
    cov = covariance(point["s"], share, point["moving"], point["persistence"], panel["period_time"])
    adjustment = panel["context"] @ point["beta"]
    return (
        log_priors(point, priors)
        + log_total(point["total"], adjustment, cov, priors["national"])
        + log_likelihood(panel, point["total"])
    )


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
