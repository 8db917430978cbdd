"""The published SHMI limits and bands, by plain loops over the trusts of one release."""

from math import exp, log, sqrt

from scipy.stats import chi2


def between_trust_variance(trusts):
    """tau squared of a release: `trusts` is (observed, expected); a tenth is dropped from each tail of z."""
    scored = sorted((sqrt(expected) * log(observed / expected), expected) for observed, expected in trusts)
    drop = int(0.1 * len(scored))
    kept = scored[drop : len(scored) - drop]
    squares, weights, weights_squared = 0.0, 0.0, 0.0
    for z, expected in kept:
        squares += z * z
        weights += expected
        weights_squared += expected * expected
    return max(0.0, (squares - (len(kept) - 1)) / (weights - weights_squared / weights))


def over_dispersed_limits(expected, tau_squared):
    width = 1.959964 * sqrt(1 / expected + tau_squared)
    return exp(-width), exp(width)


def poisson_limits(expected):
    """99.8 % limits."""
    return chi2.ppf(0.001, 2 * expected) / (2 * expected), chi2.ppf(0.999, 2 * (expected + 1)) / (2 * expected)


def band(observed, expected, limits):
    ratio = observed / expected
    if ratio > limits[1]:
        return 1
    return 3 if ratio < limits[0] else 2
