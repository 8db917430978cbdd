"""The table `[sensitivity]` of a study: which other honest choices are made beside the published one."""

from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import Field, model_validator

from ranktrust.study.toml import Declared

Numbers = float | tuple[float, ...]
Factor = Annotated[float, Field(gt=0)]
Variant = Literal["without_context", "with_region", "without_region", "student"]
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
SHARE = "unattributed_share"


class AlternativePriors(Declared):
    """Other priors that a careful analyst could have taken, and why; all others stay as published.

    `set` gives prior numbers by name. `times` multiplies a prior of one number, such as a scale, and so means the same
    in statements whose scales differ. `indicators` are those it is tried on, all whose statement has these priors where
    none is named.
    """

    reason: Annotated[str, Field(min_length=10)]
    label: str | None = None
    set: dict[str, Numbers] = Field(default_factory=dict)
    times: dict[str, Factor] = Field(default_factory=dict)
    indicators: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """The priors that change."""
        return (*self.set, *self.times)

    @model_validator(mode="after")
    def _changes_something_once(self) -> "AlternativePriors":
        faults = [] if self.names else ["it changes no prior: give `set` or `times`"]
        both = sorted(self.set.keys() & self.times.keys())
        faults += [f"both set and multiplied: {', '.join(both)}"] if both else []
        if SHARE in self.names:
            faults.append(f"{SHARE} has its scenarios, each with a source; it is no alternative prior")
        still = sorted(name for name, factor in self.times.items() if factor == 1)
        faults += [f"multiplied by 1: {', '.join(still)}"] if still else []
        if faults:
            raise ValueError("; ".join(faults))
        return self


class SensitivityOptions(Declared):
    """What is refitted to see which conclusions survive: the other scenarios of the share, other priors, and variants.

    `priors` are alternatives by name; `draws` are per chain and refit, at most those of the study.
    """

    scenarios: bool = True
    variants: tuple[Variant, ...] = ()
    priors: dict[Name, AlternativePriors] = Field(default_factory=dict)
    draws: Annotated[int, Field(ge=100)] = 1000


def faults_of_sensitivity(indicators: Sequence[str], options: SensitivityOptions | None) -> list[str]:
    """What is wrong with the names: alternative priors for an indicator that the study does not ask for."""
    found = []
    for name, alternative in (options.priors if options else {}).items():
        strangers = [each for each in alternative.indicators if each not in indicators]
        if strangers:
            found.append(
                f"sensitivity.priors.{name} is for an indicator not asked for: {', '.join(strangers)}; "
                f"there are: {', '.join(indicators)}"
            )
    return found
