"""What changed between two runs is counted, put down to its cause, and called real only by one joint fit."""

import json
from dataclasses import asdict, replace

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from deciding import decided_run, gated_run
from league_tables import CODES, NASTY, tiny_table
from scipy import special
from trajectory_draws import fit_of, levels, panel_of, trajectory_of

from ranktrust import cli
from ranktrust.compare import (
    Side,
    attribution,
    causes_of,
    code_of,
    compare_runs,
    difference_lines,
    explain_trust,
    explanation_lines,
    months_of,
    moved_between,
    real_change,
)
from ranktrust.errors import UsageError
from ranktrust.league import LeagueTable, Trajectory, standing_of, write_league_table
from ranktrust.panel import period_text
from ranktrust.publish import load_run
from ranktrust.store import write_tree
from ranktrust.vocabulary import Exit

PERIODS = ("2025-06-01/2026-05-31", "2025-06-01/2025-08-31", "2026-03-01/2026-03-31", "2024-11-01/2025-02-28")


def said_by(capsys, *arguments):
    """What a command prints; it must end well."""
    with pytest.raises(SystemExit) as caught:
        cli.main([str(argument) for argument in arguments])
    assert caught.value.code == Exit.DONE
    return capsys.readouterr().out


def side(manifest=(), **facts):
    return Side(tiny_table(**facts), dict(manifest))


def rearranged(table, **columns):
    """The table with other columns of its rows."""
    rows = table.rows.assign(**columns)
    return LeagueTable.of(table.facts, rows=rows, rank_pmf=table.rank_pmf, p_above=table.p_above)


# Causes


@pytest.mark.parametrize(
    ("facts", "cause", "said"),
    [
        ({"period": "July 2025"}, "period", "June 2025, then July 2025"),
        ({"source": {"sha256": "other"}}, "revision", "the file of figures differs, and no figure shown does"),
        ({"band_lambda": 0.5}, "study", "lambda of bands: 0.25, then 0.5"),
        ({"scenario": "long_run"}, "study", "scenario: this_period, then long_run"),
        ({"model": "proportion_student"}, "model", "model proportion, then proportion_student"),
        ({"statement": "another"}, "model", "the file of model proportion was changed"),
        ({"priors": {"s": 0.5}}, "model", "prior s: none, then 0.5"),
        ({"covariates": ()}, "model", "adjusted for deprivation, then nothing"),
        ({"draws": 480}, "computation", "240 draws, then 480"),
    ],
)
def test_one_thing_that_differs_is_the_one_cause(facts, cause, said):
    (found,) = causes_of(side(), side(**facts))
    assert (found.name, found.said) == (cause, (said,))
    assert attribution((found,), changed=True).startswith("All differences come from ")


def test_equal_runs_have_no_cause_and_a_seed_is_one():
    assert causes_of(side(), side()) == ()
    seeds = [{"settings": {"fit": {"seed": seed}}} for seed in (1, 2)]
    (found,) = causes_of(side(seeds[0]), side(seeds[1]))
    assert (found.name, found.said) == ("computation", ("another seed",))


def test_several_causes_are_not_divided():
    found = causes_of(side(), side(period="July 2025", draws=480))
    assert [cause.name for cause in found] == ["period", "computation"]
    assert "cannot divide the differences" in attribution(found, changed=True)
    assert attribution(found, changed=False) == "The tables do not differ."


def test_revised_figures_and_another_set_are_counted():
    table = tiny_table(source={"sha256": "new"})
    other = rearranged(table, figure=["62 of 100", *["61 of 100"] * 7])
    (found,) = causes_of(side(), Side(other, {}))
    assert found.said == ("the file of figures differs, and the published figures of 1 of 8 trusts do",)
    rows = tiny_table().rows.iloc[1:]
    fewer = LeagueTable.of(replace(tiny_table().facts, n=7), rows=rows, rank_pmf=pd.DataFrame(), p_above=pd.DataFrame())
    (gone,) = causes_of(side(), Side(fewer, {}))
    assert (gone.name, gone.said) == ("set", ("1 trust only in the first: RAX",))


def test_a_figure_shown_otherwise_from_one_file_is_no_revision():
    other = rearranged(tiny_table(), figure=["* of 100", *["61 of 100"] * 7])
    (found,) = causes_of(side(), Side(other, {}))
    assert found.name == "study"
    assert found.said == ("the figures of 1 of 8 trusts are shown otherwise, from the same file",)


# Counts


def test_a_table_differs_in_nothing_from_itself():
    found = moved_between(tiny_table(), tiny_table())
    assert not found.any
    assert (found.n, found.intervals, found.apart, found.beyond_error, found.largest) == (8, 0, (), 0, 0.0)
    assert found.separated == (21, 21, 21, 0)
    assert found.told is not None
    assert found.told[0] == found.told[2] > 0


def test_counts_are_those_of_the_rows():
    table = tiny_table()
    rows = table.rows
    after = rearranged(
        table,
        expected_rank=rows["expected_rank"] + [0.3, 0.02, 0, 0, 0, 0, 0, 0],
        rank_lower=[5, *rows["rank_lower"].iloc[1:]],
        rank_upper=[8, *rows["rank_upper"].iloc[1:]],
        band=[3, 1, 1, 2, 2, 2, 3, 1],
    )
    found = moved_between(table, after)
    assert found.intervals == 1
    assert [(one.trust, one.after) for one in found.apart] == [("RAX", (5, 8))]
    assert found.beyond_error == 1
    assert found.largest == pytest.approx(0.3)
    assert found.separated == (21, 21, 11, 7)


def test_the_limit_for_chance_holds_over_all_trusts_at_once():
    found = moved_between(tiny_table(), tiny_table())
    assert found.limit == pytest.approx(2.73, abs=0.005)  # two-sided 5 % over 8 trusts: qnorm(1 - 0.05 / 16) in R 4.4
    rng, moved = np.random.default_rng(3), 0
    for _ in range(400):
        shift = rng.normal(0, 0.01 * np.sqrt(2), 8)
        moved += bool(np.any(np.abs(shift) > found.limit * 0.01 * np.sqrt(2)))
    assert moved / 400 < 0.05 + 3 * np.sqrt(0.05 * 0.95 / 400)


def test_tables_without_an_order_are_compared_with_the_standard_alone():
    plain = tiny_table(ranked=False)
    moved = rearranged(plain, p_above_standard=0.99, p_below_standard=0.0)
    found = moved_between(plain, moved)
    assert found.intervals is None
    assert found.crossed == int((plain.rows["p_above_standard"] < 0.975).sum())
    assert found.any


# What is real


@pytest.mark.parametrize("label", PERIODS)
def test_months_are_read_back_from_their_words(label):
    months = months_of(period_text(label))
    start, end = label.split("/")
    first, last = (12 * int(day[:4]) + int(day[5:7]) for day in (start, end))
    assert months == tuple(range(first, last + 1))
    assert months_of(period_text("undated")) == ()


@pytest.fixture(scope="module")
def followed(tmp_path_factory):
    """A trajectory of five months by hand, kept in a folder as a run keeps it."""
    folder, panel = tmp_path_factory.mktemp("followed"), panel_of()
    fit = fit_of(panel, levels(slope=0.15))
    write_tree(xr.DataTree.from_dict({"posterior": fit["posterior"].to_dataset()}), folder / "fits/made_trajectory.nc")
    found = trajectory_of(panel, fit)
    return replace_facts(found, indicator="made"), fit, folder


def replace_facts(found, **changes):
    facts = replace(found.facts, **{"gate_passed": True, **changes})
    return Trajectory.of(facts, found.latest, found.window, frames=found._frames)


def pair(before, after):
    return tiny_table(period=before), tiny_table(period=after)


def test_a_real_change_is_the_share_of_joint_draws(followed):
    found, fit, folder = followed
    real = real_change(*pair("January to February 2025", "May 2025"), found, folder)
    assert real.why_not == ""
    draws = special.expit(fit["posterior"]["outcome"])
    gain = draws.isel(period=4) - draws.isel(period=[0, 1]).mean("period")
    p = (gain > 0).mean(("chain", "draw")).to_series()
    there = [trust for trust in p.index if trust != "T02"]
    assert real.n == len(there) == 7
    assert real.better == int((p[there] >= 0.975).sum()) > 0
    assert real.worse == int((p[there] <= 0.025).sum()) > 0
    assert {one.trust: one.p_improved for one in real.changed} == pytest.approx(
        {trust: p[trust] for trust in there if not 0.025 < p[trust] < 0.975}
    )


@pytest.mark.parametrize(
    ("before", "after", "why"),
    [
        ("May 2025", "May 2025", "both tables are about the same period"),
        ("January to March 2025", "March to May 2025", "overlap"),
        ("December 2024", "May 2025", "does not hold both periods whole"),
        ("an undated period", "May 2025", "undated"),
    ],
)
def test_no_real_change_is_stated_without_two_periods_of_one_fit(followed, before, after, why):
    found, _, folder = followed
    real = real_change(*pair(before, after), found, folder)
    assert why in real.why_not
    assert real.changed == ()


def test_no_real_change_is_stated_without_a_fit_or_by_one_that_failed(followed):
    found, _, folder = followed
    apart = pair("January 2025", "May 2025")
    assert "no run fits both periods" in real_change(*apart, None, folder).why_not
    failed = replace_facts(found, gate_passed=False)
    assert "failed its gate" in real_change(*apart, failed, folder).why_not


# The commands


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """A run and the same with a later period."""
    folder = tmp_path_factory.mktemp("runs")
    one, two = gated_run(folder / "one"), gated_run(folder / "two", run_id="20260201T000000Z-1")
    write_league_table(rearranged(tiny_table(period="July 2025"), band=[1, 1, 1, 1, 2, 2, 3, 3]), two / "tables")
    return one, two


def test_a_run_differs_in_nothing_from_itself(runs):
    text = "\n".join(difference_lines(compare_runs(runs[0], runs[0])))
    assert "The tables do not differ." in text
    assert "Bands:" not in text


def test_the_difference_of_two_runs_is_said_with_its_cause(runs, capsys):
    text = said_by(capsys, "diff", *runs)
    assert "another period: June 2025, then July 2025" in text
    assert "All differences come from another period." in text
    assert "Of 28 pairs 21 are separated by bands in the first run and 20 in the second" in text
    assert "Real change: not available, because no run fits both periods" in text


def test_the_difference_is_there_for_programs(runs, capsys):
    found = json.loads(said_by(capsys, "diff", *runs, "--json"))
    assert found["runs"][1]["run_id"] == "20260201T000000Z-1"
    (one,) = found["indicators"]
    assert one["causes"] == [{"name": "period", "said": ["June 2025, then July 2025"]}]
    assert one["moved"]["separated"] == [21, 20, 18, 0]


def test_runs_without_a_common_indicator_are_refused(runs, tmp_path):
    other = decided_run(tmp_path / "other")
    table = tiny_table(indicator="else")
    write_league_table(table, other / "tables")
    manifest = json.loads((runs[0] / "manifest.json").read_text(encoding="utf-8"))
    manifest["indicators"] = [{"name": "else", "gate_passed": True}]
    (other / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    with pytest.raises(UsageError, match="no indicator in common: tiny_4h, and else"):
        compare_runs(runs[0], other)


@pytest.mark.parametrize("asked", ["RAX", "rax", "Ash", "ash"])
def test_a_trust_is_found_by_code_or_name(runs, asked):
    assert code_of(load_run(runs[0]), asked) == "RAX"


@pytest.mark.parametrize(
    ("asked", "why"),
    [("a", "trusts have the code or name 'a': .*RAX Ash;"), ("Birhc", "no trust .* 'Birhc': RBX Birch; give one code"),
     ("", "no trust of this run has the code or name ''; give one code")],
)  # fmt: skip
def test_a_trust_that_is_not_there_or_several_are_refused(runs, asked, why):
    with pytest.raises(SystemExit) as caught:
        cli.main(["explain", str(runs[0]), asked])
    assert caught.value.code == Exit.USAGE
    with pytest.raises(UsageError, match=why):
        code_of(load_run(runs[0]), asked)


def test_an_explanation_says_what_the_table_says(runs, capsys):
    text, at = said_by(capsys, "explain", runs[0], "RCX"), standing_of(tiny_table(), "RCX")
    assert NASTY in text
    assert f"rank interval is {at.ranks[0]} to {at.ranks[1]} of 8, where 1 is the highest value" in text
    assert f"{len(at.better)} trusts are better than it with a probability of at least 95%" in text
    assert f"From {len(at.indistinct)} these data cannot tell it" in text
    assert "What this cannot tell" in text


def test_an_explanation_has_its_numbers_for_programs(runs, capsys):
    found = json.loads(said_by(capsys, "explain", runs[0], "RAX", "--json"))
    at = standing_of(tiny_table(), "RAX")
    assert found["trust"] == "RAX"
    assert found["paragraphs"][0]["standing"]["ranks"] == list(at.ranks)
    assert found["paragraphs"][0]["standing"]["estimate"] == pytest.approx(at.estimate)


def test_the_width_of_a_rank_interval_is_traced_to_its_sources(runs):
    found = explain_trust(runs[0], "RDX")
    rows = tiny_table().rows
    lower, upper = rows.loc["RDX", ["estimate_lower", "estimate_upper"]]
    inside = int(rows["estimate"].between(lower, upper).sum()) - 1
    (said,) = [text for text in found.paragraphs[0].sentences if "two sources" in text]
    assert f"estimates of {inside} other trust" in said


def test_every_sentence_keeps_the_rules_of_words(runs):
    from wording import style  # noqa: PLC0415 - only this test reads the rules

    every = [line for code in CODES for line in explanation_lines(explain_trust(runs[0], code))]
    every += difference_lines(compare_runs(*runs))
    assert [fault for line in every for fault in style.faults_of(line.replace(NASTY, ""))] == []
    assert len(asdict(explain_trust(runs[0], "RAX"))["limits"]) == 2
