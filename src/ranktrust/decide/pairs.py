"""Every pair of trusts with the error of its own series, for pages on which any pair may be looked up."""

from itertools import combinations

import pandas as pd
import xarray as xr

from ranktrust.ranks import pairs_above
from ranktrust.vocabulary import TRUST, Best

CHUNK = 600
"""Pairs compared at a time: 600 series of 10,000 draws take 48 MB."""


def pair_rows(level: xr.DataArray, *, best: Best) -> pd.DataFrame:
    """One row an unordered pair, in the order of the draws: trust, other, p_above, p_above_mcse, ess.

    `p_above` is P(trust is better than other); the error is at the ESS of the pair's own series, or at the smaller rank
    ESS of the two where every draw agrees (ranks.pairs_above).
    """
    pairs = list(combinations([str(name) for name in level[TRUST].to_numpy()], 2))
    parts = [pairs_above(level, pairs[at : at + CHUNK], best=best) for at in range(0, len(pairs), CHUNK)]
    return pd.concat(parts, ignore_index=True).drop(columns="bound")
