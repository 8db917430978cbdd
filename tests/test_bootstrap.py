"""The set-up: which interpreter, where uv looks for packages, and when .venv counts as made."""

import ast
import importlib.util
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def bootstrap(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> ModuleType:
    """The script as a module that sees no interpreter but those a test makes."""
    spec = importlib.util.spec_from_file_location("bootstrap", ROOT / "tools/bootstrap.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setattr(module, "ROOT", tmp_path / "project")  # a test that goes wrong must not remake the real .venv
    monkeypatch.setattr(module, "FOLDERS", (str(tmp_path / "versions/*"),))
    monkeypatch.setenv("PATH", str(tmp_path / "path"))
    for name in [name for name in os.environ if name.startswith(("UV_", "PIP_", "RANKTRUST_", "SSL_"))]:
        monkeypatch.delenv(name)
    return module


def script(path: Path, body: str) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{body}\n", encoding="utf-8")
    path.chmod(0o755)
    return str(path)


def python(path: Path, version: str) -> str:
    """An interpreter that answers the question put to it with this version."""
    return script(path, f"echo True {version} {path}")


def test_a_shim_that_exists_but_fails_is_passed_over(bootstrap: ModuleType, tmp_path: Path) -> None:
    script(tmp_path / "path/python3.13", "echo not found >&2; exit 127")
    script(tmp_path / "path/python3.12", "echo Traceback")
    beside = python(tmp_path / "versions/3.12.1/bin/python3", "3.12.1")
    assert bootstrap.find_python() == bootstrap.Python((3, 12, 1), beside)


def test_the_version_asked_for_comes_before_a_higher_one(bootstrap: ModuleType, tmp_path: Path) -> None:
    python(tmp_path / "path/python3", "3.14.0")
    wanted = python(tmp_path / "versions/3.13.0/bin/python3", "3.13.0")
    assert bootstrap.find_python().path == wanted


def test_without_it_the_highest_wins(bootstrap: ModuleType, tmp_path: Path) -> None:
    highest = python(tmp_path / "versions/c/bin/python3", "3.14.0")
    python(tmp_path / "path/python3", "3.12.9")
    assert bootstrap.find_python().path == highest


def test_nothing_new_enough_is_one_sentence_and_exit_code_2(
    bootstrap: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    python(tmp_path / "path/python3", "3.11.7")
    monkeypatch.setattr(bootstrap, "is_ready", lambda root: False)
    assert bootstrap.main([]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("ranktrust: no Python 3.12 or newer")
    assert "RANKTRUST_PYTHON" in line


@pytest.mark.parametrize("answer", ["echo True 3.11.9 /x", "echo False 3.13.0 /x", "exit 1", "echo"])
def test_a_python_asked_for_by_name_is_used_or_refused(
    bootstrap: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answer: str
) -> None:
    python(tmp_path / "path/python3.13", "3.13.0")
    monkeypatch.setenv("RANKTRUST_PYTHON", script(tmp_path / "mine", answer))
    with pytest.raises(bootstrap.SetupError, match=r"RANKTRUST_PYTHON is .*mine, which does not run") as caught:
        bootstrap.find_python()
    assert caught.value.exit_code == 2


def test_this_very_interpreter_passes_the_probe(bootstrap: ModuleType) -> None:
    assert bootstrap.probe(sys.executable).version == sys.version_info[:3]


def test_uv_is_told_what_pip_knows(bootstrap: ModuleType, tmp_path: Path) -> None:
    settings = {
        "index-url": "https://mirror.example/simple",
        "extra-index-url": "\nfile:///a/simple\nfile:///b/simple",
        "find-links": f"{tmp_path} {tmp_path}/absent",
        "cert": "/ca.pem",
        "timeout": "60",
        "trusted-host": "mirror.example",
    }
    env = bootstrap.uv_environment(settings)
    assert {name: value for name, value in env.items() if name.startswith(("UV_", "SSL_"))} == {
        "UV_DEFAULT_INDEX": "https://mirror.example/simple",
        "UV_EXTRA_INDEX_URL": "file:///a/simple file:///b/simple",
        "UV_FIND_LINKS": str(tmp_path),
        "UV_INDEX_STRATEGY": "unsafe-best-match",
        "UV_HTTP_TIMEOUT": "60",
        "UV_INSECURE_HOST": "mirror.example",
        "SSL_CERT_FILE": "/ca.pem",
    }


def test_the_lock_is_resolved_on_the_main_index_alone(bootstrap: ModuleType) -> None:
    settings = {
        "index-url": "https://m.example/simple",
        "extra-index-url": "file:///a",
        "find-links": "https://l.example",
    }
    env = bootstrap.uv_environment(settings, extra=False)
    assert {name for name in env if name.startswith("UV_")} == {"UV_DEFAULT_INDEX"}


def test_what_the_user_told_uv_itself_is_kept(bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UV_INDEX_URL", "https://mine.example/simple")
    monkeypatch.setenv("SSL_CERT_FILE", "/mine.pem")
    env = bootstrap.uv_environment({"index-url": "https://pip.example/simple", "cert": "/ca.pem"})
    assert (env["UV_INDEX_URL"], env["SSL_CERT_FILE"]) == ("https://mine.example/simple", "/mine.pem")
    assert "UV_DEFAULT_INDEX" not in env


def test_pip_s_environment_comes_before_its_files(bootstrap: ModuleType, tmp_path: Path) -> None:
    lines = ":env:.index-url='env'\nglobal.index-url='file'\nglobal.cert='c'\ninstall.cert='i'\ndownload.timeout='9'"
    pip = script(tmp_path / "pip", f'cat <<"END"\n{lines}\nEND')
    os.environ["PATH"] += os.pathsep + "/bin" + os.pathsep + "/usr/bin"
    assert bootstrap.pip_settings(pip) == {"index-url": "env", "cert": "i"}


def test_the_locked_uv_is_taken_with_its_hashes_and_nothing_else(bootstrap: ModuleType) -> None:
    lock = (ROOT / "requirements/lock.txt").read_text(encoding="utf-8")
    lines = bootstrap.locked(lock, "uv").splitlines()
    assert re.fullmatch(r"uv==[\d.]+ \\", lines[0])
    assert len(lines) > 1
    assert all(re.fullmatch(r"    --hash=sha256:[0-9a-f]{64}( \\)?", line) for line in lines[1:])


@pytest.fixture
def made(bootstrap: ModuleType, tmp_path: Path) -> Path:
    """A project whose set-up is finished."""
    root = tmp_path / "project"
    for name in ("requirements/lock.txt", "pyproject.toml", ".python-version"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(name, encoding="utf-8")
    (root / ".venv/lib/python3.13/site-packages/numpy-2.dist-info").mkdir(parents=True)
    script(root / ".venv/bin/python", "echo 3.13.0 /base/python")
    script(root / ".venv/bin/ranktrust", "exit 0")
    packages = ["numpy-2.dist-info"]
    stamp = {"key": bootstrap.key_of(root), "python": "3.13.0 /base/python", "packages": packages}
    (root / ".venv" / bootstrap.STAMP).write_text(json.dumps(stamp), encoding="utf-8")
    assert bootstrap.is_ready(root)
    return root


@pytest.mark.parametrize("name", ["requirements/lock.txt", "pyproject.toml", ".python-version"])
def test_a_changed_requirement_asks_for_a_new_set_up(bootstrap: ModuleType, made: Path, name: str) -> None:
    (made / name).write_text("changed", encoding="utf-8")
    assert not bootstrap.is_ready(made)


def test_a_moved_folder_asks_for_a_new_set_up(bootstrap: ModuleType, made: Path) -> None:
    assert not bootstrap.is_ready(made.rename(made.with_name("moved")))


@pytest.mark.parametrize("name", ["bin/ranktrust", "bin/python", "ranktrust-stamp.json"])
def test_a_lost_file_asks_for_a_new_set_up(bootstrap: ModuleType, made: Path, name: str) -> None:
    (made / ".venv" / name).unlink()
    assert not bootstrap.is_ready(made)


def test_a_lost_package_asks_for_a_new_set_up_and_a_further_one_does_not(bootstrap: ModuleType, made: Path) -> None:
    packages = made / ".venv/lib/python3.13/site-packages"
    (packages / "ipdb-1.dist-info").mkdir()
    assert bootstrap.is_ready(made)
    (packages / "numpy-2.dist-info").rmdir()
    assert not bootstrap.is_ready(made)


def test_another_interpreter_inside_asks_for_a_new_set_up(bootstrap: ModuleType, made: Path) -> None:
    script(made / ".venv/bin/python", "echo 3.13.1 /base/python")
    assert not bootstrap.is_ready(made)


def test_another_interpreter_asked_for_asks_for_a_new_set_up(
    bootstrap: ModuleType, made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RANKTRUST_PYTHON", script(tmp_path / "same", "echo True 3.13.0 /base/python"))
    assert bootstrap.is_ready(made)
    monkeypatch.setenv("RANKTRUST_PYTHON", script(tmp_path / "other", "echo True 3.12.1 /other/python"))
    assert not bootstrap.is_ready(made)


def test_the_stamp_is_gone_before_anything_else_and_comes_last(
    bootstrap: ModuleType, made: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bootstrap, "install_uv", lambda python: (_ for _ in ()).throw(bootstrap.SetupError("broken")))
    base = bootstrap.Python((3, 13, 0), script(made.parent / "base", f'mkdir -p "{made}/.venv"'))
    os.environ["PATH"] += os.pathsep + "/bin" + os.pathsep + "/usr/bin"
    with pytest.raises(bootstrap.SetupError, match="broken"):
        bootstrap.set_up(made, base)
    assert list((made / ".venv").iterdir()) == []


def test_any_old_python_can_read_the_script() -> None:
    source = (ROOT / "tools/bootstrap.py").read_text(encoding="utf-8")
    assert ast.parse(source, feature_version=(3, 8)).body


def test_an_unknown_argument_is_one_sentence() -> None:
    command = [sys.executable, str(ROOT / "tools/bootstrap.py"), "loc"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    said = "ranktrust: unknown argument 'loc': give none to set up, or lock, or upgrade.\n"
    assert (done.returncode, done.stderr) == (2, said)


@pytest.mark.parametrize(("argument", "upgrades"), [("lock", False), ("upgrade", True)])
def test_only_an_upgrade_moves_versions_that_the_lock_holds(
    bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch, argument: str, upgrades: bool
) -> None:
    commands: list[list[str]] = []
    monkeypatch.setattr(bootstrap, "pip_settings", lambda _python: {})
    monkeypatch.setattr(bootstrap, "run", lambda command, *_rest: commands.append(command))
    assert bootstrap.main([argument]) == 0
    assert ["--upgrade" in command for command in commands] == [upgrades]
