"""Several indicators over several periods: correlated trusts that move around national paths, with noise.

Statement, for trust i, period t at time time_t, indicator j of kind k[j], with centred covariates x_i:

    observed_itj  ~ Poisson(expected_itj * exp(total_itj))               where j is a ratio
    numerator_itj ~ Binomial(denominator_itj, logistic(total_itj))       where j is a proportion
    estimate_itj  ~ Normal(total_itj, standard_error_itj)                where j is an estimate
    total_itj     = national_tj + x_i beta_j + d_itj                     sum_i d_itj = 0 for every t and j
    cov(d_itj, d_iuk) = s_j s_k sqrt(b_j b_k) R_jk T_tu + s_j^2 (1 - b_j) 1(t = u, j = k)
    T_tu          = 1 - moving + moving persistence^|time_t - time_u|    b_j = 1 - unattributed_share_j
    national_first,j ~ Normal,   national_tj - national_t-1,j ~ Normal(0, step_j)
    outcome_itj     = total_itj - e_itj,   e the noise of variance s_j^2 (1 - b_j)
    performance_itj = outcome_itj - x_i beta_j

A trajectory for every indicator and a profile in every period: outcomes are correlated across indicators by `R`, in
what lasts and in what moves alike, and over time by `T`, which all indicators share; the noise of a period belongs to
one indicator. So a composite of outcomes has a trajectory too. A gap is an absent row. The files trajectory_* and
profile are the cases of one indicator and of one period.

Priors, by kind (ratio, proportion, estimate), are those of the trajectories and the profile:

    national_first,j ~ Normal(0, 0.2), Normal(0, 1.75), Normal(5, 2.5)
    step_j ~ Gamma(4, 90), Gamma(4, 35), Gamma(4, 45)
    s_j   ~ HalfNormal(0.25), HalfNormal(0.75), HalfNormal(0.5)
    beta  ~ Normal(0, 0.15), Normal(0, 0.3), Normal(0, 0.2)
    R     ~ LKJ(concentration 2),  moving ~ Beta(1.5, 1.5),  persistence ~ Beta(6.5, 2)
    unattributed_share_j ~ Beta(1, 4), the noise of one period, seen in the data and never none

Parametrisation: figures fix total far better than the hierarchy does, so total is the free parameter. Divided by the
noise's sd, the covariance of d is A x T + 1, a Kronecker product and the identity: the eigenvectors of A and T give
its density and the law of the noise given total, from which z ~ Normal(0, 1) draws exactly.
"""

import numpy as np
import pymc as pm
import pytensor.tensor as pt

NEEDS = ("trust_idx", "period_idx", "indicator_idx", "kind_idx", "period_time", "context")

PRIORS = {
    "national_ratio": (0.0, 0.2),
    "national_proportion": (0.0, 1.75),
    "national_estimate": (5.0, 2.5),
    "step_shape": 4.0,
    "step_rate": (90.0, 35.0, 45.0),
    "s": (0.25, 0.75, 0.5),
    "beta": (0.15, 0.3, 0.2),
    "concentration": 2.0,
    "moving": (1.5, 1.5),
    "persistence": (6.5, 2.0),
    "unattributed_share": (1.0, 4.0),
}


def log_half_binomial(y, n, logit_p):
    coefficient = pt.gammaln(n + 1) - pt.gammaln(y + 1) - pt.gammaln(n - y + 1)
    return coefficient + y * logit_p - n * pt.log1pexp(logit_p)


def draw_half_binomial(n, logit_p, rng=None, size=None):
    p = 1 / (1 + np.exp(-logit_p))
    whole = np.maximum(np.ceil(n) - 1, 0).astype(np.int64)
    halves = np.rint(2 * (n - whole)).astype(np.int64)
    return rng.binomial(whole, p, size=size) + rng.binomial(halves, p, size=size) / 2


def rotated(scaled, over_time, across):
    """Distances in the directions of the eigenvectors of T and A: trust by period by indicator."""
    return (over_time.T @ scaled) @ across


def log_total(total, adjustment, noise_sd, across, ratio, over_time, time_ratio, national):  # noqa: PLR0913, PLR0917
    level = total - adjustment[:, None, :]
    path = level.mean(axis=0)
    n, periods, indicators = total.shape[0], total.shape[1], total.shape[2]
    variance = 1 + time_ratio[:, None] * ratio[None, :]
    square = (rotated((level - path) / noise_sd, over_time, across) ** 2 / variance).sum()
    scale = periods * (indicators * np.log(2 * np.pi) / 2 + pt.log(noise_sd).sum()) + pt.log(variance).sum() / 2
    start = pm.logp(pm.Normal.dist(national[:, 0], national[:, 1]), path[0]).sum()
    steps = pm.logp(pm.Normal.dist(0.0, national[:, 2]), path[1:] - path[:-1]).sum()
    return start + steps - (n - 1) * scale - square / 2 - periods * indicators * pt.log(n) / 2


def draw_total(  # noqa: PLR0913, PLR0917 - the parameters of the law above
    adjustment, noise_sd, across, ratio, over_time, time_ratio, national, rng=None, size=None
):
    n, (periods, indicators) = len(adjustment), (len(time_ratio), len(ratio))
    shape = (*(size or ()), n, periods, indicators)
    free = rng.normal(size=shape) * np.sqrt(1 + time_ratio[:, None] * ratio)
    around = (over_time @ free @ across.T) * noise_sd
    steps = rng.normal(size=(*shape[:-3], 1, periods, indicators))
    steps[..., 0, :] *= national[:, 1]
    steps[..., 1:, :] *= national[:, 2]
    path = national[:, 0] + np.cumsum(steps, axis=-2)
    return adjustment[:, None, :] + path + around - around.mean(axis=-3, keepdims=True)


def build(panel, priors=PRIORS):
    with pm.Model(coords=panel.coords) as model:
        trust = pm.Data("trust_idx", panel["trust_idx"], dims="observation")
        period = pm.Data("period_idx", panel["period_idx"], dims="observation")
        indicator = pm.Data("indicator_idx", panel["indicator_idx"], dims="observation")
        kind = pm.Data("kind_idx", panel["kind_idx"], dims="indicator")
        time = pm.Data("period_time", panel["period_time"], dims="period")
        x = pm.Data("context", panel["context"], dims=("trust", "covariate"))
        prior = {name: pm.Data(f"prior_{name}", np.asarray(numbers, float)) for name, numbers in priors.items()}

        step = pm.Gamma("step", prior["step_shape"], prior["step_rate"][kind], dims="indicator")
        s = pm.HalfNormal("s", prior["s"][kind], dims="indicator")
        beta = pm.Normal("beta", 0.0, prior["beta"][kind][:, None], dims=("indicator", "covariate"))
        moving = pm.Beta("moving", prior["moving"][0], prior["moving"][1])
        persistence = pm.Beta("persistence", prior["persistence"][0], prior["persistence"][1])
        alpha, gamma = prior["unattributed_share"][0], prior["unattributed_share"][1]
        share = pm.Beta("unattributed_share", alpha, gamma, dims="indicator")
        pair, count = ("indicator", "other_indicator"), len(panel["kind_idx"])
        root = pm.LKJCorr("correlation_root", count, prior["concentration"], dims=pair) if count > 1 else pt.eye(1)
        pm.Deterministic("correlation", root @ root.T, dims=pair)

        noise_sd = s * pt.sqrt(share)
        signal = pt.sqrt((1 - share) / share)[:, None] * root
        ratio, across = pt.linalg.eigh(signal @ signal.T)
        lag = pt.abs(time[:, None] - time[None, :])
        time_ratio, over_time = pt.linalg.eigh(1 - moving + moving * persistence**lag)
        start = pt.stack([prior[f"national_{name}"] for name in ("ratio", "proportion", "estimate")])[kind]
        national = pt.concatenate([start, step[:, None]], axis=1)
        adjustment, dims = x @ beta.T, ("trust", "period", "indicator")
        total = pm.CustomDist(
            "total",
            adjustment,
            noise_sd,
            across,
            ratio,
            over_time,
            time_ratio,
            national,
            logp=log_total,
            random=draw_total,
            signature="(n,j),(j),(j,j),(j),(p,p),(p),(j,k)->(n,p,j)",
            dims=dims,
        )

        level = total - adjustment[:, None, :]
        path = pm.Deterministic("national", level.mean(axis=0), dims=("period", "indicator"))
        z = pm.Normal("z", dims=dims)
        variance = 1 + time_ratio[:, None] * ratio[None, :]
        mean = rotated((level - path) / noise_sd, over_time, across) / variance
        drawn = mean + rotated(z - z.mean(axis=0), over_time, across) * pt.sqrt(1 - 1 / variance)
        noise = (over_time @ drawn @ across.T) * noise_sd
        pm.Deterministic("outcome", total - noise, dims=dims)
        pm.Deterministic("performance", total - noise - adjustment[:, None, :], dims=dims)

        observe(panel, total[trust, period, indicator])
    return model


def observe(panel, level):
    """The likelihood of each kind that the panel has, as `y`, or as `y_<kind>` where it has several."""
    kinds = [kind for kind in ("ratio", "proportion", "estimate") if len(panel.rows(kind))]
    for kind in kinds:
        rows = panel.rows(kind)
        name, dim = ("y", "observation") if len(kinds) == 1 else (f"y_{kind}", f"observation_{kind}")
        own = level[pm.Data(f"rows_{kind}", rows, dims=dim)]
        if kind == "ratio":
            expected = pm.Data("expected", panel["expected"][rows], dims=dim)
            observed = pm.Data("observed", panel["observed"][rows].astype(np.int64), dims=dim)
            pm.Poisson(name, expected * pt.exp(own), observed=observed, dims=dim)
        elif kind == "estimate":
            standard_error = pm.Data("standard_error", panel["standard_error"][rows], dims=dim)
            estimate = pm.Data("estimate", panel["estimate"][rows], dims=dim)
            pm.Normal(name, own, standard_error, observed=estimate, dims=dim)
        else:
            denominator = pm.Data("denominator", panel["denominator"][rows], dims=dim)
            numerator = pm.Data("numerator", panel["numerator"][rows], dims=dim)
            law = {"logp": log_half_binomial, "random": draw_half_binomial, "signature": "(),()->()"}
            pm.CustomDist(name, denominator, own, **law, observed=numerator, dims=dim)
