"""Part of a whole counted in halves: a hierarchical model of the proportion for shared pathways.

A patient referred by one trust and treated by another counts half for each, so counts are whole or end in .5.

Statement, for trust i in region r[i] and integrated care board (ICB) k[i], with standardised covariates x_i:

    numerator_i   ~ HalfBinomial(denominator_i, logistic(total_i))
    total_i       ~ Normal(m_i, s)
    m_i           = mu + omega region_r[i] + omega_icb icb_k[i] + x_i beta
    outcome_i     = m_i + b (total_i - m_i) + s sqrt(b (1 - b)) z_i        b = 1 - unattributed_share
    performance_i = outcome_i - x_i beta

`total` is the log odds in the period's data; `outcome` the part of it that is not unattributed variation, with
the law Normal(m_i, s sqrt(b)); `performance` the part that the covariates do not explain. One period shows only
the sum of performance and unattributed variance, so the share is a declared belief, never an estimate: without
it a denominator of 100,000 makes every rank look certain.

HalfBinomial(n, p) has the binomial kernel p^y (1 - p)^(n - y) at half counts y, and the binomial coefficient by
gamma functions, so it is the binomial where all counts are whole. It is simulated as Binomial(w, p) + h / 2 with
h ~ Binomial(2 (n - w), p): the half pathways are two where n is whole, one where it ends in .5 (the fewest
that give half counts; n below 1 is all halves). The kernel gives a half pathway half a patient's weight: its
outcome tells as much as a patient's, but the same patient is told again by the other trust. That the figures of
two trusts who share patients correlate is left out of the statement.

Priors (log odds scale), by prior predictive draws of the national proportion and of trusts around it:

    mu    ~ Normal(0, 1.75)       the national proportion within 0.03 and 0.97, nearly flat between
    s     ~ HalfNormal(0.75)      at the median s of 0.5 and a national 0.75, 95 % of trusts within 0.53 and 0.89
    beta  ~ Normal(0, 0.3)        one sd of a covariate moves a proportion of 0.75 to 0.62 or 0.84 at most
                                  (the same for each: a ridge, so covariates that agree share one effect)
    omega, omega_icb ~ HalfNormal(0.3)    regions and ICBs differ less than trusts; absent unless nested
    unattributed_share = upper * Beta(alpha, beta)      the indicator's declared scenario
    region, icb ~ ZeroSumNormal(1), z_i ~ Normal(0, 1)

Parametrisation: total is the free parameter, written on m_i and sampled between m_i and what the trust's own figures
say, so that no spread is hard to sample; regions and ICBs are scaled and sum to zero, so that mu stays their mean.
"""

import numpy as np
import pymc as pm
import pytensor.tensor as pt

NEEDS = ("numerator", "denominator", "trust_idx", "region_idx", "icb_idx", "context")

PRIORS = {
    "mu": (0.0, 1.75),
    "s": 0.75,
    "beta": 0.3,
    "omega": 0.3,
    "omega_icb": 0.3,
    "unattributed_share": (1.0, 9.0, 1.0),
}


def log_half_binomial(y, n, logit_p):
    coefficient = pt.gammaln(n + 1) - pt.gammaln(y + 1) - pt.gammaln(n - y + 1)
    return coefficient + y * logit_p - n * pt.log1pexp(logit_p)


def draw_half_binomial(n, logit_p, rng=None, size=None):
    p = 1 / (1 + np.exp(-logit_p))
    whole = np.maximum(np.ceil(n) - 1, 0).astype(np.int64)
    halves = np.rint(2 * (n - whole)).astype(np.int64)
    return rng.binomial(whole, p, size=size) + rng.binomial(halves, p, size=size) / 2


def build(panel, priors=PRIORS):
    with pm.Model(coords=panel.coords) as model:
        numerator = pm.Data("numerator", panel["numerator"], dims="observation")
        denominator = pm.Data("denominator", panel["denominator"], dims="observation")
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

        pm.CustomDist(
            "y",
            denominator,
            total[trust],
            logp=log_half_binomial,
            random=draw_half_binomial,
            observed=numerator,
            dims="observation",
            signature="(),()->()",
        )
    return model
