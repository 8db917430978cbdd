"""Hasse diagram of many trusts: its layers, as counts.

Lines between so many trusts could not be followed, and the picture says so.
"""

from examples import four_hours, save

from ranktrust import figures
from ranktrust.ranks import partial_order

order = partial_order(four_hours(), best="highest")
drawn = save(figures.hasse_drawing(order), __file__)
