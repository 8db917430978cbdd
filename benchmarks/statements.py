"""Every statement on a real panel: python benchmarks/statements.py [--ours] [STATEMENT ...], after set-up.

The panels are those of the study acute: the indicator's own, or for a variant the first one of its kind. For each:
seconds to compile, seconds to sample 4 x 1,000 draws (tuning included), the least bulk ESS and the quantity that has
it, divergences, and seconds for 1,000 effective draws of that quantity, with nutpie and with PyMC's own sampler, which
compiles within its seconds (left out with --ours). JAGS and rstanarm are named where they are installed; no program of
theirs is run here.
"""

import shutil
import subprocess
import sys
import time

import numpy as np
from arviz_stats.base.array import array_stats

from ranktrust.assemble import assemble
from ranktrust.assets import find_asset, list_assets
from ranktrust.fit import Sampling, fit
from ranktrust.model import load_model
from ranktrust.study import read_study

INDICATOR_OF = {"ratio": "shmi", "proportion": "ae_4h", "estimate": "staff_engagement"}
OWN = {"proportion_half_counts": "cancer_62d"}
SEED = 20261122


def indicator_of(name):
    """The indicator of the study acute that a statement is measured on; none where it reads no such figures."""
    return OWN.get(name) or INDICATOR_OF.get(name.split("_")[0])


def weakest(tree):
    """The smallest bulk ESS of any parameter or level, and what has it."""
    sizes = {}
    for name, values in tree["posterior"].data_vars.items():
        draws = values.transpose("chain", "draw", ...).to_numpy()
        if draws.size and draws.std() > 0:
            sizes[name] = float(np.min(array_stats.ess(draws, chain_axis=0, draw_axis=1)))
    name = min(sizes, key=sizes.get)
    return sizes[name], name


def timed_fit(panel, model_file, sampler, cache):
    started = time.perf_counter()
    tree = fit(
        panel,
        model_file,
        seed=np.random.SeedSequence(SEED),
        sampling=Sampling(sampler=sampler),
        priors=shares(panel, model_file),
        cache=cache,
        predictive=False,
    )
    return time.perf_counter() - started, tree


def shares(panel, model_file):
    name = "unattributed_share"
    return {name: panel.only.shares["this_period"].numbers} if name in model_file.priors else {}


def line(name, panel, *, baseline):
    """One row of the table; `baseline` says whether PyMC's own sampler runs too."""
    model_file, cache = load_model(name), {}
    whole, _ = timed_fit(panel, model_file, "nutpie", cache)
    sampling, tree = timed_fit(panel, model_file, "nutpie", cache)
    (ess, what), divergences = weakest(tree), int(tree["sample_stats"]["diverging"].sum())
    theirs = "not run"
    if baseline:
        seconds, other = timed_fit(panel, model_file, "pymc", {})
        theirs = f"{1000 * seconds / weakest(other)[0]:.2f}"
    return (
        f"| {name} | {panel.only.name} | {whole - sampling:.1f} | {sampling:.1f} | {ess:,.0f} | {what} | {divergences} "
        f"| {1000 * sampling / ess:.2f} | {1000 * whole / ess:.2f} | {theirs} |"
    )


def other_programs():
    """What of JAGS and rstanarm is installed."""
    said = [f"JAGS: {shutil.which('jags') or 'absent'}"]
    script = shutil.which("Rscript")
    code = "cat(requireNamespace('rstanarm', quietly = TRUE))"
    found = script and subprocess.run([script, "-e", code], capture_output=True, text=True, check=False).stdout
    said.append(f"rstanarm: {'installed' if found == 'TRUE' else 'absent'}")
    return ", ".join(said)


def main():
    panels = assemble(read_study(find_asset("studies", "acute")))
    print("| statement | indicator | compile s | sample s | least bulk ESS | of | divergent", end=" ")
    print("| nutpie s / 1,000 ESS | with compiling | PyMC with compiling |")
    print("|---|---|--:|--:|--:|---|--:|--:|--:|--:|", flush=True)
    names = [name for name in sys.argv[1:] if name != "--ours"] or sorted(list_assets("models"))
    for name in names:
        if indicator_of(name):
            print(line(name, panels[indicator_of(name)], baseline="--ours" not in sys.argv), flush=True)
    print(f"\n{other_programs()}")


if __name__ == "__main__":
    main()
