"""Several indicators at once: trusts' levels correlated across indicators, each measured in its own kind.

Statement, for trust i, indicator j of kind k[j], with centred covariates x_i:

    observed_ij  ~ Poisson(expected_ij * exp(total_ij))                  where j is a ratio
    numerator_ij ~ Binomial(denominator_ij, logistic(total_ij))          where j is a proportion
    estimate_ij  ~ Normal(total_ij, standard_error_ij)                   where j is an estimate
    total_i      ~ Normal(m_i, S)                        m_ij = mu_j + x_i beta_j
    S            = diag(s) [ sqrt(b) R sqrt(b)' + diag(1 - b) ] diag(s)  b_j = 1 - unattributed_share_j
    outcome_ij     = total_ij - e_ij,   e_ij ~ Normal(0, s_j^2 (1 - b_j)), independent of outcome and of each other
    performance_ij = outcome_ij - x_i beta_j

`R` is the correlation of outcomes across indicators, in each indicator's own direction: unattributed variation has no
part in it. A trust without a figure has an absent row and a level all the same, from its other indicators by R; what
may be done with such a level is for the study to say, by the reason why the figure is missing. A proportion may count
halves (pathways shared by two trusts): its kernel is y log p + (n - y) log(1 - p). One indicator is the cross-section.

Priors, by kind (ratio, proportion, estimate), as in the cross-sections:

    mu_j  ~ Normal(0, 0.2), Normal(0, 1.75), Normal(5, 2.5)
    s_j   ~ HalfNormal(0.25), HalfNormal(0.75), HalfNormal(0.5)
    beta  ~ Normal(0, 0.15), Normal(0, 0.3), Normal(0, 0.2)
    R     ~ LKJ(concentration 2)  no direction preferred; of eight indicators, 95 % of a correlation within 0.58
    unattributed_share_j = upper_j * Beta(alpha_j, beta_j + upper_j (J - 1) / 2)    alpha, beta, upper as declared

Figures fix the correlation of totals, sqrt(b_j b_k) R_jk; at a given one the prior of R weighs b_j by the power
-(J - 1) / 2, a weak correlation being taken for noise. One period cannot tell, so the Beta of each of the J shares
takes that weight out again (exactly where upper is 1), and a share stays where it was declared.

Parametrisation: total is the free parameter, sampled between m_ij and what the trust's own figures say, so that no
spread is hard to sample; a level without a figure has the law that the others leave it. e is drawn from its exact law
given total by z ~ Normal(0, 1).
"""

import numpy as np
import pymc as pm
import pytensor.tensor as pt

NEEDS = ("trust_idx", "indicator_idx", "kind_idx", "context")

PRIORS = {
    "mu_ratio": (0.0, 0.2),
    "mu_proportion": (0.0, 1.75),
    "mu_estimate": (5.0, 2.5),
    "s": (0.25, 0.75, 0.5),
    "beta": (0.15, 0.3, 0.2),
    "concentration": 2.0,
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
        trust = pm.Data("trust_idx", panel["trust_idx"], dims="observation")
        indicator = pm.Data("indicator_idx", panel["indicator_idx"], dims="observation")
        kind = pm.Data("kind_idx", panel["kind_idx"], dims="indicator")
        x = pm.Data("context", panel["context"], dims=("trust", "covariate"))
        shares = np.broadcast_to(np.reshape(priors["unattributed_share"], (-1, 3)), (len(panel["kind_idx"]), 3))
        numbers = {**priors, "unattributed_share": shares}
        prior = {name: pm.Data(f"prior_{name}", np.asarray(values, float)) for name, values in numbers.items()}

        place = pt.stack([prior["mu_ratio"], prior["mu_proportion"], prior["mu_estimate"]])[kind]
        mu = pm.Normal("mu", place[:, 0], place[:, 1], dims="indicator")
        s = pm.HalfNormal("s", prior["s"][kind], dims="indicator")
        beta = pm.Normal("beta", 0.0, prior["beta"][kind][:, None], dims=("indicator", "covariate"))
        alpha, gamma, upper = (prior["unattributed_share"][:, k] for k in range(3))
        share = pm.Deterministic(
            "unattributed_share",
            upper * pm.Beta("share_of_upper", alpha, gamma + upper * (len(shares) - 1) / 2, dims="indicator"),
        )
        pair, alone = ("indicator", "other_indicator"), pt.eye(len(shares))
        many = len(shares) > 1
        root = pm.LKJCorr("correlation_root", len(shares), prior["concentration"], dims=pair) if many else alone
        correlation = pm.Deterministic("correlation", root @ root.T, dims=pair)

        centre, kept = mu + x @ beta.T, pt.sqrt(1 - share)
        covariance = s[:, None] * (kept[:, None] * correlation * kept + share * alone) * s
        total = pm.MvNormal("total", centre, chol=pt.linalg.cholesky(covariance), dims=("trust", "indicator"))

        noise_sd, z = s * pt.sqrt(share), pm.Normal("z", dims=("trust", "indicator"))
        weight = noise_sd[:, None] * pt.linalg.inv(covariance)
        spread = pt.linalg.cholesky((1 + 1e-9) * alone - weight * noise_sd)
        noise = ((total - centre) @ weight.T + z @ spread.T) * noise_sd
        pm.Deterministic("outcome", total - noise, dims=("trust", "indicator"))
        pm.Deterministic("performance", total - noise - x @ beta.T, dims=("trust", "indicator"))

        observe(panel, total[trust, indicator])
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
