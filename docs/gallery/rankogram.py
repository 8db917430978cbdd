"""Rankogram: the law of one hospital's rank.

Prefer it to show the shape of what is known of one or a few.
"""

from examples import save, surgical

from ranktrust import figures
from ranktrust.ranks import summarise_ranks

table = summarise_ranks(surgical(), best="lowest")
drawn = save(figures.rankogram_drawing(table, trusts=["D", "J"]), __file__)
