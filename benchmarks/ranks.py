"""Rank statements against plain scipy and pandas, in one run: python benchmarks/ranks.py [trusts] [draws a chain].

Read the ratios, not the times. Each figure is the best of three after one warm-up. With more than 2,000 trusts, the
statements that need no matrix of trusts by trusts, once each, against baselines timed on some draws or trusts and
multiplied up; and the most memory that the process held.
"""

import resource
import sys
import tempfile
import time
from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr
from scipy.stats import kendalltau, rankdata

from ranktrust import ranks
from ranktrust.ranks import hierarchy, intervals, losses, pairs, partial, posterior, simultaneous


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


def numpy_shortest(pmf, prob):
    """Shortest interval by trying every pair of bounds."""
    cdf = np.concatenate([np.zeros((len(pmf), 1)), np.cumsum(pmf, axis=1)], axis=1)
    n = pmf.shape[1]
    runs = [(b - a, a, b) for a, b in combinations(range(n + 1), 2)]
    return [next(run for run in sorted(runs) if row[run[2]] - row[run[1]] >= prob) for row in cdf]


def numpy_band(places, prob):
    """Quantile band by bisection on the tail level, (sample, trust) ranks."""
    low, high = 0.0, 0.5
    for _ in range(20):
        tail = (low + high) / 2
        bounds = np.quantile(places, [tail, 1 - tail], axis=0, method="inverted_cdf")
        inside = ((places >= bounds[0]) & (places <= bounds[1])).all(axis=1).mean()
        low, high = (tail, high) if inside >= prob else (low, tail)
    return bounds


def numpy_broken(places, above):
    """Most certain broken pair of every draw, one draw at a time."""
    return [np.where(row[:, None] >= row, above, 0.0).max() for row in places]


def numpy_excess(rows):
    """E max(X_i - X_j, 0), one trust with all."""
    return np.stack([np.maximum(row[:, None] - rows, 0).mean(axis=0) for row in rows.T])


def numpy_equivalence(rows, delta):
    """Ranks by practical equivalence, one trust with all."""
    return np.stack([1 + (rows > row[:, None] + delta).sum(axis=1) for row in rows.T])


def poth_again(values):
    """POTH without each trust by ranking the draws of the others again."""
    found = []
    for i in range(len(values)):
        others = posterior.rank_samples(np.delete(values, i, axis=0))
        found.append(hierarchy.poth_of_ranks(posterior.mid_ranks(others).mean(axis=1)))
    return found


def all_statements(by_trust):
    """Everything but ESS and assignments."""
    ranked = posterior.rank_samples(by_trust)
    counts = posterior.place_counts(ranked)
    above = posterior.above_shares(ranked)
    pmf = counts / ranked.samples
    values = by_trust.reshape(len(by_trust), -1)
    places = losses.places_by(pmf @ np.arange(1, len(pmf) + 1))
    top = len(pmf) // 4
    order = partial.certain_pairs(ranked, 0.95)
    return (
        posterior.interval_bounds(counts, 0.95),
        intervals.shortest_bounds(counts, 0.95),
        intervals.highest_mass(counts, 0.95),
        intervals.rank_entropy(counts),
        simultaneous.quantile_band(ranked, 0.95),
        simultaneous.deviation_band(ranked, 0.95),
        partial.cover_edges(order.above),
        partial.top_set(ranked, top, 0.95),
        [losses.expected_loss(cost, places) for cost in (losses.squared_cost(pmf), losses.top_cost(pmf, top))],
        losses.r_value_levels(np.cumsum(pmf, axis=1), np.arange(1, len(pmf) + 1)),
        hierarchy.poth_without_each(above),
        hierarchy.poth_of_best(above, np.argsort(places)),
        hierarchy.spearman_with(places, ranked),
        hierarchy.kendall_with(places, ranked),
        pairs.excess_powers(values, 1.0),
        pairs.shares_beyond(values, 0.1),
        pairs.equivalence_ranks(values, 0.1),
    )


def more(by_trust, ranked, rows):
    """Lines of the statements on sets, orders and pairs."""
    places, counts = ranked.first.T.astype(np.int64), posterior.place_counts(ranked)
    pmf, above = counts / ranked.samples, posterior.above_shares(ranked)
    values = by_trust.reshape(len(by_trust), -1)
    order = losses.places_by(pmf @ np.arange(1, len(pmf) + 1))
    by_draw = np.ascontiguousarray(ranked.first.T)
    cases = [
        (
            "shortest interval",
            "every pair of bounds",
            lambda: numpy_shortest(pmf, 0.95),
            lambda: intervals.shortest_bounds(counts, 0.95),
        ),
        (
            "simultaneous band",
            "bisection on quantiles",
            lambda: numpy_band(places, 0.95),
            lambda: simultaneous.quantile_band(ranked, 0.95),
        ),
        (
            "broken pairs",
            "numpy, a draw at a time",
            lambda: numpy_broken(places, above),
            lambda: partial._most_certain_broken(by_draw, above),
        ),
        (
            "POTH without each",
            "ranking again",
            lambda: poth_again(by_trust),
            lambda: hierarchy.poth_without_each(above),
        ),
        (
            "Kendall",
            "scipy kendalltau, a draw at a time",
            lambda: [kendalltau(order, row) for row in places],
            lambda: hierarchy.kendall_with(order, ranked),
        ),
        (
            "expected excess",
            "numpy, a trust with all",
            lambda: numpy_excess(rows),
            lambda: pairs.excess_powers(values, 1.0),
        ),
        (
            "equivalence ranks",
            "numpy, a trust with all",
            lambda: numpy_equivalence(rows, 0.1),
            lambda: pairs.equivalence_ranks(values, 0.1),
        ),
    ]
    lines = [(name, baseline, best_of_three(slow), best_of_three(fast)) for name, baseline, slow, fast in cases]
    nothing = float("nan")
    together = best_of_three(lambda: all_statements(by_trust))
    return [*lines, ("all, no ESS", "none", nothing, together)]


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
        *more(by_trust, ranked, rows),
        ("summary with ESS", "none", float("nan"), best_of_three(lambda: ranks.summarise_ranks(named, best="highest"))),
        ("report with ESS", "none", float("nan"), best_of_three(lambda: ranks.report_ranks(named, best="highest"))),
    ]


def once(call):
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def large(trusts, draws):
    """Lines for thousands of trusts."""
    generator = np.random.default_rng(1)
    values = generator.normal(size=(4, draws, trusts))
    values += generator.normal(size=trusts)
    named = xr.DataArray(values, dims=("chain", "draw", "trust"), coords={"trust": range(trusts)})
    ranks.rank_table(named.isel(trust=slice(10)), best="highest")
    list(ranks.above_blocks(named.isel(trust=slice(10)), best="highest"))
    table_s = once(lambda: ranks.rank_table(named, best="highest", errors=False))
    with tempfile.TemporaryDirectory() as folder:
        above_s = once(lambda: ranks.write_above(named, Path(folder) / "above.npy", best="highest"))
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    some = values.reshape(-1, trusts)[:: 10 * 4]
    rank_s = 40 * once(lambda: [rankdata(-row) for row in some])
    one = values.reshape(-1, trusts)
    few = range(0, trusts, max(1, trusts // 10))
    compare_s = trusts / len(few) * once(lambda: [(one[:, [i]] > one).mean(axis=0) for i in few])
    print(f"most memory held: {memory:.2f} GB")
    return [
        ("ranks, table, sets", "scipy rankdata alone, 1 draw in 40", rank_s, table_s),
        ("P(above) to a file", "numpy compares, a few trusts", compare_s, above_s),
    ]


def main():
    trusts, draws = (int(text) for text in (sys.argv[1:] + ["140", "1000"][len(sys.argv) - 1 :]))
    print(f"{trusts} trusts, 4 x {draws} draws, seconds")
    print(f"{'statement':20}{'baseline':38}{'baseline s':>12}{'ranktrust s':>13}{'ratio':>8}")
    lines = large(trusts, draws) if trusts > 2000 else table(trusts, draws)
    for name, baseline, slow, fast in lines:
        print(f"{name:20}{baseline:38}{slow:12.4f}{fast:13.4f}{slow / fast:8.1f}")


if __name__ == "__main__":
    main()
