"""Finished pieces: kept whole or not at all, taken up where nothing has changed, made again where damaged."""

import ast
import errno
import json
import os
import shutil
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

import ranktrust
from ranktrust.assemble import assemble
from ranktrust.assets import find_asset
from ranktrust.errors import RunError
from ranktrust.fit import Sampling
from ranktrust.model import load_model
from ranktrust.run.finished import RECORD, Piece, find_kept, keep, made, prune, records_of, why_not_kept
from ranktrust.run.keep import fit as kept_fit
from ranktrust.run.keep import keeping
from ranktrust.run.prints import FIT_ROOMS, print_of_code
from ranktrust.study import read_study


def piece(**inputs):
    return Piece("indicator x", {"figures": "1", "settings": "2", **inputs})


def makes(part, calls, text="rows"):
    def make():
        calls.append(text)
        (part / "tables").mkdir(parents=True)
        (part / "tables" / "rows.csv").write_text(text, encoding="utf-8")
        return {"passed": True, "numbers": (1, 2)}

    return make


@pytest.fixture(scope="module")
def small_panel():
    return assemble(read_study(find_asset("studies", "surgical")))["surgical"]


@pytest.fixture
def store(tmp_path):
    return tmp_path / "finished"


def test_what_is_finished_is_not_made_again(store, tmp_path):
    calls: list[str] = []
    first, second = tmp_path / "first", tmp_path / "second"
    assert made(store, piece(), first, makes(first, calls)) == ({"passed": True, "numbers": [1, 2]}, False)
    assert made(store, piece(), second, makes(second, calls)) == ({"passed": True, "numbers": [1, 2]}, True)
    assert calls == ["rows"]
    assert (second / "tables" / "rows.csv").read_bytes() == (first / "tables" / "rows.csv").read_bytes()


def test_files_that_were_there_before_are_not_the_piece_s(store, tmp_path):
    part = tmp_path / "part"
    part.mkdir()
    (part / "ledger.csv").write_text("before", encoding="utf-8")
    made(store, piece(), part, makes(part, []))
    kept = find_kept(store, piece())
    assert kept is not None
    assert [path.name for path in kept.files.rglob("*") if path.is_file()] == ["rows.csv"]


@pytest.mark.parametrize("changed", ["figures", "settings", "code"])
def test_a_change_of_anything_makes_it_again(store, tmp_path, changed):
    part, other = tmp_path / "part", tmp_path / "other"
    made(store, piece(), part, makes(part, []))
    assert made(store, piece(**{changed: "9"}), other, makes(other, []))[1] is False


@pytest.mark.parametrize(
    "harm",
    [
        lambda folder: (folder / "files/tables/rows.csv").write_text("rowS"),
        lambda folder: (folder / "files/tables/rows.csv").unlink(),
        lambda folder: (folder / RECORD).write_text("{"),
        lambda folder: (folder / RECORD).write_text("[]"),
        lambda folder: (folder / RECORD).unlink(),
        lambda folder: (folder / RECORD).write_text(json.dumps({"files": {"../../x": "0"}, "said": {}})),
    ],
)
def test_what_is_damaged_is_made_again_and_the_log_says_so(store, tmp_path, caplog, harm):
    part, other, third = tmp_path / "part", tmp_path / "other", tmp_path / "third"
    made(store, piece(), part, makes(part, []))
    harm(store / piece().digest)
    calls: list[str] = []
    assert made(store, piece(), other, makes(other, calls))[1] is False
    assert calls == ["rows"]
    assert "what was kept of indicator x is damaged" in caplog.text
    assert made(store, piece(), third, makes(third, calls))[1] is True


def test_a_full_disk_keeps_nothing_half(store, tmp_path, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    part, again = tmp_path / "part", tmp_path / "again"
    with monkeypatch.context() as patch:
        patch.setattr(shutil, "copyfile", full)
        with pytest.raises(RunError, match=r"rows\.csv could not be written: No space left on device"):
            made(store, piece(), part, makes(part, []))
    assert find_kept(store, piece()) is None
    assert not list(store.glob("*"))
    assert made(store, piece(), again, makes(again, []))[1] is False


def test_a_piece_that_fails_is_not_kept(store, tmp_path):
    def fails():
        raise RunError("no")

    with pytest.raises(RunError, match="no"):
        made(store, piece(), tmp_path / "part", fails)
    assert not store.exists()


def test_a_piece_that_another_process_has_kept_meanwhile_stays(store, tmp_path, monkeypatch):
    part, rmtree = tmp_path / "part", shutil.rmtree
    made(store, piece(), part, makes(part, []))

    def as_if_it_came_back(path, **more):
        if Path(path) != store / piece().digest:
            rmtree(path, **more)

    monkeypatch.setattr(shutil, "rmtree", as_if_it_came_back)
    kept = keep(store, piece(), {"tables/rows.csv": part / "tables" / "rows.csv"}, {"passed": False})
    assert kept.said["passed"] is True
    assert [path.name for path in store.iterdir()] == [piece().digest]


def test_a_piece_that_is_kept_and_whole_is_not_touched_again(store, tmp_path):
    """A run may be reading it when a worker that was given up on comes to its end."""
    part = tmp_path / "part"
    made(store, piece(), part, makes(part, []))
    before = (store / piece().digest / RECORD).stat()
    keep(store, piece(), {"tables/rows.csv": part / "tables" / "rows.csv"}, {"passed": False})
    after = (store / piece().digest / RECORD).stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_why_names_what_has_changed(store, tmp_path):
    assert why_not_kept(piece(), records_of(store)) == "not made yet"
    part = tmp_path / "part"
    made(store, piece(), part, makes(part, []))
    assert why_not_kept(piece(figures="9"), records_of(store)) == "changed: figures"
    assert why_not_kept(piece(figures="9", settings="9"), records_of(store)) == "changed: figures, settings"
    (store / "broken").mkdir()
    (store / "broken" / RECORD).write_text("{", encoding="utf-8")
    assert len(records_of(store)) == 1


def test_what_no_run_uses_is_taken_away_and_so_is_what_a_killed_one_left(store, tmp_path):
    one, two = tmp_path / "one", tmp_path / "two"
    made(store, piece(), one, makes(one, []))
    made(store, piece(figures="9"), two, makes(two, []))
    (store / f".{'0' * 64}.1.part").mkdir()
    assert prune(store, frozenset({piece().digest})) == 2
    assert [path.name for path in store.iterdir()] == [piece().digest]
    assert prune(Path(store / "nowhere"), frozenset()) == 0


@pytest.fixture
def fits(monkeypatch):
    """Calls of a stand-in for fitting, which draws what its seed says."""
    calls = []

    def fit(panel, model_file, *, seed, sampling, **_):
        calls.append(sampling.draws)
        level = np.random.default_rng(seed).normal(size=(2, sampling.draws))
        posterior = xr.Dataset({"mu": (("chain", "draw"), level)}, coords={"chain": [0, 1]})
        return xr.DataTree.from_dict({"posterior": posterior})

    monkeypatch.setattr("ranktrust.fit.fit", fit)
    return calls


def asked(panel, *, draws=5, seed=1, priors=None, cores=1):
    sampling = Sampling(chains=2, draws=draws, cores=cores)
    seeds = np.random.SeedSequence(seed)
    return kept_fit(panel, load_model("proportion_independent"), seed=seeds, sampling=sampling, priors=priors)


def test_a_fit_is_made_once_and_read_the_same(store, fits, small_panel):
    with keeping(store) as used:
        first, second = asked(small_panel), asked(small_panel, cores=4)
    assert fits == [5]
    assert first.identical(second)
    assert len(used) == 1
    asked(small_panel)
    assert fits == [5, 5]


@pytest.mark.parametrize("change", [{"draws": 6}, {"seed": 2}, {"priors": {"p": (2.0, 1.0)}}])
def test_a_fit_of_anything_else_is_made(store, fits, small_panel, change):
    with keeping(store):
        asked(small_panel)
        asked(small_panel, **change)
    assert len(fits) == 2


def test_other_figures_or_another_model_are_another_fit(store, fits, small_panel):
    more = small_panel.observations.assign(numerator=lambda rows: rows["numerator"] + 1)
    with keeping(store):
        asked(small_panel)
        asked(small_panel.derive(observations=more))
        model_file = load_model("proportion")
        kept_fit(small_panel, model_file, seed=np.random.SeedSequence(1), sampling=Sampling(chains=2, draws=5))
    assert len(fits) == 3


def test_a_damaged_fit_is_made_again(store, fits, small_panel, caplog):
    with keeping(store):
        first = asked(small_panel)
        (path,) = store.rglob("fit.nc")
        path.write_bytes(path.read_bytes()[:-100])
        assert asked(small_panel).identical(first)
        assert "what was kept of fit of surgical, model proportion_independent is damaged (fit.nc)" in caplog.text
        assert asked(small_panel).identical(first)
    assert fits == [5, 5]


def imports_of(module, root):
    """The modules of the package that one imports, as paths below its root."""
    tree = ast.parse((root / module).read_text(encoding="utf-8"))
    names = [node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module]
    ours = [name.removeprefix("ranktrust.").replace(".", "/") for name in names if name.startswith("ranktrust.")]
    return {f"{name}.py" if (root / f"{name}.py").is_file() else name for name in ours}


def test_a_kept_fit_rests_on_all_the_code_that_fitting_imports():
    """Messages, how files are found and written, and how a process begins change no draw; all else is in the digest."""
    root = Path(ranktrust.__file__).parent
    reached, left = set(), {"fit.py"}
    while left:
        reached |= (found := left)
        left = {each for module in found if module.endswith(".py") for each in imports_of(module, root)} - reached
    assert reached - set(FIT_ROOMS) - {"assets.py", "errors.py", "files.py", "worker.py"} == set()


@pytest.mark.parametrize("rooms", [(), ("ranks",), FIT_ROOMS])
def test_code_is_its_source_whatever_is_compiled_from_it_meanwhile(rooms, tmp_path, monkeypatch):
    """Numba and Python write into __pycache__ while a run is made; a digest of that would make all of it anew."""
    copy = tmp_path / "ranktrust"
    shutil.copytree(Path(ranktrust.__file__).parent, copy, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(ranktrust, "__file__", str(copy / "__init__.py"))
    bare = print_of_code.__wrapped__(rooms)
    for folder in (copy, copy / "ranks", copy / "panel"):
        (folder / "__pycache__").mkdir()
        for name in ("cards.cpython-313.pyc.1398", "cards._polish-37.py313.nbi", "cards._polish-37.py313.1.nbc"):
            (folder / "__pycache__" / name).write_bytes(b"compiled")
    assert print_of_code.__wrapped__(rooms) == bare
    changed = copy / ("ranks/rank.py" if rooms == ("ranks",) else "panel/__init__.py")
    changed.write_text("changed = True", encoding="utf-8")
    assert print_of_code.__wrapped__(rooms) != bare
