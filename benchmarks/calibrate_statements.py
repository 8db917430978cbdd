"""Prior simulation-based calibration of shipped statements: python benchmarks/calibrate_statements.py N [NAME ...].

Each statement is calibrated on the made-up panel of `ranktrust models check` (forty trusts, or --trusts; four periods
where it reads periods, three indicators of three kinds where it mixes them): N panels drawn from its prior, a refit
each, and every parameter, level and claim judged. Prints one line a statement as it ends; --out FILE keeps every
finding as JSON.
"""

import argparse
import json
import sys
import time
from pathlib import Path

from ranktrust.assets import list_assets
from ranktrust.cli_models import CALIBRATED_PERIODS
from ranktrust.contract import calibration_panel
from ranktrust.model import load_model
from ranktrust.run import calibrate_statement


def calibrated(name, simulations, trusts, seed):
    """Findings of one statement, and the seconds they took."""
    model_file, started = load_model(name), time.perf_counter()
    periods = CALIBRATED_PERIODS if "period_idx" in model_file.needs else 1
    panel = calibration_panel(model_file.needs, periods=periods, trusts=trusts)
    said = [0.0]

    def report(step, fraction):
        if fraction - said[0] >= 0.1:
            said[0] = fraction
            print(f"  {name}: {step}, {time.perf_counter() - started:.0f} s", file=sys.stderr, flush=True)

    found = calibrate_statement(model_file, panel, simulations=simulations, seed=seed, report=report)
    return found, time.perf_counter() - started


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("simulations", type=int)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--trusts", type=int, default=40)
    parser.add_argument("--seed", type=int, default=20261123)
    parser.add_argument("--out", type=Path)
    asked = parser.parse_args()
    kept = {}
    for name in asked.names or sorted(list_assets("models")):
        found, seconds = calibrated(name, asked.simulations, asked.trusts, asked.seed)
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
