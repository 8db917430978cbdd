"""Ranks within groups of trusts, and of groups among groups: each draw is ranked anew, never the table cut up.

A rank within a region is not a rank in England made smaller: it depends only on the trusts of the region, so it is
counted draw by draw among them (docs/statistics.md, decision 9). A region's own level is the volume-weighted mean of
its trusts in each draw, not a region effect of the model, which leaves its trusts' own part out (decision 12).
"""

from collections.abc import Hashable, Mapping

import numpy as np
import pandas as pd
import xarray as xr

from ranktrust.errors import UsageError
from ranktrust.ranks.draws import Draws, check_draws, listed
from ranktrust.ranks.summaries import RankSummary, rerank, summarise_ranks
from ranktrust.vocabulary import CHAIN, DRAW, Best

type Groups = Mapping[Hashable, Hashable]
type Volumes = Mapping[Hashable, float]


def rank_within(
    draws: xr.DataArray, groups: Groups, *, best: Best, top: int | None = None, prob: float = 0.95
) -> dict[Hashable, RankSummary]:
    """Rank the trusts of each group among themselves; `groups` names the group of every trust in the draws.

    Summaries come by group, in the order in which groups first appear in the draws, trusts in theirs. A trust alone in
    its group has no rank there, so that group has no summary. `top` serves both ends of every group; by default each
    has its own quarter.

    Raises UsageError for a trust without a group, and where no group has two trusts.
    """
    checked = check_draws(draws)
    several = {group: trusts for group, trusts in _members(checked, groups).items() if len(trusts) > 1}
    if not several:
        raise UsageError("every group has one trust alone, so that there is nothing to rank within any")
    return {group: rerank(draws, trusts, best=best, top=top, prob=prob) for group, trusts in several.items()}


def within_table(summaries: Mapping[Hashable, RankSummary], groups: Groups | None = None) -> pd.DataFrame:
    """One row a trust: `trust`, `group`, the group's `n` and `top`, then the columns of a rank table.

    Trusts that `groups` puts alone into a group come last: n is 1, and nothing else is said of them.
    """
    frames = []
    for group, summary in summaries.items():
        by_trust = [name for name, column in summary.table.items() if column.dims == (summary.trust_dim,)]
        frame = summary.table[by_trust].to_dataframe().rename_axis("trust").reset_index()
        frame.insert(1, "group", [group] * len(frame))
        frame.insert(2, "n", summary.n)
        frame.insert(3, "top", summary.top)
        frames.append(frame)
    alone = [(trust, group, 1) for trust, group in (groups or {}).items() if group not in summaries]
    table = pd.concat(frames, ignore_index=True)
    if not alone:
        return table
    rows = pd.DataFrame(alone, columns=["trust", "group", "n"])
    return table.merge(rows, how="outer").astype({"top": "Int64"})


def group_means(draws: xr.DataArray, groups: Groups, volumes: Volumes, *, group_dim: str) -> xr.DataArray:
    """Volume-weighted mean of each group's trusts in each draw, (chain, draw, `group_dim`), on the scale of the draws.

    Give draws on the natural scale, which is the recommended one: weighted by their denominators, the mean of trusts'
    proportions (or of ratios, by what was expected) is the region's own proportion (or ratio). On the link scale it is
    a mean of logits or logarithms, no region's rate, though it is less moved by one extreme trust; and as averaging and
    the link do not commute, the two may order regions differently.
    """
    checked = check_draws(draws)
    members = _members(checked, groups)
    if group_dim in {CHAIN, DRAW, checked.trust_dim}:
        raise UsageError(f"group_dim {group_dim!r} is already a dimension of the draws")
    volume = pd.Series(_volume(checked, volumes), index=checked.trusts)
    weights = np.stack([volume.where(checked.trusts.isin(trusts), 0.0).to_numpy() for trusts in members.values()])
    empty = [group for group, total in zip(members, weights.sum(axis=1), strict=True) if total == 0]
    if empty:
        raise UsageError(f"no trust of {listed(empty)} has any volume: its mean is not defined")
    means = np.tensordot(weights / weights.sum(axis=1, keepdims=True), checked.values, axes=1)
    return xr.DataArray(np.moveaxis(means, 0, -1), dims=(CHAIN, DRAW, group_dim), coords={group_dim: list(members)})


def rank_groups(  # noqa: PLR0913 - keyword-only but for the draws and what each trust belongs to and weighs
    draws: xr.DataArray,
    groups: Groups,
    volumes: Volumes,
    *,
    best: Best,
    group_dim: str,
    top: int | None = None,
    prob: float = 0.95,
) -> RankSummary:
    """Rank groups among groups by their volume-weighted mean in each draw: see `group_means` for the scale."""
    means = group_means(draws, groups, volumes, group_dim=group_dim)
    return summarise_ranks(means, best=best, top=top, bottom=top, prob=prob)


def _members(draws: Draws, groups: Groups) -> dict[Hashable, list[Hashable]]:
    """Trusts of each group, both in the order of the draws."""
    names = draws.trusts.to_list()
    absent = [name for name in names if name not in groups or groups[name] != groups[name]]
    if absent:
        raise UsageError(f"no group for {draws.trust_dim} {listed(absent)}; name one, or leave them out of the draws")
    members: dict[Hashable, list[Hashable]] = {}
    for name in names:
        members.setdefault(groups[name], []).append(name)
    return members


def _volume(draws: Draws, volumes: Volumes) -> list[float]:
    names = draws.trusts.to_list()
    absent = [name for name in names if name not in volumes]
    if absent:
        raise UsageError(f"no volume for {draws.trust_dim} {listed(absent)}")
    wrong = [name for name in names if not (np.isfinite(volumes[name]) and volumes[name] >= 0)]
    if wrong:
        raise UsageError(f"volumes of {listed(wrong)} are not numbers of 0 or more")
    return [float(volumes[name]) for name in names]
