"""The rank law in loops that a child could follow, in exact fractions. Larger is better; rank 1 is best."""

from fractions import Fraction


def places(draw, i):
    """Places that trust i may hold in one draw: those that its tie block fills."""
    better = sum(1 for other in draw if other > draw[i])
    equal = sum(1 for other in draw if other == draw[i])
    return range(better + 1, better + equal + 1)


def rank_pmf(draws):
    """Row i, column k - 1: share of draws with trust i at place k."""
    n = len(draws[0])
    pmf = [[Fraction(0)] * n for _ in range(n)]
    for draw in draws:
        for i in range(n):
            held = places(draw, i)
            for k in held:
                pmf[i][k - 1] += Fraction(1, len(held) * len(draws))
    return pmf


def expected_rank(draws, i):
    return sum(Fraction(sum(places(draw, i)), len(places(draw, i))) for draw in draws) / len(draws)


def p_above(draws, i, j):
    total = Fraction(0)
    for draw in draws:
        if draw[i] > draw[j]:
            total += 1
        if draw[i] == draw[j]:
            total += Fraction(1, 2)
    return total / len(draws)


def interval(draws, i, prob):
    """Smallest k with P(rank <= k) > alpha/2, and smallest k with P(rank <= k) >= 1 - alpha/2."""
    pmf = rank_pmf(draws)[i]
    tail = (1 - prob) / 2
    cdf = [sum(pmf[: k + 1]) for k in range(len(pmf))]
    lower = min(k for k, share in enumerate(cdf, start=1) if share > tail)
    upper = min(k for k, share in enumerate(cdf, start=1) if share >= 1 - tail)
    return lower, upper
