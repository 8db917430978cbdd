"""Observed events against expected events without pooling: each trust alone, for teaching what pooling does.

Statement, for trust i:

    observed_i ~ Poisson(expected_i * ratio_i)
    ratio_i    ~ Gamma(alpha, rate beta)

with `total = outcome = performance = log(ratio)`. Nothing is shared between trusts: a small trust with few events
stands first, which is the lesson. It has no unattributed variation and must not be used to publish ranks.

Prior: Gamma(1, 1), with mean 1 and the weight of one expected event, so that a trust without events keeps a ratio.
Parametrisation: ratio_i directly; the posterior is Gamma(alpha + observed, beta + expected) exactly.
"""

import numpy as np
import pymc as pm
import pytensor.tensor as pt

NEEDS = ("observed", "expected", "trust_idx")

PRIORS = {"ratio": (1.0, 1.0)}


def build(panel, priors=PRIORS):
    with pm.Model(coords=panel.coords) as model:
        expected = pm.Data("expected", panel["expected"], dims="observation")
        observed = pm.Data("observed", panel["observed"].astype(np.int64), dims="observation")
        trust = pm.Data("trust_idx", panel["trust_idx"], dims="observation")
        prior = pm.Data("prior_ratio", np.asarray(priors["ratio"], float))

        ratio = pm.Gamma("ratio", prior[0], prior[1], dims="trust")
        for name in ("total", "outcome", "performance"):
            pm.Deterministic(name, pt.log(ratio), dims="trust")

        pm.Poisson("y", expected * ratio[trust], observed=observed, dims="observation")
    return model
