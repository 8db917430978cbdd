"""`ranktrust runs`, `doctor` and `python -m ranktrust`: what they list, say and exit with."""

import json
import os
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

import ranktrust
from ranktrust import cli, doctor
from ranktrust.vocabulary import Exit


def run_at(folder, name, *, gate=True, allowed=None, contents=("index.html",), latest=False):
    place = folder / "small" / name
    place.mkdir(parents=True)
    manifest = {
        "schema_version": 1, "run_id": name, "created": "2026-07-01T00:00:00+00:00", "gate_passed": gate,
        "allowed_failed_gate": allowed, "contents": dict.fromkeys(contents, "0"),
    }  # fmt: skip
    (place / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    (place / "index.html").write_text("x" * 2_000_000, encoding="utf-8")
    if latest:
        (folder / "small" / "latest").symlink_to(name)
    return place


@pytest.fixture
def outputs(tmp_path):
    run_at(tmp_path, "20260701T000000Z-aaaaaaaa")
    run_at(tmp_path, "20260702T000000Z-aaaaaaaa", gate=False, allowed="a drill")
    run_at(tmp_path, "20260703T000000Z-aaaaaaaa", gate=False)
    run_at(tmp_path, "20260704T000000Z-aaaaaaaa", contents=("index.html", "tables/rows.csv"))
    (run_at(tmp_path, "20260705T000000Z-aaaaaaaa") / "manifest.json").write_text("{", encoding="utf-8")
    run_at(tmp_path, "20260706T000000Z-aaaaaaaa", latest=True)
    (tmp_path / "small" / ".20260707T000000Z-aaaaaaaa.12.part").mkdir()
    (tmp_path / "small" / "finished" / "abc").mkdir(parents=True)
    (tmp_path / "small" / "finished" / "abc" / "record.json").write_text("x" * 3_000_000, encoding="utf-8")
    (tmp_path / "small" / "calibration").mkdir()
    return tmp_path


def printed(capsys, *arguments):
    try:
        cli.main([str(argument) for argument in arguments])
    except SystemExit as end:
        return end.code, capsys.readouterr()
    raise AssertionError("a command ends with its code")


def test_runs_lists_verdict_size_and_state(outputs, capsys):
    code, said = printed(capsys, "runs", "--out", outputs)
    lines = [line.split() for line in said.out.splitlines()]
    assert code == Exit.DONE
    assert lines[0] == ["study", "run", "state", "gate", "reviewed", "MB"]
    assert {line[1][6:8]: line[2] for line in lines[1:8]} == {
        "01": "complete", "02": "complete", "03": "complete", "04": "damaged", "05": "damaged", "06": "complete",
        "07": "unfinished",
    }  # fmt: skip
    assert [line[3] for line in lines[2:5]] == ["passed", "allowed", "failed"]
    assert lines[7] == ["small", "20260706T000000Z-aaaaaaaa", "complete", "passed", "no", "2", "latest"]
    assert "lacks tables/rows.csv" in said.out
    assert "small: 3 MB of finished fits, tables and pages are kept" in said.out


def test_runs_as_json(outputs, capsys):
    _, said = printed(capsys, "runs", "--out", outputs, "--json")
    found = json.loads(said.out)
    assert [run["verdict"] for run in found["runs"] if run["state"] == "complete"] == [
        "passed", "allowed", "failed", "passed",
    ]  # fmt: skip
    assert [run["run"] for run in found["runs"] if run["latest"]] == ["20260706T000000Z-aaaaaaaa"]
    assert found["kept_bytes"] == {"small": 3_000_000}


def test_runs_of_a_folder_that_is_not_there(tmp_path, capsys):
    code, said = printed(capsys, "runs", "--out", tmp_path / "none")
    assert code == Exit.USAGE
    assert "is no folder of runs" in said.err


def test_doctor_finds_this_machine_fit_to_run(tmp_path, capsys):
    code, said = printed(capsys, "doctor", "--out", tmp_path, "--json")
    checks = {check["name"]: check for check in json.loads(said.out)}
    assert code == Exit.DONE
    assert set(checks) == {
        "python", "packages", "lock", "compiler", "pytensor cache", "numba cache", "disk", "fonts", "browser",
    }  # fmt: skip
    assert all(check["verdict"] != "bad" for check in checks.values())


def test_doctor_says_what_would_stop_a_run(tmp_path, capsys, monkeypatch):
    (tmp_path / "file").write_text("", encoding="utf-8")
    monkeypatch.setattr(doctor, "NEEDED", ("pymc", "no-such-package"))
    code, said = printed(capsys, "doctor", "--out", tmp_path / "file" / "below")
    assert code == Exit.FIT_FAILED
    assert "bad   packages        not installed: no-such-package: run `make setup`" in said.out
    assert "cannot be written: choose another folder with --out" in said.out


def test_doctor_compares_with_the_lock():
    lock = "numpy==0.1 ; python_version > '3' \\\n    --hash=sha256:00\npandas==" + version("pandas") + " \\\n"
    pins = doctor.pins_of(lock + "never-installed==1\n")
    assert pins == {"numpy": "0.1", "pandas": version("pandas"), "never-installed": "1"}
    assert doctor.differing_pins(pins) == [f"numpy {version('numpy')} (lock: 0.1)"]


def test_the_package_runs_as_a_module():
    env = {**os.environ, "PYTHONPATH": str(Path(ranktrust.__file__).parents[1])}
    command = [sys.executable, "-m", "ranktrust", "--version"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=env)
    assert done.stdout == f"ranktrust {ranktrust.__version__}\n"
