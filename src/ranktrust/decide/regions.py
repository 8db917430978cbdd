"""Regions among regions and trusts within their region, each draw ranked anew (decisions 9 and 12)."""

import pandas as pd
import xarray as xr

from ranktrust.ranks import group_means, pairs_above, rank_within, summarise_ranks
from ranktrust.vocabulary import CHAIN, DRAW, TRUST, Best

LEAST = 0.0005
"""A rank less probable than this has no row in a law that is kept."""


def group_rows(
    natural: xr.DataArray, groups: pd.Series, volumes: pd.Series, *, best: Best, prob: float
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Groups among groups by their volume-weighted mean, and the law of their ranks; both empty below two groups.

    Rows have group, trusts, estimate with bounds, rank_lower, rank_upper, p_first and p_last with `_mcse` and `_ess`.
    Trusts without a group or a volume are left out.
    """
    inside = [t for t in map(str, natural[TRUST].to_numpy()) if groups.get(t) and volumes.get(t, 0.0) > 0]
    chosen = groups[inside]
    if chosen.nunique() < 2:
        return pd.DataFrame(), pd.DataFrame()
    means = group_means(natural.sel({TRUST: inside}), chosen.to_dict(), volumes[inside].to_dict(), group_dim="group")
    summary = summarise_ranks(means, best=best, top=1, bottom=1, prob=prob)
    tails = (
        means.quantile([(1 - prob) / 2, (1 + prob) / 2], dim=(CHAIN, DRAW)).transpose("quantile", "group").to_numpy()
    )
    names = ["rank_lower", "rank_upper", "expected_rank", "ess_rank"]
    names += [f"p_{end}{tail}" for end in ("top", "bottom") for tail in ("", "_mcse", "_ess")]
    rows = summary.table[names].to_dataframe()
    rows = rows.rename(columns=lambda name: name.replace("p_top", "p_first").replace("p_bottom", "p_last"))
    rows = rows.assign(
        trusts=chosen.value_counts(),
        estimate=means.mean((CHAIN, DRAW)).to_series(),
        estimate_lower=tails[0],
        estimate_upper=tails[1],
    ).sort_values("expected_rank", kind="stable")
    pmf = summary.table["rank_pmf"].to_pandas()
    return rows.reset_index(), _long(pd.DataFrame(pmf), "group")


def within_rows(
    natural: xr.DataArray, groups: pd.Series, *, best: Best, prob: float
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Each trust among those of its group, and the law of that rank; a trust alone in its group has no row.

    Rows have trust, group, n, rank_lower, rank_upper, p_first and p_last with `_mcse` and `_ess`.
    """
    sizes = groups[[str(t) for t in natural[TRUST].to_numpy()]].value_counts()
    inside = [t for t in map(str, natural[TRUST].to_numpy()) if groups.get(t) and sizes[groups[t]] > 1]
    if not inside:
        return pd.DataFrame(), pd.DataFrame()
    summaries = rank_within(natural.sel({TRUST: inside}), groups[inside].to_dict(), best=best, top=1, prob=prob)
    names = ["rank_lower", "rank_upper", "expected_rank", "ess_rank"]
    names += [f"p_{end}{tail}" for end in ("top", "bottom") for tail in ("", "_mcse", "_ess")]
    rows, laws = [], []
    for group, summary in summaries.items():
        rows.append(summary.table[names].to_dataframe().assign(group=str(group), n=summary.n))
        laws.append(_long(pd.DataFrame(summary.table["rank_pmf"].to_pandas()), TRUST))
    every = pd.concat(rows).rename_axis(TRUST).reset_index()
    every = every.rename(columns=lambda name: name.replace("p_top", "p_first").replace("p_bottom", "p_last"))
    return every, pd.concat(laws, ignore_index=True)


def beside_rows(natural: xr.DataArray, groups: pd.Series, volumes: pd.Series, *, best: Best) -> pd.DataFrame:
    """P(trust better than the mean of its group) of every trust in a group of several, draw by draw.

    Rows have trust, group, n, p_above, p_above_mcse, ess. The mean is that of `group_rows`, the trust in it: a trust is
    better than the mean with itself exactly when it is better than that of the others. Empty where no group has two.
    """
    inside = [t for t in map(str, natural[TRUST].to_numpy()) if groups.get(t) and volumes.get(t, 0.0) > 0]
    sizes = groups[inside].value_counts()
    inside = [trust for trust in inside if sizes[groups[trust]] > 1]
    if not inside:
        return pd.DataFrame()
    chosen = groups[inside]
    levels = natural.sel({TRUST: inside})
    means = group_means(levels, chosen.to_dict(), volumes[inside].to_dict(), group_dim="group")
    own = {str(group): f"mean of {group}" for group in means["group"].to_numpy()}
    means = means.rename({"group": TRUST}).assign_coords({TRUST: list(own.values())})
    rows = pairs_above(xr.concat([levels, means], TRUST), [(t, own[chosen[t]]) for t in inside], best=best)
    rows = rows.drop(columns=["other", "bound"]).assign(group=chosen.to_numpy(), n=sizes[chosen].to_numpy())
    return rows[[TRUST, "group", "n", "p_above", "p_above_mcse", "ess"]]


def _long(pmf: pd.DataFrame, name: str) -> pd.DataFrame:
    """The law as rows of name, rank, probability; ranks hardly ever seen are left out."""
    long = (
        pmf.rename_axis(index=name, columns="rank").reset_index().melt(name, var_name="rank", value_name="probability")
    )
    return long[long["probability"] >= LEAST].reset_index(drop=True)
