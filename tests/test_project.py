"""The files around the code agree with it and with each other."""

import importlib.util
import json
import os
import re
import subprocess
import tomllib
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from ranktrust import __version__
from ranktrust.vocabulary import EXIT_MEANING

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
GROUPS = PROJECT["dependency-groups"]
REQUIREMENTS = [*PROJECT["project"]["dependencies"], *GROUPS["dev"], *GROUPS["docs"]]
PUBLIC_INDEXES = {"pypi.org", "files.pythonhosted.org"}
MACHINE_PATH = re.compile(r"(?<![\w.~-])/(?:work|tmp|home|root|Users|mnt)/\w")


def tool(name: str) -> Any:
    spec = importlib.util.spec_from_file_location(name, ROOT / f"tools/{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def text_of(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def name_of(requirement: str) -> str:
    match = re.match(r"[A-Za-z0-9._-]+", requirement)
    assert match is not None
    return match[0].lower()


def tracked() -> dict[str, str]:
    """Every committed or committable text file; binary ones are left out."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, check=False)
    if done.returncode:
        assert "CI" not in os.environ, "CI works on a clone, where this is never left out"
        pytest.skip("not a git checkout")  # a source archive cannot say which of its files are tracked
    texts = {}
    for name in filter(None, done.stdout.decode().split("\0")):
        content = (ROOT / name).read_bytes() if (ROOT / name).is_file() else b"\0"
        if b"\0" not in content:
            texts[name] = content.decode("utf-8", "replace")
    assert "pyproject.toml" in texts
    return texts


def test_the_conda_environment_follows_pyproject() -> None:
    assert text_of("environment.yml") == tool("envsync").environment(PROJECT), "run `make environment`"


def test_the_conda_environment_has_what_was_asked_for_and_one_channel() -> None:
    lines = text_of("environment.yml").splitlines()
    names = {re.split("[<>=!~]", line.removeprefix("  - "))[0] for line in lines if line.startswith("  - ")}
    assert {"pymc", "arviz", "pandas", "xarray", "jupyter", "nbconvert", "matplotlib-base"} <= names
    assert lines[lines.index("channels:") + 1 : lines.index("dependencies:")] == ["  - conda-forge"]
    assert lines[-2:] == ["  - pip:", "      - -e ."]


def test_a_requirement_without_a_conda_name_is_refused() -> None:
    lines = tool("envsync").conda_lines
    assert lines("matplotlib >= 3.10") == ["matplotlib-base>=3.10"]
    assert lines("dask[distributed]>=2025.1") == ["dask-core>=2025.1", "distributed>=2025.1"]
    with pytest.raises(ValueError, match="has extras"):
        lines("pandera[io]>=1")
    with pytest.raises(ValueError, match="no form in conda"):
        lines("colorama>=1; os_name == 'nt'")


def test_the_lock_pins_every_requirement_with_hashes() -> None:
    blocks = re.split(r"\n(?=\S)", text_of("requirements/lock.txt").strip())
    names = {re.sub("[-_.]+", "-", block.partition("==")[0]) for block in blocks}
    assert {re.sub("[-_.]+", "-", name_of(requirement)) for requirement in REQUIREMENTS} <= names
    assert all(re.search(r"--hash=sha256:[0-9a-f]{64}", block) for block in blocks)
    assert not names & {"torch", "jax", "jaxlib"}


def test_the_lock_names_no_address() -> None:
    lock = text_of("requirements/lock.txt")
    assert "://" not in lock
    assert not re.search(r"(index-url|find-links|trusted-host|^-[ief] |^#)", lock, re.MULTILINE)


def test_the_preferred_python_is_one_the_package_allows() -> None:
    lowest = PROJECT["project"]["requires-python"].removeprefix(">=")
    preferred = text_of(".python-version").strip()
    assert [int(part) for part in preferred.split(".")] >= [int(part) for part in lowest.split(".")]
    assert tuple(int(part) for part in lowest.split(".")) == tool("bootstrap").LOWEST


def test_the_readme_s_exit_codes_are_the_vocabulary_s() -> None:
    table = text_of("README.md").partition("## Exit codes")[2].partition("\n## ")[0]
    rows = dict(re.findall(r"^\| (\d+) \| (.+) \|$", table, re.MULTILINE))
    assert rows == {str(int(code)): meaning for code, meaning in EXIT_MEANING.items()}


def test_the_readme_tells_the_four_journeys() -> None:
    headings = re.findall(r"^### (\w+(?: a model)?)", text_of("README.md"), re.MULTILINE)
    assert headings == ["Refit", "Publish", "Review", "Add a model"]


def test_the_citation_names_this_version() -> None:
    assert f"\nversion: {__version__}\n" in text_of("CITATION.cff")


def faults_of(notebook: dict[str, Any]) -> list[str]:
    """What a notebook holds that belongs elsewhere: outputs, counts, definitions."""
    found = []
    for number, cell in enumerate(notebook["cells"]):
        if cell["cell_type"] != "code":
            continue
        if cell["outputs"] or cell["execution_count"] is not None:
            found.append(f"cell {number} holds an output")
        if re.search(r"^\s*(async def|def|class)\b", "".join(cell["source"]), re.MULTILINE):
            found.append(f"cell {number} holds a definition")
    return found


def test_notebooks_hold_words_and_calls() -> None:
    faults = {
        path.name: faults_of(json.loads(path.read_text(encoding="utf-8")))
        for path in (ROOT / "notebooks").glob("*.ipynb")
    }
    assert {name: found for name, found in faults.items() if found} == {}


def test_a_notebook_s_outputs_and_definitions_are_seen() -> None:
    cell = {"cell_type": "code", "outputs": [], "execution_count": None, "source": ["default = 1\n", "run()"]}
    assert faults_of({"cells": [{"cell_type": "markdown", "source": ["def"]}, cell]}) == []
    assert faults_of({"cells": [cell | {"outputs": [{}]}]}) == ["cell 0 holds an output"]
    assert faults_of({"cells": [cell | {"execution_count": 1}]}) == ["cell 0 holds an output"]
    assert faults_of({"cells": [cell | {"source": ["x = 1\n", "def f():\n"]}]}) == ["cell 0 holds a definition"]


def test_no_machine_s_path_is_committed() -> None:
    found = {name: MACHINE_PATH.findall(text) for name, text in tracked().items()}
    assert {name: paths for name, paths in found.items() if paths} == {}


@pytest.mark.parametrize(("path", "seen"), [("work/x", True), ("home/ann", True), ("tmp/a", True), ("opt/a", False)])
def test_a_machine_s_path_is_seen(path: str, seen: bool) -> None:
    assert bool(MACHINE_PATH.search(f'open("/{path}")')) is seen
    assert not MACHINE_PATH.search(f"https://example.org/{path}")


def test_no_package_index_of_this_machine_is_committed() -> None:
    bootstrap = tool("bootstrap")
    settings = bootstrap.pip_settings(bootstrap.sys.executable)
    addresses = " ".join(settings.get(name, "") for name in ("index-url", "extra-index-url", "find-links")).split()
    parts = [urlsplit(address) for address in addresses]
    private = {part.hostname or part.path for part in parts} - PUBLIC_INDEXES - {"", "/"}
    assert {(name, mark) for name, text in tracked().items() for mark in private if mark in text} == set()


def test_the_licence_of_the_figures_names_their_publishers() -> None:
    text = " ".join(text_of("LICENCE-DATA.md").split())
    for words in (
        "Contains public sector information licensed under the [Open Government Licence v3.0]",
        "NHS England",
        "Staff Survey Coordination Centre",
        "Ministry of Housing",
        "BUGS",
    ):
        assert words in text
