"""The documentation site builds without a warning, loads nothing, and its generated pages are those of today."""

import importlib.util
import json
import re
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import numpy as np
import pytest
import xarray as xr
from small_studies import small_study, written
from test_project import ROOT, tool

from ranktrust.cli import main
from ranktrust.composite import load_scoring
from ranktrust.errors import DataError
from ranktrust.files import sha256_of
from ranktrust.intake.importing import import_files
from ranktrust.intake.opening import open_book
from ranktrust.intake.recognise import check_file
from ranktrust.model import new_model, read_model
from ranktrust.run import outlook
from ranktrust.study import read_study

INDICATOR = (ROOT / "docs/howto/new-indicator.md").read_text(encoding="utf-8")
SCORING = (ROOT / "docs/howto/new-scoring.md").read_text(encoding="utf-8")
MODEL = (ROOT / "docs/howto/new-model.md").read_text(encoding="utf-8")


def test_the_site_builds_strictly_and_loads_nothing(tmp_path):
    site = tool("site")
    out = tmp_path / "docs"
    out.mkdir()
    assert site.build(out) == ""
    assert site.network_of(out) == []
    for page in ("docs/tutorial", "docs/howto/new-model", "docs/api/answers", "studies/README"):
        assert (out / f"{page}.html").is_file()
    assert "summarise_ranks" in (out / "docs/api/answers.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "text",
    [
        '<script src="https://cdn.example.org/x.js"></script>',
        "<img alt='a' src=//example.org/a.png>",
        '<link rel="stylesheet" href="http://example.org/a.css">',
        '@import "https://example.org/a.css";',
        "@font-face { src: url('https://example.org/a.woff2') }",
    ],
)
def test_what_would_be_loaded_is_seen(text):
    (address,) = tool("site").loaded_from_elsewhere(text)
    assert "example.org" in address


@pytest.mark.parametrize("text", ['<a href="https://example.org">a</a>', '<img src="../a.png">', "url(data:image/png)"])
def test_a_link_to_follow_is_not_loaded(text):
    assert tool("site").loaded_from_elsewhere(text) == []


def test_the_reference_of_the_commands_is_theirs():
    assert tool("commands").PAGE.read_text(encoding="utf-8") == tool("commands").reference(), "run `make commands`"


def fenced(text: str, language: str) -> list[str]:
    return [dedent(block) for block in re.findall(rf"^ *```{language}\n(.*?)^ *```$", text, re.MULTILINE | re.DOTALL)]


def indented(text: str, first: str) -> str:
    """The indented block that begins with this line."""
    found = re.search(rf"^    {re.escape(first)}.*\n(?:    .*\n)*", text, re.MULTILINE)
    assert found is not None
    return dedent(found[0])


@pytest.fixture
def letters(tmp_path: Path) -> Path:
    """What the guide to a new indicator has one write, up to the study."""
    (tmp_path / "published.csv").write_text(indented(INDICATOR, "Discharge letters"), encoding="utf-8")
    program, _reader = fenced(INDICATOR, "python")
    (tmp_path / "tidy.py").write_text(program, encoding="utf-8")
    subprocess.run([sys.executable, "tidy.py"], cwd=tmp_path, check=True)
    import_files([tmp_path / "tidy.csv"], tmp_path / "mine")
    for name, text in zip(("indicators.toml", "letters.toml"), fenced(INDICATOR, "toml"), strict=True):
        (tmp_path / "mine" / name).write_text(text, encoding="utf-8")
    return tmp_path


def fill_in(mine: Path) -> None:
    (entries,) = fenced(INDICATOR, "json")
    path = mine / "letters_24h.passport.json"
    passport = json.loads(path.read_text(encoding="utf-8")) | json.loads("{" + entries.strip().rstrip(",") + "}")
    path.write_text(json.dumps(passport), encoding="utf-8")


def test_the_guide_to_a_new_indicator_leads_to_a_study_that_can_run(letters):
    mine = letters / "mine"
    with pytest.raises(DataError, match="lacks title, publisher, address, licence, attribution, retrieved"):
        outlook(read_study(mine / "letters.toml"), letters / "outputs")
    fill_in(mine)
    for national in ("", indented(INDICATOR, "indicator,period_start")):
        if national:
            (mine / "national.csv").write_text(national, encoding="utf-8")
        pieces = json.dumps(outlook(read_study(mine / "letters.toml"), letters / "outputs"))
        assert "letters_24h" in pieces
    assert "left_out.csv" in {path.name for path in mine.iterdir()}


def test_the_layout_of_the_guide_is_unknown_and_its_reader_reads_it(letters):
    checked = check_file(letters / "published.csv")
    assert "not one of the layouts" in str(checked.faults[0])
    path = letters / "letters_layout.py"
    path.write_text(fenced(INDICATOR, "python")[1], encoding="utf-8")
    spec = importlib.util.spec_from_file_location("letters_layout", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    book = open_book(letters / "published.csv")
    assert module.LAYOUT.recognises(book)
    reading = module.LAYOUT.read(book)
    tidy = check_file(letters / "tidy.csv").reading
    assert tidy is not None
    assert [tuple(map(str, row)) for row in reading.tables["letters_24h"].rows] == [
        tuple(map(str, row)) for row in tidy.tables["letters_24h"].rows
    ]
    assert (reading.period, reading.rows, len(reading.left)) == (tidy.period, 18, 3)


def test_the_edits_of_the_guide_to_a_new_model_give_a_model_file(tmp_path):
    path = new_model("small_wards", like="proportion", folder=tmp_path)
    text = path.read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(?:PRIORS|build)` \| `(.+?)` \| (.+) \|$", MODEL, re.MULTILINE)
    assert len(rows) == 3
    for before, after in rows:
        assert text.count(before) == 1
        text = text.replace(before, "\n        ".join(re.findall("`(.+?)`", after)))
    assert "    total_i       ~ Normal(m_i, s)\n" in text
    assert "    s     ~ HalfNormal(0.75)" in text
    assert "\nParametrisation: " in text
    path.write_text(text, encoding="utf-8")
    model_file = read_model(path)
    assert model_file.priors["s"] == 0.4
    assert set(model_file.needs) >= {"numerator", "denominator"}


def test_the_guide_to_a_scoring_rule_gives_a_study_that_can_run(tmp_path):
    beginning = small_study("ae_4h", "cancelled_28d", "cancer_62d", "cancer_28d")
    beginning = beginning.replace('name = "cancer_62d"', 'name = "cancer_62d"\nmodel = "proportion_half_counts"')
    study = written(tmp_path, beginning + "".join(fenced(SCORING, "toml")))
    program = tmp_path / "waits_twice.py"
    program.write_text(fenced(SCORING, "python")[0], encoding="utf-8")
    programs = outlook(read_study(study), tmp_path / "outputs")["models"]
    assert programs["waits_twice.py"] == sha256_of(program)
    kinds = {"outcome": (("chain", "draw", "trust", "indicator"), np.full((2, 3, 2, 2), [[0.8, 0.1], [np.nan, 0.2]]))}
    both = {"indicator": ["ae_4h", "cancelled_28d"], "trust": ["RA1", "RA2"]}
    draws = xr.Dataset(kinds, {**both, "best": ("indicator", ["highest", "lowest"])})
    score = load_scoring("waits_twice.py", tmp_path).score(draws)["score"]
    assert score["trust"].to_numpy().tolist() == ["RA1"]
    np.testing.assert_allclose(score, 2 * 0.8 + 0.9)


@pytest.mark.parametrize("page", sorted((ROOT / "docs").glob("**/*.md")), ids=lambda page: page.stem)
def test_every_command_that_a_page_shows_is_there(page, capsys):
    with pytest.raises(SystemExit):
        main(["--help"])
    known = set(re.findall(r"[│|] (\w+) ", capsys.readouterr().out))
    shown = re.findall(r"^ +(?:\.venv/bin/|env/bin/)?ranktrust (\w+)", page.read_text(encoding="utf-8"), re.MULTILINE)
    assert set(shown) <= known


def test_the_dockerfile_copies_what_is_there_and_leaves_root():
    lines = (ROOT / "docs/recipes/Dockerfile").read_text(encoding="utf-8").splitlines()
    copies = [line for line in lines if line.startswith("COPY ") and "--from" not in line]
    copied = [name for line in copies for name in line.split()[1:-1]]
    assert {"pyproject.toml", "src", "models", "notebooks", "studies", "data"} <= set(copied)
    assert [name for name in copied if not (ROOT / name).exists()] == []
    assert "USER ranktrust" in lines[-4:]
