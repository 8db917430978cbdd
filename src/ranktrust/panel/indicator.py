"""What is measured: an indicator with its direction, benchmark, cautions and source."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ranktrust.vocabulary import Best, Comparability, Disclosure, Kind, Scenario


@dataclass(frozen=True)
class Share:
    """A belief about the share of the variance between trusts that is not performance.

    The share is `upper * Beta(alpha, beta)`; `upper = 0` is the scenario in which all of it is performance.
    `source` says where the belief comes from, and whether it is a guess.
    """

    alpha: float
    beta: float
    upper: float
    source: str
    guess: bool = False

    @property
    def numbers(self) -> tuple[float, float, float]:
        """The three numbers a model file reads: alpha, beta, upper."""
        return (self.alpha, self.beta, self.upper)

    @property
    def mean(self) -> float:
        """Prior mean of the share."""
        return self.upper * self.alpha / (self.alpha + self.beta)


NO_SHARE = Share(1.0, 1.0, 0.0, "by definition of the scenario")


@dataclass(frozen=True)
class Benchmark:
    """The national value a trust is set beside, on the natural scale; `basis` says how it was formed."""

    value: float
    basis: str


@dataclass(frozen=True)
class Standard:
    """A value to be compared with, on the natural scale; a distance below `delta` from it is no difference."""

    name: str
    value: float
    delta: float
    source: str


@dataclass(frozen=True)
class Indicator:
    """One measured thing, as its publisher defines it.

    `best` says which end of the natural scale is good. `comparability` and `caution` are the publisher's view
    of comparing trusts by it, in our words; `caution` stands beside every statement of order.
    `unit` names what the natural scale counts, such as "of attendances". `passport` is the source's record.
    `disclosure` is the rule by which its counts are published; a model sees all of them.
    """

    name: str
    title: str
    kind: Kind
    best: Best
    unit: str
    domain: str
    comparability: Comparability
    caution: str = ""
    caution_source: str = ""
    benchmark: Benchmark | None = None
    standard: Standard | None = None
    shares: Mapping[Scenario, Share] = field(default_factory=lambda: MappingProxyType({"none": NO_SHARE}))
    passport: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    disclosure: Disclosure = "none"

    @property
    def ranked_by_default(self) -> bool:
        """Whether its publisher's figures allow trusts to be ordered without a stated reason."""
        return self.comparability == "direct"


def to_natural(kind: Kind, latent: ArrayLike) -> NDArray[np.float64]:
    """Values on the natural scale from values on the link scale, of any shape.

    A ratio is exp, a proportion the logistic function (0 to 1), an estimate itself.
    """
    values = np.asarray(latent, dtype=np.float64)
    match kind:
        case "ratio":
            return np.exp(values)
        case "proportion":
            return np.exp(-np.logaddexp(0.0, -values))
        case "estimate":
            return values


def from_natural(kind: Kind, natural: ArrayLike) -> NDArray[np.float64]:
    """Values on the link scale from values on the natural scale: log of a ratio, log odds of a proportion."""
    values = np.asarray(natural, dtype=np.float64)
    match kind:
        case "ratio":
            return np.log(values)
        case "proportion":
            return np.log(values) - np.log1p(-values)
        case "estimate":
            return values
