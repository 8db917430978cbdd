"""The page on what survives is true to its tables, prints no bare rank, and says where a number is not there."""

import re
from html import unescape

import numpy as np
import pandas as pd
import pytest
from league_tables import CODES, NAMES, NASTY, tiny_table
from views import failed, published, sensitivity, view

from ranktrust import figures, publish
from ranktrust.evidence import comparison, score_table, write_sensitivity
from ranktrust.evidence.agreement import COLUMNS
from ranktrust.publish.html import style_sheet

TRUSTS = list(CODES)


def adjustment(**changes):
    columns = {f"{name}_{level}": 1.0 * (level == "adjusted") for level in ("unadjusted", "adjusted")
               for name in ("estimate", "estimate_lower", "estimate_upper")}  # fmt: skip
    places = {f"{name}_{level}": value for level in ("unadjusted", "adjusted")
              for name, value in (("expected_rank", 3.3333), ("rank_lower", 2.0), ("rank_upper", 6.0))}  # fmt: skip
    bands = {"band_unadjusted": ["lower half"] * 8, "band_adjusted": ["lower half"] * 7 + ["upper half"]}
    given = {**columns, **places, **bands, "p_moved": 0.12, "p_moved_mcse": 0.004, "p_moved_ess": 900.0,
             "context_deprivation": np.linspace(-1, 1, 8)}  # fmt: skip
    return pd.DataFrame({**given, **changes}, index=pd.Index(TRUSTS, name="trust"))


def reliability():
    row = ("odd_even", "this_period", 6, 8, 0.9, 0.9474, 0.93, 0.96, 0.99, 0.985, 0.995, "too_low")
    return pd.DataFrame([row], columns=list(COLUMNS))


@pytest.fixture
def found():
    views = (
        published("uuuooddd", trusts=TRUSTS),
        view("performance", "uuuooddu", group="level", label="Adjusted values", trusts=TRUSTS),
        view("long_run", "uooooodd", label="Long run", poth=0.6123, trusts=TRUSTS),
        failed("none", "ranks miss a threshold."),
    )
    return sensitivity(
        *views, adjustment=adjustment(), places=1, context_share=(0.2, 0.1, 0.3), reliability=reliability()
    )


def text_of(table, found):
    blocks = [
        publish.sensitivity_opening(table, found), publish.survivors(table, found), publish.choices_table(table, found),
        publish.own_agreement(found), publish.predictive_scores(found), publish.adjusted_rows(table, found),
        publish.power_scaling(found), publish.sensitivity_limits(found),
    ]  # fmt: skip
    return "".join(block.text for block in blocks)


def test_the_page_says_its_finding_first(found):
    heading = re.search(r"<h1[^>]*>(.*?)</h1>", publish.sensitivity_opening(tiny_table(), found).text)
    assert heading[1] == "2 of 6 trusts placed in the upper or the lower half stay there under every choice tried"


def test_those_that_survive_come_first_then_by_what_moves_them(found):
    text = unescape(publish.survivors(tiny_table(), found).text)
    losses = text[: text.index("<details")]
    rows = re.findall(
        r'rowheader"><span class="name">(.*?)</span>.*?data-label="How many">(\d+)<', losses, flags=re.DOTALL
    )
    assert rows == [("No choice: these survive", "2"), ("Long run", "3"), ("Adjusted values", "1")]
    assert NAMES[7] in losses[losses.index("Adjusted values") :]


def test_a_name_is_text_wherever_it_stands(found):
    text = text_of(tiny_table(), found)
    assert NASTY not in text
    assert "&lt;img src=x onerror=alert(1)&gt;" in text


def test_a_choice_without_numbers_says_why_and_has_none(found):
    text = publish.choices_table(tiny_table(), found).text
    row = text[text.index(">None<") :]
    row = row[: row.index("</tr>")]
    assert "It failed the checks of the computation: ranks miss a threshold." in row
    assert re.findall(r">(\d[^<]*)<", row) == []


def test_every_number_of_a_choice_is_that_of_the_comparison(found):
    text = unescape(publish.choices_table(tiny_table(), found).text)
    row = text[text.index(">Long run<") :]
    cells = re.findall(r'<td[^>]*data-label="([^"]*)">(.*?)</td>', row[: row.index("</tr>")])
    numbers = comparison(found).loc["long_run"]
    shown = {label: re.sub(r"<[^>]+>", "", cell) for label, cell in cells}
    assert shown["Changed"] == f"{numbers['changed']:.0f} of 8"
    assert shown["POTH"] == "0.61 ± 0.010"
    assert shown["Interval leaves out the middle"] == f"{numbers['off_the_middle']:.0f} of 8"


def test_every_mark_of_the_page_has_its_look(found):
    used = set(re.findall(r'class="chip (\w+)"', publish.survivors(tiny_table(), found).text))
    assert used >= {"better", "worse"}
    for name in used:
        assert f".chip.{name}::before {{ content:" in style_sheet(), name


def test_no_rank_is_printed_without_its_interval(found):
    text = text_of(tiny_table(), found)
    assert "2 to 6 of 8" in text
    assert "3.33" not in text


def test_a_share_set_too_low_is_said_in_words(found):
    assert "so the share that it sets aside is too low" in text_of(tiny_table(), found)


def test_an_unranked_table_prints_no_rank_and_no_half():
    table = tiny_table(ranked=False, comparability="indirect", poth=None, spearman_low=None)
    bands = {"upper half": "above", "lower half": "below", "not separable from the middle": "neither"}
    views = [published("uuuooddd", trusts=TRUSTS, ranked=False), view("none", "uoooodoo", trusts=TRUSTS, ranked=False)]
    views = [type(seen)(seen.choice, "fitted", "", seen.rows.replace({"band": bands}), seen.facts) for seen in views]
    frame = adjustment(p_moved=np.nan, p_moved_mcse=np.nan, p_moved_ess=np.nan).replace(bands)
    found = sensitivity(*views, ranked=False, adjustment=frame, placed="clearly above or below the standard")
    found = type(found)(**{**vars(found), "bands": ("above", "neither", "below")})
    text = text_of(table, found)
    assert "2 of 6 trusts clearly above or below the standard stay so under every choice tried" in text
    assert not re.search(r"rank interval|POTH|half|\d+ to \d+ of 8", text)
    assert "the publisher's own adjustment" in unescape(text)


def test_the_pictures_count_and_name_what_the_tables_hold(found):
    bars = figures.choice_bars_drawing(found)
    assert "Long run: 1 upper half, 5 not separable from the middle, 2 lower half" in bars.alt
    assert "Published, this period: 3 upper half, 2 not separable from the middle, 3 lower half" in bars.alt
    pairs = figures.adjustment_pairs_drawing(tiny_table(), found)
    assert "Ash 2 to 6, then 2 to 6" in pairs.alt
    assert figures.adjustment_pairs_drawing(tiny_table(), sensitivity(*found.views)) is None


def test_only_an_indicator_with_its_tables_gets_a_page_and_links(found, tmp_path):
    write_sensitivity(type(found)(**{**vars(found), "indicator": "compared"}), tmp_path / "tables")
    notebooks = {name: tmp_path / f"{name}.ipynb" for name in ("league", "diagnostics", "sensitivity")}
    jobs = publish.indicator_jobs(tmp_path, tmp_path / "pages", ["compared", "plain"], **notebooks)
    assert [job.out.name for job in jobs] == [
        "league_compared.html", "sensitivity_compared.html", "diagnostics_compared.html",
        "league_plain.html", "diagnostics_plain.html",
    ]  # fmt: skip
    linked = [any(address == "sensitivity_compared.html" for address, _ in job.links) for job in jobs]
    assert linked == [True, True, True, False, False]


def scored(name, bands, scores, **options):
    return view(name, bands, group="statement", scores=scores, trusts=TRUSTS, **options)


def test_statements_are_compared_by_prediction_and_by_what_they_move():
    base = np.linspace(-3, -1, 8)
    better = base + 1 + np.linspace(-0.2, 0.2, 8)
    views = (
        published("uuuooddd", trusts=TRUSTS, scores=base),
        view("long_run", "uooooodd", trusts=TRUSTS),
        scored("student", "uuuoooddd"[:8], better, label="Model with heavy tails"),
        scored("with_region", "uuuooddo", base - 0.1, label="Model with regions"),
        scored("noisy", "uuuooddd", base + np.array([20, -12] * 4), label="Noisy"),
        scored("worst", "dddoouuu", base - 1, label="Worst"),
    )
    table = score_table(sensitivity(*views)).set_index("choice")
    spread = better - base
    assert table.loc["student", "difference"] == pytest.approx(8.0)
    assert table.loc["student", "error"] == pytest.approx(np.sqrt(8 * np.var(spread, ddof=1)))
    assert table["prediction"].to_dict() == {
        "student": "better", "with_region": "alike", "noisy": "alike", "worst": "worse"
    }  # fmt: skip
    text = unescape(publish.predictive_scores(sensitivity(*views)).text)
    assert "'Model with heavy tails' predicts a trust that it has not seen better" in text
    assert "(expected log score +8.0, standard error 0.4): this change moves 1 trust's band." in text
    assert "as well as what is published (expected log score -0.8, standard error 0.0)" in text
    assert ">6 of 8<" in text


def test_without_scores_nothing_is_compared(found):
    assert "Not compared" in publish.predictive_scores(found).text
