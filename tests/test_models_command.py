"""`ranktrust models`: begin a model file, list what there is, and check one."""

import re

import pandas as pd
import pytest

from ranktrust.cli import main
from ranktrust.contract import CHECKS
from ranktrust.gate import Finding
from ranktrust.model import FIRST_LINE
from ranktrust.vocabulary import Exit


def run(capsys, *arguments):
    """Exit code, stdout and stderr of a command."""
    with pytest.raises(SystemExit) as stopped:
        main(["models", *map(str, arguments)])
    printed = capsys.readouterr()
    return int(stopped.value.code or 0), printed.out, printed.err


def test_a_model_is_begun_here_and_checked_once_its_first_line_is_written(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert run(capsys, "new", "own", "--like", "estimate_independent") == (
        0,
        f"{tmp_path}/models/own.py\n",
        "write its docstring, edit it, then: ranktrust models check own\n",
    )
    code, out, _ = run(capsys, "check", "own")
    assert code == Exit.USAGE
    assert out.count("failed: ") == 1
    assert "failed: the file reads like a page" in out
    assert "\n  own.py, docstring: begins as the skeleton does. Say what is modelled, and for which data\n" in out
    path = tmp_path / "models" / "own.py"
    path.write_text(path.read_text(encoding="utf-8").replace(FIRST_LINE, "Scores of wards."), encoding="utf-8")
    code, out, _ = run(capsys, "check", path, "--simulations", 0)
    assert (code, out.splitlines()) == (0, [f"passed: {name}" for name in CHECKS])


@pytest.mark.parametrize(("verdict", "code"), [("passed", 0), ("failed", Exit.GATE_FAILED)])
def test_a_small_calibration_follows_a_kept_contract(capsys, monkeypatch, verdict, code):
    asked = {}

    def calibrate(model_file, panel, *, simulations):
        asked.update(name=model_file.name, periods=len(panel.periods), simulations=simulations)
        return (Finding("rank intervals", verdict, "held 79 of 80", "", pd.DataFrame()),)

    monkeypatch.setattr("ranktrust.run.calibrate_statement", calibrate)
    found, out, _ = run(capsys, "check", "trajectory_ratio", "--simulations", 7)
    assert (found, asked) == (code, {"name": "trajectory_ratio", "periods": 4, "simulations": 7})
    assert out.endswith(f"{verdict}: rank intervals\n  held 79 of 80\n")


def test_a_model_beside_a_study_is_listed_with_those_that_ship(tmp_path, capsys):
    study = tmp_path / "small.toml"
    assert run(capsys, "new", "wards", "--beside", study)[0] == 0
    code, out, _ = run(capsys, "list", "--beside", study)
    lines = dict(re.findall(r"^(\w+): (.*) \[.*\]$", out, re.MULTILINE))
    assert code == 0
    assert lines["wards"] == FIRST_LINE
    assert lines["ratio"].startswith("Observed events against expected events: a hierarchical Poisson model")
    assert f"wards: {FIRST_LINE} [{tmp_path}/models/wards.py]" in out
    assert "wards" not in run(capsys, "list")[1]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("new", "Wards"), "ranktrust: 'Wards' cannot name a model: use a-z, 0-9 and _"),
        (("new", "wards", "--like", "nothing"), "ranktrust: no model 'nothing'; there are:"),
        (("check", "nothing"), "ranktrust: no model 'nothing'; there are:"),
        (("check", "worse.py"), "ranktrust: worse.py: build raised ZeroDivisionError: division by zero"),
        (("check", "bad.py"), "ranktrust: bad.py breaks the model contract: it has no docstring"),
    ],
)
def test_what_cannot_be_done_is_said(tmp_path, capsys, monkeypatch, arguments, words):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "bad.py").write_text("NEEDS = ()\nPRIORS = {}\n\n\ndef build(panel):\n    return panel\n")
    worse = '"""y ~ 1."""\nNEEDS = ("estimate",)\nPRIORS = {"s": 1.0}\n\n\ndef build(panel):\n    return 1 / 0\n'
    (tmp_path / "worse.py").write_text(worse)
    code, out, err = run(capsys, *arguments)
    assert (code, out) == (Exit.USAGE, "")
    assert err.startswith(words)
    assert not (tmp_path / "models").exists()
