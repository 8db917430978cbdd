"""Official segments as a function of one indicator's levels, for its calibration."""

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from ranktrust.composite import average_draws, override, place_absent, segment_of
from ranktrust.evidence import Segments
from ranktrust.panel import Panel, to_natural
from ranktrust.run.oversight import delta_of, read_official
from ranktrust.study import Study
from ranktrust.vocabulary import TRUST


def segments_of(study: Study, panel: Panel) -> Segments | None:
    """The segment, after the override, that levels of `total` on the link scale give each trust of the panel.

    All other metrics stay as published, and so does the score of the trust's real figure that its level is set
    against: truth and draws are scored by one fixed rule. Trusts that are not in the published table are left out. None
    where the study has no official scoring, or it does not score this indicator.
    """
    official, indicator = study.official, panel.only
    scored = {metric.indicator: metric for metric in official.metric} if official else {}
    if official is None or indicator.name not in scored:
        return None
    published, metrics = read_official(study)
    placed = place_absent(published, official)
    deficit = placed["in_deficit"].to_numpy(bool)
    kept = [trust for trust in panel.trusts.index if trust in placed.index]
    places = placed.index.get_indexer(pd.Index(kept))

    def segments(total: xr.DataArray) -> NDArray[np.int64]:
        natural = total.copy(data=to_natural(indicator.kind, total.to_numpy()))
        delta = delta_of(scored[indicator.name], natural, panel, metrics).sel({TRUST: kept})
        scores = average_draws(placed, {indicator.name: delta}, official).to_numpy()
        found: NDArray[np.int64] = override(segment_of(scores, official), deficit, official.override)[..., places]
        return found

    return segments
