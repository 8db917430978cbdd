"""Where the time of a run goes: python benchmarks/report.py [STUDY], after set-up.

Runs the study into a temporary folder and prints the seconds of each stage from its manifest, with the share of the
whole. The named baseline is PyMC's own sampler on the first indicator's statement, in the same process, compiled anew
as ours is: seconds from panel to completed draws, and the ratio.
"""

import argparse
import tempfile
import time
from collections import defaultdict
from dataclasses import replace
from pathlib import Path

from ranktrust.assemble import assemble
from ranktrust.assets import find_asset
from ranktrust.fit import Sampling, fit
from ranktrust.manifest import read_manifest
from ranktrust.run import run_study, seed_of, statement_of
from ranktrust.study import read_study


def stage_seconds(study, folder):
    """Seconds by stage (compile, sample, predict, judge and rank, page, ...) over all indicators."""
    run, _ = run_study(study, folder)
    stages = defaultdict(float)
    for step, seconds in read_manifest(run)["seconds"].items():
        stage = step.split(": ")[-1]
        stages[next((kind for kind in ("page", "refit") if stage.startswith(kind)), stage)] += seconds
    return dict(stages)


def fit_seconds(study, sampling):
    """Seconds of one fit of the first indicator, compiled anew, from panel to completed draws."""
    asked = study.indicator[0]
    panel = assemble(study)[asked.name]
    started = time.perf_counter()
    fit(panel, statement_of(study, asked, panel), seed=seed_of(study, asked.name), sampling=sampling)
    return time.perf_counter() - started


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("study", nargs="?", default="acute")
    study = read_study(find_asset("studies", parser.parse_args().study))
    with tempfile.TemporaryDirectory() as folder:
        started = time.perf_counter()
        stages = stage_seconds(study, Path(folder))
        whole = time.perf_counter() - started
    print("| stage | seconds | share |\n|---|--:|--:|")
    for stage, seconds in sorted(stages.items(), key=lambda item: -item[1]):
        print(f"| {stage} | {seconds:.1f} | {seconds / whole:.0%} |")
    print(f"| whole run | {whole:.1f} | |")
    ours = Sampling(draws=study.fit.draws, tune=study.fit.tune, target_accept=study.fit.target_accept)
    seconds, baseline = (fit_seconds(study, replace(ours, sampler=name)) for name in ("nutpie", "pymc"))
    print(
        f"\none fit of {study.indicator[0].name}: nutpie {seconds:.1f} s, PyMC's own sampler {baseline:.1f} s, "
        f"ratio {baseline / seconds:.1f}"
    )


if __name__ == "__main__":
    main()
