"""Hasse diagram: the order that is certain, all of it at once.

A path down from one hospital to another means surely above.
"""

from examples import save, surgical

from ranktrust import figures
from ranktrust.ranks import partial_order

order = partial_order(surgical(), best="lowest")
drawn = save(figures.hasse_drawing(order), __file__)
