"""What survives other choices: counts, rules and sentences on views made by hand."""

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from league_tables import tiny_table
from views import failed, published, sensitivity, view

from ranktrust.errors import RunError
from ranktrust.evidence import (
    adjustment_table,
    at_the_ends,
    comparison,
    from_end_to_end,
    places_of_note,
    power_table,
    read_sensitivity,
    reversal_finding,
    reversed_by_scenarios,
    write_sensitivity,
)
from ranktrust.evidence.power import AGREEMENT
from ranktrust.evidence.sentences import (
    about_reference,
    adjustment_sentences,
    headline,
    listed,
    poth_text,
    power_sentences,
    summary_sentences,
)
from ranktrust.league import order_sentence, with_scenarios


def test_a_statement_survives_if_every_other_choice_leaves_it():
    found = sensitivity(published("uuodd"), view("none", "uuodd"), view("long_run", "uoood"))
    ends = at_the_ends(found)
    assert ends.index.tolist() == ["T0", "T1", "T3", "T4"]
    assert ends["survives"].tolist() == [True, False, False, True]
    assert ends.loc["T1", "long_run"] == "not separable from the middle"


def test_a_repetition_and_a_failed_refit_take_nothing_away():
    again = view("repeat", "ooooo", group="repeat")
    found = sensitivity(published("uuodd"), again, failed("long_run"), view("none", "uuodd"))
    assert at_the_ends(found)["survives"].all()
    assert [seen.choice.name for seen in found.others] == ["none"]


def test_the_comparison_counts_changes_keeps_and_what_leaves_the_middle():
    found = sensitivity(published("uuodd"), view("none", "uoddd", poth=0.9))
    row = comparison(found).loc["none"]
    assert row[["changed", "at_ends", "kept"]].tolist() == [2, 4, 3]
    assert row["mean_width"] == pytest.approx((2 + 3 + 3 + 3 + 2) / 5)
    assert row["off_the_middle"] == 2  # the middle is place 3: intervals 1-2, 1-3, 2-4, 3-5, 4-5
    assert row["correlation"] == pytest.approx(1.0)


def test_scenarios_reverse_bands_only_from_one_end_to_the_other():
    found = sensitivity(published("uuodd"), view("none", "oodduu"[:5]), view("long_run", "ooodd"))
    assert reversed_by_scenarios(found) == ["T4"]
    finding = reversal_finding(found)
    assert finding.verdict == "informational"
    assert "1 of 5" in finding.sentence
    assert finding.table.index.tolist() == ["T4"]


def test_a_statement_that_is_no_scenario_reverses_no_scenario():
    found = sensitivity(published("uuodd"), view("long_run", "uuood"), view("with_region", "dduuu", group="statement"))
    assert reversed_by_scenarios(found) == []
    assert from_end_to_end(found) == ["T0", "T1", "T3", "T4"]
    assert reversal_finding(found).verdict == "passed"


def test_without_two_scenarios_nothing_is_said_to_hold():
    finding = reversal_finding(sensitivity(published("uuodd"), failed("long_run")))
    assert finding.verdict == "informational"
    assert "No two scenarios" in finding.sentence
    assert "Long_run" in finding.sentence


def test_reversed_bands_put_rows_in_the_order_of_band_and_name():
    table = tiny_table(spearman_low=0.9)
    finding = reversal_finding(sensitivity(published("ud"), view("none", "du")))
    kept, turned = with_scenarios(table, 0, finding), with_scenarios(table, 2, finding)
    assert kept.rows.index.tolist() == table.rows.index.tolist()
    assert "order of the expected rank" in order_sentence(kept)
    assert turned.facts.order_is_weak
    assert "put 2 trusts into the upper half in one and into the lower half in another" in order_sentence(turned)
    by_band = turned.rows.groupby("band", sort=False)["trust_name"]
    assert by_band.apply(lambda names: names.tolist() == sorted(names)).all()
    assert turned.rows["band"].drop_duplicates().tolist() == [1, 2, 3]
    assert turned.rank_pmf.index.tolist() == turned.p_above.columns.tolist() == turned.rows.index.tolist()
    assert turned.facts.findings[-1]["name"] == "bands under scenarios"
    assert turned.facts.gate_passed


@pytest.mark.parametrize(
    ("others", "words"),
    [
        (["uuodd"], "All 4 trusts placed in the upper or the lower half stay there under every choice tried"),
        (["uuood"], "3 of 4 trusts placed in the upper or the lower half stay there under every choice tried"),
        (["ooood"], "1 of 4 trusts placed in the upper or the lower half stays there under every choice tried"),
        (["ooooo"], "None of 4 trusts placed in the upper or the lower half stay there under every choice tried"),
        ([], "4 trusts placed in the upper or the lower half: no other choice could be tried"),
    ],
)
def test_the_headline_counts_what_survives(others, words):
    views = [view(f"choice {place}", bands) for place, bands in enumerate(others)]
    assert headline(sensitivity(published("uuodd"), *views)) == words


def test_a_table_without_statements_has_none_to_lose():
    found = sensitivity(published("ooo"), view("none", "uoo"))
    assert headline(found) == "No trust is placed in the upper or the lower half, so no choice can take that away"


def test_the_summary_names_the_choice_that_takes_most_and_the_one_that_adds_most():
    found = sensitivity(
        published("uuodd", poth=0.8), view("repeat", "uuood", group="repeat"), view("none", "uuddd", poth=0.97),
        view("long_run", "uoooo", poth=0.5, label="Long run"), failed("broken"),
    )  # fmt: skip
    said = summary_sentences(found)
    assert said[0] == (
        "Made one at a time: none and long run. Broken failed the checks of the computation, so no number stands for "
        "it."
    )
    assert said[1] == (
        "Most are taken away by the choice 'long run', which leaves 1 of the 4. The published fit with another seed "
        "leaves 3. Most are added by the choice 'none': 1."
    )
    assert "becomes open, not its opposite" in said[2]
    assert said[3].endswith("is 0.97 (none), 0.80 (published, this period) and 0.50 (long run).")


def test_trusts_at_the_opposite_end_are_named():
    said = summary_sentences(sensitivity(published("uuodd"), view("none", "duodd")))
    assert "1 trust would stand at the opposite end under another choice: T0." in said


def test_poth_is_never_printed_as_certain_nor_finer_than_its_error():
    assert poth_text(view("x", "uo", poth=0.99999, poth_mcse=1e-6)) == "0.999"
    assert poth_text(view("x", "uo", poth=0.8234, poth_mcse=0.004)) == "0.82"


def test_lists_read_as_lists():
    assert [listed(words) for words in ([], ["a"], ["a", "b"], ["a", "b", "c"])] == ["", "a", "a and b", "a, b and c"]


def two_levels(shift):
    """Joint draws of four trusts: performance is outcome less `shift`, by trust, and each trust's own covariate."""
    noise = np.random.default_rng(2).normal(0, 0.4, (4, 250, 4))
    coords = {"chain": range(4), "draw": range(250), "trust": list("ABCD")}
    outcome = xr.DataArray(noise + np.array([3.0, 2.0, 1.0, 0.0]), dims=("chain", "draw", "trust"), coords=coords)
    return outcome, outcome - xr.DataArray(shift, dims="trust")


def adjusted(shift):
    levels = two_levels(shift)
    views = (view("outcome", "uuod", trusts=list("ABCD")), view("performance", "uooo", trusts=list("ABCD")))
    context = pd.DataFrame({"deprivation": [0.0, 1.0, 0.0, 2.0]}, index=list("ABCD"))
    return levels, adjustment_table(levels, views, context, best="highest")


def test_the_probability_of_a_move_is_that_of_joint_draws():
    (outcome, performance), table = adjusted([0.0, 0.0, 0.0, -2.5])
    ranks = [(-level.to_numpy().reshape(-1, 4)).argsort(axis=1).argsort(axis=1) for level in (outcome, performance)]
    moved = (np.abs(ranks[1] - ranks[0]) > places_of_note(4)).mean(axis=0)
    assert places_of_note(4) == 1
    assert table["p_moved"].tolist() == pytest.approx(moved.tolist())
    assert table.loc["D", "p_moved"] > 0.3
    assert table.loc["D", "p_better"] > 0.95


def test_without_a_shift_nothing_moves():
    _, table = adjusted([0.0, 0.0, 0.0, 0.0])
    assert table["p_moved"].tolist() == [0, 0, 0, 0]
    assert table["context_deprivation"].tolist() == [0, 1, 0, 2]


def test_what_adjustment_may_hide_is_counted_and_its_context_named():
    _, table = adjusted([0.0, 0.0, 0.0, -2.5])
    said = adjustment_sentences(
        sensitivity(published("uuod"), adjustment=table, places=1, context_share=(0.21, 0.0004, 0.33))
    )
    assert said[0] == "Deprivation explains about 21% of the variation between trusts (95% interval under 1% to 33%)."
    assert said[1].startswith("Adjusting changes the band of 2 of 4 trusts, and moves")
    assert said[2] == "Of 1 trust in the lower half, 1 leaves it when adjusted; none enter it."
    assert said[3].startswith(
        "Of those that leave it, the one has a deprivation above the reference, by at most 2.0 standard deviations. "
    )


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ((0.5, 1.0), "all 2 have a deprivation above the reference, by at most 1.0 standard deviations"),
        ((-2.0, -1.0), "all 2 have a deprivation below the reference, by at most 2.0 standard deviations"),
        (
            (-2.0, 1.0),
            "1 of 2 has a deprivation above the reference, the others below it, by at most 2.0 standard deviations",
        ),
    ],
)
def test_who_leaves_stands_on_a_side_of_the_reference(values, words):
    assert about_reference("deprivation", pd.Series(values)) == words


def test_a_sensitivity_survives_its_files(tmp_path):
    _, table = adjusted([0.0, 0.0, 0.0, -2.5])
    names = ["NA", "B", "C", "D"]
    views = (published("uuod", trusts=names), view("none", "uood", trusts=names), failed("long_run"))
    found = sensitivity(*views, adjustment=table, places=1, context_share=(0.2, 0.1, 0.3))
    write_sensitivity(found, tmp_path)
    again = read_sensitivity(tmp_path, "x")
    pd.testing.assert_frame_equal(comparison(again), comparison(found))
    pd.testing.assert_frame_equal(at_the_ends(again), at_the_ends(found))
    pd.testing.assert_frame_equal(again.adjustment, found.adjustment, check_names=False)
    assert again.views[2].said == "largest R-hat 1.2"
    assert (again.context_share, again.bands, again.views[0].choice) == (
        found.context_share,
        found.bands,
        views[0].choice,
    )


def test_files_of_another_version_or_none_are_refused(tmp_path):
    with pytest.raises(RunError, match=r"the sensitivity of x in .* cannot be read"):
        read_sensitivity(tmp_path, "x")
    (tmp_path / "x").mkdir()
    (tmp_path / "x" / "sensitivity.json").write_text('{"schema_version": 9}')
    with pytest.raises(RunError, match="schema version 9; this ranktrust reads 1"):
        read_sensitivity(tmp_path, "x")


def conjugate():
    """Draws of a level that the data fix, and of a scale and a share that only their priors do."""
    random, shape, size = np.random.default_rng(7), (4, 1000), 5
    dims, coords = ("chain", "draw"), {"chain": range(4), "draw": range(1000)}
    mu, tau = (xr.DataArray(random.normal(0.0, sd, shape), dims=dims, coords=coords) for sd in (0.1, 1.0))
    share = xr.DataArray(random.beta(2.0, 8.0, shape), dims=dims, coords=coords)
    noise = xr.DataArray(random.normal(size=(*shape, size)), dims=(*dims, "trust"),
                         coords={**coords, "trust": list("ABCDE")})  # fmt: skip
    level = xr.DataArray(np.arange(5.0), dims="trust") + share * 8 * noise
    groups = {
        "posterior": {"mu": mu, "tau": tau, "share_of_upper": share, "outcome": level},
        "log_prior": {"mu": -(mu**2) / 200, "tau": -(tau**2) / 2, "total": -(noise**2) / 2,
                      "share_of_upper": np.log(share) + 7 * np.log1p(-share)},
        "log_likelihood": {"y": (-(mu**2) / 0.02).expand_dims(observation=1)},
    }  # fmt: skip
    return xr.DataTree.from_dict({name: xr.Dataset(parts) for name, parts in groups.items()})


def test_power_scaling_tells_a_belief_from_what_the_figures_fix():
    table = power_table(conjugate(), latent="outcome", best="highest", ranked=True).set_index("quantity")
    assert table.index.tolist() == ["mu", "tau", AGREEMENT]
    assert table.loc["tau", "other_priors"] > 0.05
    assert table.loc["tau", ["share_prior", "likelihood"]].max() < 0.02
    assert table.loc["mu", "likelihood"] > 0.05
    assert table.loc["mu", ["share_prior", "other_priors"]].max() < 0.02
    assert table.loc[AGREEMENT, "share_prior"] > 0.05
    assert table.loc[AGREEMENT, "likelihood"] < 0.02
    said = power_sentences(sensitivity(published("ud"), power=table.reset_index()))
    assert said == (
        "How surely the order holds is moved by the declared share, not by the other priors and the figures.",
    )


def test_a_flat_prior_moves_nothing():
    """A share that is set to nothing has a uniform prior, whose density is the same at every draw."""
    tree = conjugate()
    tree["log_prior"] = tree["log_prior"].to_dataset().assign(share_of_upper=0 * tree["posterior"]["mu"])
    table = power_table(tree, latent="outcome", best="highest", ranked=True)
    assert table["share_prior"].tolist() == [0.0, 0.0, 0.0]
    assert table["other_priors"].max() > 0.05


def test_a_fit_without_log_densities_has_no_power_scaling():
    bare = xr.DataTree.from_dict({"posterior": conjugate()["posterior"].to_dataset()})
    assert power_table(bare, latent="outcome", best="highest", ranked=True).empty
