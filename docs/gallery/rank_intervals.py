"""Rank intervals of all trusts, one by one and all at once.

The pale bars hold for all trusts together.
"""

from examples import four_hours, save

from ranktrust import figures
from ranktrust.ranks import simultaneous_sets, summarise_ranks

draws = four_hours()
table, sets = summarise_ranks(draws, best="highest"), simultaneous_sets(draws, best="highest")
drawn = save(figures.rank_intervals_drawing(table, sets=sets), __file__)
