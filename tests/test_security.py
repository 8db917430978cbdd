"""What is read can not run, what runs is named, and names do not lead out of their folders."""

import ast
from hashlib import sha256
from pathlib import Path

import pytest

from ranktrust import cli
from ranktrust.assets import find_asset
from ranktrust.composite import load_scoring
from ranktrust.errors import ModelFileError, StudyError, UsageError
from ranktrust.model import load_model, read_model, trusting
from ranktrust.study import read_study
from ranktrust.study.toml import LARGEST
from ranktrust.vocabulary import Exit

ROOT = Path(__file__).resolve().parent.parent
UNSAFE = {"pickle", "cloudpickle", "dill", "joblib", "shelve", "marshal", "yaml"}
RUNS_CODE = {"eval", "exec", "__import__", "compile"}
PROGRAMS = {"model.py", "composite/own.py"}


def calls_in(source: str) -> set[str]:
    """Names of the built-in functions that run text as code and are called, and modules imported that unpickle."""
    tree = ast.parse(source)
    called = {node.func.id for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)}
    imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    imported |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    loaded = {
        f"{word.arg}"
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        for word in node.keywords
        if word.arg == "allow_pickle" and not (isinstance(word.value, ast.Constant) and word.value.value is False)
    }
    methods = {
        node.func.attr for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    }
    roots = {name.partition(".")[0] for name in imported}
    return (called & RUNS_CODE) | (roots & UNSAFE) | (methods & {"read_pickle", "unsafe_load"}) | loaded


def test_nothing_that_is_read_is_unpickled_or_evaluated():
    package = ROOT / "src" / "ranktrust"
    found = {
        path.relative_to(package).as_posix(): calls_in(path.read_text(encoding="utf-8"))
        for path in sorted(package.rglob("*.py"))
    }
    found = {name: calls for name, calls in found.items() if calls}
    assert set(found) == PROGRAMS
    assert all(calls == {"exec", "compile"} for calls in found.values())


@pytest.mark.parametrize(
    ("source", "seen"),
    [
        ("import pickle", {"pickle"}),
        ("from joblib import load", {"joblib"}),
        ("def f():\n    return eval('1')", {"eval"}),
        ("pd.read_pickle('x')", {"read_pickle"}),
        ("np.load('x', allow_pickle=True)", {"allow_pickle"}),
        ("np.load('x', allow_pickle=False)", set()),
        ("variable.eval()", set()),
    ],
)
def test_each_kind_of_unsafe_reading_is_seen(source, seen):
    assert calls_in(source) == seen


def test_a_study_that_is_too_large_is_not_read(tmp_path):
    path = tmp_path / "large.toml"
    path.write_text("# " + "x" * LARGEST, encoding="utf-8")
    with pytest.raises(StudyError, match=r"large\.toml is larger than 1,000,000 bytes"):
        read_study(path)


@pytest.mark.parametrize("name", ["../secret", "/etc/passwd", "a/../../b", "..\\b", ""])
@pytest.mark.parametrize("kind", ["models", "notebooks", "studies", "data"])
def test_a_name_does_not_lead_out_of_its_folder(tmp_path, kind, name):
    with pytest.raises(UsageError, match="does not name a"):
        find_asset(kind, name, beside=tmp_path)


@pytest.mark.parametrize("line", ['name = "../x"', 'name = "a/b"', 'name = "A"'])
def test_a_run_s_folder_stays_among_the_outputs(tmp_path, line):
    shipped = (ROOT / "studies" / "surgical.toml").read_text(encoding="utf-8")
    path = tmp_path / "study.toml"
    path.write_text(shipped.replace('name = "surgical"', line, 1), encoding="utf-8")
    with pytest.raises(StudyError, match="name: String should match pattern"):
        read_study(path)


def digest_of(path):
    return sha256(path.read_bytes()).hexdigest()


def test_only_listed_programs_are_run(tmp_path):
    path = tmp_path / "mine.py"
    path.write_text(f"from pathlib import Path\nPath({str(tmp_path / 'ran')!r}).touch()\n", encoding="utf-8")
    listed = find_asset("models", "ratio")
    with trusting([digest_of(listed).upper()]):
        assert load_model("ratio").name == "ratio"
        with pytest.raises(ModelFileError, match=rf"mine\.py .*its SHA-256 is {digest_of(path)}"):
            read_model(path)
        with pytest.raises(ModelFileError, match=r"mine\.py is a program that was not listed"):
            load_scoring("mine.py", tmp_path)
    assert not (tmp_path / "ran").exists()
    with pytest.raises(ModelFileError, match="breaks the model contract"):
        read_model(path)
    assert (tmp_path / "ran").exists()


def test_what_runs_is_what_was_checked_and_no_compiled_copy_of_it(tmp_path):
    path = tmp_path / "mine.py"
    text = find_asset("models", "ratio").read_text(encoding="utf-8")
    path.write_text(text, encoding="utf-8")
    read_model(path)
    assert not (tmp_path / "__pycache__").exists()


def test_a_digest_that_is_none_is_refused():
    with pytest.raises(UsageError, match="64 hexadecimal digits each, not abc"), trusting(["abc"]):
        pass


def test_the_command_refuses_a_model_that_was_not_listed(tmp_path, capsys):
    with pytest.raises(SystemExit) as caught:
        cli.main(["run", "surgical", "--out", str(tmp_path / "outputs"), "--trusted-models", "0" * 64])
    assert caught.value.code == Exit.USAGE
    model = find_asset("models", "surgical_bugs")
    said = " ".join(capsys.readouterr().err.split())
    assert "surgical_bugs.py is a program that was not listed as trusted, and was not run" in said
    assert f"its SHA-256 is {digest_of(model)}" in said
    assert not (tmp_path / "outputs").exists()
