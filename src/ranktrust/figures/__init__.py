"""Pictures of tables and fits: each fills an Axes, says in words what it shows, and is drawn wide and narrow."""

from ranktrust.figures.caterpillar import caterpillar, caterpillar_alt, caterpillar_drawing, drawn_order
from ranktrust.figures.checks import (
    energy,
    energy_alt,
    energy_drawing,
    predictive_alt,
    predictive_check,
    predictive_drawing,
    rank_histogram,
    rank_histogram_alt,
    rank_histogram_drawing,
    rhat_ess_alt,
    rhat_ess_dots,
    rhat_ess_drawing,
    weakest_chains_drawing,
)
from ranktrust.figures.coverage import coverage_alt, coverage_drawing
from ranktrust.figures.heat import rank_heat, rank_heat_alt, rank_heat_drawing
from ranktrust.figures.svg import Drawing, drawing, svg_text

__all__ = [
    "Drawing",
    "caterpillar",
    "caterpillar_alt",
    "caterpillar_drawing",
    "coverage_alt",
    "coverage_drawing",
    "drawing",
    "drawn_order",
    "energy",
    "energy_alt",
    "energy_drawing",
    "predictive_alt",
    "predictive_check",
    "predictive_drawing",
    "rank_heat",
    "rank_heat_alt",
    "rank_heat_drawing",
    "rank_histogram",
    "rank_histogram_alt",
    "rank_histogram_drawing",
    "rhat_ess_alt",
    "rhat_ess_dots",
    "rhat_ess_drawing",
    "svg_text",
    "weakest_chains_drawing",
]
