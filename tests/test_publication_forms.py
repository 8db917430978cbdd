"""Every other form of a publication: texts stay texts in each, nothing is fetched, and it says where it comes from."""

import csv
import hashlib
import json
import re
import sys
import zipfile
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from types import SimpleNamespace
from xml.etree import ElementTree

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from deciding import tiny_decisions
from league_tables import NASTY, tiny_run, tiny_table
from openpyxl import load_workbook
from trajectory_draws import fit_of, levels, panel_of, trajectory_of

from ranktrust import figures, publish
from ranktrust.composite import ScoreTables
from ranktrust.errors import UsageError
from ranktrust.league import write_trajectory
from ranktrust.publish.columns import COLUMNS
from ranktrust.publish.crate import CRATE, write_crate
from ranktrust.publish.ods import write_ods
from ranktrust.publish.package import csv_text, json_text
from ranktrust.publish.report import VARIANT, printer, report_html, say_scopes, write_report
from ranktrust.publish.sheets import EMPTY, NOTES, numbered, sheets_of, used_notes, value_of
from ranktrust.publish.whole import site_jobs
from ranktrust.publish.workbook import write_workbook
from ranktrust.run.record import keep_notebooks

FORMULAS = ('=HYPERLINK("http://example.org","x")', "+1", "-1", "@SUM(A1)", "<img src=x onerror=alert(1)>")
FRAME = pd.DataFrame({"trust": FORMULAS, "trust_name": FORMULAS[::-1], "k": [1, 2, 3, 4, 5],
                      "p_first": [0.5, np.nan, 1.0, 0.25, 1e-9]})  # fmt: skip
TITLE = FORMULAS[0]
OFFICE, TABLE, TEXT = (f"{{urn:oasis:names:tc:opendocument:xmlns:{name}:1.0}}" for name in ("office", "table", "text"))
FIGURES = {"title": "Figures", "path": "https://example.org/x", "publisher": "A publisher", "licence": "OGL"}
ABOUT = {"title": "A study", "description": "How sure?", "created": "2026-01-01T00:00:00+00:00", "version": "1",
         "sources": [FIGURES]}  # fmt: skip
MANIFEST = {"run_id": "1", "created": "2026-01-01T00:00:00+00:00", "study": {"name": "tiny"},
            "figures": {"a.csv": "ab"}, "versions": {"ranktrust": "0.1.0", "pymc": "6"}}  # fmt: skip


# OpenDocument


def written(write, folder, name, frame=FRAME, title=TITLE):
    return write({"support_lists": frame}, folder / name, title=title, facts=list(FORMULAS), contact=["Ask =us"])


@pytest.fixture
def ods(tmp_path):
    with zipfile.ZipFile(written(write_ods, tmp_path, "x.ods")) as book:
        yield book


@pytest.fixture
def xlsx(tmp_path):
    return written(write_workbook, tmp_path, "x.xlsx")


def cells_of(book, sheet):
    """The cells of a sheet: type and text, row by row."""
    root = ElementTree.fromstring(book.read("content.xml"))
    (table,) = [one for one in root.iter(f"{TABLE}table") if one.get(f"{TABLE}name") == sheet]
    return [
        [(cell.get(f"{OFFICE}value-type"), "".join(cell.itertext())) for cell in row.iter(f"{TABLE}table-cell")]
        for row in table.iter(f"{TABLE}table-row")
    ]


def test_the_spreadsheet_is_one_by_its_own_parts(ods):
    assert ods.namelist()[0] == "mimetype"
    assert ods.getinfo("mimetype").compress_type == zipfile.ZIP_STORED
    assert ods.read("mimetype") == b"application/vnd.oasis.opendocument.spreadsheet"
    for name in ods.namelist()[1:]:
        ElementTree.fromstring(ods.read(name))
    listed = re.findall(r'full-path="([^"]+)"', ods.read("META-INF/manifest.xml").decode())
    assert set(listed) == {"/", "content.xml", "meta.xml", "styles.xml"}


def test_every_text_of_the_spreadsheet_is_a_string_and_no_cell_a_formula(ods):
    text = ods.read("content.xml").decode()
    assert "table:formula" not in text
    assert "<img" not in text
    assert "text:a" not in text
    head, *rows = cells_of(ods, "Support lists")[3:]
    assert head == [("string", name) for name in FRAME.columns]
    assert [row[0] for row in rows] == [("string", formula) for formula in FORMULAS]
    assert [row[2] for row in rows] == [("float", str(k)) for k in FRAME["k"]]
    assert [row[3][1] for row in rows] == ["0.5", EMPTY, "1", "0.25", "1e-09"]
    assert cells_of(ods, "Cover")[0] == [("string", TITLE)]


def test_both_spreadsheets_have_the_same_sheets_and_rows(xlsx, ods):
    book = load_workbook(xlsx)
    assert book.sheetnames == ["Cover", "Contents", "Notes", "Columns", "Support lists"]
    for name in book.sheetnames:
        theirs = [[str(cell.value) for cell in row if cell.value is not None] for row in book[name].iter_rows()]
        assert theirs == [[text for _, text in row] for row in cells_of(ods, name)], name


def test_every_text_of_the_workbook_is_a_string_in_its_own_xml_and_no_cell_a_formula_or_a_link(xlsx):
    space = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
    with zipfile.ZipFile(xlsx) as book:
        pages = [name for name in book.namelist() if name.startswith("xl/worksheets/sheet")]
        found = [cell for name in pages for cell in ElementTree.fromstring(book.read(name)).iter(f"{space}c")]
        relations = "".join(book.read(name).decode() for name in book.namelist() if name.endswith(".rels"))
    assert not [cell for cell in found if cell.find(f"{space}f") is not None]
    assert {cell.get("t", "n") for cell in found} == {"inlineStr", "n"}
    strings = ["".join(cell.itertext()) for cell in found if cell.get("t") == "inlineStr"]
    assert [strings.count(text) for text in FORMULAS] == [4, 3, 3, 3, 3]
    assert "External" not in relations


@pytest.mark.parametrize(
    "text", ["[here](http://example.org)", "\u2014", "\u5317\u4eac", "$$x$$", "a\x01b", "{=A1}", "  "]
)
def test_a_text_that_gptables_would_read_otherwise_stays_a_text(tmp_path, text):
    frame = pd.DataFrame({"trust": [text], "k": [1]})
    path = written(write_workbook, tmp_path, "x.xlsx", frame, title=text)
    (kept,) = [row[0] for row in load_workbook(path)["Support lists"].iter_rows(min_row=4) if row[1].value == 1]
    assert kept.value == value_of(text)
    assert kept.hyperlink is None
    assert kept.data_type == "s"


def test_a_table_is_marked_with_its_headings_and_the_language_is_said(ods, xlsx):
    text = ods.read("content.xml").decode()
    assert "target-range-address=\"'Support lists'.A4:'Support lists'.D9\"" in text
    assert text.count("<table:table-header-rows>") == 4
    assert "covered-table-cell" not in text
    assert "<dc:language>en-GB</dc:language>" in ods.read("meta.xml").decode()
    book = load_workbook(xlsx)
    assert (book.properties.language, book.properties.title) == ("en-GB", TITLE)
    assert [table.ref for table in book["Support lists"].tables.values()] == ["A4:D9"]


def test_columns_explain_every_column_and_titles_point_to_the_notes_they_need():
    columns, lists = sheets_of({"support_lists": FRAME})
    assert columns.rows == tuple((name, COLUMNS[name]) for name in FRAME.columns)
    assert lists.lines[1].startswith(f"{EMPTY} means")
    assert lists.notes == ("quality",)
    league = sheets_of({"league": FRAME.rename(columns={"k": "rank_lower", "p_first": "p_first_mcse"})})
    assert used_notes(league) == list(NOTES)
    assert numbered(league[1], used_notes(league)).endswith("[note 1][note 2][note 3]")
    assert sheets_of({"support_lists": FRAME.fillna(0)})[1].lines[1:] == ()


def test_a_hostile_text_runs_in_no_data_file():
    rows = list(csv.reader(csv_text(FRAME).splitlines()))[1:]
    assert [row[0][0] for row in rows] == ["'", "'", "'", "'", "<"]
    assert "<img" not in json.dumps(publish.league_rows(tiny_table()).text.replace("&lt;img", ""))


def test_tables_are_there_as_json_with_their_texts_as_they_are():
    found = json.loads(json_text({"support_lists": FRAME}))["support_lists"]
    assert found["columns"] == list(FRAME.columns)
    assert [row[0] for row in found["rows"]] == list(FORMULAS)
    assert [row[3] for row in found["rows"]] == [0.5, None, 1, 0.25, 1e-9]


# The report


@pytest.fixture
def pages(tmp_path):
    """Two pages with what a report must change: folds, links, scripts, pictures and equal ids."""
    body = (
        '<script>alert(1)</script><h1 id="a">Title</h1><p aria-labelledby="a">Text <a href="x.html">link</a></p>'
        '<div class="narrow-only"><svg viewBox="0 0 1 1"><path class="s1" d="M0 0"/></svg></div>'
        '<svg class="strip" role="img" aria-label="rank 1 &amp; 2"><path class="bed" d="M0 0"/>'
        '<path class="tone t3" d="M0 0"/><path style="fill: var(--ink, #17212b)" d="M0 0"/></svg>'
        f"<p>{NASTY.replace('&', '&amp;').replace('<', '&lt;')}</p>"
        "<details><summary>outer</summary><details><summary>inner</summary>hidden</details>more</details>"
    )
    paths = [tmp_path / "one.html", tmp_path / "two.html"]
    for path in paths:
        path.write_text(f"<html><body><main id='main'>{body}</main></body></html>", encoding="utf-8")
    return paths


def test_a_report_holds_its_pages_without_what_paper_cannot_do(pages):
    text = report_html(pages, "A study")
    assert "<title>A study</title>" in text
    assert '<html lang="en-GB">' in text
    assert not re.search(r"<(script|a|details|img)\b|narrow-only|var\(|hidden", text.partition("<body>")[2])
    ids = re.findall(r'\sid="([^"]+)"', text)
    assert ids == ["p0-a", "p1-a"]
    assert text.count('aria-labelledby="p1-a"') == 1
    assert unescape(text).count("<img src=x onerror=alert(1)>") == 2


def test_pictures_of_a_report_carry_their_words_and_colours(pages):
    text = report_html(pages, "A study")
    assert text.count("<title>rank 1 &amp; 2</title>") == 2
    assert '<path fill="#eef1f4" d="M0 0"/>' in text
    assert '<path fill="#4b546c" d="M0 0"/>' in text
    assert "fill: #17212b" in text


@dataclass
class FakePrinter:
    """Stands for WeasyPrint and keeps what it was asked."""

    asked: dict

    def HTML(self, string, url_fetcher):
        self.asked |= {"string": string, "fetch": url_fetcher}
        return self

    def write_pdf(self, target, pdf_variant, finisher):
        self.asked |= {"variant": pdf_variant, "finisher": finisher}
        Path(target).write_bytes(b"%PDF-1.7")


def test_a_report_is_tagged_and_fetches_nothing(pages, tmp_path, monkeypatch):
    asked: dict = {}
    monkeypatch.setitem(sys.modules, "weasyprint", FakePrinter(asked))
    path = write_report(pages, tmp_path / "report.pdf", title="A study")
    assert path.read_bytes() == b"%PDF-1.7"
    assert asked["variant"] == VARIANT == "pdf/ua-1"
    assert asked["finisher"] is say_scopes
    with pytest.raises(ValueError, match="is not fetched"):
        asked["fetch"]("https://example.org/x.png")


class Tagged(dict):
    """An object of a PDF by its number."""

    def __init__(self, number, kind, parent, **more):
        super().__init__(Type="/StructElem", S=f"/{kind}", P=f"{parent} 0 R", **more)
        self.reference = f"{number} 0 R"


def test_heading_cells_of_a_report_say_what_they_head():
    parts = [Tagged(1, "Table", 0), Tagged(2, "THead", 1), Tagged(3, "TR", 2), Tagged(4, "TH", 3, A={"O": "/Table"}),
             Tagged(5, "TBody", 1), Tagged(6, "TR", 5), Tagged(7, "TH", 6, A={}), Tagged(8, "TD", 6, A={})]  # fmt: skip
    say_scopes(None, SimpleNamespace(objects=[object(), {"Type": "/Page"}, *parts]))
    assert [part.get("A", {}).get("Scope") for part in parts] == [None] * 3 + ["/Column", None, None, "/Row", None]


def test_lists_of_terms_are_printed_as_lists(pages):
    before = pages[0].read_text(encoding="utf-8")
    terms = '<dl class="facts"><div><dt>A</dt><dd class="digest">b</dd></div></dl><svg aria-hidden="true"></svg></main>'
    pages[0].write_text(before.replace("</main>", terms), encoding="utf-8")
    text = report_html(pages, "A study")
    assert '<ul class="facts"><li><strong>A:</strong> b</li></ul>' in text
    assert text.count("<title>Sample:</title>") == 1


def test_a_printer_that_is_not_there_is_named_with_what_to_do(monkeypatch):
    monkeypatch.setitem(sys.modules, "weasyprint", None)
    with pytest.raises(UsageError, match=r"pip install 'ranktrust\[pdf\]'"):
        printer()


# Where it comes from


def test_the_crate_lists_every_file_with_its_digest(tmp_path):
    (tmp_path / "pages").mkdir()
    for name in ("index.html", "pages/a.html", "manifest.json"):
        (tmp_path / name).write_text(name, encoding="utf-8")
    crate = json.loads(write_crate(tmp_path, MANIFEST, ABOUT).read_text(encoding="utf-8"))
    graph = {entity["@id"]: entity for entity in crate["@graph"]}
    assert crate["@context"] == "https://w3id.org/ro/crate/1.1/context"
    assert graph[CRATE]["about"] == {"@id": "./"}
    assert [part["@id"] for part in graph["./"]["hasPart"]] == ["index.html", "manifest.json", "pages/a.html"]
    for part in graph["./"]["hasPart"]:
        assert graph[part["@id"]]["sha256"] == hashlib.sha256((tmp_path / part["@id"]).read_bytes()).hexdigest()
    given = {"name": "Figures", "url": "https://example.org/x", "publisher": "A publisher", "license": "OGL"}
    assert graph["#source-0"] == {"@id": "#source-0", "@type": "Dataset", **given}
    assert graph["#run-1"]["object"] == [{"@id": "#source-0"}]
    assert graph["#run-1"]["description"] == "a.csv sha256 ab"


# Notebooks of a study's own


def test_a_run_keeps_the_notebooks_beside_its_study_and_its_publication_uses_them(tmp_path):
    study, run = tmp_path / "study", tiny_run(tmp_path / "run")
    study.mkdir()
    (study / "league_table.ipynb").write_text("{}", encoding="utf-8")
    kept = keep_notebooks(SimpleNamespace(folder=study), ["league_table", "data"], run)
    assert [path.relative_to(run).as_posix() for path in kept] == ["notebooks/league_table.ipynb"]
    jobs = {job.out.stem: job.notebook for job in site_jobs(run, tmp_path / "out", publish.load_run(run))}
    assert jobs["league_tiny_4h"] == run / "notebooks" / "league_table.ipynb"
    assert jobs["diagnostics_tiny_4h"].parent != run / "notebooks"


# The composite on a trust's page, and the pictures of support and regions


def composite():
    rows = pd.DataFrame(
        {"rank_lower": [2.0, np.nan], "rank_upper": [5.0, np.nan], "p_top_quarter": 0.4, "p_top_quarter_mcse": 0.01,
         "p_bottom_quarter": 0.0, "p_bottom_quarter_mcse": 0.001, "ess_rank": 900.0, "missing": ["", "tiny_4h"]},
        index=["RAX", "RBX"],
    )  # fmt: skip
    pulls = pd.DataFrame({"indicator": ["a", "b"], "rank_change": [-1.0, 2.5]}, index=["RAX", "RAX"])
    titles = pd.DataFrame({"title": ["First", "Second"]}, index=["a", "b"])
    law = pd.DataFrame([[0.125] * 8], index=["RAX"], columns=range(1, 9))
    frames = {"rows": rows, "influence": pulls, "indicators": titles, "rank_pmf": law}
    return ScoreTables({"title": "All", "why": "each counts the same", "prob": 0.95, "n": 8}, frames)


def test_a_trust_page_says_its_place_in_the_composite_and_what_drives_it():
    run = SimpleNamespace(composite=composite())
    text = publish.trust_score(run, "RAX").text
    assert "95% rank interval is 2 to 5 of 8" in text
    assert "The weights are the study&#39;s choice: each counts the same." in text
    assert "Second lifts it by 2.5 places; First lowers it by 1.0 places" in text
    assert "< 0.4%" in unescape(text)
    assert "too much of the weight is missing (tiny_4h)" in publish.trust_score(run, "RBX").text
    assert publish.trust_score(run, "RCX").text == ""
    assert publish.trust_score(SimpleNamespace(composite=None), "RAX").text == ""


def test_pictures_of_lists_and_regions_show_their_tables():
    decisions, titles = {"tiny_4h": tiny_decisions()}, {"tiny_4h": "Seen"}
    shares = figures.budget_rows(decisions, titles)
    totals = decisions["tiny_4h"].frames["totals"].query("goal == 'rank'").set_index("k")
    assert shares["Seen"].to_dict() == pytest.approx((totals["false_inclusions"] / totals["named"]).to_dict())
    _, ax = plt.subplots()
    figures.budget_errors(shares, ax, title=figures.budget_title(shares, int(shares.index[0])), width=40)
    assert ax.lines[0].get_ydata() == pytest.approx(100 * shares["Seen"])
    assert len(ax.get_title(loc="left").split()) <= 10
    found = figures.region_rows(decisions, titles)
    _, ax = plt.subplots()
    figures.region_ranks(found, ax, across=True)
    spans = ax.collections[0].get_segments()
    assert [segment[:, 0].tolist() for segment in spans] == [
        [row.rank_lower - 0.35, row.rank_upper + 0.35] for row in found["Seen"].itertuples()
    ]
    assert len(ax.get_title(loc="left").split()) <= 10
    plt.close("all")
    assert figures.budget_drawing({}, {}, "trust") is None
    assert figures.region_drawing({}, {}) is None


def test_a_league_page_answers_what_it_does_not_show(tmp_path):
    text = publish.in_short(tiny_table(), tiny_run(tmp_path)).text
    assert "not followed over time in this study" in text
    assert 'href="#cannot-tell"' in text
    assert 'href="method.html"' in text


def test_change_above_a_league_table_is_that_of_its_trajectory(tmp_path):
    panel = panel_of()
    found = trajectory_of(panel, fit_of(panel, levels(slope=0.15)))
    write_trajectory(found, tmp_path / "tables")
    table = tiny_table(indicator=found.facts.indicator)
    chances = found.change["p_absolute"]
    better, worse = (chances >= 0.975).sum(), (chances <= 0.025).sum()
    said = publish.changed_sentence(table, tmp_path)
    assert better > 0
    assert f"{better} of {len(chances)} trusts are better and {worse} worse" in said
    assert f"from February 2025 to May 2025, {better}" in said
