"""The bands that an indicator's publisher gives its trusts, where the figures carry them."""

import pandas as pd

from ranktrust.assemble.tables import read_table
from ranktrust.panel import Panel, period_label
from ranktrust.study import Asked, Study

COLUMN = "official_band"


def official_bands(study: Study, asked: Asked, panel: Panel) -> pd.Series | None:
    """Published band of each trust of the panel, empty where it has none; None where there are none for its period.

    A band belongs to the period that it was published for, so a window of several periods has none.
    """
    rows = read_table(asked.name, study).rows
    if COLUMN not in rows:
        return None
    labels = [period_label(*pair) for pair in zip(rows["period_start"], rows["period_end"], strict=True)]
    found = rows[[label in panel.periods for label in labels]].drop_duplicates("trust").set_index("trust")[COLUMN]
    bands = found.reindex(panel.trusts.index).fillna("")
    return bands if (bands != "").any() else None
