"""Trusts whose figure may not be published: the model sees them, and what is published holds no level of theirs.

A level gives away the figure that it rests on: with its denominator and the spread between trusts, a posterior mean
tells a hidden count to within about two. So a fit loses these trusts before anything is made of it.
"""

from collections.abc import Iterable

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from ranktrust.league.published import hidden_figures
from ranktrust.panel import Panel
from ranktrust.vocabulary import OBSERVATION, TRUST

REASON = "suppressed"
_PLACES = "trust_idx"


def publishable_panel(panel: Panel) -> Panel:
    """The panel of one indicator, in one period or several, without the trusts that have a hidden figure in any.

    Each stands in `missing` as suppressed, with its name as the note.
    """
    if panel.only.disclosure == "none":
        return panel
    parts = [panel.observations.query("period == @period") for period in panel.periods]
    return without_trusts(panel, {code for rows in parts for code in _hidden(panel, rows)})


def _hidden(panel: Panel, rows: pd.DataFrame) -> list[str]:
    return hidden_figures(panel.derive(observations=rows))


def without_trusts(panel: Panel, codes: Iterable[str]) -> Panel:
    """The panel without some trusts, which stand in `missing` as suppressed in the first of its periods."""
    gone = [str(code) for code in panel.trusts.index if code in set(codes)]
    if not gone:
        return panel
    names = panel.trusts.loc[gone, "name"].tolist()
    first = {"indicator": panel.only.name, "period": panel.periods[0], "reason": REASON}
    absent = pd.DataFrame({"trust": gone, "note": names}).assign(**first)
    return panel.derive(
        observations=panel.observations.query("trust not in @gone"),
        trusts=panel.trusts.drop(index=gone),
        context=panel.context.drop(index=gone),
        missing=pd.concat([panel.missing, absent[list(panel.missing.columns)]], ignore_index=True),
    )


def publishable(panel: Panel, fit: xr.DataTree) -> tuple[Panel, xr.DataTree]:
    """The panel of one indicator in one period and its fit, without the trusts whose figure is hidden, in every group.

    The fit may be one that lacks these trusts already. Both come back as they are where no figure is hidden.
    """
    shown = publishable_panel(panel)
    if shown is panel:
        return panel, fit
    trusts = panel.trusts.index.isin(shown.trusts.index)
    rows = panel.observations[TRUST].isin(shown.trusts.index).to_numpy()
    groups = {name: _kept(group.to_dataset(), trusts, rows) for name, group in fit.children.items()}
    tree = xr.DataTree.from_dict(groups)
    tree.attrs = dict(fit.attrs)
    return shown, tree


def _kept(group: xr.Dataset, trusts: NDArray[np.bool_], rows: NDArray[np.bool_]) -> xr.Dataset:
    """A group with the trusts and observations kept, where it has these dimensions and has them all."""
    if group.sizes.get(OBSERVATION) == len(rows):
        group = group.isel({OBSERVATION: np.flatnonzero(rows)})
        group = group.assign_coords({OBSERVATION: np.arange(group.sizes[OBSERVATION])})
        if _PLACES in group:
            place = np.cumsum(trusts) - 1
            group = group.assign({_PLACES: (group[_PLACES].dims, place[group[_PLACES].to_numpy()])})
    return group.isel({TRUST: np.flatnonzero(trusts)}) if group.sizes.get(TRUST) == len(trusts) else group
