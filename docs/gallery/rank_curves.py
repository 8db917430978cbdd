"""Cumulative rank curves: the chance of any place or better.

Prefer them where readers ask for a top k of their own.
"""

from examples import four_hours, save

from ranktrust import figures
from ranktrust.ranks import summarise_ranks

table = summarise_ranks(four_hours(), best="highest")
drawn = save(figures.rank_curves_drawing(table, trusts=["RWY", "RM1", "RTK"]), __file__)
