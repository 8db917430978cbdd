"""Pages are true to their tables, open anywhere, run nothing, and are written whole or not at all."""

import json
import re
from html import unescape
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import nbformat
import pytest
from league_tables import FACTS, NASTY, tiny_run, tiny_table

from ranktrust import publish
from ranktrust.errors import RunError
from ranktrust.figures.svg import TONE_COLOURS
from ranktrust.league import band_tone
from ranktrust.publish.html import style_sheet
from ranktrust.publish.rows import ranked_rows
from ranktrust.publish.strip import quarter_edges, rank_strip, shade_of
from ranktrust.publish.trust_more import APART, CLEAR, dots_of
from ranktrust.words import probability_text, short_name

NOTEBOOKS = Path(__file__).resolve().parent.parent / "notebooks"
UNRANKED = {"ranked": False, "comparability": "indirect", "poth": None, "spearman_low": None}
FAILED = {
    "gate_passed": False,
    "findings": ({"name": "ranks", "verdict": "failed", "sentence": "Bad.", "remedy": "Draw."},),
}
BLOCKS = (
    publish.opening,
    publish.caution,
    publish.reading,
    publish.league_rows,
    publish.limits,
    publish.adjustment,
    publish.method,
)


class Elements(HTMLParser):
    """Every element of a page: its name and attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def named(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.found if name == tag]


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Both pages of a tiny run and its index, by name."""
    run = tiny_run(tmp_path_factory.mktemp("run"))
    jobs = publish.indicator_jobs(
        run,
        run / "pages",
        ["tiny_4h"],
        league=NOTEBOOKS / "league_table.ipynb",
        diagnostics=NOTEBOOKS / "diagnostics.ipynb",
    )
    written = [
        *publish.render_pages(jobs),
        publish.write_index(run / "pages", [tiny_table()], {"question": "Why <this>?"}),
    ]
    return {path.name: path.read_text(encoding="utf-8") for path in written}


def test_the_three_pages_are_written(pages: dict[str, str]) -> None:
    assert set(pages) == {"league_tiny_4h.html", "diagnostics_tiny_4h.html", "index.html"}


def test_every_page_is_one_document_that_runs_and_fetches_nothing(pages: dict[str, str]) -> None:
    for text in pages.values():
        elements = Elements(text)
        assert not {"script", "iframe", "link", "object", "embed"} & {tag for tag, _ in elements.found}
        loaded = [a.get("src") or a.get("xlink:href") or "" for tag, a in elements.found if tag != "a"]
        assert all(address.startswith(("data:", "#")) for address in loaded if address)
        assert not any(name.startswith("on") for _, attributes in elements.found for name in attributes)
        policy = [a["content"] for a in elements.named("meta") if a.get("http-equiv") == "Content-Security-Policy"]
        assert policy == ["default-src 'none'; style-src 'unsafe-inline'; img-src data:"]
        assert "@import" not in text
        assert len(text) < 1_500_000


def test_every_page_has_its_landmarks_and_one_heading(pages: dict[str, str]) -> None:
    for text in pages.values():
        elements = Elements(text)
        assert [len(elements.named(tag)) for tag in ("h1", "header", "nav", "main", "footer")] == [1] * 5
        assert elements.named("html") == [{"lang": "en-GB"}]
        assert elements.named("a")[0] == {"class": "skip", "href": "#main"}
        ids = [attributes["id"] for _, attributes in elements.found if "id" in attributes]
        assert len(ids) == len(set(ids))


def test_every_table_has_a_caption_and_scopes(pages: dict[str, str]) -> None:
    for text in pages.values():
        elements = Elements(text)
        assert len(elements.named("caption")) == len(elements.named("table"))
        assert {head.get("scope") for head in elements.named("th")} <= {"col", "row"}


def test_every_picture_has_words(pages: dict[str, str]) -> None:
    for text in pages.values():
        pictures = Elements(text).named("svg")
        assert pictures
        assert all(a.get("aria-hidden") == "true" or (a.get("role") == "img" and a.get("aria-label")) for a in pictures)


def test_the_title_is_the_finding(pages: dict[str, str]) -> None:
    heading = re.search(r"<h1[^>]*>(.*?)</h1>", pages["league_tiny_4h.html"])
    assert heading
    assert re.fullmatch(r"A typical trust could hold any of \d places among 8", heading[1])
    assert "fall into 3 bands." in pages["league_tiny_4h.html"]
    assert "4.0% of these, and" in pages["league_tiny_4h.html"]
    assert f"<title>{heading[1]}</title>" in pages["league_tiny_4h.html"]


def test_a_name_is_text_wherever_it_stands(pages: dict[str, str]) -> None:
    page = pages["league_tiny_4h.html"]
    assert page.count("&lt;img src=x onerror=alert(1)&gt;") >= 2
    assert "<img" not in page
    assert "<b>more</b>" not in page
    assert "Why &lt;this&gt;?" in pages["index.html"]


def test_the_review_page_says_its_verdict_first(pages: dict[str, str]) -> None:
    assert re.search(r"<h1[^>]*>Not fit to publish: \d+ of 9 checks failed</h1>", pages["diagnostics_tiny_4h.html"])


def test_pages_show_no_code(pages: dict[str, str]) -> None:
    for name in ("league_tiny_4h.html", "diagnostics_tiny_4h.html"):
        assert "read_league_table" not in pages[name]


def test_a_failed_gate_stands_above_the_finding() -> None:
    text = publish.opening(tiny_table(**FAILED)).text
    assert text.index("Not fit to publish") < text.index("<h1")
    assert "Bad. Draw." in text
    assert "Not fit to publish" not in publish.opening(tiny_table()).text


def test_no_rank_is_printed_without_its_interval() -> None:
    table = tiny_table()
    cells = re.findall(r'<td role="cell" class="ranks"[^>]*>(.*?)</td>', publish.league_rows(table).text)
    bounds = table.rows[["rank_lower", "rank_upper"]].astype(int).itertuples(index=False)
    assert cells == [f"{low} to {high} of 8" for low, high in bounds]
    for value in table.rows["expected_rank"]:
        assert f"{value:.2f}" not in "".join(block(table).text for block in BLOCKS)


def test_every_probability_carries_its_monte_carlo_error() -> None:
    text = publish.league_rows(tiny_table()).text
    cells = re.findall(r'class="probability"[^>]*title="([^"]*)"', text)
    assert cells == ["Monte Carlo error 1 points"] * 16
    assert "Monte Carlo error: at most 1 points" in text


def test_a_strip_shades_each_place_by_its_probability() -> None:
    assert list(shade_of([0, 0.0009, 0.001, 0.01, 0.025, 0.05, 0.1, 0.25, 1])) == [0, 0, 1, 2, 3, 4, 5, 6, 6]
    strip = rank_strip([0.0, 0.6, 0.39, 0.01], 2, 3, prob=0.95)
    assert 'class="s6" d="M1 0h2v16h-2z"' in strip
    assert 'class="span" d="M1 19h2v4h-2z"' in strip
    assert 'aria-label="95% rank interval 2 to 3 of 4"' in strip


def test_ticks_of_a_strip_stand_at_the_ends_of_the_quarters_that_a_table_counts() -> None:
    assert quarter_edges(118) == (29, 59, 89)
    assert f"M{29} 0v16M{59} 0v16M{89} 0v16" in rank_strip([1 / 118] * 118, 2, 115, prob=0.95)
    assert f"M{30} 0v16M{59.5:g} 0v16M{89} 0v16" in rank_strip([1 / 119] * 119, 2, 115, prob=0.95)


def test_every_column_is_explained_before_the_table_in_a_folded_part() -> None:
    for table in (tiny_table(), tiny_table(ranked=False, comparability="indirect", poth=None, spearman_low=None)):
        text = publish.league_rows(table).text
        before, after = text.split("<table")
        assert '<details class="fold"><summary>What each column says</summary>' in before
        heads = {
            re.sub("<.*", "", head.strip()) for head in re.findall(r"<th [^>]*columnheader[^>]*>(.*?)</th>", after)
        }
        said = set(re.findall(r"<dt>(.*?)</dt>", before)) | {"Trust", "Region"}
        said |= {part for words in said for part in words.split(", ")}
        assert heads <= said


def test_a_row_is_read_beside_the_next_by_the_words_of_the_page_on_pairs() -> None:
    table = tiny_table()
    text = publish.reading(table).text
    codes = [
        code for code in table.rows.index if f"{short_name(table.rows.at[code, 'trust_name'])} is the better" in text
    ]
    assert len(codes) == 1
    other = table.rows.index[list(table.rows.index).index(codes[0]) + 1]
    p = table.p_above.at[codes[0], other]
    assert probability_text(p, (p * (1 - p) / 200) ** 0.5, 200) in text
    assert re.search(r"[●]+[○]*", text)[0].count("●") == dots_of(p)  # type: ignore[index]
    assert (APART in text) == (1 - CLEAR < p < CLEAR)


def test_the_trusts_that_cannot_be_told_apart_are_named() -> None:
    table = tiny_table()
    for row in ranked_rows(table):
        assert row.others == tuple(table.rows["trust_name"][code] for code in table.indistinct_from(row.code))
    assert any(NASTY in row.others for row in ranked_rows(table))


def test_an_unranked_table_prints_no_rank_at_all() -> None:
    table = tiny_table(**UNRANKED)
    text = "".join(block(table).text for block in BLOCKS)
    assert "Why no ranks stand here" in text
    assert not re.search(r"\d+ to \d+ of 8|rank interval|quarter|Upper half", text)
    assert text.count("Above 66.0%") == int((table.rows["p_above_standard"] >= 0.975).sum())


def test_both_probabilities_of_a_standard_are_printed_in_their_columns() -> None:
    table = tiny_table(**UNRANKED)
    cells = re.findall(
        r'class="probability" data-label="P\((above|below)[^>]*>(.*?)</td>', publish.league_rows(table).text
    )
    wanted = [
        (side, probability_text(getattr(row, f"p_{side}_standard"), 0.01, 200.0))
        for row in table.rows.itertuples()
        for side in ("below", "above")
    ]
    assert [(side, unescape(text)) for side, text in cells] == wanted


def test_the_reason_to_rank_despite_a_caution_stands_beside_it() -> None:
    text = publish.caution(tiny_table(rank_reason="To show how little it bears.")).text
    assert text.index("Compare with care.") < text.index("To show how little it bears.")


def test_a_weak_order_is_said_to_be_weak() -> None:
    assert "rows stand by band and, within a band, by name" in publish.league_rows(tiny_table(spearman_low=0.3)).text


def test_context_is_printed_with_its_interval() -> None:
    text = publish.adjustment(tiny_table()).text
    assert "About 5%" in text
    assert "&lt; 0.1% to 20%" in text


def test_a_missing_manifest_is_said_to_be_missing(tmp_path: Path) -> None:
    assert publish.manifest_of(tmp_path) is None
    assert "left no manifest" in publish.provenance(tiny_table(), None).text
    assert "numpy version" in publish.provenance(tiny_table(), {"versions": {"numpy": "2"}}).text


def test_an_address_that_is_no_web_address_is_no_link() -> None:
    source = FACTS["source"] | {"address": "javascript:alert(1)"}
    assert "javascript" not in publish.provenance(tiny_table(source=source), None).text


def index_of(folder: Path, **changes: object) -> str:
    return publish.write_index(folder, [tiny_table(**changes)]).read_text(encoding="utf-8")


def test_the_index_counts_what_the_table_holds(tmp_path: Path) -> None:
    counts = tiny_table().rows["band"].value_counts()
    text = index_of(tmp_path)
    labels = [a["aria-label"] for a in Elements(text).named("svg")]
    assert labels == [f"{counts[1]} in band 1, {counts[2]} in band 2, {counts[3]} in band 3"]
    assert re.findall(r'class="chip tone (t\d)">(.*?)<', text) == [("t0", "3 in band 1"), ("t8", "2 in band 3")]
    assert re.findall(r'class="tone (t\d)" d="M(\d) 0h(\d)', text) == [
        ("t0", "0", "3"),
        ("t4", "3", "3"),
        ("t8", "6", "2"),
    ]
    assert "<span>3 bands</span>" in text


def test_one_band_is_one_piece_that_says_so(tmp_path: Path) -> None:
    text = index_of(tmp_path, band_sizes=(8,), misordered_split=None, misordered_split_mcse=None)
    assert [a["aria-label"] for a in Elements(text).named("svg")] == ["8 in one band"]
    assert "These data put all 8 trusts into one band" in text
    assert "1 bands" not in text


def test_every_row_has_its_band_as_number_and_tone() -> None:
    table = tiny_table()
    cells = re.findall(r'class="chip tone (t\d)">(.*?)<', publish.league_rows(table).text)
    tones = {1: "t0", 2: "t4", 3: "t8"}
    assert cells == [(tones[band], f"Band {band} of 3") for band in table.rows["band"]]


@pytest.mark.parametrize("count", [1, 2, 3, 9, 32, 118])
def test_tones_go_from_end_to_end_and_never_back(count: int) -> None:
    tones = [band_tone(band, count) for band in range(1, count + 1)]
    assert tones == sorted(tones)
    assert (tones[0], tones[-1]) == ((4, 4) if count == 1 else (0, 8))
    assert len(set(tones)) == min(count, 9)


def test_the_palette_falls_in_grey_on_white_and_on_dark_pages() -> None:
    css = style_sheet()
    found = [re.findall(rf"--t{step}: #(\w{{6}})", css) for step in range(9)]
    for page, sign in ((0, 1), (1, -1)):
        grey = [sign * luminance(colours[page]) for colours in found]
        assert grey == sorted(grey)
        assert min(abs(one - other) for one, other in pairwise(grey)) > 0.015
    assert [f"#{colours[0]}" for colours in found] == list(TONE_COLOURS)


def luminance(colour: str) -> float:
    """Relative luminance of sRGB, as WCAG 2 defines it."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_no_word_of_a_band_is_a_verdict_or_about_a_pair() -> None:
    for table in (tiny_table(), tiny_table(band_sizes=(8,), misordered_split=None, misordered_split_mcse=None)):
        text = " ".join(block(table).text for block in BLOCKS)
        assert not re.search(r"\bworst\b|failing|\bpoor (trust|care)|best trust|\bgrade", text)
        assert "may be impossible to tell apart" in text or "does not mean that no two can be told apart" in text


def test_the_method_says_what_the_bands_get_wrong() -> None:
    text = re.sub(r"<[^>]+>", " ", publish.method(tiny_table()).text)
    text = " ".join(unescape(text).split())
    wrong = ("wrong way round 4.0%", "wrong way round 3.0%", "the right way round < 1.5%")
    for words in ("lambda) 0.25", "Trusts of each band 3, 3, 2", "bands separate 75%", *wrong):
        assert words in text
    assert "the probability of that is &lt; 1.5%" in publish.limits(tiny_table()).text


def test_an_index_of_nothing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="at least one league table"):
        publish.write_index(tmp_path, [])


def failing_notebook(path: Path, source: str, *, tags: tuple[str, ...] = ("parameters",)) -> Path:
    cells = [nbformat.v4.new_code_cell("x = 1", metadata={"tags": list(tags)}), nbformat.v4.new_code_cell(source)]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
    return path


def test_a_failing_cell_is_named_and_leaves_no_page(tmp_path: Path) -> None:
    notebook = failing_notebook(tmp_path / "bad.ipynb", "1 / (x - 2)")
    with pytest.raises(
        RunError, match=r"notebook bad.ipynb, code cell 3 \(1 / \(x - 2\)\): ZeroDivisionError: division"
    ):
        publish.render_page(notebook, tmp_path / "bad.html", parameters={"x": 2})
    assert [path.name for path in tmp_path.iterdir()] == ["bad.ipynb"]


def test_what_a_cell_warns_of_is_in_the_log_and_leaves_no_mark_on_the_page(tmp_path: Path, caplog) -> None:
    shows = "from ranktrust.publish import Html\nHtml('<h1>shown</h1>')"
    pages = []
    for name, source in (
        ("quiet", shows),
        ("loud", f"import warnings; warnings.warn('of this')\nprint('and')\n{shows}"),
    ):
        notebook = failing_notebook(tmp_path / f"{name}.ipynb", source)
        pages.append(publish.render_page(notebook, tmp_path / "page.html", parameters={"x": 2}).read_bytes())
    assert pages[0] == pages[1]
    said = " ".join(record.getMessage() for record in caplog.records)
    assert re.search(r"notebook loud.ipynb wrote to stderr: .*UserWarning: of this", said)
    assert "notebook loud.ipynb wrote to stdout: and" in said
    assert "quiet" not in said


def test_a_notebook_without_parameters_is_refused(tmp_path: Path) -> None:
    notebook = failing_notebook(tmp_path / "bad.ipynb", "x", tags=())
    with pytest.raises(RunError, match="0 cells tagged 'parameters'"):
        publish.render_page(notebook, tmp_path / "bad.html", parameters={})


@pytest.mark.parametrize("path", sorted(NOTEBOOKS.glob("*.ipynb")), ids=lambda path: path.stem)
def test_notebooks_hold_words_and_calls(path: Path) -> None:
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    code = [cell for cell in cells if cell["cell_type"] == "code"]
    assert len(code) <= 20
    assert all(cell["outputs"] == [] and cell["execution_count"] is None for cell in code)
    assert not any(re.search(r"\bdef\b|\bclass\b|\blambda\b", "".join(cell["source"])) for cell in code)
    (parameters,) = [cell for cell in code if "parameters" in cell["metadata"].get("tags", ())]
    assert re.search(
        r'^(run|folder) = "\.\./outputs/', "".join(parameters["source"]), re.MULTILINE
    )  # as JupyterLab looks
