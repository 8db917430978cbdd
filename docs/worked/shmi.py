"""Draws for the worked example: SHMI of 118 trusts under other names, the posterior in closed form.

y_i = log(observed_i / expected_i) ~ Normal(total_i, s_i), s_i = 1 / sqrt(expected_i), total_i ~ Normal(m, tau), m the
log of all observed over all expected, tau = 0.12; of tau squared 18 % is set aside as nobody's own (docs/statistics.md,
decision 2), b = 0.82. So with w_i = tau^2 / (tau^2 + s_i^2)

    outcome_i | y ~ Normal(m + b w_i (y_i - m), sqrt(b^2 w_i s_i^2 + tau^2 b (1 - b)))
"""

from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr

DATA = Path(__file__).resolve().parents[2] / "data"
SEED, TAU, KEPT = 20261123, 0.12, 0.82


def panel():
    """Observed, expected and region by trust; trusts and regions under other names, in an order drawn at random."""
    rows = pd.read_csv(DATA / "shmi.csv").set_index("trust")[["observed", "expected"]].astype(float)
    rows["region"] = pd.read_csv(DATA / "trusts.csv").set_index("trust")["region"].reindex(rows.index)
    rng = np.random.default_rng(SEED)
    rows = rows.iloc[rng.permutation(len(rows))]
    letters = dict(zip(rng.permutation(sorted(rows["region"].unique())), "ABCDEFG", strict=False))
    return rows.assign(region=rows["region"].map(letters)).set_index(
        pd.Index([f"T{place:03d}" for place in range(1, len(rows) + 1)], name="trust")
    )


def estimates(rows):
    """The log of each trust's ratio and its standard error."""
    return np.log(rows["observed"] / rows["expected"]), 1 / np.sqrt(rows["expected"])


def draws(rows):
    """Posterior draws of the ratio, exp(outcome): 4 chains of 1,000, independent."""
    y, error = estimates(rows)
    m = np.log(rows["observed"].sum() / rows["expected"].sum())
    w = TAU**2 / (TAU**2 + error**2)
    mean = m + KEPT * w * (y - m)
    sd = np.sqrt(KEPT**2 * w * error**2 + TAU**2 * KEPT * (1 - KEPT))
    values = np.random.default_rng(SEED).normal(mean, sd, (4, 1000, len(rows)))
    return xr.DataArray(np.exp(values), dims=("chain", "draw", "trust"), coords={"trust": list(rows.index)})
