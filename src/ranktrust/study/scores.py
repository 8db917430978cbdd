"""The sections of a study that add indicators up: a composite, official scoring, and a scoring of one's own."""

from collections.abc import Iterable, Sequence
from math import isclose
from typing import Annotated, Final, Literal

from pydantic import Field, model_validator

from ranktrust.study.toml import Declared
from ranktrust.vocabulary import Best

QUARTILES: Final = (0.25, 0.5, 0.75)
Words = Annotated[str, Field(min_length=10)]
Positive = Annotated[float, Field(gt=0)]
Cuts = tuple[float, float, float]


class Domain(Declared):
    """A group of indicators and its weight; `weights` are those within it, equal where none are given.

    Domains weigh the same where none has a weight.
    """

    name: Annotated[str, Field(min_length=1)]
    weight: Positive | None = None
    indicators: Annotated[tuple[str, ...], Field(min_length=1)]
    weights: tuple[Positive, ...] = ()

    @property
    def shares(self) -> tuple[float, ...]:
        """The weight of each indicator within the domain; they sum to 1."""
        return self.weights or (1 / len(self.indicators),) * len(self.indicators)


class Constant(Declared):
    """Standardising numbers of one indicator on the link scale, in the place of the computed ones."""

    centre: float | None = None
    scale: Positive | None = None


class Composite(Declared):
    """[composite]: indicators added up, with weights that are a choice and `why` it was made.

    Without `concentration` weights are fixed; with it the domains' weights are Dirichlet(concentration x weight).
    `missing` says what becomes of a trust without a figure: `rescale` weighs the indicators it has, `refuse` leaves it
    out, `impute` takes the level that the profile gives it. Above `missing_limit` of the weight a trust has no rank
    whatever the rule. Indicators under their publisher's caution
    need `despite_caution`, the reason.
    """

    title: str
    why: Words
    domain: Annotated[tuple[Domain, ...], Field(min_length=1)]
    concentration: Positive | None = None
    missing: Literal["rescale", "refuse", "impute"] = "rescale"
    missing_limit: Annotated[float, Field(ge=0, lt=1)] = 0.25
    constants: dict[str, Constant] = Field(default_factory=dict)
    despite_caution: Words | None = None

    @property
    def domain_weights(self) -> tuple[float, ...]:
        """The weight of each domain; they sum to 1."""
        return tuple(domain.weight or 1 / len(self.domain) for domain in self.domain)

    @property
    def indicators(self) -> tuple[str, ...]:
        """Every indicator, in the order of the domains."""
        return tuple(name for domain in self.domain for name in domain.indicators)

    @model_validator(mode="after")
    def _adds_up(self) -> "Composite":
        faults = _unequal("the domains' weights", self.domain_weights)
        if 0 < sum(domain.weight is None for domain in self.domain) < len(self.domain):
            faults = ["some domains have a weight and some have none: give all of them one, or none"]
        faults += _doubled("domain", [domain.name for domain in self.domain])
        faults += _doubled("indicator", self.indicators)
        for domain in self.domain:
            if domain.weights and len(domain.weights) != len(domain.indicators):
                faults.append(f"domain {domain.name!r} has {len(domain.indicators)} indicators and "
                              f"{len(domain.weights)} weights")  # fmt: skip
            faults += _unequal(f"the weights within {domain.name!r}", domain.shares)
        strange = sorted(set(self.constants) - set(self.indicators))
        faults += [f"constants are given for {name}, which is in no domain" for name in strange]
        _raise(faults)
        return self


class Metric(Declared):
    """A metric of the official score that the study models, by the name of its indicator.

    `published` names its value in the table of metrics (empty where the figures carry none), which is `scale` times
    the value on the indicator's natural scale; `score` names its published score. `meets`, on the natural scale, is
    a standard: who meets it scores 1.00. `note` says how the indicator differs from the metric.
    """

    indicator: str
    published: str = ""
    scale: Positive = 1.0
    score: str = ""
    meets: float | None = None
    note: str = ""


class Deduced(Declared):
    """A metric whose published score can be worked out: its `domain` has two, the other with whole scores 1 to 4.

    Both are names in the table of metrics; `best` is the good end of the metric's value.
    """

    metric: str
    domain: str
    best: Best


class Official(Declared):
    """[official]: the NHS Oversight Framework's scoring, run on draws.

    `count` is the number of metrics that a trust's score averages. Segments are cut at `quantiles` of the trusts of
    `type` in each draw, or at the fixed lower edges `thresholds` of segments 2, 3 and 4 (2026/27). Numbers other than
    quartiles need their source. `missing` names, in words, the metrics that are not modelled. `deduced` is a metric on
    which our scoring can be held to the published one.
    """

    title: str
    table: str = "oversight"
    type: str = "Acute trust"
    count: Annotated[int, Field(ge=1)]
    count_source: Words
    quantiles: Cuts = QUARTILES
    quantiles_source: str = ""
    thresholds: Cuts | None = None
    thresholds_source: str = ""
    override: Annotated[int, Field(ge=1, le=4)] = 3
    decimals: Annotated[int, Field(ge=0, le=6)] = 2
    missing: Words
    metric: Annotated[tuple[Metric, ...], Field(min_length=1)]
    deduced: Deduced | None = None

    @property
    def indicators(self) -> tuple[str, ...]:
        """The indicators that stand for metrics."""
        return tuple(metric.indicator for metric in self.metric)

    @model_validator(mode="after")
    def _cuts_in_order(self) -> "Official":
        faults = _doubled("indicator", self.indicators)
        if len(self.metric) > self.count:
            faults.append(f"{len(self.metric)} metrics are modelled of only {self.count}")
        faults += _cuts("quantiles", self.quantiles, self.quantiles_source, needed=self.quantiles != QUARTILES)
        if not all(0 < cut < 1 for cut in self.quantiles):
            faults.append("quantiles lie between 0 and 1")
        if self.thresholds is not None:
            faults += _cuts("thresholds", self.thresholds, self.thresholds_source, needed=True)
        _raise(faults)
        return self


class Scoring(Declared):
    """[scoring]: a Python file beside the study with a function that scores the draws (docs/composites.md)."""

    file: Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*\.py$")]
    title: str


def faults_of_scores(asked: Iterable[str], sections: Iterable[tuple[str, Sequence[str]]]) -> list[str]:
    """A fault for each indicator that a section adds up and the study does not ask for."""
    known = set(asked)
    return [
        f"[{section}] names {name}, which the study does not ask for: add an [[indicator]] of that name"
        for section, names in sections
        for name in names
        if name not in known
    ]


def _unequal(what: str, weights: Sequence[float]) -> list[str]:
    total = sum(weights)
    return [] if isclose(total, 1, abs_tol=1e-6) else [f"{what} sum to {total:g}, not 1"]


def _doubled(what: str, names: Sequence[str]) -> list[str]:
    return [f"{what} {name!r} stands twice" for name in dict.fromkeys(names) if list(names).count(name) > 1]


def _cuts(name: str, cuts: Cuts, source: str, *, needed: bool) -> list[str]:
    found = [] if cuts[0] < cuts[1] < cuts[2] else [f"{name} must rise"]
    return found + ([f"{name} need {name}_source, which says where they come from"] if needed and not source else [])


def _raise(faults: Sequence[str]) -> None:
    if faults:
        raise ValueError("; ".join(faults))
