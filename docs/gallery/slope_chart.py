"""Slopes: ranks in two periods, with only certain moves emphasised.

Both periods must come from the same joint draws.
"""

from examples import four_hours_of_two_years, save

from ranktrust import figures
from ranktrust.ranks import rank_stability, summarise_ranks

before, now = four_hours_of_two_years()
tables = [summarise_ranks(period, best="highest") for period in (before, now)]
stability = rank_stability(before, now, best="highest", places=10)
periods = figures.TwoPeriods(*tables, stability, names=("the year before", "the latest year"))
drawn = save(figures.slope_chart_drawing(periods), __file__)
