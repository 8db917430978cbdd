"""Observed against expected events, period after period: trusts that move around a national path, with noise.

Statement, for trust i with centred covariates x_i and period t at time time_t:

    observed_it    ~ Poisson(expected_it * exp(total_it))
    total_it       = national_t + x_i beta + d_it             sum_i d_it = 0 in every period
    d_i            ~ Normal(0, S), zero-sum over trusts
    S_tu           = s^2 [ b ((1 - moving) + moving persistence^|time_t - time_u|) + (1 - b) 1(t = u) ]
    national_first ~ Normal,   national_t - national_t-1 ~ Normal(0, step)
    outcome_it     = total_it - e_it                          b = 1 - unattributed_share
    performance_it = outcome_it - x_i beta

A trust's distance d from the national path has three parts: a lasting level, a stationary autoregression around it,
and noise e of a single period (strikes, recording, a bad week), which is the over-dispersion of the counts. `s` is
the sd between trusts within one period, all three together; the noise is its unattributed share, and `moving` the
autoregression's share of the rest. Several periods identify all of them. `national` is the path of this set of
trusts at the covariates' reference, not the England figure. A period that a trust did not report is an absent row.

Priors (log ratio scale):

    national_first ~ Normal(0, 0.2)   within 0.67 and 1.5
    step  ~ Gamma(4, 90)              90 % between 0.015 and 0.086: mostly within a tenth from one period to the next
    s     ~ HalfNormal(0.25)          95 % of trusts within a factor 1.4 of the path at the median s of 0.17
    beta  ~ Normal(0, 0.15)           one sd of a covariate moves the ratio by a factor of at most 1.34
    moving ~ Beta(1.5, 1.5)           no view on how much of a trust's distance lasts
    persistence ~ Beta(6.5, 2)        from one period to the next, 95 % above 0.5: below, it would be noise twice
    unattributed_share = upper * Beta(1, 4)     noise of one period, seen in the data

Parametrisation: counts fix total_it far better than the hierarchy does, so total is the free parameter and its
law is written on it: the mean over trusts is the national path, what is left sums to zero, and no level is confounded
with the path. Given total, noise has the law Normal(E, C) with E = v S^-1 d, C = v (1 - v S^-1), v = s^2 (1 - b),
and is drawn from it exactly by z ~ Normal(0, 1).
"""

import numpy as np
import pymc as pm
import pytensor.tensor as pt

NEEDS = ("observed", "expected", "trust_idx", "period_idx", "period_time", "context")

PRIORS = {
    "national": (0.0, 0.2),
    "step": (4.0, 90.0),
    "s": 0.25,
    "beta": 0.15,
    "moving": (1.5, 1.5),
    "persistence": (6.5, 2.0),
    "unattributed_share": (1.0, 4.0, 1.0),
}


def log_total(total, adjustment, root, walk):
    level = total - adjustment[:, None]
    path = level.mean(axis=0)
    scaled = pt.linalg.solve_triangular(root, (level - path).T, lower=True, b_ndim=2)
    n, periods = total.shape[0], total.shape[1]
    around = -(n - 1) * (periods * np.log(2 * np.pi) / 2 + pt.log(pt.diag(root)).sum()) - (scaled**2).sum() / 2
    start = pm.logp(pm.Normal.dist(walk[0], walk[1]), path[0])
    steps = pm.logp(pm.Normal.dist(0.0, walk[2]), path[1:] - path[:-1]).sum()
    return around + start + steps - periods * pt.log(n) / 2


def draw_total(adjustment, root, walk, rng=None, size=None):
    shape = (*(size or ()), len(adjustment), len(root))
    steps = rng.normal(size=(*shape[:-2], 1, shape[-1])) * np.r_[walk[1], np.repeat(walk[2], len(root) - 1)]
    around = rng.normal(size=shape) @ root.T
    centred = around - around.mean(axis=-2, keepdims=True)
    return adjustment[:, None] + walk[0] + np.cumsum(steps, axis=-1) + centred


def build(panel, priors=PRIORS):
    with pm.Model(coords=panel.coords) as model:
        expected = pm.Data("expected", panel["expected"], dims="observation")
        observed = pm.Data("observed", panel["observed"].astype(np.int64), dims="observation")
        trust = pm.Data("trust_idx", panel["trust_idx"], dims="observation")
        period = pm.Data("period_idx", panel["period_idx"], dims="observation")
        time = pm.Data("period_time", panel["period_time"], dims="period")
        x = pm.Data("context", panel["context"], dims=("trust", "covariate"))
        prior = {name: pm.Data(f"prior_{name}", np.asarray(numbers, float)) for name, numbers in priors.items()}

        step = pm.Gamma("step", prior["step"][0], prior["step"][1])
        s = pm.HalfNormal("s", prior["s"])
        moving = pm.Beta("moving", prior["moving"][0], prior["moving"][1])
        persistence = pm.Beta("persistence", prior["persistence"][0], prior["persistence"][1])
        alpha, gamma, upper = (prior["unattributed_share"][k] for k in range(3))
        share = pm.Deterministic("unattributed_share", upper * pm.Beta("share_of_upper", alpha, gamma))
        beta = pm.Normal("beta", 0.0, prior["beta"], dims="covariate")
        adjustment = x @ beta

        lag, one = pt.abs(time[:, None] - time[None, :]), pt.eye(time.shape[0])
        covariance = s**2 * ((1 - share) * (1 - moving + moving * persistence**lag) + share * one)
        root = pt.linalg.cholesky(covariance)
        total = pm.CustomDist(
            "total",
            adjustment,
            root,
            pt.stack([prior["national"][0], prior["national"][1], step]),
            logp=log_total,
            random=draw_total,
            signature="(n),(p,p),(k)->(n,p)",
            dims=("trust", "period"),
        )

        national = pm.Deterministic("national", (total - adjustment[:, None]).mean(axis=0), dims="period")
        distance, z = total - adjustment[:, None] - national, pm.Normal("z", dims=("trust", "period"))
        kept = one - s**2 * share * pt.linalg.inv(covariance)
        drawn = pt.sqrt(s**2 * share) * (z - z.mean(axis=0)) @ pt.linalg.cholesky(kept + 1e-9 * one).T
        noise = distance - distance @ kept + drawn
        pm.Deterministic("outcome", total - noise, dims=("trust", "period"))
        pm.Deterministic("performance", total - noise - adjustment[:, None], dims=("trust", "period"))

        pm.Poisson("y", expected * pt.exp(total[trust, period]), observed=observed, dims="observation")
    return model
