"""Many fits with ranks in one process, compiled once: python benchmarks/many.py [fits] [draws a chain].

Panels of one shape, 118 trusts, are simulated about the figures of SHMI; each is fitted with models/ratio.py and its
outcome is ranked in a second thread, while the next one is fitted. 400 iterations of tuning leave the effective sample
sizes where 1,000 leave them. Prints the seconds of the first fit (compiling included), then of the others, by the clock
and of the processor (all threads), and the memory held by the process along the way: flat, if nothing is kept.
"""

import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from ranktrust.assemble import assemble
from ranktrust.assets import find_asset
from ranktrust.fit import Sampling, fit
from ranktrust.model import load_model
from ranktrust.ranks import summarise_ranks
from ranktrust.study import read_study

SEED = 20261122
FIRST_LOOK, TUNE = 10, 400


def resident_mb():
    """Memory that the process holds now, in MB (Linux)."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * 4096 / 1e6


def simulated(panel, number):
    """The same trusts with other observed counts."""
    rng = np.random.default_rng([SEED, number])
    level = rng.normal(0, 0.1, len(panel.trusts))
    counts = rng.poisson(panel["expected"] * np.exp(level)).astype(float)
    return panel.derive(observations=panel.observations.assign(observed=counts))


def one(panel, number, cache, sampling):
    """Draws of the outcome of one fit."""
    tree = fit(
        simulated(panel, number),
        load_model("ratio"),
        seed=np.random.SeedSequence([SEED, number]),
        sampling=sampling,
        cache=cache,
        predictive=False,
    )
    return tree["posterior"]["outcome"]


def rank(outcome):
    """Smallest ESS of a rank."""
    return float(summarise_ranks(outcome, best="lowest").table["ess_rank"].min())


def main():
    fits, draws = (int(text) for text in (sys.argv[1:] + ["1000", "1000"][len(sys.argv) - 1 :]))
    panel, cache = assemble(read_study(find_asset("studies", "shmi")))["shmi"], {}
    sampling, least, started, used = Sampling(draws=draws, tune=TUNE), np.inf, time.perf_counter(), time.process_time()
    print(f"{fits} fits of {len(panel.trusts)} trusts, 4 x ({TUNE} + {draws}) iterations each, with ranks")
    with ThreadPoolExecutor(1) as second:
        waiting = second.submit(float, np.inf)
        for number in range(fits):
            outcome = one(panel, number, cache, sampling)
            least, waiting = min(least, waiting.result()), second.submit(rank, outcome)
            spent, work = time.perf_counter() - started, time.process_time() - used
            if number == 0:
                print(f"the first, compiling included: {spent:.1f} s, of the processor {work:.1f} s", flush=True)
                first, first_work = spent, work
            elif number + 1 in {FIRST_LOOK, 100, fits // 2, fits}:
                each, cpu = (spent - first) / number, (work - first_work) / number
                held = f"memory held {resident_mb():,.0f} MB"
                print(f"after {number + 1:,}: {each:.2f} s a fit, of the processor {cpu:.2f} s; {held}", flush=True)
        least = min(least, waiting.result())
    print(f"in all {time.perf_counter() - started:.0f} s; compiled: {len(cache)}; smallest ESS of a rank {least:,.0f}")


if __name__ == "__main__":
    main()
