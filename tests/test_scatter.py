"""Pieces made by other processes: all of them, also where a worker is lost, and an error comes back as itself."""

import os
import signal
from functools import partial
from pathlib import Path

import pytest

from ranktrust.errors import FitError, UsageError
from ranktrust.scatter import LOSSES, processes

NAMES = ["one", "two", "three"]


def note(folder: str, name: str) -> str:
    with (Path(folder) / name).open("a", encoding="utf-8") as file:
        file.write(f"{os.environ['PYTENSOR_FLAGS']}\n")
    return name


def note_or_die(folder: str, deaths: int, name: str) -> str:
    """Die `deaths` times on the second name, as a worker that the system kills."""
    died = len(list(Path(folder).glob("died*")))
    if name == "two" and died < deaths:
        (Path(folder) / f"died{died}").touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return note(folder, name)


def fail(name: str) -> str:
    raise FitError(f"{name} failed")


def test_every_piece_is_made_once_in_a_folder_of_its_worker_s_own(tmp_path):
    with processes(2) as scatter:
        assert sorted(scatter(partial(note, str(tmp_path)), NAMES)) == sorted(NAMES)
    flags = [path.read_text(encoding="utf-8").splitlines() for path in tmp_path.iterdir()]
    assert all(len(lines) == 1 for lines in flags)
    folders = [line.rpartition("base_compiledir=")[2] for (line,) in flags]
    assert 1 <= len(set(folders)) <= 2
    assert not any(Path(folder).exists() for folder in folders)


def test_a_lost_worker_loses_no_piece(tmp_path, caplog):
    with processes(1) as scatter:
        assert sorted(scatter(partial(note_or_die, str(tmp_path), 1), NAMES)) == sorted(NAMES)
    assert "a worker was lost" in caplog.text


def test_workers_lost_again_and_again_leave_the_rest_to_the_caller(tmp_path):
    with processes(1) as scatter:
        assert list(scatter(partial(note_or_die, str(tmp_path), 99), ["two"])) == []
    assert len(list(tmp_path.glob("died*"))) == LOSSES


def test_an_error_comes_back_as_itself():
    with processes(1) as scatter, pytest.raises(FitError, match="one failed"):
        list(scatter(fail, ["one"]))


def test_no_worker_is_refused():
    with pytest.raises(UsageError, match="at least one process, not 0"), processes(0):
        pass
