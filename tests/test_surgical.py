"""The published BUGS table, and the lesson that pooling teaches."""

import json

import pandas as pd
import pytest

from ranktrust.assemble import assemble
from ranktrust.assets import find_asset
from ranktrust.run import answer_one
from ranktrust.study import read_study


def answered(name):
    study = read_study(find_asset("studies", name))
    (asked,) = study.indicator
    return answer_one(study, asked, assemble(study)[asked.name])


@pytest.fixture(scope="module")
def published():
    return pd.read_csv(find_asset("data", "reference/bugs_surgical.csv"), index_col="trust")


@pytest.fixture(scope="module")
def pooled():
    return answered("surgical")


@pytest.fixture(scope="module")
def independent():
    return answered("surgical_independent")


def test_the_gate_passes(pooled, independent):
    assert pooled.table.facts.gate_passed
    assert independent.table.facts.gate_passed


def test_posterior_means_are_the_published_ones(pooled, published):
    rows = pooled.table.rows.loc[published.index]
    assert (rows["estimate"] - published["re_mean"]).abs().max() < 0.002


def test_rank_intervals_are_the_published_ones_within_one(pooled, published):
    rows = pooled.table.rows.loc[published.index]
    assert (rows["rank_lower"] - published["re_rank_lower"]).abs().max() <= 1
    assert (rows["rank_upper"] - published["re_rank_upper"]).abs().max() <= 1
    assert (rows["median_rank"] - published["re_rank_median"]).abs().max() <= 1


def test_independent_means_and_ranks_are_the_published_ones(independent, published):
    rows = independent.table.rows.loc[published.index]
    assert (rows["estimate"] - published["fixed_mean"]).abs().max() < 0.002
    assert (rows["rank_lower"] - published["fixed_rank_lower"]).abs().max() <= 1
    assert (rows["rank_upper"] - published["fixed_rank_upper"]).abs().max() <= 1


def test_independent_means_are_those_of_the_beta_law(independent):
    """(numerator + 1) / (denominator + 2): exact, so within four Monte Carlo errors (sd below .03, ESS above 5,000)."""
    panel = independent.panel
    exact = pd.Series((panel["numerator"] + 1) / (panel["denominator"] + 2), index=panel.trusts.index)
    assert (independent.table.rows["estimate"] - exact).abs().max() < 4 * 0.03 / 5000**0.5


def test_pooling_moves_the_first_place_from_a_to_e(pooled, independent):
    first = {name: answer.table.rows for name, answer in (("pooled", pooled), ("independent", independent))}
    assert first["independent"]["estimate"].idxmin() == first["independent"]["expected_rank"].idxmin() == "A"
    assert first["pooled"]["estimate"].idxmin() == first["pooled"]["expected_rank"].idxmin() == "E"


def test_the_passport_of_the_example_names_its_source():
    passport = json.loads(find_asset("data", "surgical.passport.json").read_text(encoding="utf-8"))
    assert "BUGS" in passport["title"] + passport["publisher"] + passport["attribution"]
