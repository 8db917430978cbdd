"""Likelihoods of one figure a trust, as functions of its level on the link scale: density, replicates, tails.

| kind | figure given the level t | P(figure <= y), with t < b |
|---|---|---|
| ratio | Poisson(expected exp(t)) | exp(b) expected ~ Gamma(y + 1) |
| proportion | Binomial(denominator, logistic(t)) | logistic(b) ~ Beta(y + 1, n - y) |
| estimate | Normal(t, standard error) | b ~ Normal(y, standard error) |

The last column turns a tail of the figure into a limit b of the level, drawn at random, so that a tail under any law of
the level is the mean of that law's distribution function at b. Half counts take the binomial's kernel, and are
simulated as models/proportion_half_counts.py says.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, gammaln

from ranktrust.panel import Panel
from ranktrust.vocabulary import KIND_COLUMNS, Kind

type Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Figures:
    """One figure a trust, in the order of `trusts`: the two columns of its kind; `step` is the least difference."""

    kind: Kind
    first: Floats
    second: Floats
    trusts: tuple[str, ...]
    step: float


def figures_of(panel: Panel) -> Figures | None:
    """The figures of a one-indicator panel; None unless it has exactly one observation of every trust."""
    rows, trusts = panel.observations, tuple(map(str, panel.trusts.index))
    if len(rows) != len(trusts) or set(rows["trust"]) != set(trusts):
        return None
    kind = panel.only.kind
    first, second = (rows.set_index("trust").loc[list(trusts), name].to_numpy(float) for name in KIND_COLUMNS[kind])
    whole = kind == "ratio" or bool((first % 1 == 0).all() and (second % 1 == 0).all())
    return Figures(kind, first, second, trusts, 0.0 if kind == "estimate" else 1.0 if whole else 0.5)


def log_likelihood(figures: Figures, level: Floats) -> Floats:
    """Log probability, or density, of each figure at levels of shape (..., trust)."""
    one, two = figures.first, figures.second
    if figures.kind == "ratio":
        return one * (np.log(two) + level) - two * np.exp(level) - gammaln(one + 1)
    if figures.kind == "proportion":
        coefficient = gammaln(two + 1) - gammaln(one + 1) - gammaln(two - one + 1)
        return coefficient + one * level - two * np.logaddexp(0, level)
    return np.asarray(-0.5 * ((one - level) / two) ** 2 - np.log(two) - 0.5 * np.log(2 * np.pi))


def slopes(figures: Figures, level: Floats) -> tuple[Floats, Floats]:
    """First derivative of the log-likelihood in the level, and the negative of the second, which is not negative."""
    one, two = figures.first, figures.second
    if figures.kind == "ratio":
        mean = two * np.exp(level)
        return one - mean, mean
    if figures.kind == "proportion":
        share = expit(level)
        return one - two * share, two * share * (1 - share)
    return (one - level) / two**2, np.broadcast_to(1 / two**2, level.shape)


def replicate(figures: Figures, level: Floats, rng: np.random.Generator) -> Floats:
    """Figures drawn anew at levels of shape (draw, trust): the first column of the kind, the second stays."""
    two = figures.second
    if figures.kind == "ratio":
        return rng.poisson(two * np.exp(level)).astype(np.float64)
    if figures.kind == "estimate":
        return rng.normal(level, two)
    share = expit(level)
    if figures.step == 1:
        return rng.binomial(two.astype(np.int64), share).astype(np.float64)
    whole = np.maximum(np.ceil(two) - 1, 0).astype(np.int64)
    halves = np.rint(2 * (two - whole)).astype(np.int64)
    return np.asarray(rng.binomial(whole, share) + rng.binomial(halves, share) / 2)


def limits(figures: Figures, draws: int, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Levels b and c, draws by trust, with P(figure <= y | t) = P(t < b) and P(figure < y | t) = P(t < c).

    An event that cannot happen has the limit -inf, a certain one inf. The two are the same for estimates.
    """
    if figures.kind == "estimate":
        limit = rng.normal(figures.first, figures.second, (draws, len(figures.first)))
        return limit, limit
    at, below = (_limit(figures, figures.first - back, draws, rng) for back in (0.0, figures.step))
    return at, below


def _limit(figures: Figures, count: Floats, draws: int, rng: np.random.Generator) -> Floats:
    shape = (draws, len(count))
    above = np.log(rng.gamma(np.maximum(count, 0) + 1, size=shape))
    if figures.kind == "ratio":
        return np.where(count < 0, -np.inf, above - np.log(figures.second))
    left = figures.second - count
    below = np.log(rng.gamma(np.maximum(left, 0.5), size=shape))
    return np.where(count < 0, -np.inf, np.where(left <= 0, np.inf, above - below))
