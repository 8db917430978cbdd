"""Each trust predicted from all others: leave-one-trust-out scores and conflict with the law of the others.

Conditional on its own effect every figure fits, and its importance weights are useless. So the effect is integrated
out,

    p(y_i | shared parameters) = integral of p(y_i | t) p(t | shared parameters) dt,

by quadrature about the mode in each draw (Merkle, Furr and Rabe-Hesketh 2019, Psychometrika 84:802-829): Gauss and
Hermite's under a normal law, exact where the figure is normal too; under Student's t the trapezoidal rule in u with
t = mode + width sinh(u), which reaches 200 widths. Pareto-smoothed weights 1 / p(y_i | shared) (Vehtari, Simpson,
Gelman, Yao and Gabry 2024, JMLR 25:72) then leave trust i out of what the others share. Its conflict is the probability
of a figure as far out under a new effect (Marshall and Spiegelhalter 2007, Bayesian Analysis 2:409-444), at the false
discovery rate of Benjamini and Hochberg (1995).
"""

from typing import Final

import numpy as np
import pandas as pd
from arviz_stats.base.array import array_stats
from numpy.typing import NDArray
from scipy.special import logsumexp
from scipy.stats import false_discovery_control

from ranktrust.evidence.agreement import on_link_scale
from ranktrust.evidence.kernels import Figures, limits, log_likelihood, slopes
from ranktrust.evidence.laws import Law
from ranktrust.vocabulary import KIND_COLUMNS, TRUST

type Floats = NDArray[np.float64]

NODES: Final = 21
REACH: Final = 6.0
STEPS: Final = 12
FDR: Final = 0.05
COLUMNS: Final = ("elpd", "pareto_k", "p_below", "p_value", "q_value", "conflict")


def held_out(figures: Figures, law: Law, *, seed: int = 0) -> pd.DataFrame:
    """By trust: log score when left out, Pareto k, and its conflict with the others. Columns are COLUMNS.

    `p_below` is the mid-probability of a figure no larger than the one found, `p_value` twice the smaller tail,
    `q_value` that adjusted for all trusts, `conflict` true where the last is below FDR.
    """
    given = integrated(figures, law)
    with np.errstate(all="ignore"):
        weights, k = array_stats.psislw(given.T)  # type: ignore[no-untyped-call]
    weights = np.asarray(weights).T
    at, below = limits(figures, len(given), np.random.default_rng(seed))
    share = np.exp(weights - logsumexp(weights, axis=0))
    p_below = (share * (law.below(at) + law.below(below)) / 2).sum(axis=0).clip(0, 1)
    p_value = 2 * np.minimum(p_below, 1 - p_below)
    q_value = false_discovery_control(p_value)
    elpd = logsumexp(weights + given, axis=0) - logsumexp(weights, axis=0)
    columns = (elpd, np.asarray(k), p_below, p_value, q_value)
    table = pd.DataFrame(dict(zip(COLUMNS, columns, strict=False)), index=pd.Index(figures.trusts, name=TRUST))
    return table.assign(conflict=table["q_value"] < FDR)


def integrated(figures: Figures, law: Law) -> Floats:
    """Log probability of each figure given what trusts share, its effect integrated out: draw by trust."""
    mode, width = _laplace(figures, law)
    total = np.full(mode.shape, -np.inf)
    for away, weight in zip(*_rule(law), strict=True):
        level = mode + width * away
        total = np.logaddexp(total, log_likelihood(figures, level) + law.log_density(level) + weight)
    return np.asarray(total + np.log(width))


def _rule(law: Law) -> tuple[Floats, Floats]:
    """Nodes in widths from the mode and the logarithms of their weights."""
    if law.nu is None:
        nodes, weights = np.polynomial.hermite.hermgauss(NODES)
        return np.sqrt(2) * nodes, np.log(np.sqrt(2) * weights) + nodes**2
    at, step = np.linspace(-REACH, REACH, 2 * NODES - 1, retstep=True)
    return np.sinh(at), np.log(step * np.cosh(at))


def _laplace(figures: Figures, law: Law) -> tuple[Floats, Floats]:
    """Mode and width of likelihood times law; the law's own curvature is that of its normal with the same weight."""
    frame = pd.DataFrame(dict(zip(KIND_COLUMNS[figures.kind], (figures.first, figures.second), strict=True)))
    value, variance = on_link_scale(frame, figures.kind)
    tight = 1 / law.scale**2
    level = (value / variance + law.centre * tight) / (1 / variance + tight)
    for _ in range(STEPS):
        slope, curve = slopes(figures, level)
        pull = _weight(law, level)
        level = level + np.clip((slope - pull * (level - law.centre)) / (curve + pull), -1, 1)
    return level, (slopes(figures, level)[1] + _weight(law, level)) ** -0.5


def _weight(law: Law, level: Floats) -> Floats:
    """Precision of the law about its centre; under Student's t that of the normal law that it mixes at this level."""
    if law.nu is None:
        return np.broadcast_to(law.scale**-2, level.shape)
    return (law.nu + 1) / (law.nu * law.scale**2 + (level - law.centre) ** 2)
