"""What each indicator borrows from the others: its order in the profile beside that of its own fit."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from ranktrust.league import LeagueTable
from ranktrust.panel import to_natural
from ranktrust.ranks import grade_trusts, poth, summarise_ranks
from ranktrust.run.answer import SHARE
from ranktrust.study import Study
from ranktrust.vocabulary import CHAIN, DRAW, INDICATOR, TRUST


def borrowed_rows(study: Study, answered: Sequence[LeagueTable], posterior: xr.Dataset) -> pd.DataFrame:
    """One row an indicator, over the trusts with a figure of it: `_own` columns from its own fit, others the profile's.

    `posterior` is the profile's. `share` is the mean of the unattributed share: by itself that of its prior, which one
    indicator's figures cannot move. `width` is the mean width of the levels' intervals on the natural scale. Ranks are
    set beside each other only where the study ranks the indicator: POTH, mean width of the rank interval in places,
    number of bands, `mean_change` and `largest_change` of expected rank (absolute, with the largest Monte Carlo error),
    and `pairs_changed`, the share of pairs that the bands of exactly one of the two fits separate.
    """
    rows = [_row(study, table, posterior) for table in answered]
    return pd.DataFrame(rows, columns=[INDICATOR, "title", "n", "ranked", *_WIDTHS, *_RANKED]).set_index(INDICATOR)


def _row(study: Study, table: LeagueTable, posterior: xr.Dataset) -> dict[str, Any]:
    facts, own, draws = table.facts, table.rows, posterior[study.ranks.latent]
    series = draws.sel({INDICATOR: facts.indicator}, drop=True).sel({TRUST: list(own.index)})
    natural = to_natural(facts.kind, series.transpose(CHAIN, DRAW, TRUST).to_numpy())
    lower, upper = np.quantile(natural, [(1 - facts.prob) / 2, (1 + facts.prob) / 2], axis=(0, 1))
    shares = (facts.share_mean, _share_of(posterior, facts.indicator))
    widths = (float((own["estimate_upper"] - own["estimate_lower"]).mean()), float((upper - lower).mean()))
    said = {INDICATOR: facts.indicator, "title": facts.title, "n": facts.n, "ranked": facts.ranked}
    said |= dict(zip(_WIDTHS, (*shares, *widths), strict=True))
    return said | (_ranks(study, table, series) if facts.ranked else dict.fromkeys(_RANKED, np.nan))


_WIDTHS = ("share_own", "share", "width_own", "width")
_RANKED = (
    "poth_own", "poth", "rank_width_own", "rank_width", "mean_change", "largest_change", "change_mcse",
    "bands_own", "bands", "pairs_changed",
)  # fmt: skip


def _ranks(study: Study, table: LeagueTable, series: xr.DataArray) -> dict[str, Any]:
    facts, own, options = table.facts, table.rows, study.ranks
    summary = summarise_ranks(series, best=facts.best, top=options.top, bottom=options.bottom, prob=options.prob)
    ranks = pd.DataFrame({
        name: summary.table[name].to_series()
        for name in ("expected_rank", "expected_rank_mcse", "rank_lower", "rank_upper")
    }).loc[own.index]  # fmt: skip
    bands = grade_trusts(series, best=facts.best, lambda_=options.band_lambda).table["grade"].to_series()
    change = (ranks["expected_rank"] - own["expected_rank"]).abs()
    error = np.hypot(ranks["expected_rank_mcse"], own["expected_rank_mcse"])
    found = (
        facts.poth, poth(summary), _places(own), _places(ranks), change.mean(), change.max(), error.max(),
        len(facts.band_sizes), bands.max(), _pairs_changed(own["band"].astype(int), bands.loc[own.index]),
    )  # fmt: skip
    return {name: float(value) for name, value in zip(_RANKED, found, strict=True)}


def _share_of(posterior: xr.Dataset, indicator: str) -> float:
    """Posterior mean of an indicator's unattributed share; 0 under a statement without one."""
    if SHARE not in posterior:
        return 0.0
    place = list(posterior[INDICATOR].to_numpy()).index(indicator)
    return float(posterior[SHARE].mean((CHAIN, DRAW)).to_numpy()[place])


def _pairs_changed(one: pd.Series, other: pd.Series) -> float:
    """The share of pairs of trusts that are in one band in exactly one of two gradings."""
    apart = [grades.to_numpy()[:, None] != grades.to_numpy() for grades in (one, other)]
    n = len(one)
    return float((apart[0] ^ apart[1]).sum() / (n * (n - 1)))


def _places(rows: pd.DataFrame) -> float:
    return float((rows["rank_upper"] - rows["rank_lower"] + 1).mean())
