"""SHMI from the shell to ranks.csv: python benchmarks/shmi.py, after set-up.

Seconds by the clock and of the processor (all threads) of each step, from the start of the process: imports, figures,
compiling with the first fit (from the second time on a machine: loading what the first compiled), the tables of
`ranktrust rank`, a fit compiled before, its ranks, and a fit with every predictive group, ranked and judged by the
gate. Fits are 4 x (400 + 1,000). The smallest bulk ESS is of any parameter or level.
"""

import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

STARTED = time.perf_counter()

import numpy as np  # noqa: E402 - imports are part of what is timed
from statements import SEED, shares, weakest  # noqa: E402

from ranktrust.assemble import assemble  # noqa: E402
from ranktrust.assets import find_asset  # noqa: E402
from ranktrust.fit import Sampling, fit  # noqa: E402
from ranktrust.gate import diagnose, gate_passed  # noqa: E402
from ranktrust.model import load_model  # noqa: E402
from ranktrust.ranks import Asked, more_statements, report_ranks, summarise_ranks  # noqa: E402
from ranktrust.ranks.tables import write_rank_tables  # noqa: E402
from ranktrust.study import read_study  # noqa: E402


@contextmanager
def step(name):
    """Print the seconds of what is done inside."""
    clock, used = time.perf_counter(), time.process_time()
    yield
    print(f"| {name} | {time.perf_counter() - clock:.2f} | {time.process_time() - used:.2f} |", flush=True)


def fitted(panel, cache, *, predictive):
    model_file = load_model("ratio")
    seed, priors = np.random.SeedSequence(SEED), shares(panel, model_file)
    sampling = Sampling(tune=400)  # nutpie's own default
    return fit(panel, model_file, seed=seed, sampling=sampling, priors=priors, cache=cache, predictive=predictive)


def main():
    print("| step | seconds | of the processor |\n|---|--:|--:|")
    print(f"| imports | {time.perf_counter() - STARTED:.2f} | {time.process_time():.2f} |")
    cache, folder = {}, Path(tempfile.mkdtemp())
    with step("figures"):
        panel = assemble(read_study(find_asset("studies", "shmi")))["shmi"]
    with step("compile and first fit"):
        tree = fitted(panel, cache, predictive=False)
    with step("ranks.csv and the tables beside it"):
        report = report_ranks(tree["posterior"]["outcome"], best="lowest")
        more = more_statements(tree["posterior"]["outcome"], report.summary, Asked(), set_prob=0.95)
        write_rank_tables(report, more, folder)
    print(f"| from the start to ranks.csv | {time.perf_counter() - STARTED:.2f} | {time.process_time():.2f} |")
    with step("fit, compiled before"):
        tree = fitted(panel, cache, predictive=False)
    with step("ranks"):
        summarise_ranks(tree["posterior"]["outcome"], best="lowest")
    with step("fit with every group, ranks and diagnostics"):
        tree = fitted(panel, cache, predictive=True)
        summarise_ranks(tree["posterior"]["outcome"], best="lowest")
        findings = diagnose(tree, best="lowest", top=29, bottom=29)
    ess, what = weakest(tree)
    print(f"\nleast bulk ESS {ess:,.0f} ({what}); gate passed: {gate_passed(findings)}")


if __name__ == "__main__":
    main()
