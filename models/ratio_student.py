"""Observed events against expected events, with heavy tails: trusts far out are not pulled in as by a normal law.

Statement, for trust i in region r[i] and integrated care board (ICB) k[i], with standardised covariates x_i:

    observed_i    ~ Poisson(expected_i * exp(total_i))
    total_i       ~ StudentT(nu, m_i, s)
    m_i           = mu + omega region_r[i] + omega_icb icb_k[i] + x_i beta
    outcome_i     = m_i + b (total_i - m_i) + s_i sqrt(b (1 - b)) t_i      b = 1 - unattributed_share
    s_i           = s sqrt((nu + d_i^2) / (nu + 1))                        d_i = (total_i - m_i) / s
    performance_i = outcome_i - x_i beta

with t_i ~ StudentT(nu + 1). It is the normal statement with a variance of its own for each trust: given
w_i ~ InverseGamma(nu / 2, nu / 2), total_i ~ Normal(m_i, s sqrt(w_i)) and its unattributed part is the share
1 - b of that variance. Integrated over w_i, outcome_i given total_i has the law above, and outcome_i alone is
StudentT(nu, m_i, s sqrt(b)). So a trust far out is less certain in both parts; that only performance has heavy
tails would be another statement. `total` is the log ratio in the period's data, `performance` what the covariates do
not explain; s is a scale, and the sd between trusts is s sqrt(nu / (nu - 2)). The share is a declared belief.

Priors (log ratio scale), otherwise as in ratio:

    mu    ~ Normal(0, 0.2)        the national ratio within 0.67 and 1.5, as expected counts are national
    s     ~ HalfNormal(0.25)      95 % of trusts within a factor 1.45 of the mean at the medians, s 0.17 and nu 10
    beta  ~ Normal(0, 0.15)       one sd of a covariate moves the ratio by a factor of at most 1.34
                                  (the same for each: a ridge, so covariates that agree share one effect)
    omega, omega_icb ~ HalfNormal(0.1)    regions and ICBs differ less than trusts; absent unless nested
    nu    = 2 + Gamma(2, 0.2)     between 3.8 and 26 with probability 0.9: a variance exists, and tails are heavier
                                  than normal, as the near-normal end belongs to the normal statement
    unattributed_share = upper * Beta(alpha, beta)      the indicator's declared scenario
    region, icb ~ ZeroSumNormal(1)

Parametrisation: total is the free parameter, written on m_i and sampled between m_i and what the trust's own figures
say, so that no spread is hard to sample; regions and ICBs are scaled and sum to zero, so that mu stays their mean.
"""

import numpy as np
import pymc as pm
import pytensor.tensor as pt

NEEDS = ("observed", "expected", "trust_idx", "region_idx", "icb_idx", "context")

PRIORS = {
    "mu": (0.0, 0.2),
    "s": 0.25,
    "beta": 0.15,
    "omega": 0.1,
    "omega_icb": 0.1,
    "nu": (2.0, 0.2),
    "unattributed_share": (1.0, 9.0, 1.0),
}


def build(panel, priors=PRIORS):
    with pm.Model(coords=panel.coords) as model:
        expected = pm.Data("expected", panel["expected"], dims="observation")
        observed = pm.Data("observed", panel["observed"].astype(np.int64), dims="observation")
        trust = pm.Data("trust_idx", panel["trust_idx"], dims="observation")
        x = pm.Data("context", panel["context"], dims=("trust", "covariate"))
        prior = {name: pm.Data(f"prior_{name}", np.asarray(numbers, float)) for name, numbers in priors.items()}

        mu = pm.Normal("mu", prior["mu"][0], prior["mu"][1])
        s = pm.HalfNormal("s", prior["s"])
        beta = pm.Normal("beta", 0.0, prior["beta"], dims="covariate")
        adjustment = x @ beta
        centre = mu + adjustment
        if panel.coords["region"]:
            omega = pm.HalfNormal("omega", prior["omega"])
            region = pm.ZeroSumNormal("region_effect", dims="region")
            centre += omega * region[pm.Data("region_idx", panel["region_idx"], dims="trust")]
        if panel.coords["icb"]:
            omega_icb = pm.HalfNormal("omega_icb", prior["omega_icb"])
            icb = pm.ZeroSumNormal("icb_effect", dims="icb")
            centre += omega_icb * icb[pm.Data("icb_idx", panel["icb_idx"], dims="trust")]
        nu = pm.Deterministic("nu", 2 + pm.Gamma("nu_above_2", prior["nu"][0], prior["nu"][1]))
        total = pm.StudentT("total", nu=nu, mu=centre, sigma=s, dims="trust")

        alpha, gamma, upper = (prior["unattributed_share"][k] for k in range(3))
        share = pm.Deterministic("unattributed_share", upper * pm.Beta("share_of_upper", alpha, gamma))
        b, t = 1 - share, pm.StudentT("t", nu=nu + 1, sigma=1, dims="trust")
        scale = pt.sqrt((nu * s**2 + (total - centre) ** 2) / (nu + 1))
        outcome = centre + b * (total - centre) + scale * pt.sqrt(b * (1 - b)) * t
        pm.Deterministic("outcome", outcome, dims="trust")
        pm.Deterministic("performance", outcome - adjustment, dims="trust")

        pm.Poisson("y", expected * pt.exp(total[trust]), observed=observed, dims="observation")
    return model
