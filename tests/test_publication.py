"""A publication is whole, leads only inside itself, refuses a failed gate, and holds no formula anywhere."""

import csv
import hashlib
import json
import os
import re
import subprocess
import sys

import openpyxl
import pandas as pd
import pytest
from deciding import gated_run
from wording import style

from ranktrust import cli, publish
from ranktrust.errors import GateError, RunError, UsageError
from ranktrust.publish.columns import COLUMNS, PARTS
from ranktrust.publish.package import csv_text
from ranktrust.vocabulary import Exit

FAILED = {"gate_passed": False, "indicators": [{"name": "tiny_4h", "gate_passed": False}]}
FORMULA = '=HYPERLINK("http://example.org","x")'
SAMPLERS = ("pymc", "nutpie", "pytensor")
PUBLISH = "import sys; from pathlib import Path; from ranktrust import publish; "
PUBLISH += "publish.publish_run(Path(sys.argv[1]), Path(sys.argv[2]))"


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A run and its publication, made where neither the command nor its kernel can import a sampler."""
    folder, fakes = tmp_path_factory.mktemp("publication"), tmp_path_factory.mktemp("fakes")
    for name in SAMPLERS:
        (fakes / f"{name}.py").write_text("raise ImportError(__name__)", encoding="utf-8")
    run, out = gated_run(folder / "run"), folder / "out"
    path = os.pathsep.join([str(fakes), os.environ.get("PYTHONPATH", "")])
    command = [sys.executable, "-c", PUBLISH, str(run), str(out)]
    subprocess.run(command, check=True, env={**os.environ, "PYTHONPATH": path})
    return run, out


def test_it_holds_every_page_and_every_file(made):
    _, out = made
    found = {path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_file()}
    pages = {"league_tiny_4h", "diagnostics_tiny_4h", "data", "trusts", "support", "regions", "compare", "method"}
    assert {f"pages/{name}.html" for name in pages} <= found
    assert sum(name.startswith("pages/trust_") for name in found) == 8
    assert {"index.html", "manifest.json", "data/tables.xlsx", "data/tables.ods", "data/league.csv"} <= found
    assert {"data/datapackage.json", "ro-crate-metadata.json"} <= found
    assert not any(".part" in name for name in found)
    assert not any(path.name.endswith(".part") for path in out.parent.iterdir())


def test_every_link_inside_leads_to_a_file(made):
    _, out = made
    publish.check_links(out)
    links = re.findall(r'href="([^"#:]+)"', (out / "index.html").read_text(encoding="utf-8"))
    assert len(links) >= 9
    assert all((out / link).is_file() for link in links)


def test_a_lost_page_and_a_loaded_file_are_faults(tmp_path):
    (tmp_path / "a.html").write_text('<a href="b.html">b</a><img src="https://example.org/x.png">', encoding="utf-8")
    with pytest.raises(RunError, match=r"2 links lead nowhere: a.html to b.html; a.html to https://example.org/x.png"):
        publish.check_links(tmp_path)


def test_the_index_of_a_publication_says_what_that_of_its_run_says_of_fit(tmp_path, monkeypatch):
    asked = []
    monkeypatch.setattr("ranktrust.publish.site.read_fit_checks", lambda folder, name: asked.append((folder, name)))
    monkeypatch.setattr("ranktrust.publish.whole.render_pages", lambda _jobs, **_options: None)
    monkeypatch.setattr("ranktrust.publish.whole.check_links", lambda _folder: None)
    run = gated_run(tmp_path / "run")
    publish.publish_run(run, tmp_path / "out")
    assert asked == [(run / "tables", "tiny_4h")]


def test_no_path_of_the_machine_is_in_it(made):
    run, out = made
    for path in out.rglob("*"):
        if path.suffix in {".html", ".json", ".csv"}:
            assert str(run.parent) not in path.read_text(encoding="utf-8"), path.name


def test_a_failed_gate_is_refused_with_exit_4_and_nothing_is_written(tmp_path, capsys):
    run = gated_run(tmp_path / "run", **FAILED)
    with pytest.raises(GateError, match=r"failed its gate \(tiny_4h\) and is not published"):
        publish.publish_run(run, tmp_path / "out")
    with pytest.raises(SystemExit) as caught:
        cli.main(["publish", str(run), "--out", str(tmp_path / "out")])
    assert caught.value.code == Exit.GATE_FAILED
    assert "failed its gate" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


def test_a_reason_to_publish_nevertheless_stands_on_every_page(tmp_path, monkeypatch):
    run, jobs = gated_run(tmp_path / "run", **FAILED, allowed_failed_gate="To show <b>what</b> fails."), []
    monkeypatch.setattr("ranktrust.publish.whole.render_pages", lambda given, **_options: jobs.extend(given))
    monkeypatch.setattr("ranktrust.publish.whole.check_links", lambda _folder: None)
    publish.publish_run(run, tmp_path / "out")
    assert len(jobs) == 15
    assert all("The reason given: To show <b>what</b> fails." in job.notice for job in jobs)
    for page in ("index.html", "pages/trusts.html"):
        text = (tmp_path / "out" / page).read_text(encoding="utf-8")
        assert "The reason given: To show &lt;b&gt;what&lt;/b&gt; fails." in text
    book = openpyxl.load_workbook(tmp_path / "out" / "data" / "tables.xlsx")
    assert any("The reason given" in str(cell.value) for cell in book["Cover"]["A"])


def test_a_folder_in_use_is_left_alone(tmp_path):
    run = gated_run(tmp_path / "run")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(UsageError, match="in use: name a new folder"):
        publish.publish_run(run, tmp_path / "out")
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["mine.txt"]


def test_what_stops_a_publication_leaves_none(tmp_path, monkeypatch):
    run = gated_run(tmp_path / "run")
    (run / "tables" / "data.json").unlink()
    monkeypatch.setattr("ranktrust.publish.whole.render_pages", lambda jobs, **_given: None)
    with pytest.raises(RunError, match="links lead nowhere"):
        publish.publish_run(run, tmp_path / "out")
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


def test_a_folder_without_a_manifest_is_no_run(tmp_path):
    with pytest.raises(RunError, match="is not a run folder"):
        publish.publish_run(tmp_path, tmp_path / "out")


# The workbook


def test_the_workbook_has_a_cover_notes_and_one_table_a_sheet(made):
    _, out = made
    book = openpyxl.load_workbook(out / "data" / "tables.xlsx")
    assert book.sheetnames[:6] == ["Cover", "Contents", "Notes", "Columns", "Indicators", "League"]
    assert book["Cover"]["A1"].value == "A tiny study"
    for name in book.sheetnames[1:]:
        sheet = book[name]
        (table,) = sheet.tables.values()
        first, last = table.ref.split(":")
        assert first in ("A3", "A4")
        assert sheet[last].row == sheet.max_row
        assert not sheet.merged_cells.ranges
        assert all(cell.value is not None for row in sheet[table.ref] for cell in row), name
    assert book.properties.title == "A tiny study"


def test_the_workbook_prints_what_the_tables_hold(made):
    run, out = made
    sheet = openpyxl.load_workbook(out / "data" / "tables.xlsx")["League"]
    rows = [[cell.value for cell in row] for row in sheet[sheet.tables["league"].ref]]
    found = pd.DataFrame(rows[1:], columns=rows[0]).set_index("trust")
    table = publish.load_run(run).tables["tiny_4h"].rows
    assert found["estimate"].to_dict() == pytest.approx(table["estimate"].to_dict())
    assert found["rank_upper"].to_dict() == table["rank_upper"].to_dict()
    assert not {"expected_rank", "median_rank"} & set(found.columns)


# The data files


def test_every_column_is_described_and_every_file_has_its_digest(made):
    _, out = made
    package = json.loads((out / "data" / "datapackage.json").read_text(encoding="utf-8"))
    dictionary = json.loads((out / "data" / "dictionary.json").read_text(encoding="utf-8"))
    assert {item["path"] for item in package["resources"]} == {path.name for path in (out / "data").glob("*.csv")}
    for item in package["resources"]:
        path = out / "data" / item["path"]
        assert item["hash"] == f"sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}"
        with path.open(encoding="utf-8", newline="") as lines:
            head = next(csv.reader(lines))
        fields = {field["name"]: field["description"] for field in item["schema"]["fields"]}
        assert list(fields) == head
        assert dictionary["tables"][path.stem]["columns"] == fields
        assert all(fields.values())


def test_types_of_the_package_hold_in_the_files(made):
    _, out = made
    package = json.loads((out / "data" / "datapackage.json").read_text(encoding="utf-8"))
    for item in package["resources"]:
        frame = pd.read_csv(out / "data" / item["path"])
        for field in item["schema"]["fields"]:
            if field["type"] in {"number", "integer"}:
                assert pd.api.types.is_numeric_dtype(frame[field["name"]]), (item["path"], field["name"])


def test_no_table_publishes_a_single_rank():
    assert set(PARTS) == {
        "indicators", "league", "pairs", "support_totals", "support_lists", "regions", "within_regions", "change",
    }  # fmt: skip
    assert not {name for name in COLUMNS if "rank" in name} - {"rank_lower", "rank_upper", "ranked"}


def test_a_text_of_a_csv_file_is_no_formula():
    text = csv_text(pd.DataFrame({"trust": [FORMULA, "@x", "plain"], "k": [1.5, float("nan"), 2.0]}))
    rows = list(csv.reader(text.splitlines()))
    assert rows == [["trust", "k"], [f"'{FORMULA}", "1.5"], ["'@x", ""], ["plain", "2"]]


# The words


def test_no_sentence_of_a_publication_breaks_a_rule(made):
    _, out = made
    pages = sorted(out.rglob("*.html"))
    assert len(pages) == 18
    assert [fault for page in pages for fault in style.faults_in(page)] == []
