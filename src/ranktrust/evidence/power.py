"""Power-scaling: how far the answer moves when a prior, or the likelihood, is made a little stronger or weaker.

A sensitivity near 0 says that scaling leaves a quantity where it is; from 0.05 on it moves (Kallioinen, Paananen,
Buerkner and Vehtari 2024, Statistics and Computing 34:57). Only top-level priors are scaled: the law of trusts around
their mean is part of the statement. The prior of the unattributed share is scaled apart from the others, since the data
cannot move it. Single ranks are left out: those of trusts at the ends take two values, and the measure says nothing of
them.
"""

from typing import Final

import numpy as np
import pandas as pd
import xarray as xr
from arviz_stats import psense  # type: ignore[attr-defined]
from numpy.typing import NDArray

from ranktrust.ranks import rank_series
from ranktrust.vocabulary import CHAIN, COVARIATE, DRAW, TRUST, Best, Latent

THRESHOLD: Final = 0.05
AGREEMENT: Final = "agreement with the published order"
COLUMNS: Final = ("quantity", "share_prior", "other_priors", "likelihood")
_SHARES: Final = ("share_of_upper", "unattributed_share")


def power_table(fit: xr.DataTree, *, latent: Latent, best: Best, ranked: bool) -> pd.DataFrame:
    """Sensitivity of hyperparameters, and of how far rank draws agree with the published order, with COLUMNS.

    `fit` needs posterior, log_prior and log_likelihood; without them, or without a top-level prior, the table is empty.
    A statement without a share has an empty column for its prior.
    """
    groups = {name: fit[name].to_dataset() for name in ("posterior", "log_prior", "log_likelihood") if name in fit}
    top = _top_level(groups["log_prior"]) if len(groups) == 3 else []
    quantities = {name: _one_number(groups["posterior"][name]) for name in top if name not in _SHARES}
    shown = {name: values for name, values in quantities.items() if values is not None}
    if ranked and top:
        shown[AGREEMENT] = agreement(groups["posterior"][latent], best=best)
    if not shown:
        return pd.DataFrame(columns=list(COLUMNS))
    groups["posterior"] = xr.Dataset({str(place): values for place, values in enumerate(shown.values())})
    scaled = xr.DataTree.from_dict(groups)
    share = [name for name in top if name in _SHARES]
    columns = {
        "share_prior": _moves(scaled, "prior", share),
        "other_priors": _moves(scaled, "prior", [name for name in top if name not in share]),
        "likelihood": _moves(scaled, "likelihood", [str(name) for name in groups["log_likelihood"].data_vars]),
    }
    return pd.DataFrame({"quantity": list(shown), **columns}, columns=list(COLUMNS))


def _top_level(log_prior: xr.Dataset) -> list[str]:
    """Parameters that are not one a trust or a region: those whose prior is chosen, not part of the statement."""
    allowed = {CHAIN, DRAW, COVARIATE}
    return [str(name) for name, values in log_prior.data_vars.items() if values.size and set(values.dims) <= allowed]


def _one_number(values: xr.DataArray) -> xr.DataArray | None:
    single = values.size == values.sizes[CHAIN] * values.sizes[DRAW]
    return values.squeeze(drop=True).rename(None) if single else None


def _moves(scaled: xr.DataTree, group: str, names: list[str]) -> NDArray[np.float64]:
    """How far each quantity moves when these terms are scaled; NaN where there are none.

    A density that is the same at every draw, as that of a flat prior, is the same when scaled: it moves nothing.
    """
    places = [str(name) for name in scaled["posterior"].data_vars]
    if not names:
        return np.full(len(places), np.nan)
    terms = scaled[f"log_{group}"].to_dataset()
    names = [name for name in names if float(terms[name].max() - terms[name].min()) > 0]
    if not names:
        return np.zeros(len(places))
    found = psense(scaled, group=group, group_var_names=names)  # type: ignore[no-untyped-call]
    return np.array([float(found[place]) for place in places])


def agreement(level: xr.DataArray, *, best: Best) -> xr.DataArray:
    """Correlation of the ranks of each draw with the expected ranks: 1 where a draw has the published order."""
    ranks = rank_series(level, best=best)
    order = ranks.mean((CHAIN, DRAW))
    return xr.corr(ranks, order, dim=TRUST).rename(None)
