"""A study of twelve hospitals that runs in seconds, and what two runs of it must share."""

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

from small_studies import hospital_study, written

import ranktrust


def write_study(folder: Path, model: str = "proportion_independent") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return written(folder, hospital_study("Does a run survive what happens to it?", model=model))


def surroundings() -> dict[str, str]:
    """The environment of a process that imports this ranktrust."""
    package = str(Path(ranktrust.__file__).resolve().parents[1])
    return {**os.environ, "PYTHONPATH": package, "OPENBLAS_NUM_THREADS": "1"}


def start(study: Path, out: Path, *options: str, **more: Any) -> "subprocess.Popen[str]":
    """`ranktrust run` as a process of its own, its progress on stderr line by line."""
    command = [sys.executable, "-m", "ranktrust", "run", str(study), "--out", str(out), *options]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return subprocess.Popen(command, env=surroundings(), text=True, **pipes, **more)


def tables_of(run: Path) -> dict[str, bytes]:
    """Every table of a run by its place."""
    return {
        path.relative_to(run).as_posix(): path.read_bytes() for path in (run / "tables").rglob("*") if path.is_file()
    }


def pages_of(run: Path) -> dict[str, str]:
    """Every page of a run by its name, without what names the run and the day it was made."""
    pages = {path.name: path.read_text(encoding="utf-8") for path in (run / "pages").iterdir()}
    stamp = re.compile(r"\d{8}T\d{6}Z-[0-9a-f]{8}(-\d+)?|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00")
    return {name: stamp.sub("RUN", text) for name, text in pages.items()}
