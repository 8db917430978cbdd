"""What other honest choices make of the same trusts: views of one question, set beside the one that is published."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Final, Literal

import numpy as np
import pandas as pd

from ranktrust.gate import Finding
from ranktrust.vocabulary import TRUST

Group = Literal["published", "repeat", "scenario", "prior", "level", "statement"]
Status = Literal["fitted", "failed", "not_fitted"]

PUBLISHED: Final = "published"
VIEW_COLUMNS: Final = (
    "estimate", "estimate_lower", "estimate_upper",
    "expected_rank", "expected_rank_mcse", "rank_lower", "rank_upper", "band", "log_score",
)  # fmt: skip
"""Columns of a view's rows, by trust; those of rank are empty where the table is not ranked.

`log_score` is that of the trust when it is left out, empty of choices that leave the law of the figures as it is.
"""


@dataclass(frozen=True)
class Choice:
    """One choice: `label` names it in a column, `change` says in words what differs from what is published.

    `group` is `published` (the choice of the league table), `repeat` (the same again with another seed, which shows
    what chance in the computation does), `scenario` (the unattributed share), `prior` (other prior numbers),
    `level` (which level is ranked) or `statement` (what the model says). `note` is the source of a share and whether it
    is a guess, or why other priors are tried.
    """

    name: str
    group: Group
    label: str
    change: str
    note: str = ""


@dataclass(frozen=True, eq=False)
class View:
    """The trusts under one choice: `rows` by trust with VIEW_COLUMNS, `facts` numbers of the whole.

    `facts` may hold poth, poth_mcse, spearman_low, draws, smallest_ess and share_mean. A choice whose fit failed its
    gate, or that could not be fitted, has neither, and `said` tells why.
    """

    choice: Choice
    status: Status
    said: str
    rows: pd.DataFrame
    facts: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def band(self) -> pd.Series:
        """Band by trust; empty where there are no numbers."""
        return self.rows["band"]


def without_numbers(choice: Choice, status: Status, said: str) -> View:
    """The view of a choice that gave no numbers to be trusted, and why."""
    return View(choice, status, said, pd.DataFrame(columns=list(VIEW_COLUMNS), index=pd.Index([], name=TRUST)))


@dataclass(frozen=True, eq=False)
class Sensitivity:
    """All views of one indicator, the published one first, and what else bears on how far its order can be believed.

    `bands` are the bands from the good end to the other; to stand in the first or the last is a statement, which
    `placed` puts in words. `ranked` is false where trusts are compared with a standard instead. `adjustment`,
    `reliability` and `power` are the tables of the modules of those names, empty where they do not apply; `places` is
    the k of `adjustment`, `context_share` the share of variation that context explains (mean, 95 % bounds).
    """

    indicator: str
    noun: str
    n: int
    ranked: bool
    bands: tuple[str, ...]
    placed: str
    views: tuple[View, ...]
    places: int = 0
    context_share: tuple[float, float, float] | None = None
    adjustment: pd.DataFrame = field(default_factory=pd.DataFrame)
    reliability: pd.DataFrame = field(default_factory=pd.DataFrame)
    power: pd.DataFrame = field(default_factory=pd.DataFrame)

    @property
    def published(self) -> View:
        """The view that the league table shows."""
        return self.views[0]

    @property
    def fitted(self) -> tuple[View, ...]:
        """The views that have numbers, the published one first."""
        return tuple(view for view in self.views if view.status == "fitted")

    @property
    def others(self) -> tuple[View, ...]:
        """The views with numbers that are another choice: not the published one, nor its repetition."""
        return tuple(view for view in self.fitted if view.choice.group not in {"published", "repeat"})

    @property
    def ends(self) -> tuple[str, ...]:
        """The bands at both ends: none where all trusts are in one."""
        return (self.bands[0], self.bands[-1]) if len(self.bands) > 1 else ()


def bands_by_choice(found: Sensitivity) -> pd.DataFrame:
    """Band of every trust under every choice that has numbers: trust by name of the choice."""
    return pd.DataFrame({view.choice.name: view.band for view in found.fitted})


def at_the_ends(found: Sensitivity) -> pd.DataFrame:
    """The trusts that are published in the first or the last band, with their band under every choice.

    `survives` is true where it is the same under every other choice; a repetition with another seed does not count
    against a trust, as it is no other choice.
    """
    bands = bands_by_choice(found)
    chosen = bands[bands[PUBLISHED].isin(found.ends)]
    others = chosen[[view.choice.name for view in found.others]]
    return chosen.assign(survives=others.eq(chosen[PUBLISHED], axis=0).all(axis=1))


def reversed_by_scenarios(found: Sensitivity) -> list[str]:
    """The trusts that are in the first of `bands` in one scenario of the share and in the last one in another."""
    groups = {"published", "scenario"}
    return from_end_to_end(replace(found, views=tuple(view for view in found.views if view.choice.group in groups)))


def reversal_finding(found: Sensitivity) -> Finding:
    """The second half of the statistical gate (decision 17): whether the scenarios of the share reverse bands."""
    trusts = reversed_by_scenarios(found)
    views = [view for view in found.views if view.choice.group in {"published", "scenario"}]
    lacking = [view.choice.label for view in views if view.status != "fitted"]
    table = bands_by_choice(found).loc[trusts]
    untold = f" Not compared, as they have no numbers: {', '.join(lacking)}." if lacking else ""
    if trusts:
        said = f"{len(trusts)} of {found.n} are {found.ends[0]} in one scenario and {found.ends[1]} in another.{untold}"
        remedy = "Rows stand by band and name; do not read an order within a band."
        return Finding("bands under scenarios", "informational", said, remedy, table)
    compared = len(views) - len(lacking)
    if compared < 2:
        return Finding("bands under scenarios", "informational", f"No two scenarios to compare.{untold}", "", table)
    said = f"No trust moves from one end to the other between {compared} scenarios.{untold}"
    return Finding("bands under scenarios", "passed", said.replace("trust", found.noun), "", table)


def comparison(found: Sensitivity) -> pd.DataFrame:
    """One row a choice with numbers, by its name: what it makes of the order, and how far it is from the published one.

    `changed` trusts have another band than published; `at_ends` are in the first or last band, and `kept` of those
    published there are where they were. `poth` with its error,
    `mean_width` of rank intervals in places (of values where not ranked), `off_the_middle` trusts whose rank interval
    leaves out the middle (n + 1) / 2, `correlation` of expected ranks with the published ones.
    """
    published = found.published
    return pd.DataFrame([_compared(found, view, published) for view in found.fitted]).set_index("choice")


def _compared(found: Sensitivity, view: View, published: View) -> dict[str, object]:
    rows, before = view.rows, published.band.loc[view.rows.index]
    same, ends = view.band == before, before.isin(found.ends)
    row: dict[str, object] = {
        "choice": view.choice.name,
        "changed": int((~same).sum()),
        "at_ends": int(view.band.isin(found.ends).sum()),
        "kept": int((same & ends).sum()),
        "poth": view.facts.get("poth", np.nan),
        "poth_mcse": view.facts.get("poth_mcse", np.nan),
    }
    if not found.ranked:
        return row | {"mean_width": float((rows["estimate_upper"] - rows["estimate_lower"]).mean())}
    middle = (found.n + 1) / 2
    return row | {
        "mean_width": float((rows["rank_upper"] - rows["rank_lower"] + 1).mean()),
        "off_the_middle": int(((rows["rank_lower"] > middle) | (rows["rank_upper"] < middle)).sum()),
        "correlation": float(np.corrcoef(rows["expected_rank"], published.rows["expected_rank"].loc[rows.index])[0, 1]),
    }


def from_end_to_end(found: Sensitivity) -> list[str]:
    """The trusts that any two choices put into opposite end bands."""
    bands = bands_by_choice(found)
    if not found.ends:
        return []
    first, last = ((bands == end).any(axis=1) for end in found.ends)
    return [str(trust) for trust in bands.index[first & last]]
