"""An estimate with a known standard error without pooling: each trust alone, for teaching what pooling does.

Statement, for trust i:

    estimate_i ~ Normal(total_i, standard_error_i)
    total_i    ~ Normal(m, v)

with `outcome = performance = total`. Nothing is shared between trusts: a trust with a large standard error stands
first or last by chance, which is the lesson. It has no unattributed variation and must not be used to publish ranks.

Prior: Normal(5, 25), flat over a score from 0 to 10; a study states its own for another scale.
Parametrisation: total_i directly; the posterior is normal exactly, with precision 1 / v^2 + 1 / standard_error_i^2.
"""

import numpy as np
import pymc as pm

NEEDS = ("estimate", "standard_error", "trust_idx")

PRIORS = {"total": (5.0, 25.0)}


def build(panel, priors=PRIORS):
    with pm.Model(coords=panel.coords) as model:
        estimate = pm.Data("estimate", panel["estimate"], dims="observation")
        standard_error = pm.Data("standard_error", panel["standard_error"], dims="observation")
        trust = pm.Data("trust_idx", panel["trust_idx"], dims="observation")
        prior = pm.Data("prior_total", np.asarray(priors["total"], float))

        total = pm.Normal("total", prior[0], prior[1], dims="trust")
        for name in ("outcome", "performance"):
            pm.Deterministic(name, total, dims="trust")

        pm.Normal("y", total[trust], standard_error, observed=estimate, dims="observation")
    return model
