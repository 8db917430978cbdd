"""Why anyone should believe a published rank: what other honest choices say, and what the figures themselves bear."""

from ranktrust.evidence.adjustment import adjustment_table, places_of_note
from ranktrust.evidence.agreement import model_rankability, reliability_table
from ranktrust.evidence.choices import (
    PUBLISHED,
    VIEW_COLUMNS,
    Choice,
    Sensitivity,
    View,
    at_the_ends,
    bands_by_choice,
    comparison,
    from_end_to_end,
    reversal_finding,
    reversed_by_scenarios,
    without_numbers,
)
from ranktrust.evidence.files import read_sensitivity, write_sensitivity
from ranktrust.evidence.power import power_table

__all__ = [
    "PUBLISHED",
    "VIEW_COLUMNS",
    "Choice",
    "Sensitivity",
    "View",
    "adjustment_table",
    "at_the_ends",
    "bands_by_choice",
    "comparison",
    "from_end_to_end",
    "model_rankability",
    "places_of_note",
    "power_table",
    "read_sensitivity",
    "reliability_table",
    "reversal_finding",
    "reversed_by_scenarios",
    "without_numbers",
    "write_sensitivity",
]
