"""The page says first whether forecasts beat simpler ones, and names each that they do not beat with its numbers."""

from dataclasses import replace
from types import SimpleNamespace

import pandas as pd
import pytest

from ranktrust import publish
from ranktrust.assets import find_asset
from ranktrust.evidence import BackTest, read_back_test
from ranktrust.files import sha256_of
from ranktrust.publish.back_test import back_test_sentences

COLUMNS = [f"{score}{part}" for part in ("", "_less_ours", "_error") for score in ("rps", "log", "crps")]
NOW = sha256_of(find_asset("models", "trajectory_estimate"))
FACTS = {"model_sha256": NOW, "indicator": "made", "measured": "2026-11-23", "trusts": 9, "months": 12,
         "first": "2025-06", "last": "2026-05", "window": 13, "block": 3}  # fmt: skip
NAN = float("nan")
ROWS = {
    "trajectory": (0.05, 3.7, 2.45, 0, 0, 0, 0, 0, 0),
    "last month": (0.06, 3.8, NAN, 0.01, 0.1, NAN, 0.004, 0.01, NAN),
    "no pooling": (0.07, 5.0, 2.6, 0.02, 1.3, 0.15, 0.001, 0.03, 0.1),
}


@pytest.fixture
def found():
    return BackTest(FACTS, pd.DataFrame.from_dict(ROWS, orient="index", columns=COLUMNS).astype(float))


def test_a_baseline_is_beaten_by_more_than_two_errors(found):
    assert found.outcome("last month", "rps") == "beaten"
    assert found.outcome("no pooling", "crps") == "not beaten"
    assert found.outcome("last month", "crps") == "no forecast"
    assert list(found.not_beaten()) == [("no pooling", "crps")]
    doubtful = found.scores.copy()
    doubtful.loc["last month", "rps_error"] = 0.006
    assert ("last month", "rps") in list(replace(found, scores=doubtful).not_beaten())


def test_the_verdict_comes_first_and_what_is_not_beaten_is_named_with_its_numbers(found):
    said = back_test_sentences(found)
    assert said[0] == "Next month's ranks were forecast better than by any of 2 simpler forecasts."
    assert said[1] == (
        "The forecast 'Each alone, by the last month' is not shown to do worse by the score of values, continuous "
        "score in percentage points: 2.60 against 2.45, difference 0.15 with a standard error of 0.10."
    )
    assert "for the 12 months from June 2025 to May 2026 and 9 trusts (measured 23 November 2026" in said[-1]
    worse = found.scores.copy()
    worse["rps_less_ours"] = -0.01
    assert "better than by none of 2 simpler forecasts" in back_test_sentences(replace(found, scores=worse))[0]


@pytest.mark.parametrize("digest", ["0" * 64, None])
def test_a_statement_that_was_changed_since_is_said_first(found, digest):
    said = back_test_sentences(replace(found, facts={**FACTS, "model_sha256": digest}))
    assert said[0].startswith("The statement has been changed since its forecasts were scored")
    assert said[1:] == back_test_sentences(found)


def test_the_committed_back_test_is_of_a_year_of_ae_and_is_on_its_page():
    found = read_back_test("ae_4h")
    assert found.facts["months"] >= 12
    assert {"last month", "no pooling", "a year before"} <= set(found.baselines)
    text = publish.change_back_test(SimpleNamespace(facts=SimpleNamespace(indicator="ae_4h"))).text
    for score in found.scores["rps"]:
        assert f"{score:.4f}" in text
    assert text.count("is not shown to do worse") == len(list(found.not_beaten()))


def test_an_indicator_without_a_back_test_has_no_such_block():
    assert read_back_test("shmi") is None
    assert publish.change_back_test(SimpleNamespace(facts=SimpleNamespace(indicator="shmi"))).text == ""
