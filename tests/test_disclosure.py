"""Disclosure: no small count in anything that is published, nor one that a difference gives away."""

import json
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st
from small_panels import indicator, observation_table, small_panel

from ranktrust import publish
from ranktrust.assemble import assemble, ledger_of
from ranktrust.disclosure import (
    RULES,
    Rule,
    disclose,
    disclose_part,
    disclose_parts,
    disclose_rows,
    find_rule,
    round_to,
)
from ranktrust.errors import StudyError, UsageError
from ranktrust.league import Question, publishable, publishable_panel, score, tidy_rows, write_league_table
from ranktrust.league.published import hidden_figures, published_figures
from ranktrust.ledger import write_ledger
from ranktrust.panel import span_panels, spans_of
from ranktrust.run.trajectories import _publishable
from ranktrust.study import read_study

DATA = Path(__file__).resolve().parents[1] / "data"
LEAGUE_PAGE = (
    publish.opening,
    publish.caution,
    publish.reading,
    publish.league_rows,
    publish.limits,
    publish.adjustment,
    publish.method,
    lambda table: publish.provenance(table, None),
)
DATA_PAGE = (
    publish.data_opening,
    publish.data_sources,
    publish.data_gaps,
    publish.data_left_out,
    publish.data_returns,
)
TWO = Rule("fft", 2, 1, "Counts of 1 and 2 are suppressed.")


def test_rules_have_names():
    assert list(RULES) == ["hes", "fft", "staff_survey", "none"]
    with pytest.raises(UsageError, match="there are: hes, fft, staff_survey, none"):
        find_rule("hse")


@pytest.mark.parametrize(("count", "shown"), [(0, "0"), (1, "*"), (7, "*"), (8, "10"), (12, "10"), (13, "15")])
def test_hospital_episode_rule(count, shown):
    cells, _ = disclose({"a": count, "b": 500, "c": 600}, RULES["hes"])
    assert cells["a"].text == shown


def test_second_cell_is_suppressed_where_the_total_would_give_the_first_away():
    cells, total = disclose({"a": 3, "b": 20, "c": 40}, RULES["fft"])
    assert {key: each.why for key, each in cells.items()} == {"a": "primary", "b": "secondary", "c": ""}
    assert total.text == "63"
    cells, _ = disclose({"a": 3, "b": 20, "c": 40}, RULES["fft"], total_shown=False)
    assert cells["b"].text == "20"
    cells, total = disclose({"a": 3, "b": 0}, RULES["fft"])
    assert total.text == "*"


def test_proportion_whose_rest_is_small_is_suppressed():
    part, whole = disclose_part(98, 100, RULES["hes"])
    assert (part.text, part.why, whole.text) == ("*", "secondary", "100")
    assert disclose_part(50, 100, RULES["hes"])[0].text == "50"
    with pytest.raises(ValueError, match="is not a part of"):
        disclose_part(5, 4, RULES["none"])


def test_groups_are_disclosed_apart():
    shown, totals = disclose_rows([("N", "a", 2), ("N", "b", 30), ("S", "a", 20)], RULES["fft"])
    assert [shown[key].text for key in (("N", "a"), ("N", "b"), ("S", "a"))] == ["*", "*", "20"]
    assert totals["N"].text == "32"


def values_by_trying_all(shown, total, hidden_up_to):
    """Every value that each suppressed cell could have, by trying all tables that give what is shown."""
    secret = [key for key, each in shown.items() if each.text == "*"]
    known = sum(int(each.text) for each in shown.values() if each.text != "*")
    spans = [
        range(1, hidden_up_to + 1) if shown[key].why == "primary" else range(hidden_up_to + 1, total + 1)
        for key in secret
    ]
    tables = [cells for cells in product(*spans) if sum(cells) + known == total]
    return [{cells[i] for cells in tables} for i in range(len(secret))]


@given(st.lists(st.integers(0, 14), min_size=1, max_size=4))
def test_no_suppressed_count_can_be_worked_out(counts):
    cells = {str(i): count for i, count in enumerate(counts)}
    shown, total = disclose(cells, RULES["fft"])
    assert all((each.text == "*") or int(each.text) not in range(1, 5) for each in shown.values())
    if total.text != "*":
        for values in values_by_trying_all(shown, sum(counts), 4):
            assert len(values) > 1


@given(st.integers(0, 10_000))
def test_rounding_moves_a_count_by_two_at_most(count):
    assert abs(round_to(count, 5) - count) <= 2
    assert round_to(count, 5) % 5 == 0
    assert round_to(count, 1) == count


# Numerators and denominators of a whole table


def tables_that_agree(shown, totals):
    """Every table of two columns, of the same totals, that shows what is shown.

    Where a row stands with its counts, suppression stopped before all rows were closed, and the totals may be known.
    """
    wholes_total, parts_total = totals
    spare = wholes_total - sum(int(w.text) for _, w in shown.values() if w.text != "*")
    rows = [
        [
            (part, whole)
            for whole in (range(spare + 1) if w.text == "*" else [int(w.text)])
            for part in (range(whole + 1) if p.text == "*" else [int(p.text)])
            if part <= whole
        ]
        for p, w in shown.values()
    ]
    for table in product(*rows):
        if (sum(whole for _, whole in table), sum(part for part, _ in table)) == (wholes_total, parts_total):
            yield table


@settings(deadline=None, derandomize=True)
@given(st.lists(st.integers(0, 5).flatmap(lambda w: st.tuples(st.integers(0, w), st.just(w))), min_size=2, max_size=3))
def test_no_small_cell_of_a_table_can_be_worked_out_from_its_rows_and_totals(pairs):
    table = {str(i): pair for i, pair in enumerate(pairs)}
    shown = disclose_parts(table, TWO)
    totals = (sum(whole for _, whole in pairs), sum(part for part, _ in pairs))
    possible = list(tables_that_agree(shown, totals))
    assert tuple(pairs) in possible
    if any(p.text not in {"*", "0"} and w.text != "*" for p, w in shown.values()):
        for i, (part, whole) in enumerate(pairs):
            for value, of in ((part, lambda cell: cell[0]), (whole - part, lambda cell: cell[1] - cell[0])):
                if 0 < value <= 2:
                    assert len({of(cells[i]) for cells in possible}) > 1


def test_a_small_rest_hides_its_part_and_a_second_row_the_first():
    shown = disclose_parts({"a": (98, 100), "b": (60, 90), "c": (70, 140)}, RULES["hes"])
    assert [(p.text, p.why, w.text) for p, w in shown.values()] == [
        ("*", "secondary", "100"),
        ("*", "secondary", "90"),
        ("70", "", "140"),
    ]


def test_half_counts_keep_their_halves_and_a_rule_without_suppression_changes_nothing():
    assert [each.text for each in disclose_parts({"a": (2804, 4567.5)}, RULES["none"])["a"]] == ["2,804", "4,567.5"]
    assert disclose_parts({"a": (0.5, 90), "b": (20, 80.5)}, TWO)["a"][0].text == "*"


def test_rules_about_responses_ask_for_the_whole_and_show_every_part_of_it():
    """345 of 347 at RD1 in March 2026: its publisher prints how many answers were positive, however few were not."""
    for name, few in (("fft", 4), ("staff_survey", 9)):
        assert [each.text for each in disclose_part(345, 347, RULES[name])] == ["345", "347"]
        assert [each.text for each in disclose_part(1, few, RULES[name])] == ["*", "*"]
        shown = disclose_parts({"a": (345, 347), "b": (2, few), "c": (0, 90), "d": (50, 60)}, RULES[name])
        assert [(p.text, w.text) for p, w in shown.values()] == [("345", "347"), ("*", "*"), ("0", "90"), ("*", "*")]


def test_no_shipped_share_of_responses_hides_a_figure():
    rows = pd.read_csv(DATA / "fft_inpatient.csv")
    shown = disclose_parts({r.trust: (r.numerator, r.denominator) for r in rows.itertuples()}, RULES["fft"])
    assert len(shown) == 124
    assert not [code for code, pair in shown.items() if any(each.text == "*" for each in pair)]


def test_each_kind_passes_through_its_rule():
    deaths = small_panel(
        (3.0, 120.0, 41.0), (5.0, 100.0, 44.0), "ratio", indicators={"x": indicator("ratio", disclosure="hes")}
    )
    assert published_figures(deaths).tolist() == [
        "* observed, expected 5",
        "120 observed, expected 100",
        "* observed, expected 44",
    ]
    rows = observation_table("estimate", (6.5, 7.0), (0.1, 0.9)).assign(base=[400.0, 9.0])
    scores = small_panel(
        (1, 1), (1, 1), observations=rows, indicators={"x": indicator("estimate", disclosure="staff_survey")}
    )
    assert published_figures(scores).tolist() == ["6.50 (standard error 0.100)", "*"]
    assert hidden_figures(scores) == ["B"]


# A study whose every page and table keeps a small cell to itself

PASSPORT = dict.fromkeys(("title", "publisher", "address", "licence", "attribution", "retrieved"), "made up")
INDICATOR = """
[indicator.visits]
title = "Seen in time"
kind = "proportion"
best = "highest"
unit = "of visits"
domain = "tests"
comparability = "direct"
disclosure = "hes"
"""
STUDY = """
schema_version = 1
name = "small"
title = "Small cells"
question = "Is a small count anywhere?"
date = 2026-01-01
scenario = "none"
[trusts]
description = "twelve made-up hospitals"
table = "figures"
[fit]
seed = 1
[[indicator]]
name = "visits"
months = 3
"""
LEDGER_FILES = {"left_out.csv", "missing.csv", "returns.csv", "coverage.csv", "context.csv"}
SMALL, REST, TOTAL = "T05", "T06", "T07"
SECRETS = ("3 of 27,411", "24,754 of 24,756", "published: 1 of 4", ",1 of 4,", "1 of 9,137", "8,251", "8,252", "9,137")


def write_study(folder, indicator_file=INDICATOR, study=STUDY):
    """Twelve hospitals in three months: T05 has a numerator of 3, T06 a rest of 2, T07 four visits in all."""
    lines = ["trust,indicator,period_start,period_end,numerator,denominator"]
    for i in range(12):
        for month, last in ((1, 31), (2, 28), (3, 31)):
            part, whole = 1200 + 37 * i + month, 2411 + 53 * i + 7 * month
            part, whole = {5: (1, 9137), 6: (8252 - (month < 3), 8252), 7: ((1, 2) if month == 1 else (0, 1))}.get(
                i, (part, whole)
            )
            lines.append(f"T{i:02},visits,2025-{month:02}-01,2025-{month:02}-{last},{part},{whole}")
    (folder / "visits.csv").write_text("\n".join(lines) + "\n")
    (folder / "visits.passport.json").write_text(json.dumps(PASSPORT))
    (folder / "indicators.toml").write_text(indicator_file)
    (folder / "small.toml").write_text(study)
    return read_study(folder / "small.toml")


def made_fit(codes):
    random, n = np.random.default_rng(3), len(codes)
    dims = ("chain", "draw", "trust")
    level = (dims, np.linspace(-1, 1, n) + random.normal(0, 0.3, (2, 200, n)))
    data = xr.Dataset(dict.fromkeys(("total", "outcome", "performance"), level), coords={"trust": codes})
    rows = {"y": ("observation", np.arange(n) * 100), "trust_idx": ("observation", np.arange(n))}
    seen = xr.Dataset(rows, coords={"observation": np.arange(n)})
    tree = xr.DataTree.from_dict({"posterior": data, "constant_data": seen, "sample_stats": data[[]]})
    tree.attrs["model"] = "proportion"
    return tree


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    """Everything that a run publishes of the study above, by file name, its panel, and the fit that is kept."""
    folder = tmp_path_factory.mktemp("study")
    study = write_study(folder)
    panels = assemble(study)
    run = folder / "run"
    asked = Question("small", "Small cells", "hospital", "twelve", "y ~ Binomial", "none")
    panel, fit = publishable(panels["visits"], made_fit(list(panels["visits"].trusts.index)))
    table = score(fit, panel, (), asked)
    write_league_table(table, run / "tables")
    ledger = ledger_of(study, {"visits": publishable_panel(panels["visits"])})
    write_ledger(ledger, run / "tables")
    tidy_rows(table).to_csv(run / "tables" / "league_table.csv", index=False)
    (run / "league.html").write_text("".join(block(table).text for block in LEAGUE_PAGE))
    (run / "data.html").write_text("".join(block(ledger).text for block in DATA_PAGE))
    files = [path for path in run.rglob("*") if path.suffix in {".csv", ".json", ".html"}]
    return {path.name: path.read_text(encoding="utf-8") for path in files}, panels["visits"], fit


def test_the_model_sees_the_small_counts(published):
    _, panel, _ = published
    rows = panel.observations.set_index("trust")
    assert rows.loc[SMALL, ["numerator", "denominator"]].tolist() == [3.0, 27411.0]
    assert (rows["denominator"] - rows["numerator"])[REST] == 2.0
    assert rows.loc[TOTAL, "denominator"] == 4.0


def test_small_cells_are_on_no_page_and_in_no_table(published):
    files, *_ = published
    for name, text in files.items():
        for secret in SECRETS:
            assert secret not in text, (name, secret)


def test_no_level_rank_or_pair_of_a_trust_with_a_hidden_figure_is_published(published):
    """A posterior mean, its interval or P(above) would give the hidden count to within about two."""
    files, panel, _ = published
    hidden = hidden_figures(panel)
    assert {SMALL, REST, TOTAL} <= set(hidden)
    shown = [code for code in panel.trusts.index if code not in hidden]
    numbers = [name for name in files if name.endswith(".csv") and name not in LEDGER_FILES]
    assert {"league_table.csv", "rows.csv", "rank_pmf.csv", "p_above.csv"} <= set(numbers)
    for name in numbers:
        for code in hidden:
            assert code not in files[name], (name, code)
        assert all(code in files[name] for code in shown), name
    assert f"Trust {SMALL} ({SMALL}, figure suppressed)" in files["facts.json"]
    assert (
        f'{SMALL},Trust {SMALL},visits,2025-01-01/2025-03-31,"its figure may not be published' in files["missing.csv"]
    )


def test_the_fit_that_a_run_keeps_has_lost_the_trust_in_every_group(published):
    _, panel, fit = published
    shown = [code for code in panel.trusts.index if code not in hidden_figures(panel)]
    assert list(fit["posterior"]["trust"].to_numpy()) == shown
    places = [list(panel.trusts.index).index(code) for code in shown]
    assert fit["constant_data"]["y"].to_numpy().tolist() == [100 * place for place in places]
    assert fit["constant_data"]["trust_idx"].to_numpy().tolist() == list(range(len(shown)))
    assert publishable(panel, fit)[1]["posterior"].sizes["trust"] == len(shown), "a fit may lack them already"


def test_a_trust_with_a_small_count_in_one_month_has_no_path(tmp_path):
    study = write_study(tmp_path)
    panel = assemble(study, summed=False)["visits"]
    shown = publishable_panel(panel)
    assert not {SMALL, REST, TOTAL} & set(shown.trusts.index)
    assert set(shown.missing.query("reason == 'suppressed'")["trust"]) >= {SMALL, REST, TOTAL}
    assert set(shown.observations["trust"]) == set(shown.trusts.index)


def test_a_trajectory_is_fitted_without_the_trusts_that_it_may_not_show(tmp_path):
    panel = assemble(write_study(tmp_path), summed=False)["visits"]
    shown = _publishable(span_panels(panel, spans_of(panel, window=2, change=1)))
    for each in (shown.every, shown.latest, shown.window):
        assert not {SMALL, REST, TOTAL} & set(each.trusts.index)
        assert len(each.trusts) == len(shown.every.trusts) > 4


def test_a_panel_without_a_hidden_figure_is_left_as_it_is():
    panel = small_panel((30.0, 120.0, 41.0), (50.0, 200.0, 144.0))
    fit = made_fit(list(panel.trusts.index))
    assert publishable(panel, fit) == (panel, fit)


def test_findings_on_a_trust_with_small_counts_do_not_show_them(published):
    files, *_ = published
    assert f"{SMALL} reports * of *, the same as in the period before" in files["returns.csv"]


def test_the_rule_is_said_on_both_pages(published):
    files, *_ = published
    pages = [text for name, text in files.items() if name.endswith(".html")]
    assert len(pages) == 2
    for text in pages:
        assert "Counts of 1 to 7 are suppressed and others rounded to the nearest 5." in text


def test_a_study_may_choose_another_rule_and_estimates_need_a_base(tmp_path):
    study = write_study(tmp_path, study=STUDY + 'disclosure = "none"\n')
    (panel,) = assemble(study).values()
    assert published_figures(panel)[SMALL] == "3 of 27,411"
    with pytest.raises(StudyError, match="disclosure"):
        write_study(tmp_path, study=STUDY + 'disclosure = "hse"\n')
    text = (tmp_path / "visits.csv").read_text().replace("numerator,denominator", "estimate,standard_error")
    estimates = INDICATOR.replace("proportion", "estimate")
    study = write_study(tmp_path, estimates)
    (tmp_path / "visits.csv").write_text(text)
    with pytest.raises(StudyError, match="no column base; add it"):
        assemble(study)
