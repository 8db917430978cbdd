"""The search for the best card: an order cut into blocks, single trusts moved, neighbouring grades merged, both ways.

`above` is P(row above column), as in `report_card`. The search is done from the best end and from the worst, because
its moves go through the trusts in turn: so reversing direction turns the card over exactly, equal gains or not.
"""

import numpy as np
from numpy.typing import NDArray

from ranktrust.ranks import report_card
from ranktrust.ranks.report_card import SLACK, Cut

type Floats = NDArray[np.float64]

ROUNDS = 5
"""At most so often is a frontier settled; two rounds are usual."""


def best_card(above: Floats, weight: float) -> Cut:
    """Card of most gain at lambda = `weight`; of equal ones that with fewer grades, then the first by number."""
    cards = [settled(matrix, _cut(matrix, weight), weight) for matrix in (above, above.T)]
    cards = [cards[0], turned(cards[1])]
    most = max(card.gain(weight) for card in cards)
    equal = [card for card in cards if card.gain(weight) >= most - SLACK]
    return min(equal, key=lambda card: (card.grade.max(), _either_way(card)))


def best_cards(above: Floats) -> tuple[list[Cut], list[float]]:
    """Every card that is best for some lambda in [0, 1], and from where: cuts, settled for three lambdas each.

    They are settled for the first, middle and last lambda at which they are best. What that adds is settled again,
    while it adds anything.
    """
    forward, backward = (report_card.frontier(_blocks(matrix))[0] for matrix in (above, above.T))
    cards, starts = report_card.envelope([*forward, *map(turned, backward)])
    for _ in range(ROUNDS):
        more = [
            each
            for card, start, stop in zip(cards, starts, [*starts[1:], 1.0], strict=True)
            for weight in (start, (start + stop) / 2, stop)
            for each in (settled(above, card, weight), turned(settled(above.T, turned(card), weight)))
        ]
        cards, longer = report_card.envelope([*cards, *more])
        if longer == starts:
            break
        starts = longer
    return cards, starts


def settled(above: Floats, card: Cut, weight: float) -> Cut:
    """`card` after single moves and merges of neighbouring grades, until neither gains at lambda = `weight`.

    So the pairs between two neighbouring grades are on average in order with a probability of 1 / (1 + lambda) or more.
    """
    while True:
        card = report_card.polish(above, card, weight)
        merged = _merged(above, card.grade, weight)
        if merged is None:
            return card
        split = merged[:, None] < merged[None, :]
        card = Cut(merged, int(split.sum()), float(above[split].sum()))


def turned(card: Cut) -> Cut:
    """The card with its last grade first."""
    return Cut(card.grade.max() + 1 - card.grade, card.separated, card.agreed)


def _blocks(above: Floats) -> report_card.Blocks:
    return report_card.blocks_of(above, report_card.best_order(above))


def _cut(above: Floats, weight: float) -> Cut:
    return report_card.cut(_blocks(above), weight)


def _merged(above: Floats, grade: NDArray[np.int64], weight: float) -> NDArray[np.int64] | None:
    """Merge the two neighbouring grades whose splitting costs most; None where every border gains."""
    order = np.argsort(grade, kind="stable")
    starts = np.flatnonzero(np.diff(grade[order], prepend=0))
    gain = (1 + weight) * above[np.ix_(order, order)] - 1
    sums = np.add.reduceat(np.add.reduceat(gain, starts, axis=0), starts, axis=1)
    gains = np.diagonal(sums, offset=1)
    if not gains.size or gains.min() >= -SLACK:
        return None
    return np.where(grade > 1 + int(np.argmin(gains)), grade - 1, grade)


def _either_way(card: Cut) -> list[int]:
    """Grades by trust, or those of the card turned over, whichever list comes first: the same from either end."""
    return min(card.grade.tolist(), turned(card).grade.tolist())
