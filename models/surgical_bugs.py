"""Deaths after heart surgery on babies in twelve hospitals: the published BUGS example, for reproduction only.

Statement (BUGS examples, volume 1, "Surgical: institutional ranking", the random effects model):

    numerator_i ~ Binomial(denominator_i, p_i)
    logit(p_i)  ~ Normal(mu, sd = sigma)

with `total = outcome = performance = logit(p)`: the example has neither covariates nor unattributed variation.

Priors as published, vague on purpose and kept only so that the published table can be checked:

    mu    ~ Normal(0, sd = 1000)
    1 / sigma^2 ~ Gamma(0.001, 0.001)

Parametrisation: not centred, total_i = mu + sigma z_i with z_i ~ Normal(0, 1), and the precision on the log scale,
because the vague prior puts mass near sigma = 0, where a centred form diverges. Sample with target_accept 0.95.
"""

import numpy as np
import pymc as pm
import pytensor.tensor as pt

NEEDS = ("numerator", "denominator", "trust_idx")

PRIORS = {"mu": (0.0, 1000.0), "precision": (0.001, 0.001)}

VAGUE = "priors of a published example: a national level of sd 1000 on the log odds simulates only 0 and 100 %"


def build(panel, priors=PRIORS):
    with pm.Model(coords=panel.coords) as model:
        numerator = pm.Data("numerator", panel["numerator"].astype(np.int64), dims="observation")
        denominator = pm.Data("denominator", panel["denominator"].astype(np.int64), dims="observation")
        trust = pm.Data("trust_idx", panel["trust_idx"], dims="observation")
        prior = {name: pm.Data(f"prior_{name}", np.asarray(numbers, float)) for name, numbers in priors.items()}

        mu = pm.Normal("mu", prior["mu"][0], prior["mu"][1])
        precision = pm.Gamma("precision", prior["precision"][0], prior["precision"][1])
        sigma = pm.Deterministic("sigma", 1 / pt.sqrt(precision))
        z = pm.Normal("z", dims="trust")

        total = pm.Deterministic("total", mu + sigma * z, dims="trust")
        pm.Deterministic("outcome", total, dims="trust")
        pm.Deterministic("performance", total, dims="trust")

        pm.Binomial("y", denominator, logit_p=total[trust], observed=numerator, dims="observation")
    return model
