"""The ledger of a study and its page: every row accounted for, every gap with its reason, odd returns named."""

import csv
import re
import shutil
from collections import Counter
from dataclasses import replace
from html import escape, unescape
from pathlib import Path

import matplotlib.pyplot as plt
import pytest
from matplotlib.collections import PolyCollection

from ranktrust import figures, publish
from ranktrust.assemble import assemble, ledger_of
from ranktrust.errors import RunError
from ranktrust.figures.coverage import draw_narrow, draw_wide, shares_of
from ranktrust.ledger import COLUMNS, read_ledger, write_ledger
from ranktrust.study import read_study

PROJECT = Path(__file__).resolve().parents[1]
NASTY = "<script>alert('a trust')</script>"


def make(name):
    study = read_study(PROJECT / "studies" / f"{name}.toml")
    return ledger_of(study, assemble(study))


@pytest.fixture(scope="module")
def acute():
    return make("acute")


def reason_of(ledger, trust, indicator):
    (found,) = ledger.left_out.query("trust == @trust and indicator == @indicator").itertuples()
    return found.rows, found.reason


# The account of the rows


def test_every_row_of_every_file_is_used_joined_or_left_out(acute):
    for source in acute.sources:
        with (PROJECT / "data" / f"{source.indicator}.csv").open(encoding="utf-8", newline="") as lines:
            rows = list(csv.DictReader(lines))
        listed = acute.left_out.query("indicator == @source.indicator")
        assert source.rows == len(rows)
        assert source.rows_used - source.rows_joined + listed["rows"].sum() == len(rows), source.indicator
        counts = Counter(row["trust"] for row in rows)
        assert all(each.rows == counts[each.trust] for each in listed.itertuples() if each.trust), source.indicator


@pytest.mark.parametrize(
    ("trust", "indicator", "rows", "said"),
    [
        (
            "RAP",
            "ae_4h",
            9,
            "merged into RAL on 2025-01-01: its rows are added to its own, none of them in the periods",
        ),
        ("RAP", "cancelled_28d", 2, "merged into RAL on 2025-01-01: its rows are added to its own, all in the periods"),
        ("RAP", "staff_engagement", 1, "averaged with its own"),
        ("RBS", "ae_4h", 26, "outside the comparison set: acute trust, specialist"),
        ("R1D", "cancelled_28d", 2, "outside the comparison set: mental health and community trust, community"),
        ("NT209", "cancelled_28d", 2, "outside the comparison set: no NHS trust: an independent provider"),
        ("RPY", "cancelled_28d", 4, "outside the comparison set: not in the league table"),
        ("", "ae_4h", 1652, "before the periods compared: these are June 2025 to May 2026"),
    ],
)
def test_what_is_left_out_says_why(acute, trust, indicator, rows, said):
    found, reason = reason_of(acute, trust, indicator)
    assert found == rows
    assert said in reason


def test_a_gap_has_the_publishers_words_of_its_own_period(acute):
    gaps = acute.missing.set_index(["trust", "period"])["reason"]
    assert gaps["R1K", "2024-07-01/2024-09-30"].endswith("did not submit data for Q2 2024-25.")
    assert gaps["RVR", "2025-01-01/2025-03-31"].endswith("did not submit data for Q4 2024-25.")
    assert "Q4 2024-25" not in gaps["R1K", "2025-04-01/2025-06-30"]


def test_a_gap_without_the_publishers_words_claims_no_reason(acute):
    """A tidy table holds no marks: which of the three a missing figure is, its row cannot say."""
    gaps = acute.missing.set_index(["trust", "period"])["reason"]
    silent = gaps[~gaps.str.contains("the publisher:")]
    assert len(silent)
    assert silent.str.startswith("not submitted, suppressed or not applicable").all()
    assert silent.str.endswith("no reason is recorded").all()
    assert gaps["R1K", "2024-07-01/2024-09-30"].startswith("not submitted; the publisher:")


def test_a_trust_without_any_row_of_an_indicator_is_listed_by_name(acute):
    never = acute.missing[acute.missing["reason"].str.contains("no figure in any period")]
    assert set(never["indicator"]) == {"fft_inpatient"}
    assert sorted(never["trust"]) == ["RA9", "RH5", "RLQ", "RM1", "RWD"]
    assert never["trust_name"].str.contains("NHS").all()


def test_coverage_counts_the_periods_compared(acute):
    cells = acute.coverage
    assert len(cells) == 118 * 7
    gaps = cells[cells["periods"] < cells["of"]].set_index(["indicator", "trust"])["periods"].to_dict()
    never = {("fft_inpatient", trust): 0 for trust in ("RA9", "RH5", "RLQ", "RM1", "RWD")}
    assert gaps == never | {("cancelled_28d", "R1K"): 1, ("cancelled_28d", "RVR"): 3}


# The returns


def test_breaks_of_level_are_found_and_the_merger_is_none(acute):
    found = acute.returns.query("indicator == 'ae_4h'")
    breaks = {(row.trust, row.period[:7]) for row in found.itertuples()}
    assert {("RJL", "2024-05"), ("RTK", "2025-04"), ("RWD", "2025-01")} <= breaks
    assert not {"RAL", "RAP"} & set(found["trust"])
    assert set(found["in_window"]) == {"no"}


def test_returns_without_an_event_are_found_all_year(acute):
    zeros = acute.returns.query("indicator == 'cancelled_28d' and check == 'zero_events'")
    assert Counter(zeros["trust"])["RNS"] == 4
    assert "R1K" in set(zeros["trust"])
    assert set(zeros["in_window"]) == {"yes"}


def test_a_finding_excludes_nothing(acute):
    study = read_study(PROJECT / "studies" / "acute.toml")
    flagged = set(acute.returns["trust"]) - {""}
    assert flagged
    for name, panel in assemble(study).items():
        wanted = flagged - set(acute.missing.query("indicator == @name and reason.str.contains('any period')")["trust"])
        assert wanted <= set(panel.observations["trust"]), name


def test_every_kind_is_checked_and_sums_are_the_countrys(acute):
    """Nothing stands out in SHMI 2025 and the 2024 survey; no national row differs from the sum of its file."""
    assert not {"shmi", "staff_engagement"} & set(acute.returns["indicator"])
    assert not set(acute.returns["check"]) & {"differing_total", "odd_error"}


def test_odd_returns_of_deaths_and_scores_and_a_wrong_national_row_are_found(tmp_path):
    for name in ("shmi.csv", "staff_engagement.csv", "national.csv"):
        shutil.copy(PROJECT / "data" / name, tmp_path / name)
    for name in ("shmi", "staff_engagement"):
        shutil.copy(PROJECT / "data" / f"{name}.passport.json", tmp_path)
    change(tmp_path / "shmi.csv", "RCF,", {"observed": "0"})
    change(tmp_path / "shmi.csv", "RJ1,", {"observed": "90000"})
    change(tmp_path / "staff_engagement.csv", "RCF,", {"standard_error": "0.9"})
    change(tmp_path / "staff_engagement.csv", "RJ1,", {"estimate": "2.5"})
    change(tmp_path / "national.csv", "ae_4h,2026-05-01", {"numerator": "1"})
    text = (PROJECT / "studies" / "acute.toml").read_text(encoding="utf-8")
    (tmp_path / "own.toml").write_text(text, encoding="utf-8")
    study = read_study(tmp_path / "own.toml")
    found = ledger_of(study, assemble(study)).returns
    kinds = {(row.indicator, row.trust, row.check) for row in found.itertuples()}
    assert {
        ("shmi", "RCF", "zero_events"),
        ("shmi", "RCF", "implausible_value"),
        ("shmi", "RJ1", "implausible_value"),
        ("shmi", "", "differing_total"),
        ("staff_engagement", "RCF", "odd_error"),
        ("staff_engagement", "RJ1", "implausible_value"),
        ("ae_4h", "", "differing_total"),
    } <= kinds


def change(path, start, values):
    """Change the one row that begins so."""
    with path.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.reader(lines))
    (row,) = [row for row in rows if ",".join(row).startswith(start)]
    for name, value in values.items():
        row[rows[0].index(name)] = value
    with path.open("w", encoding="utf-8", newline="") as lines:
        csv.writer(lines, lineterminator="\n").writerows(rows)


# The context


def test_the_ledger_says_what_is_adjusted_for_and_who_lacks_it(acute):
    (deprivation,) = acute.covariates
    assert (deprivation.centre, deprivation.scale, deprivation.missing) == (21.5, 6.1, "reference")
    rows = acute.context.set_index("trust")
    assert list(rows.index[rows["value"] == ""]) == ["RH5"]
    merged = rows.index[rows["note"].str.startswith("catchment from before the merger")]
    assert list(merged) == ["R0A", "RAL", "RBN", "RH8", "RJ1", "RM3", "RYR"]
    assert len(rows) == 118


# The files


def test_a_ledger_reads_back_as_it_was_written(acute, tmp_path):
    write_ledger(acute, tmp_path)
    again = read_ledger(tmp_path)
    assert again.sources == acute.sources
    assert again.covariates == acute.covariates
    for name, columns in COLUMNS.items():
        assert tuple(getattr(again, name).columns) == columns
        assert getattr(again, name).to_numpy().tolist() == getattr(acute, name).to_numpy().tolist(), name


def test_a_ledger_that_is_not_there_or_of_another_version_is_refused(acute, tmp_path):
    with pytest.raises(RunError, match="cannot be read"):
        read_ledger(tmp_path)
    write_ledger(acute, tmp_path)
    text = (tmp_path / "data.json").read_text(encoding="utf-8")
    (tmp_path / "data.json").write_text(text.replace('"schema_version": 1', '"schema_version": 9'), encoding="utf-8")
    with pytest.raises(RunError, match="schema version 9"):
        read_ledger(tmp_path)


# The picture


def cells_of(ledger, draw, size):
    shares = shares_of(ledger)
    _, ax = plt.subplots()
    draw(shares, [source.title for source in ledger.sources], size, ax)
    bodies, frames, lost = (each for each in ax.collections if isinstance(each, PolyCollection))
    plt.close("all")
    return len(bodies.get_paths()), len(frames.get_paths()), len(lost.get_paths())


@pytest.mark.parametrize("draw", [draw_wide, draw_narrow])
def test_every_cell_is_drawn_and_gaps_differ_in_shape(acute, draw):
    key = 1
    assert cells_of(acute, draw, (900.0, 700.0)) == (821 + 2 * key, 2 + key, 5 + key)


def test_the_words_of_the_picture_name_every_gap(acute):
    alt = figures.coverage_alt(acute)
    assert "819 of 826 are complete" in alt
    assert "R1K (1 of 4 periods), RVR (3 of 4 periods)" in alt
    assert "RA9 (none), RH5 (none), RLQ (none), RM1 (none), RWD (none)" in alt


def test_the_picture_is_the_same_each_time_and_shows_every_code(acute):
    drawn = figures.coverage_drawing(acute)
    assert drawn == figures.coverage_drawing(acute)
    for form in (drawn.wide, drawn.narrow):
        assert set(acute.coverage["trust"]) <= set(re.findall(r">(\w+)</text>", form))


# The page


@pytest.fixture(scope="module")
def page(acute, tmp_path_factory):
    run = tmp_path_factory.mktemp("run")
    named = acute.returns.assign(trust_name=NASTY)
    write_ledger(replace(acute, returns=named), run / "tables")
    (path,) = publish.render_pages([publish.data_job(run, run / "pages", PROJECT / "notebooks" / "data.ipynb")])
    assert path.name == "data.html"
    return path.read_text(encoding="utf-8")


def test_the_page_says_first_how_complete_the_figures_are(page):
    (heading,) = re.findall(r"<h1[^>]*>(.*?)</h1>", page)
    assert heading == "Of 826 pairs of trust and indicator, 5 lack any figure and 2 lack some periods"
    assert f"<title>{heading}</title>" in page


def test_the_page_has_its_sections_and_every_table_its_caption(page):
    for anchor in ("sources", "coverage", "missing", "left-out", "returns", "context"):
        assert f'<h2 id="{anchor}">' in page
    assert page.count("<table") == page.count("<caption>") == 6
    pictures = re.findall(r"<svg[^>]*>", page)
    assert len(pictures) == 2
    assert all('role="img"' in each and 'aria-label="Figures of 118 trusts on 7 ind' in each for each in pictures)


def test_the_page_tells_what_the_run_knows(page, acute):
    text = unescape(re.sub(r"<[^>]+>", " ", page))
    for source in acute.sources:
        assert all(note in text for note in source.notes), source.indicator
        assert f"{source.rows_used:,} of {source.rows:,}" in text
    assert "denominator went from 15,035 to 9,065" in text
    assert "Deprivation: 117 of 118 trusts have a value" in text
    assert "Reference 21.5, scale 6.1" in text
    assert all(code in text for code in set(acute.left_out["trust"]))


def test_a_name_is_text_and_nothing_runs(page):
    assert NASTY not in page
    assert escape(NASTY, quote=False)[:20] in page
    assert "<script" not in page


def test_the_page_leads_to_the_index(page):
    assert 'href="../index.html"' in page
    assert re.search(r'<a (?=[^>]*href="data.html")[^>]*aria-current="page"', page)


def test_figures_without_dates_gaps_or_findings_make_a_page_too(tmp_path):
    ledger = make("surgical")
    assert (
        publish.data_opening(ledger).text.count("Figures are complete for all 12 pairs of hospital and indicator") == 1
    )
    assert "No hospital lacks a figure" in publish.data_gaps(ledger).text
    assert "Every row of the files is used" in publish.data_left_out(ledger).text
    assert "They found nothing" in publish.data_returns(ledger).text
    assert "An undated period" in publish.data_sources(ledger).text
    assert "declares no covariate" in publish.data_context(ledger).text
    assert figures.coverage_alt(ledger).endswith("12 of 12 are complete.")
    write_ledger(ledger, tmp_path)
    assert read_ledger(tmp_path).missing.empty
