"""Moves that better a report card: single trusts to another grade or to one of their own, neighbouring grades merged.

`above` is P(row above column), as in `report_card`, whose gain they raise until no move does. A card that no move
betters may still fall short of the best.
"""

import numpy as np
from numpy.typing import NDArray

from ranktrust.ranks.compiled import compiled
from ranktrust.ranks.report_card import SLACK, Cut

type Floats = NDArray[np.float64]
type Places = NDArray[np.int64]


def polish(above: Floats, start: Cut, weight: float) -> Cut:
    """Move single trusts to another grade or to one of their own while the gain at lambda = `weight` grows."""
    return _card(above, start, _polish(np.ascontiguousarray(above), start.grade.copy(), weight))


def settled(above: Floats, start: Cut, weight: float) -> Cut:
    """`start` after single moves and merges of neighbouring grades, until neither gains at lambda = `weight`.

    So the pairs between two neighbouring grades are on average in order with a probability of 1 / (1 + lambda) or more.
    """
    return _card(above, start, _settle(np.ascontiguousarray(above), start.grade.copy(), weight))


def _card(above: Floats, start: Cut, grade: Places) -> Cut:
    if np.array_equal(grade, start.grade):
        return start
    split = grade[:, None] < grade[None, :]
    return Cut(grade, int(split.sum()), float(above[split].sum()))


@compiled
def _polish(above: Floats, grade: Places, weight: float) -> Places:
    moved = True
    while moved:
        moved = False
        for unit in range(len(grade)):
            values = _slot_values(above, grade, unit, weight)
            slot = int(np.argmax(values))
            if values[slot] > values[2 * grade[unit]] + SLACK:
                grade = _in_slot(grade, unit, slot)
                moved = True
    return grade


@compiled
def _slot_values(above: Floats, grade: Places, unit: int, weight: float) -> Floats:
    """Find what a trust gains in each slot: 2 g is grade g, 2 g + 1 a new grade behind it; slot 0 is none."""
    slots = 2 * grade.max() + 2
    change = np.zeros(slots)
    value = 0.0
    for other in range(len(grade)):
        if other != unit:
            beaten = (1 + weight) * above[unit, other] - 1
            value += beaten
            change[2 * grade[other]] -= beaten
            change[2 * grade[other] + 1] += (1 + weight) * above[other, unit] - 1
    values = value + np.cumsum(change)
    values[0] = -np.inf
    return values


@compiled
def _in_slot(grade: Places, unit: int, slot: int) -> Places:
    """Grades after one trust has taken its slot, numbered from 1 without gaps."""
    slots = 2 * grade
    slots[unit] = slot
    used = np.zeros(slots.max() + 1, dtype=np.int64)
    used[slots] = 1
    return np.cumsum(used)[slots]


@compiled
def _settle(above: Floats, grade: Places, weight: float) -> Places:
    while True:
        grade = _polish(above, grade, weight)
        border = _costly_border(above, grade, weight)
        if border == 0:
            return grade
        grade = np.where(grade > border, grade - 1, grade)


@compiled
def _costly_border(above: Floats, grade: Places, weight: float) -> int:
    """Find the grade whose border with the next one costs most; 0 where every border gains."""
    gains = np.zeros(grade.max() + 1)
    for i in range(len(grade)):
        for j in range(len(grade)):
            if grade[j] == grade[i] + 1:
                gains[grade[i]] += (1 + weight) * above[i, j] - 1
    border, least = 0, -SLACK
    for g in range(1, grade.max()):
        if gains[g] < least:
            border, least = g, gains[g]
    return border
