"""Panels: frozen, checked all at once, and summed over exactly the months asked for."""

import numpy as np
import pandas as pd
import pytest
from small_panels import FEB, JAN, MAR, indicator, observation_table, small_panel, trust_table

from ranktrust.errors import DataError, Fault
from ranktrust.panel import (
    NO_SHARE,
    Share,
    check_panel,
    join_indicators,
    overlapping,
    period_label,
    period_text,
    period_times,
    sum_periods,
    to_natural,
)

FRAMES = ("observations", "trusts", "context", "missing", "left_out")
CONTEXT = pd.DataFrame({"deprivation": [-1.0, 0.0, 1.0]}, index=list("ABC"))


def months(first, last):
    """Labels of whole months, numbered from January 2024 as 0."""
    starts = pd.date_range("2024-01-01", periods=last + 1, freq="MS")[first:]
    return [period_label(str(day.date()), str((day + pd.offsets.MonthEnd()).date())) for day in starts]


def by_month(rows, kind="proportion", **parts):
    """A panel from (trust, period, first, second)."""
    columns = {"proportion": ("numerator", "denominator"), "estimate": ("estimate", "standard_error")}[kind]
    frame = pd.DataFrame(rows, columns=["trust", "period", *columns]).assign(indicator="x")
    return small_panel(kind=kind, observations=frame, **parts)


def faults_of(**parts):
    with pytest.raises(DataError) as caught:
        small_panel(**parts)
    return [str(fault) for fault in caught.value.faults]


# Frozen


@pytest.mark.parametrize("name", FRAMES)
def test_a_frame_handed_out_cannot_change_the_panel(name):
    gaps = pd.DataFrame({"trust": ["A"], "indicator": "x", "period": FEB, "reason": "suppressed", "note": ""})
    out = pd.DataFrame({"trust": ["Z"], "indicator": "x", "rows": [2], "reason": "outside the comparison set"})
    panel = small_panel(context=CONTEXT, missing=gaps, left_out=out)
    before = getattr(panel, name).copy(deep=True)
    frame = getattr(panel, name)
    frame.iloc[0, 0] = 99 if name == "context" else "changed"
    frame["extra"] = 1
    frame.index.name = "changed"
    pd.testing.assert_frame_equal(getattr(panel, name), before)


def test_a_frame_handed_in_cannot_change_the_panel():
    observations, trusts = observation_table("proportion", [1.0, 2.0], [5.0, 5.0]), trust_table(2, note=["", ""])
    panel = check_panel(observations=observations, trusts=trusts, indicators={"x": indicator()})
    observations.loc[0, "numerator"] = 4.0
    trusts.loc["A", "name"] = "changed"
    assert panel["numerator"].tolist() == [1.0, 2.0]
    assert panel.trusts.loc["A", "name"] == "Trust A"


def test_indicators_cannot_be_exchanged():
    panel = small_panel()
    with pytest.raises(TypeError, match="does not support item assignment"):
        panel.indicators["x"] = indicator(best="lowest")
    with pytest.raises(AttributeError, match="nested"):
        panel.nested = ("region",)


@pytest.mark.parametrize("name", ["numerator", "trust_idx", "period_idx", "indicator_idx", "region_idx", "context"])
def test_fields_are_read_only_and_apart_from_the_panel(name):
    panel = small_panel(context=CONTEXT)
    before, field = panel[name].copy(), panel[name]
    with pytest.raises(ValueError, match="read-only"):
        field[0] = 9
    field.flags.writeable = True
    field[...] = 9
    np.testing.assert_array_equal(panel[name], before)


# Faults


@pytest.mark.parametrize(
    ("kind", "first", "second", "words"),
    [
        ("proportion", -1.0, 10.0, "numerator = -1.0 is negative"),
        ("proportion", 11.0, 10.0, "numerator 11 is above denominator 10"),
        ("proportion", np.nan, 10.0, "numerator is empty"),
        ("proportion", np.inf, 10.0, "numerator = inf is not finite"),
        ("proportion", 0.0, 0.0, "denominator = 0.0 is not above zero"),
        ("proportion", 1.0, np.nan, "denominator is empty"),
        ("ratio", -1.0, 10.0, "observed = -1.0 is negative"),
        ("ratio", 1.0, 0.0, "expected = 0.0 is not above zero"),
        ("estimate", np.nan, 1.0, "estimate is empty"),
        ("estimate", -np.inf, 1.0, "estimate = -inf is not finite"),
        ("estimate", 1.0, 0.0, "standard_error = 0.0 is not above zero"),
    ],
)
def test_an_impossible_figure_is_one_fault_with_its_place(kind, first, second, words):
    found = faults_of(kind=kind, first=[1.0, first, 3.0], second=[10.0, second, 30.0])
    assert len(found) == 1
    assert found[0].startswith(f"figures of x, trust B, period {JAN}: {words}. ")


def test_every_fault_of_every_kind_is_reported_at_once():
    rows = observation_table("proportion", [-1.0, 30.0, np.nan, 1.0], [10.0, 20.0, 30.0, 40.0])
    other = observation_table("estimate", [5.0, 6.0], [0.1, 0.0], name="y")
    indicators = {"x": indicator(), "y": indicator("estimate", "y"), "z": indicator(name="z")}
    found = faults_of(observations=pd.concat([rows, other]), trusts=trust_table(3), indicators=indicators)
    words = ("-1.0 is negative", "30 is above", "numerator is empty", "trust D: is not in", "0.0 is not above zero")
    assert [sum(text in fault for fault in found) for text in words] == [1, 1, 1, 1, 1]
    assert sum("indicator z: has no observation" in fault for fault in found) == 1
    assert len(found) == 6


def test_a_doubled_key_is_named_once():
    rows = observation_table("proportion", [1.0, 2.0], [10.0, 20.0])
    found = faults_of(observations=pd.concat([rows, rows.iloc[[1]]]))
    assert found == [
        f"figures of x, trust B, period {JAN}: the same trust, indicator and period occurs more than once. "
        "Keep one row for each trust, indicator and period"
    ]


def test_strangers_among_trusts_and_indicators_are_named():
    rows = pd.concat([observation_table("proportion", [1.0] * 3, [5.0] * 3, name=name) for name in ("x", "w")])
    found = faults_of(observations=rows, trusts=trust_table(2))
    assert found == [
        "observations, trust C: is not in the table of trusts. Add it there, or leave its rows out",
        "observations, indicator w: is not defined. Define it, or leave its rows out",
    ]


@pytest.mark.parametrize(
    ("values", "codes", "words"),
    [
        ([0.0, 1.0], "AB", "context, trust C: has no row"),
        ([0.0, np.nan, 1.0], "ABC", "context, trust B, column deprivation: is empty"),
        ([0.0, np.inf, 1.0], "ABC", "context, trust B, column deprivation: inf is not a finite number"),
        (["0", "few", "1"], "ABC", "context, trust B, column deprivation: few is not a finite number"),
        ([0.0, 1.0, 1.0, 2.0], "ABBC", "context, trust B: occurs more than once"),
    ],
)
def test_covariates_must_be_there_once_and_finite(values, codes, words):
    found = faults_of(context=pd.DataFrame({"deprivation": values}, index=list(codes)))
    assert len(found) == 1
    assert found[0].startswith(words)


def test_a_trust_listed_twice_is_a_fault():
    trusts = trust_table(3)
    assert faults_of(trusts=pd.concat([trusts, trusts.loc[["B"]]]))[0].startswith("trusts, trust B: occurs more than")


def test_an_absent_column_is_a_fault():
    rows = observation_table("proportion", [1.0], [5.0]).drop(columns="denominator")
    assert "the table: column denominator breaks the rule 'column_in_dataframe'" in faults_of(observations=rows)[0]


def test_the_files_name_stands_in_the_message():
    found = faults_of(first=[-1.0], second=[1.0], files={"x": "ae_4h.csv"})
    assert found[0].startswith(f"ae_4h.csv, trust A, period {JAN}: ")


def test_whole_numbers_are_figures():
    assert small_panel(first=[1, 2, 3], second=[4, 5, 6])["numerator"].dtype == np.float64


def test_a_data_error_counts_its_faults_and_needs_one():
    fault = Fault("a.csv", "line 2", "is odd", "Look")
    assert str(DataError([fault])) == "1 fault in the data:\n  a.csv, line 2: is odd. Look"
    assert str(DataError([fault] * 2)).startswith("2 faults in the data:\n")
    with pytest.raises(ValueError, match="at least one fault"):
        DataError([])


# Fields, dimensions and coordinates


def test_observations_stand_by_period_and_then_in_the_order_of_trusts():
    panel = by_month([("C", FEB, 1, 9), ("A", FEB, 2, 9), ("B", JAN, 3, 9), ("A", JAN, 4, 9)], trusts=trust_table(3))
    assert panel["numerator"].tolist() == [4.0, 3.0, 2.0, 1.0]
    assert panel["trust_idx"].tolist() == [0, 1, 0, 2]
    assert panel["period_idx"].tolist() == [0, 0, 1, 1]
    assert panel["indicator_idx"].tolist() == [0, 0, 0, 0]


def test_coordinates_name_every_dimension():
    coords = small_panel(context=CONTEXT).coords
    assert coords == {
        "trust": ["A", "B", "C"],
        "indicator": ["x"],
        "period": [JAN],
        "observation": [0, 1, 2],
        "observation_ratio": [],
        "observation_proportion": [0, 1, 2],
        "observation_estimate": [],
        "other_indicator": ["x"],
        "covariate": ["deprivation"],
        "region": [],
        "icb": [],
    }


IN_BOARDS = trust_table(3, region=["South", "North", "South"], icb=["J", "I", "J"])


def test_regions_are_there_only_when_nested():
    flat, nested = small_panel(), small_panel(nested=("region",))
    assert (flat.coords["region"], flat["region_idx"].tolist()) == ([], [0, 0, 0])
    assert (nested.coords["region"], nested["region_idx"].tolist()) == (["East", "North", "South"], [1, 2, 0])


def test_integrated_care_boards_are_there_only_when_nested():
    flat, alone, both = (small_panel(trusts=IN_BOARDS, nested=nested) for nested in ((), ("icb",), ("region", "icb")))
    assert (flat.coords["icb"], flat["icb_idx"].tolist()) == ([], [0, 0, 0])
    assert (alone.coords["icb"], alone["icb_idx"].tolist()) == (["I", "J"], [1, 0, 1])
    assert (alone.coords["region"], alone["region_idx"].tolist()) == ([], [0, 0, 0])
    assert (both.coords["region"], both.coords["icb"]) == (["North", "South"], ["I", "J"])


def test_groups_that_cannot_be_nested_are_faults():
    with pytest.raises(DataError) as caught:
        small_panel(
            trusts=trust_table(3, region=["North", "South", "East"], icb=["I", "I", ""]), nested=("region", "icb")
        )
    assert str(caught.value).splitlines()[1:] == [
        "  trusts, trust C: has no icb, which is nested above trusts. Add it, or nest without it",
        "  trusts, icb I: lies in more than one region. Correct a row, or nest one of the two",
    ]


def test_dims_have_the_shape_of_their_field():
    panel = small_panel(context=CONTEXT, nested=("region", "icb"), trusts=IN_BOARDS)
    fields = ("numerator", "denominator", "trust_idx", "period_idx", "indicator_idx", "region_idx", "icb_idx")
    for name in (*fields, "context"):
        assert panel[name].shape == tuple(len(panel.coords[dim]) for dim in panel.dims(name)), name
    assert panel.dims("context") == ("trust", "covariate")
    assert panel.dims("region_idx") == panel.dims("icb_idx") == ("trust",)


def test_context_without_covariates_has_no_column():
    assert small_panel()["context"].shape == (3, 0)


def test_a_field_of_another_kind_is_a_key_error():
    with pytest.raises(KeyError, match="this panel has no field 'observed'"):
        small_panel()["observed"]


def test_one_keeps_the_indicator_and_the_trusts_that_have_it():
    first = observation_table("proportion", [1.0, 2.0, 3.0], [5.0] * 3)
    second = observation_table("ratio", [7.0, 8.0], [4.0] * 2, name="y")
    indicators = {"x": indicator(), "y": indicator("ratio", "y")}
    panel = small_panel(observations=pd.concat([first, second]), indicators=indicators, context=CONTEXT)
    one = panel.one("y")
    assert (one.only.name, one.coords["trust"]) == ("y", ["A", "B"])
    assert one["observed"].tolist() == [7.0, 8.0]
    assert one["context"].tolist() == [[-1.0], [0.0]]
    with pytest.raises(KeyError, match="no field 'numerator'"):
        one["numerator"]


def test_one_names_the_indicators_there_are():
    with pytest.raises(KeyError, match="no indicator 'z' in this panel; there are: x"):
        small_panel().one("z")


# Sums of periods


def test_counts_are_summed_over_exactly_twelve_months():
    every = months(0, 14)
    panel = by_month([("A", label, 10.0**0, 2.0 + k) for k, label in enumerate(every)], trusts=trust_table(1))
    summed = sum_periods(panel)
    assert summed["numerator"].tolist() == [12.0]
    assert summed["denominator"].tolist() == [sum(2.0 + k for k in range(3, 15))]
    assert summed.periods == ("2024-04-01/2025-03-31",)


def test_another_number_of_months_can_be_asked_for():
    panel = by_month([("A", label, 1, 9) for label in months(0, 5)], trusts=trust_table(1))
    assert [sum_periods(panel, k)["numerator"][0] for k in (1, 3, 6, 7)] == [1.0, 3.0, 6.0, 6.0]


def test_fewer_months_than_asked_are_all_summed():
    panel = by_month([("A", label, 1, 9) for label in (JAN, FEB, MAR)], trusts=trust_table(1))
    assert sum_periods(panel).periods == ("2025-01-01/2025-03-31",)
    assert sum_periods(panel)["numerator"].tolist() == [3.0]


def test_an_undated_panel_stays_as_it_is():
    summed = sum_periods(by_month([("A", "undated", 1, 9), ("B", "undated", 2, 9)], trusts=trust_table(2)))
    assert summed.periods == ("undated",)
    assert summed["numerator"].tolist() == [1.0, 2.0]


def test_estimates_take_the_last_period_and_never_add():
    rows = [("A", JAN, 5.0, 0.1), ("B", JAN, 6.0, 0.2), ("A", FEB, 7.0, 0.3)]
    summed = sum_periods(by_month(rows, "estimate", trusts=trust_table(2)))
    assert (summed.coords["trust"], summed["estimate"].tolist(), summed.periods) == (["A"], [7.0], (FEB,))
    assert summed["standard_error"].tolist() == [0.3]


def test_a_late_starter_keeps_what_it_has_and_stands_in_missing():
    rows = [("A", JAN, 1, 9), ("A", FEB, 2, 9), ("B", FEB, 3, 9), ("A", MAR, 4, 9), ("B", MAR, 5, 9)]
    gaps = pd.DataFrame({"trust": ["B"], "indicator": "x", "period": JAN, "reason": "not_submitted", "note": ""})
    panel = by_month(rows, trusts=trust_table(2), missing=gaps)
    assert sum_periods(panel)["numerator"].tolist() == [7.0, 8.0]
    assert sum_periods(panel).missing[["trust", "period"]].to_numpy().tolist() == [["B", JAN]]
    assert len(sum_periods(panel, 2).missing) == 0


def test_a_trust_without_a_figure_in_the_window_is_dropped():
    panel = by_month([("A", FEB, 1, 9), ("B", JAN, 2, 9)], trusts=trust_table(2), context=CONTEXT)
    summed = sum_periods(panel, 1)
    assert (summed.coords["trust"], summed["context"].tolist()) == (["A"], [[-1.0]])


@pytest.mark.parametrize(
    ("label", "text"),
    [
        (JAN, "January 2025"),
        ("2025-01-01/2025-12-31", "January to December 2025"),
        ("2025-06-01/2026-05-31", "June 2025 to May 2026"),
        ("undated", "an undated period"),
    ],
)
def test_a_period_in_words(label, text):
    assert period_text(label) == text


def test_labels_sort_in_time():
    assert (period_label("", ""), period_label("2025-01-01", "2025-01-31")) == ("undated", JAN)
    assert months(8, 13) == sorted(months(8, 13))


# Digests


def changed(**parts):
    return small_panel(**{"context": CONTEXT, **parts}).sha256


def share(alpha):
    shares = {"none": NO_SHARE, "this_period": Share(alpha, 9.0, 1.0, "a guess")}
    return {"x": indicator(shares=shares)}


def test_the_digest_follows_everything_a_fit_depends_on():
    digests = [
        changed(),
        changed(first=[1.0, 2.0, 3.5]),
        changed(context=CONTEXT * 2),
        changed(nested=("region",)),
        changed(nested=("icb",), trusts=IN_BOARDS),
        changed(indicators=share(1.0)),
        changed(indicators=share(2.0)),
    ]
    assert len(set(digests)) == len(digests)


def test_the_digest_sees_the_last_bit_of_a_figure():
    assert changed(first=[1.0, 2.0, np.nextafter(3.0, 4.0)]) != changed()


def test_the_digest_does_not_follow_the_order_of_rows_or_the_benchmark():
    rows = observation_table("proportion", [1.0, 2.0, 3.0], [10.0, 20.0, 30.0])
    assert changed(observations=rows.iloc[::-1]) == changed()
    assert changed(context=CONTEXT.iloc[::-1]) == changed()
    assert changed(indicators={"x": indicator(title="Another title")}) == changed()


@pytest.mark.parametrize(("kind", "at_zero", "at_one"), [("ratio", 1.0, np.e), ("estimate", 0.0, 1.0)])
def test_natural_values_of_ratios_and_estimates(kind, at_zero, at_one):
    np.testing.assert_allclose(to_natural(kind, [0.0, 1.0]), [at_zero, at_one], rtol=1e-15)


def test_natural_values_of_proportions():
    np.testing.assert_allclose(to_natural("proportion", [0.0, np.log(3)]), [0.5, 0.75], rtol=1e-15)


def test_the_mean_of_a_share():
    assert Share(2.0, 6.0, 0.5, "somewhere").mean == 0.125
    assert NO_SHARE.mean == 0.0


def test_period_times_count_steps_whatever_the_length_of_a_month():
    gapped = ["2025-01-01/2025-01-31", "2025-02-01/2025-02-28", "2025-04-01/2025-04-30"]
    assert period_times(gapped) == pytest.approx([0.0, 1.0, 3.0])
    quarters = ["2024-10-01/2024-12-31", "2025-01-01/2025-03-31", "2025-07-01/2025-09-30"]
    assert period_times(quarters) == pytest.approx([0.0, 1.0, 3.0])
    assert period_times(gapped[:1]) == pytest.approx([0.0])


def test_periods_that_overlap_are_named():
    rolling = ["2024-01-01/2024-12-31", "2024-04-01/2025-03-31", "2025-04-01/2026-03-31"]
    assert overlapping(rolling) == [(rolling[0], rolling[1])]
    assert overlapping(rolling[1:]) == []


def test_panels_of_one_indicator_join_into_one_of_several():
    one = small_panel(context=CONTEXT)
    other = small_panel(
        kind="estimate",
        observations=observation_table("estimate", [5.0, 6.0], [0.1, 0.2], period=FEB, name="z"),
        indicators={"z": indicator("estimate", "z")},
        trusts=trust_table(2),
        context=CONTEXT.loc[["A", "B"]],
    )
    joined = join_indicators({"z": other, "x": one})
    assert joined.coords["indicator"] == ["z", "x"]
    assert joined.coords["trust"] == ["A", "B", "C"]
    assert joined["kind_idx"].tolist() == [2, 1]
    rows = joined.rows("estimate")
    assert joined["estimate"][rows].tolist() == [5.0, 6.0]
    assert joined["indicator_idx"][rows].tolist() == [0, 0]
    assert np.isnan(joined["numerator"][rows]).all()
    assert joined["numerator"][joined.rows("proportion")].tolist() == [1.0, 2.0, 3.0]
    assert len(joined.rows("ratio")) == 0
    with pytest.raises(ValueError, match="nest different groups"):
        join_indicators({"z": other, "x": small_panel(nested=("region",))})
