"""60 indicators by 20 periods: python benchmarks/sixty.py [fits a kind] [workers], after set-up.

1,200 fits of one indicator in one period, 118 trusts each, grouped by kind (400 ratios, 400 proportions, 400 estimates)
so that a worker compiles each statement once; or 60 trajectories of 20 periods. Some of each are made, each with the
draws, predictive groups, gate and ranks that a run asks for, and the rest is computed from them: the first fit of a
kind compiles, every later one does not. With `workers` the fits of all kinds are made by so many processes as well, and
compared with those made here.
"""

import sys
import time
from functools import lru_cache

import numpy as np

from ranktrust.contract import make_panel
from ranktrust.fit import Sampling, fit
from ranktrust.gate import diagnose
from ranktrust.model import load_model
from ranktrust.ranks import summarise_ranks
from ranktrust.scatter import local_workers

SEED, TRUSTS, PERIODS, INDICATORS = 20261127, 118, 20, 60
KINDS = ("ratio", "proportion", "estimate")
SAMPLING = Sampling(draws=1000, tune=500, cores=1)
QUARTER = (TRUSTS + 1) // 4


@lru_cache(maxsize=1)
def compiled():
    """What this process has compiled."""
    return {}


def one(task):
    """Fit, judge and rank one indicator of one period: a digest of its expected ranks, and the processor's seconds."""
    kind, number = task
    used = time.process_time()
    panel = make_panel(kind, trusts=TRUSTS, seed=SEED + number)
    tree = fit(
        panel, load_model(kind), seed=np.random.SeedSequence([SEED, number]), sampling=SAMPLING, cache=compiled()
    )
    diagnose(tree, best="lowest", top=QUARTER, bottom=QUARTER)
    ranks = summarise_ranks(tree["posterior"]["outcome"], best="lowest", top=QUARTER, bottom=QUARTER)
    return task, ranks.table["expected_rank"].to_numpy().tobytes(), time.process_time() - used


def trajectory(kind):
    """Fit one indicator over all periods: the processor's seconds of compiling, and of all that comes after."""
    panel, marks = make_panel(kind, trusts=TRUSTS, periods=PERIODS, seed=SEED), {}
    used = time.process_time()
    fit(
        panel, load_model(f"trajectory_{kind}"), seed=np.random.SeedSequence(SEED), sampling=SAMPLING, predictive=False,
        report=lambda step, _fraction: marks.setdefault(step, time.process_time()),
    )  # fmt: skip
    return marks["sample"] - used, time.process_time() - marks["sample"]


def elsewhere(tasks, workers):
    """The same tasks by other processes: the clock's seconds from the first task handed out to the last one done."""
    with local_workers(workers) as scatter:
        clock = time.perf_counter()
        found = {task: (rank, used) for task, rank, used in scatter(one, tasks)}
        return found, time.perf_counter() - clock


def main():
    fits, workers = (int(text) for text in (sys.argv[1:] + ["8", "0"][len(sys.argv) - 1 :]))
    each = INDICATORS * PERIODS // len(KINDS)
    tasks, total = [(kind, number) for kind in KINDS for number in range(fits)], 0.0
    clock, found = time.perf_counter(), {}
    print(f"{'kind':12}{'first fit':>11}{'a later fit':>13}{f'all {each}':>10}   seconds of the processor")
    for kind in KINDS:
        found |= {task: (rank, used) for task, rank, used in map(one, [task for task in tasks if task[0] == kind])}
        first, *later = (found[task][1] for task in tasks if task[0] == kind)
        total += first + (each - 1) * np.mean(later)
        print(f"{kind:12}{first:11.1f}{np.mean(later):13.2f}{first + (each - 1) * np.mean(later):10.0f}", flush=True)
    spent = time.perf_counter() - clock
    print(f"all {INDICATORS * PERIODS:,} fits: {total:.0f} s of the processor; {len(tasks)} made here in {spent:.0f} s")
    if workers:
        there, clock = elsewhere(tasks, workers)
        same = sum(there[task][0] == found[task][0] for task in tasks)
        work = sum(used for _, used in there.values())
        print(f"by {workers} workers: {clock:.0f} s, {work:.0f} s of the processor; {same} of {len(tasks)} to the byte")
    total = 0.0
    for kind in KINDS:
        compiling, rest = trajectory(kind)
        total += INDICATORS / len(KINDS) * rest + compiling
        print(f"trajectory of {PERIODS} periods, {kind}: compile {compiling:.1f}, sample {rest:.1f}", flush=True)
    print(f"all {INDICATORS} trajectories, each statement compiled once: {total:.0f} s of the processor")


if __name__ == "__main__":
    main()
