"""Runs that are killed, interrupted, starved or disturbed: a plain word, nothing finished lost, the next one whole."""

import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import psutil
import pytest
from surgical_runs import pages_of, start, surroundings, tables_of, write_study

from ranktrust import cli
from ranktrust.assets import find_asset
from ranktrust.manifest import changed_files, read_manifest
from ranktrust.run import outlook, run_study
from ranktrust.run.finished import records_of
from ranktrust.run.folders import locked
from ranktrust.run.rendering import concerns
from ranktrust.runs import list_runs
from ranktrust.scatter import local_workers
from ranktrust.store import read_tree
from ranktrust.study import read_study
from ranktrust.vocabulary import Exit

SECONDS_AT_WORK = 4
"""Of the processor: a worker that has taken so many is past its start, which takes one or two."""
SECRET = "hunter2-of-the-environment"


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    """A run that nothing happened to, and the outputs that it is in."""
    folder = tmp_path_factory.mktemp("undisturbed")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("A_PASSWORD", SECRET)
        run, passed = run_study(read_study(write_study(folder)), folder / "outputs")
    assert passed
    return run


@pytest.fixture
def outputs(undisturbed, tmp_path):
    """Outputs that hold what the undisturbed run finished, and no run."""
    shutil.copytree(undisturbed.parent / "finished", tmp_path / "outputs" / "small" / "finished")
    return tmp_path / "outputs"


def exit_code(*arguments):
    with pytest.raises(SystemExit) as caught:
        cli.main([str(argument) for argument in arguments])
    return caught.value.code


def complete_runs(outputs):
    return [listed for listed in list_runs(outputs) if listed.state == "complete"]


def assert_same(run, undisturbed):
    assert tables_of(run) == tables_of(undisturbed)
    assert pages_of(run) == pages_of(undisturbed)
    assert changed_files(run) == []


def test_nothing_of_the_environment_is_in_a_run_or_what_is_kept_of_it(undisturbed):
    files = [path for path in undisturbed.parent.rglob("*") if path.is_file() and not path.is_symlink()]
    assert len(files) > 100
    assert [path.name for path in files if SECRET.encode() in path.read_bytes()] == []


def test_a_run_again_takes_up_everything_and_says_the_same(undisturbed, outputs, tmp_path):
    run, passed = run_study(read_study(write_study(tmp_path)), outputs)
    manifest = read_manifest(run)
    assert passed
    assert all(piece["taken_up"] for piece in manifest["pieces"].values())
    assert manifest["pages_rendered"] == []
    assert_same(run, undisturbed)
    league = (run / "pages" / "league_surgical.html").read_text(encoding="utf-8")
    assert manifest["run_id"] in league
    assert undisturbed.name not in league


def stand_in(rendered):
    """In place of rendering: each page a line, its name noted."""

    def render(jobs, *, report):
        for job in jobs:
            job.out.write_text("<h1>a page</h1>", encoding="utf-8")
            rendered.append(job.out.name)

    return render


def test_a_changed_word_makes_pages_again_and_no_fit(undisturbed, outputs, tmp_path, monkeypatch):
    study = write_study(tmp_path)
    study.write_text(
        study.read_text(encoding="utf-8").replace("Twelve hospitals", "A dozen hospitals"), encoding="utf-8"
    )
    steps = {step["piece"]: step for step in outlook(read_study(study), outputs)["steps"]}
    assert steps["indicator surgical"]["why"] == "changed: settings"
    said, rendered = [], []
    monkeypatch.setattr("ranktrust.run.rendering.render_pages", stand_in(rendered))
    run, _ = run_study(read_study(study), outputs, report=lambda step, _: said.append(step))
    assert "surgical: finished before" in said
    assert not any(step.endswith("sample") for step in said)
    assert sorted(rendered) == sorted(path.name for path in (run / "pages").iterdir() if path.name != "trusts.html")
    rows = "tables/surgical/rows.csv"
    assert tables_of(run)[rows] == tables_of(undisturbed)[rows]


def kill_at(step, study, outputs):
    """Start a run and kill it as it says that it has come to `step`; whether it came so far."""
    process = start(study, outputs)
    assert process.stderr is not None
    came = any(step in line for line in process.stderr)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert process.returncode == -signal.SIGKILL
    return came


def test_a_run_killed_in_every_stage_goes_on_where_it_stopped(undisturbed, tmp_path):
    study, outputs = write_study(tmp_path), tmp_path / "outputs"
    for step in ("surgical: sample", "surgical: judge", "page diagnostics", "page trust_F"):
        assert kill_at(step, study, outputs), step
        assert complete_runs(outputs) == []
        assert not (outputs / "small" / "latest").exists()
    found = {each["piece"]: each["do"] for each in outlook(read_study(study), outputs)["steps"]}
    assert found == {"indicator surgical": "take up", "scores": "take up"}
    run, _ = run_study(read_study(study), outputs)
    assert "trust_A.html" not in read_manifest(run)["pages_rendered"]
    assert_same(run, undisturbed)
    fits = [read_tree(each / "fits" / "surgical.nc")["posterior"].to_dataset() for each in (run, undisturbed)]
    assert fits[0].equals(fits[1])
    assert [path.name for path in (outputs / "small").glob(".*")] == [".lock"]
    assert "surgical taken up" in (run / "log.txt").read_text(encoding="utf-8")


def test_what_was_damaged_in_the_store_is_made_again(undisturbed, outputs, tmp_path):
    store = outputs / "small" / "finished"
    records = {record["name"]: record["digest"] for record in records_of(store)}
    for name, file in (("indicator surgical", "tables/surgical/rows.csv"), ("page league_surgical.html", "*.html")):
        (path,) = (store / records[name] / "files").glob(file)
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    run, _ = run_study(read_study(write_study(tmp_path)), outputs)
    log = (run / "log.txt").read_text(encoding="utf-8")
    assert "what was kept of indicator surgical is damaged (tables/surgical/rows.csv)" in log
    assert "what was kept of page league_surgical.html is damaged" in log
    assert_same(run, undisturbed)


def test_a_second_run_at_once_is_told_of_the_first(outputs, tmp_path, capsys):
    study = write_study(tmp_path)
    with locked(outputs / "small"):
        assert exit_code("run", study, "--out", outputs) == Exit.USAGE
    said = capsys.readouterr().err
    assert f"another run is at work in {outputs / 'small'} (process {os.getpid()} on " in said
    assert "wait until it ends" in said
    assert complete_runs(outputs) == []
    assert exit_code("run", study, "--out", outputs) == Exit.DONE


def test_a_full_disk_is_named_and_what_was_finished_stays(undisturbed, outputs, tmp_path, capsys):
    """No file may grow beyond 100 kB, as on a disk with no more room."""
    study, limits = write_study(tmp_path), resource.getrlimit(resource.RLIMIT_FSIZE)
    before = sorted(path.name for path in (outputs / "small" / "finished").iterdir())
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, limits[1]))
    try:
        code = exit_code("run", study, "--out", outputs)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert code == Exit.USAGE
    assert "could not be written: File too large" in capsys.readouterr().err
    assert list_runs(outputs) == []
    assert sorted(path.name for path in (outputs / "small" / "finished").iterdir()) == before
    run, _ = run_study(read_study(study), outputs)
    assert_same(run, undisturbed)


def test_outputs_that_cannot_be_written_are_refused_before_anything_is_done(tmp_path, capsys, monkeypatch):
    def read_only(path, *_, **__):
        raise OSError(30, os.strerror(30))

    study = write_study(tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(Path, "mkdir", read_only)
        assert exit_code("run", study, "--out", tmp_path / "outputs") == Exit.USAGE
    assert "cannot hold a run: Read-only file system; choose another folder with --out" in capsys.readouterr().err


CUT = {12: "surgical.csv, line 13: has 2 cells for 6 headings", 20: "has 11 rows where its passport says 12"}


@pytest.mark.parametrize("cut", CUT)
def test_figures_cut_short_stop_the_run_and_lose_nothing(undisturbed, outputs, tmp_path, capsys, cut):
    study, own = write_study(tmp_path), tmp_path / "surgical.csv"
    own.write_bytes(find_asset("data", "surgical.csv").read_bytes()[:-cut])
    shutil.copyfile(find_asset("data", "surgical.passport.json"), tmp_path / "surgical.passport.json")
    assert exit_code("run", study, "--out", outputs) == Exit.DATA_FAULTS
    assert CUT[cut] in capsys.readouterr().err
    own.unlink()
    run, _ = run_study(read_study(study), outputs)
    assert all(piece["taken_up"] for piece in read_manifest(run)["pieces"].values())
    assert_same(run, undisturbed)


def test_a_clock_that_goes_back_hides_no_run(undisturbed, outputs, tmp_path, monkeypatch):
    class Stopped(datetime):
        @classmethod
        def now(cls, tz=None):
            return datetime(2001, 1, 1, tzinfo=UTC)

    study = read_study(write_study(tmp_path))
    first, _ = run_study(study, outputs)
    monkeypatch.setattr("ranktrust.run.record.datetime", Stopped)
    second, _ = run_study(study, outputs)
    third, _ = run_study(study, outputs)
    assert second.name.startswith("20010101T000000Z-")
    assert third.name == f"{second.name}-2"
    assert (outputs / "small" / "latest").resolve() == third.resolve()
    assert len(complete_runs(outputs)) == 3
    for run in (first, second, third):
        assert_same(run, undisturbed)


def test_a_model_that_hangs_is_interrupted_and_loses_nothing(undisturbed, outputs, tmp_path, capsys):
    text = find_asset("models", "proportion_independent").read_text(encoding="utf-8")
    hangs = text.replace("    return model\n", "    import time; time.sleep(600)\n    return model\n")
    assert hangs != text
    (tmp_path / "hangs.py").write_text(hangs, encoding="utf-8")
    before = sorted(path.name for path in (outputs / "small" / "finished").iterdir())

    def interrupt(*_):
        raise KeyboardInterrupt

    handler = signal.signal(signal.SIGALRM, interrupt)
    signal.alarm(4)
    try:
        assert exit_code("run", write_study(tmp_path, "hangs"), "--out", outputs) == Exit.INTERRUPTED
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, handler)
    assert list_runs(outputs) == []
    assert sorted(path.name for path in (outputs / "small" / "finished").iterdir()) == before
    assert "surgical" in (outputs / "small" / "unfinished.log").read_text(encoding="utf-8")
    run, _ = run_study(read_study(write_study(tmp_path)), outputs)
    assert_same(run, undisturbed)


def test_an_interrupted_publication_leaves_nothing_and_the_next_is_whole(undisturbed, tmp_path, monkeypatch):
    def stop(*_, **__):
        raise KeyboardInterrupt

    def copy_pages(jobs, **_):
        for job in jobs:
            job.out.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(undisturbed / "pages" / job.out.name, job.out)

    out = tmp_path / "public"
    with monkeypatch.context() as patch:
        patch.setattr("ranktrust.publish.whole.render_pages", copy_pages)
        patch.setattr("ranktrust.publish.whole.write_trusts_index", stop)
        assert exit_code("publish", undisturbed, "--out", out) == Exit.INTERRUPTED
    assert list(tmp_path.iterdir()) == []
    monkeypatch.setattr("ranktrust.publish.whole.render_pages", copy_pages)
    assert exit_code("publish", undisturbed, "--out", out) == Exit.DONE
    assert (out / "index.html").is_file()
    assert [path.name for path in tmp_path.iterdir()] == ["public"]


class Killer(threading.Thread):
    """Kills the first worker of this process that has worked for some seconds, as the system would."""

    killed = 0

    def run(self):
        while not self.killed:
            for process in psutil.Process().children(recursive=True):
                with suppress(psutil.NoSuchProcess):
                    if "spawn_main" in " ".join(process.cmdline()) and process.cpu_times().user > SECONDS_AT_WORK:
                        process.kill()
                        self.killed = process.pid
            time.sleep(0.1)


def test_workers_make_the_same_to_the_byte_though_one_is_killed(undisturbed, outputs, tmp_path):
    store = outputs / "small" / "finished"
    for record in records_of(store):
        if record["name"].startswith(("fit of", "indicator", "page league", "page trust_A", "page trust_B")):
            shutil.rmtree(store / record["digest"])
    said, killer = [], Killer(daemon=True)
    with local_workers(2) as scatter:
        study = read_study(write_study(tmp_path))
        killer.start()
        run, _ = run_study(study, outputs, scatter=scatter, report=lambda step, _: said.append(step))
    assert killer.killed
    assert "a worker was lost" in (run / "log.txt").read_text(encoding="utf-8")
    assert "indicator surgical made elsewhere" in said
    assert not any(step.endswith("sample") for step in said)
    assert read_manifest(run)["pages_rendered"] == ["league_surgical.html", "trust_A.html", "trust_B.html"]
    assert_same(run, undisturbed)
    fits = [read_tree(each / "fits" / "surgical.nc")["posterior"].to_dataset() for each in (run, undisturbed)]
    assert fits[0].equals(fits[1])


def marked(mark):
    """The processes that were started with this mark in their environment."""
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            if process.environ().get("RANKTRUST_MARK") == mark:
                found.append(process)
    return found


@pytest.mark.parametrize(("sent", "code"), [(signal.SIGINT, Exit.INTERRUPTED), (signal.SIGKILL, -signal.SIGKILL)])
def test_a_run_that_is_stopped_leaves_no_worker(tmp_path, monkeypatch, sent, code):
    monkeypatch.setenv("RANKTRUST_MARK", str(tmp_path))
    study, outputs = write_study(tmp_path), tmp_path / "outputs"
    process = start(study, outputs, "--workers", "2", start_new_session=True)
    assert any("pieces elsewhere" in line for line in process.stderr)
    while not any(each.cpu_times().user > SECONDS_AT_WORK for each in marked(str(tmp_path)) if each.pid != process.pid):
        time.sleep(0.1)
    assert len(marked(str(tmp_path))) >= 3
    stop = os.killpg if sent == signal.SIGINT else os.kill  # a terminal sends it to every process
    stop(process.pid, sent)
    _, said = process.communicate(timeout=60)
    assert process.returncode == code
    assert "Traceback" not in said
    _, left = psutil.wait_procs(marked(str(tmp_path)), timeout=10)
    assert left == []
    assert complete_runs(outputs) == []
    if sent == signal.SIGINT:
        assert [path.name for path in (outputs / "small").glob(".*")] == [".lock"]


READS = """
import json, os, sys
from pathlib import Path
run, seen = Path(sys.argv[1]).resolve(), set()
def hook(event, arguments):
    if event == "open" and isinstance(arguments[0], str | bytes | os.PathLike):
        path = Path(os.path.abspath(os.fsdecode(arguments[0])))
        if path.is_relative_to(run):
            seen.add(path.relative_to(run).as_posix())
sys.addaudithook(hook)
for notebook in map(Path, sys.argv[2:]):
    names = {}
    for cell in json.loads(notebook.read_text(encoding="utf-8"))["cells"]:
        if cell["cell_type"] == "code":
            exec("".join(cell["source"]), names)
            if "parameters" in cell["metadata"].get("tags", ()):
                names.update(run=str(run), indicator="surgical")
print(json.dumps(sorted(seen)))
"""


def test_pages_on_one_indicator_read_that_indicator_s_files_alone(undisturbed):
    """So that they may be carried over when another indicator changes; what they read is seen as they open it."""
    notebooks = [str(find_asset("notebooks", name)) for name in ("league_table", "diagnostics")]
    command = [sys.executable, "-c", READS, str(undisturbed), *notebooks]
    done = subprocess.run(
        command, capture_output=True, text=True, check=True, env=surroundings() | {"MPLBACKEND": "agg"}
    )
    read = [Path(name) for name in json.loads(done.stdout.splitlines()[-1])]
    assert len(read) > 8
    assert [place for place in read if not concerns(place, "surgical", ledger=False)] == [Path("manifest.json")]
