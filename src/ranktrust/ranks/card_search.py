"""The search for the best card: an order cut into blocks, single trusts moved, neighbouring grades merged, both ways.

`above` is P(row above column), as in `report_card`. The search is done from the best end and from the worst, because
its moves go through the trusts in turn: so reversing direction turns the card over exactly, equal gains or not.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from ranktrust.ranks import report_card
from ranktrust.ranks.card_moves import settled
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
    reverse = np.ascontiguousarray(above.T)
    forward, backward = (report_card.frontier(_blocks(matrix))[0] for matrix in (above, reverse))
    cards, starts = report_card.envelope([*forward, *map(turned, backward)])
    done: set[tuple[bytes, float]] = set()
    for _ in range(ROUNDS):
        more = []
        for card, weight in _corners(cards, starts):
            if (key := (card.grade.tobytes(), weight)) not in done:
                done.add(key)
                more += [settled(above, card, weight), turned(settled(reverse, turned(card), weight))]
        cards, longer = report_card.envelope([*cards, *more])
        if longer == starts:
            break
        starts = longer
    return cards, starts


def _corners(cards: list[Cut], starts: list[float]) -> Iterator[tuple[Cut, float]]:
    """Each card with the first, middle and last lambda at which it is best."""
    for card, start, stop in zip(cards, starts, [*starts[1:], 1.0], strict=True):
        yield from ((card, weight) for weight in (start, (start + stop) / 2, stop))


def turned(card: Cut) -> Cut:
    """The card with its last grade first."""
    return Cut(card.grade.max() + 1 - card.grade, card.separated, card.agreed)


def _blocks(above: Floats) -> report_card.Blocks:
    return report_card.blocks_of(above, report_card.best_order(above))


def _cut(above: Floats, weight: float) -> Cut:
    return report_card.cut(_blocks(above), weight)


def _either_way(card: Cut) -> list[int]:
    """Grades by trust, or those of the card turned over, whichever list comes first: the same from either end."""
    return min(card.grade.tolist(), turned(card).grade.tolist())
