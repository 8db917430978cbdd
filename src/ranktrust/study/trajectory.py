"""The tables `[[trajectory]]` of a study: which indicators are followed over periods, and how change is measured."""

from collections.abc import Sequence
from typing import Annotated

from pydantic import Field, model_validator

from ranktrust.study.toml import Declared

Numbers = float | tuple[float, ...]


class Followed(Declared):
    """One indicator followed over its latest `months` (all of them where None).

    `window` is how many months the mean is over, `change` how many months back the change is taken from; `draws` are
    per chain, of the path of every trust: fewer leave chance in the R-hat of thousands of series, more fill disks.
    """

    name: str
    model: str | None = None
    months: Annotated[int, Field(ge=2)] | None = None
    window: Annotated[int, Field(ge=1)] = 12
    change: Annotated[int, Field(ge=1)] = 12
    draws: Annotated[int, Field(ge=100)] = 1500
    priors: dict[str, Numbers] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _fits_its_months(self) -> "Followed":
        if self.months is None:
            return self
        faults = []
        if self.window > self.months:
            faults.append(f"window = {self.window} is longer than months = {self.months}")
        if self.change >= self.months:
            faults.append(f"change = {self.change} leaves no earlier month among months = {self.months}")
        if faults:
            raise ValueError("; ".join(faults) + ": take fewer, or raise months")
        return self


def faults_of_trajectories(indicators: Sequence[str], followed: Sequence[Followed]) -> list[str]:
    """What is wrong with the names: one that the study does not ask for, or follows twice."""
    names = [item.name for item in followed]
    strangers = sorted({name for name in names if name not in indicators})
    doubled = sorted({name for name in names if names.count(name) > 1})
    faults = []
    if strangers:
        there = ", ".join(indicators)
        faults.append(f"trajectory of an indicator not asked for: {', '.join(strangers)}; there are: {there}")
    if doubled:
        faults.append(f"trajectory asked for twice: {', '.join(doubled)}")
    return faults
