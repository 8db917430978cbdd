"""One search finds models, notebooks, studies and data: beside the study, in the working tree, in the wheel."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from ranktrust import assets
from ranktrust.errors import ModelFileError, UsageError

ROOT = Path(__file__).resolve().parent.parent


def write(path: Path, text: str = "") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path.resolve()


@pytest.fixture
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Path]:
    """A study's folder, a working tree and package data, each empty; no repository behind them."""
    found = {name: tmp_path / name for name in ("study", "tree", "package")}
    for folder in found.values():
        folder.mkdir()
    monkeypatch.chdir(found["tree"])
    monkeypatch.setattr(assets, "PACKAGE_DATA", found["package"])
    monkeypatch.setattr(assets, "_repository", lambda: None)
    return found


def test_the_study_s_folder_wins_then_the_tree_then_the_package(places: dict[str, Path]) -> None:
    order = [
        places["study"] / "counts.py",
        places["study"] / "models/counts.py",
        places["tree"] / "models/counts.py",
        places["package"] / "models/counts.py",
    ]
    for path in order:
        write(path)
    for path in order:
        assert assets.find_asset("models", "counts", beside=places["study"]) == path.resolve()
        assert assets.list_assets("models", beside=places["study"]) == {"counts": path.resolve()}
        path.unlink()


def test_a_study_s_folder_is_looked_in_only_when_it_is_given(places: dict[str, Path]) -> None:
    write(places["study"] / "models/counts.py")
    with pytest.raises(ModelFileError):
        assets.find_asset("models", "counts")


@pytest.mark.parametrize(
    ("kind", "file"), [("models", "a.py"), ("notebooks", "a.ipynb"), ("studies", "a.toml"), ("data", "shmi/a.csv")]
)
def test_a_name_may_carry_its_suffix(places: dict[str, Path], kind: assets.AssetKind, file: str) -> None:
    path = write(places["package"] / kind / file)
    assert assets.find_asset(kind, file) == path
    if kind != "data":
        assert assets.find_asset(kind, "a") == path


def test_a_name_with_a_dot_in_it_keeps_it(places: dict[str, Path]) -> None:
    path = write(places["tree"] / "studies/acute.2026.toml")
    assert assets.find_asset("studies", "acute.2026") == path


def test_data_beside_a_study_is_not_the_study(places: dict[str, Path]) -> None:
    for name in (
        "acute.toml",
        "model.py",
        "page.ipynb",
        "figures.csv",
        "README.md",
        ".hid.csv",
        "data/deep/more.csv",
    ):
        write(places["study"] / name)
    assert list(assets.list_assets("data", beside=places["study"])) == ["deep/more.csv", "figures.csv"]


def test_helpers_and_readmes_are_no_models(places: dict[str, Path]) -> None:
    for name in ("README.md", "_shared.py", "__init__.py", "counts.py", "notes.txt"):
        write(places["tree"] / "models" / name)
    assert list(assets.list_assets("models")) == ["counts"]


def test_not_found_says_what_was_asked_what_there_is_and_where_it_looked(places: dict[str, Path]) -> None:
    write(places["tree"] / "models/counts.py")
    with pytest.raises(ModelFileError) as caught:
        assets.find_asset("models", "count", beside=places["study"])
    message = str(caught.value)
    assert message.startswith("no model 'count'; there are: counts; looked in: ")
    looked = message.partition("looked in: ")[2].split(", ")
    assert looked == [
        str(places["study"]),
        str(places["study"] / "models"),
        str(places["tree"] / "models"),
        str(places["package"] / "models"),
    ]


def test_a_long_list_is_cut_and_says_so(places: dict[str, Path]) -> None:
    for number in range(23):
        write(places["tree"] / f"studies/s{number:02}.toml")
    with pytest.raises(UsageError, match=r"s19 and 3 more; looked in"):
        assets.find_asset("studies", "acute")


def test_nothing_there_says_none(places: dict[str, Path]) -> None:
    with pytest.raises(UsageError, match=r"no study 'acute'; there are: none; looked in"):
        assets.find_asset("studies", "acute")


@pytest.mark.parametrize("name", ["", "../counts", "/counts", "a/counts", "..\\counts"])
def test_a_model_s_name_leads_nowhere_else(places: dict[str, Path], name: str) -> None:
    write(places["tree"] / "counts.py")
    with pytest.raises(UsageError, match="does not name a model"):
        assets.find_asset("models", name)


def test_data_may_lie_deeper_but_not_outside(places: dict[str, Path]) -> None:
    write(places["tree"] / "secret.csv")
    with pytest.raises(UsageError, match="does not name a data file"):
        assets.find_asset("data", "shmi/../../secret.csv")


def test_an_editable_install_finds_its_own_repository(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    assert assets._repository() == ROOT
    assert ROOT / "models" in list(assets._folders("models", None))


def test_an_installed_copy_takes_no_project_around_it_for_its_own(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    write(tmp_path / "pyproject.toml")
    monkeypatch.setattr(assets, "__file__", str(write(tmp_path / "vendored/ranktrust/assets.py")))
    assert assets._repository() is None


@pytest.fixture(scope="module")
def unpacked_wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    built = subprocess.run(command, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stdout + built.stderr
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "site")
    return folder / "site"


@pytest.mark.parametrize("kind", ["models", "notebooks", "studies", "data"])
def test_the_wheel_carries_the_whole_folder(unpacked_wheel: Path, kind: assets.AssetKind) -> None:
    carried = unpacked_wheel / "ranktrust/_assets" / kind
    tree = {path.relative_to(ROOT / kind) for path in assets._files(kind, ROOT / kind, own=False)}
    assert {path.relative_to(carried) for path in assets._files(kind, carried, own=False)} == tree
    assert (carried / "README.md").read_bytes() == (ROOT / kind / "README.md").read_bytes()


def test_an_unpacked_wheel_finds_a_model_in_itself(unpacked_wheel: Path, tmp_path: Path) -> None:
    model = write(unpacked_wheel / "ranktrust/_assets/models/from_wheel.py")
    code = "from ranktrust import assets; print(assets.find_asset('models', 'from_wheel'))"
    environment = {"PYTHONPATH": str(unpacked_wheel)}
    command = [sys.executable, "-S", "-c", code]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=True)
    assert Path(done.stdout.strip()) == model
