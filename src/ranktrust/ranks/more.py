"""Statements that need more than draws and a direction: a margin, a target, estimates, groups, or an earlier period."""

from collections.abc import Hashable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr

from ranktrust.ranks.companions import read_companion
from ranktrust.ranks.draws import check_draws
from ranktrust.ranks.frequentist import rank_sets, tau_best, tau_worst
from ranktrust.ranks.hierarchy import rankability, unit_reliability
from ranktrust.ranks.levels import rank_groups, rank_within, within_table
from ranktrust.ranks.selection import BANDS, FDR, Selection, band_against, select_beyond, select_end
from ranktrust.ranks.stability import rank_stability
from ranktrust.ranks.statements import equivalence_rank, p_above_by
from ranktrust.ranks.summaries import RankSummary
from ranktrust.vocabulary import TRUST, Best

type Row = tuple[str, float, float]

OPTIONAL = ("equivalence", "p_above_by", "against", "estimate_sets", "within_groups", "group_ranks", "stability")
"""Tables that are there only when what they need was given."""
NO_MCSE = float("nan")


@dataclass(frozen=True)
class Asked:
    """What a caller gives beside draws and direction; each None leaves its statements out.

    `delta` is a margin and `target` a value on the scale of the draws. `fdr` and `capacity` limit the lists of trusts
    named. `estimates` and `groups` are CSV files by trust, with `estimate` and `standard_error`, and with `group` and,
    where groups are ranked too, `volume`. `before` are draws of an earlier period, joint with those of this one.
    """

    delta: float | None = None
    target: float | None = None
    fdr: float = FDR
    capacity: int | None = None
    estimates: Path | None = None
    groups: Path | None = None
    before: xr.DataArray | None = None


@dataclass(frozen=True)
class More:
    """Tables by name, `named` trusts by list, and rows of the precision table: `statement`, `value`, `mcse`."""

    tables: dict[str, pd.DataFrame]
    named: dict[str, list[Hashable]] = field(default_factory=dict)
    precision: list[Row] = field(default_factory=list)


def more_statements(draws: xr.DataArray, summary: RankSummary, asked: Asked, *, set_prob: float) -> More:
    """Everything that `asked` allows to say, beside the summary of the same draws.

    Tables: `selection`, and of OPTIONAL those that were asked for. Raises UsageError or DataError where that fails.
    """
    parts = [_lists(draws, summary, asked)]
    if asked.delta is not None:
        parts.append(_equivalence(draws, summary, asked.delta))
    if asked.target is not None:
        parts.append(_against(draws, asked.target, asked))
    if asked.estimates is not None:
        parts.append(_from_estimates(draws, summary, asked.estimates, set_prob))
    if asked.groups is not None:
        parts.append(_of_groups(draws, summary, asked.groups))
    if asked.before is not None:
        parts.append(_since(asked.before, draws, summary.best))
    tables = {name: table for part in parts for name, table in part.tables.items()}
    return More(tables, parts[0].named, [row for part in parts for row in part.precision])


def _lists(draws: xr.DataArray, summary: RankSummary, asked: Asked) -> More:
    """Trusts to name as first or last, and as beyond the target and its margin, with what naming them costs."""
    end = partial(select_end, draws, best=summary.best, capacity=asked.capacity, fdr=asked.fdr)
    found = {"top": end(k=summary.top, end="top"), "bottom": end(k=summary.bottom, end="bottom")}
    if asked.target is not None:
        beyond = partial(select_beyond, draws, capacity=asked.capacity, fdr=asked.fdr)
        delta = asked.delta or 0.0
        found["above"] = beyond(threshold=asked.target + delta, direction="above")
        found["below"] = beyond(threshold=asked.target - delta, direction="below")
    table = pd.concat([_by_trust(each.table).assign(list=name) for name, each in found.items()], ignore_index=True)
    columns = ["list", TRUST, "p_belongs", "p_belongs_mcse", "p_belongs_ess", "selected"]
    rows = [row for name, each in found.items() for row in _costs(name, each)]
    return More({"selection": table[columns]}, {name: each.named for name, each in found.items()}, rows)


def _costs(name: str, selection: Selection) -> list[Row]:
    wholes = [
        (f"named_{name}_{cost}", selection.table[cost].item(), selection.table[f"{cost}_mcse"].item())
        for cost in ("false_discoveries", "posterior_fdr", "omissions")
    ]
    return [(f"named_{name}", float(len(selection.named)), NO_MCSE), *wholes]


def _equivalence(draws: xr.DataArray, summary: RankSummary, delta: float) -> More:
    by_trust = _by_trust(equivalence_rank(draws, delta, best=summary.best))
    by_pair = p_above_by(draws, delta, best=summary.best)["p_above_by"]
    return More({"equivalence": by_trust, "p_above_by": _matrix(by_pair)})


def _against(draws: xr.DataArray, target: float, asked: Asked) -> More:
    table = band_against(draws, target, delta=asked.delta or 0.0, fdr=asked.fdr).table
    rows = [
        (f"against_{label}_{name}", table[name].sel(label=label).item(), table[f"{name}_mcse"].sel(label=label).item())
        for label in BANDS
        for name in ("wrong_labels", "posterior_fdr")
    ]
    return More({"against": _by_trust(table)}, precision=rows)


def _from_estimates(draws: xr.DataArray, summary: RankSummary, path: Path, prob: float) -> More:
    """Sets that cover true ranks in repeated samples, and how much of the differences is not sampling noise.

    The spread of the trusts in each draw stands for tau, so the standard errors must be on the scale of the draws.
    """
    checked = check_draws(draws)
    given = ("estimate", "standard_error")
    rows = read_companion(path, checked.trusts.to_list(), columns=given, numbers=given)
    sets = partial(rank_sets, rows["estimate"], best=summary.best, standard_error=rows["standard_error"], prob=prob)
    at_once, each = sets(), sets(coverage="marginal")
    spread = checked.values.std(axis=0, ddof=1).ravel()
    share = rankability(spread, rows["standard_error"])
    table = rows.assign(
        **_bounds("simultaneous", at_once.table),
        **_bounds("marginal", each.table),
        may_be_top=rows.index.isin(tau_best(at_once, summary.top)),
        may_be_bottom=rows.index.isin(tau_worst(at_once, summary.bottom)),
        reliability=unit_reliability(spread, rows["standard_error"]).mean(axis=0),
    )
    points = [(f"rankability_{point:g}", float(np.quantile(share, point)), NO_MCSE) for point in (0.05, 0.95)]
    return More(
        {"estimate_sets": table.reset_index()}, precision=[("rankability", float(share.mean()), NO_MCSE), *points]
    )


def _bounds(name: str, table: xr.Dataset) -> dict[str, np.ndarray]:
    return {f"{name}_{end}": table[f"rank_{end}"].to_numpy() for end in ("lower", "upper")}


def _of_groups(draws: xr.DataArray, summary: RankSummary, path: Path) -> More:
    """Ranks within each group, and of the groups where volumes are given, whose means are on the scale of the draws."""
    trusts = check_draws(draws).trusts.to_list()
    rows = read_companion(path, trusts, columns=("group",), numbers=("volume",))
    groups = rows["group"].to_dict()
    tables = {"within_groups": within_table(rank_within(draws, groups, best=summary.best, prob=summary.prob), groups)}
    if rows["volume"].notna().all():
        volumes = rows["volume"].to_dict()
        ranked = rank_groups(draws, groups, volumes, best=summary.best, group_dim="group", prob=summary.prob)
        by_group = [name for name, column in ranked.table.items() if column.dims == ("group",)]
        tables["group_ranks"] = ranked.table[by_group].to_dataframe().reset_index()
    return More(tables)


def _since(before: xr.DataArray, now: xr.DataArray, best: Best) -> More:
    """Movement since an earlier period; what counts as moved is more than a tenth of the places."""
    found = rank_stability(before, now, best=best, places=max(1, check_draws(now).n // 10))
    rows = [
        ("expected_spearman_with_before", found.expected_spearman, found.expected_spearman_mcse),
        ("moved_is_more_than_places", float(found.places), NO_MCSE),
    ]
    return More({"stability": _by_trust(found.table)}, precision=rows)


def _by_trust(table: xr.Dataset) -> pd.DataFrame:
    """The columns by trust, one row a trust."""
    names = [name for name, column in table.items() if len(column.dims) == 1 and column.dims[0] != "label"]
    return table[names].to_dataframe()[names].rename_axis(TRUST).reset_index()


def _matrix(pairs: xr.DataArray) -> pd.DataFrame:
    return pd.DataFrame(pairs.to_pandas()).rename_axis(TRUST).reset_index()
