"""Kill a run at random moments, again and again, and compare what the last one leaves with an undisturbed run.

    python benchmarks/kills.py [KILLS] [STUDY] [SEED]    # STUDY: a name, or the path of a study file

Each round starts `ranktrust run` in a process of its own and kills it with SIGKILL after a random time, drawn anew
(exponential, a third of an undisturbed run on average); what it finished stays for the next. A run that comes through
is compared, and its folder taken away, until as many kills as asked for have met a run at work; then one is let
through.
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from ranktrust.assets import find_asset
from ranktrust.runs import list_runs
from ranktrust.store import read_tree


def run(study, outputs, *, seconds=None):
    """Run the study, killed after `seconds` where given; the exit code and the last step that it named."""
    command = [sys.executable, "-m", "ranktrust", "run", str(study), "--out", str(outputs)]
    with tempfile.TemporaryFile("w+") as said:
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=said, env=os.environ)
        try:
            process.wait(timeout=seconds)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.wait()
        said.seek(0)
        return process.returncode, (said.read().splitlines() or ["nothing said"])[-1]


def contents(folder):
    """Every table of a run by its place, as bytes."""
    tables = folder / "tables"
    return {path.relative_to(tables): path.read_bytes() for path in tables.rglob("*") if path.is_file()}


def same_draws(one, other):
    """Whether the draws of every fit are equal."""
    pairs = [(path, other / "fits" / path.name) for path in sorted((one / "fits").glob("*.nc"))]
    return all(read_tree(a)["posterior"].to_dataset().equals(read_tree(b)["posterior"].to_dataset()) for a, b in pairs)


def main(kills=20, study="surgical", seed=1):
    path = Path(study) if study.endswith(".toml") else find_asset("studies", study)
    rng = np.random.default_rng(int(seed))
    with tempfile.TemporaryDirectory(prefix="ranktrust-") as folder:
        one, other = Path(folder) / "undisturbed", Path(folder) / "killed"
        started = time.monotonic()
        code, _ = run(path, one)
        length = time.monotonic() - started
        print(f"undisturbed: exit {code}, {length:.0f} s", flush=True)
        landed = 0
        while landed < int(kills):
            seconds = float(rng.exponential(length / 3))
            code, last = run(path, other, seconds=seconds)
            if code == -signal.SIGKILL:
                landed += 1
                whole = len(complete(other))
                print(f"{landed:3}  killed after {seconds:5.1f} s, complete runs {whole}: {last}", flush=True)
                assert whole == 0
            else:
                compare(one, other)
        code, _ = run(path, other)
        print(f"let through: exit {code}")
        compare(one, other)


def complete(outputs):
    """The complete runs that the outputs list."""
    return [found for found in list_runs(outputs) if found.state == "complete"] if outputs.is_dir() else []


def compare(one, other):
    """Say whether the run that came through is the undisturbed one, and begin again with nothing."""
    ends = [next(each.glob("*/latest")).resolve() for each in (one, other)]
    same = contents(ends[0]) == contents(ends[1])
    print(f"     came through: tables identical {same}, draws identical {same_draws(*ends)}", flush=True)
    shutil.rmtree(other)


if __name__ == "__main__":
    main(*sys.argv[1:])
