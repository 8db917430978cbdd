"""Who works in a similar context: neighbours by the study's covariates, not by results (decision 12)."""

import numpy as np
import pandas as pd

from ranktrust.vocabulary import TRUST

NEAREST = 10
COLUMNS = (TRUST, "other", "place", "distance")


def nearest(context: pd.DataFrame, types: pd.Series, *, count: int = NEAREST) -> pd.DataFrame:
    """The `count` nearest trusts of each trust's own type: trust, other, place from 1, distance.

    Distance is Mahalanobis's on the covariates of `context` (trust by covariate), with their covariance over all
    trusts; covariates that do not vary are left out. Equal distances go by code. No row where there is no covariate.
    """
    varying = context.loc[:, context.std() > 0]
    if varying.empty or not len(varying.columns):
        return pd.DataFrame(columns=list(COLUMNS))
    inverse = np.linalg.pinv(np.atleast_2d(np.cov(varying.to_numpy(), rowvar=False)))
    rows = [_of_one(trust, varying, types, inverse, count) for trust in varying.index]
    return pd.concat(rows, ignore_index=True)


def _of_one(trust: str, context: pd.DataFrame, types: pd.Series, inverse: np.ndarray, count: int) -> pd.DataFrame:
    others = context.index[(types[context.index] == types[trust]) & (context.index != trust)]
    apart = context.loc[others].to_numpy() - context.loc[trust].to_numpy()
    distance = np.sqrt(np.einsum("ij,jk,ik->i", apart, inverse, apart))
    found = pd.DataFrame({TRUST: trust, "other": others, "distance": distance})
    found = found.sort_values(["distance", "other"], kind="stable").head(count).reset_index(drop=True)
    return found.assign(place=found.index + 1)[list(COLUMNS)]
