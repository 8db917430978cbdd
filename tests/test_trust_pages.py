"""Pages of single trusts, of support and of regions: true to their tables, and no rank without its interval."""

import json
import re
from dataclasses import replace
from html import unescape
from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from deciding import decided_run
from league_tables import CODES, NASTY, tiny_run, tiny_table
from league_tables import levels as levels_of_tiny
from trajectory_draws import fit_of, levels, panel_of, trajectory_of

from ranktrust import publish
from ranktrust.composite import ScoreTables
from ranktrust.decide import beside_rows
from ranktrust.evidence import FitChecks
from ranktrust.gate import Finding
from ranktrust.league import LeagueTable, standing_of, write_league_table
from ranktrust.league.table import TEXT_COLUMNS
from ranktrust.publish.change_rows import change_rows
from ranktrust.publish.fit import fit_sentence
from ranktrust.publish.names import trust_page
from ranktrust.publish.trust_more import APART, dots_of, pair_words
from ranktrust.words import probability_text

NOTEBOOKS = Path(__file__).resolve().parent.parent / "notebooks"


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return decided_run(tmp_path_factory.mktemp("run"))


@pytest.fixture(scope="module")
def loaded(run):
    return publish.load_run(run)


@pytest.fixture(scope="module")
def pages(run):
    """The page of one trust, that on support, that on regions, and the index of trusts, by name."""
    notebooks = {name: NOTEBOOKS / f"{path}.ipynb" for name, path in publish.NOTEBOOKS.items()}
    jobs = publish.acting_jobs(run, run / "pages", notebooks)
    wanted = [job for job in jobs if not job.out.name.startswith("trust_") or job.out.name == "trust_RDX.html"]
    written = [*publish.render_pages(wanted), publish.write_trusts_index(run, run / "pages")]
    assert len(jobs) == 4 + len(CODES)
    return {path.name: path.read_text(encoding="utf-8") for path in written}


def words_of(text):
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", text)).split())


def test_pages_run_and_fetch_nothing_and_keep_names_as_text(pages):
    pages_of_all = {"support.html", "regions.html", "method.html", "compare.html"}
    assert set(pages) == {*pages_of_all, "trust_RDX.html", "trusts.html"}
    for name, text in pages.items():
        assert not re.search(r"<(iframe|link|object|embed|img)\b|<[^>]*\son\w+=", text)
        assert text.count("<script") == (2 if name == "compare.html" else 0)
        assert text.count("<h1") == 1
        assert text.count("<caption") == text.count("<table")
        ids = re.findall(r'\sid="([^"]+)"', text)
        assert len(ids) == len(set(ids))
    named = [name for name, text in pages.items() if "&lt;img src=x onerror=alert(1)&gt;" in text]
    assert sorted(named) == ["compare.html", "regions.html", "trust_RDX.html", "trusts.html"]


def test_the_index_leads_to_every_trust_without_a_script(pages):
    assert sorted(re.findall(r'href="(trust_[^"]+)"', pages["trusts.html"])) == sorted(map(trust_page, CODES))


def test_every_league_row_leads_to_its_trust():
    found = re.findall(r'class="name" href="([^"]+)"', publish.league_rows(tiny_table()).text)
    assert found == [trust_page(code) for code in tiny_table().rows.index]


def test_a_code_that_is_no_file_name_makes_one():
    names = [trust_page(code) for code in ("RCF", "../x", "..x", "a b")]
    assert names[0] == "trust_RCF.html"
    assert len(set(names)) == 4
    assert all(re.fullmatch(r"trust_[\w-]+\.html", name) for name in names)


def test_a_standing_parts_the_others_into_three():
    table = tiny_table()
    for trust in CODES:
        standing = standing_of(table, trust)
        parts = [*standing.better, *standing.worse, *standing.indistinct]
        assert sorted(parts) == sorted(set(CODES) - {trust})
        assert all(table.p_above.loc[other, trust] >= 0.95 for other in standing.better)
        assert all(table.p_above.loc[trust, other] >= 0.95 for other in standing.worse)
    told = [*standing.better, *standing.worse]
    surest = [max(table.p_above.loc[trust, other], table.p_above.loc[other, trust]) for other in told]
    assert standing.wrong == pytest.approx(sum(1 - p for p in surest))
    assert standing_of(table, "RZZ") is None


def test_a_trust_page_prints_ranks_only_as_intervals(loaded):
    text = publish.trust_rows(loaded, "RDX").text
    row = loaded.tables["tiny_4h"].rows.loc["RDX"]
    assert f"{int(row['rank_lower'])} to {int(row['rank_upper'])} of 8" in text
    assert not re.search(r"\brank \d", words_of(text))


def test_the_headline_counts_sides_of_the_benchmark(loaded, pages):
    found = {code: publish.trust_opening(loaded, code).text for code in CODES}
    assert "Ash: better than the benchmark on 1 of 1 ranked indicator, worse on 0" in found["RAX"]
    assert "Hazel: better than the benchmark on 0 of 1 ranked indicator, worse on 1" in found["RHX"]
    assert "not clearly either on 1" in found["RDX"]
    assert "<title>Damson: better than the benchmark on 0 of 1" in pages["trust_RDX.html"]


def rows_of(text):
    """The rows of every table, in order."""
    return re.findall(r'<tr role="row"><th scope="row".*?</tr>', text, flags=re.DOTALL)


def test_every_pair_has_its_number_its_error_its_dots_and_its_words(loaded):
    text = publish.trust_compare(loaded, "RDX").text
    _, *rows = rows_of(text)
    assert len(rows) == 7
    above = loaded.tables["tiny_4h"].p_above.loc["RDX"]
    for row in rows:
        code = re.search(r"trust_(\w+)\.html", row)[1]
        assert row.count("●") == dots_of(above[code])
        assert row.count("●") + row.count("○") == 10
        assert (APART in unescape(row)) == (0.05 < above[code] < 0.95)
        assert ("Better." in row) == (above[code] >= 0.95)
        assert re.search(r"± (?:< )?\d", row)


def test_a_trust_stands_beside_the_mean_of_its_region(loaded):
    draws = 1 / (1 + np.exp(-levels_of_tiny()))
    own = draws.sel(trust="RDX") > draws.isel(trust=slice(0, 4)).mean("trust")
    first, *_ = rows_of(publish.trust_compare(loaded, "RDX").text)
    frame = loaded.decisions["tiny_4h"].frames["beside"].set_index("trust")
    assert frame.loc["RDX", "p_above"] == pytest.approx(float(own.mean()))
    assert list(frame["n"]) == [4] * 8
    assert "The Region" in first
    assert first.count("●") == dots_of(float(own.mean()))


def test_being_above_the_mean_with_oneself_is_being_above_that_of_the_others():
    draws = 1 / (1 + np.exp(-levels_of_tiny()))
    volumes = pd.Series(np.arange(1.0, 9.0), index=list(CODES))
    groups = pd.Series(["a"] * 3 + ["b"] * 4 + ["alone"], index=list(CODES))
    found = beside_rows(draws, groups, volumes, best="lowest").set_index("trust")
    assert "RHX" not in found.index
    for trust in found.index:
        others = [code for code in groups.index[groups == groups[trust]] if code != trust]
        mean = (draws.sel(trust=others) * volumes[others].to_xarray().rename(index="trust")).sum("trust")
        below = draws.sel(trust=trust) < mean / volumes[others].sum()
        assert found.loc[trust, "p_above"] == pytest.approx(float(below.mean()))


def test_the_page_on_pairs_leads_to_every_trust_and_shows_every_region(loaded, pages):
    text = pages["compare.html"]
    links = re.findall(r'href="(trust_[^"]+)#compare"', text)
    assert sorted(links) == sorted(map(trust_page, CODES))
    data = json.loads(re.search(r'<script[^>]*id="compare-data"[^>]*>(.*?)</script>', text, flags=re.DOTALL)[1])
    (one,) = data["indicators"]
    codes = [row[0] for row in data["trusts"]]
    pairs = loaded.pairs["tiny_4h"]
    for at, (first, other) in enumerate(combinations(codes, 2)):
        assert one["texts"][one["pair"][at]] == probability_text(*pairs.of(first, other))
    assert [cell["text"] for cell in one["region"]] == [
        probability_text(*loaded.decisions["tiny_4h"].frames["beside"].set_index("trust")
                         .loc[code, ["p_above", "p_above_mcse", "ess"]].astype(float)) for code in codes
    ]  # fmt: skip


def test_the_method_says_who_chose_what(pages):
    text = words_of(pages["method.html"])
    assert "1 indicator, 1 model, 240 draws of each: the computation passed" in text
    assert "Who chose what" in text
    assert "Lambda of bands 0.25: a border is at least 80% sure on average the study" in text
    assert "y ~ Binomial(n, p) &amp; &lt;b&gt;more&lt;/b&gt;" in pages["method.html"]


@pytest.mark.parametrize(
    ("p", "dots"), [(0.0, 0), (0.004, 0), (0.02, 1), (0.49, 5), (0.7, 7), (0.97, 9), (0.996, 10), (1.0, 10)]
)
def test_ten_dots_are_full_only_when_all_but_certain(p, dots):
    assert dots_of(p) == dots


def test_the_words_of_a_pair_name_the_better_one():
    assert pair_words((0.9, 0.01, 900.0), "A", "B") == APART
    assert pair_words((0.97, 0.004, 900.0), "A", "B") == "A is better than B with a probability of 97%."
    assert pair_words((0.03, 0.004, 900.0), "A", "B") == "B is better than A with a probability of 97%."


def test_neighbours_that_are_better_are_named_with_their_error(loaded):
    text = words_of(publish.trust_similar(loaded, "RDX").text)
    assert "better with at least 95% are Birch (" in text
    assert "None of them is better" in words_of(publish.trust_similar(loaded, "RAX").text)


def with_rows(loaded, **columns):
    """The run with other texts in its one table's rows."""
    table = loaded.tables["tiny_4h"]
    rows = table.rows.assign(**columns)
    again = LeagueTable.of(table.facts, rows=rows, rank_pmf=table.rank_pmf, p_above=table.p_above)
    return replace(loaded, tables={"tiny_4h": again})


def test_nothing_is_learnt_from_a_return_in_doubt(loaded):
    names, doubt = loaded.trusts["trust_name"], "no event where 40 would be usual: check the return"
    notes = pd.Series([doubt if name in {"Birch", "Fir"} else "" for name in names], names.index)
    doubted = with_rows(loaded, note=notes)
    text = words_of(publish.trust_similar(doubted, "RDX").text)
    assert "better with at least 95% are Birch" not in text
    assert "Left out, because the return itself is in doubt: Birch" in text
    lists = words_of(publish.support_lists_block(doubted).text)
    assert "Elder (1 trust left out: the return is in doubt)" in lists
    assert "Fir" not in lists


def test_a_list_of_an_indicator_without_an_order_stands_by_name_and_has_no_excess_a_trust(loaded):
    table, found = loaded.tables["tiny_4h"], loaded.decisions["tiny_4h"]
    facts = {**found.facts, "ranked": False}
    unranked = replace(
        loaded,
        tables={"tiny_4h": replace(table, facts=replace(table.facts, ranked=False))},
        decisions={"tiny_4h": replace(found, facts=facts)},
    )
    text = publish.support_lists_block(unranked).text
    for part in text.split("<details")[1:]:
        names = re.findall(r'<a class="name" href="[^"]+">([^<]+)</a>', part)
        assert names == sorted(names, key=unescape)
        assert 'data-label="Excess"' not in part
    assert "in the order of names" in text
    assert "most probable first" not in text
    assert "The league page says below of" in words_of(text)


def test_a_note_that_every_row_has_is_printed_once(loaded):
    merged = with_rows(loaded, note="catchment from before the merger")
    others = replace(merged, tables={"tiny_4h": merged.tables["tiny_4h"], "again": merged.tables["tiny_4h"]})
    others = replace(others, decisions={}, pairs={}, fit_checks={"tiny_4h": None, "again": None})
    text = words_of(publish.trust_rows(others, "RDX").text)
    assert text.count("catchment from before the merger") == 1
    assert "Note on every indicator: catchment from before the merger" in text


def test_failed_checks_of_fit_are_said_wherever_the_computation_is(loaded):
    failed = FitChecks((Finding("conflict", "failed", "3 trusts", "look", pd.DataFrame()),
                        Finding("dispersion", "passed", "none", "", pd.DataFrame())), pd.DataFrame())  # fmt: skip
    misfit = replace(loaded, fit_checks={"tiny_4h": failed})
    said = "the computation passed its checks; 1 of 2 checks of fit failed"
    assert said in publish.trust_sources(misfit, "RDX").text
    assert said in publish.run_sources(misfit).text
    assert "the computation passed, checks of fit failed on 1" in publish.method_opening(misfit).text
    assert fit_sentence(failed) == "1 of 2 checks of fit failed: conflict."
    assert fit_sentence(None) == ""


def test_the_support_page_prints_both_errors_of_every_budget(loaded, pages):
    totals = loaded.decisions["tiny_4h"].frames["totals"]
    text = pages["support.html"]
    assert text.count('data-label="Expected false inclusions"') == len(totals) == 6
    assert "Of 1 trust chosen as the last, 0.2 is expected to be named wrongly" in words_of(text)
    assert f"{totals['omissions'].max():.1f}" in words_of(text)


def test_the_regions_page_ranks_regions_and_trusts_within_them(pages):
    text = words_of(pages["regions.html"])
    assert "Among 2 regions the 2 rank intervals span 1 place to 1, half of them 1 or fewer" in text
    assert "4 trusts within South" in text
    assert NASTY in text


def test_a_run_without_decisions_has_trust_pages_that_say_less(tmp_path):
    plain = publish.load_run(tiny_run(tmp_path))
    assert publish.trust_compare(plain, "RDX").text == ""
    assert publish.trust_similar(plain, "RDX").text == ""
    assert "Damson: what these figures can say" in publish.trust_opening(plain, "RDX").text
    assert "not known" in publish.trust_rows(plain, "RDX").text


def test_change_is_stated_with_its_interval_and_probability(loaded):
    panel = panel_of()
    followed = trajectory_of(panel, fit_of(panel, levels(slope=0.08), step=0.05))
    rows = {row.code: row for row in change_rows(followed)}
    with_change = replace(loaded, trajectories={"tiny_4h": followed}, changes={"tiny_4h": rows})
    trust = next(code for code, row in rows.items() if row.absolute is not None)
    text = words_of(publish.trust_change(with_change, trust).text)
    change = rows[trust].absolute
    assert (
        f"{change.value} (interval {change.interval}). It improved with a probability of {change.probability[0]}"
        in text
    )
    assert "Not followed over time" not in text
    assert "It has no figure in the periods followed." in publish.trust_change(with_change, "RAX").text
    assert "Not followed over time in this study: Seen within four hours." in publish.trust_change(loaded, "RAX").text


def official_tables(**changes):
    """The official table of one trust that is modelled and one that is not, as a run keeps it."""
    row = {
        "official_segment": 3, "official_rank": 60, "in_deficit": True, "average_score": 2.4, "modelled": True,
        "score_lower": 2.3, "score_upper": 2.6, "rank_lower_with": 40, "rank_upper_with": 80,
        "p_official": 0.9, "p_official_mcse": 0.004, "p_official_ess": 900.0,
    }  # fmt: skip
    for segment, p in ((1, 0.0), (2, 0.06), (3, 0.9), (4, 0.04)):
        row |= {f"p_segment_{segment}_with": p, f"p_segment_{segment}_with_mcse": 0.004}
        row |= {f"p_segment_{segment}_with_ess": 900.0}
    rows = pd.DataFrame([row, row | {"modelled": False, "rank_lower_with": np.nan}], index=["RDX", "RHX"])
    facts = {"title": "The official table", "n": 134, "override": 3, "count": 17, "prob": 0.95, "noun": "trust"}
    return ScoreTables(facts | changes, {"rows": rows, "metrics": pd.DataFrame({"m": [1, 2]})})


def test_the_official_segment_stands_beside_its_probability(loaded):
    run = replace(loaded, official=official_tables())
    text = words_of(publish.trust_official(run, "RDX").text)
    assert "segment 3, average score 2.40" in text
    assert "and so too certain, the published segment has a probability of 90%" in text
    assert ", a 95% interval of 40 to 80 of 134" in text
    assert "Chance in 2 of 17 metrics alone" in text
    assert "nothing is said of its uncertainty" in publish.trust_official(run, "RHX").text
    assert publish.trust_official(run, "RAX").text == ""


def test_a_run_whose_draws_failed_has_pages_that_say_so(tmp_path):
    nothing = {"ranked": False, "standard": None, "standard_name": None, "standard_source": None, "poth": None}
    table = tiny_table(**nothing, spearman_low=None, gate_passed=False, smallest_ess=0.0)
    numbers = [name for name in table.rows if name not in TEXT_COLUMNS]
    empty = LeagueTable.of(
        table.facts,
        rows=table.rows.assign(**dict.fromkeys(numbers, np.nan)),
        rank_pmf=pd.DataFrame(),
        p_above=pd.DataFrame(),
    )
    write_league_table(empty, tmp_path / "tables")
    run = publish.load_run(tmp_path)
    blocks = (publish.trust_opening, publish.trust_rows, publish.trust_change, publish.trust_similar)
    blocks += (publish.trust_compare, publish.trust_apart, publish.trust_region, publish.trust_official)
    text = "".join(block(run, "RAX").text for block in (*blocks, publish.trust_limits, publish.trust_sources))
    assert "Not fit to publish" in text
    assert "nan" not in words_of(text).lower().split()
    assert publish.explorer(empty, tmp_path).text == ""
