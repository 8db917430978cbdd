"""Heat map: the whole law of every rank.

Prefer it to show how little, or how much, is known of all places at once.
"""

from examples import four_hours, save

from ranktrust import figures
from ranktrust.ranks import summarise_ranks

table = summarise_ranks(four_hours(), best="highest")
drawn = save(figures.rank_heat_drawing(table), __file__)
