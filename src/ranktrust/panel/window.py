"""The sum of the latest periods of one indicator."""

import pandas as pd

from ranktrust.panel.panel import Panel, kind_columns
from ranktrust.panel.periods import UNDATED, period_label

BASE = "base"
"""Column of the number of responses that an estimate rests on, where it is known; no model reads it."""


def latest(periods: tuple[str, ...], months: int) -> tuple[str, ...]:
    """The periods that end within `months` months of the end of the last one, all of them if fewer."""
    if UNDATED in periods:
        return periods
    last = pd.Timestamp(periods[-1].split("/")[1])
    first = (last + pd.Timedelta(days=1)) - pd.DateOffset(months=months)
    return tuple(label for label in periods if pd.Timestamp(label.split("/")[0]) >= first)


def sum_periods(panel: Panel, months: int = 12) -> Panel:
    """A one-indicator panel whose only period is the latest `months` months, counts added up by trust.

    Counts (observed, expected, numerator, denominator) are sums over the periods a trust has; estimates
    are taken from the last period, as they do not add, with the base that they rest on where it is known. A trust that
    submitted only some periods keeps what it has and stands in `missing` for the rest.
    """
    columns = [*kind_columns(panel), *({BASE} & set(panel.observations))]
    chosen = latest(panel.periods, months)
    if panel.only.kind == "estimate":
        chosen = chosen[-1:]
    rows = panel.observations.query("period in @chosen")
    totals = rows.groupby("trust", sort=False)[columns].sum().reset_index()
    label = chosen[0] if len(chosen) == 1 else period_label(chosen[0].split("/")[0], chosen[-1].split("/")[1])
    observations = totals.assign(indicator=panel.only.name, period=label)
    trusts = panel.trusts.loc[[trust for trust in panel.trusts.index if trust in set(totals["trust"])]]
    return panel.derive(
        observations=observations[["trust", "indicator", "period", *columns]],
        trusts=trusts,
        context=panel.context.loc[trusts.index],
        missing=panel.missing.query("period in @chosen"),
    )
