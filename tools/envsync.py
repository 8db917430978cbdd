#!/usr/bin/env python3
"""Write environment.yml, the conda environment, from pyproject.toml; `--check` only compares.

One list of dependencies is kept, in pyproject.toml; conda-forge gives some of them other names.
"""

import itertools
import re
import sys
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
CONDA_NAMES = {
    "build": ("python-build",),
    "dask[distributed]": ("dask-core", "distributed"),
    "matplotlib": ("matplotlib-base",),  # the same package without a window toolkit
}
HEAD = """\
# Generated from pyproject.toml by tools/envsync.py (`make environment`): change that file, not this one.
# `conda env create -f environment.yml` makes the environment and installs ranktrust itself from this folder.
name: ranktrust
channels:
  - conda-forge
dependencies:
"""


def conda_lines(requirement: str) -> list[str]:
    """One requirement in conda's words.

    Raises ValueError when it has extras or a marker that conda has no word for.
    """
    match = re.fullmatch(r"([A-Za-z0-9._-]+)(\[[a-z0-9,_-]+\])?\s*([<>=!~][^;@]*)?", requirement.strip())
    if match is None:
        raise ValueError(f"{requirement!r} has no form in conda's language: name it in CONDA_NAMES of tools/envsync.py")
    name, extras, version = match.group(1).lower(), match.group(2) or "", match.group(3) or ""
    if extras and name + extras not in CONDA_NAMES:
        raise ValueError(f"{name + extras!r} has extras: name it in CONDA_NAMES of tools/envsync.py")
    return [other + version.replace(" ", "") for other in CONDA_NAMES.get(name + extras, (name,))]


def environment(project: Mapping[str, Any]) -> str:
    """Write out environment.yml for the content of a pyproject.toml."""
    groups = [project["dependency-groups"][name] for name in ("dev", "docs")]
    requirements = [*project["project"]["dependencies"], *itertools.chain.from_iterable(groups)]
    lines = sorted({line for requirement in requirements for line in conda_lines(requirement)})
    body = ["python" + project["project"]["requires-python"], *lines]
    return HEAD + "".join(f"  - {line}\n" for line in body) + "  - pip:\n      - -e .\n"


def main(arguments: Sequence[str]) -> int:
    """Write the file, or with --check say whether it is the one that would be written."""
    expected = environment(tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8")))
    path = ROOT / "environment.yml"
    if list(arguments) not in ([], ["--check"]):
        print(f"envsync takes nothing or --check, not {' '.join(arguments)}", file=sys.stderr)
        return 2
    if not arguments:
        path.write_text(expected, encoding="utf-8")
        return 0
    if path.is_file() and path.read_text(encoding="utf-8") == expected:
        return 0
    print("environment.yml differs from pyproject.toml: run `make environment`.", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
