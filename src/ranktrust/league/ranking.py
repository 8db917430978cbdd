"""The part of a league table that states order: ranks, bands, pairs, and how sure the order is as a whole."""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd
import xarray as xr

from ranktrust.league.bands import NO_BANDS, band_facts, bands, set_facts
from ranktrust.league.table import INDISTINCT
from ranktrust.ranks import RankSummary, grade_trusts, poth, simultaneous_sets, spearman_between_draws

_RANK_COLUMNS: Final = (
    "expected_rank", "expected_rank_mcse", "median_rank", "rank_lower", "rank_upper", "ess_rank"
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Ranking:
    """Columns of the rows, facts, law and pairs of a table that is ranked; all empty of one that is not."""

    columns: dict[str, pd.Series]
    facts: dict[str, Any]
    rank_pmf: pd.DataFrame
    p_above: pd.DataFrame


NO_RANKING: Final = Ranking(
    {}, {**NO_BANDS, **dict.fromkeys(("sets", "poth", "spearman_low"))}, pd.DataFrame(), pd.DataFrame()
)


def rank_level(level: xr.DataArray, summary: RankSummary, *, band_lambda: float) -> Ranking:
    """Everything that the draws of a level say about order; `summary` is theirs, and gives direction and intervals."""
    grades = grade_trusts(level, best=summary.best, lambda_=band_lambda)
    sets = simultaneous_sets(level, best=summary.best, prob=summary.prob)
    pmf, pairs = (pd.DataFrame(summary.table[name].to_pandas()) for name in ("rank_pmf", "p_above"))
    columns = {
        **_ranks(summary),
        **{name: sets.table[name].to_series() for name in ("set_lower", "set_upper")},
        "band": bands(grades),
        "indistinct_from": _indistinct(pairs, summary.table["expected_rank"].to_series()),
    }
    facts = {**band_facts(grades), "sets": set_facts(sets), **_precision(level, summary)}
    return Ranking(columns, facts, pmf, pairs)


def _ranks(summary: RankSummary) -> dict[str, pd.Series]:
    columns = {name: summary.table[name].to_series() for name in _RANK_COLUMNS}
    for column, name in (("p_top_quarter", "p_top"), ("p_bottom_quarter", "p_bottom")):
        columns[column] = summary.table[name].to_series()
        columns[f"{column}_mcse"] = summary.table[f"{name}_mcse"].to_series()
    return columns


def _indistinct(pairs: pd.DataFrame, expected_rank: pd.Series) -> pd.Series:
    """For each trust the others with 0.05 < P(above) < 0.95, best expected rank first, separated by blanks."""
    order = list(expected_rank.sort_values(kind="stable").index)
    near = ((pairs > INDISTINCT) & (pairs < 1 - INDISTINCT)).loc[:, order]
    return pd.Series(
        [" ".join(other for other in order if near.loc[trust, other] and other != trust) for trust in near.index],
        index=near.index,
    )


def _precision(level: xr.DataArray, summary: RankSummary) -> dict[str, float | None]:
    """How sure the order is: POTH, and the 5 % point of the correlation between two rank draws (decision 17)."""
    correlations = spearman_between_draws(level, best=summary.best)
    return {"poth": float(poth(summary)), "spearman_low": float(np.quantile(correlations, 0.05))}
