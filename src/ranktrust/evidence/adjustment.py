"""Adjusted and unadjusted side by side: what taking context out does to each trust, from joint draws of both levels."""

from typing import Final

import pandas as pd
import xarray as xr

from ranktrust.evidence.choices import View
from ranktrust.ranks import rank_stability
from ranktrust.vocabulary import TRUST, Best

RANK_COLUMNS: Final = ("expected_rank", "rank_lower", "rank_upper")
VALUE_COLUMNS: Final = ("estimate", "estimate_lower", "estimate_upper")


def places_of_note(n: int) -> int:
    """The number of places beyond which a move is counted: a tenth of the table, at least one."""
    return max(1, n // 10)


def adjustment_table(
    levels: tuple[xr.DataArray, xr.DataArray], views: tuple[View, View], context: pd.DataFrame, *, best: Best
) -> pd.DataFrame:
    """One row a trust: values, rank intervals and bands of both levels, and how far adjustment moves it.

    `levels` are joint draws unadjusted and adjusted, `views` what they say; columns of the first end in `_unadjusted`,
    of the second in `_adjusted`. `p_moved` is P(the rank moves by more than `places_of_note`), `p_better`
    P(the adjusted rank is better), each with `_mcse`; they stay empty where trusts are not ranked. Covariates follow
    under `context_<name>`, standardised.
    """
    plain, adjusted = (view.rows[[*VALUE_COLUMNS, *RANK_COLUMNS, "band"]] for view in views)
    table = plain.add_suffix("_unadjusted").join(adjusted.add_suffix("_adjusted"))
    columns = ["p_moved", "p_moved_mcse", "p_moved_ess", "p_better", "p_better_mcse", "p_better_ess"]
    if plain["expected_rank"].notna().all():
        table = table.join(_moves(levels, best))
    return table.reindex(columns=[*table.columns.difference(columns, sort=False), *columns]).join(
        context.add_prefix("context_")
    )


def _moves(levels: tuple[xr.DataArray, xr.DataArray], best: Best) -> pd.DataFrame:
    stability = rank_stability(*levels, best=best, places=places_of_note(levels[0].sizes[TRUST]))
    names = {"p_moved": "p_moved", "p_rank_improved": "p_better"}
    columns = {f"{new}{tail}": stability.table[f"{old}{tail}"].to_series() for old, new in names.items()
               for tail in ("", "_mcse", "_ess")}  # fmt: skip
    return pd.DataFrame(columns)
