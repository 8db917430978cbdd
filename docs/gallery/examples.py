"""Draws for the gallery: figures of data/, and draws about them from a fixed seed. No model is fitted here.

The draws are quick stand-ins for a posterior (a normal on the logit scale, shrunk; a conjugate beta), good enough to
show what a picture looks like. Nothing may be concluded about any trust from them.
"""

from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr

HERE = Path(__file__).resolve().parent
DATA = HERE.parents[1] / "data"
OUT = HERE
SHARE = 0.13  # of the variance between trusts that is not performance (data/indicators.toml, ae_4h, long run)


def save(drawing, script):
    """Write the wide form beside the script, on white, and return the drawing; a test sets another folder as OUT."""
    name = f"{Path(script).stem}.svg"
    start = drawing.wide.index(">") + 1
    ground = '<rect width="100%" height="100%" fill="white"/>'
    (OUT / name).write_text(f"{drawing.wide[:start]}{ground}{drawing.wide[start:]}", encoding="utf-8")
    return drawing


def _figures(name):
    return pd.read_csv(DATA / f"{name}.csv")


def _chains(values, trusts, dim):
    stacked = values.reshape(4, -1, len(trusts))
    return xr.DataArray(stacked, dims=("chain", "draw", dim), coords={dim: list(trusts)})


def surgical():
    """Mortality of the 12 Surgical hospitals of BUGS: exact draws under a Beta(3, 37) prior; the lowest is best."""
    rows = _figures("surgical").set_index("trust")
    random = np.random.default_rng(1)
    shape = (4000, len(rows))
    draws = random.beta(3 + rows["numerator"], 37 + rows["denominator"] - rows["numerator"], shape)
    return _chains(draws, rows.index, "hospital")


def four_hours():
    """Twelve months of A&E within four hours by general trust; the highest is best."""
    return four_hours_of_two_years()[1]


def four_hours_of_two_years():
    """The twelve months before and the last twelve, drawn jointly."""
    rows = _figures("ae_4h")
    trusts = _figures("trusts").set_index("trust")
    general = trusts.index[(trusts["type"] == "Acute trust") & (trusts["subtype"] != "Acute - Specialist")]
    months = rows["trust"].value_counts()
    rows = rows[rows["trust"].isin(months.index[months == 26].intersection(general))]
    months = sorted(rows["period_start"].unique())
    years = [rows[rows["period_start"].isin(part)] for part in (months[-24:-12], months[-12:])]
    sums = [year.groupby("trust")[["numerator", "denominator"]].sum() for year in years]
    random = np.random.default_rng(2)
    return tuple(_chains(_draws(year, random), year.index, "trust") for year in sums)


def _draws(year, random):
    share = year["numerator"] / year["denominator"]
    logit = np.log(share / (1 - share))
    kept = logit.mean() + (1 - SHARE) * (logit - logit.mean())
    error = np.sqrt(1 / (year["denominator"] * share * (1 - share)) + SHARE * (1 - SHARE) * logit.var())
    return random.normal(kept, error, (4000, len(year)))


def shmi():
    """Observed and expected deaths by trust."""
    rows = _figures("shmi").set_index("trust")
    return rows["observed"].astype(float), rows["expected"].astype(float)
