"""Many fits with ranks in one process, compiled once: python benchmarks/many.py [fits] [draws a chain].

Panels of one shape, 118 trusts, are simulated about the figures of SHMI; each is fitted with models/ratio.py and its
outcome is ranked. Prints the seconds of the first fit (compiling included), then of the others, by the clock and of the
processor (all threads), and the memory held by the process along the way: flat, if nothing is kept.
"""

import sys
import time
from pathlib import Path

import numpy as np

from ranktrust.assemble import assemble
from ranktrust.assets import find_asset
from ranktrust.fit import Sampling, fit
from ranktrust.model import load_model
from ranktrust.ranks import summarise_ranks
from ranktrust.study import read_study

SEED = 20261122
FIRST_LOOK = 10


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
    """Seconds of one fit and its ranks."""
    started = time.perf_counter()
    tree = fit(
        simulated(panel, number),
        load_model("ratio"),
        seed=np.random.SeedSequence([SEED, number]),
        sampling=sampling,
        cache=cache,
        predictive=False,
    )
    summarise_ranks(tree["posterior"]["outcome"], best="lowest")
    return time.perf_counter() - started


def main():
    fits, draws = (int(text) for text in (sys.argv[1:] + ["1000", "1000"][len(sys.argv) - 1 :]))
    panel, cache = assemble(read_study(find_asset("studies", "shmi")))["shmi"], {}
    sampling, seconds, started = Sampling(draws=draws), [], time.process_time()
    print(f"{fits} fits of {len(panel.trusts)} trusts, 4 x {draws} draws each, with ranks")
    for number in range(fits):
        seconds.append(one(panel, number, cache, sampling))
        if number == 0:
            first, started = time.process_time() - started, time.process_time()
            print(f"the first, compiling included: {seconds[0]:.1f} s, of the processor {first:.1f} s", flush=True)
        elif number + 1 in {FIRST_LOOK, 100, fits // 2, fits}:
            rest, used = np.mean(seconds[1:]), (time.process_time() - started) / number
            held = f"memory held {resident_mb():,.0f} MB"
            print(f"after {number + 1:,}: {rest:.2f} s a fit, of the processor {used:.2f} s; {held}", flush=True)
    print(f"in all {sum(seconds):.0f} s; compiled: {len(cache)}")


if __name__ == "__main__":
    main()
