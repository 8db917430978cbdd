"""6,500 units, as general practices are: python benchmarks/practices.py [units] [draws], after set-up.

Simulated: patients on a practice's list are log-normal (median 8,300, sd of the log 0.55, between 1,000 and 60,000),
one in seven is on the register, and the log odds that a registered patient's measure is in range vary between practices
as Normal(0.9, 0.35). One fit of the statement `proportion`, 4 x (500 + draws), with everything that a run asks of it;
the gate over every series; ranks with simultaneous sets, P(top k) and their errors; lists of a top quarter; P(above) of
all pairs as a file. Then what a report of 118 trusts makes for each pair or each trust, on some of them and multiplied
up. For each step: seconds, seconds of the processor, and the most memory that the process has held so far.
"""

import resource
import sys
import tempfile
import time
from contextlib import contextmanager
from itertools import islice, pairwise
from pathlib import Path

import numpy as np
import pandas as pd

from ranktrust.contract import made_indicator
from ranktrust.fit import Sampling, fit
from ranktrust.gate import diagnose
from ranktrust.model import load_model
from ranktrust.panel import check_panel
from ranktrust.ranks import above_blocks, pairs_above, rank_table, select_end, write_above

SEED = 20261127
PAIRS = 1200
PERIOD = "2025-04-01/2026-03-31"
SHARE = (1800.0, 8200.0, 1.0)
"""0.18 of the variation is nobody's, as the long-run scenario of the SHMI has it."""


def practices(units):
    """A panel of made-up practices."""
    rng = np.random.default_rng(SEED)
    codes = [f"P{place:05d}" for place in range(units)]
    listed = np.exp(rng.normal(np.log(8300), 0.55, units)).clip(1000, 60_000)
    register = rng.binomial(listed.astype(int), 1 / 7)
    level = rng.normal(0.9, 0.35, units)
    rows = pd.DataFrame(
        {"trust": codes, "indicator": "made", "period": PERIOD, "denominator": register.astype(float),
         "numerator": rng.binomial(register, 1 / (1 + np.exp(-level))).astype(float)}
    )  # fmt: skip
    table = pd.DataFrame(
        {"name": codes, "region": "", "icb": "", "type": "", "subtype": ""}, index=pd.Index(codes, name="trust")
    )
    spread = np.percentile(register, [5, 50, 95])
    print(f"{units:,} units, registers of {spread[0]:,.0f} / {spread[1]:,.0f} / {spread[2]:,.0f} (5, 50, 95 %)")
    return check_panel(observations=rows, trusts=table, indicators={"made": made_indicator("proportion")})


@contextmanager
def measured(step):
    clock, used = time.perf_counter(), time.process_time()
    yield
    spent, work = time.perf_counter() - clock, time.process_time() - used
    held = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(f"{step:58}{spent:9.1f}{work:12.1f}{held:9.2f}", flush=True)


def fitted(panel, draws):
    """The fit, its steps timed apart."""
    marks = [("", time.perf_counter(), time.process_time())]

    def report(step, _fraction):
        if step != marks[-1][0]:
            marks.append((step, time.perf_counter(), time.process_time()))

    sampling = Sampling(draws=draws, tune=500)
    tree = fit(
        panel, load_model("proportion"), seed=np.random.SeedSequence(SEED), sampling=sampling,
        priors={"unattributed_share": SHARE}, report=report,
    )  # fmt: skip
    marks.append(("", time.perf_counter(), time.process_time()))
    for (step, clock, used), (_, later, more) in pairwise(marks[1:]):
        print(f"{'  of it ' + step:58}{later - clock:9.1f}{more - used:12.1f}", flush=True)
    return tree


def extrapolated(outcome, units, folder):
    """What takes a place for each pair, on some pairs and rows."""
    rng = np.random.default_rng(SEED)
    chosen = rng.choice(units, size=(PAIRS, 2), replace=True)
    names = outcome["trust"].to_numpy()
    pairs = [(names[i], names[j]) for i, j in chosen if i != j]
    used = time.process_time()
    rows = pairs_above(outcome, pairs, best="highest")
    each = (time.process_time() - used) / len(pairs)
    text = len(rows.to_csv(index=False)) / len(rows)
    every = units * (units - 1) / 2
    print(f"P(above) with its own error: {1e3 * each:.2f} ms a pair; all {every / 1e6:.1f} million pairs would take "
          f"{every * each / 3600:.1f} h of the processor and {every * text / 1e9:.2f} GB as CSV")  # fmt: skip
    block = next(islice(above_blocks(outcome, best="highest", rows=64), 1))[1]
    path = folder / "block.csv"
    pd.DataFrame(block).to_csv(path, index=False, float_format="%.6g")
    size = path.stat().st_size / block.size * units**2 / 1e9
    apart = ((block > 0.1) & (block < 0.9)).sum(axis=1).mean()
    print(f"a matrix of all by all as CSV: {size:.2f} GB; of {units:,} others {apart:,.0f} cannot be told from a unit")


def main():
    units, draws = (int(text) for text in (sys.argv[1:] + ["6500", "1000"][len(sys.argv) - 1 :]))
    panel = practices(units)
    print(f"{'step':58}{'seconds':>9}{'processor':>12}{'GB held':>9}")
    with measured("fit, with predictive draws and log-likelihood"):
        tree = fitted(panel, draws)
    quarter = (units + 1) // 4
    with measured("gate"):
        findings = diagnose(tree, best="highest", top=quarter, bottom=quarter)
    outcome = tree["posterior"]["outcome"]
    with measured("ranks, simultaneous sets, P(top), with errors"):
        table = rank_table(outcome, best="highest", top=quarter, bottom=quarter)
    with measured("list of the best quarter, false discovery rate 5 %"):
        listed = select_end(outcome, quarter, best="highest", end="top").table
    with tempfile.TemporaryDirectory() as folder:
        with measured("P(above) of all pairs to a file"):
            path = write_above(outcome, Path(folder) / "above.npy", best="highest")
        print(f"that file: {path.stat().st_size / 1e6:.0f} MB")
        extrapolated(outcome, units, Path(folder))
    for finding in findings:
        print(f"{finding.verdict}: {finding.name}: {finding.sentence}")
    width = (table["set_upper"] - table["set_lower"] + 1) / units
    print(f"median width of a simultaneous set: {float(width.median()):.0%} of all places")
    print(f"of the best {quarter:,} the list names {int(listed['selected'].sum()):,}")


if __name__ == "__main__":
    main()
