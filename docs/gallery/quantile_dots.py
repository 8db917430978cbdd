"""Quantile dots: the rank of one trust as twenty equal chances.

For readers who count rather than read probabilities.
"""

from examples import four_hours, save

from ranktrust import figures
from ranktrust.ranks import summarise_ranks

table = summarise_ranks(four_hours(), best="highest")
drawn = save(figures.quantile_dots_drawing(table, trust="RM1"), __file__)
