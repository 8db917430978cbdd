"""The value: rows, rank law, pairs, and every fact that a page must print beside them."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from types import MappingProxyType
from typing import Any, Final

import pandas as pd

from ranktrust.vocabulary import Best, Comparability, Kind, Latent, Scenario

STANDARD_PROB: Final = 0.975
CHECK_RETURN: Final = "check the return"
"""What the note of a row says whose figure may be missing rather than none."""
INDISTINCT: Final = 0.05
WEAK_ORDER: Final = 0.5

ROW_COLUMNS: Final = (
    "trust_name", "region", "figure", "estimate", "estimate_lower", "estimate_upper",
    "performance", "performance_lower", "performance_upper",
    "expected_rank", "expected_rank_mcse", "median_rank", "rank_lower", "rank_upper",
    "set_lower", "set_upper",
    "p_top_quarter", "p_top_quarter_mcse", "p_bottom_quarter", "p_bottom_quarter_mcse", "ess_rank",
    "p_above_standard", "p_above_standard_mcse", "p_below_standard", "p_below_standard_mcse", "ess_outcome",
    "band", "indistinct_from", "note",
)  # fmt: skip
"""Columns of `LeagueTable.rows`; those of rank, set and band are empty when the table is not ranked.

`set_lower` and `set_upper` hold all ranks at once; `band` counts from 1, which holds the best values.
"""

TEXT_COLUMNS: Final = ("trust_name", "region", "figure", "indistinct_from", "note")
"""Those of them that hold text; an empty text is no text."""


@dataclass(frozen=True)
class Question:
    """What a study asks of one indicator, as the table and its page state it.

    `latent` is the level ranked and shown; `statement` the model file's docstring; `rank_reason` why an indicator
    under its publisher's caution is ranked nevertheless (None leaves its rank columns empty). `band_lambda` is the
    weight of a pair separated, at which bands are found (decision 11). `reads` are the fields that the statement
    reads: without `context` nothing was adjusted for, without `region_idx` and `icb_idx` nothing nested.
    """

    study: str
    study_title: str
    noun: str
    set_description: str
    statement: str
    scenario: Scenario
    latent: Latent = "outcome"
    prob: float = 0.95
    top: int | None = None
    bottom: int | None = None
    band_lambda: float = 0.25
    rank_reason: str | None = None
    reads: tuple[str, ...] = ("context", "region_idx", "icb_idx")


@dataclass(frozen=True)
class Facts:
    """What a reader must know about a league table, apart from its rows. All of it survives a JSON file.

    `n` trusts are compared, `top` and `bottom` are the k of the quarter columns, `ranked` whether order is stated
    and `rank_reason` why despite a caution; `latent` which level is shown and ranked. Values of `benchmark`,
    `standard` and `delta` are on the natural scale, None where there is none. `share_mean` is the prior mean of the
    unattributed share, `priors` the prior numbers that were used. `context_share` is the posterior mean, lower and
    upper bound of the share of variation that the covariates explain, None without covariates. `poth` is the precision
    of the hierarchy, `spearman_low` the 5 % point of the rank correlation between two posterior draws.

    `band_sizes` is the number of trusts of each band from the first, empty where the table is not ranked, and
    `pairs_split` the share of all pairs that the bands separate. Of all pairs `misordered` are expected to be separated
    the wrong way round, of those separated `misordered_split` (None with one band); `p_bands_right` is the probability
    that no pair separated is. `sets` says by how many places the simultaneous sets were `widened`, and in what share
    of draws they held (ranks.Content). Monte Carlo errors end in `_mcse`. `reversed_bands` trusts are at one end in one
    scenario of the share and at the other in another; None if none were compared.
    """

    study: str
    study_title: str
    noun: str
    set_description: str
    indicator: str
    title: str
    kind: Kind
    best: Best
    unit: str
    domain: str
    comparability: Comparability
    caution: str
    caution_source: str
    period: str
    n: int
    model: str
    statement: str
    latent: Latent
    scenario: Scenario
    share_mean: float
    share_source: str
    share_guess: bool
    priors: Mapping[str, Any]
    prob: float
    top: int
    bottom: int
    ranked: bool
    rank_reason: str | None
    benchmark: float | None
    benchmark_basis: str | None
    standard: float | None
    standard_name: str | None
    standard_source: str | None
    delta: float
    covariates: tuple[str, ...]
    nested: tuple[str, ...]
    context_share: tuple[float, float, float] | None
    band_lambda: float
    band_sizes: tuple[int, ...]
    pairs_split: float | None
    misordered: float | None
    misordered_mcse: float | None
    misordered_split: float | None
    misordered_split_mcse: float | None
    p_bands_right: float | None
    p_bands_right_mcse: float | None
    sets: Mapping[str, Any] | None
    poth: float | None
    spearman_low: float | None
    draws: int
    smallest_ess: float
    gate_passed: bool
    findings: tuple[Mapping[str, str], ...]
    source: Mapping[str, Any]
    not_ranked: tuple[str, ...]
    reversed_bands: int | None

    @property
    def order_is_weak(self) -> bool:
        """Whether rows may not stand in their order (decision 17): rank draws disagree, or scenarios reverse bands."""
        return bool(self.reversed_bands) or (self.spearman_low is not None and self.spearman_low < WEAK_ORDER)

    @property
    def bands(self) -> int:
        """How many bands there are; 0 where the table is not ranked."""
        return len(self.band_sizes)

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> "Facts":
        """The facts in a mapping such as a JSON object, lists made tuples. Raises TypeError for another set of keys."""
        known = {field.name for field in fields(cls)}
        changed: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value for name, value in values.items()
        }
        if set(changed) != known:
            raise TypeError(f"facts differ in {', '.join(sorted(known ^ set(changed)))}")
        return cls(**changed)


@dataclass(frozen=True, eq=False)
class LeagueTable:
    """One row a trust, in the order of publication, with the law of its rank and its pairs.

    `rows` is indexed by trust with ROW_COLUMNS; `rank_pmf` is trust by rank 1..n; `p_above` trust by trust, row above
    column; both are empty when the table is not ranked. Frames are copies: the table cannot be changed through them.
    """

    facts: Facts
    _frames: Mapping[str, pd.DataFrame]

    @classmethod
    def of(cls, facts: Facts, *, rows: pd.DataFrame, rank_pmf: pd.DataFrame, p_above: pd.DataFrame) -> "LeagueTable":
        """A table of these parts, copied."""
        frames = {"rows": rows[list(ROW_COLUMNS)].copy(), "rank_pmf": rank_pmf.copy(), "p_above": p_above.copy()}
        return cls(facts, MappingProxyType(frames))

    @property
    def rows(self) -> pd.DataFrame:
        """Indexed by trust, columns ROW_COLUMNS."""
        return self._frames["rows"].copy(deep=False)

    @property
    def has_numbers(self) -> bool:
        """False where the draws were not finite, so that nothing was computed from them."""
        return bool(self._frames["rows"]["estimate"].notna().any())

    @property
    def rank_pmf(self) -> pd.DataFrame:
        """P(rank = k), trust by rank."""
        return self._frames["rank_pmf"].copy(deep=False)

    @property
    def p_above(self) -> pd.DataFrame:
        """P(row trust is better than column trust)."""
        return self._frames["p_above"].copy(deep=False)

    def indistinct_from(self, trust: str) -> tuple[str, ...]:
        """The trusts that these data cannot tell from `trust`: 0.05 < P(above) < 0.95, in the table's order."""
        text = self._frames["rows"].loc[trust, "indistinct_from"]
        return tuple(str(text).split()) if isinstance(text, str) else ()


def standard_classes(table: LeagueTable) -> pd.Series:
    """Where each trust stands to the standard: `above` or `below` with P >= STANDARD_PROB, else `neither`.

    `above` is beyond standard + delta, `below` beyond standard - delta. Raises ValueError without a standard.
    """
    if table.facts.standard is None:
        raise ValueError(f"{table.facts.indicator} has no standard to be compared with")
    rows = table.rows
    classes = pd.Series("neither", index=rows.index)
    classes[rows["p_above_standard"] >= STANDARD_PROB] = "above"
    classes[rows["p_below_standard"] >= STANDARD_PROB] = "below"
    return classes
