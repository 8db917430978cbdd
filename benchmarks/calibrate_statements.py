"""Prior simulation-based calibration of shipped statements: python benchmarks/calibrate_statements.py N [NAME ...].

Each statement is calibrated on the made-up panel of `ranktrust models check` (forty trusts, or --trusts; four periods
where it reads periods, three indicators of three kinds where it mixes them): N panels drawn from its prior, a refit
each, and every parameter, level and claim judged. Prints one line a statement as it ends; --out FILE keeps every
finding as JSON. --keep FOLDER keeps every simulation, so that a calibration that was stopped goes on where it stopped;
--draws N fits with N draws a chain after 400, and as `ranktrust calibrate` does where that fails the gate.
"""

import argparse
import json
import sys
import time
from pathlib import Path

from ranktrust.assets import list_assets
from ranktrust.cli_models import CALIBRATED_PERIODS
from ranktrust.contract import calibration_panel
from ranktrust.fit import Sampling
from ranktrust.model import load_model
from ranktrust.run import calibrate_statement
from ranktrust.run.calibrate import LADDER


def calibrated(name, asked):
    """Findings of one statement, and the seconds they took."""
    model_file, started = load_model(name), time.perf_counter()
    periods = CALIBRATED_PERIODS if "period_idx" in model_file.needs else 1
    panel = calibration_panel(model_file.needs, periods=periods, trusts=asked.trusts)
    said = [0.0]

    def report(step, fraction):
        if fraction - said[0] >= 0.1:
            said[0] = fraction
            print(f"  {name}: {step}, {time.perf_counter() - started:.0f} s", file=sys.stderr, flush=True)

    first = Sampling(chains=4, draws=asked.draws, tune=400, target_accept=0.9, cores=1) if asked.draws else LADDER[0]
    found = calibrate_statement(
        model_file,
        panel,
        simulations=asked.simulations,
        seed=asked.seed,
        ladder=(first, *LADDER[1:]),
        folder=asked.keep / name if asked.keep else None,
        report=report,
    )
    return found, time.perf_counter() - started


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("simulations", type=int)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--trusts", type=int, default=40)
    parser.add_argument("--seed", type=int, default=20261123)
    parser.add_argument("--draws", type=int)
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--out", type=Path)
    asked = parser.parse_args()
    kept = {}
    for name in asked.names or sorted(list_assets("models")):
        found, seconds = calibrated(name, asked)
        failed = [item.name for item in found if item.verdict == "failed"]
        kept[name] = {
            "simulations": asked.simulations,
            "trusts": asked.trusts,
            "seed": asked.seed,
            "model_sha256": load_model(name).sha256,
            "seconds": round(seconds),
            "findings": [{"name": each.name, "verdict": each.verdict, "sentence": each.sentence} for each in found],
        }
        print(
            f"| {name} | {asked.trusts} | {asked.simulations} | {', '.join(failed) or 'none'} | {seconds:.0f} |",
            flush=True,
        )
        if asked.out:
            asked.out.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
