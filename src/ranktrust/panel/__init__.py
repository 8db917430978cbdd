"""The observations of a study as named, validated, frozen data.

panel = check_panel(observations=..., trusts=..., indicators=...)
one = sum_periods(panel.one("ae_4h"), months=12)
one["numerator"], one.coords, one.dims("numerator")    # what a model file reads
"""

from ranktrust.panel.indicator import NO_SHARE, Benchmark, Indicator, Share, Standard, to_natural
from ranktrust.panel.join import join_indicators
from ranktrust.panel.panel import Panel, check_panel
from ranktrust.panel.periods import UNDATED, overlapping, period_dates, period_label, period_text, period_times
from ranktrust.panel.window import BASE, latest, sum_periods

__all__ = [
    "BASE",
    "NO_SHARE",
    "UNDATED",
    "Benchmark",
    "Indicator",
    "Panel",
    "Share",
    "Standard",
    "check_panel",
    "join_indicators",
    "latest",
    "overlapping",
    "period_dates",
    "period_label",
    "period_text",
    "period_times",
    "sum_periods",
    "to_natural",
]
