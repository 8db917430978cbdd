"""Rank statements against plain scipy and pandas, in one run: python benchmarks/ranks.py [trusts] [draws a chain].

Read the ratios, not the times. Each figure is the best of three after one warm-up.
"""

import sys
import time

import numpy as np
import pandas as pd
import xarray as xr
from scipy.stats import rankdata

from ranktrust import ranks
from ranktrust.ranks import posterior


def best_of_three(call):
    call()
    times = []
    for _ in range(3):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return min(times)


def numpy_above(rows):
    """P(above) by comparing one trust with all, for (sample, trust) draws."""
    return np.stack([((row[:, None] > rows) + 0.5 * (row[:, None] == rows)).mean(axis=0) for row in rows.T])


def numpy_pmf(places):
    """Pmf by counting integer ranks, (sample, trust), which loses tied mass."""
    return np.stack([np.bincount(column, minlength=places.shape[1] + 1)[1:] for column in places.T])


def table(trusts, draws):
    generator = np.random.default_rng(1)
    values = generator.normal(generator.normal(size=trusts), 1, size=(4, draws, trusts))
    rows = values.reshape(-1, trusts)
    by_trust = np.ascontiguousarray(np.moveaxis(values, -1, 0))
    named = xr.DataArray(values, dims=("chain", "draw", "trust"), coords={"trust": range(trusts)})
    ranked = posterior.rank_samples(by_trust)
    places = ranked.first.T.astype(np.int64)
    fast_ranks = best_of_three(lambda: posterior.rank_samples(by_trust))
    return [
        (
            "ranks",
            "scipy rankdata, a draw at a time",
            best_of_three(lambda: [rankdata(-row) for row in rows]),
            fast_ranks,
        ),
        ("ranks", "pandas rank", best_of_three(lambda: pd.DataFrame(-rows).rank(axis=1)), fast_ranks),
        (
            "pmf",
            "numpy bincount",
            best_of_three(lambda: numpy_pmf(places)),
            best_of_three(lambda: posterior.place_counts(ranked)),
        ),
        (
            "P(above)",
            "numpy compares",
            best_of_three(lambda: numpy_above(rows)),
            best_of_three(lambda: posterior.above_shares(ranked)),
        ),
        ("summary with ESS", "none", float("nan"), best_of_three(lambda: ranks.summarise_ranks(named, best="highest"))),
    ]


def main():
    trusts, draws = (int(text) for text in (sys.argv[1:] + ["140", "1000"][len(sys.argv) - 1 :]))
    print(f"{trusts} trusts, 4 x {draws} draws, seconds")
    print(f"{'statement':18}{'baseline':34}{'baseline s':>12}{'ranktrust s':>13}{'ratio':>8}")
    for name, baseline, slow, fast in table(trusts, draws):
        print(f"{name:18}{baseline:34}{slow:12.4f}{fast:13.4f}{slow / fast:8.1f}")


if __name__ == "__main__":
    main()
