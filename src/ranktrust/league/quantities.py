"""What a trajectory says of its trusts, draw by draw: the latest level, the mean of a window, and change."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import xarray as xr

from ranktrust.errors import ModelFileError
from ranktrust.league.shares import window_variances
from ranktrust.panel import Panel, SpanPanels, from_natural, reported, to_natural
from ranktrust.vocabulary import PERIOD, TRUST, Kind

LEVELS = ("total", "outcome", "performance")
PARAMETERS = ("s", "moving", "persistence", "unattributed_share")
MORE = ("beta", "step")
"""Parameters that a statement may do without: effects of context, and the sd of the national path's steps."""


@dataclass(frozen=True, eq=False)
class Quantities:
    """Draws of what is reported, on the link scale.

    `latest` and `window` hold total, outcome and performance by trust, with `s` the sd between trusts of each;
    `before` and `now` the outcome of the trusts that reported in both periods; `national` the path of the set, by
    period; `paths` the outcome of every trust and period. A mean over the window is one of natural values, put back on
    the link scale.
    """

    latest: xr.Dataset
    window: xr.Dataset
    before: xr.DataArray
    now: xr.DataArray
    national: xr.DataArray
    paths: xr.DataArray
    parameters: Mapping[str, xr.DataArray]
    periods: tuple[str, str]

    @property
    def national_change(self) -> xr.DataArray:
        """The national path's change between the two periods, on the link scale."""
        before, now = self.periods
        return self.national.sel({PERIOD: now}, drop=True) - self.national.sel({PERIOD: before}, drop=True)

    @property
    def absolute(self) -> xr.DataArray:
        """Change with the national path."""
        return self.now - self.before

    @property
    def relative(self) -> xr.DataArray:
        """Change of the distance from the national path: a constant less in each draw, so ranks are the same."""
        return self.absolute - self.national_change


def quantities(fit: xr.DataTree, panels: SpanPanels) -> Quantities:
    """What the fit of a trajectory says. Raises ModelFileError where its statement left a part out."""
    posterior = fit["posterior"].to_dataset()
    lacking = [name for name in (*LEVELS, "national", *PARAMETERS) if name not in posterior]
    if lacking:
        raise ModelFileError(
            f"model {fit.attrs.get('model')!r} leaves no {', '.join(lacking)}, which a trajectory needs; "
            "see models/trajectory_proportion.py"
        )
    spans, kind, times = panels.spans, panels.every.only.kind, panels.every["period_time"]
    places = [panels.every.periods.index(label) for label in spans.window]
    both = reported(panels.every, [spans.before, spans.latest])
    outcome = posterior["outcome"].sel({TRUST: list(both)})
    beta = {name: posterior[name] for name in ("beta",) if name in posterior}
    now, mean = {"s": posterior["s"], **beta}, {"s": _sd(posterior, times[places]), **beta}
    return Quantities(
        latest=_levels(posterior, panels.latest, (spans.latest,), kind).assign(now),
        window=_levels(posterior, panels.window, spans.window, kind).assign(mean),
        before=outcome.sel({PERIOD: spans.before}, drop=True),
        now=outcome.sel({PERIOD: spans.latest}, drop=True),
        national=posterior["national"],
        paths=posterior["outcome"],
        parameters={name: posterior[name] for name in (*PARAMETERS, *MORE) if name in posterior},
        periods=(spans.before, spans.latest),
    )


def _sd(posterior: xr.Dataset, times: object) -> xr.DataArray:
    parts = window_variances(posterior, np.asarray(times))  # type: ignore[arg-type]
    return (parts["lasting"] + parts["moving"] + parts["noise"]) ** 0.5


def _levels(posterior: xr.Dataset, panel: Panel, periods: tuple[str, ...], kind: Kind) -> xr.Dataset:
    chosen = posterior[list(LEVELS)].sel({TRUST: list(panel.trusts.index), PERIOD: list(periods)})
    if len(periods) == 1:
        return chosen.isel({PERIOD: 0}, drop=True)
    means = natural(kind, chosen).mean(PERIOD)
    back: xr.Dataset = xr.apply_ufunc(lambda values: from_natural(kind, values), means)
    return back


def natural[T: (xr.Dataset, xr.DataArray)](kind: Kind, values: T) -> T:
    """Link-scale draws on the natural scale."""
    changed: T = xr.apply_ufunc(lambda array: to_natural(kind, array), values)
    return changed
