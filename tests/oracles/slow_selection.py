"""Selection one step at a time, in exact fractions. `belongs[i]` is P(i belongs)."""

from fractions import Fraction


def take(belongs, tie, capacity, fdr):
    """Try every length of the list in order; keep the longest that is allowed."""
    order = sorted(range(len(belongs)), key=lambda i: (-belongs[i], -tie[i], i))
    best = []
    for length in range(1, capacity + 1):
        some = order[:length]
        if sum(1 - belongs[i] for i in some) <= fdr * length:
            best = some
    return set(best)


def share_beyond(draws, i, threshold, sign):
    return Fraction(sum(1 for draw in draws if sign * draw[i] > sign * threshold), len(draws))


def band_losses(draws, i, low, high, undecided_cost):
    """Expected loss of calling trust i above, within, below or nothing."""
    n = len(draws)
    above = Fraction(sum(1 for draw in draws if draw[i] > high), n)
    below = Fraction(sum(1 for draw in draws if draw[i] < low), n)
    return {"above": 1 - above, "within": above + below, "below": 1 - below, "undecided": undecided_cost}
