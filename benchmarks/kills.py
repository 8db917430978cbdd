"""Kill a run at random moments, again and again, and compare what the last one leaves with an undisturbed run.

    python benchmarks/kills.py [KILLS] [STUDY] [SEED]    # STUDY: a name, or the path of a study file

Each round starts `ranktrust run` in a process of its own and kills it with SIGKILL after a random time, drawn anew;
what it finished stays. Then one run is let through. Prints a line a kill, and whether tables and draws are identical.
"""

import os
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
    rng, path = (
        np.random.default_rng(int(seed)),
        Path(study) if study.endswith(".toml") else find_asset("studies", study),
    )
    with tempfile.TemporaryDirectory(prefix="ranktrust-") as folder:
        one, other = Path(folder) / "undisturbed", Path(folder) / "killed"
        started = time.monotonic()
        code, _ = run(path, one)
        length = time.monotonic() - started
        print(f"undisturbed: exit {code}, {length:.0f} s")
        landed = 0
        for kill in range(int(kills)):
            seconds = float(rng.uniform(0, length))
            code, last = run(path, other, seconds=seconds)
            landed += code == -signal.SIGKILL
            whole = sum(found.state == "complete" for found in list_runs(other)) if other.is_dir() else 0
            print(f"{kill + 1:3}  after {seconds:5.1f} s  exit {code:4}  complete runs {whole}  {last}", flush=True)
        code, _ = run(path, other)
        ends = [next(each.glob("*/latest")).resolve() for each in (one, other)]
        print(f"let through: exit {code}; {landed} of {kills} kills met a run at work")
        print(f"tables identical: {contents(ends[0]) == contents(ends[1])}, {len(contents(ends[0]))} files")
        print(f"draws identical: {same_draws(*ends)}")


if __name__ == "__main__":
    main(*sys.argv[1:])
