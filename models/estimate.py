"""An estimate with a known standard error: a hierarchical normal model on the natural scale.

Statement, for trust i in region r[i] and integrated care board (ICB) k[i], with standardised covariates x_i:

    estimate_i    ~ Normal(total_i, standard_error_i)
    total_i       ~ Normal(m_i, s)
    m_i           = mu + omega region_r[i] + omega_icb icb_k[i] + x_i beta
    outcome_i     = m_i + b (total_i - m_i) + s sqrt(b (1 - b)) z_i        b = 1 - unattributed_share
    performance_i = outcome_i - x_i beta

`total` is the level in the period's data; `outcome` the part of it that is not unattributed variation, with the
law Normal(m_i, s sqrt(b)); `performance` the part that the covariates do not explain. One period shows only the
sum of performance and unattributed variance, so the share is a declared belief, never an estimate.

Priors are for a score from 0 to 10, such as the Staff Survey's; a study states its own for another scale:

    mu    ~ Normal(5, 2.5)        the national score anywhere on the scale
    s     ~ HalfNormal(0.5)       95 % of trusts within 0.7 of the mean at the median s of 0.34
    beta  ~ Normal(0, 0.2)        one sd of a covariate moves the score by less than 0.4
                                  (the same for each: a ridge, so covariates that agree share one effect)
    omega, omega_icb ~ HalfNormal(0.2)    regions and ICBs differ less than trusts; absent unless nested
    unattributed_share = upper * Beta(alpha, beta)      the indicator's declared scenario
    region, icb ~ ZeroSumNormal(1), z_i ~ Normal(0, 1)

Parametrisation: total is the free parameter, written on m_i and sampled between m_i and what the trust's own figures
say, so that no spread is hard to sample; regions and ICBs are scaled and sum to zero, so that mu stays their mean.
"""

import numpy as np
import pymc as pm
import pytensor.tensor as pt

NEEDS = ("estimate", "standard_error", "trust_idx", "region_idx", "icb_idx", "context")

PRIORS = {
    "mu": (5.0, 2.5),
    "s": 0.5,
    "beta": 0.2,
    "omega": 0.2,
    "omega_icb": 0.2,
    "unattributed_share": (1.0, 9.0, 1.0),
}


def build(panel, priors=PRIORS):
    with pm.Model(coords=panel.coords) as model:
        estimate = pm.Data("estimate", panel["estimate"], dims="observation")
        standard_error = pm.Data("standard_error", panel["standard_error"], dims="observation")
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
        total = pm.Normal("total", centre, s, dims="trust")

        alpha, gamma, upper = (prior["unattributed_share"][k] for k in range(3))
        share = pm.Deterministic("unattributed_share", upper * pm.Beta("share_of_upper", alpha, gamma))
        b, z = 1 - share, pm.Normal("z", dims="trust")
        outcome = centre + b * (total - centre) + s * pt.sqrt(b * (1 - b)) * z
        pm.Deterministic("outcome", outcome, dims="trust")
        pm.Deterministic("performance", outcome - adjustment, dims="trust")

        pm.Normal("y", total[trust], standard_error, observed=estimate, dims="observation")
    return model
