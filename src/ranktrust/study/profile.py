"""The section [profile] of a study: which indicators are fitted together, and by which statement."""

from collections.abc import Sequence
from typing import Annotated, Final

from pydantic import Field

from ranktrust.study.scores import Composite, Official
from ranktrust.study.toml import Declared

MOST_IMPUTED: Final = 0.25
"""The largest weight of imputed figures with which a composite may rank a trust (docs/statistics.md, decision 7)."""


class Profile(Declared):
    """[profile]: several indicators in one fit, by default all that the study asks for.

    `draws` are per chain: tails of correlations need more of them than levels do.
    """

    model: str = "profile"
    indicators: tuple[str, ...] = ()
    draws: Annotated[int, Field(ge=100)] = 2000


def faults_of_profile(
    asked: Sequence[str], profile: Profile | None, composite: Composite | None, official: Official | None
) -> list[str]:
    """What is wrong with a profile's names, and with the sections that rest on it."""
    imputes = composite is not None and composite.missing == "impute"
    if profile is None:
        said = '[composite] missing = "impute" takes levels from a profile: add a [profile], or choose another rule'
        return [said] if imputes else []
    names = profile.indicators or tuple(asked)
    faults = [f"[profile] names {name}, which the study does not ask for" for name in names if name not in asked]
    doubled = sorted({name for name in names if list(names).count(name) > 1})
    faults += [f"[profile] names {name} twice" for name in doubled]
    if len(set(names)) < 2:
        faults.append("[profile] needs at least two indicators")
    for section, rests in (("composite", composite), ("official", official)):
        lacking = [name for name in (rests.indicators if rests else ()) if name in asked and name not in names]
        faults += [
            f"[{section}] adds {name} up, which [profile] leaves out: fit all of them together" for name in lacking
        ]
    if composite is not None and imputes and composite.missing_limit > MOST_IMPUTED:
        faults.append(f"[composite] missing_limit is {composite.missing_limit:g}: imputed figures may have at most "
                      f"{MOST_IMPUTED:g} of the weight")  # fmt: skip
    return faults
