"""A few single draws of the whole order: tables that these data allow, none of them the answer."""

import numpy as np
import pandas as pd
import xarray as xr

from ranktrust.ranks import rank_series
from ranktrust.vocabulary import CHAIN, DRAW, TRUST, Best

STEPS = 20


def rank_steps(level: xr.DataArray, *, best: Best, count: int = STEPS) -> pd.DataFrame:
    """Rank of every trust in `count` draws spread evenly over all chains, by trust; columns 1 to `count`.

    Draws are taken by their place alone, never by what they say. A tied rank is rounded up.
    """
    series = rank_series(level, best=best).transpose(TRUST, CHAIN, DRAW).to_numpy()
    flat = series.reshape(len(series), -1)
    places = np.linspace(0, flat.shape[1] - 1, count).round().astype(int)
    ranks = np.ceil(flat[:, places]).astype(int)
    index = pd.Index([str(name) for name in level[TRUST].to_numpy()], name=TRUST)
    return pd.DataFrame(ranks, index=index, columns=range(1, count + 1))
