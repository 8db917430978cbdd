"""Funnel: figures against their volume, without any rank.

Inside the band a trust differs from the target by no more than the SHMI's own method allows for.
"""

from examples import save, shmi

from ranktrust import figures
from ranktrust.ranks import funnel_bands

observed, expected = shmi()
funnel = funnel_bands(observed, expected, form="log")
drawn = save(figures.funnel_plot_drawing(funnel, expected), __file__)
