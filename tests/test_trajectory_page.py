"""From hand-made draws to a trajectory and its page: known truths, symmetries, gaps, shares, files. No fit."""

import re
from html import unescape
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from scipy import stats
from small_studies import small_study, written
from trajectory_draws import QUESTION, SEED, TRUSTS, drawn_of, fit_of, levels, panel_of, trajectory_of
from views import published, sensitivity

from ranktrust import figures, publish
from ranktrust.errors import DataError, ModelFileError, RunError, StudyError
from ranktrust.evidence import write_sensitivity
from ranktrust.evidence.sentences import reliability_sentences
from ranktrust.league import (
    diagnose_trajectory,
    follow_headline,
    follow_sentences,
    read_trajectory,
    share_sentences,
    width_sentence,
    write_league_table,
    write_trajectory,
)
from ranktrust.league.change import alone, change_table, counting_error, width_table
from ranktrust.league.shares import DISAGREE, implied_shares, share_of, shares_table, window_variances
from ranktrust.league.trajectory import expected_wrong, moved
from ranktrust.panel import Share, followed, from_natural, span_panels, spans_of, to_natural
from ranktrust.publish import change_beside
from ranktrust.publish.change_rows import change_rows
from ranktrust.publish.html import style_sheet
from ranktrust.run.trajectories import courses_of, kept_of
from ranktrust.study import read_study


@pytest.fixture(scope="module")
def trajectory():
    panel = panel_of()
    return trajectory_of(panel, fit_of(panel, levels(slope=0.08), step=0.05))


def table_of(panel, fit, *, change=3):
    panels, drawn = drawn_of(panel, fit, change=change)
    return change_table(drawn, panels.every, prob=0.95, ranked=True)


# What is said of change


def test_constant_paths_leave_it_open_which_way_a_trust_went():
    table = table_of(panel_of(), fit_of(panel_of(), levels()))
    error = 4.5 * table[["p_absolute_mcse", "p_relative_mcse"]].max().max()
    assert table["p_relative"].to_numpy() == pytest.approx(0.5, abs=error)
    assert (moved(table["p_absolute"]) == "open").all()
    assert ((table["relative_lower"] < 0) & (table["relative_upper"] > 0)).all()


def test_a_rise_of_the_set_improves_all_and_gains_none_ground():
    table = table_of(panel_of(), fit_of(panel_of(), levels(), step=0.2))
    assert (table["p_absolute"] > 0.99).all()
    assert table["p_relative"].to_numpy() == pytest.approx(0.5, abs=4.5 * table["p_relative_mcse"].max())


def test_where_the_lowest_is_best_a_rise_is_no_improvement():
    table = table_of(panel_of("lowest"), fit_of(panel_of("lowest"), levels(), step=0.2))
    assert (table["p_absolute"] < 0.01).all()
    assert (table["absolute"] > 0).all()


def test_change_is_in_natural_units_and_relative_change_takes_the_path_away():
    panel = panel_of()
    fit = fit_of(panel, levels(slope=0.1), step=0.1)
    table, posterior = table_of(panel, fit), fit["posterior"].to_dataset()
    before, now = (posterior["outcome"].isel(period=place) for place in (1, 4))
    shift = posterior["national"].isel(period=4) - posterior["national"].isel(period=1)
    natural = xr.apply_ufunc(lambda values: 1 / (1 + np.exp(-values)), now - 0.0)
    carried = 1 / (1 + np.exp(-(before + shift)))
    wanted = (natural - carried).mean(("chain", "draw")).to_series()
    assert table["relative"].to_numpy() == pytest.approx(wanted[table.index].to_numpy(), abs=1e-12)
    still = (natural - 1 / (1 + np.exp(-before))).mean(("chain", "draw")).to_series()
    assert table["absolute"].to_numpy() == pytest.approx(still[table.index].to_numpy(), abs=1e-12)


def test_both_changes_put_trusts_in_the_same_order_in_every_draw():
    _, drawn = drawn_of(panel_of(), fit_of(panel_of(), levels(slope=0.1), step=0.3))
    absolute, relative = (values.to_numpy().argsort(axis=-1) for values in (drawn.absolute, drawn.relative))
    assert (absolute == relative).all()
    assert not np.allclose(drawn.absolute, drawn.relative)


def test_the_other_direction_mirrors_ranks_and_probabilities():
    panels = panel_of(), panel_of("lowest")
    high, low = (table_of(panel, fit_of(panel, levels(slope=0.1), step=0.1)) for panel in panels)
    assert low["rank_lower"].to_numpy() == pytest.approx(len(high) + 1 - high["rank_upper"].to_numpy())
    assert low["p_absolute"].to_numpy() == pytest.approx(1 - high["p_absolute"].to_numpy())


def test_the_national_path_s_change_has_its_probability(trajectory):
    facts = trajectory.facts
    wanted = to_natural("proportion", 0.4 + 0.05 * np.array([1, 4]))
    assert facts.national_change[0] == pytest.approx(np.diff(wanted)[0], abs=4 * 0.015 * 0.25 / np.sqrt(1000))
    assert facts.p_national[0] > 0.99
    assert facts.p_national[1] > 0


def test_expected_errors_are_the_sum_over_what_is_called():
    assert expected_wrong(pd.Series([0.99, 0.02, 0.5, 0.975])) == pytest.approx(0.01 + 0.02 + 0.025)
    assert list(moved(pd.Series([0.99, 0.02, 0.5, 0.975, 0.0251]))) == ["better", "worse", "open", "better", "open"]


# Levels that are ranked


def test_the_latest_level_is_an_ordinary_league_table(trajectory):
    rows = trajectory.latest.rows
    assert trajectory.latest.facts.period == "May 2025"
    assert rows["rank_lower"].min() == 1
    assert rows["estimate"].idxmax() == "T07"
    assert trajectory.latest.facts.share_mean == pytest.approx(0.05, rel=0.02)
    assert "found by this fit in 5 periods" in trajectory.latest.facts.share_source


def test_the_mean_over_the_window_is_one_of_natural_values():
    panel = panel_of()
    fit = fit_of(panel, levels(slope=0.2), step=0.2)
    panels, drawn = drawn_of(panel, fit)
    natural = 1 / (1 + np.exp(-fit["posterior"].to_dataset()["outcome"].isel(period=slice(2, 5))))
    back = 1 / (1 + np.exp(-drawn.window["outcome"]))
    assert np.abs(back - natural.mean("period").sel(trust=back["trust"])).max() < 1e-12
    assert panels.window.periods == ("2025-03-01/2025-05-28",)


@pytest.mark.parametrize("kind", ["proportion", "ratio", "estimate"])
def test_natural_and_link_scale_are_each_other_s_inverse(kind):
    values = np.linspace(0.02, 0.98, 9)
    assert to_natural(kind, from_natural(kind, values)) == pytest.approx(values, rel=1e-12)


# Gaps


def without(panel, trust, place):
    rows = panel.observations
    gone = (rows["trust"] == trust) & (rows["period"] == panel.periods[place])
    left = pd.DataFrame({"trust": [trust], "indicator": "made", "period": panel.periods[place],
                         "reason": "not_submitted", "note": f"Name of {trust}"})  # fmt: skip
    return panel.derive(observations=rows[~gone], missing=pd.concat([panel.missing, left]))


def test_a_trust_absent_in_the_latest_month_is_named_and_not_ranked_there():
    panel = without(panel_of(), "T05", -1)
    found = trajectory_of(panel, fit_of(panel, levels(slope=0.05)))
    assert found.latest.facts.n == TRUSTS - 1
    assert "T05" not in found.latest.rows.index
    assert found.latest.facts.not_ranked == ("Name of T05 (T05)",)
    assert "T05" not in found.change.index
    assert "T05 (T05)" in found.facts.no_change
    assert "T05" not in found.window.rows.index
    assert any("Not ranked in the latest period, for want of figures: Name of T05" in said
               for said in follow_sentences(found))  # fmt: skip
    row = re.search(r"T05</span> <span class=\"code\">T05.*?</tr>", publish.change_rows_block(found).text, re.DOTALL)
    assert row
    assert ("no figure" in row[0], "no statement" in row[0], "rank " in row[0]) == (True, True, False)


def test_a_late_starter_has_a_level_and_no_change():
    panel = panel_of()
    found = trajectory_of(panel, fit_of(panel, levels()), change=4)
    assert "T02" in found.latest.rows.index
    assert "T02" not in found.change.index
    assert found.facts.no_change == ("T02 (T02)",)
    assert "1 trust has no figure in January 2025" in " ".join(follow_sentences(found))


def test_a_gap_is_not_filled_in(trajectory):
    gap = trajectory.frame("paths").query("trust == 'T01'").set_index("period")["outcome"]
    assert list(gap.isna()) == [False, False, False, True, False]
    rows = list(change_rows(trajectory))
    own = {row.code: re.search(r'class="path-own" d="([^"]*)"', row.picture)[1] for row in rows}
    assert {code: path.count("M") for code, path in own.items()}["T01"] == 2
    assert own["T03"].count("M") == 1


def test_overlapping_periods_are_refused_by_name():
    panel = panel_of()
    rows = panel.observations
    rolling = rows["period"].map(lambda label: label.replace("-28", "-29") if "-01-" in label else label)
    wide = rows.assign(period=rolling.str.replace("2025-01-29", "2025-02-03"))
    with pytest.raises(DataError, match=r"trajectory of made, the periods: overlap.* and February 2025.*Leave this"):
        spans_of(panel.derive(observations=wide), window=2, change=1)


def test_windows_and_changes_that_reach_too_far_are_both_refused():
    with pytest.raises(DataError) as caught:
        spans_of(panel_of(), window=6, change=5)
    assert len(caught.value.faults) == 2
    assert "do not hold a window of 6 months: they begin in January 2025" in str(caught.value)
    assert "do not hold a period 5 months before the last, in December 2024" in str(caught.value)
    assert spans_of(panel_of(), window=4, change=4).before == "2025-01-01/2025-01-28"


def test_one_period_is_no_trajectory():
    with pytest.raises(DataError, match="are fewer than two"):
        spans_of(panel_of(months=1), window=1, change=1)


def test_the_latest_months_leave_out_who_stopped_before():
    panel = panel_of()
    rows = panel.observations
    stopped = panel.derive(observations=rows[~((rows["trust"] == "T04") & (rows["period"] > panel.periods[1]))])
    assert len(followed(stopped, 3).trusts) == TRUSTS - 1
    assert followed(stopped, 3).periods == panel.periods[2:]


# Shares


def test_implied_shares_are_those_of_simulated_paths():
    """Variances of window means over many trusts drawn from the statement, within Monte Carlo error."""
    rng, n, times = np.random.default_rng(SEED), 40_000, np.array([0.0, 1, 2, 3, 5])
    s, share, moving, persistence = 0.4, 0.1, 0.6, 0.8
    lag = np.abs(times[:, None] - times[None, :])
    parts = {
        "lasting": rng.normal(0, s * np.sqrt((1 - share) * (1 - moving)), n),
        "moving": rng.multivariate_normal(np.zeros(5), s**2 * (1 - share) * moving * persistence**lag, n).mean(axis=1),
        "noise": rng.normal(0, s * np.sqrt(share), (n, 5)).mean(axis=1),
    }
    given = {"s": s, "unattributed_share": share, "moving": moving, "persistence": persistence}
    found = window_variances({name: xr.DataArray(value) for name, value in given.items()}, times)
    for name, values in parts.items():
        assert float(found[name]) == pytest.approx(values.var(), rel=4.5 * np.sqrt(2 / n)), name
    implied = implied_shares({name: xr.DataArray(value) for name, value in given.items()}, times)
    whole = sum(values.var() for values in parts.values())
    assert float(implied["this_period"]) == pytest.approx(parts["noise"].var() / whole, rel=0.03)
    assert float(implied["long_run"]) == pytest.approx(1 - parts["lasting"].var() / whole, rel=0.03)


def test_one_period_s_implied_share_is_the_noise_share():
    given = {"s": 0.4, "unattributed_share": 0.1, "moving": 0.6, "persistence": 0.8}
    implied = implied_shares({name: xr.DataArray(value) for name, value in given.items()}, [3.0])
    assert float(implied["this_period"]) == pytest.approx(0.1)
    assert float(implied["long_run"]) == pytest.approx(1 - 0.9 * 0.4)


@pytest.mark.parametrize(("beta", "verdict"), [(18.0, "overlap"), (900.0, "disagree"), (0.5, "disagree")])
def test_shares_disagree_where_their_intervals_do_not_overlap(beta, verdict):
    draws = xr.DataArray(np.random.default_rng(1).beta(40, 360, (4, 500)), dims=("chain", "draw"))
    table = shares_table({"long_run": draws}, {"long_run": Share(2.0, beta, 1.0, "made up")})
    assert list(table["verdict"]) == [verdict]
    (said,) = share_sentences(table)
    assert ("too sure" in said) == (beta == 900.0)
    assert ("do not overlap" in said) == (verdict == DISAGREE)


def test_a_scenario_without_a_declared_share_says_so():
    draws = xr.DataArray(np.full((4, 50), 0.1), dims=("chain", "draw"))
    table = shares_table({"long_run": draws}, {})
    assert share_sentences(table) == ("In the scenario “long run” no share is declared.",)


def test_a_share_of_draws_has_their_mean_and_spread():
    draws = xr.DataArray(np.random.default_rng(2).beta(3, 60, (4, 5000)), dims=("chain", "draw"))
    share = share_of(draws, "here")
    law = stats.beta(share.alpha, share.beta)
    assert (law.mean(), law.std()) == (pytest.approx(float(draws.mean())), pytest.approx(float(draws.std())))


# One period taken at its word


def test_a_trust_taken_alone_has_its_closed_form_posterior():
    panel = span_panels(panel_of(), spans_of(panel_of(), window=1, change=1)).latest
    draws = alone(panel, np.random.default_rng(SEED))
    rows = panel.observations.set_index("trust").loc[list(draws["trust"].to_numpy())]
    a, b = rows["numerator"] + 0.5, rows["denominator"] - rows["numerator"] + 0.5
    natural = 1 / (1 + np.exp(-draws.to_numpy()))
    sd = np.sqrt(a * b / ((a + b) ** 2 * (a + b + 1)))
    assert (np.abs(natural.mean(axis=(0, 1)) - a / (a + b)) < 4.5 * sd / 100).all()
    assert counting_error(panel) == pytest.approx(float(np.sqrt(np.median(1 / a + 1 / b))))


def test_widths_are_counted_and_the_sentence_follows_them(trajectory):
    _, drawn = drawn_of(panel_of(), fit_of(panel_of(), levels(), spread=0.3))
    sharp = drawn.now.mean(("chain", "draw")) + 0.0 * drawn.now
    table = width_table({"trajectory": drawn.now, "alone": sharp}, best="highest", prob=0.95).set_index("method")
    assert table.loc["alone", "mean_width"] == 1.0
    assert table.loc["alone", "narrower"] == (table.loc["trajectory", "trusts"])
    own, naive = (
        trajectory.frame("widths").set_index("method")["mean_width"][name] for name in ("trajectory", "alone")
    )
    assert (" are wider on average" in width_sentence(trajectory)) == (own > naive)
    assert f"{own:.1f} places against {naive:.1f}" in width_sentence(trajectory)


# The gate


def failed_of(fit, panel):
    panels, drawn = drawn_of(panel, fit)
    return {item.name for item in diagnose_trajectory(fit, drawn, panels, QUESTION) if item.verdict == "failed"}


def test_perfect_draws_pass_all(trajectory):
    assert trajectory.facts.gate_passed, [item for item in trajectory.facts.findings if item["verdict"] == "failed"]
    names = {item["name"] for item in trajectory.facts.findings}
    assert {"parameters", "implied shares", "national path", "paths of trusts", "changes", "ranks, change",
            "P(improved), relative", "P(top), window", "divergences", "energy"} <= names  # fmt: skip


@pytest.mark.parametrize(
    ("name", "where", "finding"),
    [
        ("persistence", {}, "parameters"),
        ("national", {"period": 2}, "national path"),
        ("outcome", {"trust": 3, "period": 0}, "paths of trusts"),
        ("total", {"trust": 3, "period": 4}, "levels of the latest period"),
        ("performance", {"trust": 3, "period": 3}, "means over the window"),
    ],
)
def test_a_chain_apart_fails_what_it_is_in(name, where, finding):
    panel = panel_of()
    fit = fit_of(panel, levels())
    values = fit["posterior"][name].copy(deep=True)
    values[{"chain": 0, **where}] += 0.5 * float(values.std()) + 0.5
    fit["posterior"] = fit["posterior"].to_dataset().assign({name: values})
    assert finding in failed_of(fit, panel)


def test_a_divergence_and_a_nan_fail():
    panel = panel_of()
    fit = fit_of(panel, levels())
    fit["sample_stats"]["diverging"][1, 7] = True
    assert failed_of(fit, panel) == {"divergences"}
    fit["posterior"]["national"][0, 0, 0] = np.nan
    assert "finite draws" in failed_of(fit, panel)


def test_a_statement_that_leaves_out_a_part_is_refused():
    panel = panel_of()
    fit = fit_of(panel, levels())
    fit["posterior"] = fit["posterior"].to_dataset().drop_vars("national")
    with pytest.raises(ModelFileError, match="leaves no national, which a trajectory needs"):
        drawn_of(panel, fit)


# Files, words and the page


def test_a_trajectory_is_read_back_as_it_was_written(trajectory, tmp_path):
    write_trajectory(trajectory, tmp_path)
    again = read_trajectory(tmp_path, "made")
    assert again.facts == trajectory.facts
    for name in ("change", "paths", "national", "parameters", "densities", "shares", "widths"):
        pd.testing.assert_frame_equal(again.frame(name), trajectory.frame(name), check_dtype=False, check_names=False)
    assert again.latest.facts == trajectory.latest.facts
    assert publish.change_rows_block(again).text == publish.change_rows_block(trajectory).text


def test_a_trajectory_that_lost_a_row_is_refused(trajectory, tmp_path):
    write_trajectory(trajectory, tmp_path)
    file = tmp_path / "made" / "trajectory_paths.csv"
    file.write_text("\n".join(file.read_text().splitlines()[:-1]) + "\n")
    with pytest.raises(RunError, match=r"trajectory_paths.csv has 39 rows, not 40"):
        read_trajectory(tmp_path, "made")


def test_the_headline_counts_what_the_table_holds(trajectory):
    found = moved(trajectory.change["p_absolute"]).value_counts()
    n = len(trajectory.change)
    assert follow_headline(trajectory) == (
        f"Over 3 months to May 2025, {found['better']} of {n} trusts improved and "
        f"{found.get('worse', 0) or 'none'} got worse, each with at least 97.5%; {found.get('open', 0)} cannot be told"
    )
    assert "contains season" in " ".join(follow_sentences(trajectory))
    assert "of this set, not of England" in " ".join(follow_sentences(trajectory))


def test_a_page_where_nothing_moved_claims_no_change():
    panel = panel_of()
    said = follow_headline(trajectory_of(panel, fit_of(panel, levels())))
    assert said == "Over 3 months to May 2025, these figures show no trust that changed, with at least 97.5%"


def test_every_probability_of_the_page_has_its_error(trajectory):
    text = publish.change_rows_block(trajectory).text
    cells = re.findall(r'class="moved"[^>]*title="Monte Carlo error [^"]+ points"', text)
    assert len(cells) == 2 * len(trajectory.change)
    assert "real change" not in text


def test_every_class_of_the_table_has_its_look(trajectory):
    text = publish.change_rows_block(trajectory).text + publish.change_moved(trajectory).text
    style = style_sheet()
    used = set(re.findall(r'class="chip (\w+)"', text))
    assert used == {"better", "worse", "neither"}
    for name in used:
        assert f".chip.{name}::before {{ content:" in style, name
    for name in set(re.findall(r'<path class="([\w-]+)"', text)):
        assert f".{name} {{" in style, name


def test_reliability_stands_beside_the_shares_where_the_run_has_it(trajectory, tmp_path):
    assert publish.reliability_of(tmp_path, "made") == ()
    found = sensitivity(published("uod"))
    write_sensitivity(type(found)(**{**vars(found), "indicator": "made"}), tmp_path)
    said = publish.reliability_of(tmp_path, "made")
    assert said == reliability_sentences(found)
    text = unescape(publish.change_shares(trajectory, reliability=said).text)
    assert all(sentence in text for sentence in (*said, *share_sentences(trajectory.frame("shares"))))
    assert said[0] not in unescape(publish.change_shares(trajectory).text)


def test_pictures_say_what_they_show_and_hold_every_trust(trajectory):
    for draw in (figures.national_paths_drawing, figures.change_intervals_drawing, figures.prior_posterior_drawing):
        drawing = draw(trajectory)
        assert drawing.alt[:40].split(",")[0] in drawing.wide.replace("&#x27;", "'").replace("&amp;", "&")
    counts = re.findall(r"(\d+) (?:very probably|cannot)", figures.change_intervals_alt(trajectory))
    assert sum(map(int, counts)) == len(trajectory.change)


def test_what_a_run_keeps_is_small_and_enough():
    panel = panel_of()
    fit = fit_of(panel, levels())
    panels, _ = drawn_of(panel, fit)
    kept = kept_of(fit, panels)
    assert kept["posterior"]["outcome"].dtype == np.float32
    assert set(kept["posterior"].data_vars) == {"outcome", "national", "step", "s", "moving", "persistence",
                                                "unattributed_share", "beta"}  # fmt: skip
    assert kept["constant_data"]["context"].dims == ("trust", "covariate")
    assert kept.attrs["model"] == "trajectory_proportion"


# The study

STUDY = small_study("ae_4h", "shmi", trusts='subtypes = ["Acute - Teaching"]')


def test_trajectories_of_a_study_have_their_defaults(tmp_path):
    (asked,) = read_study(written(tmp_path, STUDY + '[[trajectory]]\nname = "ae_4h"\n')).trajectory
    assert (asked.months, asked.window, asked.change, asked.draws, asked.model) == (None, 12, 12, 1500, None)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('[[trajectory]]\nname = "x"\n', "trajectory of an indicator not asked for: x; there are: ae_4h, shmi"),
        ('[[trajectory]]\nname = "shmi"\n' * 2, "trajectory asked for twice: shmi"),
        ('[[trajectory]]\nname = "shmi"\nmonth = 3\n', "trajectory.0.month: Extra inputs are not permitted"),
        (
            '[[trajectory]]\nname = "shmi"\nmonths = 6\nwindow = 3\n',
            "change = 12 leaves no earlier month among months = 6",
        ),
        (
            '[[trajectory]]\nname = "shmi"\nwindow = 0\n',
            "trajectory.0.window: Input should be greater than or equal to 1",
        ),
    ],
)
def test_faults_of_a_trajectory_are_named(tmp_path, text, words):
    with pytest.raises(StudyError) as caught:
        read_study(written(tmp_path, STUDY + text))
    assert words in str(caught.value)


def test_a_trajectory_is_checked_against_figures_and_statement_before_any_fit(tmp_path):
    def course(text):
        return courses_of(read_study(written(tmp_path, STUDY + text)))

    (found,) = course('[[trajectory]]\nname = "ae_4h"\nmonths = 14\n').values()
    assert found.model_file.name == "trajectory_proportion"
    assert (len(found.panels.every.periods), found.panels.spans.before) == (14, "2025-05-01/2025-05-31")
    with pytest.raises(DataError, match="trajectory of shmi, the periods: are fewer than two"):
        course('[[trajectory]]\nname = "shmi"\n')
    with pytest.raises(ModelFileError, match=r"model 'proportion' reads no period \(ae_4h\)"):
        course('[[trajectory]]\nname = "ae_4h"\nmodel = "proportion"\n')
    with pytest.raises(ModelFileError, match="reads observed, expected, which figures of kind 'proportion'"):
        course('[[trajectory]]\nname = "ae_4h"\nmodel = "trajectory_ratio"\n')
    with pytest.raises(StudyError, match="latent = 'total' ranks a single period with its noise"):
        course('[[trajectory]]\nname = "ae_4h"\n\n[ranks]\nlatent = "total"\n')


@pytest.mark.parametrize("kind", ["ratio", "estimate"])
def test_other_kinds_under_a_caution_state_change_and_no_order(kind):
    panel = panel_of(kind=kind, comparability="indirect")
    found = trajectory_of(panel, fit_of(panel, levels(slope=0.08), step=0.05))
    assert not found.latest.facts.ranked
    assert found.change["rank_lower"].isna().all()
    assert found.frame("widths").empty
    blocks = (publish.change_opening, publish.change_rows_block, publish.change_widths, publish.change_shares,
              publish.change_limits, publish.change_method, publish.change_parameters)  # fmt: skip
    text = "".join(block(found).text for block in blocks)
    assert not re.search(r"rank \d|\d+ to \d+ of 8|places", text)
    assert not re.search(r"[+-]\d+\.\d points", text)
    assert len(found.frame("shares")) == 2
    assert len(found.facts.cross_section) == (1 if kind == "estimate" else 3)


# What other pages say of the same figures


def test_the_page_sets_its_rank_intervals_beside_those_of_the_league_page(trajectory, tmp_path):
    assert not publish.change_beside_league(trajectory, tmp_path).text
    write_league_table(trajectory.latest, tmp_path)
    text = unescape(publish.change_beside_league(trajectory, tmp_path).text)
    ours, theirs = trajectory.window.rows, trajectory.latest.rows
    widths = [(rows["rank_upper"] - rows["rank_lower"] + 1).mean() for rows in (theirs.loc[ours.index], ours)]
    assert f"are {widths[0]:.1f} places wide on average, those of the mean here {widths[1]:.1f}" in text
    moved_by = (ours["expected_rank"] - theirs["expected_rank"]).abs()
    assert f"by {moved_by.mean():.1f} places on average and by {moved_by.max():.0f} at most" in text


def test_breaks_in_the_returns_of_the_periods_followed_are_named(trajectory, tmp_path, monkeypatch):
    assert not publish.change_returns(trajectory, tmp_path).text
    columns = ("indicator", "trust", "trust_name", "period", "in_window", "check", "sentence")
    rows = [
        ("made", "T03", "Third", "2025-04-01 to 2025-04-28", "yes", "sudden_change", "went from 90 to 40"),
        ("made", "T04", "Fourth", "2024-04-01 to 2024-04-28", "no", "sudden_change", "before the periods followed"),
        ("made", "T05", "Fifth", "2025-04-01 to 2025-04-28", "yes", "heaped", "another check"),
        ("other", "T06", "Sixth", "2025-04-01 to 2025-04-28", "yes", "sudden_change", "another indicator"),
    ]
    (tmp_path / "returns.csv").write_text("", encoding="utf-8")
    ledger = SimpleNamespace(returns=pd.DataFrame(rows, columns=list(columns)))
    monkeypatch.setattr(change_beside, "read_ledger", lambda _folder: ledger)
    text = publish.change_returns(trajectory, tmp_path).text
    assert "Third (T03)" in text
    assert "cases of 1 of these trusts jumped" in text
    assert not any(name in text for name in ("Fourth", "Fifth", "Sixth"))
