"""Rank sets, partial orders and losses in loops that a child could follow, in exact fractions. Rank 1 is best.

`draws` is a list of draws, each a list of values, larger is better.
"""

from fractions import Fraction
from itertools import combinations, permutations

from oracles.slow_ranks import places, rank_pmf


def halves(chains):
    """First and second half of every chain of (chain, draw, trust) values, as lists of draws."""
    middle = len(chains[0]) // 2
    return [draw for chain in chains for draw in chain[:middle]], [draw for chain in chains for draw in chain[middle:]]


def shortest(pmf, prob):
    """Of all runs of places that hold prob: the shortest, then fullest, then best."""
    n = len(pmf)
    runs = [(a, b) for a in range(1, n + 1) for b in range(a, n + 1) if sum(pmf[a - 1 : b]) >= prob]
    return min(runs, key=lambda run: (run[1] - run[0], -sum(pmf[run[0] - 1 : run[1]]), run[0]))


def highest_mass(pmf, prob):
    """Smallest cutoff's set: take the fullest places until prob is held, and all as full as the last."""
    for least in sorted(set(pmf), reverse=True):
        members = [share >= least for share in pmf]
        if sum(share for share, member in zip(pmf, members, strict=True) if member) >= prob:
            return members
    raise AssertionError


def holds(draw, bounds):
    """All places that any trust may hold in the draw lie inside its bounds."""
    return all(bounds[i][0] <= k <= bounds[i][1] for i in range(len(draw)) for k in places(draw, i))


def share(found):
    found = list(found)
    return Fraction(sum(found), len(found))


def quantile_band(one, two, prob):
    """Try every tail level on half one, largest first; then widen place by place on half two."""
    pmf, n = rank_pmf(one), len(one[0])
    levels = {sum(row[:k]) for row in pmf for k in range(1, n + 1)} | {sum(row[k:]) for row in pmf for k in range(n)}
    for level in sorted(levels, reverse=True):
        bounds = [_both_tails(row, level) for row in pmf]
        if all(bounds) and share(holds(draw, bounds) for draw in one) >= prob:
            break
    held_out = share(holds(draw, bounds) for draw in two)
    widened = 0
    while share(holds(draw, _wider(bounds, widened)) for draw in two) < prob:
        widened += 1
    return [(max(a, 1), min(b, n)) for a, b in _wider(bounds, widened)], widened, held_out


def _both_tails(row, level):
    inside = [k for k in range(1, len(row) + 1) if sum(row[:k]) >= level and sum(row[k - 1 :]) >= level]
    return (inside[0], inside[-1]) if inside else None


def _wider(bounds, places):
    return [(a - places, b + places) for a, b in bounds]


def all_in_order(draw, pairs):
    return all(draw[i] > draw[j] for i, j in pairs)


def closure(pairs):
    """Add a above c whenever a above b above c, until nothing is new."""
    pairs = set(pairs)
    while True:
        more = {(a, d) for a, b in pairs for c, d in pairs if b == c} - pairs
        if not more:
            return pairs
        pairs |= more


def length_needed(draw, order, k):
    """How far down the list the last trust of this draw's top k stands; one tied across place k is among them."""
    top = [i for i in range(len(draw)) if min(places(draw, i)) <= k]
    return max(order.index(i) for i in top) + 1


def mean_loss(draws, order, loss):
    """Mean over draws, trusts and the places of a tie of loss(true place, published place); `order` is best first."""
    total = Fraction(0)
    for draw in draws:
        for at, i in enumerate(order, start=1):
            held = places(draw, i)
            total += sum((Fraction(loss(true, at)) for true in held), Fraction(0)) / len(held)
    return total / (len(draws) * len(order))


def best_loss(draws, loss):
    """Least mean loss over all orders."""
    return min(mean_loss(draws, order, loss) for order in permutations(range(len(draws[0]))))


def kendall(draw, order):
    signs = [(draw[i] > draw[j]) - (draw[i] < draw[j]) for i, j in combinations(order, 2)]
    return Fraction(sum(signs), len(signs))


def spearman(draw, order):
    """Pearson correlation of mid-places with the order, the divisor that of untied places."""
    n = len(order)
    middle = Fraction(n + 1, 2)
    total = Fraction(0)
    for at, i in enumerate(order, start=1):
        held = places(draw, i)
        total += (at - middle) * (Fraction(sum(held), len(held)) - middle)
    return total / Fraction(n * (n * n - 1), 12)


def poth(draws):
    """1 - 12 sum Var(R_i) / (n (n + 1) (n - 1)), the variance from the rank pmf."""
    n = len(draws[0])
    variance = Fraction(0)
    for row in rank_pmf(draws):
        mean = sum(p * k for k, p in enumerate(row, start=1))
        variance += sum(p * k * k for k, p in enumerate(row, start=1)) - mean**2
    return 1 - 12 * variance / (n * (n + 1) * (n - 1))
