"""From a study and the figures in data/ to panels: windows, mergers, what is left out, and every fault."""

import csv
import json
from collections import defaultdict
from pathlib import Path

import numpy as np
import pytest

from ranktrust.assemble import assemble, figures_used
from ranktrust.errors import DataError, StudyError
from ranktrust.files import sha256_of
from ranktrust.study import read_study

PROJECT = Path(__file__).resolve().parents[1]
DATA = PROJECT / "data"
CANCER = [f"2024-{month}-01" for month in (10, 11, 12)] + [f"2025-0{month}-01" for month in range(1, 8)]


def rows_of(name, **wanted):
    with (DATA / f"{name}.csv").open(encoding="utf-8", newline="") as lines:
        return [row for row in csv.DictReader(lines) if all(row[key] in value for key, value in wanted.items())]


def sums(name, **wanted):
    """(numerator, denominator) added up by plain Python over rows of the file."""
    rows = rows_of(name, **wanted)
    return tuple(sum(float(row[column]) for row in rows) for column in ("numerator", "denominator"))


@pytest.fixture(scope="module")
def acute():
    return assemble(read_study(PROJECT / "studies" / "acute.toml"))


def figures(panel, trust):
    row = panel.observations.set_index("trust").loc[trust]
    return tuple(row[["numerator", "denominator"]])


# The project's own figures


def test_the_acute_study_has_seven_panels_in_its_order(acute):
    names = "ae_4h cancer_62d cancer_28d cancelled_28d shmi fft_inpatient staff_engagement"
    assert " ".join(acute) == names
    sizes = {name: len(panel.trusts) for name, panel in acute.items()}
    assert sizes == dict.fromkeys(acute, 118) | {"fft_inpatient": 113}


def test_trusts_that_did_not_answer_are_missing_with_their_reason(acute):
    missing = acute["fft_inpatient"].missing
    assert sorted(missing["trust"]) == ["RA9", "RH5", "RLQ", "RM1", "RWD"]
    assert set(missing["reason"]) == {"not_submitted"}
    assert acute["ae_4h"].missing.empty


@pytest.mark.parametrize(
    ("name", "period"),
    [
        ("ae_4h", "2025-06-01/2026-05-31"),
        ("cancer_62d", "2024-10-01/2025-07-31"),
        ("cancer_28d", "2024-10-01/2025-07-31"),
        ("cancelled_28d", "2024-07-01/2025-06-30"),
        ("shmi", "2025-01-01/2025-12-31"),
        ("fft_inpatient", "2026-03-01/2026-03-31"),
        ("staff_engagement", "2024-09-01/2024-11-30"),
    ],
)
def test_windows(acute, name, period):
    assert acute[name].periods == (period,)


@pytest.mark.parametrize("trust", ["R0A", "RAL", "RYR"])
def test_emergency_attendances_are_the_sum_of_the_last_twelve_months(acute, trust):
    starts = [f"2025-{month:02d}-01" for month in range(6, 13)] + [f"2026-{month:02d}-01" for month in range(1, 6)]
    assert len(rows_of("ae_4h", trust={trust}, period_start=starts)) == 12
    assert figures(acute["ae_4h"], trust) == sums("ae_4h", trust={trust}, period_start=starts)


@pytest.mark.parametrize("name", ["cancer_62d", "cancer_28d", "cancelled_28d"])
def test_a_merged_trusts_counts_stand_under_its_successor(acute, name):
    together, alone = sums(name, trust={"RAL", "RAP"}), sums(name, trust={"RAL"})
    assert figures(acute[name], "RAL") == together
    assert together[1] > alone[1]
    assert "RAP" not in set(acute[name].observations["trust"])


@pytest.mark.parametrize("name", ["cancer_62d", "cancelled_28d"])
def test_every_other_trust_has_its_own_rows_alone(acute, name):
    for trust in sorted(set(acute[name].trusts.index) - {"RAL"}):
        assert figures(acute[name], trust) == sums(name, trust={trust}), trust


def test_merged_estimates_are_weighted_by_base(acute):
    rows = {row["trust"]: row for row in rows_of("staff_engagement", trust={"RAL", "RAP"})}
    (n1, e1, s1), (n2, e2, s2) = (
        tuple(float(rows[trust][name]) for name in ("base", "estimate", "standard_error")) for trust in ("RAL", "RAP")
    )
    found = acute["staff_engagement"].observations.set_index("trust").loc["RAL"]
    assert found["estimate"] == pytest.approx((n1 * e1 + n2 * e2) / (n1 + n2), rel=1e-14)
    assert found["standard_error"] == pytest.approx(np.hypot(n1 * s1, n2 * s2) / (n1 + n2), rel=1e-14)


def test_estimates_of_the_others_stay_as_published(acute):
    published = {row["trust"]: float(row["estimate"]) for row in rows_of("staff_engagement")}
    found = acute["staff_engagement"].observations.set_index("trust")["estimate"].drop("RAL")
    assert found.to_dict() == {trust: published[trust] for trust in found.index}


@pytest.mark.parametrize(
    ("name", "starts"),
    [
        ("ae_4h", [f"2025-{m:02d}-01" for m in range(6, 13)] + [f"2026-{m:02d}-01" for m in range(1, 6)]),
        ("cancer_62d", CANCER),
        ("cancelled_28d", ["2024-07-01", "2024-10-01", "2025-01-01", "2025-04-01"]),
        ("fft_inpatient", ["2026-03-01"]),
    ],
)
def test_the_benchmark_is_the_national_ratio_of_the_window(acute, name, starts):
    rows = rows_of("national", indicator={name}, period_start=starts)
    assert len(rows) == len(starts)
    numerator, denominator = (sum(float(row[key]) for row in rows) for key in ("numerator", "denominator"))
    assert acute[name].only.benchmark.value == pytest.approx(numerator / denominator, rel=1e-14)
    assert acute[name].only.benchmark.basis == rows[-1]["basis"]


def test_benchmarks_without_counts_are_the_published_value(acute):
    assert acute["shmi"].only.benchmark.value == 1.0
    assert acute["staff_engagement"].only.benchmark.value == 6.850898289254269


def test_specialists_and_childrens_trusts_are_left_out_with_a_reason(acute):
    left_out = acute["ae_4h"].left_out.set_index("trust")
    specialists = {row["trust"] for row in rows_of("trusts", subtype={"Acute - Specialist"})}
    assert set(left_out.index) == {"RBS", "RCU", "RQ3"}
    assert len(specialists & set(acute["staff_engagement"].left_out["trust"])) == len(specialists) == 11
    assert set(left_out["reason"]) == {"outside the comparison set"}
    assert left_out.loc["RBS", "rows"] == len(rows_of("ae_4h", trust={"RBS"}))


def test_every_row_of_a_file_is_used_or_left_out(acute):
    kept = defaultdict(int)
    for row in rows_of("cancelled_28d"):
        kept["RAL" if row["trust"] == "RAP" else row["trust"]] += 1
    panel = acute["cancelled_28d"]
    used = sum(kept[trust] for trust in panel.trusts.index)
    assert used + int(panel.left_out["rows"].sum()) == len(rows_of("cancelled_28d"))


def test_standards_are_the_declared_ones_or_the_national_value(acute):
    found = {name: panel.only.standard for name, panel in acute.items()}
    assert (found["cancer_62d"].value, found["cancer_28d"].value) == (0.75, 0.8)
    assert (found["shmi"].value, found["shmi"].delta) == (1.0, 0.05)
    assert found["ae_4h"].name == "benchmark"
    assert found["ae_4h"].value == acute["ae_4h"].only.benchmark.value
    assert (found["fft_inpatient"].delta, found["ae_4h"].delta) == (0.01, 0.0)


def test_deprivation_is_measured_from_the_studys_reference(acute):
    raw = {row["trust"]: row["deprivation"] for row in rows_of("context")}
    found = acute["ae_4h"].context["deprivation"]
    assert found["R0A"] == pytest.approx((float(raw["R0A"]) - 21.5) / 6.1, rel=1e-14)
    assert [trust for trust in found.index if not raw.get(trust)] == ["RH5"]
    assert found["RH5"] == 0.0


def test_a_trust_set_to_the_reference_says_so(acute):
    notes = acute["ae_4h"].trusts["note"]
    assert notes["RH5"].startswith("deprivation set to the reference: ")
    assert [trust for trust in notes.index if "set to the reference" in notes[trust]] == ["RH5"]
    assert notes["R0A"].startswith("catchment from before the merger")


def test_an_indicator_carries_its_passport_and_the_rule_of_its_counts(acute):
    for name, more in (("ae_4h", 0), ("shmi", 1)):
        passport = json.loads((DATA / f"{name}.passport.json").read_text(encoding="utf-8"))
        notes = list(acute[name].only.passport["notes"])
        assert dict(acute[name].only.passport) | {"notes": passport["notes"]} == passport
        assert notes[: len(passport["notes"])] == passport["notes"]
        assert len(notes) == len(passport["notes"]) + more
    assert notes[-1].endswith("Counts of 1 to 7 are suppressed and others rounded to the nearest 5.")


def test_the_surgical_study_takes_its_hospitals_from_the_figures():
    panel = assemble(read_study(PROJECT / "studies" / "surgical.toml"))["surgical"]
    assert (panel.coords["trust"], panel.periods) == (list("ABCDEFGHIJKL"), ("undated",))
    assert panel.trusts.loc["A", "name"] == "Hospital A"
    assert figures(panel, "B") == (18.0, 148.0)


def test_a_study_names_the_digest_of_each_file_it_reads():
    used = figures_used(read_study(PROJECT / "studies" / "surgical.toml"))
    always = ["indicators.toml", "national.csv", "standards.csv", "successions.csv"]
    assert list(used) == [*always, "surgical.csv", "surgical.passport.json"]
    assert used["surgical.csv"] == sha256_of(DATA / "surgical.csv")
    more = figures_used(read_study(PROJECT / "studies" / "acute.toml"))
    assert set(more) - set(used) >= {"trusts.csv", "context.csv", "ae_4h.csv", "staff_engagement.csv"}


# A study with figures of its own

INDICATOR = """
[indicator.{name}]
title = "Title"
kind = "{kind}"
best = "highest"
unit = "of patients"
domain = "care"
comparability = "direct"
"""
STUDY = """
schema_version = 1
name = "own"
title = "A title"
question = "A question?"
date = 2026-06-30
[trusts]
description = "some trusts"
{trusts}
[fit]
seed = 1
"""
TRUSTS = "trust,name,region,icb,type,subtype\nA,Ay,N,,,Big\nB,Bee,S,,,Big\nC,Cee,S,,,Small\n"
FIGURES = (
    "trust,indicator,period_start,period_end,numerator,denominator\n"
    "A,x,2026-01-01,2026-01-31,1,10\nB,x,2026-01-01,2026-01-31,2,20\nC,x,2026-01-01,2026-01-31,3,30\n"
)
SCORES = (
    "trust,indicator,period_start,period_end,estimate,standard_error,base\n"
    "A,y,2026-01-01,2026-01-31,5,0.1,100\nB,y,2026-01-01,2026-01-31,6,0.2,300\nC,y,2026-01-01,2026-01-31,7,0.3,50\n"
)
NATIONAL = "indicator,period_start,period_end,numerator,denominator,value,basis\n"
FEBRUARY = "A,x,2026-02-01,2026-02-28,4,10\n"
PASSPORT = json.dumps(dict.fromkeys(("title", "publisher", "address", "licence", "attribution", "retrieved"), "known"))
FILES = {
    "indicators.toml": INDICATOR.format(name="x", kind="proportion") + INDICATOR.format(name="y", kind="estimate"),
    "x.csv": FIGURES,
    "y.csv": SCORES,
    "x.passport.json": PASSPORT,
    "y.passport.json": PASSPORT,
    "trusts.csv": TRUSTS,
    "standards.csv": "indicator,standard,value,source\nx,aim,0.2,a page\n",
    "national.csv": "indicator,period_start,period_end,numerator,denominator,value,basis\n"
    "x,2026-01-01,2026-01-31,30,120,0.25,all\ny,2026-01-01,2026-01-31,,,6.5,mean\n",
    "successions.csv": "old_trust,new_trust,date,note\nC,B,2026-06-01,joined\n",
    "context.csv": "trust,age,note\nA,40,\nB,60,odd\nC,,\n",
}
AGE = '[context.age]\ncentre = 50.0\nscale = 10.0\nsource = "chosen"\nmissing = "{missing}"\n'


@pytest.fixture
def own(tmp_path):
    """Panels of the study `own`, whose data files stand beside it; `files` and the text may be changed."""

    def make(*names, trusts="", extra="", asked="", **files):
        for name, text in {**FILES, **{key.replace("__", "."): value for key, value in files.items()}}.items():
            (tmp_path / name).write_text(text, encoding="utf-8")
        tables = "".join(f'[[indicator]]\nname = "{name}"\n{asked}\n' for name in names or ("x",))
        (tmp_path / "own.toml").write_text(STUDY.format(trusts=trusts) + extra + tables, encoding="utf-8")
        return assemble(read_study(tmp_path / "own.toml"))

    return make


def faults(own, *names, **changes):
    with pytest.raises(DataError) as caught:
        own(*names, **changes)
    return [str(fault) for fault in caught.value.faults]


def test_files_beside_a_study_come_first_and_a_succession_is_followed(own):
    panels = own("x", "y")
    assert panels["x"].observations[["trust", "numerator"]].to_numpy().tolist() == [["A", 1.0], ["B", 5.0]]
    assert panels["y"]["estimate"].tolist() == [5.0, pytest.approx((300 * 6 + 50 * 7) / 350)]
    assert panels["x"].only.standard.value == 0.25


def test_a_succession_after_the_studys_date_is_not_followed(own):
    later = "old_trust,new_trust,date,note\nC,B,2026-07-01,to join\n"
    assert own(successions__csv=later)["x"].coords["trust"] == ["A", "B", "C"]


def test_successions_are_followed_in_order_of_date(own):
    chain = "old_trust,new_trust,date,note\nB,A,2026-05-01,second\nC,B,2026-04-01,first\n"
    assert figures(own(successions__csv=chain)["x"], "A") == (6.0, 60.0)


SPLIT = "old_trust,new_trust,date,note\nC,A,2026-04-01,part\nC,B,2026-04-01,part\n"


def test_a_split_is_refused_with_the_choice_to_make(own):
    (said,) = faults(own, successions__csv=SPLIT)
    assert "trust C" in said
    assert '[trusts.successors] C = "A" or C = "B"' in said


def test_a_split_goes_where_the_study_says(own):
    panel = own(trusts='successors = { C = "A" }', successions__csv=SPLIT)["x"]
    assert figures(panel, "A") == (4.0, 40.0)
    assert panel.coords["trust"] == ["A", "B"]


def test_codes_in_a_circle_are_refused_and_one_that_follows_itself_is_none(own):
    circle = "old_trust,new_trust,date,note\nB,C,2026-04-01,\nC,B,2026-05-01,\n"
    assert "in a circle" in faults(own, successions__csv=circle)[0]
    itself = "old_trust,new_trust,date,note\nC,C,2026-04-01,renamed\n"
    assert own(successions__csv=itself)["x"].coords["trust"] == ["A", "B", "C"]


def test_a_succession_without_a_date_is_named_with_its_line(own):
    with pytest.raises(DataError, match=r"successions.csv, line 2, column date: 'soon' is not a date"):
        own(successions__csv="old_trust,new_trust,date,note\nC,B,soon,\n")


def test_subtypes_choose_the_comparison_set(own):
    panel = own(trusts='subtypes = ["Small"]', successions__csv="old_trust,new_trust,date,note\n")["x"]
    assert panel.coords["trust"] == ["C"]
    assert panel.left_out[["trust", "rows"]].to_numpy().tolist() == [["A", 1], ["B", 1]]


def test_an_unknown_indicator_names_those_there_are(own):
    with pytest.raises(StudyError, match=r"own\.toml: no indicator z, w; there are: ae_4h, .*surgical, x, y"):
        own("z", "x", "w")


def test_an_unknown_subtype_names_those_there_are(own):
    with pytest.raises(StudyError, match=r"no subtype Huge in trusts\.csv; there are: Big, Small"):
        own(trusts='subtypes = ["Huge", "Big"]')


def test_an_unknown_standard_names_those_there_are(own):
    with pytest.raises(StudyError, match=r"no standard 'hope' for x in standards\.csv; there are: aim"):
        own(asked='standard = "hope"')


def test_a_studys_standard_and_delta_take_the_place_of_the_default(own):
    standard = own(asked='standard = "aim"\ndelta = 0.03')["x"].only.standard
    assert (standard.name, standard.value, standard.delta, standard.source) == ("aim", 0.2, 0.03, "a page")


def test_without_standard_or_national_value_there_is_none(own):
    indicator = own(national__csv="indicator,period_start,period_end,numerator,denominator,value,basis\n")["x"].only
    assert (indicator.benchmark, indicator.standard) == (None, None)


def test_an_unknown_covariate_is_refused(own):
    with pytest.raises(StudyError, match=r"own\.toml: context\.csv has no covariate age"):
        own(extra=AGE.format(missing="refuse"), context__csv="trust,note\nA,\n")


def test_a_covariate_without_a_value_is_refused_or_set_to_the_reference(own):
    none = "old_trust,new_trust,date,note\n"
    found = faults(own, extra=AGE.format(missing="refuse"), successions__csv=none)
    assert found == [
        "context, trust C, column age: is empty. Give a value, or declare the reference value",
    ]
    panel = own(extra=AGE.format(missing="reference"), successions__csv=none)["x"]
    assert panel["context"].tolist() == [[-1.0], [1.0], [0.0]]
    assert panel.trusts["note"].tolist() == ["", "odd", "age set to the reference"]


def test_a_covariate_that_is_no_number_is_never_set_to_the_reference(own):
    found = faults(own, extra=AGE.format(missing="reference"), context__csv="trust,age,note\nA,4O,\nB,60,\nB,61,\n")
    assert found == [
        "context.csv, line 2, column age: '4O' is not a number. Correct it, or leave it empty where there is none",
        "context.csv, line 4: trust B occurs twice. Keep one row",
    ]


@pytest.mark.parametrize("cell", ["", "few", "1,000", "nan"])
def test_a_cell_that_is_no_number_is_named_with_its_line(own, cell):
    quoted = f'"{cell}"'
    found = faults(own, x__csv=FIGURES.replace("B,x,2026-01-01,2026-01-31,2,", f"B,x,2026-01-01,2026-01-31,{quoted},"))
    assert found == [f"x.csv, line 3, column numerator: {cell!r} is not a number. Correct it or take the row out"]


def test_a_period_that_is_no_date_is_named_with_its_line(own):
    found = faults(own, x__csv=FIGURES.replace("C,x,2026-01-01", "C,x,2026-13-01").replace("A,x,2026-01-01", "A,x,"))
    assert found == [
        "x.csv, line 2, column period_start: '' is not a date. Correct it or take the row out",
        "x.csv, line 4, column period_start: '2026-13-01' is not a date. Correct it or take the row out",
    ]


def test_missing_columns_are_named(own):
    text = FIGURES.replace("denominator", "patients").replace("period_end", "end")
    assert faults(own, x__csv=text) == [
        "x.csv, header: has no column period_end. Name the columns as in data/README.md",
        "x.csv, header: has no column denominator. Name the columns as in data/README.md",
    ]


def test_a_row_that_stands_twice_is_refused_even_where_trusts_merge(own):
    twice = FIGURES + "A,x,2026-01-01,2026-01-31,1,10\n"
    (fault,) = faults(own, x__csv=twice)
    assert fault.startswith("x.csv, trust A, period 2026-01-01/2026-01-31: the same trust, indicator and period occurs")


@pytest.mark.parametrize("base", ["", "0", "many"])
def test_merged_estimates_need_a_base(own, base):
    (fault,) = faults(own, "y", y__csv=SCORES.replace("0.3,50", f"0.3,{base}"))
    assert "trust B, period 2026-01-01/2026-01-31: has estimates from two merged trusts and no base above" in fault


def test_an_estimate_that_is_not_merged_needs_no_base(own):
    assert own("y", y__csv=SCORES.replace("0.1,100", "0.1,"))["y"]["estimate"][0] == 5.0


def test_faults_of_every_indicator_are_listed_at_once(own):
    found = faults(
        own,
        "x",
        "y",
        extra=AGE.format(missing="reference"),
        x__csv=FIGURES.replace(",1,10", ",11,10").replace(",2,20", ",-2,20"),
        y__csv=SCORES.replace("0.1,100", "0,100"),
        context__csv=FILES["context.csv"].replace("40", "old"),
        successions__csv="old_trust,new_trust,date,note\n",
    )
    starts = [
        "context.csv, line 2, column age: 'old'",
        "x.csv, trust A, period 2026-01-01/2026-01-31: numerator 11 is above denominator 10",
        "x.csv, trust B, period 2026-01-01/2026-01-31: numerator = -2.0 is negative",
        "y.csv, trust A, period 2026-01-01/2026-01-31: standard_error = 0.0 is not above zero",
    ]
    assert sorted(fault[: len(start)] for fault, start in zip(sorted(found), starts, strict=True)) == starts


def test_a_fault_of_the_context_is_listed_once_for_all_indicators(own):
    none = "old_trust,new_trust,date,note\n"
    assert len(faults(own, "x", "y", extra=AGE.format(missing="refuse"), successions__csv=none)) == 1


def test_an_indicator_without_a_row_in_the_comparison_set_is_a_fault(own):
    (fault,) = faults(own, x__csv=FIGURES.splitlines()[0] + "\nQ,x,2026-01-01,2026-01-31,1,10\n")
    assert fault.startswith("observations, indicator x: has no observation")


def test_a_gap_is_listed_as_missing_but_not_of_a_trust_that_is_no_more(own):
    national = FILES["national.csv"] + "x,2026-02-01,2026-02-28,30,120,0.25,all\n"
    panel = own(x__csv=FIGURES + FEBRUARY, national__csv=national)["x"]
    assert panel.missing[["trust", "period", "reason"]].to_numpy().tolist() == [
        ["B", "2026-02-01/2026-02-28", "not_submitted"],
    ]
    assert figures(panel, "A") == (5.0, 20.0)


def test_national_figures_that_leave_out_part_of_the_window_are_refused(own):
    (fault,) = faults(own, x__csv=FIGURES + FEBRUARY)
    assert "national.csv, indicator x, 2026-01-01 to 2026-02-28: does not cover the window exactly" in str(fault)


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("A,x,2026-01-15,2026-02-14,4,10\n", "period 2026-01-15/2026-02-14: overlaps 2026-01-01/2026-01-31"),
        ("A,x,2026-03-31,2026-03-01,4,10\n", "period 2026-03-31/2026-03-01: ends before it begins"),
        ("A,x,,,4,10\n", "columns period_start and period_end: are empty in some rows"),
    ],
)
def test_periods_that_cannot_be_added_are_refused(own, row, said):
    assert any(said in str(fault) for fault in faults(own, x__csv=FIGURES + row))


def test_figures_without_their_source_are_refused(own):
    (fault,) = faults(own, x__passport__json='{"title": "A title", "publisher": ""}')
    assert "x.passport.json, the file: lacks publisher, address, licence, attribution, retrieved" in fault


def test_figures_before_they_are_summed_keep_every_period(acute):
    by_period = assemble(read_study(PROJECT / "studies" / "acute.toml"), summed=False)
    assert {name: len(panel.periods) for name, panel in by_period.items()} == {
        "ae_4h": 26, "cancer_62d": 10, "cancer_28d": 10, "cancelled_28d": 4, "shmi": 1, "fft_inpatient": 1,
        "staff_engagement": 1,
    }  # fmt: skip
    rows = by_period["ae_4h"].observations.query("trust == 'R0A' and period >= '2025-06'")
    assert (rows["numerator"].sum(), rows["denominator"].sum()) == figures(acute["ae_4h"], "R0A")
