"""A study file, checked: `Study` holds the question and nothing that was computed."""

import hashlib
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from ranktrust.errors import StudyError
from ranktrust.study.profile import Profile, faults_of_profile
from ranktrust.study.scores import Composite, Official, Scoring, faults_of_scores
from ranktrust.study.sensitivity import SensitivityOptions, faults_of_sensitivity
from ranktrust.study.toml import Declared, check_toml, read_toml
from ranktrust.study.trajectory import Followed, faults_of_trajectories
from ranktrust.vocabulary import SCHEMA_VERSION, Disclosure, Latent, Scenario

Numbers = float | tuple[float, ...]


class Trusts(Declared):
    """The comparison set: which trusts stand beside each other, and what the set is called on the page.

    `table` names the table of trusts in data/ and `subtypes` keeps only those subtypes (all when empty);
    `table = "figures"` takes every code that occurs in the figures, without region or type.
    `noun` is what one of them is called: a trust, a hospital. `successors` says, by code, to which trust the
    figures of one that was split go.
    """

    description: str
    table: str = "trusts"
    subtypes: tuple[str, ...] = ()
    noun: str = "trust"
    successors: dict[str, str] = Field(default_factory=dict)


class ContextReference(Declared):
    """A covariate's reference: x = (value - centre) / scale, both fixed here so that x means the same in every run.

    `missing = "reference"` sets a trust without a value to the reference (x = 0) and says so on the page.
    """

    centre: float
    scale: Annotated[float, Field(gt=0)]
    source: str
    missing: Literal["refuse", "reference"] = "refuse"


class FitSettings(Declared):
    """How a statement is sampled. `sampler = "pymc"` uses PyMC's own sampler."""

    sampler: Literal["nutpie", "pymc"] = "nutpie"
    chains: Annotated[int, Field(ge=2, le=16)] = 4
    draws: Annotated[int, Field(ge=100)] = 1000
    tune: Annotated[int, Field(ge=100)] = 1000
    target_accept: Annotated[float, Field(gt=0.5, lt=1)] = 0.9
    seed: Annotated[int, Field(ge=0)]


class RankOptions(Declared):
    """What is ranked and how intervals and bands are cut; `top` and `bottom` default to floor((n + 1) / 4).

    `band_lambda`: a border between bands must be right with probability 1 / (1 + band_lambda), averaged over its pairs.
    """

    latent: Latent = "outcome"
    prob: Annotated[float, Field(gt=0, lt=1)] = 0.95
    top: Annotated[int, Field(ge=1)] | None = None
    bottom: Annotated[int, Field(ge=1)] | None = None
    band_lambda: Annotated[float, Field(gt=0, le=1)] = 0.25


class Asked(Declared):
    """One indicator of the study: its statement, window, priors, and whether it may be ranked despite a caution.

    `disclosure` is the rule by which its counts are published, in place of the indicator's own.
    """

    name: str
    model: str | None = None
    months: Annotated[int, Field(ge=1)] = 12
    priors: dict[str, Numbers] = Field(default_factory=dict)
    standard: str | None = None
    delta: Annotated[float, Field(ge=0)] | None = None
    disclosure: Disclosure | None = None
    rank_despite_caution: Annotated[str, Field(min_length=10)] | None = None


class Study(Declared):
    """A question: trusts, indicators, statements, context and options. Made by `read_study`."""

    schema_version: Literal[1]
    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    title: str
    question: str
    date: date
    trusts: Trusts
    context: dict[str, ContextReference] = Field(default_factory=dict)
    nested: tuple[Literal["region", "icb"], ...] = ()
    scenario: Scenario = "this_period"
    fit: FitSettings
    ranks: RankOptions = RankOptions()
    sensitivity: SensitivityOptions | None = None
    indicator: tuple[Asked, ...]
    profile: Profile | None = None
    trajectory: tuple[Followed, ...] = ()
    composite: Composite | None = None
    official: Official | None = None
    scoring: Scoring | None = None
    path: Path = Path()
    sha256: str = ""

    @model_validator(mode="after")
    def _asks_each_once(self) -> "Study":
        names = [asked.name for asked in self.indicator]
        if not names:
            raise ValueError("it asks for no indicator: write at least one [[indicator]]")
        doubled = sorted({name for name in names if names.count(name) > 1})
        faults = [f"indicator asked for twice: {', '.join(doubled)}"] if doubled else []
        named = (("composite", self.composite), ("official", self.official))
        faults += faults_of_scores(names, [(name, section.indicators) for name, section in named if section])
        faults += faults_of_profile(names, self.profile, self.composite, self.official)
        faults += faults_of_sensitivity(names, self.sensitivity)
        if faults:
            raise ValueError("; ".join(faults))
        return self

    @model_validator(mode="after")
    def _follows_what_it_asks(self) -> "Study":
        faults = faults_of_trajectories([asked.name for asked in self.indicator], self.trajectory)
        if faults:
            raise ValueError("; ".join(faults))
        return self

    @property
    def profiled(self) -> tuple[str, ...]:
        """The indicators fitted together in the profile, in their order; none without a profile."""
        if self.profile is None:
            return ()
        return self.profile.indicators or tuple(asked.name for asked in self.indicator)

    @property
    def folder(self) -> Path:
        """The folder of the study file, where its own models and notebooks are looked for first."""
        return self.path.parent


def read_study(path: Path) -> Study:
    """The study in the file at `path`.

    Raises StudyError that lists every fault: unknown keys, wrong types, values out of range, an unknown
    schema version.
    """
    tables: dict[str, Any] = read_toml(path)
    reserved = sorted({"path", "sha256"} & set(tables))
    if reserved:
        raise StudyError(f"{path.name} cannot be used:\n  {', '.join(reserved)}: set by ranktrust, not by a study")
    version = tables.get("schema_version")
    if version != SCHEMA_VERSION:
        raise StudyError(
            f"{path.name} has schema_version {version!r}; this ranktrust reads {SCHEMA_VERSION}. "
            f"Write `schema_version = {SCHEMA_VERSION}` at its top, or use the ranktrust that wrote it"
        )
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    return check_toml(Study, {**tables, "path": path.resolve(), "sha256": digest}, file=path.name)
