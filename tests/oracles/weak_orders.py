"""Grades by trying everything, or by an integer programme; and what they get wrong, in exact fractions.

`above[i][j]` is P(i above j); grade 1 is best.
"""

from fractions import Fraction
from itertools import product

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp


def weak_orders(n):
    """Every way to grade n trusts without an empty grade: 1, 3, 13, 75, 541 of them."""
    return [grades for grades in product(range(1, n + 1), repeat=n) if set(grades) == set(range(1, max(grades) + 1))]


def split_pairs(grade):
    n = len(grade)
    return [(i, j) for i in range(n) for j in range(n) if grade[i] < grade[j]]


def gain(above, grade, weight):
    return sum((1 + weight) * above[i][j] - 1 for i, j in split_pairs(grade))


def best_gain(above, weight):
    return max(gain(above, grade, weight) for grade in weak_orders(len(above)))


def programme_gain(above, weight):
    """Largest gain over binary D_ij (i strictly above j) that make a weak order, by HiGHS."""
    n = len(above)
    at = {pair: k for k, pair in enumerate((i, j) for i in range(n) for j in range(n) if i != j)}
    rows = [{at[i, j]: 1, at[j, i]: 1} for i in range(n) for j in range(i)]
    for i, j, k in product(range(n), repeat=3):
        if len({i, j, k}) == 3:
            rows.append({at[i, j]: 1, at[j, k]: 1, at[i, k]: -1})  # i > j and j > k make i > k
            rows.append({at[i, k]: 1, at[i, j]: -1, at[j, k]: -1})  # i > k puts any j below i or above k
    most = [0 if min(row.values()) < 0 and sum(row.values()) < 0 else 1 for row in rows]
    matrix = np.zeros((len(rows), len(at)))
    for number, row in enumerate(rows):
        for column, value in row.items():
            matrix[number, column] = value
    cost = np.array([1 - (1 + weight) * above[i][j] for i, j in at])
    limits = LinearConstraint(matrix, ub=np.array(most))
    solved = milp(cost, constraints=limits, integrality=np.ones(len(at)), bounds=Bounds(0, 1))
    assert solved.success, solved.message
    return -solved.fun


def wrong_pairs(draw, grade):
    """Pairs split by grade that a draw (larger better) has the other way round; a tie is half of one."""
    wrong = Fraction(0)
    for i, j in split_pairs(grade):
        if draw[i] < draw[j]:
            wrong += 1
        if draw[i] == draw[j]:
            wrong += Fraction(1, 2)
    return wrong
