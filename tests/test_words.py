"""Probabilities in words: never 0 or 1, never finer than their error."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ranktrust.words import count_text, interval_text, natural_text, probability_text

UNITS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1)
PROBABILITIES = st.integers(1, 99_999).map(lambda k: k / 100_000)
ERRORS = st.integers(0, 500).map(lambda k: k / 10_000)
SIZES = st.integers(4, 1_000_000).map(float)


def unit_of(mcse):
    return min(unit for unit in UNITS if unit >= 2 * mcse)


def number(text):
    return float(text.strip("<>% ")) / 100


@given(st.one_of(st.sampled_from([0.0, 1.0]), PROBABILITIES), ERRORS, SIZES)
def test_nothing_is_impossible_or_certain(probability, mcse, ess):
    text = probability_text(probability, mcse, ess)
    assert 0 < number(text) < 1
    assert text[0] == ">" if probability == 1 else text[0] == "<" if probability == 0 else True


@given(PROBABILITIES, ERRORS, SIZES)
def test_a_printed_number_is_within_half_its_unit(probability, mcse, ess):
    text, unit = probability_text(probability, mcse, ess), unit_of(mcse)
    if text[0] in "<>":
        assert min(probability, 1 - probability) <= unit / 2 + 1e-12
        assert number(text) == pytest.approx(unit if text[0] == "<" else 1 - unit)
    else:
        assert abs(number(text) - probability) <= unit / 2 + 1e-12


@given(PROBABILITIES, ERRORS, SIZES)
def test_a_printed_number_is_a_multiple_of_a_unit_of_twice_the_error(probability, mcse, ess):
    text, unit = probability_text(probability, mcse, ess), unit_of(mcse)
    assert unit >= 2 * mcse
    assert number(text) / unit == pytest.approx(round(number(text) / unit), abs=1e-9)


@given(PROBABILITIES, PROBABILITIES, ERRORS, SIZES)
def test_a_larger_probability_never_prints_smaller(one, other, mcse, ess):
    low, high = sorted([one, other])
    assert number(probability_text(low, mcse, ess)) <= number(probability_text(high, mcse, ess)) + 1e-12


@given(SIZES, SIZES)
def test_more_draws_bound_the_unseen_more_tightly(one, other):
    few, many = sorted([one, other])
    never, always = ([number(probability_text(p, 0.01, ess)) for ess in (few, many)] for p in (0.0, 1.0))
    assert never[1] <= never[0]
    assert always[1] >= always[0]


@given(SIZES)
def test_the_bound_of_the_unseen_is_the_rule_of_three_rounded_away_from_certainty(ess):
    never, always = (number(probability_text(p, 0.01, ess)) for p in (0.0, 1.0))
    assert 3 / ess - 1e-9 <= never <= 3 / ess + 0.001 + 1e-9
    assert never + always == pytest.approx(1)


@pytest.mark.parametrize(
    ("probability", "mcse", "ess", "text"),
    [
        (0.372, 0.004, 4000, "37%"),
        (0.372, 0.0005, 4000, "37.2%"),
        (0.372, 0.01, 400, "38%"),
        (0.372, 0.04, 100, "40%"),
        (0.0004, 0.0003, 4000, "< 0.1%"),
        (0.9996, 0.0003, 4000, "> 99.9%"),
        (0.004, 0.005, 400, "< 1%"),
        (0.996, 0.005, 400, "> 99%"),
        (0.0, 0.0003, 1000, "< 0.3%"),
        (1.0, 0.0003, 1000, "> 99.7%"),
        (0.0, 0.0003, 4000, "< 0.1%"),
        (0.0, 0.03, 30, "< 10%"),
    ],
)
def test_examples(probability, mcse, ess, text):
    assert probability_text(probability, mcse, ess) == text


@pytest.mark.parametrize("ess", [3.0, 1.0, 0.0, math.nan])
@pytest.mark.parametrize("probability", [0.0, 1.0])
def test_too_few_draws_bound_nothing_and_say_so(probability, ess):
    assert probability_text(probability, 0.3, ess) == "not known"


@pytest.mark.parametrize("mcse", [0.2, math.nan])
def test_an_error_above_any_unit_leaves_no_number(mcse):
    assert probability_text(0.37, mcse, 3.0) == "not known"


@pytest.mark.parametrize(
    ("kind", "value", "text"),
    [("proportion", 0.6123, "61.2%"), ("ratio", 0.9712, "0.97"), ("estimate", 6.849, "6.85")],
)
def test_natural_values(kind, value, text):
    assert natural_text(kind, value) == text


def test_an_interval_on_the_natural_scale():
    assert interval_text("proportion", 0.5914, 0.633) == "59.1% to 63.3%"


@pytest.mark.parametrize(
    ("count", "text"), [(0, "no trust"), (1, "1 trust"), (12, "12 trusts"), (1234, "1,234 trusts")]
)
def test_counts(count, text):
    assert count_text(count, "trust") == text


def test_counts_with_a_plural_of_their_own():
    assert [count_text(k, "survey", "surveys done") for k in (1, 2)] == ["1 survey", "2 surveys done"]
