"""Rank sets and grades against named baselines, in one run: python benchmarks/ranks_wide.py [trusts] [size].

Read the ratios, not the times. Each figure is the best of three after one warm-up; the integer programme runs once.
`size` is the number of draws behind a critical value.
"""

import sys
import time
from itertools import permutations

import numpy as np
import pandas as pd
import xarray as xr
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array
from scipy.stats import norm

from ranktrust import ranks
from ranktrust.ranks import report_card

PROGRAMME_TRUSTS = 40
"""The programme has about 2 n^3 constraints."""


def best_of_three(call):
    call()
    times = []
    for _ in range(3):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return min(times)


def once(call):
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def numpy_stepdown(estimate, error, size):
    """The steps of Mogstad et al. as plain numpy has them: float64, new draws each step, one trust against all."""
    generator = np.random.default_rng(0)
    spread = np.sqrt(error[:, None] ** 2 + error**2)
    left = ~np.eye(len(estimate), dtype=bool)
    while True:
        noise = generator.normal(size=(size, len(estimate))) * error
        largest = np.full(size, -np.inf)
        for j, row in enumerate(left):
            if row.any():
                differences = (noise[:, [j]] - noise[:, row]) / spread[j, row]
                largest = np.maximum(largest, differences.max(axis=1))
        new = left & ((estimate[:, None] - estimate) / spread > np.quantile(largest, 0.95))
        left &= ~new
        if not new.any():
            return left


def programme(above, weight):
    """Grades as an integer programme in HiGHS: n (n - 1) binaries, two constraints a triple."""
    n = len(above)
    at = {pair: k for k, pair in enumerate(permutations(range(n), 2))}
    rows = [((at[i, j], 1), (at[j, i], 1)) for i in range(n) for j in range(i)]
    most = [1] * len(rows)
    for i, j, k in permutations(range(n), 3):
        rows += [((at[i, j], 1), (at[j, k], 1), (at[i, k], -1)), ((at[i, k], 1), (at[i, j], -1), (at[j, k], -1))]
        most += [1, 0]
    entries = [(row, column, value) for row, cells in enumerate(rows) for column, value in cells]
    row, column, value = (np.array(each) for each in zip(*entries, strict=True))
    limits = LinearConstraint(csr_array((value, (row, column)), shape=(len(rows), len(at))), ub=np.array(most))
    cost = np.array([1 - (1 + weight) * above[pair] for pair in at])
    solved = milp(cost, constraints=limits, integrality=np.ones(len(at)), bounds=Bounds(0, 1))
    return -solved.fun


def cut(above, weight):
    return report_card.cut(report_card.blocks_of(above, report_card.best_order(above)), weight).gain(weight)


def rank_set_rows(trusts, size):
    generator = np.random.default_rng(1)
    error = pd.Series(generator.uniform(0.1, 0.4, size=trusts))
    estimate = pd.Series(generator.normal(size=trusts))
    slow = best_of_three(lambda: numpy_stepdown(estimate.to_numpy(), error.to_numpy(), size))
    for coverage, baseline in {"simultaneous": slow, "marginal": float("nan")}.items():
        ask = {"best": "highest", "standard_error": error, "coverage": coverage, "size": size}
        fast = best_of_three(lambda ask=ask: ranks.rank_sets(estimate, **ask))
        name = "numpy, float64, new draws a step" if coverage == "simultaneous" else "none"
        yield f"{coverage} sets, n = {trusts}", name, baseline, fast


def grade_rows(trusts):
    generator = np.random.default_rng(2)
    mean = generator.normal(size=PROGRAMME_TRUSTS)
    above = norm.cdf((mean[:, None] - mean) / 0.7)
    assert abs(cut(above, 0.25) - programme(above, 0.25)) < 1e-6
    slow = once(lambda: programme(above, 0.25))
    yield f"cut, n = {PROGRAMME_TRUSTS}", "integer programme (HiGHS)", slow, best_of_three(lambda: cut(above, 0.25))
    values = generator.normal(generator.normal(size=trusts), 0.5, size=(4, 1000, trusts))
    named = xr.DataArray(values, dims=("chain", "draw", "trust"), coords={"trust": range(trusts)})
    for name, grade in {"card": ranks.grade_trusts, "frontier": ranks.grade_frontier}.items():
        seconds = best_of_three(lambda grade=grade: grade(named, best="highest"))
        yield f"{name}, n = {trusts}", "none", float("nan"), seconds


def main():
    trusts, size = (int(text) for text in (sys.argv[1:] + ["120", "20000"][len(sys.argv) - 1 :]))
    print(f"{trusts} trusts, {size} draws behind a critical value, 4 x 1000 posterior draws, seconds")
    print(f"{'statement':28}{'baseline':36}{'baseline s':>12}{'ranktrust s':>13}{'ratio':>8}")
    for name, baseline, slow, fast in (*rank_set_rows(trusts, size), *grade_rows(trusts)):
        print(f"{name:28}{baseline:36}{slow:12.4f}{fast:13.5f}{slow / fast:8.1f}")


if __name__ == "__main__":
    main()
