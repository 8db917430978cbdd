"""The small panels that the contract's checks build on, for tests of models and fits."""

from ranktrust.contract import made_indicator, make_panel, panel_for
from ranktrust.panel import Panel
from ranktrust.vocabulary import Kind

__all__ = ["made_indicator", "make_panel", "make_trajectory", "panel_for"]


def make_trajectory(kind: Kind, *, trusts: int = 8, periods: int = 4, covariates: int = 1) -> Panel:
    """A panel of several years in which T01 has a gap in the last year but one and T02 starts a year late."""
    panel = make_panel(kind, trusts=trusts, periods=periods, covariates=covariates)
    rows = panel.observations
    gap = (rows["trust"] == "T01") & rows["period"].isin(panel.periods[1:-1][-1:])
    late = (rows["trust"] == "T02") & (rows["period"] == panel.periods[0]) & (periods > 1)
    return panel.derive(observations=rows[~gap & ~late])
