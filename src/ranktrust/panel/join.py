"""Panels of one indicator each to one panel of several."""

from collections.abc import Mapping

import pandas as pd

from ranktrust.panel.panel import Panel, check_panel


def join_indicators(panels: Mapping[str, Panel]) -> Panel:
    """One panel of several indicators, of every trust that has a figure of at least one of them.

    `panels` are one-indicator panels by indicator, of one study: their trusts and covariates agree where they share a
    trust. Trusts stand in the order in which they first occur. A trust without a figure of an indicator has no
    row for it. Raises ValueError where the panels nest different groups.
    """
    nested = {panel.nested for panel in panels.values()}
    if len(nested) != 1:
        raise ValueError(f"panels that nest different groups cannot be joined: {sorted(nested)}")

    def stacked(name: str) -> pd.DataFrame:
        frames: list[pd.DataFrame] = [getattr(panel, name) for panel in panels.values()]
        return pd.concat(frames)

    trusts, context = stacked("trusts"), stacked("context")
    return check_panel(
        observations=stacked("observations"),
        trusts=trusts[~trusts.index.duplicated()],
        indicators={name: panel.only for name, panel in panels.items()},
        context=context[~context.index.duplicated()],
        missing=stacked("missing"),
        left_out=stacked("left_out"),
        nested=nested.pop(),
    )
