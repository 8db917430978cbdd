"""Funnel: figures against their volume, without any rank.

Trusts inside the limits do not differ from the target by more than the officials allow for.
"""

from examples import save, shmi

from ranktrust import figures
from ranktrust.ranks import funnel_bands

observed, expected = shmi()
funnel = funnel_bands(observed, expected, form="log")
drawn = save(figures.funnel_plot_drawing(funnel, expected), __file__)
