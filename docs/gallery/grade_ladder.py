"""Grade ladder: grades as steps with their members.

Between steps stands the share of pairs expected the other way round.
"""

from examples import four_hours, save

from ranktrust import figures
from ranktrust.ranks import grade_trusts

grades = grade_trusts(four_hours(), best="highest")
drawn = save(figures.grade_ladder_drawing(grades), __file__)
