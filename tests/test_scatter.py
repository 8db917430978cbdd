"""Tasks done by other processes: all of them, also where a worker is lost, and an error comes back as itself."""

import os
import signal
import socket
import ssl
from contextlib import suppress
from functools import partial
from pathlib import Path

import psutil
import pytest
from distributed import Security

from ranktrust.errors import DataError, Fault, FitError, UsageError
from ranktrust.scatter import HOST, LOSSES, local_workers
from ranktrust.worker import CORES, bounded_cores

NAMES = ["one", "two", "three", "four"]
FAULT = Fault("figures.csv", "row 3", "no figure", "Give one")


@pytest.fixture(scope="module")
def pair():
    """Two workers, and nothing else of Dask."""
    with local_workers(2) as scatter:
        yield scatter


def note(folder: str, name: str) -> str:
    with (Path(folder) / name).open("a", encoding="utf-8") as file:
        file.write(f"{os.environ['PYTENSOR_FLAGS']} {os.environ['OMP_NUM_THREADS']} {bounded_cores(4)}\n")
    return name


def note_or_die(folder: str, deaths: int, name: str) -> str:
    """Die `deaths` times on the second name, as a worker that the system kills."""
    died = len(list(Path(folder).glob("died*")))
    if name == "two" and died < deaths:
        (Path(folder) / f"died{died}").touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return note(folder, name)


def fail(name: str) -> str:
    raise FitError(f"{name} failed") if name == "one" else DataError([FAULT])


def running(folder: str, name: str) -> int:
    """How many tasks this process is at, seen from inside one of them."""
    mark = Path(folder) / f"{os.getpid()}-{name}"
    mark.touch()
    seen = len(list(Path(folder).glob(f"{os.getpid()}-*")))
    mark.unlink()
    return seen


def test_every_task_is_done_once_by_one_thread_in_a_folder_of_its_worker_s_own(pair, tmp_path):
    assert sorted(pair(partial(note, str(tmp_path)), NAMES)) == sorted(NAMES)
    lines = [path.read_text(encoding="utf-8").splitlines() for path in tmp_path.iterdir()]
    assert all(len(each) == 1 for each in lines)
    flags, threads, cores = zip(*(line.split() for (line,) in lines), strict=True)
    folders = {flag.rpartition("base_compiledir=")[2] for flag in flags}
    assert len(folders) == 2
    assert set(threads) == set(cores) == {"1"}


def test_a_worker_does_one_task_at_a_time(pair, tmp_path):
    assert set(pair(partial(running, str(tmp_path)), [str(number) for number in range(40)])) == {1}


def test_elsewhere_a_process_keeps_the_cores_it_is_given(monkeypatch):
    monkeypatch.delenv(CORES, raising=False)
    assert bounded_cores(4) == 4
    monkeypatch.setenv(CORES, "2")
    assert (bounded_cores(4), bounded_cores(1)) == (2, 1)


def test_an_error_comes_back_as_itself(pair):
    with pytest.raises(FitError, match="one failed"):
        list(pair(fail, ["one"]))
    with pytest.raises(DataError, match=r"1 fault in the data:\n  figures.csv, row 3: no figure. Give one") as caught:
        list(pair(fail, ["two"]))
    assert caught.value.faults == (FAULT,)


def test_a_lost_worker_loses_no_task(pair, tmp_path, caplog):
    assert sorted(pair(partial(note_or_die, str(tmp_path), 1), NAMES)) == sorted(NAMES)
    assert "a worker was lost" in caplog.text


def test_a_task_that_ends_its_workers_again_and_again_is_left_out(pair, tmp_path, caplog):
    found = sorted(pair(partial(note_or_die, str(tmp_path), 99), NAMES))
    assert found == ["four", "one", "three"]
    assert len(list(tmp_path.glob("died*"))) == LOSSES
    assert "a task lost 3 workers" in caplog.text


def descendants():
    return {process.pid: process for process in psutil.Process().children(recursive=True)}


def ports_of(process):
    with suppress(psutil.NoSuchProcess):
        return [each.laddr for each in process.net_connections(kind="inet") if each.status == psutil.CONN_LISTEN]
    return []


def strange_context():
    """TLS with a certificate of another authority, which trusts whoever answers."""
    context = Security.temporary().get_connection_args("client")["ssl_context"]
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


def answer_to_a_stranger(port, context):
    """What is said within two seconds to someone without the certificate: nothing, where TLS asks for it."""
    plain = socket.create_connection((HOST, port), timeout=20)
    plain.settimeout(2)
    with plain, suppress(OSError):
        stranger = context.wrap_socket(plain) if context else plain
        with stranger:
            stranger.sendall(bytes(64))
            return stranger.recv(64)
    return b""


def test_workers_hear_only_this_process_and_are_gone_afterwards(tmp_path):
    before = descendants()
    with local_workers(1) as scatter:
        assert list(scatter(partial(note, str(tmp_path)), ["one"])) == ["one"]
        ours = [process for pid, process in descendants().items() if pid not in before]
        ports = [port for process in [psutil.Process(), *ours] for port in ports_of(process)]
        assert len(ports) >= 2
        assert {port.ip for port in ports} == {"127.0.0.1"}
        for port in ports_of(psutil.Process()):
            assert {answer_to_a_stranger(port.port, context) for context in (None, strange_context())} == {b""}
    flags = (tmp_path / "one").read_text(encoding="utf-8").split()[0]
    assert not Path(flags.rpartition("base_compiledir=")[2]).exists()
    assert not [process for process in ours if process.is_running() and "spawn_main" in " ".join(process.cmdline())]


def test_no_worker_is_refused():
    with pytest.raises(UsageError, match="at least one process, not 0"), local_workers(0):
        pass
