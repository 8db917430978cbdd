"""Other methods beside the model: numbers have their formula, sentences their count, bands are the official ones."""

import re
from html import unescape

import numpy as np
import pandas as pd
import pytest
from fit_worlds import S, world
from league_tables import CODES, NAMES, tiny_table

from ranktrust import publish
from ranktrust.assemble import assemble, official_bands
from ranktrust.assets import find_asset
from ranktrust.errors import RunError
from ranktrust.evidence import (
    Independent,
    disagreements,
    empirical_bayes,
    fit_checks,
    independent,
    independent_sentences,
    read_independent,
    write_independent,
)
from ranktrust.evidence.independent import COLUMNS
from ranktrust.ranks import funnel_bands
from ranktrust.study import read_study


def compared(kind, *, ranked=True, official=None, **options):
    fit, panel = world(kind, **options)
    n = len(panel.trusts)
    sets = {"set_lower": 1.0, "set_upper": float(n)} if ranked else dict.fromkeys(("set_lower", "set_upper"), np.nan)
    league = pd.DataFrame(sets, index=panel.trusts.index)
    posterior = fit["posterior"].to_dataset()
    return independent(panel, posterior, league, held_out=fit_checks(fit, panel).trusts, official=official), panel


def test_empirical_bayes_draws_equal_figures_by_one_share():
    value = pd.Series(np.random.default_rng(1).normal(3, 1, 50))
    variance = pd.Series(0.25, index=value.index)
    estimate, left, tau = empirical_bayes(value, variance)
    assert tau**2 == pytest.approx(value.var() - 0.25)
    keep = 1 - 0.25 / value.var()
    np.testing.assert_allclose(estimate, value.mean() + keep * (value - value.mean()))
    np.testing.assert_allclose(left, keep * 0.25)


def test_empirical_bayes_spread_solves_its_equation():
    rng = np.random.default_rng(2)
    variance = pd.Series(rng.uniform(0.01, 0.5, 60))
    value = pd.Series(rng.normal(0, np.sqrt(0.09 + variance)))
    tau = empirical_bayes(value, variance)[2]
    weight = 1 / (variance + tau**2)
    mean = (weight * value).sum() / weight.sum()
    assert (weight * (value - mean) ** 2).sum() == pytest.approx(59)


def test_figures_that_differ_by_chance_alone_are_all_drawn_to_their_mean():
    variance = pd.Series([1.0, 1.0, 1.0])
    estimate, left, tau = empirical_bayes(pd.Series([0.1, -0.1, 0.3]), variance)
    assert tau == 0
    np.testing.assert_allclose(estimate, 0.1)
    assert (left == 0).all()


def test_shmi_bands_of_the_publisher_are_those_of_the_funnel():
    """118 bands of the release in data/: the official method, without a model."""
    study = read_study(find_asset("studies", "shmi"))
    panel = assemble(study)["shmi"]
    official = official_bands(study, study.indicator[0], panel)
    rows = panel.observations.set_index("trust")
    funnel = funnel_bands(rows["observed"], rows["expected"], form="log").table["band"]
    assert len(official) == 118
    assert (official == funnel).all()
    assert set(official) == {"higher", "as expected", "lower"}


def test_an_indicator_without_official_bands_has_none():
    study = read_study(find_asset("studies", "acute"))
    panels = assemble(study)
    assert official_bands(study, study.indicator[0], panels[study.indicator[0].name]) is None


@pytest.mark.parametrize("kind", ["ratio", "proportion", "estimate"])
def test_methods_agree_on_a_world_by_the_statement(kind):
    found, _ = compared(kind)
    assert list(found.table) == list(COLUMNS)
    assert found.facts["tau"] == pytest.approx(S[kind], rel=0.25)
    assert (found.table["funnel_band"] == "").all() == (kind == "estimate")
    inside = found.table["alone"].between(found.table["alone_lower"], found.table["alone_upper"])
    assert inside.all()
    said = " ".join(independent_sentences(found, kind=kind, noun="trust"))
    assert said.startswith("Against each trust alone, pooling moves the median trust by ")
    assert "Rank sets that hold all ranks at once in 95% of repeated samples" in said


def test_a_trust_far_out_is_outside_by_funnel_and_model():
    def change(one, two):
        one[7] = np.round(2.2 * two[7])

    found, _ = compared("ratio", change=change)
    assert found.table.loc["T07", "funnel_band"] == found.table.loc["T07", "model_band"] == "higher"


def bands_table(funnel, model, official):
    words = {"h": "higher", "e": "as expected", "l": "lower", "-": ""}
    letters = {"funnel_band": funnel, "model_band": model, "official_band": official}
    columns = dict.fromkeys(COLUMNS, 1.0) | {name: [words[one] for one in text] for name, text in letters.items()}
    columns |= {"frequentist_lower": 1.0, "frequentist_upper": 3.0, "posterior_lower": 2.0, "posterior_upper": 8.0}
    table = pd.DataFrame(columns, index=pd.Index(CODES, name="trust"))[list(COLUMNS)]
    return Independent(table, {"tau": 0.1, "funnel_tau": 0.1, "spread": 0.1, "share": 0.18})


def test_sentences_count_what_the_table_holds():
    found = bands_table("hheeeell", "heeeeeel", "hheeeeel")
    said = independent_sentences(found, kind="ratio", noun="trust")
    assert said[2] == (
        "Outside over-dispersed funnel limits lie 4 trusts, outside 95% of what the model predicts from the others 2; "
        f"2 by both. By the funnel alone: {CODES[1]}, {CODES[6]}. "
        "The funnel finds its spread without a tenth of them at each end, the model from all."
    )
    assert said[3] == (
        f"The official bands of 8 trusts are those of the funnel here for 7, all but {CODES[6]}; of the model for 7, "
        f"all but {CODES[1]}."
    )
    assert "are 3.0 places wide on average, those of the posterior 7.0. For every trust they overlap." in said[4]
    assert said[4].endswith("because 18% of the variance between is set aside as noise.")
    assert list(disagreements(found).index) == [CODES[1], CODES[6]]


def test_sets_that_share_no_place_are_named():
    found = bands_table("eeeeeeee", "eeeeeeee", "--------")
    table = found.table.assign(posterior_lower=[5.0, *[1.0] * 7])
    said = independent_sentences(Independent(table, found.facts), kind="ratio", noun="trust")
    assert len(said) == 4
    assert f"They share no place for {CODES[0]}." in said[3]


def test_without_a_prediction_the_funnel_stands_alone():
    found = bands_table("heeeeeee", "--------", "heeeeeee")
    said = " ".join(independent_sentences(found, kind="ratio", noun="trust"))
    assert "leave 1 trust outside; the model has no prediction" in said
    assert "The official bands of 8 trusts are those of the funnel here for 8." in said
    assert disagreements(found).empty


def test_what_is_written_is_read_again(tmp_path):
    found, _ = compared("proportion", ranked=False)
    write_independent(found, tmp_path, "made")
    again = read_independent(tmp_path, "made")
    pd.testing.assert_frame_equal(again.table, found.table, check_dtype=False)
    assert again.facts == found.facts
    assert read_independent(tmp_path, "other") is None
    (tmp_path / "made" / "independent.json").write_text("{}", encoding="utf-8")
    with pytest.raises(RunError, match="comparison of made"):
        read_independent(tmp_path, "made")


def test_the_page_lists_those_on_which_methods_differ_and_then_all():
    text = unescape(publish.comparison_with_others(tiny_table(), bands_table("hheeeell", "heeeeeel", "hheeeeel")).text)
    first = text[: text.index("<details")]
    assert NAMES[1] in first
    assert NAMES[2] not in first
    assert NAMES[2] in text[text.index("<details") :]
    assert "1 to 3 of 8" in text


def test_a_table_that_is_not_ranked_has_no_rank_set_on_the_page():
    table = tiny_table(ranked=False, comparability="indirect", poth=None, spearman_low=None)
    found = bands_table("hheeeell", "heeeeeel", "hheeeeel")
    ends = [f"{name}_{end}" for name in ("frequentist", "posterior") for end in ("lower", "upper")]
    text = publish.comparison_with_others(
        table, Independent(found.table.assign(**dict.fromkeys(ends, np.nan)), found.facts)
    ).text
    assert "Rank set" not in text
    assert not re.search(r"\d to \d of 8", text)


def test_a_run_without_the_comparison_says_so():
    assert "holds no other method's numbers" in unescape(publish.comparison_with_others(tiny_table(), None).text)
