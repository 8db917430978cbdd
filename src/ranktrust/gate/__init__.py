"""Whether the computation of a fit may be trusted: findings that fail closed, and their verdict.

Thresholds: rank-normalised split R-hat below 1.01 and effective sample sizes above 100 a chain (Vehtari, Gelman,
Simpson, Carpenter and Buerkner 2021, Bayesian Analysis 16:667-718); no divergence; E-BFMI at least 0.3; no
saturated tree; everything finite. What cannot be computed fails. Decision 16 of docs/statistics.md says what is
asked of which series and how constant ones are judged.
"""

from ranktrust.gate.computation import LATENT, diagnose, diagnose_reported
from ranktrust.gate.findings import Finding, Verdict, gate_passed
from ranktrust.gate.sampler import BFMI_AT_LEAST, sampler_findings
from ranktrust.gate.series import ESS_PER_CHAIN, RHAT_BELOW, series_diagnostics

__all__ = [
    "BFMI_AT_LEAST",
    "ESS_PER_CHAIN",
    "LATENT",
    "RHAT_BELOW",
    "Finding",
    "Verdict",
    "diagnose",
    "diagnose_reported",
    "gate_passed",
    "sampler_findings",
    "series_diagnostics",
]
