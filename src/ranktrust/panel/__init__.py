"""The observations of a study as named, validated, frozen data.

panel = check_panel(observations=..., trusts=..., indicators=...)
one = sum_periods(panel.one("ae_4h"), months=12)
one["numerator"], one.coords, one.dims("numerator")    # what a model file reads
"""

from ranktrust.panel.alone import levels_alone
from ranktrust.panel.indicator import NO_SHARE, Benchmark, Indicator, Share, Standard, from_natural, to_natural
from ranktrust.panel.join import join_indicators
from ranktrust.panel.panel import Panel, check_panel, kind_columns
from ranktrust.panel.periods import UNDATED, overlapping, period_dates, period_label, period_text, period_times
from ranktrust.panel.spans import LEAST_OF_WINDOW, SpanPanels, Spans, followed, reported, span_panels, spans_of
from ranktrust.panel.window import BASE, latest, sum_periods

__all__ = [
    "BASE",
    "LEAST_OF_WINDOW",
    "NO_SHARE",
    "UNDATED",
    "Benchmark",
    "Indicator",
    "Panel",
    "Share",
    "SpanPanels",
    "Spans",
    "Standard",
    "check_panel",
    "followed",
    "from_natural",
    "join_indicators",
    "kind_columns",
    "latest",
    "levels_alone",
    "overlapping",
    "period_dates",
    "period_label",
    "period_text",
    "period_times",
    "reported",
    "span_panels",
    "spans_of",
    "sum_periods",
    "to_natural",
]
