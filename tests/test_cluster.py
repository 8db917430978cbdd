"""Workers that are elsewhere: what they must share with the run, and what is said where they cannot be used."""

import os
import time
from dataclasses import replace
from pathlib import Path

import nbformat
import pytest
from distributed import LocalCluster
from surgical_runs import write_study

from ranktrust import cli
from ranktrust.errors import ClusterError, UsageError
from ranktrust.publish.kernel import execute, kept_kernel
from ranktrust.run.elsewhere import common_with, in_common
from ranktrust.run.folders import OWNER, locked
from ranktrust.run.tasks import errand_of, make_piece, pieces_to_make
from ranktrust.run.work import pieces_of, work_of
from ranktrust.scatter import running_cluster
from ranktrust.study import read_study
from ranktrust.vocabulary import Exit

QUIET = {"host": "127.0.0.1", "dashboard_address": None, "silence_logs": 50}


@pytest.fixture(autouse=True)
def surroundings():
    """A worker in this very process sets what it compiles into, and how many threads it has: not for later tests."""
    before = dict(os.environ)
    yield
    os.environ.clear()
    os.environ.update(before)


def cluster(**options):
    """A cluster of somebody else's, with workers in threads of this process."""
    scheduler = {"dashboard_address": "127.0.0.1:0"}
    return LocalCluster(processes=False, protocol="tcp://", scheduler_kwargs=scheduler, **QUIET, **options)


def exit_code(*arguments):
    with pytest.raises(SystemExit) as caught:
        cli.main([str(argument) for argument in arguments])
    return caught.value.code


def double(number):
    return 2 * number


def wait_for(path):
    path.touch()
    while path.exists():
        time.sleep(0.05)


def test_a_running_cluster_does_the_tasks_and_goes_on_running():
    with cluster(n_workers=2, threads_per_worker=1) as theirs:
        for numbers in (range(5), range(3)):
            with running_cluster(theirs.scheduler_address) as scatter:
                assert sorted(scatter(double, numbers)) == [2 * number for number in numbers]
        assert len(theirs.scheduler.workers) == 2


def test_workers_of_several_threads_are_refused():
    with (
        cluster(n_workers=1, threads_per_worker=2) as theirs,
        pytest.raises(UsageError, match="has 2 threads, and each needs to have one"),
        running_cluster(theirs.scheduler_address),
    ):
        pass


def test_a_cluster_without_workers_is_said_to_have_none(monkeypatch):
    monkeypatch.setattr("ranktrust.scatter.APPEAR", 1)
    with (
        cluster(n_workers=0) as theirs,
        pytest.raises(ClusterError, match="has had no worker for 1 s; start some: dask worker tcp://127"),
        running_cluster(theirs.scheduler_address),
    ):
        pass


def test_a_scheduler_that_is_lost_is_said_to_be(tmp_path):
    with cluster(n_workers=1, threads_per_worker=1) as theirs:
        with running_cluster(theirs.scheduler_address) as scatter:
            found = scatter(wait_or_give, [tmp_path / "first", tmp_path / "second"])
            assert next(found) == "first"
            theirs.scheduler.loop.add_callback(cut_off, theirs.scheduler)
            with pytest.raises(ClusterError, match="connection to the Dask scheduler was lost; what was finished is"):
                next(found)
        (tmp_path / "second").unlink()


def cut_off(scheduler):
    for comm in scheduler.client_comms.values():
        comm.abort()


def wait_or_give(path):
    if path.name == "second":
        wait_for(path)
    return path.name


def test_a_scheduler_that_does_not_answer_ends_the_command_with_nothing_written(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("ranktrust.scatter.CONNECT", 1)
    study, out = write_study(tmp_path / "study"), tmp_path / "outputs"
    for command in (["run", study], ["calibrate", study]):
        assert exit_code(*command, "--out", out, "--scheduler", "tcp://127.0.0.1:9") == Exit.FIT_FAILED
        assert "ranktrust: no Dask scheduler answers at tcp://127.0.0.1:9 within 1 s" in capsys.readouterr().err
    assert exit_code("run", study, "--out", out, "--scheduler", "carrier-pigeon://loft") == Exit.USAGE
    assert "such as tcp://10.0.0.5:8786, not carrier-pigeon://loft" in capsys.readouterr().err
    assert exit_code("run", study, "--out", out, "--scheduler", "tcp://127.0.0.1:9", "--workers", 2) == Exit.USAGE
    assert "give one of them" in capsys.readouterr().err
    assert not out.exists()


def test_what_a_worker_does_not_see_is_named(tmp_path):
    here, gone = tmp_path / "study.toml", tmp_path / "gone.toml"
    here.write_text("one", encoding="utf-8")
    gone.write_text("one", encoding="utf-8")
    common = common_with(here, gone)
    with in_common(common):
        assert str(Path.cwd()) == common.folder
    gone.unlink()
    here.write_text("two", encoding="utf-8")
    said = "study.toml has another content there; .*gone.toml is not there.*on a shared drive, at the same paths"
    with pytest.raises(ClusterError, match=said), in_common(common):
        pass
    with pytest.raises(ClusterError, match="nowhere is not there"), in_common(replace(common, folder="/nowhere")):
        pass
    with pytest.raises(ClusterError, match="other code of ranktrust"), in_common(replace(common, code="0")):
        pass
    with pytest.raises(ClusterError, match="another kind of machine, lock"), in_common(replace(common, versions="0")):
        pass


def test_a_worker_with_other_figures_makes_nothing(tmp_path):
    study, home = read_study(write_study(tmp_path)), tmp_path / "outputs" / "small"
    work = work_of(study)
    with locked(home):
        errand = errand_of(study, home / "finished")
        (piece, *_) = pieces_to_make(work, pieces_of(work), home / "finished")
        other = replace(piece, inputs={**piece.inputs, "figures": "0"})
        with pytest.raises(ClusterError, match="would make another indicator surgical: it differs in figures"):
            make_piece(errand, other)
    with pytest.raises(ClusterError, match=f"{OWNER} is not there"):
        make_piece(errand, piece)
    assert not (home / "finished").exists()


def test_a_kernel_is_kept_for_the_next_page_and_no_longer(monkeypatch):
    monkeypatch.setattr("ranktrust.publish.kernel.IDLE", 0.5)
    page = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("1 + 1")])
    with kept_kernel() as first:
        execute(page, "page", first)
        spoken_by = first.client
    with kept_kernel() as second:
        assert second is first
        assert second.manager.is_alive()
        execute(page, "page", second)
        assert second.client is spoken_by
    until = time.monotonic() + 30
    while first.manager.has_kernel and time.monotonic() < until:
        time.sleep(0.05)
    assert not first.manager.has_kernel
    assert not spoken_by.channels_running
    with pytest.raises(ValueError, match="a page"), kept_kernel() as third:
        raise ValueError("a page")
    assert third is not first
    assert not third.manager.has_kernel
