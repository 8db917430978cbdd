"""Rank sets from estimates, one test at a time. Larger is better; rank 1 is best."""

import math


def largest(noise, spread, pairs):
    """max (Z_j - Z_k) / sd_jk of each draw; `noise` is a list of draws."""
    return [max((z[j] - z[k]) / spread[j][k] for j, k in pairs) for z in noise]


def quantile(values, prob):
    """Smallest value with at least `prob` of all at or below it."""
    return sorted(values)[math.ceil(prob * len(values) - 1e-9) - 1]


def reject(estimate, spread, noise, pairs, alpha, *, stepdown):
    """Pairs (j, k) with j certainly above k."""
    left, gone = set(pairs), set()
    while left:
        critical = quantile(largest(noise, spread, left), 1 - alpha)
        new = {(j, k) for j, k in left if (estimate[j] - estimate[k]) / spread[j][k] > critical}
        left, gone = left - new, gone | new
        if not new or not stepdown:
            break
    return gone


def bounds(rejected, n):
    above = [sum(1 for j, k in rejected if k == i) for i in range(n)]
    below = [sum(1 for j, k in rejected if j == i) for i in range(n)]
    return [1 + count for count in above], [n - count for count in below]


def holm(p_values, alpha):
    """Which of a dict of p-values Holm's procedure rejects."""
    rejected = set()
    for taken, name in enumerate(sorted(p_values, key=p_values.get)):
        if p_values[name] > alpha / (len(p_values) - taken):
            break
        rejected.add(name)
    return rejected


def binomial_p_value(x, y):
    """P(X >= x) for X ~ Binomial(x + y, 1/2)."""
    return sum(math.comb(x + y, k) for k in range(x, x + y + 1)) / 2 ** (x + y)
