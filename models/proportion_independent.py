"""Part of a whole without pooling: each trust alone, for teaching what pooling does.

Statement, for trust i:

    numerator_i ~ Binomial(denominator_i, p_i)
    p_i         ~ Beta(alpha, beta)

with `total = outcome = performance = logit(p)`. Nothing is shared between trusts: a small trust with no events
stands first, which is the lesson. It has no unattributed variation and must not be used to publish ranks.

Prior: Beta(1, 1), every proportion equally likely, as in the published "fixed effects" Surgical example.
Parametrisation: p_i directly; the posterior is Beta(alpha + numerator, beta + denominator - numerator) exactly.
"""

import numpy as np
import pymc as pm

NEEDS = ("numerator", "denominator", "trust_idx")

PRIORS = {"p": (1.0, 1.0)}


def build(panel, priors=PRIORS):
    with pm.Model(coords=panel.coords) as model:
        numerator = pm.Data("numerator", panel["numerator"].astype(np.int64), dims="observation")
        denominator = pm.Data("denominator", panel["denominator"].astype(np.int64), dims="observation")
        trust = pm.Data("trust_idx", panel["trust_idx"], dims="observation")
        prior = pm.Data("prior_p", np.asarray(priors["p"], float))

        p = pm.Beta("p", prior[0], prior[1], dims="trust")
        for name in ("total", "outcome", "performance"):
            pm.Deterministic(name, pm.math.logit(p), dims="trust")

        pm.Binomial("y", denominator, p[trust], observed=numerator, dims="observation")
    return model
