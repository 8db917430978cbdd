"""Pairs: the probability that the row is above the column.

The line encloses the pairs that the figures do not decide.
"""

from examples import four_hours, save

from ranktrust import figures
from ranktrust.ranks import summarise_ranks

table = summarise_ranks(four_hours(), best="highest")
drawn = save(figures.pair_matrix_drawing(table), __file__)
